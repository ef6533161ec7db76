"""Histograms, skewness and outliers of columns."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import duckdb

from beanft.engine.plain import finite
from beanft.engine.progress import Progress
from beanft.engine.tables.calendar import calendar_edges
from beanft.engine.tables.columns import Column
from beanft.engine.tables.connection import quote
from beanft.engine.tables.ingest.slices import slices
from beanft.engine.tables.profiling.asking import (
    COLUMNS_A_STATEMENT,
    DATES,
    NUMBERS,
    answers,
    finite_sql,
    source_sql,
)
from beanft.engine.tables.profiling.top import FEW_VALUES, frequent, has_top, with_top
from beanft.engine.tables.sampling import take

_BINS = 20


def draw(
    database: duckdb.DuckDBPyConnection,
    path: Path,
    columns: Sequence[Column],
    *,
    n_rows: int,
    progress: Progress = Progress(),  # noqa: B008 -- it holds nothing
) -> tuple[Column, ...]:
    """Add histograms, skewness and outliers to number and date columns, and top values to all others.

    Parameters
    ----------
    database : duckdb.DuckDBPyConnection
        A connection that may read the file.
    path : Path
        The Parquet file.
    columns : sequence of Column
        Described columns with their final kind.
    n_rows : int
        Rows of the file.
    progress : Progress
        Told the share of columns that are done.

    Returns
    -------
    tuple of Column
        In the order of `columns`.
    """
    sample = take(database, source_sql(path), [(c.name, c.stored) for c in columns], n_rows=n_rows)
    drawn: list[Column] = []
    names = [column.name for column in columns]
    for positions, table in slices(database, source_sql(path), names, n_rows=n_rows):
        for start in range(positions.start, positions.stop, COLUMNS_A_STATEMENT):
            some = columns[start : min(start + COLUMNS_A_STATEMENT, positions.stop)]
            drawn += [with_top(database, table, sample, column) for column in _drawn(database, table, some)]
            progress(len(drawn) / max(1, len(columns)), "Describing columns")
    return tuple(drawn)


def nice_edges(low: float, high: float, *, whole: bool = False) -> tuple[float, ...]:
    """Choose round edges of at most twenty equal bins that cover a range of numbers.

    Parameters
    ----------
    low, high : float
        Smallest and largest value.
    whole : bool
        Whether the values are whole numbers, so that no bin is narrower than 1.

    Returns
    -------
    tuple of float
        Rising edges, one more than bins; the last bin includes its upper edge. Empty when the range is
        too wide for arithmetic.

    Examples
    --------
    >>> nice_edges(0, 9, whole=True)
    (0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0)
    """
    span = high - low
    if not math.isfinite(span):
        return ()
    if span == 0:
        return (low - 0.5, low + 0.5) if math.nextafter(low, math.inf) - low < 0.5 else ()
    step = _step(span, whole)
    first = math.floor(low / step)
    n = max(1, math.ceil(high / step) - first)
    if whole and step == 1 and n < _BINS:
        n += 1  # each number has a bin of its own, the largest one too
    edges = tuple(
        round((first + bin_) * step, 12) if step > 1e-6 else (first + bin_) * step for bin_ in range(n + 1)
    )
    if not math.isfinite(edges[-1] - edges[0]):
        return ()  # round edges of the largest numbers there are lie beyond them
    return edges if all(a < b for a, b in pairwise(edges)) else ()


def _step(span: float, whole: bool) -> float:
    rough = span / (_BINS - 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * (1 - 1e-9))
    return max(1.0, math.ceil(step)) if whole else step


def _drawn(database: duckdb.DuckDBPyConnection, table: str, columns: Sequence[Column]) -> list[Column]:
    """Histogram, skewness, outliers and the frequent values of few, in one statement for all columns."""
    columns = _with_edges(database, table, columns)
    found = answers(database, table, [_drawing_sql(column) for column in columns])
    drawn = []
    for column, own in zip(columns, found, strict=True):
        rest = iter(own)
        if column.edges:
            column = replace(column, counts=_counts(column, next(rest) or {}))
        if _can_skew(column):
            column = replace(column, skewness=_skewness(next(rest), next(rest)))
        if column.fences and column.kind == "number":
            column = replace(column, n_outliers=int(next(rest)))
        if has_top(column) and column.n_distinct <= FEW_VALUES:
            column = replace(column, top=frequent(column, next(rest) or {}))
        drawn.append(column)
    return drawn


def _drawing_sql(column: Column) -> list[str]:
    x, wanted = finite_sql(column), []
    if column.edges:
        wanted.append(_bins_sql(column, x))
    if _can_skew(column):
        z = f"(({x} - ({column.mean!r})) / {column.sd!r})"
        wanted += [f"sum({z} * {z} * {z})", f"count({x})"]
    if column.fences and column.kind == "number":
        wanted.append(f"count(CASE WHEN {x} < {column.fences[0]!r} OR {x} > {column.fences[1]!r} THEN 1 END)")
    if has_top(column) and column.n_distinct <= FEW_VALUES:
        wanted.append(f"histogram({quote(column.name)}::VARCHAR)")
    return wanted


def _bins_sql(column: Column, x: str) -> str:
    """SQL of the rows of each bin: those of numbers are of one width, those of dates are not."""
    if column.stored in DATES:
        at = _seconds(
            column
        )  # with the signs turned, as bins of DuckDB hold their upper edges, not the lower
        lower = [-edge for edge in column.edges[-2::-1]]
        return f"histogram(CASE WHEN isfinite({at}) THEN -{at} END, {lower}::DOUBLE[])"
    n = len(column.edges) - 1
    first, width = column.edges[0], (column.edges[-1] - column.edges[0]) / n
    return f"histogram(floor(({x} - ({first!r})) / {width!r})::SMALLINT)"


def _counts(column: Column, found: Mapping[float, int]) -> tuple[int, ...]:
    """Rows of each bin in its order, from what `_bins_sql` gave."""
    if column.stored in DATES:
        return tuple(found.get(-edge, 0) for edge in column.edges[:-1])
    counts = [0] * (len(column.edges) - 1)
    for bin_, n in found.items():  # the last edge belongs to the last bin, and rounding may pass both ends
        counts[min(max(int(bin_), 0), len(counts) - 1)] += n
    return tuple(counts)


def _can_skew(column: Column) -> bool:
    return column.kind == "number" and bool(column.sd) and column.mean is not None


def _skewness(cubes: float | None, n: int) -> float | None:
    """Third standardised moment from the sum of cubes of values standardised with n - 1."""
    if cubes is None or n < 3:
        return None
    return finite(cubes / n * (n / (n - 1)) ** 1.5)


def _seconds(column: Column) -> str:
    """SQL of a date as seconds since 1970."""
    return f"epoch({quote(column.name)}::TIMESTAMP)"


def _with_edges(database: duckdb.DuckDBPyConnection, table: str, columns: Sequence[Column]) -> list[Column]:
    """Choose the bins of number and date columns; without a finite range there are none."""
    dates = [column for column in columns if column.kind == "date" and column.stored in DATES]
    wanted = [
        [f"{end}(CASE WHEN isfinite({c}) THEN {c} END)" for end in ("min", "max")]
        for c in map(_seconds, dates)
    ]
    ranges = dict(zip([c.name for c in dates], answers(database, table, wanted), strict=True))
    edged = []
    for column in columns:
        if column.kind == "number" and column.stored in NUMBERS and column.minimum is not None:
            low, high = float(column.minimum), float(column.maximum or 0.0)
            column = replace(column, edges=nice_edges(low, high, whole=column.stored == "BIGINT"))
        elif column.name in ranges and ranges[column.name][0] is not None:
            low, high = ranges[column.name]
            column = replace(column, edges=calendar_edges(low, high, whole_days=column.stored == "DATE"))
        edged.append(column)
    return edged
