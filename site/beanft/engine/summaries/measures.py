"""The figures of a summary: their SQL, their heads, and what the engine's answers mean."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from beanft.engine.charts.aggregates import with_interval
from beanft.engine.charts.chart import is_date, is_number
from beanft.engine.charts.samples import sampled_sql, sampling_step
from beanft.engine.plain import finite
from beanft.engine.summaries.groups import Cell, plain
from beanft.engine.summaries.summary import MEASURES, Measure
from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.connection import quote

_SQL = {
    "mean": ("favg({v})", "stddev_samp({v})", "count({v})"),
    "median": ("quantile_cont({v}, 0.5)",),
    "sum": ("fsum({v})",),
    "min": ("min({v})",),
    "max": ("max({v})",),
    "sd": ("stddev_samp({v})",),
    "q25": ("quantile_cont({v}, 0.25)",),
    "q75": ("quantile_cont({v}, 0.75)",),
    "distinct": ("count(DISTINCT {v})",),
    "missing": ("count(*) - count({raw})",),
}
_SHARES = {"median": 0.5, "q25": 0.25, "q75": 0.75}
_EXACT_ROWS = 1_000_000  # of more rows, what needs all values of a group in memory is estimated


@dataclass(frozen=True)
class Figure:
    """One figure of each group as a table shows it: a cell, or a mean with the ends of its interval."""

    name: str
    """Head of its column, without that of a crossed value."""
    what: str
    """A key of MEASURES, "rows", or "values" for the number of values of a column."""
    column: str
    """The column it is about; empty for rows."""
    place: int
    """Its place in a row; the ends of a mean's interval follow."""
    rows_place: int
    """Place of the number of rows or values it was computed from."""
    across: int = -1
    """Place of its value among those that became columns; -1 for none."""


@dataclass(frozen=True)
class Precision:
    """How exactly the figures of a table are computed."""

    n_rows: int
    """Rows that pass the filters."""
    quantiles: str = "sample"
    """Where quantiles of many rows come from: an even "sample", a "digest" of all rows, or "all" of them."""

    @property
    def is_estimate(self) -> bool:
        """Whether quantiles and numbers of different values are estimates."""
        return self.n_rows > _EXACT_ROWS

    @property
    def sample(self) -> str:
        """SQL of the condition that picks the sample, the same rows every time."""
        return sampled_sql(sampling_step(self.n_rows), "file_row_number")


def draws_sample(measures: Sequence[Measure], precision: Precision) -> bool:
    """Tell whether some figure comes from a sample of the rows.

    Parameters
    ----------
    measures : sequence of Measure
        The measures.
    precision : Precision
        How exactly they are computed.

    Returns
    -------
    bool
        True for quantiles of more than a million rows, at first.

    Examples
    --------
    >>> draws_sample([Measure(what="median", column="age")], Precision(10**7))
    True
    """
    has_quantiles = any(measure.what in _SHARES for measure in measures)
    return has_quantiles and precision.is_estimate and precision.quantiles == "sample"


def measure_sql(measure: Measure, profile: Profile, precision: Precision) -> list[str]:
    """Write the SQL of a measure; infinities and rows without a value are in no figure.

    Parameters
    ----------
    measure : Measure
        A checked measure.
    profile : Profile
        What is known of the table.
    precision : Precision
        How exactly.

    Returns
    -------
    list of str
        Aggregates; `measured` reads their answers.

    Examples
    --------
    >>> age = Column(name="age", kind="number", stored="BIGINT", n_missing=0, n_distinct=9)
    >>> table = Profile(n_rows=9, columns=(age,))
    >>> measure_sql(Measure(what="max", column="age"), table, Precision(9))
    ['max("age")']
    """
    column, name = profile.column(measure.column), quote(measure.column)
    value = _value(measure, column, name)
    if precision.is_estimate and measure.what == "distinct":
        return [f"approx_count_distinct({value})"]
    if precision.is_estimate and measure.what in _SHARES:
        share = _SHARES[measure.what]
        sql = {
            "sample": f"quantile_cont({value}, {share}) FILTER ({precision.sample})",
            "digest": f"approx_quantile({value}, {share})",
            "all": f"quantile_cont({value}, {share})",
        }
        return [sql[precision.quantiles]]
    return [sql.format(v=value, raw=name) for sql in _SQL[measure.what]]


def _value(measure: Measure, column: Column, name: str) -> str:
    if column.stored == "DOUBLE":
        return f"(CASE WHEN isfinite({name}) THEN {name} END)" if column.n_infinite else name
    whole = column.stored == "BIGINT" and measure.what not in ("min", "max", "distinct")
    return f"{name}::DOUBLE" if whole else name


def counted_columns(measures: Sequence[Measure], profile: Profile) -> tuple[str, ...]:
    """List the measured columns whose values may be fewer than the rows of a group, so they are counted.

    Parameters
    ----------
    measures : sequence of Measure
        The measures in order.
    profile : Profile
        What is known of the table.

    Returns
    -------
    tuple of str
        Columns with missing or infinite values of which more is measured than their missing values.

    Examples
    --------
    >>> age = Column(name="age", kind="number", stored="BIGINT", n_missing=1, n_distinct=9)
    >>> counted_columns([Measure(what="max", column="age")], Profile(n_rows=9, columns=(age,)))
    ('age',)
    """
    names = dict.fromkeys(measure.column for measure in measures if measure.what != "missing")
    columns = [profile.column(name) for name in names]
    return tuple(column.name for column in columns if column.n_missing or column.n_infinite)


def count_sql(name: str, profile: Profile) -> str:
    """Write the SQL of the number of values of a column that figures are made of.

    Parameters
    ----------
    name : str
        One of `counted_columns`.
    profile : Profile
        What is known of the table.

    Returns
    -------
    str
        An aggregate.

    Examples
    --------
    >>> age = Column(name="age", kind="number", stored="BIGINT", n_missing=1, n_distinct=9)
    >>> count_sql("age", Profile(n_rows=9, columns=(age,)))
    'count("age")'
    """
    return f"count({_value(Measure(what='max', column=name), profile.column(name), quote(name))})"


def count_head(name: str) -> str:
    """Name the number of values of a column.

    Parameters
    ----------
    name : str
        The column.

    Returns
    -------
    str
        A head.

    Examples
    --------
    >>> count_head("age")
    'values of age'
    """
    return f"values of {name}"


def measured(measures: Sequence[Measure], profile: Profile, answers: Sequence[Any]) -> list[Cell]:
    """Turn the engine's answers for one group into cells.

    Parameters
    ----------
    measures : sequence of Measure
        The measures in order.
    profile : Profile
        What is known of the table.
    answers : sequence
        One for each aggregate of `measure_sql`, then one for each `count_sql`.

    Returns
    -------
    list
        One cell a measure; a mean is value, lower and upper end of its 95 % interval. Then the numbers of
        values of the counted columns.
    """
    cells: list[Cell] = []
    rest = list(answers)
    for measure in measures:
        if measure.what == "mean":
            value, low, high, _ = with_interval(rest[:3])
            cells += [value, low, high]
        else:
            cells.append(_cell(rest[0], profile.column(measure.column)))
        del rest[: len(_SQL[measure.what])]
    return [*cells, *rest]


def _cell(value: Any, column: Column) -> Cell:
    if isinstance(value, float):
        return finite(value)
    return plain(value, is_day=column.stored == "DATE")


def heads(measure: Measure) -> tuple[str, ...]:
    """Name the cells of a measure.

    Parameters
    ----------
    measure : Measure
        A measure.

    Returns
    -------
    tuple of str
        One head; of a mean three.

    Examples
    --------
    >>> heads(Measure(what="max", column="age"))
    ('maximum of age',)
    """
    head = f"{MEASURES[measure.what].lower()} of {measure.column}"
    return (head, f"{head}: 95 % from", f"{head}: 95 % to") if measure.what == "mean" else (head,)


def figures(
    measures: Sequence[Measure], n_keys: int, n_across: int | None = None, counted: Sequence[str] = ()
) -> tuple[Figure, ...]:
    """List what a table shows of each group.

    Parameters
    ----------
    measures : sequence of Measure
        The measures in order.
    n_keys : int
        Columns that tell the group.
    n_across : int, optional
        Values that became columns; None where there is no such column.
    counted : sequence of str
        Columns whose values are counted, after all measures.

    Returns
    -------
    tuple of Figure
        In the order of the columns.
    """
    found: list[Figure] = []
    width = 1 + sum(len(heads(measure)) for measure in measures)
    place = n_keys
    for across in range(-1, 0) if n_across is None else range(n_across):
        rows_place = place
        of_counts = {name: rows_place + width + at for at, name in enumerate(counted)}
        found.append(Figure("rows", "rows", "", place, rows_place, across))
        place += 1
        for measure in measures:
            name, what = measure.column, measure.what
            behind = rows_place if what == "missing" else of_counts.get(name, rows_place)
            found.append(Figure(heads(measure)[0], what, name, place, behind, across))
            place += len(heads(measure))
        for name, at in of_counts.items():
            found.append(Figure(count_head(name), "values", name, at, at, across))
        place += len(of_counts)
    return tuple(found)


def measures_for(column: Column) -> tuple[str, ...]:
    """List what can be measured of a column.

    Parameters
    ----------
    column : Column
        Any column.

    Returns
    -------
    tuple of str
        Keys of MEASURES.

    Examples
    --------
    >>> measures_for(Column(name="a", kind="text", stored="VARCHAR", n_missing=0, n_distinct=9))
    ('distinct', 'missing')
    """
    if is_number(column):
        return tuple(MEASURES)
    return ("min", "max", "distinct", "missing") if is_date(column) else ("distinct", "missing")
