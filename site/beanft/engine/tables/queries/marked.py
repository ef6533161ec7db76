"""Finds rows by the marks that a quick copy keeps of the orders of a whole table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import duckdb

from beanft.engine.tables.queries.seeking import Part, Start, View, Wanted, rows_from
from beanft.engine.tables.quoting import quote
from beanft.engine.tables.records.fields import key_sql
from beanft.engine.tables.records.marks import Marks, Stretch
from beanft.engine.tables.records.reading import Records, records_of


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is sorted where an order of the whole table has marks."""

    name: str
    """The first column."""
    table: str
    keys: tuple[tuple[str, bool], ...]
    lowest: int | None = None
    """What all its values are above, where that is not told by the missing ones being NULL."""


def order_of(source: str, view: View, records: Records) -> Order | None:
    """Say what is sorted where an order has marks: texts by their numbers in the records, all else by itself.

    Parameters
    ----------
    source : str
        SQL of the table.
    view : View
        What is looked at.
    records : Records
        What the records of a quick copy hold.

    Returns
    -------
    Order, optional
        None where the marks do not serve the view.
    """
    names = {quote(name): name for name in records.orders}
    if view.condition != "true" or not view.keys or view.keys[0][0] not in names:
        return None
    (key, descending), others = view.keys[0], view.keys[1:]
    field = records.fields.get(names[key])
    if field is None or not field.is_text or field.place < 0:
        return Order(name=names[key], table=source, keys=view.keys)
    further = _packed_keys(records, others)
    if further is None:
        return None
    return Order(
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


def parts_of(marks: Marks, wanted: Wanted, *, descending: bool) -> Iterator[tuple[Stretch, Start, int]]:
    """Say where a page's rows with a value and those without lie, from the nearer end.

    Parameters
    ----------
    marks : Marks
        The marks of the view's first key.
    wanted : Wanted
        The page.
    descending : bool
        Whether the first key descends.

    Yields
    ------
    where : Stretch
        Between two marks.
    start : Start
        Where to begin there.
    limit : int
        Rows of the page that lie there.
    """
    n_valued = min(wanted.limit, max(0, marks.n_valid - wanted.offset))
    for offset, limit in ((wanted.offset, n_valued), (wanted.offset + n_valued, wanted.limit - n_valued)):
        if limit:
            where = marks.stretch(offset, limit, descending=descending)
            n_skipped = offset - where.n_before
            back = where.n_rows - n_skipped - limit
            yield where, Start(min(n_skipped, back), backward=back < n_skipped), limit


def find_numbers(
    database: duckdb.DuckDBPyConnection,
    source: str,
    view: View,
    order: Order,
    where: Stretch,
    start: Start,
    limit: int,
) -> list[int]:
    """Find the numbers of some rows of a stretch.

    Parameters
    ----------
    database : duckdb.DuckDBPyConnection
        An open connection.
    source : str
        SQL of the table, with a column file_row_number.
    view : View
        What is looked at.
    order : Order
        What is sorted instead.
    where : Stretch
        The stretch.
    start : Start
        Where to begin in it.
    limit : int
        Rows.

    Returns
    -------
    list of int
        Fewer than asked for where the stretch does not hold them.
    """
    if where.is_missing:  # of equal rows the first and last are found at once by the column of their numbers
        others = replace(view, keys=view.keys[1:])
        rows = rows_from(database, source, others, start, limit, view.missing)
    else:
        above = order.lowest if where.above is None else where.above
        part = _inside(order.keys[0][0], above, where.upto)
        rows = rows_from(database, order.table, replace(view, keys=order.keys), start, limit, part)
    return [row[-1] for row in rows]


def _inside(key: str, above: Any | None, upto: Any | None) -> Part:
    ends = [(f"{key} {sign} ?", end) for sign, end in ((">", above), ("<=", upto)) if end is not None]
    return Part(" AND ".join(sql for sql, _ in ends) or f"{key} IS NOT NULL", tuple(end for _, end in ends))
