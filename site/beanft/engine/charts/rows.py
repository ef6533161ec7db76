"""The rows a chart is drawn from: complete, counted, and asked in SQL without loading them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from beanft.engine.charts.chart import Chart, is_date, is_number, measures, used_columns
from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.connection import quote, table
from beanft.engine.tables.queries.conditions import Filter, where
from beanft.engine.tables.wording import counted, shown

_LABEL_CHARACTERS = 120


@dataclass(frozen=True)
class Rows:
    """A table behind the names x, y and c (colour), so that no user's name reaches a kind's SQL."""

    database: duckdb.DuckDBPyConnection
    """The open connection."""
    chart: Chart
    """The description being drawn."""
    profile: Profile
    """What is known of the table."""
    given: str
    """SQL of the rows with columns x, y, c and row (from 1)."""
    values: tuple[Any, ...]
    """Parameters of that SQL."""
    n_rows: int
    """Rows that pass the filters."""
    n_used: int
    """Rows with a finite value in every needed column."""
    notes: tuple[str, ...]
    """Which columns lack how many values."""

    def ask(self, select: str, parameters: Sequence[Any] = (), tables: str = "") -> list[tuple[Any, ...]]:
        """Run a SELECT over the complete rows, named `used`; `tables` are further WITH parts before it."""
        complete = "x IS NOT NULL AND y IS NOT NULL AND c IS NOT NULL"
        used = f"WITH used AS (SELECT * FROM ({self.given}) WHERE {complete})"  # noqa: S608 -- quoted names
        sql = f"{used}{', ' + tables if tables else ''} {select}"
        return self.database.execute(sql, [*self.values, *parameters]).fetchall()

    def column(self, name: str) -> Column | None:
        """The profile of a column of the chart; None for an empty name."""
        return self.profile.column(name) if name else None


@dataclass(frozen=True)
class Groups:
    """The categories along an axis or of the colours; small ones together as "other"."""

    values: tuple[str, ...]
    """Values that stand alone, in drawing order."""
    labels: tuple[str, ...]
    """Their names, and that of "other" last where there is one."""
    n_other: int
    """Different values within "other"."""


_ALL = Groups(("",), ("all rows",), 0)  # where no column splits the rows


def open_rows(
    database: duckdb.DuckDBPyConnection,
    path: Path,
    profile: Profile,
    chart: Chart,
    filters: Sequence[Filter],
) -> Rows:
    """Name the chart's columns x, y and c, and count which rows are complete.

    Parameters
    ----------
    database : duckdb.DuckDBPyConnection
        A locked-down connection that may read `path`.
    path : Path
        The version's Parquet file.
    profile : Profile
        What is known of the table.
    chart : Chart
        A checked description.
    filters : sequence of Filter
        Conditions on the rows.

    Returns
    -------
    Rows
        The rows, not yet read.
    """
    condition, parameters = where(profile, filters)
    names = {
        "x": chart.x,
        "y": chart.y if measures(chart) else "",
        "c": chart.colour,
    }
    expressions = [f"{_expression(chart, profile, part, name)} AS {part}" for part, name in names.items()]
    source = table(database, path)
    # The number of a row is counted before the filter, so that it is its number in the table.
    given = (
        f"SELECT {', '.join(expressions)}, file_row_number + 1 AS row "  # noqa: S608 -- quoted names, bound values
        f"FROM {source} WHERE {condition}"
    )
    rows = Rows(database, chart, profile, given, tuple(parameters), 0, 0, ())
    n_rows, n_used, notes = _count(rows, source, condition)
    return Rows(database, chart, profile, given, tuple(parameters), n_rows, n_used, notes)


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
        return _ALL
    found = rows.ask(
        f"SELECT {part}, count(*) AS n FROM used GROUP BY {part} ORDER BY n DESC, {part} LIMIT ?",  # noqa: S608
        [most + 1],
    )
    n_other = 0
    if len(found) > most:
        n_values = rows.ask(f"SELECT count(DISTINCT {part}) FROM used")[0][0]  # noqa: S608 -- "x" or "c"
        found = found[: most - 1]
        n_other = n_values - len(found)
    values = [str(value) for value, _ in found]
    column = rows.profile.column(name)
    if is_number(column):
        values.sort(key=float)
    elif is_date(column) or column.stored == "BOOLEAN":
        values.sort()
    owners = dict(zip(("false", "true"), column.labels, strict=False))  # the owner's words
    return Groups(tuple(values), _labels([owners.get(value, value) for value in values], n_other), n_other)


def grouped_sql(select: str) -> str:
    """Write a SELECT over `used` with its places gx and gc among the groups of x and of the colours.

    Parameters
    ----------
    select : str
        What to aggregate.

    Returns
    -------
    str
        SQL; its parameters are given by `grouped_values`.
    """
    return (
        f"SELECT coalesce(xs.p, ?) AS gx, coalesce(cs.p, ?) AS gc, {select} FROM used "  # noqa: S608 -- our own text
        "LEFT JOIN (SELECT unnest(?::VARCHAR[]) AS v, unnest(range(?)) AS p) xs ON used.x = xs.v "
        "LEFT JOIN (SELECT unnest(?::VARCHAR[]) AS v, unnest(range(?)) AS p) cs ON used.c = cs.v"
    )


def grouped_values(places: Groups, colours: Groups) -> list[Any]:
    """List the parameters of `grouped_sql`.

    Parameters
    ----------
    places, colours : Groups
        The groups of x and of the colours.

    Returns
    -------
    list
        Parameters in order.
    """
    n_x, n_c = len(places.values), len(colours.values)
    return [n_x, n_c, list(places.values), n_x, list(colours.values), n_c]


def coloured_sql(select: str, colours: Groups) -> str:
    """Write a SELECT over `used` with its place gc among the groups of the colours.

    Parameters
    ----------
    select : str
        What to select before gc.
    colours : Groups
        The groups of the colours; where all rows have one, nothing is joined.

    Returns
    -------
    str
        SQL; its parameters are those of `select`, then those of `coloured_values`.
    """
    if colours.values == _ALL.values:
        return f"SELECT {select}, 0 AS gc FROM used"  # noqa: S608 -- our own text
    return (
        f"SELECT {select}, coalesce(cs.p, ?) AS gc FROM used "  # noqa: S608 -- our own text
        "LEFT JOIN (SELECT unnest(?::VARCHAR[]) AS v, unnest(range(?)) AS p) cs ON used.c = cs.v"
    )


def coloured_values(colours: Groups) -> list[Any]:
    """List the parameters of `coloured_sql`.

    Parameters
    ----------
    colours : Groups
        The groups of the colours.

    Returns
    -------
    list
        Parameters in order.
    """
    if colours.values == _ALL.values:
        return []
    return [len(colours.values), list(colours.values), len(colours.values)]


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
        f"The {counted(groups.n_other, 'smallest group', 'smallest groups')} of {shown(name)} "
        f"{'is' if groups.n_other == 1 else 'are'} drawn together as “other”."
        for groups, name in ((places, chart.x), (colours, chart.colour))
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


def _expression(chart: Chart, profile: Profile, part: str, name: str) -> str:
    """SQL of one part: a finite number, a moment, or the text of a category."""
    if not name:
        return "''"
    column, sql = profile.column(name), quote(name)
    if part == "y" or (is_number(column) and _is_scale(chart, part, column)):
        return f"CASE WHEN isfinite({sql}::DOUBLE) THEN {sql}::DOUBLE END"
    if part == "x" and chart.kind == "line":
        return f"CASE WHEN isfinite({sql}::TIMESTAMP) THEN {sql}::TIMESTAMP END"
    if column.stored == "DOUBLE":
        whole = f"CASE WHEN {sql} = trunc({sql}) AND abs({sql}) < 1e15 THEN {sql}::BIGINT::VARCHAR"
        return f"{whole} WHEN isfinite({sql}) THEN {sql}::VARCHAR END"
    return f"{sql}::VARCHAR"


def _is_scale(chart: Chart, part: str, column: Column) -> bool:
    """Whether numbers are an axis or a scale of colours here, not categories."""
    if part == "x":
        return chart.kind in ("histogram", "scatter", "line")
    return chart.kind == "scatter" and column.n_distinct > 6


def _count(rows: Rows, source: str, condition: str) -> tuple[int, int, tuple[str, ...]]:
    """Rows, complete rows, and a sentence on what the others lack."""
    names = used_columns(rows.chart)
    counts = ["count(*)"]
    for name in names:
        counts.append(f"count(*) FILTER ({quote(name)} IS NULL)")
        infinite = f"NOT isfinite({quote(name)})" if rows.profile.column(name).stored == "DOUBLE" else "false"
        counts.append(f"count(*) FILTER ({infinite})")
    found = rows.database.execute(
        f"SELECT {', '.join(counts)} FROM {source} WHERE {condition}",  # noqa: S608 -- quoted names
        list(rows.values),
    ).fetchone()
    n_used = int(rows.ask("SELECT count(*) FROM used")[0][0])
    n_rows, *lacks = found or (0,)
    return n_rows, n_used, _left_out(n_rows - n_used, names, lacks)


def _left_out(n_left: int, names: Sequence[str], lacks: Sequence[int]) -> tuple[str, ...]:
    """Say which columns are the reason; `lacks` holds missing and infinite counts of each name."""
    if not n_left:
        return ()
    reasons = []
    for name, missing, infinite in zip(names, lacks[::2], lacks[1::2], strict=True):
        reasons += [f"{missing:,} without {shown(name, 40)}"] if missing else []
        reasons += [f"{infinite:,} with an infinite {shown(name, 40)}"] if infinite else []
    return (f"{counted(n_left, 'row')} left out: {', '.join(reasons)}.",)
