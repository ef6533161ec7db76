"""Pages of rows and frames from a version's Parquet file, without ever loading the file."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.connection import ask, quote, reading, row_place, table
from beanft.engine.tables.profiling.asking import source_sql
from beanft.engine.tables.queries.conditions import Filter, column_of, where
from beanft.engine.tables.queries.paging import find_rows
from beanft.engine.tables.queries.search import containing
from beanft.engine.tables.queries.seeking import View, order_sql
from beanft.engine.tables.records.fields import Field
from beanft.engine.tables.records.reading import Records, known_records, read_records

MOST_ROWS = 1000
"""Rows that one page may hold."""

_MEMORY_MB = 512
_FRAME_S = 600.0
_WHOLE: Mapping[str, int] = {}
# What records can be the cause of; all else is the copy's, which `ask` then does without.
_OF_RECORDS = (duckdb.DataError, duckdb.ProgrammingError, LookupError, ArithmeticError)

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sort:
    """One order of the rows."""

    column: str
    """Name of the column."""
    descending: bool = False
    """Largest first; missing values come last in both directions."""


@dataclass(frozen=True)
class Page:
    """Some rows of a table."""

    columns: tuple[str, ...]
    """Names of the columns shown."""
    rows: tuple[tuple[Any, ...], ...]
    """Values: int, float, str, bool, date, datetime or None."""
    row_numbers: tuple[int, ...]
    """Number of each row in the table, from 1."""
    n_matching: int
    """Rows that fulfil all filters."""
    n_rows: int
    """Rows of the table."""


_Found = tuple[int, list[int], tuple[tuple[Any, ...], ...]]


def page(
    path: Path,
    profile: Profile,
    *,
    filters: Sequence[Filter] = (),
    sorts: Sequence[Sort] = (),
    search: str = "",
    offset: int = 0,
    limit: int = 50,
    columns: Sequence[str] = (),
    longest: Mapping[str, int] = _WHOLE,
    timeout_s: float = 10.0,
    memory_mb: int = _MEMORY_MB,
) -> Page:
    """Fetch some rows of a table, filtered and sorted.

    Parameters
    ----------
    path : Path
        The version's Parquet file.
    profile : Profile
        Its profile.
    filters : sequence of Filter
        Conditions that must all hold.
    sorts : sequence of Sort
        Orders, the most important first; equals keep the order of the file.
    search : str
        Text that some column of a row must hold (see `containing`); nothing finds every row.
    offset : int
        Rows left out at the start, at least 0.
    limit : int
        Rows wanted, 0 to 1000; more are cut.
    columns : sequence of str
        Columns wanted; all when empty.
    longest : mapping of str to int
        Columns of text of which only that many characters a cell are fetched: a cell may have megabytes.
    timeout_s : float
        Seconds after which the query is stopped.
    memory_mb : int
        Memory for the engine, in megabytes.

    Returns
    -------
    Page
        The rows, and how many match in all.

    Raises
    ------
    EngineError
        When a column or operator is unknown, a value does not fit, or it takes too long.
    """
    chosen = [column_of(profile, name) for name in columns] or profile.columns
    names = tuple(column.name for column in chosen)
    offset, limit = max(0, offset), min(MOST_ROWS, max(0, limit))
    condition, values = conditions(profile, filters, search)
    keys = _keys(profile, sorts)
    view = View(path=path, condition=condition, values=tuple(values), keys=keys)

    def fetch(database: duckdb.DuckDBPyConnection, records: Records) -> _Found:
        source = table(database, path)
        n_matching, numbers = find_rows(
            database, source, view, n_rows=profile.n_rows, offset=offset, limit=limit, records=records
        )
        return n_matching, numbers, _rows(database, source, records, names, longest, numbers)

    def fetch_quickest(database: duckdb.DuckDBPyConnection) -> _Found:
        records = known_records(database, table(database, path))
        if not records.orders and not records.fields:
            return fetch(database, records)
        try:
            return fetch(database, records)
        except _OF_RECORDS:
            found = fetch(database, Records())
            _log.exception("the records of a quick copy cannot be read, so its columns are")
            return found

    n_matching, numbers, rows = ask(path, fetch_quickest, memory_mb=memory_mb, timeout_s=timeout_s)
    return Page(names, rows, tuple(number + 1 for number in numbers), n_matching, profile.n_rows)


def conditions(profile: Profile, filters: Sequence[Filter], search: str = "") -> tuple[str, list[Any]]:
    """Write filters and a search as one SQL condition with its parameters.

    Parameters
    ----------
    profile : Profile
        The table's profile.
    filters : sequence of Filter
        Conditions that must all hold.
    search : str
        Text that some column must hold.

    Returns
    -------
    condition : str
        SQL with one ? for each parameter; "true" without filters and search.
    values : list
        The parameters in order.

    Raises
    ------
    EngineError
        When a column or operator is unknown, or a value does not fit.
    """
    filtered, values = where(profile, filters)
    found, texts = containing(profile, search)
    condition = " AND ".join(one for one in (filtered, found) if one != "true") or "true"
    return condition, [*values, *texts]


def order_by(profile: Profile, sorts: Sequence[Sort]) -> str:
    """Write sorts as SQL; missing values last, equals in the order of the file.

    Parameters
    ----------
    profile : Profile
        The table's profile.
    sorts : sequence of Sort
        Orders, the most important first.

    Returns
    -------
    str
        What follows ORDER BY.

    Raises
    ------
    EngineError
        When a column is unknown.
    """
    return order_sql(_keys(profile, sorts))


def _keys(profile: Profile, sorts: Sequence[Sort]) -> tuple[tuple[str, bool], ...]:
    return tuple((quote(column_of(profile, sort.column).name), sort.descending) for sort in sorts)


def frame(
    path: Path,
    profile: Profile,
    *,
    columns: Sequence[str],
    limit: int | None = None,
    seed: int = 0,
    rows: np.ndarray | None = None,
) -> pd.DataFrame:
    """Load some columns for learning, rows in the order of the file.

    Parameters
    ----------
    path : Path
        The version's Parquet file.
    profile : Profile
        Its profile.
    columns : sequence of str
        Columns wanted.
    limit : int, optional
        Most rows; when the table has more, an even random sample is taken.
    seed : int
        Decides the sample; the same seed gives the same rows.
    rows : array of shape (n_wanted,), optional
        Numbers of the rows wanted, instead of all or a sample.

    Returns
    -------
    DataFrame of shape (n_rows, n_columns)
        Numbers as int64, or float64 when some are missing (NaN) or not whole; dates as datetime64 (NaT);
        all else, true/false too, as text with None for missing. The index is the row number from 0.

    Raises
    ------
    EngineError
        When a column is unknown or the table does not fit into memory.
    """
    chosen = [column_of(profile, name) for name in dict.fromkeys(columns)]
    wanted = ["file_row_number AS n", *(f"{_frame_sql(one)} AS c{at}" for at, one in enumerate(chosen))]
    sql = f"SELECT {', '.join(wanted)} FROM {source_sql(path)}"  # noqa: S608 -- quoted names
    with reading(path, timeout_s=_FRAME_S) as database:
        if rows is None and limit is not None and limit < profile.n_rows:
            rows = _sampled(profile.n_rows, limit, seed)
        if rows is not None:
            _choose(database, rows)
            sql += " WHERE file_row_number IN (SELECT n FROM chosen)"
        arrays = database.execute(f"{sql} ORDER BY n").fetchnumpy()
    data = {one.name: _series(one, arrays[f"c{at}"]) for at, one in enumerate(chosen)}
    numbers = pd.Index(np.asarray(arrays["n"]))
    loaded = pd.DataFrame(data, index=range(len(numbers)))
    return loaded.set_axis(numbers)  # set afterwards: an index given above would realign the columns


def _rows(
    database: duckdb.DuckDBPyConnection,
    source: str,
    records: Records,
    names: Sequence[str],
    longest: Mapping[str, int],
    numbers: Sequence[int],
) -> tuple[tuple[Any, ...], ...]:
    """Second step: the rows of those numbers, from the records what they hold, all else from its columns."""
    if not numbers:
        return ()
    packed = [name for name in names if name in records.fields and _can_cut(records.fields[name], longest)]
    others = [name for name in names if name not in packed]
    read = read_records(database, source, records, packed, numbers) if packed else {}
    wanted = [_cut_sql(name, longest.get(name)) for name in others]
    found = _from_columns(database, source, wanted, numbers) if others else {}
    places = {name: (read, at, longest.get(name)) for at, name in enumerate(packed)}
    places |= {name: (found, at, None) for at, name in enumerate(others)}
    return tuple(tuple(_cell(*places[name], number) for name in names) for number in numbers)


def _cell(rows: Mapping[int, Sequence[Any]], at: int, longest: int | None, number: int) -> Any:
    value = rows[number][at]
    return value if longest is None or value is None else value[:longest]


def _can_cut(field: Field, longest: Mapping[str, int]) -> bool:
    """Whether a cell from the records can be shortened as asked; other types than text are not cut here."""
    return field.is_text or field.name not in longest


def _from_columns(
    database: duckdb.DuckDBPyConnection, source: str, wanted: Sequence[str], numbers: Sequence[int]
) -> dict[int, tuple[Any, ...]]:
    """Rows by their numbers, put in their order later, not by the engine."""
    by_number: dict[int, tuple[Any, ...]] = {}
    for place in dict.fromkeys((row_place(source), "file_row_number")):
        found = database.execute(
            f"SELECT file_row_number, {', '.join(wanted)} FROM {source} "  # noqa: S608 -- quoted names, bound values
            f"WHERE {place} BETWEEN ? AND ? AND {place} IN (SELECT unnest(?::BIGINT[]))",
            [min(numbers), max(numbers), list(numbers)],
        ).fetchall()
        by_number = {row[0]: tuple(row[1:]) for row in found}
        if by_number.keys() == set(numbers):  # rows lie at other places when the copy lost its order
            break
    return by_number


def _cut_sql(name: str, longest: int | None) -> str:
    """A column as it is, or the beginning of its texts."""
    return quote(name) if longest is None else f"left({quote(name)}::VARCHAR, {longest:d})"


def _frame_sql(column: Column) -> str:
    name = quote(column.name)
    if column.kind in ("category", "text", "boolean") or column.stored in ("VARCHAR", "BOOLEAN"):
        return f"{name}::VARCHAR"
    return f"{name}::TIMESTAMP" if column.stored in ("DATE", "TIMESTAMP") else name


def _sampled(n_rows: int, limit: int, seed: int) -> np.ndarray:
    """Numbers of an even random sample of the rows, ascending."""
    return np.sort(np.random.default_rng(seed).choice(n_rows, size=limit, replace=False, shuffle=False))


def _choose(database: duckdb.DuckDBPyConnection, rows: np.ndarray) -> None:
    """Keep the numbers of the rows wanted in a table of the connection."""
    database.register("numbers", pd.DataFrame({"n": rows.astype("int64")}))
    database.execute("CREATE TEMP TABLE chosen AS SELECT n FROM numbers")


def _series(column: Column, values: Any) -> pd.Series:
    """One column of a frame from the engine's (masked) array."""
    mask = np.ma.getmaskarray(values)
    plain = np.ma.getdata(values)
    if column.kind in ("category", "text", "boolean") or column.stored in ("VARCHAR", "BOOLEAN"):
        texts = plain.astype(object)
        texts[mask] = None
        return pd.Series(texts, dtype=object)
    if column.stored in ("DATE", "TIMESTAMP"):
        moments = plain.copy()
        moments[mask] = np.datetime64("NaT")
        return pd.Series(moments)
    if not mask.any():
        return pd.Series(plain)
    numbers = plain.astype("float64")
    numbers[mask] = np.nan
    return pd.Series(numbers)
