"""What a summary is: a description in words, checked against a table."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from beanft.engine.charts.catalogue import BUCKETS
from beanft.engine.charts.chart import is_date, is_number
from beanft.engine.errors import EngineError
from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.queries.conditions import column_of
from beanft.engine.tables.wording import shown

MEASURES: Mapping[str, str] = {
    "mean": "Mean",
    "median": "Median",
    "sum": "Sum",
    "min": "Minimum",
    "max": "Maximum",
    "sd": "Standard deviation",
    "q25": "25 % quantile",
    "q75": "75 % quantile",
    "distinct": "Number of different values",
    "missing": "Number of missing values",
}
"""What can be said of a column in a group, and how people call it."""

ANY_COLUMN = ("distinct", "missing")
"""Measures that need no numbers."""

MOST_BY = 4
"""Most columns that rows are put together by."""

MOST_MEASURES = 8
"""Most measures of one summary."""


_GROUPS = {"category": 0, "boolean": 0, "date": 1, "number": 2, "text": 3}
_MANY_GROUPS = 50  # categories of more values are no table that anyone reads


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One figure of each group."""

    what: str
    """A key of MEASURES."""
    column: str
    """The column it is about."""


@dataclass(frozen=True, kw_only=True)
class Summary:
    """A description of a summary; equal descriptions give equal tables of the same rows."""

    by: tuple[str, ...]
    """Columns whose equal values make a group, at most MOST_BY."""
    across: str = ""
    """A column whose values become columns; empty for a plain table."""
    measures: tuple[Measure, ...] = ()
    """Figures of each group besides its number of rows, at most MOST_MEASURES."""
    bucket: str = ""
    """Calendar unit that dates are put together by, one of BUCKETS; empty lets the data decide."""
    order: str = ""
    """Head of the column that the groups are ordered by, after a - for falling, or after a + where it begins
    with a sign itself; empty for the groups' own order."""

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Read what `to_dict` and JSON made of a summary.

        Raises
        ------
        EngineError
            When it is none.
        """
        try:
            measures = tuple(
                Measure(what=str(one["what"]), column=str(one["column"])) for one in values["measures"]
            )
            return cls(
                by=tuple(str(name) for name in values["by"]),
                across=str(values.get("across", "")),
                measures=measures,
                bucket=str(values.get("bucket", "")),
                order=str(values.get("order", "")),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise EngineError("This is no summary. Choose its columns again.") from error


def usual_summary(profile: Profile) -> Summary | None:
    """Choose the summary that a table opens with.

    Parameters
    ----------
    profile : Profile
        What is known of the table.

    Returns
    -------
    Summary or None
        Rows of the first category or boolean, else of the first date, else of the first other column that
        repeats its values, with the mean of the first other number. None where no column makes groups;
        those in the role ignore do not.

    Examples
    --------
    >>> town = Column(name="town", kind="category", stored="VARCHAR", n_missing=0, n_distinct=3)
    >>> usual_summary(Profile(n_rows=9, columns=(town,))).by
    ('town',)
    """
    usable = [column for column in profile.columns if column.role != "ignore" and column.n_distinct > 1]
    grouping = [column for column in usable if column.kind in _GROUPS and column.n_distinct < profile.n_rows]
    if not grouping:
        return None
    first = min(grouping, key=lambda column: (_GROUPS[column.kind], column.n_distinct > _MANY_GROUPS))
    numbers = [one for one in usable if one.kind == "number" and one.name != first.name]
    return Summary(
        by=(first.name,), measures=tuple(Measure(what="mean", column=one.name) for one in numbers[:1])
    )


def check(summary: Summary, profile: Profile) -> None:
    """Refuse a summary that the table cannot give.

    Parameters
    ----------
    summary : Summary
        The description.
    profile : Profile
        What is known of the table.

    Raises
    ------
    EngineError
        Naming what is wrong and what to choose instead.
    """
    if not summary.by:
        raise EngineError("Choose at least one column that rows are put together by.")
    _check_number("columns that rows are put together by", summary.by, MOST_BY)
    _check_number("measures", summary.measures, MOST_MEASURES)
    names = (*summary.by, *((summary.across,) if summary.across else ()))
    if len(set(names)) < len(names):
        raise EngineError("A column can put rows together only once. Leave out the second one.")
    for name in names:
        column_of(profile, name)
    if summary.bucket not in BUCKETS:
        raise EngineError(f"There is no unit of time {shown(summary.bucket, 40)}.")
    for measure in summary.measures:
        _check_measure(measure, column_of(profile, measure.column))


def _check_number(what: str, some: Sequence[object], most: int) -> None:
    if len(some) > most:
        raise EngineError(f"A summary has at most {most} {what}; {len(some):,} were chosen.")


def _check_measure(measure: Measure, column: Column) -> None:
    if measure.what not in MEASURES:
        raise EngineError(
            f"There is no measure {shown(measure.what, 40)}. Choose one of: {', '.join(MEASURES)}."
        )
    dates = is_date(column) and measure.what in ("min", "max")
    if not (is_number(column) or dates or measure.what in ANY_COLUMN):
        raise EngineError(
            f"The {MEASURES[measure.what].lower()} needs numbers, but {shown(column.name, 40)} holds none. "
            "Choose a column of numbers."
        )
