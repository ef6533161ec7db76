"""Finds the numbers of the rows of a page, starting from pages that were shown before."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from beanft.engine.tables.connection import LostError
from beanft.engine.tables.files import LOST_OR_DAMAGED
from beanft.engine.tables.queries.landmarks import Landmarks, around, sample_landmarks
from beanft.engine.tables.queries.remembered import Memory
from beanft.engine.tables.quoting import quote
from beanft.engine.tables.records.fields import key_sql
from beanft.engine.tables.records.marks import Marks, Stretch, read_marks
from beanft.engine.tables.records.reading import Records, records_of

_ONE_PASS = 1000  # rows up to which the first ones are found while they are counted
_LARGE = 500_000  # rows of a view from which landmarks save more time than they take
_FAR = 20_000  # rows that are rather counted than skipped
_MARGINS = (1 / 256, 1 / 16)  # how far from a page its landmarks are looked for, as shares of the view


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


@dataclass(frozen=True)
class _Stretch:
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


@dataclass(frozen=True)
class _Part:
    """A part of a view that should hold all rows of a page; without a condition it is the whole view."""

    condition: str = ""
    values: tuple[Any, ...] = ()


_memory = Memory()
_NO_RECORDS = Records()


def find_rows(
    database: duckdb.DuckDBPyConnection,
    source: str,
    view: View,
    *,
    n_rows: int,
    offset: int,
    limit: int,
    records: Records = _NO_RECORDS,
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
    records : Records
        What the records of a quick copy hold.

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
    numbers = _memory.page(identity, offset, limit)
    if numbers is None:
        numbers = _find_marked(database, source, view, records, _Stretch(offset, limit, n_matching))
        if numbers is not None:
            _memory.keep_page(identity, offset, limit, numbers)
    if numbers is None:
        rows = _find_page(database, source, view, n_rows, _Stretch(offset, limit, n_matching))
        for position, row in ((offset, rows[:1]), (offset + limit - 1, rows[-1:])):
            if row:
                _memory.keep_row(identity, position, row[0])
        numbers = [row[-1] for row in rows]
        _memory.keep_page(identity, offset, limit, numbers)
    return n_matching, numbers


def _find_marked(
    database: duckdb.DuckDBPyConnection, source: str, view: View, records: Records, wanted: _Stretch
) -> list[int] | None:
    """Numbers of a page's rows, by the marks of an order of the whole table; None where it has none."""
    order = _order(source, view, records)
    if order is None:
        return None
    marks = read_marks(database, source, order.name, records.orders[order.name], wanted.n_matching)
    if marks is None:
        return None
    parts = list(_parts(marks, wanted, descending=view.keys[0][1]))
    # Among many equal values, which a further key sorts; by their numbers alone they are found quicker.
    is_far = len(order.keys) > 1 and any(start.n_skipped > _FAR for _, start, _ in parts)
    if is_far and _nearest(view, wanted).n_skipped <= _FAR:
        return None
    numbers: list[int] = []
    for where, start, limit in parts:
        numbers += _within_marks(database, source, view, order, where, start, limit)
    if len(numbers) < wanted.limit:
        return None
    if is_far:
        _keep_ends(database, source, view, wanted, numbers)
    return numbers


def _parts(marks: Marks, wanted: _Stretch, *, descending: bool) -> Iterator[tuple[Stretch, _Start, int]]:
    """Where a page's rows with a value and those without lie, from the nearer end, and how many there are."""
    n_valued = min(wanted.limit, max(0, marks.n_valid - wanted.offset))
    for offset, limit in ((wanted.offset, n_valued), (wanted.offset + n_valued, wanted.limit - n_valued)):
        if limit:
            where = marks.stretch(offset, limit, descending=descending)
            n_skipped = offset - where.n_before
            back = where.n_rows - n_skipped - limit
            yield where, _Start(min(n_skipped, back), backward=back < n_skipped), limit


def _keep_ends(
    database: duckdb.DuckDBPyConnection, source: str, view: View, wanted: _Stretch, numbers: Sequence[int]
) -> None:
    """Remember the first and last row of a page, with the keys that the table holds."""
    columns = ", ".join(key for key, _ in view.keys)
    for position, number in ((wanted.offset, numbers[0]), (wanted.offset + wanted.limit - 1, numbers[-1])):
        row = database.execute(
            f"SELECT {columns}, file_row_number FROM {source} WHERE file_row_number = ?",  # noqa: S608 -- quoted names
            [number],
        ).fetchone()
        if row:
            _memory.keep_row(view.identity, position, row)


def _within_marks(
    database: duckdb.DuckDBPyConnection,
    source: str,
    view: View,
    order: "_Order",
    where: Stretch,
    start: _Start,
    limit: int,
) -> list[int]:
    """Numbers of some rows of a stretch."""
    if where.is_missing:  # of equal rows the first and last are found at once by the column of their numbers
        others = replace(view, keys=view.keys[1:])
        rows = _rows_from(database, source, others, start, limit, _missing(view))
    else:
        above = order.lowest if where.above is None else where.above
        part = _inside(order.keys[0][0], above, where.upto)
        rows = _rows_from(database, order.table, replace(view, keys=order.keys), start, limit, part)
    return [row[-1] for row in rows]


@dataclass(frozen=True, kw_only=True)
class _Order:
    """What is sorted where an order of the whole table has marks."""

    name: str
    """The first column."""
    table: str
    keys: tuple[tuple[str, bool], ...]
    lowest: int | None = None
    """What all its values are above, where that is not told by the missing ones being NULL."""


def _order(source: str, view: View, records: Records) -> _Order | None:
    """Texts are sorted by their numbers in the records, all else by itself; None where that cannot be."""
    names = {quote(name): name for name in records.orders}
    if view.condition != "true" or not view.keys or view.keys[0][0] not in names:
        return None
    (key, descending), others = view.keys[0], view.keys[1:]
    field = records.fields.get(names[key])
    if field is None or not field.is_text or field.place < 0:
        return _Order(name=names[key], table=source, keys=view.keys)
    further = _packed_keys(records, others)
    if further is None:
        return None
    return _Order(
        name=names[key],
        table=f"(SELECT rowid AS file_row_number, * FROM {records_of(source)})",  # noqa: S608 -- a name of our own
        keys=((field.column, descending), *further),
        lowest=0 if field.can_miss else None,
    )


def _packed_keys(records: Records, keys: Sequence[tuple[str, bool]]) -> list[tuple[str, bool]] | None:
    """The further keys of an order, from the records; None where they do not hold one of them in order."""
    fields = {quote(name): field for name, field in records.fields.items()}
    if any(key not in fields or fields[key].odd for key, _ in keys):
        return None
    chosen = [(fields[key], descending) for key, descending in keys]
    # What takes no room has one value: it orders nothing, and ORDER BY 0 would name a column that is not.
    return [(key_sql(one), descending) for one, descending in chosen if one.place >= 0 or one.is_relative]


def _inside(key: str, above: Any | None, upto: Any | None) -> _Part:
    ends = [(f"{key} {sign} ?", end) for sign, end in ((">", above), ("<=", upto)) if end is not None]
    return _Part(" AND ".join(sql for sql, _ in ends) or f"{key} IS NOT NULL", tuple(end for _, end in ends))


def _find_page(
    database: duckdb.DuckDBPyConnection, source: str, view: View, n_rows: int, wanted: _Stretch
) -> list[tuple[Any, ...]]:
    """Keys and numbers of a page's rows: from the part that should hold them, else from the whole view."""
    start = _nearest(view, wanted)
    if view.keys and wanted.n_matching >= _LARGE:
        landmarks = _landmarks(database, source, view, n_rows)
        if start.n_skipped > _FAR:
            rows = _rows_between(database, source, view, landmarks, wanted)
        else:
            part = _part(view, start, landmarks, wanted)
            if (
                start.backward
                and start.row is None
                and (landmarks.share_missing or _count(database, source, view, _missing(view)))
            ):
                part = _Part()  # from the end the missing ones come first, which no landmark tells
            rows = _rows_from(database, source, view, start, wanted.limit, part)
        if len(rows) == wanted.limit:
            return rows
    return _rows_from(database, source, view, start, wanted.limit)


def _landmarks(database: duckdb.DuckDBPyConnection, source: str, view: View, n_rows: int) -> Landmarks:
    """The landmarks of the first key; those of an order serve all orders that begin with the same column."""
    identity = replace(view, keys=((view.keys[0][0], False),)).identity
    found = _memory.landmarks(identity)
    if found is None:
        _memory.keep_landmarks(
            identity,
            sample_landmarks(
                database,
                source,
                view.keys[0][0],
                condition=view.condition,
                values=view.values,
                n_rows=n_rows,
            ),
        )
        found = _memory.landmarks(identity) or Landmarks()
    return found


def _part(view: View, start: _Start, landmarks: Landmarks, wanted: _Stretch) -> _Part:
    """What lies between a start and the landmark beyond the page; with too few rows it does not suffice."""
    key, descending = view.keys[0]
    low, high = around(landmarks.along(descending=descending), wanted.first, wanted.last, margin=0.0)
    beside = None if start.row is None else start.row[0]
    if start.row is not None and beside is None:
        return _Part()
    low, high = (low, beside) if start.backward else (beside, high)
    return _between(key, descending, low, high)


def _rows_between(
    database: duckdb.DuckDBPyConnection, source: str, view: View, landmarks: Landmarks, wanted: _Stretch
) -> list[tuple[Any, ...]]:
    """A page deep inside an order: what lies before a landmark is counted, only what is near is sorted."""
    key, descending = view.keys[0]
    marks = landmarks.along(descending=descending)
    for margin in _MARGINS:
        low, high = around(marks, wanted.first, wanted.last, margin=margin)
        if low is None or high is None:
            continue
        earlier = _Part(f"{key} {'>' if descending else '<'} ?", (low,))
        rows = _rows_after(database, source, view, earlier, _between(key, descending, low, high), wanted)
        if len(rows) == wanted.limit:
            return rows
    if wanted.last > 1 - landmarks.share_missing:
        return _rows_after(database, source, view, _Part(f"{key} IS NOT NULL"), _missing(view), wanted)
    return []


def _rows_after(
    database: duckdb.DuckDBPyConnection,
    source: str,
    view: View,
    earlier: _Part,
    part: _Part,
    wanted: _Stretch,
) -> list[tuple[Any, ...]]:
    """Those rows of a page that lie in a part; none when the page begins in the part before."""
    before = _count(database, source, view, earlier)
    if before > wanted.offset:
        return []
    return _rows_from(database, source, view, _Start(wanted.offset - before), wanted.limit, part)


def _missing(view: View) -> _Part:
    return _Part(f"{view.keys[0][0]} IS NULL")


def _between(key: str, descending: bool, low: Any | None, high: Any | None) -> _Part:
    """The rows between two values of an order, both included."""
    if low is not None and low == high:
        return _Part(f"{key} = ?", (low,))
    signs = ("<=", ">=") if descending else (">=", "<=")
    ends = [(f"{key} {sign} ?", end) for sign, end in zip(signs, (low, high), strict=True) if end is not None]
    return _Part(" AND ".join(sql for sql, _ in ends), tuple(end for _, end in ends))


def _count(database: duckdb.DuckDBPyConnection, source: str, view: View, part: _Part | None = None) -> int:
    condition, values = _both(view, part)
    row = database.execute(
        f"SELECT count(*) FROM {source} WHERE {condition}",  # noqa: S608 -- quoted names, bound values
        values,
    ).fetchone()
    return int(row[0]) if row else 0


def _both(view: View, part: _Part | None) -> tuple[str, list[Any]]:
    """The condition of a view, and that of a part of it."""
    if part is None or not part.condition:
        return view.condition, list(view.values)
    return f"({view.condition}) AND ({part.condition})", [*view.values, *part.values]


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


def _nearest(view: View, wanted: _Stretch) -> _Start:
    """Where a question for a page best begins, of all that is known of its view."""
    return _start(_memory.rows(view.identity), wanted.n_matching, wanted.offset, wanted.limit)


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
    database: duckdb.DuckDBPyConnection,
    source: str,
    view: View,
    start: _Start,
    limit: int,
    part: _Part | None = None,
) -> list[tuple[Any, ...]]:
    """Keys and numbers of the page's rows; only they are sorted, which keeps deep pages cheap."""
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
