"""Counts a column's rows in the bins or values of another version of it, many columns by one statement."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb

from beanft.engine.compare.reading import OTHER, label_of
from beanft.engine.tables.calendar import DAY, civil
from beanft.engine.tables.columns import Column
from beanft.engine.tables.connection import ask, quote, table
from beanft.engine.tables.sampling import SAMPLE_ROWS

_COLUMNS_A_STATEMENT = 25  # planning takes quadratic time
_LARGE = 1_000_000  # rows of a table from which fewer are counted, so that it answers within two seconds
_MOST_OF_LARGE = 200_000
_MOST_CELLS = 8_000_000  # cells that are read within about two seconds
_CUT = 200  # characters, as the profile cuts its most frequent values
_DATES = ("DATE", "TIMESTAMP")


@dataclass(frozen=True)
class Wanted:
    """What to count of a column: the rows of bins, or of values."""

    column: Column
    edges: tuple[float, ...] = ()
    """Rising edges; what lies beyond them counts in a bin before the first or after the last."""
    is_even: bool = False
    """Whether the edges are those of a number's histogram, whose bins are reckoned as in the profile."""
    values: tuple[str, ...] = ()
    """Values as text; all others count together, last."""


def count(
    path: Path, wanted: Sequence[Wanted], *, n_rows: int, timeout_s: float, memory_mb: int
) -> Mapping[str, tuple[int, ...]]:
    """Count rows of bins and of values.

    Parameters
    ----------
    path : Path
        The version's Parquet file.
    wanted : sequence of Wanted
        Columns of that version.
    n_rows : int
        Rows of the version; of more than `most_rows` a random sample is counted.
    timeout_s : float
        Seconds after which it is stopped.
    memory_mb : int
        Most memory for the query, in megabytes.

    Returns
    -------
    mapping of str to tuple of int
        By name, rows below the first edge, of each bin (the last holds its upper edge) and above the last
        edge; or rows of each value and of all others. Missing and infinite ones count nowhere.
    """
    if not wanted:
        return {}

    def question(database: duckdb.DuckDBPyConnection) -> Mapping[str, tuple[int, ...]]:
        most = most_rows(len(wanted), n_rows)
        some_rows = f" WHERE hash(file_row_number) % {n_rows} < {most}" if n_rows > most else ""
        source = f"{table(database, path)}{some_rows}"
        found: dict[str, tuple[int, ...]] = {}
        for start in range(0, len(wanted), _COLUMNS_A_STATEMENT):
            some = wanted[start : start + _COLUMNS_A_STATEMENT]
            row = database.execute(
                f"SELECT {', '.join(map(_sql, some))} FROM {source}",  # noqa: S608 -- quoted names, bound values
                [list(one.values) for one in some if not one.edges],
            ).fetchone()
            for one, counts in zip(some, row or (), strict=True):
                found[one.column.name] = _rows(one, counts or {})
        return found

    return ask(path, question, memory_mb=memory_mb, timeout_s=timeout_s)


def most_rows(n_columns: int, n_rows: int) -> int:
    """Say how many rows are counted at most.

    Parameters
    ----------
    n_columns : int
        Columns to count.
    n_rows : int
        Rows of the table.

    Returns
    -------
    int
        About so many rows of a larger table are drawn at random.

    Examples
    --------
    >>> most_rows(16, 600_000), most_rows(200, 600_000), most_rows(16, 10_000_000)
    (500000, 100000, 200000)
    """
    most = max(SAMPLE_ROWS, _MOST_CELLS // max(1, n_columns))
    return min(most, _MOST_OF_LARGE) if n_rows > _LARGE else most


def cuts_of(column: Column) -> tuple[float, ...]:
    """Give the quantiles of a column as edges; a value that many rows have gets a bin of its own.

    Parameters
    ----------
    column : Column
        A column of numbers.

    Returns
    -------
    tuple of float
        Rising edges.

    Examples
    --------
    >>> cuts_of(Column(name="a", kind="number", stored="BIGINT", n_missing=0, n_distinct=3,
    ...                quantiles=(1.0, 2.0, 3.0)))
    (1.0, 2.0, 3.0)
    """
    cuts: list[float] = []
    for quantile in column.quantiles:
        if cuts and quantile == cuts[-1]:
            cuts.append(math.nextafter(quantile, math.inf))
        elif not cuts or quantile > cuts[-1]:
            cuts.append(quantile)
    return tuple(cuts)


def labels_of(column: Column, wanted: Wanted) -> list[str]:
    """Give words for what `count` counts.

    Parameters
    ----------
    column : Column
        The column, with the owner's words for true and false.
    wanted : Wanted
        Its bins or values.

    Returns
    -------
    list of str
        In the order of the counts.

    Examples
    --------
    >>> mass = Column(name="mass", kind="number", stored="DOUBLE", n_missing=0, n_distinct=9)
    >>> labels_of(mass, Wanted(mass, edges=(0.0, 0.5, 1.0)))
    ['below 0', '0 to 0.5', '0.5 to 1', 'above 1']
    """
    if wanted.values:
        return [*(label_of(column, value) for value in wanted.values), OTHER]
    words = _moment if wanted.column.stored in _DATES else "{:.12g}".format
    edges = [words(edge) for edge in wanted.edges]
    return [
        f"below {edges[0]}",
        *(f"{low} to {high}" if low != high else low for low, high in pairwise(edges)),
        f"above {edges[-1]}",
    ]


def _moment(seconds: float) -> str:
    """A moment since 1970 as a day, with its time where it has one."""
    days, rest = divmod(math.floor(seconds), DAY)
    year, month, day = civil(days)
    time = f" {rest // 3600:02d}:{rest % 3600 // 60:02d}" if rest else ""
    return f"{year:04d}-{month:02d}-{day:02d}{time}"


def _sql(wanted: Wanted) -> str:
    column, edges = wanted.column, wanted.edges
    c = quote(column.name)
    if not edges:
        return (
            f"histogram(CASE WHEN {c} IS NOT NULL THEN "
            f"coalesce(list_position(?::VARCHAR[], left({c}::VARCHAR, {_CUT})), 0) END)"
        )
    x = f"epoch({c}::TIMESTAMP)" if column.stored in _DATES else f"{c}::DOUBLE"
    finite = f"{c} IS NOT NULL" if column.stored == "BIGINT" else f"isfinite({c})"
    if wanted.is_even:
        return f"histogram(CASE WHEN {finite} THEN {_even_bin(x, edges)} END)"
    # bins of DuckDB hold their upper edges, not the lower: so the signs are turned
    return f"histogram(CASE WHEN {finite} THEN -({x}) END, {_turned(edges)}::DOUBLE[])"


def _even_bin(x: str, edges: Sequence[float]) -> str:
    """SQL of the place of a number among bins of one width, as the profile reckons it: -1 below, n above."""
    n = len(edges) - 1
    first, last = edges[0], edges[-1]
    inside = f"least({n - 1}, greatest(0, floor(({x} - ({first!r})) / {(last - first) / n!r})))"
    return f"(CASE WHEN {x} > {last!r} THEN {n} WHEN {x} < {first!r} THEN -1 ELSE {inside} END)::SMALLINT"


def _turned(edges: Sequence[float]) -> list[float]:
    """The edges with their signs turned; the last bin holds its upper edge, so that is moved by a hair."""
    return sorted(-edge for edge in (*edges[:-1], math.nextafter(edges[-1], math.inf)))


def _rows(wanted: Wanted, found: Mapping[Any, int]) -> tuple[int, ...]:
    edges = wanted.edges
    if not edges:
        return tuple(found.get(place, 0) for place in (*range(1, len(wanted.values) + 1), 0))
    if wanted.is_even:
        return tuple(found.get(place, 0) for place in range(-1, len(edges)))
    inner = [found.get(-edge, 0) for edge in edges[:-1]]
    above = found.get(_turned(edges)[0], 0)
    return (sum(found.values()) - sum(inner) - above, *inner, above)
