"""The one door to DuckDB: a locked-down connection that sees only the folders it was given."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from uuid import uuid4

import duckdb

from beanft.engine.errors import EngineError

_TEMPORARY_MB = 20_000  # a sort of ten million rows spills about 2 GB; beyond this the disk is at risk
_ENGINES = 16  # datasets that are being looked at; an idle engine holds a few MB
_AGAIN_S = 0.05  # an interrupt that falls between two statements is lost, so it is repeated


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
