"""Marks of a column's order, counted once for the whole table: a page of it is looked for between two."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from beanft.engine.progress import Progress
from beanft.engine.tables.quoting import quote
from beanft.engine.tables.records.choosing import MOST_COLUMNS
from beanft.engine.tables.records.fields import Field, key_sql

_PARTS = 1024
_SAMPLED = 200_000  # rows that the marks are chosen from; what lies before each is then counted in all
_TYPES = ("BIGINT", "DOUBLE", "DATE", "TIMESTAMP")


@dataclass(frozen=True)
class Stretch:
    """Where the rows of a page must lie in the order of one column."""

    above: Any | None
    """Their values are above it; None for no bound."""
    upto: Any | None
    """Their values are not above it; None for no bound."""
    n_before: int
    """Rows of the order before the stretch."""
    n_rows: int
    """Rows in it."""
    is_missing: bool = False
    """Whether it is the rows without a value, which come last."""


@dataclass(frozen=True)
class Marks:
    """Values of a column, and how many rows lie up to each."""

    values: tuple[Any, ...]
    """Ascending."""
    n_upto: tuple[int, ...]
    """Rows whose value is not above it, of the whole table."""
    n_valid: int
    """Rows with a value."""
    n_rows: int
    """Rows of the table."""

    def stretch(self, offset: int, limit: int, *, descending: bool) -> Stretch:
        """Find where the rows of a page lie.

        Parameters
        ----------
        offset, limit : int
            Rows before the page in the order, and on it; all of them with a value, or all without one.
        descending : bool
            Whether the largest come first; those without a value come last in any case.

        Returns
        -------
        Stretch
            Counted in the direction of the order.

        Examples
        --------
        >>> marks = Marks(("b", "m"), (30, 70), n_valid=100, n_rows=120)
        >>> marks.stretch(40, 10, descending=False)
        Stretch(above='b', upto='m', n_before=30, n_rows=40, is_missing=False)
        >>> marks.stretch(40, 10, descending=True)
        Stretch(above='b', upto='m', n_before=30, n_rows=40, is_missing=False)
        >>> marks.stretch(110, 10, descending=True).is_missing
        True
        """
        end = offset + limit
        if offset >= self.n_valid:
            return Stretch(None, None, self.n_valid, self.n_rows - self.n_valid, is_missing=True)
        if descending:
            offset, end = self.n_valid - end, self.n_valid - offset
        first, last = bisect_right(self.n_upto, offset) - 1, bisect_left(self.n_upto, end)
        above, n_above = (self.values[first], self.n_upto[first]) if first >= 0 else (None, 0)
        is_last = last == len(self.values)
        upto, n_upto = (None, self.n_valid) if is_last else (self.values[last], self.n_upto[last])
        return Stretch(above, upto, self.n_valid - n_upto if descending else n_above, n_upto - n_above)


def write_marks(
    database: duckdb.DuckDBPyConnection,
    source: str,
    fields: Sequence[Field],
    *,
    progress: Progress = Progress(),  # noqa: B008 -- it holds nothing
) -> dict[str, str]:
    """Choose the marks of each column from a sample, and count all rows up to them.

    Parameters
    ----------
    database : duckdb.DuckDBPyConnection
        A connection that may write the copy.
    source : str
        SQL of the copied table, as database.main.rows.
    fields : sequence of Field
        What its records hold: texts are marked by their numbers there, all else by its values.
    progress : Progress
        Told the share done.

    Returns
    -------
    dict of str to str
        The SQL type of what is sorted, by the name of the column; texts that the records do not hold have
        no marks.
    """
    place = source.rpartition(".")[0]
    known = _numbered(fields)
    database.execute(f"CREATE TABLE {place}.marks (name VARCHAR, n_upto BIGINT, value VARCHAR)")
    described = database.execute(f"DESCRIBE SELECT * EXCLUDE (file_row_number) FROM {source}").fetchall()  # noqa: S608 -- a table of our own
    found = {}
    for at, (name, stored, *_) in enumerate(described[:MOST_COLUMNS]):
        progress(at / len(described), f"Packing rows: order of column {at + 1} of {len(described)}")
        if name in known:
            found[name] = "BIGINT"
            _write_order(database, place, name, f"{place}.records", key_sql(known[name]), "BIGINT")
        elif stored in _TYPES:
            found[name] = stored
            _write_order(database, place, name, source, quote(name), stored)
    return found


def _numbered(fields: Sequence[Field]) -> dict[str, Field]:
    """Texts that are sorted by their numbers in the records."""
    return {field.name: field for field in fields if field.is_text and field.place >= 0}


def _write_order(
    database: duckdb.DuckDBPyConnection, place: str, name: str, table: str, key: str, stored: str
) -> None:
    """The marks of one column, and last how many values there are."""
    finite = "true" if stored == "BIGINT" else f"isfinite({key})"  # others may come back as what they are not
    shares = ", ".join(str(part / _PARTS) for part in range(1, _PARTS))
    every = f"greatest(1, (SELECT count(*) FROM {table}) // {_SAMPLED})"  # noqa: S608 -- a table of our own
    some = f"{table} WHERE rowid % {every} = 0 AND {finite}"
    sampled = f"SELECT quantile_disc({key}, [{shares}]) FROM {some}"  # noqa: S608 -- quoted names
    row = database.execute(f"SELECT list_sort(list_distinct(({sampled})))::VARCHAR[]").fetchone()
    values = (row and row[0]) or []
    counted = f"CASE WHEN NOT isnan({key}) THEN {key} END" if stored == "DOUBLE" else key  # it is the largest
    database.execute(
        f"INSERT INTO {place}.marks SELECT ?, sum(n) OVER (ORDER BY value), value::VARCHAR FROM "  # noqa: S608 -- names of our own
        "(SELECT unnest(map_keys(counts)) AS value, unnest(map_values(counts)) AS n FROM "
        f"(SELECT histogram({counted}, ?::VARCHAR[]::{stored}[]) AS counts FROM {table})) "
        "QUALIFY list_contains(?::VARCHAR[], value::VARCHAR)",
        [name, values, values],
    )
    database.execute(f"INSERT INTO {place}.marks SELECT ?, count({key}), NULL FROM {table}", [name])  # noqa: S608 -- names of our own


def marks_hold(
    database: duckdb.DuckDBPyConnection, source: str, fields: Sequence[Field], name: str, stored: str
) -> bool:
    """Say whether the marks of an order rise, and three of them are what the table itself counts.

    Parameters
    ----------
    database : duckdb.DuckDBPyConnection
        An open connection.
    source : str
        SQL of the copied table, as database.main.rows.
    fields : sequence of Field
        What its records hold.
    name : str
        The column.
    stored : str
        The SQL type of what is sorted, as `write_marks` gave it.

    Returns
    -------
    bool
        Texts are counted as texts, so that their numbers must sort as they do.
    """
    place, cell = source.rpartition(".")[0], quote(name)
    *marks, (_, n_valid) = database.execute(
        f"SELECT value, n_upto FROM {place}.marks WHERE name = ? ORDER BY value::{stored} NULLS LAST",  # noqa: S608 -- names of our own
        [name],
    ).fetchall()
    some = sorted({0, len(marks) // 2, len(marks) - 1}) if marks else []
    field = _numbered(fields).get(name)
    bound = f"?::VARCHAR::{stored}"
    if field is not None:
        row = f"(SELECT min(rowid) FROM {place}.records WHERE {key_sql(field)} = {bound})"  # noqa: S608 -- names of our own
        bound = f"(SELECT {cell} FROM {source} WHERE rowid = {row})"  # noqa: S608 -- quoted names
    counts = "".join(f", count(*) FILTER ({cell} <= {bound})" for _ in some)
    counted = database.execute(f"SELECT count({cell}){counts} FROM {source}", [marks[at][0] for at in some])  # noqa: S608 -- quoted names
    n_upto = [n for _, n in marks]
    return counted.fetchone() == (n_valid, *(n_upto[at] for at in some)) and n_upto == sorted(n_upto)


def read_marks(
    database: duckdb.DuckDBPyConnection, source: str, name: str, stored: str, n_rows: int
) -> Marks | None:
    """Read the marks of a column's order.

    Parameters
    ----------
    database : duckdb.DuckDBPyConnection
        An open connection.
    source : str
        SQL of a quick copy that has records.
    name : str
        The column.
    stored : str
        The SQL type of what is sorted, one of ours.
    n_rows : int
        Rows of the table.

    Returns
    -------
    Marks or None
        None where there are none.
    """
    rows = database.execute(
        f"SELECT n_upto, value::{stored} FROM {source.rpartition('.')[0]}.marks "  # noqa: S608 -- names of our own
        "WHERE name = ? ORDER BY n_upto, value IS NULL",
        [name],
    ).fetchall()
    if not rows:
        return None
    *marks, (n_valid, _) = rows
    return Marks(tuple(value for _, value in marks), tuple(n for n, _ in marks), n_valid, n_rows)
