"""Makes the quick copy of a table: DuckDB's own file beside the Parquet, which stays the truth."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from beanft.engine.progress import Progress
from beanft.engine.tables.connection import COPIED, connect, literal
from beanft.engine.tables.files import copies_of, copy_name, verify
from beanft.engine.tables.records.writing import write_records

_LONGEST_S = 24 * 3600.0  # the job's own limit comes first
_MADE = "made"
_THREADS = 1  # two leave parts of the table half full, and are made anew by the checkpoint: 60 % more on disk
_SMALL_BYTES = 8_000_000  # records of a small table, whose file is mostly empty blocks
_TIMES_PARQUET = 2.2  # what a copy may take with its records; its columns alone take about 1.6


def copy_table(
    *,
    path: str,
    sha256: str,
    memory_mb: int = 384,
    room_bytes: int | None = None,
    progress: Progress = Progress(),  # noqa: B008 -- it holds nothing
) -> dict[str, Any]:
    """Write a version's table into a file that sorts and draws several times quicker than Parquet.

    Copies of what the table was before are removed. A copy that is larger than the room left is none: the
    table is only slower to look at.

    Parameters
    ----------
    path : str
        The version's Parquet file.
    sha256 : str
        Its digest; it stands in the name of the copy, so that a stale one is never read.
    memory_mb : int
        Memory for the engine, in megabytes.
    room_bytes : int, optional
        Disk space that is left for the copy; without it there is as much as is needed.
    progress : Progress
        Told the share done.

    Returns
    -------
    dict
        JSON-able: "bytes" of the copy; 0 where there was no room for one.

    Raises
    ------
    EngineError
        When the table is lost or damaged, or memory or disk do not suffice.
    """
    table = Path(path).resolve()
    progress(0.0, "Checking the table")
    verify(table, sha256)
    target = copy_name(table, sha256)
    part = target.with_name(target.name + ".part")
    _remove(part)
    try:
        progress(0.1, "Copying rows")
        with connect(
            folders=[table.parent], memory_mb=memory_mb, threads=_THREADS, timeout_s=_LONGEST_S
        ) as database:
            _write(database, table, part)
            progress(0.4, "Packing rows")
            _pack(database, table, part)
        n_bytes = part.stat().st_size
        has_room = room_bytes is None or n_bytes <= room_bytes
        if has_room:
            _publish(part, target)
    finally:
        _remove(part)
    for other in copies_of(table):
        if other != target:
            other.unlink(missing_ok=True)
    return {"bytes": n_bytes if has_room else 0}


def _write(database: duckdb.DuckDBPyConnection, table: Path, part: Path) -> None:
    """Copy all rows in their order; the number of each becomes a column that costs next to nothing."""
    with _attached(database, part) as copied:
        database.execute(
            f"CREATE TABLE {copied} AS "  # noqa: S608 -- names of our own
            f"SELECT file_row_number, * FROM read_parquet({literal(str(table))})"
        )


def _pack(database: duckdb.DuckDBPyConnection, table: Path, part: Path) -> None:
    """Pack the rows once more, so that single ones are read at once, as far as there is room."""
    n_bytes = max(_SMALL_BYTES, _TIMES_PARQUET * table.stat().st_size - part.stat().st_size)
    with _attached(database, part) as copied:
        row = database.execute(f"SELECT greatest(1, count(*)) FROM {copied}").fetchone()  # noqa: S608 -- names of our own
        write_records(database, copied, room_bits=8 * n_bytes / (row[0] if row else 1))


@contextmanager
def _attached(database: duckdb.DuckDBPyConnection, part: Path) -> Iterator[str]:
    """Let a connection write the copy; gives the name of its table."""
    database.execute(f"ATTACH {literal(str(part))} AS {_MADE} (STORAGE_VERSION 'latest')")
    try:
        yield f"{_MADE}.main.{COPIED}"
        database.execute(f"CHECKPOINT {_MADE}")
    finally:
        database.execute(f"DETACH {_MADE}")


def _publish(part: Path, target: Path) -> None:
    """Make the finished file durable, then visible."""
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(target)


def _remove(part: Path) -> None:
    """Remove what an attempt left, with the log that DuckDB keeps while it writes."""
    for leftover in (part, part.with_name(part.name + ".wal")):
        leftover.unlink(missing_ok=True)
