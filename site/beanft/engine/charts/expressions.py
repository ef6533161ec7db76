"""SQL of the parts of a chart: finite numbers, moments and the texts of categories."""

from dataclasses import dataclass

from beanft.engine.charts.catalogue import KINDS
from beanft.engine.charts.chart import MANY, MANY_COLOURS, Chart, is_date, is_number, measured_part
from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.connection import quote


@dataclass(frozen=True)
class Part:
    """One part of a chart as SQL."""

    name: str
    """The column; empty for a part that is not chosen."""
    value: str
    """SQL of its value, NULL where it is missing or infinite: a DOUBLE, a TIMESTAMP or a text."""
    key: str
    """SQL of what to group by, quicker than the text of a category and just as different."""
    lacks: bool
    """Whether some value may be NULL."""
    endless: bool = False
    """Whether some moment may be infinite, which the profile does not count."""


def part_of(chart: Chart, profile: Profile, part: str, name: str) -> Part:
    """Write one part of a chart as SQL.

    Parameters
    ----------
    chart : Chart
        A checked description.
    profile : Profile
        What is known of the table; where it knows of no missing and no infinite value, none is looked for.
    part : str
        x, y, z or colour.
    name : str
        The column; empty for none.

    Returns
    -------
    Part
        Its value and its key.

    Examples
    --------
    >>> age = Column(name="age", kind="number", stored="BIGINT", n_missing=0, n_distinct=90)
    >>> part_of(Chart(kind="histogram"), Profile(n_rows=99, columns=(age,)), "x", "age").value
    '"age"::DOUBLE'
    """
    if not name:
        return Part("", "''", "''", lacks=False)
    column, sql = profile.column(name), quote(name)
    takes = "number" if part == measured_part(chart) else KINDS[chart.kind].needs[part].takes
    if part == measured_part(chart) and chart.aggregation == "distinct":
        return _category(column, sql)
    if is_number(column) and (takes in ("number", "scale") or _is_scale(part, takes, column)):
        found = _number(column, sql)
        return _positive(found) if _has_small(chart, part, column) else found
    is_cut = part in ("x", "y") and "bucket" in KINDS[chart.kind].options  # by the calendar, however few
    if is_date(column) and (
        takes == "scale" or is_cut or (part in ("x", "y") and _is_scale(part, takes, column))
    ):
        return _moment(column, sql)
    return _category(column, sql)


def _is_scale(part: str, takes: str, column: Column) -> bool:
    """Whether numbers or dates are an axis or a scale of colours here, not categories."""
    return takes == "any" and column.n_distinct > (MANY_COLOURS if part == "colour" else MANY)


def _number(column: Column, sql: str) -> Part:
    value = f"{sql}::DOUBLE"
    if column.n_infinite:
        value = f"CASE WHEN isfinite({value}) THEN {value} END"
    return Part(column.name, value, value, lacks=column.n_missing + column.n_infinite > 0)


def _positive(found: Part) -> Part:
    """A logarithmic axis has no place for zero and less."""
    value = f"CASE WHEN {found.value} > 0 THEN {found.value} END"
    return Part(found.name, value, value, lacks=True)


def _has_small(chart: Chart, part: str, column: Column) -> bool:
    """Whether a part stands along a logarithmic axis and may hold numbers at or below zero."""
    known = isinstance(column.minimum, (int, float)) and column.minimum > 0
    return is_logarithmic(chart, part) and not known


def is_logarithmic(chart: Chart, part: str) -> bool:
    """Tell whether a part of a chart holds single values along a logarithmic axis.

    Parameters
    ----------
    chart : Chart
        A checked description.
    part : str
        x, y, z or colour.

    Returns
    -------
    bool
        True where rows at or below zero have no place; the rows of an aggregated y may be anything.

    Examples
    --------
    >>> is_logarithmic(Chart(kind="histogram", log_x=True), "x")
    True
    """
    if part == "x":
        return chart.log_x and "log_x" in KINDS[chart.kind].options
    return (
        part == "y" and chart.log_y and "log_y" in KINDS[chart.kind].options and measured_part(chart) != "y"
    )


def _moment(column: Column, sql: str) -> Part:
    value = f"{sql}::TIMESTAMP" if column.stored == "DATE" else sql
    if not column.has_endless:
        return Part(column.name, value, value, lacks=column.n_missing > 0)
    value = f"CASE WHEN isfinite({sql}) THEN {value} END"
    return Part(column.name, value, value, lacks=True, endless=True)


def _category(column: Column, sql: str) -> Part:
    lacks = column.n_missing + column.n_infinite > 0
    if column.stored != "DOUBLE":
        return Part(column.name, f"{sql}::VARCHAR", sql, lacks=lacks)
    whole = f"CASE WHEN {sql} = trunc({sql}) AND abs({sql}) < 1e15 THEN {sql}::BIGINT::VARCHAR"
    value = f"{whole} WHEN isfinite({sql}) THEN {sql}::VARCHAR END"
    return Part(column.name, value, value, lacks=lacks)
