"""The one door to DuckDB: a locked-down connection that sees only the folders it was given."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

import duckdb

from beanft.engine.errors import EngineError
from beanft.engine.tables.engines import Engines
from beanft.engine.tables.files import LOST_OR_DAMAGED, copy_of
from beanft.engine.tables.quoting import literal as literal
from beanft.engine.tables.quoting import quote as quote
from beanft.engine.turns import Turns

Answer = TypeVar("Answer")

COPIED = "rows"
"""Name of the table inside a quick copy."""

_TEMPORARY_MB = 20_000  # a sort of ten million rows spills about 2 GB; beyond this the disk is at risk
# A quick copy is asked with this first: a web process grows by some 45 MB then, also on ten million rows.
# What is read once more comes from the system's memory of the file: few questions are slower than with 128.
_LEAST_MB = 24
_COLUMN_MB = 0.5  # wide copies have so much for each column: two threads hold a block of each that they read
_LEAST_SHARE = 0.4  # of the time: what spills to the disk there may be quick with more memory
_SMALL_MB = 128  # a Parquet file is asked with this first, and a copy where the least is too little
_MOST_IDLE = 4  # datasets that are being looked at
_IDLE_S = 10.0  # about the time between two clicks; then memory, files and disk are given back
# A question may take much memory and two threads: four at once are what a small machine can bear, and leave
# most of the threads of the web server to pages that ask no table.
_turns = Turns(
    at_once=4,
    waiting=4,
    wait_s=5.0,
    each=3,  # of a table: whoever looks at one in many windows leaves a place to the others,
    each_waiting=3,  # but a page of six charts, which a browser asks for at once, is drawn
    sentence="The server is busy with other tables. Try again in a few seconds.",
)
_AGAIN_S = 0.05  # an interrupt that falls between two statements is lost, so it is repeated
_FLUSH_MB = 16  # memory that is free again goes back to the system from here on
_THREADS = 2
_COPY = "quick"  # the name under which an engine knows the quick copy

# Mistakes in our SQL. All else comes from a file that cannot be read, sometimes as a bare Error.
_MISTAKES = (
    duckdb.BinderException,
    duckdb.CatalogException,
    duckdb.ParserException,
    duckdb.SyntaxException,
    duckdb.InvalidTypeException,
    duckdb.DataError,
    duckdb.NotSupportedError,
    duckdb.PermissionException,
)

_log = logging.getLogger(__name__)


@contextmanager
def connect(
    *, folders: Sequence[Path], memory_mb: int = 1024, threads: int = 2, timeout_s: float = 10.0
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a connection that can read and write nothing outside `folders`.

    Parameters
    ----------
    folders : sequence of Path
        The only folders whose files the statements may touch; the first one takes spilled data.
    memory_mb : int
        Memory the engine may use, in megabytes.
    threads : int
        Worker threads.
    timeout_s : float
        Seconds after which whatever runs is interrupted.

    Yields
    ------
    duckdb.DuckDBPyConnection
        A connection of its own to an empty in-memory database, closed at the end of the block.

    Raises
    ------
    EngineError
        When the block took longer than `timeout_s`, or needed more memory or disk than allowed.

    Examples
    --------
    >>> with connect(folders=[]) as database:
    ...     database.execute("SELECT 1 + ?", [2]).fetchone()
    (3,)
    """
    places = tuple(folder.resolve() for folder in folders)
    with _connect(_Key(places, memory_mb, threads), timeout_s) as database:
        yield database


@contextmanager
def _connect(key: "_Key", timeout_s: float) -> Iterator[duckdb.DuckDBPyConnection]:
    """Lend a connection that is interrupted when its time is over."""
    with _engines.cursor(key) as database, _named(key.memory_mb, timeout_s):
        watch = _Watch(database, timeout_s)
        try:
            watch.start()
            yield database
        finally:
            watch.stop()


@contextmanager
def _named(memory_mb: int, timeout_s: float) -> Iterator[None]:
    """Say in plain words what an engine had too little of."""
    try:
        yield
    except duckdb.InterruptException as error:
        raise TooSlowError(
            f"This took longer than {timeout_s:g} seconds and was stopped. Ask for fewer rows or columns."
        ) from error
    except duckdb.OutOfMemoryException as error:
        raise TooLargeError(
            f"This needs more memory than the {memory_mb} MB allowed. Ask for fewer rows or columns."
        ) from error


class TooLargeError(EngineError):
    """A question needs more memory or disk than the engine was given."""


class TooSlowError(EngineError):
    """A question takes longer than it may."""


class LostError(EngineError):
    """A stored table is not there, or cannot be read."""


def ask(
    path: Path, question: Callable[[duckdb.DuckDBPyConnection], Answer], *, memory_mb: int, timeout_s: float
) -> Answer:
    """Answer a question about a version's table from whatever answers it best.

    It is asked of a small engine that reads the quick copy where there is one. Should that need more memory
    or time, or the copy be damaged, it is asked again: of a larger engine, or of the Parquet file. So a
    question must do nothing but read.

    Parameters
    ----------
    path : Path
        The version's Parquet file.
    question : callable
        Gets the connection; reads from `table(database, path)`.
    memory_mb : int
        Most memory for the engine, in megabytes.
    timeout_s : float
        Seconds after which it is stopped; what the smallest engine took in vain comes on top.

    Returns
    -------
    object
        What the question gives.

    Raises
    ------
    BusyError
        When too many other questions are being answered.
    EngineError
        When the file is lost or cannot be read, or the question needs too much time, memory or disk.
    """
    copy = copy_of(path)
    try:
        return _ask(path, question, copy, memory_mb, timeout_s)
    except LostError:
        if copy is None:
            raise
        _log.error("the quick copy of a table cannot be read, so the table itself is: %s", copy)
        copy.unlink(missing_ok=True)  # it is never the truth, and can be made again
        return _ask(path, question, None, memory_mb, timeout_s)


def _ask(
    path: Path,
    question: Callable[[duckdb.DuckDBPyConnection], Answer],
    copy: Path | None,
    memory_mb: int,
    timeout_s: float,
) -> Answer:
    def answer(limit_mb: int, limit_s: float = timeout_s) -> Answer:
        with reading(path, memory_mb=limit_mb, timeout_s=limit_s, copy=copy) as database:
            return question(database)

    if copy and memory_mb > _LEAST_MB:
        with suppress(TooLargeError, TooSlowError):
            return answer(_LEAST_MB, _LEAST_SHARE * timeout_s)
    if memory_mb > _SMALL_MB:
        with suppress(TooLargeError):
            return answer(_SMALL_MB)
    return answer(memory_mb)


@contextmanager
def reading(
    path: Path, *, memory_mb: int = 1024, timeout_s: float = 10.0, copy: Path | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a connection that asks a version's table; only a few do so at once in a process.

    Parameters
    ----------
    path : Path
        The version's Parquet file.
    memory_mb : int
        Memory the engine may use, in megabytes.
    timeout_s : float
        Seconds after which whatever runs is interrupted; the wait for a turn is not counted.
    copy : Path, optional
        The table's quick copy in the same folder; `table` then names that.

    Yields
    ------
    duckdb.DuckDBPyConnection
        A connection that can touch the folder of the file and nothing else.

    Raises
    ------
    BusyError
        When too many other questions are being answered.
    EngineError
        When the file is lost or cannot be read, or the question needs too much time, memory or disk.
    """
    key = _Key((path.parent.resolve(),), memory_mb, _THREADS, copy and copy.resolve())
    with _turns.taken(path.parent):
        try:
            with _connect(key, timeout_s) as database:
                yield database
        except _MISTAKES:
            raise
        except duckdb.Error as error:
            _log.error("a stored table cannot be read: %s", str(error).partition("\n")[0])
            _engines.forget(key)  # after some errors an engine answers nothing more
            if "No space left" in str(error):
                raise EngineError(
                    "The server’s disk is full. Try later, or ask its administrator."
                ) from error
            raise LostError(LOST_OR_DAMAGED) from error
        finally:
            if memory_mb > (_LEAST_MB if copy else _SMALL_MB):
                _engines.forget(key)  # what a larger engine holds is given back at once


def table(database: duckdb.DuckDBPyConnection, path: Path) -> str:
    """Write the FROM item of a version's table: its quick copy where the connection has it.

    Parameters
    ----------
    database : duckdb.DuckDBPyConnection
        An open connection.
    path : Path
        The version's Parquet file.

    Returns
    -------
    str
        SQL; the rows also have a column file_row_number, from 0.
    """
    found = database.execute("SELECT 1 FROM duckdb_databases() WHERE database_name = ?", [_COPY]).fetchone()
    return f"{_COPY}.main.{COPIED}" if found else f"read_parquet({literal(str(path))})"


def row_place(source: str) -> str:
    """Write the SQL by which rows are fetched quickest from what `table` gave.

    Parameters
    ----------
    source : str
        SQL of a table.

    Returns
    -------
    str
        Where a row lies, from 0: the copy has the rows in the order of the file.

    Examples
    --------
    >>> row_place("quick.main.rows"), row_place("read_parquet('table.parquet')")
    ('rowid', 'file_row_number')
    """
    return "rowid" if source == f"{_COPY}.main.{COPIED}" else "file_row_number"


@dataclass(frozen=True)
class _Key:
    """What an engine may touch and use."""

    folders: tuple[Path, ...]
    memory_mb: int
    threads: int
    copy: Path | None = None


def _engine(key: _Key) -> duckdb.DuckDBPyConnection:
    """Make a locked-down engine; at its end it removes what it spilled."""
    database = duckdb.connect(":memory:")
    try:
        _lock_down(database, folders=key.folders, memory_mb=key.memory_mb, threads=key.threads)
        if key.copy:  # it lies in one of the folders, or this is refused
            database.execute(f"ATTACH {literal(str(key.copy))} AS {_COPY} (READ_ONLY)")
            if key.memory_mb == _LEAST_MB:
                database.execute(f"SET memory_limit = '{_least_mb(database)}MB'")
        database.execute("SET lock_configuration = true")  # all of this is final
    except BaseException:
        database.close()
        raise
    return database


def _least_mb(database: duckdb.DuckDBPyConnection) -> int:
    """Memory with which nearly every question to a copy of so many columns is answered."""
    (n_columns,) = database.execute(
        "SELECT max(column_count) FROM duckdb_tables() WHERE database_name = ?", [_COPY]
    ).fetchone() or (0,)
    return max(_LEAST_MB, min(_SMALL_MB, int(_COLUMN_MB * (n_columns or 0))))


_engines = Engines(_engine, most_idle=_MOST_IDLE, idle_s=_IDLE_S)


def _lock_down(
    database: duckdb.DuckDBPyConnection, *, folders: Sequence[Path], memory_mb: int, threads: int
) -> None:
    """Set the limits in the order that was verified to hold; the engine's maker then makes them final."""
    allowed = ", ".join(literal(str(folder)) for folder in folders)
    spilled = (folders[0] if folders else Path.cwd()) / f".spilled-{uuid4().hex}"
    for setting in (
        f"allowed_directories = [{allowed}]",
        f"temp_directory = {literal(str(spilled))}",
        f"memory_limit = '{memory_mb}MB'",
        f"threads = {threads}",
        f"max_temp_directory_size = '{_TEMPORARY_MB}MB'",
        "autoinstall_known_extensions = false",
        "autoload_known_extensions = false",
        # x IN (more than four values) becomes a join and loses the order of rows (duckdb #24398).
        "disabled_optimizers = 'in_clause'",
        "preserve_insertion_order = true",
        "parquet_metadata_cache = true",
        f"allocator_flush_threshold = '{_FLUSH_MB}MB'",
        f"allocator_bulk_deallocation_flush_threshold = '{_FLUSH_MB}MB'",
        "python_enable_replacements = false",
        "enable_external_access = false",
    ):
        database.execute(f"SET {setting}")


class _Watch:
    """Interrupts a connection once its time is over, again and again until it is told to stop."""

    def __init__(self, database: duckdb.DuckDBPyConnection, timeout_s: float) -> None:
        self._database = database
        self._timeout_s = timeout_s
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._wait, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the thread before the connection closes under it."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()

    def _wait(self) -> None:
        delay = self._timeout_s
        while not self._over.wait(delay):
            self._database.interrupt()
            delay = _AGAIN_S
