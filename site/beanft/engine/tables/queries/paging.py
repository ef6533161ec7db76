"""Finds the numbers of the rows of a page, starting from pages that were shown before."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import duckdb

from beanft.engine.tables.queries.landmarks import Landmarks, around, sample_landmarks
from beanft.engine.tables.queries.marked import find_numbers, order_of, parts_of
from beanft.engine.tables.queries.remembered import Memory
from beanft.engine.tables.queries.seeking import Part, Start, View, Wanted, count_rows, rows_from
from beanft.engine.tables.records.marks import read_marks
from beanft.engine.tables.records.reading import Records

_ONE_PASS = 1000  # rows up to which the first ones are found while they are counted
_LARGE = 500_000  # rows of a view from which landmarks save more time than they take
_FAR = 20_000  # rows that are rather counted than skipped
_MARGINS = (1 / 256, 1 / 16)  # how far from a page its landmarks are looked for, as shares of the view

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
        n_matching = count_rows(database, source, view)
        _memory.keep_count(identity, n_matching)
    limit = min(limit, n_matching - offset)
    if limit <= 0:
        return n_matching, []
    if view.condition == "true" and not view.keys:
        return n_matching, list(range(offset, offset + limit))
    numbers = _memory.page(identity, offset, limit)
    if numbers is None:
        numbers = _find_marked(database, source, view, records, Wanted(offset, limit, n_matching))
        if numbers is not None:
            _memory.keep_page(identity, offset, limit, numbers)
    if numbers is None:
        rows = _find_page(database, source, view, n_rows, Wanted(offset, limit, n_matching))
        for position, row in ((offset, rows[:1]), (offset + limit - 1, rows[-1:])):
            if row:
                _memory.keep_row(identity, position, row[0])
        numbers = [row[-1] for row in rows]
        _memory.keep_page(identity, offset, limit, numbers)
    return n_matching, numbers


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


def _find_marked(
    database: duckdb.DuckDBPyConnection, source: str, view: View, records: Records, wanted: Wanted
) -> list[int] | None:
    """Numbers of a page's rows, by the marks of an order of the whole table; None where it has none."""
    order = order_of(source, view, records)
    if order is None:
        return None
    marks = read_marks(database, source, order.name, records.orders[order.name], wanted.n_matching)
    if marks is None:
        return None
    parts = list(parts_of(marks, wanted, descending=view.keys[0][1]))
    # Among many equal values, which a further key sorts; by their numbers alone they are found quicker.
    is_far = len(order.keys) > 1 and any(start.n_skipped > _FAR for _, start, _ in parts)
    if is_far and _nearest(view, wanted).n_skipped <= _FAR:
        return None
    numbers: list[int] = []
    for where, start, limit in parts:
        numbers += find_numbers(database, source, view, order, where, start, limit)
    if len(numbers) < wanted.limit:
        return None
    if is_far:
        _keep_ends(database, source, view, wanted, numbers)
    return numbers


def _keep_ends(
    database: duckdb.DuckDBPyConnection, source: str, view: View, wanted: Wanted, numbers: Sequence[int]
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


def _find_page(
    database: duckdb.DuckDBPyConnection, source: str, view: View, n_rows: int, wanted: Wanted
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
                and (landmarks.share_missing or count_rows(database, source, view, view.missing))
            ):
                part = Part()  # from the end the missing ones come first, which no landmark tells
            rows = rows_from(database, source, view, start, wanted.limit, part)
        if len(rows) == wanted.limit:
            return rows
    return rows_from(database, source, view, start, wanted.limit)


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


def _part(view: View, start: Start, landmarks: Landmarks, wanted: Wanted) -> Part:
    """What lies between a start and the landmark beyond the page; with too few rows it does not suffice."""
    key, descending = view.keys[0]
    low, high = around(landmarks.along(descending=descending), wanted.first, wanted.last, margin=0.0)
    beside = None if start.row is None else start.row[0]
    if start.row is not None and beside is None:
        return Part()
    low, high = (low, beside) if start.backward else (beside, high)
    return _between(key, descending, low, high)


def _rows_between(
    database: duckdb.DuckDBPyConnection, source: str, view: View, landmarks: Landmarks, wanted: Wanted
) -> list[tuple[Any, ...]]:
    """A page deep inside an order: what lies before a landmark is counted, only what is near is sorted."""
    key, descending = view.keys[0]
    marks = landmarks.along(descending=descending)
    for margin in _MARGINS:
        low, high = around(marks, wanted.first, wanted.last, margin=margin)
        if low is None or high is None:
            continue
        earlier = Part(f"{key} {'>' if descending else '<'} ?", (low,))
        rows = _rows_after(database, source, view, earlier, _between(key, descending, low, high), wanted)
        if len(rows) == wanted.limit:
            return rows
    if wanted.last > 1 - landmarks.share_missing:
        return _rows_after(database, source, view, Part(f"{key} IS NOT NULL"), view.missing, wanted)
    return []


def _rows_after(
    database: duckdb.DuckDBPyConnection,
    source: str,
    view: View,
    earlier: Part,
    part: Part,
    wanted: Wanted,
) -> list[tuple[Any, ...]]:
    """Those rows of a page that lie in a part; none when the page begins in the part before."""
    before = count_rows(database, source, view, earlier)
    if before > wanted.offset:
        return []
    return rows_from(database, source, view, Start(wanted.offset - before), wanted.limit, part)


def _between(key: str, descending: bool, low: Any | None, high: Any | None) -> Part:
    """The rows between two values of an order, both included."""
    if low is not None and low == high:
        return Part(f"{key} = ?", (low,))
    signs = ("<=", ">=") if descending else (">=", "<=")
    ends = [(f"{key} {sign} ?", end) for sign, end in zip(signs, (low, high), strict=True) if end is not None]
    return Part(" AND ".join(sql for sql, _ in ends), tuple(end for _, end in ends))


def _nearest(view: View, wanted: Wanted) -> Start:
    """Where a question for a page best begins, of all that is known of its view."""
    return _start(_memory.rows(view.identity), wanted.n_matching, wanted.offset, wanted.limit)


def _start(known: dict[int, tuple[Any, ...]], n_matching: int, offset: int, limit: int) -> Start:
    """The known row from which the fewest must be skipped.

    >>> _start({}, 1000, 900, 50)
    Start(n_skipped=50, backward=True, row=None)
    >>> _start({899: ("x", 7)}, 1000, 900, 50)
    Start(n_skipped=0, backward=False, row=('x', 7))
    """
    starts = [Start(offset), Start(n_matching - offset - limit, backward=True)]
    for position, row in known.items():
        if position < offset:
            starts.append(Start(offset - position - 1, row=row))
        elif position >= offset + limit:
            starts.append(Start(position - offset - limit, backward=True, row=row))
    return min(starts, key=lambda start: start.n_skipped)
