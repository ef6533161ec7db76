"""Counts, extremes, moments and quantiles of columns, by few statements of our own."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from beanft.engine.plain import finite
from beanft.engine.progress import Progress
from beanft.engine.tables.columns import Column
from beanft.engine.tables.connection import quote
from beanft.engine.tables.profiling.asking import (
    COLUMNS_A_STATEMENT,
    DATES,
    NUMBERS,
    answers,
    finite_sql,
    source_sql,
    value_sql,
)
from beanft.engine.tables.sampling import Sample, take

_EXACT_ROWS = 100_000  # up to here all distinct values are counted
_EXACT_VALUES = 30_000  # above, so many are counted still: their table fits into the caches
_NEARLY_ALL = 0.8  # of the rows differ by the estimate, whose standard error is 4 %: perhaps all do
_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_BLANKS = (32, 9, 10, 12, 13)  # what \s of a pattern takes, the most usual first
_FENCE = 3.0  # Tukey's "far out": interquartile ranges beyond the quartiles


@dataclass(frozen=True, kw_only=True)
class Shape:
    """Facts of a column that its kind is settled by, but no user asks for."""

    longest: int = 0
    """Characters of the longest text."""
    n_with_blanks: int = 0
    """Texts of more than one word; counted only where more than half of the values differ."""
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
        Name and stored type are read; counts, extremes, moments, quantiles and lengths are filled in.
    n_rows : int
        Rows of the file.
    progress : Progress
        Told the share of columns that are done.

    Returns
    -------
    list of (Column, Shape)
        In the order of `columns`. `n_distinct` is exact up to 100,000 rows, up to some 30,000 values, and
        for whole numbers and texts that differ in every row or nearly so. Quantiles of more than 100,000
        rows come from a sample (Column.n_sampled).
    """
    sample = take(
        database, source_sql(path), [(c.name, c.stored) for c in columns], n_rows=n_rows, fresh=True
    )
    described: list[tuple[Column, Shape]] = []
    for start in range(0, len(columns), COLUMNS_A_STATEMENT):
        some = columns[start : start + COLUMNS_A_STATEMENT]
        filled = _describe_some(database, path, some, n_rows)
        filled = _counted(database, path, filled, n_rows)
        filled = _with_quantiles(database, sample, filled)
        described += _with_shape(database, path, filled, n_rows)
        progress(min(1.0, (start + len(some)) / len(columns)), "Describing columns")
    return described


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
    figures = [_figures(column, spread, n_rows) for column in columns]
    own = answers(database, source_sql(path), figures)
    return [_filled(column, answers, n_rows) for column, answers in zip(columns, own, strict=True)]


def _distinct(column: Column) -> str:
    """SQL of the number of different values; of texts, short hashes are kept instead."""
    c = quote(column.name)
    if column.stored == "VARCHAR":
        return f"count(DISTINCT CASE WHEN {c} IS NOT NULL THEN hash({c}) END)"
    return f"count(DISTINCT {value_sql(column)})"


def _figures(column: Column, spread: bool, n_rows: int) -> list[str]:
    """SQL of the figures of one column, as many as its stored type has."""
    c = value_sql(column)
    counts = [
        f"count({c})",
        _distinct(column) if n_rows <= _EXACT_ROWS else f"approx_count_distinct({c})",
    ]
    if column.stored in NUMBERS:
        x = finite_sql(column)
        moments = [f"avg({x})", f"stddev_samp({x})"] if spread else ["NULL", "NULL"]
        return [*counts, f"count({x})", f"min({x})", f"max({x})", *moments]
    if column.stored in DATES:
        return [*counts, f"min({c})", f"max({c})"]
    if column.stored == "VARCHAR":
        return [*counts, f"min(length({c}))", f"avg(length({c}))", f"max(length({c}))"]
    return counts


def _filled(column: Column, own: list[Any], n_rows: int) -> tuple[Column, Shape]:
    """Put one column's figures where they belong."""
    n_values, n_distinct, *rest = own
    column = replace(
        column,
        n_missing=n_rows - n_values,
        n_distinct=min(n_distinct, n_values),
        distinct_is_exact=n_rows <= _EXACT_ROWS or n_distinct <= 1,
    )
    if column.stored in NUMBERS:
        n_finite, low, high, mean, sd = rest
        return replace(
            column,
            minimum=low,
            maximum=high,
            mean=finite(mean),
            sd=finite(sd),
            n_infinite=n_values - n_finite,
        ), Shape()
    if column.stored in DATES:
        low, high = (None if one is None else _iso(one) for one in rest)
        return replace(column, minimum=low, maximum=high), Shape()
    if column.stored == "VARCHAR" and rest[0] is not None:
        return replace(column, lengths=tuple(float(one) for one in rest)), Shape(longest=rest[2])
    return column, Shape()


def _iso(moment: Any) -> str:
    return moment.isoformat() if hasattr(moment, "isoformat") else str(moment)


def _counted(
    database: duckdb.DuckDBPyConnection, path: Path, some: list[tuple[Column, Shape]], n_rows: int
) -> list[tuple[Column, Shape]]:
    """Count distinct values where they were estimated and the exact number is cheap or decides the kind."""
    few = [
        column for column, _ in some if not column.distinct_is_exact and column.n_distinct <= _EXACT_VALUES
    ]
    exact = dict(
        zip(
            [c.name for c in few],
            answers(database, source_sql(path), [[_distinct(c)] for c in few]),
            strict=True,
        )
    )
    for column, _ in some:
        if not column.distinct_is_exact and column.name not in exact and _perhaps_all(column, n_rows):
            is_sequence = _is_sequence(database, path, column, n_rows)  # a quarter of the time of counting
            exact[column.name] = (
                [n_rows] if is_sequence else answers(database, source_sql(path), [[_distinct(column)]])[0]
            )
    return [
        (replace(column, n_distinct=exact[column.name][0], distinct_is_exact=True), shape)
        if column.name in exact
        else (column, shape)
        for column, shape in some
    ]


def _perhaps_all(column: Column, n_rows: int) -> bool:
    """Whether the values may differ in every row, which makes texts and whole numbers identifiers."""
    fits = column.stored in ("BIGINT", "VARCHAR") and not column.n_missing
    return fits and column.n_distinct >= _NEARLY_ALL * n_rows


def _is_sequence(database: duckdb.DuckDBPyConnection, path: Path, column: Column, n_rows: int) -> bool:
    """Whether a column is 0, 1, 2 … or 1, 2, 3 … in the order of the rows, asked only if its ends say so."""
    low, high = column.minimum, column.maximum
    if column.stored != "BIGINT" or low not in (0.0, 1.0) or high != n_rows - 1 + low:
        return False
    return answers(database, source_sql(path), [[_sequence_sql(column)]]) == [[True]]


def _sequence_sql(column: Column) -> str:
    c = quote(column.name)
    return f"bool_and({c} = file_row_number + 1) OR bool_and({c} = file_row_number)"


def _with_quantiles(
    database: duckdb.DuckDBPyConnection, sample: Sample, some: list[tuple[Column, Shape]]
) -> list[tuple[Column, Shape]]:
    numbers = [column for column, _ in some if column.stored in NUMBERS]
    wanted = [[f"quantile_cont({finite_sql(column)}, {list(_QUANTILES)})"] for column in numbers]
    found = {
        column.name: tuple(own[0] or ())
        for column, own in zip(numbers, answers(database, sample.table, wanted), strict=True)
    }
    return [
        (_fenced(replace(column, quantiles=found[column.name]), sample), shape)
        if column.name in found
        else (column, shape)
        for column, shape in some
    ]


def _fenced(column: Column, sample: Sample) -> Column:
    """Tukey's outer fences; numbers of which half are equal have none, for all others would be beyond."""
    column = replace(column, n_sampled=0 if sample.is_all else sample.n_rows)
    if not column.quantiles:
        return column
    low, high = column.quantiles[1], column.quantiles[3]
    fences = (low - _FENCE * (high - low), high + _FENCE * (high - low))
    return replace(column, fences=fences) if high > low and all(map(math.isfinite, fences)) else column


def _with_shape(
    database: duckdb.DuckDBPyConnection, path: Path, some: list[tuple[Column, Shape]], n_rows: int
) -> list[tuple[Column, Shape]]:
    """Look for sequences and for texts of several words, in the few columns that can have them."""
    wanted = [_shape_sql(column, n_rows) for column, _ in some]
    found = answers(database, source_sql(path), wanted)
    shaped = []
    for (column, shape), own in zip(some, found, strict=True):
        if own and column.stored == "VARCHAR":
            shape = replace(shape, n_with_blanks=int(own[0]))
        elif own:
            shape = replace(shape, is_sequence=bool(own[0]))
        shaped.append((column, shape))
    return shaped


def _shape_sql(column: Column, n_rows: int) -> list[str]:
    c = quote(column.name)
    if column.stored == "VARCHAR" and column.n_distinct > 0.5 * (n_rows - column.n_missing):
        # Few texts of one word hold any blank, which is seen far more quickly than where it stands.
        any_blank = " OR ".join(f"contains({c}, chr({code}))" for code in _BLANKS)
        worded = f"CASE WHEN {any_blank} THEN regexp_matches({c}, '\\S\\s+\\S') END"
        return [f"count(CASE WHEN {worded} THEN 1 END)"]
    if (
        column.stored == "BIGINT"
        and not column.n_missing
        and column.minimum in (0.0, 1.0)
        and column.n_distinct == n_rows
    ):
        return [_sequence_sql(column)]
    return []
