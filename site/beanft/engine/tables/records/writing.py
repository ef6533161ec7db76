"""Writes the records of a quick copy: numbers from its cells, the texts they point to, and what they mean."""

import json
import logging
from collections.abc import Sequence
from dataclasses import replace

import duckdb

from beanft.engine.progress import Progress, part_of
from beanft.engine.tables.quoting import quote
from beanft.engine.tables.records.choosing import choose_fields
from beanft.engine.tables.records.fields import Field, code_sql, listing
from beanft.engine.tables.records.lacking import write_lacking
from beanft.engine.tables.records.marks import marks_hold, write_marks
from beanft.engine.tables.records.reading import Records, read_records

_CHECKED = 500  # rows read back from all over the table before the records are trusted

_log = logging.getLogger(__name__)


def write_records(
    database: duckdb.DuckDBPyConnection,
    source: str,
    *,
    room_bits: float,
    progress: Progress = Progress(),  # noqa: B008 -- it holds nothing
) -> bool:
    """Pack the rows of a copy into records beside it, mark the orders of its columns, count what they lack.

    Parameters
    ----------
    database : duckdb.DuckDBPyConnection
        A connection that may write the copy.
    source : str
        SQL of the copied table, as database.main.rows.
    room_bits : float
        Bits that one record may take.
    progress : Progress
        Told the share done.

    Returns
    -------
    bool
        Whether there are records; without room, or where what was written does not read back as it was,
        there are none, and rows are fetched from the columns.
    """
    try:
        records = _pack(database, source, room_bits, progress)
    except (duckdb.DataError, duckdb.OutOfMemoryException):
        _log.exception("the rows of a quick copy cannot be packed, so they are fetched from their columns")
        records = None
    place = source.rpartition(".")[0]
    if records is None:
        for name in ("records", "texts", "marks", "lacking", "lacking_together"):
            database.execute(f"DROP TABLE IF EXISTS {place}.{name}")
        return False
    facts = json.dumps(records.to_dict())
    database.execute(f"CREATE TABLE {place}.about AS SELECT ?::VARCHAR AS facts", [facts])
    return True


def _pack(
    database: duckdb.DuckDBPyConnection, source: str, room_bits: float, progress: Progress
) -> Records | None:
    """Write all but what is said of it; None where rows do not lie in order, or do not read back."""
    progress(0.0, "Packing rows: looking at all cells")
    if not _in_order(database, source):
        return None
    fields = choose_fields(database, source, room_bits=room_bits)
    progress(0.4, "Packing rows")
    if any(field.place >= 0 for field in fields):
        fields = _write_texts(database, source, fields)
        _write_numbers(database, source, fields)
    if not _reads_back(database, source, fields):
        _log.error("what was packed does not read back as it was, so rows are fetched from their columns")
        return None
    orders = write_marks(database, source, fields, progress=part_of(progress, 0.6, 1.0))
    if not all(marks_hold(database, source, fields, name, stored) for name, stored in orders.items()):
        _log.error("the marks of an order are not what was counted, so rows are fetched from their columns")
        return None
    lacking = write_lacking(database, source)
    return Records({field.name: field for field in fields}, orders, lacking)


def _in_order(database: duckdb.DuckDBPyConnection, source: str) -> bool:
    """Records are found by their place, so the rows must lie where their numbers say."""
    return database.execute(f"SELECT bool_and(rowid = file_row_number) FROM {source}").fetchone() == (True,)  # noqa: S608 -- a table of our own


def _write_texts(database: duckdb.DuckDBPyConnection, source: str, fields: Sequence[Field]) -> list[Field]:
    """Keep the different texts of listed columns, ascending, and make a type of each list."""
    place = source.rpartition(".")[0]
    database.execute(f"CREATE TABLE {place}.texts (text VARCHAR)")
    found, first = [], 0
    for field in fields:
        if field.first_text >= 0:
            name = quote(field.name)
            database.execute(
                f"INSERT INTO {place}.texts SELECT DISTINCT {name} AS text FROM {source} "  # noqa: S608 -- quoted names
                f"WHERE {name} IS NOT NULL ORDER BY 1"
            )
            database.execute(
                f"CREATE TEMP TYPE {listing(field)} AS ENUM "  # noqa: S608 -- names of our own
                f"(SELECT text FROM {place}.texts WHERE rowid >= {first} ORDER BY rowid)"
            )
            field = replace(field, first_text=first)
            row = database.execute(f"SELECT count(*) FROM {place}.texts").fetchone()  # noqa: S608 -- a name of our own
            first = row[0] if row else first
        found.append(field)
    return found


def _write_numbers(database: duckdb.DuckDBPyConnection, source: str, fields: Sequence[Field]) -> None:
    columns: dict[int, list[str]] = {}
    for field in fields:
        if field.place >= 0:
            columns.setdefault(field.place, []).append(
                f"({code_sql(field)} << {field.shift})" if field.shift else code_sql(field)
            )
    wanted = ", ".join(f"{' | '.join(parts)} AS c{place}" for place, parts in sorted(columns.items()))
    database.execute(f"CREATE TABLE {source.rpartition('.')[0]}.records AS SELECT {wanted} FROM {source}")  # noqa: S608 -- quoted names


def _reads_back(database: duckdb.DuckDBPyConnection, source: str, fields: Sequence[Field]) -> bool:
    """Read some rows from all over the table as a page does, and compare them with the table."""
    if not fields:
        return True
    names = [field.name for field in fields]
    every = f"greatest(1, (SELECT count(*) FROM {source}) // {_CHECKED})"  # noqa: S608 -- a table of our own
    found = database.execute(
        f"SELECT file_row_number, {', '.join(map(quote, names))} FROM {source} "  # noqa: S608 -- quoted names
        f"WHERE file_row_number % {every} = 0"
    ).fetchall()
    records = Records({field.name: field for field in fields})
    read = read_records(database, source, records, names, [row[0] for row in found])
    return all(repr(read[row[0]]) == repr(row[1:]) for row in found)
