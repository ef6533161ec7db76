"""Missing values: how many each column lacks, where in the table they are, and which are missing together."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from beanft.engine.charts.drawing import Drawing, Series
from beanft.engine.charts.rows import Rows
from beanft.engine.charts.samples import sampled_sql
from beanft.engine.tables.columns import Column
from beanft.engine.tables.connection import quote
from beanft.engine.tables.queries.conditions import Filter
from beanft.engine.tables.records.lacking import MOST_LACKING, read_slices, set_sql, sets_sql, slice_rows
from beanft.engine.tables.records.reading import known_records
from beanft.engine.tables.wording import counted, listed, shown

N_PATTERNS = 10
"""Most patterns that are told."""

N_COLUMNS = MOST_LACKING
"""Most columns that are drawn."""

HEADER = ("columns", "missing in rows", "share", "remark")
"""Heads of the table of drawn numbers."""

TOGETHER = "missing together"
"""Remark beside a pattern."""

ABOUT = "missing together, estimated"
"""Remark beside a pattern that was counted in a sample."""

_MOST_CELLS = 20_000_000  # more values than these are looked through in a sample of the rows
_SAMPLE_ROWS = 100_000

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Pattern:
    """Columns that are missing in the same rows, while the other columns with missing values are there."""

    names: tuple[str, ...]
    n: int
    """Rows of the table, or of the sample."""


@dataclass(frozen=True)
class _Patterns:
    """The most frequent patterns."""

    found: tuple[_Pattern, ...]
    n_rows: int
    """Rows that were looked through."""
    is_all: bool


def draw_missing(rows: Rows) -> Drawing:
    """Count what each column lacks, in each slice of the table.

    Parameters
    ----------
    rows : Rows
        The rows of the table; `chart.columns` may hold any columns, or is empty for those that lack values.

    Returns
    -------
    Drawing
        One series of (slice, column from the bottom, share missing, rows missing, rows of the slice). The
        table has each column, then the patterns of several columns.
    """
    columns, n_full = chosen_columns(rows.profile.columns, rows.chart.columns)
    lacking = known_records(rows.database, rows.table).lacking
    slices = _slices(rows, columns, lacking)
    totals = [sum(one[2 + place] for one in slices) for place in range(len(columns))]
    patterns = _patterns(rows, [column for column, n in zip(columns, totals, strict=True) if n], lacking)
    drawn = tuple(column.name for column in columns)
    return Drawing(
        chart=rows.chart,
        title=rows.chart.title or "Missing values",
        x_name="rows of the table, in order",
        y_name="",
        x_type="category",
        y_type="category",
        series=(Series(name="share missing", values=_marks(slices, len(columns))),),
        places=_ranges(rows.profile.n_rows),
        y_places=drawn[::-1],
        colour_range=(0.0, 1.0),
        header=HEADER,
        rows=(
            *((name, n, n / rows.n_rows, "") for name, n in zip(drawn, totals, strict=True)),
            *(_pattern_row(rows, patterns, one) for one in patterns.found),
        ),
        links=(
            *((Filter(name, "is-missing"),) for name in drawn),
            *(_pattern_filters(one, drawn, totals) for one in patterns.found),
        ),
        n_rows=rows.n_rows,
        n_missing=0,
        n_shown=rows.n_rows,
        notes=_notes(rows, n_full, totals, patterns),
        description=_description(rows.n_rows, drawn, totals),
    )


def chosen_columns(columns: Sequence[Column], chosen: Sequence[str]) -> tuple[list[Column], int]:
    """Choose the columns to draw, in the order of the table.

    Parameters
    ----------
    columns : sequence of Column
        All columns.
    chosen : sequence of str
        Names that were asked for; empty for those that lack values, at most 60, or all where none does.

    Returns
    -------
    columns : list of Column
        Those to draw.
    n_full : int
        Columns that are left out since they are complete.
    """
    if chosen:
        return [column for column in columns if column.name in chosen], 0
    lacking = sorted((one for one in columns if one.n_missing), key=lambda one: -one.n_missing)[:N_COLUMNS]
    kept = {one.name for one in lacking or columns[:N_COLUMNS]}
    n_full = sum(not one.n_missing for one in columns) if lacking else 0
    return [column for column in columns if column.name in kept], n_full


def _slices(rows: Rows, columns: Sequence[Column], lacking: Sequence[str]) -> list[tuple[int, ...]]:
    """Slice, rows that pass the filters, and rows that lack each column; full columns are not read."""
    known = _known_slices(rows, columns, lacking)
    if known is not None:
        return known
    n_rows = rows.profile.n_rows
    lacks = {0: "0", n_rows: "count(*)"}
    counts = [lacks.get(one.n_missing, f"count(*) - count({quote(one.name)})") for one in columns]
    size = slice_rows(n_rows)
    # By their places: a column of the table may have any name.
    sql = (
        f"SELECT file_row_number // {size}, count(*), {', '.join(counts)} {rows.source} GROUP BY 1 ORDER BY 1"
    )
    return rows.database.execute(sql, list(rows.values)).fetchall()


def _known_slices(
    rows: Rows, columns: Sequence[Column], lacking: Sequence[str]
) -> list[tuple[int, ...]] | None:
    """The same of the whole table, without reading its rows; None where that is not known."""
    n_rows = rows.profile.n_rows
    some = [one for one in columns if 0 < one.n_missing < n_rows]
    if rows.filters or not {one.name for one in some} <= {*lacking}:
        return None
    size = slice_rows(n_rows)
    sizes = [min(size, n_rows - first) for first in range(0, n_rows, size)]
    read = read_slices(rows.database, rows.table, lacking, [one.name for one in some]) if some else []
    counts = {one.name: list(of_one) for one, of_one in zip(some, zip(*read, strict=True), strict=False)}
    if any(
        len(counts.get(one.name, ())) != len(sizes) or sum(counts[one.name]) != one.n_missing for one in some
    ):
        _log.error("a quick copy and the profile of its table tell different numbers of missing values")
        return None
    of_all = {0: [0] * len(sizes), n_rows: sizes}
    each = [counts[one.name] if one in some else of_all[one.n_missing] for one in columns]
    return list(zip(range(len(sizes)), sizes, *each, strict=True))


def _marks(slices: Sequence[tuple[int, ...]], n_columns: int) -> tuple[tuple[float, ...], ...]:
    return tuple(
        (at, n_columns - 1 - place, one / n, one, n)
        for at, n, *missing in slices
        for place, one in enumerate(missing)
    )


def _ranges(n_rows: int) -> tuple[str, ...]:
    """The numbers of the first and the last row of each slice."""
    size = slice_rows(n_rows)
    return tuple(
        f"{first + 1:,}" if size == 1 else f"{first + 1:,} to {min(first + size, n_rows):,}"
        for first in range(0, n_rows, size)
    )


def _patterns(rows: Rows, columns: Sequence[Column], lacking: Sequence[str]) -> _Patterns:
    """The most frequent sets of columns that rows lack, of at least two."""
    if len(columns) < 2:
        return _Patterns((), rows.n_rows, is_all=True)
    names = [one.name for one in columns]
    if not rows.filters and {*names} <= {*lacking}:
        found = _sets(rows, names, sets_sql(rows.table, lacking, names), ())
        if found.n_rows == rows.n_rows:
            return found
    is_all = rows.n_rows * len(columns) <= _MOST_CELLS
    part = "" if is_all else f" AND {sampled_sql(rows.n_rows // _SAMPLE_ROWS or 1, 'file_row_number + 1')}"
    sets = f"SELECT {set_sql(names)} AS p, 1 AS n {rows.source}{part}"
    return replace(_sets(rows, names, sets, rows.values), is_all=is_all)


def _sets(rows: Rows, names: Sequence[str], sets: str, values: Sequence[Any]) -> _Patterns:
    """The most frequent ones of sets p with their numbers of rows n."""
    found = rows.database.execute(
        f"SELECT p, sum(n) AS n, sum(sum(n)) OVER () FROM ({sets}) "  # noqa: S608 -- quoted names
        "GROUP BY p ORDER BY (bit_count(p) < 2), 2 DESC, p LIMIT ?",
        [*values, N_PATTERNS],
    ).fetchall()
    several = tuple(
        _Pattern(tuple(name for place, name in enumerate(names) if p >> place & 1), int(n))
        for p, n, _ in found
        if p.bit_count() > 1
    )
    return _Patterns(several, int(found[0][2]) if found else 0, is_all=True)


def _pattern_row(rows: Rows, patterns: _Patterns, one: _Pattern) -> tuple[float | str, ...]:
    names = " + ".join(one.names)
    if patterns.is_all:
        return (names, one.n, one.n / rows.n_rows, TOGETHER)
    share = one.n / patterns.n_rows
    return (names, round(share * rows.n_rows), share, ABOUT)


def _pattern_filters(one: _Pattern, drawn: Sequence[str], totals: Sequence[int]) -> tuple[Filter, ...]:
    lacking = [name for name, n in zip(drawn, totals, strict=True) if n]
    return tuple(Filter(name, "is-missing" if name in one.names else "is-not-missing") for name in lacking)


def _notes(rows: Rows, n_full: int, totals: Sequence[int], patterns: _Patterns) -> tuple[str, ...]:
    size = slice_rows(rows.profile.n_rows)
    said = [
        f"Each cell stands for {counted(size, 'row')} of the table, in its order; "
        "the stronger its colour, the more values are missing."
    ]
    if not any(totals):
        said = ["No value is missing in these columns."]
    if n_full:
        said.append(f"{counted(n_full, 'complete column')} {'is' if n_full == 1 else 'are'} not drawn.")
    if patterns.found:
        first = patterns.found[0]
        about = "" if patterns.is_all else "about "
        n = first.n if patterns.is_all else round(first.n / patterns.n_rows * rows.n_rows)
        said.append(
            f"Most often missing together: {listed(first.names)}. In {about}{counted(n, 'row')} these are "
            "missing, and no other column of the chart."
        )
    if patterns.found and not patterns.is_all:
        said.append(f"What is missing together is estimated from an even sample of {patterns.n_rows:,} rows.")
    return tuple(said)


def _description(n_rows: int, drawn: Sequence[str], totals: Sequence[int]) -> str:
    begin = f"Missing values of {counted(len(drawn), 'column')} in {counted(n_rows, 'row')}."
    most = max(zip(totals, drawn, strict=True), key=lambda one: one[0])
    if not most[0]:
        return f"{begin} No value is missing."
    complete = sum(n == 0 for n in totals)
    full = f" {counted(complete, 'column')} of these lack nothing." if complete else ""
    share = f"{100 * most[0] / n_rows:.1f} %"
    return f"{begin} Most are missing in {shown(most[1], 40)}: {most[0]:,} ({share}).{full}"
