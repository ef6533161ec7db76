"""Reads single rows from the records of a quick copy."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

from beanft.engine.tables.records.fields import Field, reader

FORM = 1
"""Of what is written; records of another form are not read."""


@dataclass(frozen=True)
class Records:
    """What the records of a quick copy hold."""

    fields: Mapping[str, Field] = field(default_factory=dict)
    """Of the columns that can be read from them, by name."""
    orders: Mapping[str, str] = field(default_factory=dict)
    """The SQL type of what is sorted, by the name of each column whose order has marks."""
    lacking: tuple[str, ...] = ()
    """Columns of which is known what the rows lack; none in copies made before that was counted."""

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        fields = [one.to_dict() for one in self.fields.values()]
        return {"form": FORM, "fields": fields, "orders": dict(self.orders), "lacking": self.lacking}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Records":
        """Read what `to_dict` and JSON made of them; of another form they hold nothing."""
        if values.get("form") != FORM:
            return cls()
        fields = [Field.from_dict(one) for one in values["fields"]]
        by_name = {one.name: one for one in fields}
        return cls(by_name, values["orders"], tuple(values.get("lacking", ())))


def known_records(database: duckdb.DuckDBPyConnection, source: str) -> Records:
    """Say what can be read from the records of a table.

    Parameters
    ----------
    database : duckdb.DuckDBPyConnection
        An open connection.
    source : str
        SQL of the table; only a quick copy, as database.main.rows, has records.

    Returns
    -------
    Records
        Empty where there are none, as in copies made before there were any.
    """
    name, _, table = source.partition(".main.")
    if not table or "(" in name:
        return Records()
    if not database.execute(
        "SELECT 1 FROM duckdb_tables() WHERE database_name = ? AND table_name = 'about'", [name]
    ).fetchone():
        return Records()
    row = database.execute(f"SELECT facts FROM {name}.main.about").fetchone()  # noqa: S608 -- a name of our own
    return Records.from_dict(json.loads(row[0])) if row else Records()


def records_of(source: str) -> str:
    """Write the SQL of the records beside a quick copy's table.

    Parameters
    ----------
    source : str
        SQL of the table.

    Returns
    -------
    str
        SQL; a record's rowid is the number of its row.

    Examples
    --------
    >>> records_of("quick.main.rows")
    'quick.main.records'
    """
    return f"{source.rpartition('.')[0]}.records"


def read_records(
    database: duckdb.DuckDBPyConnection,
    source: str,
    records: Records,
    names: Sequence[str],
    numbers: Sequence[int],
) -> dict[int, tuple[Any, ...]]:
    """Read some columns of some rows.

    Parameters
    ----------
    database : duckdb.DuckDBPyConnection
        An open connection.
    source : str
        SQL of the table.
    records : Records
        What they hold.
    names : sequence of str
        Columns wanted, each of them among its fields.
    numbers : sequence of int
        Numbers of the rows, from 0; at least one.

    Returns
    -------
    dict of int to tuple
        Values by the number of the row, the very ones that the table holds; rows that there are not, not.
    """
    place = source.rpartition(".")[0]
    chosen = [records.fields[name] for name in names]
    columns = sorted({field.place for field in chosen if field.place >= 0})
    packed = (
        dict.fromkeys(numbers, ())
        if not columns
        else _fetched(database, records_of(source), ", ".join(f"c{one}" for one in columns), numbers)
    )
    at = {one: found for found, one in enumerate(columns)}
    listed = [one for one in chosen if one.first_text >= 0 and one.place >= 0]
    wanted = {
        one.first_text + row[at[one.place]] - one.can_miss
        for one in listed
        for row in packed.values()
        if row[at[one.place]] >= one.can_miss
    }
    texts = {key: row[0] for key, row in _fetched(database, f"{place}.texts", "text", list(wanted)).items()}
    readers = [(reader(one, texts), at.get(one.place)) for one in chosen]
    return {
        number: tuple(read(0 if one is None else row[one], number) for read, one in readers)
        for number, row in packed.items()
    }


def _fetched(
    database: duckdb.DuckDBPyConnection, table: str, columns: str, places: Sequence[int]
) -> dict[int, tuple[Any, ...]]:
    """Rows by their place."""
    if not places:
        return {}
    rows = database.execute(
        f"SELECT rowid, {columns} FROM {table} "  # noqa: S608 -- names of our own
        "WHERE rowid BETWEEN ? AND ? AND rowid IN (SELECT unnest(?::BIGINT[]))",
        [min(places), max(places), list(places)],
    ).fetchall()
    return {row[0]: row[1:] for row in rows}
