"""Lets DuckDB read the rows of a text as they stand; what it cannot read is named or written anew."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from beanft.engine import atomic
from beanft.engine.progress import Progress
from beanft.engine.tables.connection import connect, literal, quote
from beanft.engine.tables.kinds.reading import Reading
from beanft.engine.tables.text.dialect import Dialect
from beanft.engine.tables.text.division import Division
from beanft.engine.tables.text.encoding import Text, rewrite
from beanft.engine.tables.text.rejects import Cleaned, write_clean
from beanft.engine.tables.wishes import Wishes

_LONGEST_S = 24 * 3600.0  # the job's own limit comes first
_POLL_S = 0.2
_ROW_GROUP = 122_880
# Of the memory: each thread gathers so much text for a group, and more of it waits its turn.
_GROUP_SHARE = 8
_EFFORT = 1  # of zstd: its usual 3 makes the file 5 % smaller and the writing a fifth slower
_EXAMPLES = 5
_SHOWN = 200  # characters of a cell that does not fit
_WIDE = 500  # each thread keeps a buffer for each column


@dataclass(frozen=True, kw_only=True)
class Upload:
    """What was found of a file before its rows are read."""

    text: Text
    """The bytes."""
    dialect: Dialect
    """How they are divided."""
    wishes: Wishes
    """What the owner asked for."""
    max_line_mb: int
    """Longest line allowed, in megabytes."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """The connection and the files beside the target."""

    database: duckdb.DuckDBPyConnection
    """Sees the folders of the upload and of the target only."""
    target: Path
    """The Parquet file to make."""
    memory_mb: int
    """Memory of the connection's engine, in megabytes."""

    @property
    def group_mb(self) -> int:
        """Most megabytes of a row group before it is packed; rows of long texts make smaller groups."""
        return max(1, self.memory_mb // _GROUP_SHARE)

    @property
    def part(self) -> Path:
        """The Parquet file while it is written."""
        return self.target.with_name(self.target.name + ".part")

    @property
    def wide(self) -> Path:
        """The Parquet file while it has columns that are not the table's."""
        return self.target.with_name(self.target.name + ".wide.part")

    @property
    def clean(self) -> Path:
        """The text written anew."""
        return self.target.with_name(self.target.name + ".text.part")

    @property
    def rejects(self) -> Path:
        """The rows that were set aside."""
        return self.target.with_name("rejects.csv")

    def publish(self) -> None:
        """Make the finished file durable, then visible."""
        atomic.publish(self.part, self.target)


@dataclass(frozen=True, kw_only=True)
class Rows:
    """The file that holds the rows, as DuckDB reads it."""

    path: Path
    """The upload itself, or what was written beside the target."""
    division: Division
    """What divides its cells."""
    skipped: int
    """Physical lines before its first row."""
    n_columns: int
    """Cells of each row."""
    max_line: int
    """Longest line allowed, in bytes."""
    cleaned: Cleaned | None = None
    """What was set aside when the rows were written anew."""

    @property
    def cells(self) -> list[str]:
        """SQL of the columns of `sql`."""
        return [f"c{number}" for number in range(self.n_columns)]

    @property
    def sql(self) -> str:
        """SQL of a FROM item: all cells as text."""
        types = ", ".join(f"'{cell}': 'VARCHAR'" for cell in self.cells)
        division = self.division
        ends = ", new_line='\\n'" if self.cleaned else ""  # cells may hold other line ends then
        # DuckDB moves casts into the reader, which fails at "" unless that is NULL there as well; in a file
        # of one column it is a row, and a blank line is none.
        nulls = "true" if self.n_columns > 1 else "false"
        read = (
            f"read_csv({literal(str(self.path))}, auto_detect=false, header=false, skip={self.skipped}, "
            f"columns={{{types}}}, delim={literal(division.delimiter)}, quote={literal(division.quote)}, "
            f"escape={literal(division.escape if division.quote else '')}, "
            f"strict_mode=true, allow_quoted_nulls={nulls}, max_line_size={self.max_line}{ends})"
        )
        # A blank line in a file of one column is no row.
        return f"(SELECT * FROM {read} WHERE c0 IS NOT NULL)" if self.n_columns == 1 else read  # noqa: S608 -- names of our own


@contextmanager
def workplace(source: Path, target: Path, *, memory_mb: int, n_columns: int) -> Iterator[Place]:
    """Open a connection that works beside the target; nothing but the target and its rejects stays.

    Parameters
    ----------
    source : Path
        The upload.
    target : Path
        The Parquet file to make.
    memory_mb : int
        Memory for the engine, in megabytes.
    n_columns : int
        Columns of the table; wide ones are read by one thread.

    Yields
    ------
    Place
        The connection and the names of the files.
    """
    threads = 1 if n_columns > _WIDE else 2
    folders = [target.parent, source.parent]
    with ExitStack() as stack:
        place = Place(
            database=stack.enter_context(
                connect(folders=folders, memory_mb=memory_mb, threads=threads, timeout_s=_LONGEST_S)
            ),
            target=target.resolve(),
            memory_mb=memory_mb,
        )
        for leftover in (place.part, place.wide, place.clean):
            leftover.unlink(missing_ok=True)
            stack.callback(leftover.unlink, missing_ok=True)
        yield place


def rows_of(place: Place, upload: Upload) -> Rows:
    """Say how DuckDB can read the rows, writing the text anew where it cannot read it as it is.

    Parameters
    ----------
    place : Place
        Where the new text goes.
    upload : Upload
        The text and its dialect.

    Returns
    -------
    Rows
        The file to read.

    Raises
    ------
    EngineError
        When the rows had to be written anew and some are none.
    """
    text, skipped = upload.text, upload.dialect.skipped
    if not upload.dialect.is_plain or (not text.is_plain and not text.is_uniform):
        return strict_rows(place, upload)
    if not text.is_plain or skipped > 1:  # DuckDB counts what it skips in its own way
        text, skipped = rewrite(text, place.clean, skipped=skipped), 0
    return Rows(
        path=text.path.resolve(),
        division=upload.dialect,
        skipped=skipped,
        n_columns=len(upload.dialect.names),
        max_line=upload.max_line_mb << 20,
    )


def strict_rows(place: Place, upload: Upload) -> Rows:
    """Write the rows anew in the strictest way; what is no row is named, or set aside if the owner says so.

    Parameters
    ----------
    place : Place
        Where the new text and the rejects go.
    upload : Upload
        The text and its dialect.

    Returns
    -------
    Rows
        The strict file.

    Raises
    ------
    EngineError
        When some lines are no rows and must not be set aside.
    """
    place.clean.unlink(missing_ok=True)
    cleaned = write_clean(
        upload.text,
        upload.dialect,
        place.clean,
        place.rejects,
        wishes=upload.wishes,
        max_line_mb=upload.max_line_mb,
    )
    return Rows(
        path=place.clean,
        division=Division(delimiter=","),
        skipped=0,
        n_columns=len(upload.dialect.names),
        max_line=2 * upload.max_line_mb << 20,  # quotes may have doubled
        cleaned=cleaned,
    )


def write(place: Place, table: str, names: Sequence[str], readings: Sequence[Reading]) -> None:
    """Write the typed Parquet file in one statement.

    Parameters
    ----------
    place : Place
        Where it goes.
    table : str
        SQL of the FROM item with the cells.
    names : sequence of str
        Names of the columns.
    readings : sequence of Reading
        How each is read.
    """
    values = ", ".join(
        f"{reading.value} AS {quote(name)}" for name, reading in zip(names, readings, strict=True)
    )
    statement = copy_sql(f"SELECT {values} FROM {table}", place.part, group_mb=place.group_mb)  # noqa: S608 -- quoted names
    place.database.execute(statement)


def copy_sql(query: str, path: Path, *, group_mb: int) -> str:
    """Write the SQL that stores the rows of a query as a Parquet file.

    Parameters
    ----------
    query : str
        SQL.
    path : Path
        The file to make.
    group_mb : int
        Most megabytes of a row group before it is packed.

    Returns
    -------
    str
        SQL; the rows keep their order.
    """
    return (
        f"COPY ({query}) TO {literal(str(path))} "
        f"(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL {_EFFORT}, "
        f"ROW_GROUP_SIZE {_ROW_GROUP}, ROW_GROUP_SIZE_BYTES '{group_mb}MB')"
    )


def misfits(
    database: duckdb.DuckDBPyConnection, table: str, readings: Sequence[Reading]
) -> dict[int, list[tuple[int, str]]]:
    """Find the first cells that do not fit of each column that has some.

    Parameters
    ----------
    database : duckdb.DuckDBPyConnection
        Where the table can be read.
    table : str
        SQL of the FROM item with the cells.
    readings : sequence of Reading
        How each column is read.

    Returns
    -------
    dict of int to list of (int, str)
        By place of the column: rows from 0 and texts, at most five.
    """
    bad = [number for number, reading in enumerate(readings) if reading.n_unreadable]
    if not bad:
        return {}
    first = ", ".join(_first_misfits(readings[number]) for number in bad)
    row = database.execute(
        f"SELECT {first} FROM (SELECT *, row_number() OVER () - 1 AS r FROM {table})"  # noqa: S608 -- names of our own
    ).fetchone()
    return {
        number: [(int(cell["r"]), str(cell["t"])) for cell in cells or ()]
        for number, cells in zip(bad, row or (), strict=True)
    }


def _first_misfits(reading: Reading) -> str:
    cell = f"{{'r': r, 't': left({reading.text}, {_SHOWN})}}"
    return f"arg_min({cell}, CASE WHEN {reading.misfit} THEN r END, {_EXAMPLES})"


@contextmanager
def watched(
    database: duckdb.DuckDBPyConnection,
    progress: Progress,
    start: float,
    end: float,
    work: tuple[str, float],
) -> Iterator[None]:
    """Tell the progress of a long statement while it runs.

    Parameters
    ----------
    database : duckdb.DuckDBPyConnection
        Where the statement runs.
    progress : Progress
        Told the share done.
    start, end : float
        Share of the whole work before and after the statement.
    work : tuple of (str, float)
        What is being done, and megabytes to go through (0 when not known).

    Yields
    ------
    None
        The statement runs inside.
    """
    over = threading.Event()
    what, megabytes = work

    def message(share: float) -> str:
        return f"{what}: {share * megabytes:,.0f} of {megabytes:,.0f} MB" if megabytes >= 1 else what

    def tell() -> None:
        highest = 0.0
        while not over.wait(_POLL_S):
            highest = max(highest, min(1.0, database.query_progress() / 100))
            progress(start + highest * (end - start), message(highest))

    progress(start, message(0.0))
    thread = threading.Thread(target=tell, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
    progress(end, message(1.0))
