"""Pages of rows, filters and frames from a version's Parquet file, without ever loading the file."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from beanft.engine.errors import EngineError
from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.connection import connect, quote
from beanft.engine.tables.profile import source_sql
from beanft.engine.tables.wording import listed, shown

MOST_ROWS = 1000
"""Rows that one page may hold."""

_MEMORY_MB = 512
_FRAME_S = 600.0

_MISSING = {"is-missing": "is missing", "is-not-missing": "is not missing"}
_EQUAL = {"equals": "is", "not-equals": "is not"}
_TEXT = {**_EQUAL, "contains": "contains", "starts-with": "starts with", **_MISSING}
OPERATORS: dict[str, dict[str, str]] = {
    "number": {
        **_EQUAL,
        "at-least": "at least",
        "at-most": "at most",
        "more-than": "more than",
        "less-than": "less than",
        **_MISSING,
    },
    "date": {**_EQUAL, "at-least": "on or after", "at-most": "on or before", **_MISSING},
    "boolean": {**_EQUAL, **_MISSING},
    "category": _TEXT,
    "text": _TEXT,
    "identifier": _TEXT,
    "constant": _TEXT,
}
"""The operators of each kind and their labels; nothing else is ever put into a statement."""

_COMPARED = {
    "equals": "IS NOT DISTINCT FROM",
    "not-equals": "IS DISTINCT FROM",
    "at-least": ">=",
    "at-most": "<=",
    "more-than": ">",
    "less-than": "<",
}


@dataclass(frozen=True)
class Filter:
    """One condition on the rows."""

    column: str
    """Name of the column."""
    operator: str
    """A key of OPERATORS for the column's kind."""
    value: Any = None
    """What is compared with, as text or as a plain value; nothing for is-missing and is-not-missing."""


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


def page(
    path: Path,
    profile: Profile,
    *,
    filters: Sequence[Filter] = (),
    sorts: Sequence[Sort] = (),
    offset: int = 0,
    limit: int = 50,
    columns: Sequence[str] = (),
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
    offset : int
        Rows left out at the start, at least 0.
    limit : int
        Rows wanted, 0 to 1000; more are cut.
    columns : sequence of str
        Columns wanted; all when empty.
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
    names = tuple(_column(profile, name).name for name in columns) or _names(profile)
    offset, limit = max(0, offset), min(MOST_ROWS, max(0, limit))
    condition, values = where(profile, filters)
    order = order_by(profile, sorts)
    with connect(folders=[path.parent], memory_mb=memory_mb, timeout_s=timeout_s) as database:
        n_matching = _count(database, path, condition, values) if filters else profile.n_rows
        if filters or sorts:
            numbers = _row_numbers(database, path, condition, values, order, offset, limit)
        else:
            numbers = list(range(offset, min(offset + limit, profile.n_rows)))
        rows = _rows(database, path, names, numbers)
    return Page(names, rows, tuple(number + 1 for number in numbers), n_matching, profile.n_rows)


def where(profile: Profile, filters: Sequence[Filter]) -> tuple[str, list[Any]]:
    """Write filters as an SQL condition with its parameters.

    Parameters
    ----------
    profile : Profile
        The table's profile.
    filters : sequence of Filter
        Conditions that must all hold.

    Returns
    -------
    condition : str
        SQL with one ? for each parameter; "true" without filters.
    values : list
        The parameters in order.

    Raises
    ------
    EngineError
        When a column or operator is unknown, or a value does not fit the kind.

    Examples
    --------
    >>> age = Column(name="age", kind="number", stored="BIGINT", n_missing=0, n_distinct=3)
    >>> where(Profile(n_rows=3, columns=(age,)), [Filter("age", "at-least", "18")])
    ('("age" >= ?)', [18])
    """
    conditions, values = [], []
    for one in filters:
        column = _column(profile, one.column)
        if one.operator not in OPERATORS[column.kind]:
            raise EngineError(
                f"{shown(str(one.operator))} is no question for {shown(column.name)}, "
                f"which is a {column.kind} column. "
                f"Choose one of: {', '.join(OPERATORS[column.kind])}."
            )
        condition, parameters = _condition(column, one)
        conditions.append(f"({condition})")
        values += parameters
    return " AND ".join(conditions) or "true", values


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
    keys = [
        f"{quote(_column(profile, sort.column).name)} {'DESC' if sort.descending else 'ASC'} NULLS LAST"
        for sort in sorts
    ]
    return ", ".join([*keys, "file_row_number"])


def frame(
    path: Path, profile: Profile, *, columns: Sequence[str], limit: int | None = None, seed: int = 0
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
    chosen = [_column(profile, name) for name in dict.fromkeys(columns)]
    wanted = ["file_row_number AS n", *(f"{_frame_sql(one)} AS c{at}" for at, one in enumerate(chosen))]
    sql = f"SELECT {', '.join(wanted)} FROM {source_sql(path)}"  # noqa: S608 -- quoted names
    with connect(folders=[path.parent], timeout_s=_FRAME_S) as database:
        if limit is not None and limit < profile.n_rows:
            _choose_rows(database, profile.n_rows, limit, seed)
            sql += " WHERE file_row_number IN (SELECT n FROM chosen)"
        arrays = database.execute(f"{sql} ORDER BY n").fetchnumpy()
    data = {one.name: _series(one, arrays[f"c{at}"]) for at, one in enumerate(chosen)}
    numbers = pd.Index(np.asarray(arrays["n"]))
    loaded = pd.DataFrame(data, index=range(len(numbers)))
    return loaded.set_axis(numbers)  # set afterwards: an index given above would realign the columns


def _names(profile: Profile) -> tuple[str, ...]:
    return tuple(column.name for column in profile.columns)


def _column(profile: Profile, name: str) -> Column:
    try:
        return profile.column(name)
    except KeyError:
        known = listed(_names(profile))
        raise EngineError(f"The table has no column {shown(str(name))}. Its columns are {known}.") from None


def _condition(column: Column, one: Filter) -> tuple[str, list[Any]]:
    """SQL of one filter whose operator is known to fit."""
    name = quote(column.name)
    if one.operator in _MISSING:
        return f"{name} IS {'NOT ' if one.operator == 'is-not-missing' else ''}NULL", []
    if column.kind == "number":
        return f"{name} {_COMPARED[one.operator]} ?", [_number(column, one)]
    if column.kind == "boolean":
        return f"{name} {_COMPARED[one.operator]} ?", [_truth(column, one)]
    if column.kind == "date":
        return _date_condition(column, one)
    return _text_condition(f"{name}::VARCHAR", one)


def _text_condition(name: str, one: Filter) -> tuple[str, list[Any]]:
    text = "" if one.value is None else str(one.value)
    if one.operator in _EQUAL:
        return f"{name} {_COMPARED[one.operator]} ?", [text]
    escaped = "".join(f"\\{sign}" if sign in "\\%_" else sign for sign in text)
    start = "" if one.operator == "starts-with" else "%"
    return f"{name} ILIKE ? ESCAPE '\\'", [f"{start}{escaped}%"]


def _date_condition(column: Column, one: Filter) -> tuple[str, list[Any]]:
    """A day means all its hours, also in a column of times."""
    name, moment = f"{quote(column.name)}::TIMESTAMP", _moment(column, one)
    end = moment
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day)
        end = moment + timedelta(days=1)
    else:
        end = moment + timedelta(microseconds=1)
    return {
        "equals": (f"{name} >= ? AND {name} < ?", [moment, end]),
        "not-equals": (f"{name} IS NULL OR {name} < ? OR {name} >= ?", [moment, end]),
        "at-least": (f"{name} >= ?", [moment]),
        "at-most": (f"{name} < ?", [end]),
    }[one.operator]


def _number(column: Column, one: Filter) -> int | float:
    text = str(one.value).strip()
    number: int | float
    try:
        number = int(text) if column.stored == "BIGINT" and text.lstrip("+-").isdigit() else float(text)
    except ValueError:
        raise _unfit(column, one, "a number") from None
    if isinstance(number, int) and not -(2**63) <= number < 2**63:
        number = float(number)
    if math.isnan(number) or math.isinf(number):
        raise _unfit(column, one, "a number")
    return number


def _truth(column: Column, one: Filter) -> bool:
    known = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    text = str(one.value).strip().lower()
    if text not in known:
        raise _unfit(column, one, "true or false")
    return known[text]


def _moment(column: Column, one: Filter) -> date:
    if isinstance(one.value, date):
        moment = one.value
    else:
        text = str(one.value).strip()
        parse: Callable[[str], date] = date.fromisoformat if len(text) <= 10 else datetime.fromisoformat
        try:
            moment = parse(text)
        except ValueError:
            raise _unfit(column, one, "a date such as 2024-12-31") from None
    return moment.replace(tzinfo=None) if isinstance(moment, datetime) else moment


def _unfit(column: Column, one: Filter, what: str) -> EngineError:
    value = "" if one.value is None else str(one.value)
    label = OPERATORS[column.kind][one.operator]
    question = shown(f"{column.name[:60]} {label} {value[:60]}", 200)
    return EngineError(f"{shown(value)} is not {what}, so {question} cannot be answered.")


def _count(database: duckdb.DuckDBPyConnection, path: Path, condition: str, values: list[Any]) -> int:
    row = database.execute(
        f"SELECT count(*) FROM {source_sql(path)} WHERE {condition}",  # noqa: S608 -- quoted names, bound values
        values,
    ).fetchone()
    return int(row[0]) if row else 0


def _row_numbers(
    database: duckdb.DuckDBPyConnection,
    path: Path,
    condition: str,
    values: list[Any],
    order: str,
    offset: int,
    limit: int,
) -> list[int]:
    """First step: only keys and row numbers are sorted, which keeps deep pages cheap."""
    found = database.execute(
        f"SELECT file_row_number FROM {source_sql(path)} WHERE {condition} "  # noqa: S608 -- quoted names, bound values
        f"ORDER BY {order} LIMIT ? OFFSET ?",
        [*values, limit, offset],
    ).fetchall()
    return [int(row[0]) for row in found]


def _rows(
    database: duckdb.DuckDBPyConnection, path: Path, names: Sequence[str], numbers: Sequence[int]
) -> tuple[tuple[Any, ...], ...]:
    """Second step: the rows of those numbers, put in their order here, not by the engine."""
    if not numbers:
        return ()
    wanted = ", ".join(quote(name) for name in names)
    found = database.execute(
        f"SELECT file_row_number, {wanted} FROM {source_sql(path)} "  # noqa: S608 -- quoted names, bound values
        "WHERE file_row_number BETWEEN ? AND ? AND file_row_number IN (SELECT unnest(?::BIGINT[]))",
        [min(numbers), max(numbers), list(numbers)],
    ).fetchall()
    by_number = {row[0]: tuple(row[1:]) for row in found}
    return tuple(by_number[number] for number in numbers)


def _frame_sql(column: Column) -> str:
    name = quote(column.name)
    if column.kind in ("category", "text", "boolean") or column.stored in ("VARCHAR", "BOOLEAN"):
        return f"{name}::VARCHAR"
    return f"{name}::TIMESTAMP" if column.stored in ("DATE", "TIMESTAMP") else name


def _choose_rows(database: duckdb.DuckDBPyConnection, n_rows: int, limit: int, seed: int) -> None:
    """Keep the numbers of the sampled rows in a table of the connection."""
    chosen = np.random.default_rng(seed).choice(n_rows, size=limit, replace=False, shuffle=False)
    database.register("numbers", pd.DataFrame({"n": np.sort(chosen).astype("int64")}))
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
