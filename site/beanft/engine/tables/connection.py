"""The one door to DuckDB: a locked-down connection that sees only the folders it was given."""

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from uuid import uuid4

import duckdb

from beanft.engine.errors import BusyError, EngineError
from beanft.engine.tables.files import LOST_OR_DAMAGED

_TEMPORARY_MB = 20_000  # a sort of ten million rows spills about 2 GB; beyond this the disk is at risk
_ENGINES = 16  # datasets that are being looked at; an idle engine holds a few MB
# A question may take a gigabyte and two threads: four at once are what a small machine can bear, and leave
# most of the threads of the web server to pages that ask no table.
_AT_ONCE = 4
_TURN_S = 5.0
_AGAIN_S = 0.05  # an interrupt that falls between two statements is lost, so it is repeated

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
_turns = threading.BoundedSemaphore(_AT_ONCE)


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
    engine = _engine(tuple(folder.resolve() for folder in folders), memory_mb, threads)
    database = engine.cursor()
    watch = _Watch(database, timeout_s)
    try:
        watch.start()
        yield database
    except duckdb.InterruptException as error:
        raise EngineError(
            f"This took longer than {timeout_s:g} seconds and was stopped. Ask for fewer rows or columns."
        ) from error
    except duckdb.OutOfMemoryException as error:
        raise EngineError(
            f"This needs more memory than the {memory_mb} MB allowed. Ask for fewer rows or columns."
        ) from error
    finally:
        watch.stop()
        database.close()


@contextmanager
def reading(
    path: Path, *, memory_mb: int = 1024, timeout_s: float = 10.0
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
    if not _turns.acquire(timeout=_TURN_S):
        raise BusyError("The server is busy with other tables. Try again in a few seconds.")
    try:
        with connect(folders=[path.parent], memory_mb=memory_mb, timeout_s=timeout_s) as database:
            yield database
    except _MISTAKES:
        raise
    except duckdb.Error as error:
        _log.error("a stored table cannot be read: %s", str(error).partition("\n")[0])
        if isinstance(error, (duckdb.InternalException, duckdb.FatalException)):
            _engine.cache_clear()  # such an engine answers nothing more
        if "No space left" in str(error):
            raise EngineError("The server’s disk is full. Try later, or ask its administrator.") from error
        raise EngineError(LOST_OR_DAMAGED) from error
    finally:
        _turns.release()


def quote(name: str) -> str:
    """Write a column name as an SQL identifier.

    Parameters
    ----------
    name : str
        Any name without NUL.

    Returns
    -------
    str
        The name in double quotes, quotes inside doubled.

    Examples
    --------
    >>> quote('a"; drop table x--')
    '"a""; drop table x--"'
    """
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Write a text as an SQL literal, for the few places where no parameter can be bound.

    Parameters
    ----------
    text : str
        Any text without NUL.

    Returns
    -------
    str
        The text in single quotes, quotes inside doubled.

    Examples
    --------
    >>> literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


@lru_cache(maxsize=_ENGINES)
def _engine(folders: tuple[Path, ...], memory_mb: int, threads: int) -> duckdb.DuckDBPyConnection:
    """A locked-down engine for these folders, kept for the next question.

    Making one takes some 30 ms, most of the time of a page of rows. One that is forgotten here lives until
    its last connection is closed, and then removes what it spilled.
    """
    database = duckdb.connect(":memory:")
    _lock_down(database, folders=folders, memory_mb=memory_mb, threads=threads)
    return database


def _lock_down(
    database: duckdb.DuckDBPyConnection, *, folders: Sequence[Path], memory_mb: int, threads: int
) -> None:
    """Set the limits in the order that was verified to hold; the last one makes them final."""
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
        "python_enable_replacements = false",
        "enable_external_access = false",
        "lock_configuration = true",
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
