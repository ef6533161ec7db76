"""Opens Arrow files, and writes typed files as the Parquet file that is stored, batch by batch."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from beanft.engine.errors import EngineError
from beanft.engine.progress import Progress
from beanft.engine.tables.formats.arrow_columns import Conversion, conversions
from beanft.engine.tables.text.dialect import unique_names
from beanft.engine.tables.wording import counted, listed

_BATCH_CELLS = 1_000_000  # 8 MB of numbers
_BATCH_ROWS = 65_536
_ROW_GROUP = 122_880
_DAMAGED = (pa.ArrowException, OSError, ValueError, OverflowError)

Batches = Callable[[], Iterator[pa.RecordBatch]]
"""Gives the record batches of a file from its beginning, as often as it is called."""


@dataclass(frozen=True, kw_only=True)
class Typed:
    """What was made of a typed file."""

    n_rows: int
    """Rows written."""
    notes: tuple[str, ...]
    """What was changed, one sentence each."""
    zones: dict[str, str] = field(default_factory=dict)
    """The zone that the moments of a column were turned into, by its name; none for those without."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """A typed file that can be read batch by batch."""

    what: str
    """Its name in sentences, such as 'Parquet file'."""
    schema: pa.Schema
    """Names and types of its columns."""
    n_rows: int | None
    """Rows that it says it has; None when it does not say."""
    batches: Batches = field(repr=False)
    """Its rows."""


def batch_rows(n_columns: int, row_bytes: float = 0) -> int:
    """Rows that are converted at once, so that a batch takes some megabytes.

    Parameters
    ----------
    n_columns : int
        Columns of the table.
    row_bytes : float
        Mean bytes of a row where that is known.

    Returns
    -------
    int
        Between 64 and 65,536.

    Examples
    --------
    >>> batch_rows(10), batch_rows(2000)
    (65536, 500)
    """
    rows = min(_BATCH_ROWS, _BATCH_CELLS // max(n_columns, 1))
    if row_bytes:
        rows = min(rows, int((32 << 20) / row_bytes))
    return max(rows, 64)


@contextmanager
def open_arrow(path: Path, *, is_stream: bool) -> Iterator[Table]:
    """Open an Arrow (Feather) file or stream.

    Parameters
    ----------
    path : Path
        The file.
    is_stream : bool
        Whether it is a stream, which has no directory at its end.

    Yields
    ------
    Table
        Its columns and batches.

    Raises
    ------
    EngineError
        When the file is damaged.
    """
    with refusing("Arrow file"), pa.memory_map(str(path)) as mapped:
        opened = pa.ipc.open_stream(mapped) if is_stream else pa.ipc.open_file(mapped)

        def batches() -> Iterator[pa.RecordBatch]:
            if not is_stream:
                yield from (opened.get_batch(number) for number in range(opened.num_record_batches))
                return
            mapped.seek(0)
            yield from pa.ipc.open_stream(mapped)

        yield Table(what="Arrow file", schema=opened.schema, n_rows=None, batches=batches)


@contextmanager
def refusing(what: str) -> Iterator[None]:
    """Say of whatever goes wrong while a file is read that the file is damaged.

    Parameters
    ----------
    what : str
        Name of the file's format.

    Yields
    ------
    None
        Read inside the block.

    Raises
    ------
    EngineError
        For errors of the library; the disk's errors that carry a number pass.
    """
    try:
        yield
    except MemoryError as error:
        raise EngineError(
            f"The {what} needs more memory than is allowed. Write it in smaller row groups, or as CSV."
        ) from error
    except _DAMAGED as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise EngineError(
            f"The {what} is damaged or not whole, or written in a way that cannot be read here. "
            "Write it again, or write it as CSV, and upload that."
        ) from error


def write_typed(
    table: Table,
    target: Path,
    *,
    max_columns: int = 2000,
    max_cells: int = 2_000_000_000,
    max_rows: int = 0,
    progress: Progress = Progress(),  # noqa: B008 -- it holds nothing
) -> Typed:
    """Write a Parquet file of BIGINT, DOUBLE, BOOLEAN, DATE, TIMESTAMP and VARCHAR columns only.

    What becomes of which type is said at `arrow_columns.conversions`.

    Parameters
    ----------
    table : Table
        What is read.
    target : Path
        The file to write.
    max_columns : int
        Most columns allowed.
    max_cells : int
        Most cells allowed.
    max_rows : int
        Stop after so many rows; 0 for all.
    progress : Progress
        Told the share of the rows written.

    Returns
    -------
    Typed
        Rows and notes.

    Raises
    ------
    EngineError
        When the file is damaged, has no columns or rows, or too many.
    """
    _check_shape(table, max_columns, max_cells)
    names, repairs = unique_names([_printable(name) for name in table.schema.names])
    pieces = _Pieces(table, max_rows, max_cells)
    columns = conversions(table.schema, names, pieces)
    n_rows = _write(target, columns, pieces, progress)
    if not n_rows:
        raise EngineError(
            f"The {table.what} has {counted(len(names), 'column')} ({listed(names)}) but no rows. "
            "Upload a table with at least one row."
        )
    zones = {column.name: column.zone for column in columns if column.zone}
    return Typed(n_rows=n_rows, notes=(*repairs, *_notes(columns)), zones=zones)


def _check_shape(table: Table, max_columns: int, max_cells: int) -> None:
    n = len(table.schema)
    if not n:
        raise EngineError(f"The {table.what} has no columns. Upload a table with at least one.")
    if n > max_columns:
        raise EngineError(
            f"The {table.what} has {counted(n, 'column')}; {max_columns:,} are allowed. "
            "Leave out columns that are not needed and upload it again."
        )
    if table.n_rows is not None:
        _check_cells(table.what, table.n_rows * n, max_cells)


def _check_cells(what: str, n: int, max_cells: int) -> None:
    if n > max_cells:
        raise EngineError(
            f"The {what} has more than the {max_cells:,} cells allowed. "
            "Leave out rows or columns and upload it again."
        )


def _printable(name: str) -> str:
    return name.replace("\0", "")


class _Pieces:
    """Hands out the batches in small checked pieces."""

    def __init__(self, table: Table, max_rows: int, max_cells: int) -> None:
        self.table = table
        self._max_rows = max_rows
        self._max_cells = max_cells
        self._size = batch_rows(len(table.schema))

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        n, width = 0, len(self.table.schema)
        for batch in self.table.batches():
            batch.validate(full=True)  # lengths, offsets and UTF-8: a hostile file may lie in each
            for start in range(0, batch.num_rows, self._size):
                piece = batch.slice(start, self._size)
                if self._max_rows:
                    piece = piece.slice(0, self._max_rows - n)
                n += piece.num_rows
                _check_cells(self.table.what, n * width, self._max_cells)
                yield piece
                if n == self._max_rows:
                    return


def _write(target: Path, columns: Sequence[Conversion], pieces: _Pieces, progress: Progress) -> int:
    schema = pa.schema([(column.name, column.stored) for column in columns])
    n_rows = 0
    with pq.ParquetWriter(target, schema, compression="snappy") as writer:
        held: list[pa.RecordBatch] = []
        for piece in pieces:
            arrays = [column(array) for column, array in zip(columns, piece.columns, strict=True)]
            held.append(pa.record_batch(arrays, schema=schema))
            n_rows += piece.num_rows
            if sum(one.num_rows for one in held) >= _row_group(len(columns)):
                writer.write_table(pa.Table.from_batches(held), row_group_size=_ROW_GROUP)
                held = []
            _tell(progress, n_rows, pieces.table)
        if held:
            writer.write_table(pa.Table.from_batches(held), row_group_size=_ROW_GROUP)
    return n_rows


def _row_group(n_columns: int) -> int:
    """Rows of a row group: fewer where there are many columns, since one is held in memory."""
    return min(_ROW_GROUP, max(4 * _BATCH_CELLS // n_columns, 1000))


def _tell(progress: Progress, n_rows: int, table: Table) -> None:
    share = n_rows / table.n_rows if table.n_rows else 0.5
    progress(min(share, 1.0), f"Reading row {n_rows:,}")


def _notes(columns: Sequence[Conversion]) -> Iterator[str]:
    """One sentence for each thing that was done, with the columns."""
    found: dict[str, list[str]] = {}
    for column in columns:
        if column.note:
            found.setdefault(column.note, []).append(column.name)
    for note, names in found.items():
        yield f"{listed(names)}: {note}."
