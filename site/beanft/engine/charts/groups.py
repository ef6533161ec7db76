"""The categories along an axis or of the colours: found, ordered, named, and told apart in SQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from beanft.engine.charts.chart import Chart, is_date, is_number
from beanft.engine.charts.rows import Rows
from beanft.engine.tables.columns import Column
from beanft.engine.tables.wording import counted, shown

_LABEL_CHARACTERS = 120
_BYTE = 255  # so many groups are told apart by one byte
_KNOWN_CHARACTERS = 200  # the profile cuts longer ones off
_KNOWN_VALUES = 200_000  # of more, the profile looks for the most frequent in a sample, which may miss some


@dataclass(frozen=True)
class Groups:
    """The categories along an axis or of the colours; small ones together as "other"."""

    values: tuple[str, ...]
    """Values that stand alone, in drawing order."""
    labels: tuple[str, ...]
    """Their names, and that of "other" last where there is one."""
    n_other: int
    """Different values within "other"."""


ALL_ROWS = Groups(("",), ("all rows",), 0)
"""Where no column splits the rows."""

NO_GROUPS = Groups((), (), 0)
"""Where an axis has no categories."""


def find_groups(rows: Rows, part: str, most: int) -> Groups:
    """Find the largest categories of x or of the colours.

    Parameters
    ----------
    rows : Rows
        The rows of the chart.
    part : str
        "x" or "c".
    most : int
        Most groups; with more, the last one is "other".

    Returns
    -------
    Groups
        Numbers and dates in their order, true/false as such, all else by falling number of rows.
    """
    name = rows.chart.x if part == "x" else rows.chart.colour
    if not name:
        return ALL_ROWS
    known = known_largest(rows, rows.profile.column(name), most)
    if known:
        return named_groups(rows, name, known[0], n_other=known[1])
    found = rows.frame.ask(
        "SELECT v, n, (SELECT count(*) FROM g) FROM (SELECT k::VARCHAR AS v, n FROM g) "
        "ORDER BY n DESC, v LIMIT ?",
        [most + 1],
        f"g AS MATERIALIZED (SELECT k{part} AS k, count(*) AS n FROM used GROUP BY k)",  # noqa: S608 -- "x" or "c"
    )
    n_values = found[0][2] if found else 0
    if n_values > most:
        found = found[: most - 1]
    return named_groups(rows, name, [value for value, *_ in found], n_other=n_values - len(found))


def known_largest(rows: Rows, column: Column, most: int) -> tuple[list[str], int] | None:
    """Take the largest categories from the profile, where it counted just these rows.

    Parameters
    ----------
    rows : Rows
        The rows of the chart.
    column : Column
        Column of the categories.
    most : int
        Most groups; with more, the last one is "other".

    Returns
    -------
    values : list of str
        Those that stand alone, the largest first.
    n_other : int
        How many others there are; None for both where the profile does not know.
    """
    n_there = rows.profile.n_rows - column.n_missing - column.n_infinite
    if rows.filters or rows.frame.n_used != n_there or column.stored != "VARCHAR":
        return None
    values = [value for value, _ in sorted(column.top, key=lambda one: (-one[1], one[0]))]
    is_counted = column.distinct_is_exact and column.n_distinct <= _KNOWN_VALUES
    if not is_counted or any(len(value) >= _KNOWN_CHARACTERS for value in values):
        return None
    if len(values) == column.n_distinct <= most:
        return values, 0
    if len(values) < most - 1 or column.n_distinct <= most:
        return None
    return values[: most - 1], column.n_distinct - most + 1


def named_groups(rows: Rows, name: str, values: Sequence[str], *, n_other: int, order: str = "") -> Groups:
    """Order categories as people expect it, and name them.

    Parameters
    ----------
    rows : Rows
        The rows of the chart.
    name : str
        Their column.
    values : sequence of str
        Those that stand alone, the most important first.
    n_other : int
        How many others there are.
    order : str
        One of ORDERS; the usual one puts numbers and dates in their own order.

    Returns
    -------
    Groups
        The categories with their names.
    """
    values, column = list(values), rows.profile.column(name)
    if order in ("", "name"):
        if is_number(column):
            values.sort(key=float)
        elif is_date(column) or column.stored == "BOOLEAN":
            values.sort()
        elif order == "name":
            values.sort(key=lambda value: (value.casefold(), value))
    owners = dict(zip(("false", "true"), column.labels, strict=False))  # the owner's words
    return Groups(tuple(values), _labels([owners.get(value, value) for value in values], n_other), n_other)


def place_sql(part: str, groups: Groups) -> str:
    """Write the place of a row among the groups of x or of the colours, "other" being the last.

    A place in a list is looked up once for each different text of a block of rows, which a join is not.

    Parameters
    ----------
    part : str
        "x" or "c".
    groups : Groups
        The groups.

    Returns
    -------
    str
        SQL over `used`; its parameters are given by `place_values`.

    Examples
    --------
    >>> place_sql("c", Groups(("a", "b"), ("a", "b"), 0))
    '(list_position(?::VARCHAR[], used.c) - 1)'
    """
    if _is_one(groups):
        return "0"
    found = f"list_position(?::VARCHAR[], used.{part}) - 1"
    return f"coalesce({found}, {len(groups.values)})" if groups.n_other else f"({found})"


def place_values(*parts: Groups) -> list[Any]:
    """List the parameters of `place_sql`.

    Parameters
    ----------
    *parts : Groups
        The groups of each part, in the order of the SQL.

    Returns
    -------
    list
        One list of texts for each part that has groups.
    """
    return [list(groups.values) for groups in parts if not _is_one(groups)]


def _is_one(groups: Groups) -> bool:
    """Whether all rows have the one place."""
    return groups.values == ALL_ROWS.values and not groups.n_other


def grouped_sql(select: str, places: Groups, colours: Groups) -> str:
    """Write a SELECT over `used` with its places gx and gc among the groups of x and of the colours.

    Parameters
    ----------
    select : str
        What to select or aggregate, without parameters.
    places, colours : Groups
        The groups of x and of the colours.

    Returns
    -------
    str
        SQL; its parameters are `place_values(places, colours)`.
    """
    gx, gc = place_sql("x", places), place_sql("c", colours)
    return f"SELECT {gx} AS gx, {gc} AS gc, {select} FROM used"  # noqa: S608 -- our own text


def position_sql(part: str, groups: Groups) -> str:
    """Write the place of a row from 1, and NULL for "other".

    Any further step, even a subtraction, would be done for each row, and not once for each different text of
    a block of rows: 10 ms and more of ten million.

    Parameters
    ----------
    part : str
        "x", "y" or "c".
    groups : Groups
        The groups.

    Returns
    -------
    str
        SQL over `used`; its parameters are given by `place_values`.

    Examples
    --------
    >>> position_sql("c", Groups(("a", "b"), ("a", "b"), 0))
    'list_position(?::VARCHAR[], used.c)'
    """
    return "1" if _is_one(groups) else f"list_position(?::VARCHAR[], used.{part})"


def key_sql(part: str, groups: Groups) -> str:
    """Write what rows are grouped by: their position in few bytes.

    Parameters
    ----------
    part : str
        "x", "y" or "c".
    groups : Groups
        The groups.

    Returns
    -------
    str
        SQL as that of `position_sql`; `place_of` reads its answers.

    Examples
    --------
    >>> key_sql("c", Groups(("a", "b"), ("a", "b"), 0))
    'list_position(?::VARCHAR[], used.c)::UTINYINT'
    """
    return f"{position_sql(part, groups)}::{'UTINYINT' if len(groups.values) <= _BYTE else 'INTEGER'}"


def place_of(key: int | None, groups: Groups) -> int:
    """Read a place from what was grouped by `key_sql`.

    Parameters
    ----------
    key : int or None
        The key.
    groups : Groups
        The groups.

    Returns
    -------
    int
        The place, "other" being the last.

    Examples
    --------
    >>> groups = Groups(("a", "b"), ("a", "b", "other"), 3)
    >>> place_of(1, groups), place_of(None, groups)
    (0, 2)
    """
    return len(groups.values) if key is None else key - 1


def coloured_sql(select: str, colours: Groups) -> str:
    """Write a SELECT over `used` with its place gc among the groups of the colours.

    Parameters
    ----------
    select : str
        What to select before gc, without parameters.
    colours : Groups
        The groups of the colours.

    Returns
    -------
    str
        SQL; its parameters are `place_values(colours)`.
    """
    return f"SELECT {select}, {place_sql('c', colours)} AS gc FROM used"  # noqa: S608 -- our own text


def other_notes(places: Groups, colours: Groups, chart: Chart) -> tuple[str, ...]:
    """Say which groups were put together.

    Parameters
    ----------
    places, colours : Groups
        The groups of x and of the colours.
    chart : Chart
        The description.

    Returns
    -------
    tuple of str
        One sentence for each "other".
    """
    return tuple(
        f"The {counted(groups.n_other, f'{which} group', f'{which} groups')} of {shown(name)} "
        f"{'is' if groups.n_other == 1 else 'are'} drawn together as “other”."
        for groups, name, which in (
            (places, chart.x, "other" if chart.order in ("value", "-value") else "smallest"),
            (colours, chart.colour, "smallest"),
        )
        if groups.n_other
    )


def _labels(values: Sequence[str], n_other: int) -> tuple[str, ...]:
    labels = [
        value if len(value) <= _LABEL_CHARACTERS else value[: _LABEL_CHARACTERS - 1] + "…" for value in values
    ]
    if n_other:
        other = f"other ({counted(n_other, 'value')})"
        labels.append(other if other not in labels else f"{other}, put together")
    return tuple(labels)
