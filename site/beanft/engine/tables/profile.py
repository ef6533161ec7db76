"""Computes what is known of each column from the Parquet file, by few statements of our own."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb

from beanft.engine.progress import Progress
from beanft.engine.tables.calendar import calendar_edges
from beanft.engine.tables.columns import Column
from beanft.engine.tables.connection import literal, quote
from beanft.engine.tables.ingest.slices import slices
from beanft.engine.tables.sampling import Sample, take

_BINS = 20
_TOP = 20
_TOP_CHARACTERS = 200  # a value longer than this is cut in the list of top values
_COLUMNS_A_STATEMENT = 25  # planning takes quadratic time
_EXACT_ROWS = 100_000  # up to here all distinct values are counted
_EXACT_VALUES = 30_000  # above, so many are counted still: their table fits into the caches
_NEARLY_ALL = 0.8  # of the rows differ by the estimate, whose standard error is 4 %: perhaps all do
_MAP_VALUES = 100  # so many groups are counted quickest in one statement for all columns
_GROUP_VALUES = 200_000  # so many groups are counted exactly; of more, the sample tells the frequent ones
_CANDIDATES = 2 * _TOP
_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_FENCE = 3.0  # Tukey's "far out": interquartile ranges beyond the quartiles
_NUMBERS = ("BIGINT", "DOUBLE")
_DATES = ("DATE", "TIMESTAMP")


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
    for start in range(0, len(columns), _COLUMNS_A_STATEMENT):
        some = columns[start : start + _COLUMNS_A_STATEMENT]
        filled = _describe_some(database, path, some, n_rows)
        filled = _counted(database, path, filled, n_rows)
        filled = _with_quantiles(database, sample, filled)
        described += _with_shape(database, path, filled, n_rows)
        progress(min(1.0, (start + len(some)) / len(columns)), "Describing columns")
    return described


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
        for start in range(positions.start, positions.stop, _COLUMNS_A_STATEMENT):
            some = columns[start : min(start + _COLUMNS_A_STATEMENT, positions.stop)]
            drawn += [_with_top(database, table, sample, column) for column in _drawn(database, table, some)]
            progress(len(drawn) / max(1, len(columns)), "Describing columns")
    return tuple(drawn)


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
    own = _answers(database, source_sql(path), figures)
    return [_filled(column, answers, n_rows) for column, answers in zip(columns, own, strict=True)]


def _answers(
    database: duckdb.DuckDBPyConnection, table: str, wanted: Sequence[Sequence[str]]
) -> list[list[Any]]:
    """Ask for several figures of several columns in one statement, and give each column its own."""
    everything = [expression for own in wanted for expression in own]
    if not everything:
        return [[] for _ in wanted]
    row = database.execute(f"SELECT {', '.join(everything)} FROM {table}").fetchone()  # noqa: S608 -- quoted names
    answers = iter(row or ())
    return [[next(answers) for _ in own] for own in wanted]


def _value(column: Column) -> str:
    """SQL of a column's value, NULL where it is not a number."""
    c = quote(column.name)
    return f"(CASE WHEN NOT isnan({c}) THEN {c} END)" if column.stored == "DOUBLE" else c


def _finite_value(column: Column) -> str:
    """SQL of a number as DOUBLE, NULL where it is infinite or no number."""
    c = quote(column.name)
    return f"(CASE WHEN isfinite({c}) THEN {c} END)" if column.stored == "DOUBLE" else f"{c}::DOUBLE"


def _distinct(column: Column) -> str:
    """SQL of the number of different values; of texts, short hashes are kept instead."""
    c = quote(column.name)
    if column.stored == "VARCHAR":
        return f"count(DISTINCT CASE WHEN {c} IS NOT NULL THEN hash({c}) END)"
    return f"count(DISTINCT {_value(column)})"


def _figures(column: Column, spread: bool, n_rows: int) -> list[str]:
    """SQL of the figures of one column, as many as its stored type has."""
    c = _value(column)
    counts = [
        f"count({c})",
        _distinct(column) if n_rows <= _EXACT_ROWS else f"approx_count_distinct({c})",
    ]
    if column.stored in _NUMBERS:
        x = _finite_value(column)
        moments = [f"avg({x})", f"stddev_samp({x})"] if spread else ["NULL", "NULL"]
        return [*counts, f"count({x})", f"min({x})", f"max({x})", *moments]
    if column.stored in _DATES:
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
    if column.stored in _NUMBERS:
        n_finite, low, high, mean, sd = rest
        return replace(
            column,
            minimum=low,
            maximum=high,
            mean=_finite(mean),
            sd=_finite(sd),
            n_infinite=n_values - n_finite,
        ), Shape()
    if column.stored in _DATES:
        low, high = (None if one is None else _iso(one) for one in rest)
        return replace(column, minimum=low, maximum=high), Shape()
    if column.stored == "VARCHAR" and rest[0] is not None:
        return replace(column, lengths=tuple(float(one) for one in rest)), Shape(longest=rest[2])
    return column, Shape()


def _iso(moment: Any) -> str:
    return moment.isoformat() if hasattr(moment, "isoformat") else str(moment)


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


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
            _answers(database, source_sql(path), [[_distinct(c)] for c in few]),
            strict=True,
        )
    )
    for column, _ in some:
        if not column.distinct_is_exact and column.name not in exact and _perhaps_all(column, n_rows):
            exact[column.name] = _answers(database, source_sql(path), [[_distinct(column)]])[0]
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


def _with_quantiles(
    database: duckdb.DuckDBPyConnection, sample: Sample, some: list[tuple[Column, Shape]]
) -> list[tuple[Column, Shape]]:
    numbers = [column for column, _ in some if column.stored in _NUMBERS]
    wanted = [[f"quantile_cont({_finite_value(column)}, {list(_QUANTILES)})"] for column in numbers]
    found = {
        column.name: tuple(own[0] or ())
        for column, own in zip(numbers, _answers(database, sample.table, wanted), strict=True)
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
    found = _answers(database, source_sql(path), wanted)
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
        return [f"count(*) FILTER (regexp_matches({c}, '\\S\\s+\\S'))"]
    if (
        column.stored == "BIGINT"
        and not column.n_missing
        and column.minimum in (0.0, 1.0)
        and column.n_distinct == n_rows
    ):
        return [f"bool_and({c} = file_row_number + 1) OR bool_and({c} = file_row_number)"]
    return []


def _drawn(database: duckdb.DuckDBPyConnection, table: str, columns: Sequence[Column]) -> list[Column]:
    """Histogram, skewness, outliers and the frequent values of few, in one statement for all columns."""
    columns = _with_edges(database, table, columns)
    found = _answers(database, table, [_drawing_sql(column) for column in columns])
    drawn = []
    for column, own in zip(columns, found, strict=True):
        answers = iter(own)
        if column.edges:
            column = replace(column, counts=_counts(column, next(answers) or {}))
        if _can_skew(column):
            column = replace(column, skewness=_skewness(next(answers), next(answers)))
        if column.fences and column.kind == "number":
            column = replace(column, n_outliers=int(next(answers)))
        if _has_top(column) and column.n_distinct <= _MAP_VALUES:
            column = replace(column, top=_frequent(column, next(answers) or {}))
        drawn.append(column)
    return drawn


def _drawing_sql(column: Column) -> list[str]:
    x, wanted = _finite_value(column), []
    if column.edges:
        wanted.append(_bins_sql(column, x))
    if _can_skew(column):
        z = f"(({x} - ({column.mean!r})) / {column.sd!r})"
        wanted += [f"sum({z} * {z} * {z})", f"count({x})"]
    if column.fences and column.kind == "number":
        wanted.append(f"count(*) FILTER ({x} < {column.fences[0]!r} OR {x} > {column.fences[1]!r})")
    if _has_top(column) and column.n_distinct <= _MAP_VALUES:
        wanted.append(f"histogram({quote(column.name)}::VARCHAR)")
    return wanted


def _bins_sql(column: Column, x: str) -> str:
    """SQL of the rows of each bin: those of numbers are of one width, those of dates are not."""
    if column.stored in _DATES:
        at = _seconds(
            column
        )  # with the signs turned, as bins of DuckDB hold their upper edges, not the lower
        lower = [-edge for edge in column.edges[-2::-1]]
        return f"histogram(CASE WHEN isfinite({at}) THEN -{at} END, {lower}::DOUBLE[])"
    n = len(column.edges) - 1
    first, width = column.edges[0], (column.edges[-1] - column.edges[0]) / n
    bin_ = f"least({n - 1}, greatest(0, floor(({x} - ({first!r})) / {width!r})))::TINYINT"
    return f"histogram(CASE WHEN {x} IS NOT NULL THEN {bin_} END)"  # least() passes over NULL


def _counts(column: Column, found: Mapping[float, int]) -> tuple[int, ...]:
    """Rows of each bin in its order, from what `_bins_sql` gave."""
    keys = [-edge for edge in column.edges[:-1]] if column.stored in _DATES else range(len(column.edges) - 1)
    return tuple(found.get(key, 0) for key in keys)


def _can_skew(column: Column) -> bool:
    return column.kind == "number" and bool(column.sd) and column.mean is not None


def _skewness(cubes: float | None, n: int) -> float | None:
    """Third standardised moment from the sum of cubes of values standardised with n - 1."""
    if cubes is None or n < 3:
        return None
    return _finite(cubes / n * (n / (n - 1)) ** 1.5)


def _seconds(column: Column) -> str:
    """SQL of a date as seconds since 1970."""
    return f"epoch({quote(column.name)}::TIMESTAMP)"


def _with_edges(database: duckdb.DuckDBPyConnection, table: str, columns: Sequence[Column]) -> list[Column]:
    """Choose the bins of number and date columns; without a finite range there are none."""
    dates = [column for column in columns if column.kind == "date" and column.stored in _DATES]
    wanted = [
        [f"{end}(CASE WHEN isfinite({c}) THEN {c} END)" for end in ("min", "max")]
        for c in map(_seconds, dates)
    ]
    ranges = dict(zip([c.name for c in dates], _answers(database, table, wanted), strict=True))
    edged = []
    for column in columns:
        if column.kind == "number" and column.stored in _NUMBERS and column.minimum is not None:
            low, high = float(column.minimum), float(column.maximum or 0.0)
            column = replace(column, edges=nice_edges(low, high, whole=column.stored == "BIGINT"))
        elif column.name in ranges and ranges[column.name][0] is not None:
            low, high = ranges[column.name]
            column = replace(column, edges=calendar_edges(low, high, whole_days=column.stored == "DATE"))
        edged.append(column)
    return edged


def _has_top(column: Column) -> bool:
    """Whether the most frequent values tell something."""
    if column.kind in ("number", "date"):
        return column.kind == "number" and column.n_distinct <= _TOP
    return column.kind != "identifier" and bool(column.n_distinct)


def _frequent(column: Column, counts: Mapping[Any, int]) -> tuple[tuple[str, int], ...]:
    """The most frequent values; equals in the order of the values."""
    number = column.stored in _NUMBERS
    rising = sorted(counts.items(), key=lambda one: (-one[1], float(one[0]) if number else one[0]))
    return tuple((str(text)[:_TOP_CHARACTERS], int(n)) for text, n in rising[:_TOP])


def _with_top(database: duckdb.DuckDBPyConnection, table: str, sample: Sample, column: Column) -> Column:
    """Find the most frequent of many values."""
    if not _has_top(column) or column.n_distinct <= _MAP_VALUES:
        return column
    c = quote(column.name)
    if column.n_distinct <= _GROUP_VALUES:
        where, values = f"{c} IS NOT NULL", []
    else:
        candidates = database.execute(
            f"SELECT {c}, count(*) AS n FROM {sample.table} WHERE {c} IS NOT NULL "  # noqa: S608 -- quoted names
            f"GROUP BY {c} HAVING n > 1 ORDER BY n DESC, {c} LIMIT {_CANDIDATES}"
        ).fetchall()
        if not candidates:
            return column
        where, values = " OR ".join([f"{c} = ?"] * len(candidates)), [value for value, _ in candidates]
    rows = database.execute(
        f"SELECT {c}::VARCHAR, count(*) AS n FROM {table} WHERE {where} "  # noqa: S608 -- quoted names
        f"GROUP BY {c} ORDER BY n DESC, {c} LIMIT {_TOP}",
        values,
    ).fetchall()
    return replace(column, top=tuple((str(text)[:_TOP_CHARACTERS], int(n)) for text, n in rows))
