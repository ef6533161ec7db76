"""Brings the columns of Arrow files to the few types that a stored table has, batch by batch."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from beanft.engine.errors import EngineError
from beanft.engine.progress import Progress
from beanft.engine.tables.text.dialect import unique_names
from beanft.engine.tables.wording import counted, listed, shown

_BATCH_CELLS = 1_000_000  # 8 MB of numbers
_BATCH_ROWS = 65_536
_ROW_GROUP = 122_880
_EXACT_DIGITS = 15  # decimal digits that a double always gives back
_LARGEST = 2**63 - 1
_SECONDS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
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

    Whole numbers become BIGINT, and fractions DOUBLE, where that is exact, else text; moments become UTC
    without a zone; what is nested becomes JSON text.

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
    columns = _converters(table.schema, names, pieces)
    n_rows = _write(target, columns, pieces, progress)
    if not n_rows:
        raise EngineError(
            f"The {table.what} has {counted(len(names), 'column')} ({listed(names)}) but no rows. "
            "Upload a table with at least one row."
        )
    return Typed(n_rows=n_rows, notes=(*repairs, *_notes(columns)))


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


@dataclass
class _Converter:
    """How one column is converted, and what happens to its values on the way."""

    name: str
    stored: pa.DataType
    convert: Callable[[pa.Array], pa.Array]
    note: str = ""

    def __call__(self, array: pa.Array) -> pa.Array:
        """The same values in the stored type."""
        return self.convert(_decoded(array))


def _decoded(array: pa.Array) -> pa.Array:
    """The plain array behind a dictionary, a run-length encoding or a type of somebody's own."""
    while True:
        kind = array.type
        if isinstance(kind, pa.BaseExtensionType):
            array = array.storage
        elif pa.types.is_dictionary(kind):
            array = array.dictionary_decode()
        elif pa.types.is_run_end_encoded(kind):
            array = pc.run_end_decode(array)
        else:
            return array


def _plain_type(kind: pa.DataType) -> pa.DataType:
    while True:
        if isinstance(kind, pa.BaseExtensionType):
            kind = kind.storage_type
        elif pa.types.is_dictionary(kind) or pa.types.is_run_end_encoded(kind):
            kind = kind.value_type
        else:
            return kind


def _converters(schema: pa.Schema, names: Sequence[str], pieces: _Pieces) -> list[_Converter]:
    """Decide every column; those that depend on the values are looked through first."""
    kinds = [_plain_type(kind) for kind in schema.types]
    looks = {number: _Look() for number, kind in enumerate(kinds) if _depends(kind)}
    if looks:
        for piece in pieces:
            for number, look in looks.items():
                look.take(_decoded(piece.column(number)))
    return [
        _Converter(name, *_conversion(kind, looks.get(number)))
        for number, (name, kind) in enumerate(zip(names, kinds, strict=True))
    ]


def _depends(kind: pa.DataType) -> bool:
    return bool(pa.types.is_decimal(kind) or pa.types.is_uint64(kind) or _is_bytes(kind) or _is_fine(kind))


def _is_fine(kind: pa.DataType) -> bool:
    """Whether moments may hold parts of a microsecond."""
    return bool(pa.types.is_timestamp(kind) and kind.unit == "ns")


def _is_bytes(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_fixed_size_binary(kind)
        or pa.types.is_binary_view(kind)
    )


class _Look:
    """What the values of a column allow."""

    def __init__(self) -> None:
        self.largest = 0
        """The largest number without its sign."""
        self.is_text = True
        """Whether all bytes are UTF-8 text."""
        self.is_cut = False
        """Whether some moment has parts of a microsecond."""

    def take(self, array: pa.Array) -> None:
        """Look at some more values."""
        if _is_fine(array.type):
            numbers = array.cast(pa.int64())
            whole = pc.multiply(pc.divide(numbers, 1000), 1000)
            self.is_cut = self.is_cut or bool(pc.any(pc.not_equal(numbers, whole)).as_py())
        elif not _is_bytes(array.type):
            bounds = pc.min_max(array).as_py()
            found = [abs(value) for value in bounds.values() if value is not None]
            self.largest = max([self.largest, *found])
        elif self.is_text:
            self.is_text = not pa.types.is_fixed_size_binary(array.type) and _is_utf8(array)


def _is_utf8(array: pa.Array) -> bool:
    try:
        array.cast(pa.string()).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


_Conversion = tuple[pa.DataType, Callable[[pa.Array], pa.Array], str]


def _conversion(kind: pa.DataType, look: _Look | None) -> _Conversion:
    """Stored type, function and note of a column."""
    types = pa.types
    if types.is_timestamp(kind):
        return _moments(kind, is_cut=look is not None and look.is_cut)
    if look is not None:
        return _by_values(kind, look)
    if types.is_boolean(kind):
        return pa.bool_(), _cast(pa.bool_()), ""
    if types.is_integer(kind):
        return pa.int64(), _cast(pa.int64()), ""
    if types.is_floating(kind):
        return pa.float64(), _cast(pa.float64()), ""
    if types.is_date(kind):
        return pa.date32(), _cast(pa.date32()), ""
    if types.is_duration(kind):
        return pa.float64(), _seconds(kind.unit), "durations, stored as seconds"
    return _as_text(kind)


def _as_text(kind: pa.DataType) -> _Conversion:
    types = pa.types
    if (
        types.is_null(kind)
        or types.is_string(kind)
        or types.is_large_string(kind)
        or types.is_string_view(kind)
    ):
        return pa.string(), _texts, ""
    if types.is_time(kind):
        return pa.string(), _cast(pa.string()), "times of day, stored as text"
    return pa.string(), _json, "nested values, stored as JSON text"


def _by_values(kind: pa.DataType, look: _Look) -> _Conversion:
    if _is_bytes(kind):
        return (
            (pa.string(), _texts, "") if look.is_text else (pa.string(), _hex, "bytes, stored as hex digits")
        )
    if pa.types.is_uint64(kind):
        return _whole(look)
    if kind.scale <= 0:
        return _whole(look)
    if look.largest * 10**kind.scale < 10**_EXACT_DIGITS:
        return pa.float64(), _fractions, ""
    note = f"numbers of more than {_EXACT_DIGITS} digits, stored as text so that none is rounded"
    return pa.string(), _digits, note


def _whole(look: _Look) -> _Conversion:
    if look.largest <= _LARGEST:
        return pa.int64(), _cast(pa.int64()), ""
    return pa.string(), _digits, "whole numbers beyond 64 bits, stored as text so that none is rounded"


def _moments(kind: pa.DataType, *, is_cut: bool) -> _Conversion:
    stored = pa.timestamp("us")
    notes = [f"moments of the time zone {shown(kind.tz, 40)}, stored as UTC"] if kind.tz else []
    notes += ["parts of a microsecond, left out"] if is_cut else []

    def convert(array: pa.Array) -> pa.Array:
        return array.cast(pa.timestamp("us", kind.tz), safe=kind.unit != "ns").cast(stored)

    return stored, convert, " and ".join(notes)


def _cast(stored: pa.DataType) -> Callable[[pa.Array], pa.Array]:
    def convert(array: pa.Array) -> pa.Array:
        if pa.types.is_decimal(array.type) and pa.types.is_integer(stored):
            array = pa.array([None if one is None else int(one) for one in array.to_pylist()], stored)
        return array.cast(stored)

    return convert


def _fractions(array: pa.Array) -> pa.Array:
    # The direct cast is wrong in the last binary digit for one number in four (pyarrow 26).
    return array.cast(pa.string()).cast(pa.float64())


def _seconds(unit: str) -> Callable[[pa.Array], pa.Array]:
    def convert(array: pa.Array) -> pa.Array:
        return pc.divide(array.cast(pa.int64()).cast(pa.float64(), safe=False), float(_SECONDS[unit]))

    return convert


def _texts(array: pa.Array) -> pa.Array:
    """Texts without NUL characters, which no CSV could give back."""
    texts = array.cast(pa.string())
    return pc.replace_substring(texts, "\0", "") if pc.any(pc.match_substring(texts, "\0")).as_py() else texts


def _digits(array: pa.Array) -> pa.Array:
    texts = [
        None if one is None else format(one, "f" if pa.types.is_decimal(array.type) else "d")
        for one in array.to_pylist()
    ]
    return pa.array(texts, pa.string())


def _hex(array: pa.Array) -> pa.Array:
    return pa.array([None if one is None else one.hex() for one in array.to_pylist()], pa.string())


def _json(array: pa.Array) -> pa.Array:
    texts = [None if one is None else _json_text(one) for one in array.to_pylist()]
    return _texts(pa.array(texts, pa.string()))


def _json_text(value: Any) -> str:
    if isinstance(value, (dict, list, tuple)):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_inner)
    return str(value)


def _inner(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)


def _write(target: Path, columns: Sequence[_Converter], pieces: _Pieces, progress: Progress) -> int:
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


def _notes(columns: Sequence[_Converter]) -> Iterator[str]:
    """One sentence for each thing that was done, with the columns."""
    found: dict[str, list[str]] = {}
    for column in columns:
        if column.note:
            found.setdefault(column.note, []).append(column.name)
    for note, names in found.items():
        yield f"{listed(names)}: {note}."
