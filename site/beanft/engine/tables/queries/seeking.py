"""Asks a table for some rows of a view: from a start, in a direction, within a part of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from beanft.engine.tables.connection import LostError
from beanft.engine.tables.files import LOST_OR_DAMAGED


@dataclass(frozen=True, kw_only=True)
class View:
    """A table filtered and sorted."""

    path: Path
    """The version's Parquet file."""
    condition: str
    """SQL with one ? for each of `values`; "true" for all rows."""
    values: tuple[Any, ...]
    """Parameters of the condition."""
    keys: tuple[tuple[str, bool], ...]
    """What it is sorted by, the most important first: SQL of a column, and whether it descends."""

    @property
    def identity(self) -> str:
        """What tells it from other views, and the file from what was there before."""
        try:
            facts = self.path.stat()
        except OSError as error:
            raise LostError(LOST_OR_DAMAGED) from error
        file = (str(self.path), facts.st_mtime_ns, facts.st_size, facts.st_ino)
        return repr((file, self.condition, self.values, self.keys))

    @property
    def missing(self) -> "Part":
        """The rows whose value of the first key is missing."""
        return Part(f"{self.keys[0][0]} IS NULL")


@dataclass(frozen=True)
class Part:
    """A part of a view that should hold all rows of a page; without a condition it is the whole view."""

    condition: str = ""
    values: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Start:
    """Where a question for a page begins, and in which direction it goes."""

    n_skipped: int
    backward: bool = False
    row: tuple[Any, ...] | None = None
    """Keys and number of a row beside the wanted ones; None for an end of the view."""


@dataclass(frozen=True)
class Wanted:
    """The rows of a page within its view."""

    offset: int
    limit: int
    n_matching: int

    @property
    def first(self) -> float:
        """Share of the view's rows before it."""
        return self.offset / self.n_matching

    @property
    def last(self) -> float:
        """Share of the view's rows before its end."""
        return (self.offset + self.limit) / self.n_matching


def rows_from(
    database: duckdb.DuckDBPyConnection,
    source: str,
    view: View,
    start: Start,
    limit: int,
    part: Part | None = None,
) -> list[tuple[Any, ...]]:
    """Read keys and numbers of rows; only they are sorted, which keeps deep pages cheap.

    Parameters
    ----------
    database : duckdb.DuckDBPyConnection
        An open connection.
    source : str
        SQL of the table, with a column file_row_number.
    view : View
        What is looked at.
    start : Start
        Where to begin.
    limit : int
        Most rows.
    part : Part, optional
        The part of the view that is looked through.

    Returns
    -------
    list of tuple
        The keys of each row, and its number in the table, in the order of the view.
    """
    condition, values = _both(view, part)
    if start.row is not None:
        beyond, more = _beyond(view.keys, start.row, start.backward)
        condition, values = f"({condition}) AND ({beyond})", [*values, *more]
    columns = ", ".join([*(key for key, _ in view.keys), "file_row_number"])
    rows = database.execute(
        f"SELECT {columns} FROM {source} WHERE {condition} "  # noqa: S608 -- quoted names, bound values
        f"ORDER BY {order_sql(view.keys, backward=start.backward)} LIMIT ? OFFSET ?",
        [*values, limit, start.n_skipped],
    ).fetchall()
    return rows[::-1] if start.backward else rows


def count_rows(database: duckdb.DuckDBPyConnection, source: str, view: View, part: Part | None = None) -> int:
    """Count the rows of a view, or of a part of it.

    Parameters
    ----------
    database : duckdb.DuckDBPyConnection
        An open connection.
    source : str
        SQL of the table, with a column file_row_number.
    view : View
        What is looked at.
    part : Part, optional
        The part.

    Returns
    -------
    int
        Rows.
    """
    condition, values = _both(view, part)
    row = database.execute(
        f"SELECT count(*) FROM {source} WHERE {condition}",  # noqa: S608 -- quoted names, bound values
        values,
    ).fetchone()
    return int(row[0]) if row else 0


def _both(view: View, part: Part | None) -> tuple[str, list[Any]]:
    """The condition of a view, and that of a part of it."""
    if part is None or not part.condition:
        return view.condition, list(view.values)
    return f"({view.condition}) AND ({part.condition})", [*view.values, *part.values]


def order_sql(keys: Sequence[tuple[str, bool]], *, backward: bool = False) -> str:
    """Write what follows ORDER BY: missing values last, equals in the order of the file.

    Parameters
    ----------
    keys : sequence of (str, bool)
        SQL of each column, and whether it descends.
    backward : bool
        Whether the very last row comes first.

    Returns
    -------
    str
        SQL.

    Examples
    --------
    >>> order_sql([("a", True)], backward=True)
    'a ASC NULLS FIRST, file_row_number DESC'
    """
    nulls = "FIRST" if backward else "LAST"
    parts = [f"{key} {'DESC' if descending != backward else 'ASC'} NULLS {nulls}" for key, descending in keys]
    return ", ".join([*parts, "file_row_number DESC" if backward else "file_row_number"])


def _beyond(keys: Sequence[tuple[str, bool]], row: tuple[Any, ...], backward: bool) -> tuple[str, list[Any]]:
    """The rows that come after a row in the order, or before it."""
    if not keys:
        return f"file_row_number {'<' if backward else '>'} ?", [row[-1]]
    (key, descending), value = keys[0], row[0]
    equal, more = _beyond(keys[1:], row[1:], backward)
    if value is None:
        same = f"{key} IS NULL AND ({equal})"
        return (f"{key} IS NOT NULL OR ({same})" if backward else same), more
    sign = "<" if descending != backward else ">"
    missing = "" if backward else f" OR {key} IS NULL"
    return f"{key} {sign} ? OR ({key} = ? AND ({equal})){missing}", [value, value, *more]
