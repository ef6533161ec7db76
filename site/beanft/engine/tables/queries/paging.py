"""Finds the numbers of the rows of a page, starting from pages that were shown before."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from beanft.engine.tables.connection import LostError
from beanft.engine.tables.files import LOST_OR_DAMAGED

_VIEWS = 256  # views whose counts and bookmarks are remembered; each takes some kilobytes at most
_BOOKMARKS = 100  # of one view
_LONGEST = 200  # characters of a key; rows with longer ones get no bookmark
_ONE_PASS = 1000  # rows up to which the first ones are found while they are counted
_ENDLESS = (date.max, date.min, datetime.max, datetime.min)  # infinite dates come out as these, but are not


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


@dataclass(frozen=True)
class _Start:
    """Where a question for a page begins, and in which direction it goes."""

    n_skipped: int
    backward: bool = False
    row: tuple[Any, ...] | None = None
    """Keys and number of a row beside the wanted ones; None for an end of the view."""


@dataclass
class _Remembered:
    """What was learnt of a view."""

    n_matching: int | None = None
    rows: OrderedDict[int, tuple[Any, ...]] = field(default_factory=OrderedDict)
    """Keys and number of the row at a position."""


class _Memory:
    """What was learnt of the views asked for lately."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._views: OrderedDict[str, _Remembered] = OrderedDict()

    def count(self, view: str) -> int | None:
        with self._lock:
            return self._of(view).n_matching

    def keep_count(self, view: str, n_matching: int) -> None:
        with self._lock:
            self._of(view).n_matching = n_matching

    def rows(self, view: str) -> dict[int, tuple[Any, ...]]:
        with self._lock:
            return dict(self._of(view).rows)

    def keep_row(self, view: str, position: int, row: tuple[Any, ...]) -> None:
        if not all(map(_can_be_bound, row)):
            return
        with self._lock:
            rows = self._of(view).rows
            rows[position] = row
            if len(rows) > _BOOKMARKS:
                rows.popitem(last=False)

    def _of(self, view: str) -> _Remembered:
        found = self._views.setdefault(view, _Remembered())
        self._views.move_to_end(view)
        if len(self._views) > _VIEWS:
            self._views.popitem(last=False)
        return found


_memory = _Memory()


def find_rows(
    database: duckdb.DuckDBPyConnection, source: str, view: View, *, n_rows: int, offset: int, limit: int
) -> tuple[int, list[int]]:
    """Count the rows of a view, and find the numbers of those of one page.

    A page deep in an order is found from the nearest row known: an end of the view, or a page shown before.

    Parameters
    ----------
    database : duckdb.DuckDBPyConnection
        An open connection.
    source : str
        SQL of the table, with a column file_row_number.
    view : View
        What is looked at.
    n_rows : int
        Rows of the table.
    offset, limit : int
        Rows before the page, and on it.

    Returns
    -------
    n_matching : int
        Rows of the view.
    numbers : list of int
        Numbers of the page's rows in the table, from 0, in their order.
    """
    identity = view.identity
    n_matching = n_rows if view.condition == "true" else _memory.count(identity)
    if n_matching is None and not view.keys and offset + limit <= _ONE_PASS:
        n_matching, first = _count_and_find(database, source, view, offset + limit)
        _memory.keep_count(identity, n_matching)
        return n_matching, first[offset:]
    if n_matching is None:
        n_matching = _count(database, source, view)
        _memory.keep_count(identity, n_matching)
    limit = min(limit, n_matching - offset)
    if limit <= 0:
        return n_matching, []
    if view.condition == "true" and not view.keys:
        return n_matching, list(range(offset, offset + limit))
    start = _start(_memory.rows(identity), n_matching, offset, limit)
    rows = _rows_from(database, source, view, start, limit)
    for position, row in ((offset, rows[:1]), (offset + limit - 1, rows[-1:])):
        if row:
            _memory.keep_row(identity, position, row[0])
    return n_matching, [row[-1] for row in rows]


def _count(database: duckdb.DuckDBPyConnection, source: str, view: View) -> int:
    row = database.execute(
        f"SELECT count(*) FROM {source} WHERE {view.condition}",  # noqa: S608 -- quoted names, bound values
        list(view.values),
    ).fetchone()
    return int(row[0]) if row else 0


def _count_and_find(
    database: duckdb.DuckDBPyConnection, source: str, view: View, n: int
) -> tuple[int, list[int]]:
    """The first rows of an unsorted view, found in the pass that counts them."""
    row = database.execute(
        f"SELECT count(*), min(file_row_number, {max(1, n)}) "  # noqa: S608 -- quoted names, bound values
        f"FROM {source} WHERE {view.condition}",
        list(view.values),
    ).fetchone()
    n_matching, numbers = row or (0, None)
    return n_matching, list(numbers or [])[:n]


def _start(known: dict[int, tuple[Any, ...]], n_matching: int, offset: int, limit: int) -> _Start:
    """The known row from which the fewest must be skipped.

    >>> _start({}, 1000, 900, 50)
    _Start(n_skipped=50, backward=True, row=None)
    >>> _start({899: ("x", 7)}, 1000, 900, 50)
    _Start(n_skipped=0, backward=False, row=('x', 7))
    """
    starts = [_Start(offset), _Start(n_matching - offset - limit, backward=True)]
    for position, row in known.items():
        if position < offset:
            starts.append(_Start(offset - position - 1, row=row))
        elif position >= offset + limit:
            starts.append(_Start(position - offset - limit, backward=True, row=row))
    return min(starts, key=lambda start: start.n_skipped)


def _rows_from(
    database: duckdb.DuckDBPyConnection, source: str, view: View, start: _Start, limit: int
) -> list[tuple[Any, ...]]:
    """Keys and numbers of the page's rows; only they are sorted, which keeps deep pages cheap."""
    condition, values = view.condition, list(view.values)
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


def _can_be_bound(value: Any) -> bool:
    """Whether a key comes back as the value that it was."""
    if isinstance(value, str):
        return len(value) <= _LONGEST
    return value is None or (isinstance(value, (int, float, Decimal, date)) and value not in _ENDLESS)
