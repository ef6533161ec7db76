"""Makes the quick copy of a table: DuckDB's own file beside the Parquet, which stays the truth."""

import logging
import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from beanft.engine.atomic import publish
from beanft.engine.progress import Progress, part_of
from beanft.engine.tables.connection import COPIED, TooLargeError, connect, literal
from beanft.engine.tables.files import copies_of, copy_name, verify
from beanft.engine.tables.records.writing import write_records

_LONGEST_S = 24 * 3600.0  # the job's own limit comes first
_MADE = "made"
_THREADS = 1  # two leave parts of the table half full, and are made anew by the checkpoint: 60 % more on disk
_SMALL_BYTES = 8_000_000  # records of a small table, whose file is mostly empty blocks

TIMES_PARQUET = 2.2
"""What a copy may take with its records, or 8 MB more than its columns; these alone take about 1.6."""

_log = logging.getLogger(__name__)


def copy_table(
    *,
    path: str,
    sha256: str,
    memory_mb: int = 384,
    room_bytes: int | None = None,
    progress: Progress = Progress(),  # noqa: B008 -- it holds nothing
) -> dict[str, Any]:
    """Write a version's table into a file that sorts and draws several times quicker than Parquet.

    Copies of what the table was before are removed. Where there is no room for the packed rows, or they fail,
    the copy has its columns alone. One that is larger even so is none: the table is only slower to look at.

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
    most = math.inf if room_bytes is None else room_bytes
    try:
        progress(0.1, "Copying rows")
        _write(table, part, memory_mb)
        if part.stat().st_size <= most:
            _pack(table, part, memory_mb, most, part_of(progress, 0.4, 1.0))
            if part.stat().st_size > most:
                _remove(part)
                _write(table, part, memory_mb)
        n_bytes = part.stat().st_size
        if n_bytes <= most:
            publish(part, target)
    finally:
        _remove(part)
    for other in copies_of(table):
        if other != target:
            other.unlink(missing_ok=True)
    return {"bytes": n_bytes if n_bytes <= most else 0}


def _write(table: Path, part: Path, memory_mb: int) -> None:
    """Copy all rows in their order; the number of each becomes a column that costs next to nothing."""
    with _attached(part, memory_mb) as (database, copied):
        database.execute(
            f"CREATE TABLE {copied} AS "  # noqa: S608 -- names of our own
            f"SELECT file_row_number, * FROM read_parquet({literal(str(table))})"
        )


def _pack(table: Path, part: Path, memory_mb: int, most: float, progress: Progress) -> None:
    """Pack the rows once more, so that single ones are read at once, as far as there is room."""
    written = part.stat().st_size
    n_bytes = min(max(_SMALL_BYTES, TIMES_PARQUET * table.stat().st_size - written), most - written)
    try:
        with _attached(part, memory_mb) as (database, copied):
            row = database.execute(f"SELECT greatest(1, count(*)) FROM {copied}").fetchone()  # noqa: S608 -- names of our own
            room_bits = 8 * n_bytes / (row[0] if row else 1)
            write_records(database, copied, room_bits=room_bits, progress=progress)
    except (duckdb.Error, TooLargeError):  # without what was logged since, the file is whole as it was
        _log.exception("the rows of a quick copy cannot be packed, so they are fetched from their columns")
        _remove_log(part)


@contextmanager
def _attached(part: Path, memory_mb: int) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
    """Open the copy for writing; gives a connection and the name of the copy's table."""
    with connect(
        folders=[part.parent], memory_mb=memory_mb, threads=_THREADS, timeout_s=_LONGEST_S
    ) as database:
        database.execute(f"ATTACH {literal(str(part))} AS {_MADE} (STORAGE_VERSION 'latest')")
        try:
            yield database, f"{_MADE}.main.{COPIED}"
            database.execute(f"CHECKPOINT {_MADE}")
        finally:
            database.execute(f"DETACH {_MADE}")


def _remove(part: Path) -> None:
    """Remove what an attempt left, with the log that DuckDB keeps while it writes."""
    part.unlink(missing_ok=True)
    _remove_log(part)


def _remove_log(part: Path) -> None:
    part.with_name(part.name + ".wal").unlink(missing_ok=True)
