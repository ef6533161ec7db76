"""Computes what is known of each column from the Parquet file, by statements of our own."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb

from beanft.engine.progress import Progress
from beanft.engine.tables.cells import BLANKS
from beanft.engine.tables.columns import Column
from beanft.engine.tables.connection import literal, quote
from beanft.engine.tables.slices import slices

_BINS = 20
_TOP = 20
_TOP_CHARACTERS = 200  # a value longer than this is cut in the list of top values
_CELLS_A_STATEMENT = 2_000_000  # exact counts of distinct values keep these in memory
_COLUMNS_A_STATEMENT = 50
_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_DAY = 86_400
_TIME_STEPS = (
    *(1, 5, 15, 30, 60, 300, 900, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600),
    *(_DAY, 2 * _DAY, 7 * _DAY, 14 * _DAY, 28 * _DAY, 91 * _DAY, 182 * _DAY),
    *(365 * _DAY, 730 * _DAY, 1826 * _DAY, 3652 * _DAY, 18_262 * _DAY, 36_524 * _DAY, 365_243 * _DAY),
)


@dataclass(frozen=True, kw_only=True)
class Shape:
    """Facts of a column that its kind is settled by, but no user asks for."""

    longest: int = 0
    """Characters of the longest text."""
    n_with_blanks: int = 0
    """Texts of more than one word."""
    is_sequence: bool = False
    """Whether the values are 0, 1, 2 … or 1, 2, 3 … in the order of the rows."""


def describe(
    database: duckdb.DuckDBPyConnection,
    path: Path,
    columns: Sequence[Column],
    *,
    n_rows: int,
    progress: Progress = Progress(),  # noqa: B008 -- it holds nothing
) -> list[tuple[Column, Shape]]:
    """Fill in the counts and figures of columns.

    Parameters
    ----------
    database : duckdb.DuckDBPyConnection
        A connection that may read the file.
    path : Path
        The Parquet file.
    columns : sequence of Column
        Name and stored type are read; counts, extremes, moments and quantiles are filled in.
    n_rows : int
        Rows of the file.
    progress : Progress
        Told the share of columns that are done.

    Returns
    -------
    list of (Column, Shape)
        In the order of `columns`.
    """
    size = max(1, min(_COLUMNS_A_STATEMENT, _CELLS_A_STATEMENT // max(1, n_rows)))
    described: list[tuple[Column, Shape]] = []
    for start in range(0, len(columns), size):
        described += _describe_some(database, path, columns[start : start + size], n_rows)
        progress(min(1.0, (start + size) / len(columns)), "Describing columns")
    return described


def draw(
    database: duckdb.DuckDBPyConnection,
    path: Path,
    columns: Sequence[Column],
    *,
    n_rows: int,
    progress: Progress = Progress(),  # noqa: B008 -- it holds nothing
) -> tuple[Column, ...]:
    """Add histograms to number and date columns, and top values to all others.

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
    drawn = []
    names = [column.name for column in columns]
    for positions, table in slices(database, source_sql(path), names, n_rows=n_rows):
        for number in positions:
            drawn.append(_drawn(database, table, columns[number]))
            progress((number + 1) / len(columns), "Describing columns")
    return tuple(drawn)


def _drawn(database: duckdb.DuckDBPyConnection, table: str, column: Column) -> Column:
    if column.kind in ("number", "date"):
        column = _with_histogram(database, table, column)
    if column.kind not in ("number", "date") or (column.kind == "number" and column.n_distinct <= _TOP):
        column = replace(column, top=_top(database, table, column.name))
    return column


def source_sql(path: Path) -> str:
    """Write the FROM item of a version's Parquet file.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    str
        SQL; the rows also have a column file_row_number, from 0.
    """
    return f"read_parquet({literal(str(path))})"


def nice_edges(
    low: float, high: float, *, steps: Sequence[float] = (), whole: bool = False
) -> tuple[float, ...]:
    """Choose round edges of at most twenty bins that cover a range.

    Parameters
    ----------
    low, high : float
        Smallest and largest value.
    steps : sequence of float
        Widths to choose from; otherwise 1, 2, 2.5 and 5 times a power of ten.
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
    step = next((s for s in steps if span / s <= _BINS - 1), steps[-1]) if steps else _step(span, whole)
    first = math.floor(low / step)
    n = max(1, math.ceil(high / step) - first)
    if whole and step == 1 and n < _BINS:
        n += 1  # each number has a bin of its own, the largest one too
    edges = tuple(
        round((first + bin_) * step, 12) if step > 1e-6 else (first + bin_) * step for bin_ in range(n + 1)
    )
    return edges if all(a < b for a, b in pairwise(edges)) else ()


def _step(span: float, whole: bool) -> float:
    rough = span / (_BINS - 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * (1 - 1e-9))
    return max(1.0, math.ceil(step)) if whole else step


def _describe_some(
    database: duckdb.DuckDBPyConnection, path: Path, columns: Sequence[Column], n_rows: int
) -> list[tuple[Column, Shape]]:
    """One statement for several columns; where a spread overflows, one without it."""
    try:
        return _ask(database, path, columns, n_rows, spread=True)
    except duckdb.OutOfRangeException:
        return _ask(database, path, columns, n_rows, spread=False)


def _ask(
    database: duckdb.DuckDBPyConnection, path: Path, columns: Sequence[Column], n_rows: int, *, spread: bool
) -> list[tuple[Column, Shape]]:
    wanted = [expression for column in columns for expression in _figures(column, spread)]
    row = database.execute(f"SELECT {', '.join(wanted)} FROM {source_sql(path)}").fetchone()  # noqa: S608 -- quoted names
    figures = iter(row or ())
    described = []
    for column in columns:
        own = [next(figures) for _ in _figures(column, spread)]
        described.append(_filled(column, own, n_rows))
    return described


def _figures(column: Column, spread: bool) -> list[str]:
    """SQL of the figures of one column, as many as its stored type has."""
    c = quote(column.name)
    if column.stored == "DOUBLE":
        c = f"(CASE WHEN NOT isnan({c}) THEN {c} END)"
    basic = [f"count({c})", f"count(DISTINCT {c})"]
    if column.stored in ("BIGINT", "DOUBLE"):
        x = f"(CASE WHEN isfinite({c}::DOUBLE) THEN {c} END)"
        moments = [f"avg({x}::DOUBLE)", f"stddev_samp({x}::DOUBLE)"] if spread else ["NULL", "NULL"]
        quantiles = f"quantile_cont({x}::DOUBLE, {list(_QUANTILES)})"
        sequence = f"bool_and({c} = file_row_number + 1) OR bool_and({c} = file_row_number)"
        return [*basic, f"min({x})", f"max({x})", *moments, quantiles, sequence]
    if column.stored in ("DATE", "TIMESTAMP"):
        return [*basic, f"min({c})", f"max({c})"]
    if column.stored == "VARCHAR":
        blanks = (
            f"count(*) FILTER (trim({c}, {literal(BLANKS)}) SIMILAR TO '.*\\s.*' OR contains({c}, chr(10)))"
        )
        return [*basic, f"max(length({c}))", blanks]
    return basic


def _filled(column: Column, own: list[Any], n_rows: int) -> tuple[Column, Shape]:
    """Put one column's figures where they belong."""
    n_values, n_distinct, *rest = own
    column = replace(column, n_missing=n_rows - n_values, n_distinct=n_distinct)
    if column.stored in ("BIGINT", "DOUBLE"):
        low, high, mean, sd, quantiles, sequence = rest
        shape = Shape(is_sequence=bool(sequence) and n_values == n_rows)
        return replace(
            column,
            minimum=None if low is None else float(low),
            maximum=None if high is None else float(high),
            mean=_finite(mean),
            sd=_finite(sd),
            quantiles=tuple(quantiles or ()),
        ), shape
    if column.stored in ("DATE", "TIMESTAMP"):
        low, high = rest
        return replace(
            column,
            minimum=None if low is None else low.isoformat(),
            maximum=None if high is None else high.isoformat(),
        ), Shape()
    if column.stored == "VARCHAR":
        return column, Shape(longest=rest[0] or 0, n_with_blanks=rest[1])
    return column, Shape()


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _with_histogram(database: duckdb.DuckDBPyConnection, table: str, column: Column) -> Column:
    """Count the rows of each bin; columns without a finite range keep an empty histogram."""
    c = quote(column.name)
    x = f"{c}::DOUBLE" if column.stored in ("BIGINT", "DOUBLE") else f"epoch({c}::TIMESTAMP)"
    low, high = database.execute(
        f"SELECT min(x), max(x) FROM (SELECT {x} AS x FROM {table}) WHERE isfinite(x)"  # noqa: S608 -- quoted names
    ).fetchone() or (None, None)
    if low is None or high is None:
        return column
    times = _TIME_STEPS if column.kind == "date" else ()
    edges = nice_edges(low, high, steps=times, whole=column.stored == "BIGINT")
    if not edges:
        return column
    n = len(edges) - 1
    at = f"least({n - 1}, greatest(0, floor((x - ?) / ?)))::INTEGER"
    rows = database.execute(
        f"SELECT {at} AS bin, count(*) FROM (SELECT {x} AS x FROM {table}) "  # noqa: S608 -- quoted names
        "WHERE isfinite(x) GROUP BY bin",
        [edges[0], (edges[-1] - edges[0]) / n],
    ).fetchall()
    found = dict(rows)
    return replace(column, edges=edges, counts=tuple(found.get(number, 0) for number in range(n)))


def _top(database: duckdb.DuckDBPyConnection, table: str, name: str) -> tuple[tuple[str, int], ...]:
    """Most frequent values as text; equals in the order of their text."""
    c = quote(name)
    rows = database.execute(
        f"SELECT {c}::VARCHAR, count(*) AS n FROM {table} WHERE {c} IS NOT NULL "  # noqa: S608 -- quoted names
        f"GROUP BY {c} ORDER BY n DESC, {c} LIMIT {_TOP}"
    ).fetchall()
    return tuple((str(text)[:_TOP_CHARACTERS], int(n)) for text, n in rows)
