"""Filters that lead from a mark of a chart to exactly its rows."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from beanft.engine.charts.chart import is_number, measures, used_columns
from beanft.engine.charts.expressions import is_logarithmic
from beanft.engine.charts.groups import Groups
from beanft.engine.charts.rows import Rows
from beanft.engine.tables.columns import Column
from beanft.engine.tables.queries.conditions import Filter
from beanft.engine.tables.queries.predicates import family_of, join_list

Link = tuple[Filter, ...]
"""Conditions that all hold for the rows of a mark."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST = 1.7976931348623157e308
_LISTED = 200  # values that one list of a filter may hold


def complete_rows(rows: Rows) -> Link:
    """Write the filters that leave the rows which a chart uses: neither missing nor infinite.

    Parameters
    ----------
    rows : Rows
        The rows of the chart.

    Returns
    -------
    tuple of Filter
        None for columns that lack nothing.
    """
    chart = rows.chart
    names = {name for name in used_columns(chart) if name != chart.facet and name not in chart.columns}
    found: list[Filter] = []
    for name in (name for name in used_columns(chart) if name in names):
        column = rows.profile.column(name)
        if column.n_infinite:
            found.append(_finite(column))
        if column.n_missing:
            found.append(Filter(name, "is-not-missing"))
    for part in ("x", "y"):
        if getattr(chart, part) in names and is_logarithmic(chart, part) and (part == "x" or measures(chart)):
            found.append(Filter(getattr(chart, part), "more-than", "0"))
    return tuple(found)


def group_link(rows: Rows, name: str, groups: Groups, place: int) -> Link:
    """Write the filters of one category of an axis or of the colours.

    Parameters
    ----------
    rows : Rows
        The rows of the chart.
    name : str
        Column of the categories; empty where all rows are one group.
    groups : Groups
        The categories.
    place : int
        Which one; that after the last value is "other".

    Returns
    -------
    tuple of Filter
        Conditions on that column.
    """
    if not name:
        return ()
    column = rows.profile.column(name)
    if place < len(groups.values):
        return (Filter(name, "equals", _typed(column, groups.values[place])),)
    values = [_typed(column, value) for value in groups.values]
    if family_of(column) != "text" or len(values) > _LISTED:
        return tuple(Filter(name, "not-equals", value) for value in values)
    return (Filter(name, "none-of", join_list(tuple(values))),)


def range_link(column: Column, low: float, high: float, *, is_last: bool) -> Link | None:
    """Write the filters of a range of numbers that holds its lower end.

    Parameters
    ----------
    column : Column
        A column of numbers.
    low, high : float
        Its ends.
    is_last : bool
        Whether it holds its upper end too.

    Returns
    -------
    tuple of Filter, or None
        None for numbers that are compared as text.
    """
    if family_of(column) != "number":
        return None
    upper = Filter(column.name, "at-most" if is_last else "less-than", repr(float(high)))
    return Filter(column.name, "at-least", repr(float(low))), upper


def value_link(column: Column, value: float) -> Link:
    """Write the filter of one number.

    Parameters
    ----------
    column : Column
        A column's profile.
    value : float
        A number of it.

    Returns
    -------
    tuple of Filter
        What leads to its rows.
    """
    text = f"{value:.0f}" if column.stored == "BIGINT" else repr(value)
    return (Filter(column.name, "equals", text),)


def moment_link(column: Column, begin_us: int, end_us: int) -> Link | None:
    """Write the filters of a span of time.

    Parameters
    ----------
    column : Column
        A column of dates or moments.
    begin_us, end_us : int
        First microsecond since 1970 UTC, and the first one after the span.

    Returns
    -------
    tuple of Filter, or None
        None where a year has more or fewer than four digits, which filters cannot say.
    """
    if family_of(column) != "date":
        return None
    try:
        begin, last = (_EPOCH + timedelta(microseconds=at) for at in (begin_us, end_us - 1))
    except OverflowError:
        return None
    if begin.year < 1000:
        return None
    if begin_us == end_us - 1:
        return (Filter(column.name, "equals", _moment_text(begin)),)
    days = (begin_us % _DAY_US, end_us % _DAY_US) == (0, 0)
    texts = [f"{one:%Y-%m-%d}" if days else _moment_text(one) for one in (begin, last)]
    return Filter(column.name, "at-least", texts[0]), Filter(column.name, "at-most", texts[1])


_DAY_US = 86_400_000_000


def _moment_text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")


def _finite(column: Column) -> Filter:
    if family_of(column) == "number":
        return Filter(column.name, "between", f"{-_MOST!r}..{_MOST!r}")
    return Filter(column.name, "none-of", "inf; -inf")


def _typed(column: Column, value: str) -> str:
    """A category as its column is compared; as text, whole decimals are written 3.0."""
    as_text = is_number(column) and family_of(column) == "text" and column.stored == "DOUBLE"
    return f"{value}.0" if as_text and value.lstrip("-").isdigit() else value


def joined(links: Sequence[Link | None]) -> tuple[Link, ...]:
    """Pass links on where every mark has one.

    Parameters
    ----------
    links : sequence of tuple of Filter or None
        The filters of each mark; None where no filter tells its rows.

    Returns
    -------
    tuple of tuple of Filter
        All of them, or none at all where one is None.
    """
    return tuple(link for link in links if link is not None) if None not in links else ()
