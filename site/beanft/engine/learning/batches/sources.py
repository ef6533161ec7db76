"""Opens whatever is to be predicted and gives its rows by blocks: texts as they stand, or typed values."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from beanft.engine.errors import EngineError
from beanft.engine.learning.batches.spellings import Schema, Spellings, as_trained, spelled
from beanft.engine.progress import Progress
from beanft.engine.tables.files import sha256_of, verify
from beanft.engine.tables.formats.arrow import batch_rows
from beanft.engine.tables.formats.sources import Limits, Source, open_source
from beanft.engine.tables.ingest.load import Place, Rows, Upload, rows_of, strict_rows, workplace
from beanft.engine.tables.text.dialect import Dialect, find_dialect
from beanft.engine.tables.text.encoding import examine
from beanft.engine.tables.wishes import Wishes

_OWN_WAYS = {"count-missing", "other-table"}  # that a batch offers itself
_MOST_ROWS = 32_768  # of a block: what is made of it, two at a time, stays below 100 MB
_READING_MB = 256  # for the engine, which only hands rows on
_WIDE, _WIDE_MB = 500, 768  # it keeps a buffer for each column
_BROKEN = (duckdb.Error, pa.ArrowException, OSError)
_NOT_THE_ROWS = (duckdb.OutOfMemoryException, duckdb.InterruptException)

Blocks = Iterator[pa.RecordBatch]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is to be opened."""

    path: Path
    """The file; it is only read."""
    name: str = ""
    """Its name as the owner knows it, for sentences."""
    sheet: str = ""
    """Sheet of a workbook; empty for the first that holds a table."""
    is_version: bool = False
    """Whether it is a dataset's own Parquet file, which needs no conversion."""
    sha256: str = ""
    """Digest that it must have; empty where nobody knows it."""
    wanted: Sequence[str] = ()
    """Columns that the model needs: by them a header is known that looks like a row."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One way to read the rows of a table."""

    blocks: Callable[[], Blocks]
    """Gives all rows."""
    spellings: Callable[[Schema, Progress], Spellings] = as_trained
    """Decides, before, how the columns of a schema are written in it."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table that can be read."""

    names: tuple[str, ...]
    """Names of its columns, unique without minding case."""
    n_rows: int
    """Its rows, or about as many: cells with line breaks count more than once."""
    entries: Sequence[Entry] = field(repr=False)
    """Ways to read all rows in order, to be tried one after the other: the first is quick and fails with
    BrokenError at rows that are none; the last names them."""
    label: str = "CSV"
    """What it is, such as 'CSV in a gzip archive'."""
    sheet: str = ""
    """Sheet that was read."""
    notes: tuple[str, ...] = ()
    """What was left out, repaired or assumed, one sentence each."""
    plain_first: bool = False
    """Whether its texts were written here from typed values, as those of a workbook and of JSON are."""


class BrokenError(Exception):
    """The rows cannot be read in this way."""


@contextmanager
def open_table(
    asked: Asked, target: Path, *, limits: Limits, progress: Progress
) -> Iterator[tuple[Table, Place]]:
    """Open a file of any format that ingest takes, or a dataset's table.

    Parameters
    ----------
    asked : Asked
        What to open.
    target : Path
        The file to be made of it; what has to be written meanwhile goes beside it and is removed.
    limits : Limits
        How large it may be.
    progress : Progress
        Told the share unpacked or converted.

    Yields
    ------
    table : Table
        Names at once, rows by asking for them.
    place : Place
        Where the result is written (`part`) before it is published.

    Raises
    ------
    EngineError
        When it is no table, damaged or too large.
    """
    _check(asked)
    wishes = Wishes(sheet=asked.sheet)
    with _read_once(), _opened(asked, target.parent, wishes, limits, progress) as opened:
        found = _typed(opened) if opened.parquet_path else _text(opened, asked, wishes, limits)
        width, near = _width(found), opened.text_path or asked.path
        memory_mb = _READING_MB if width <= _WIDE else _WIDE_MB
        with workplace(near, target, memory_mb=memory_mb, n_columns=width) as place:
            yield (_text_table(opened, found, place) if isinstance(found, Upload) else found), place


@contextmanager
def _read_once() -> Iterator[None]:
    """A batch is read in one way only: no refusal names a way out that only a dataset has."""
    try:
        yield
    except EngineError as error:
        if not error.remedies or set(error.remedies) & _OWN_WAYS:
            raise
        raise EngineError(error.unaided, remedies=("other-table",)) from error


@contextmanager
def _opened(
    asked: Asked, folder: Path, wishes: Wishes, limits: Limits, progress: Progress
) -> Iterator[Source]:
    """Unpack and convert a file; what had to be written for it is removed in the end."""
    if asked.is_version:
        yield Source(parquet_path=asked.path, label="dataset")
        return
    opened = open_source(
        asked.path,
        original_name=asked.name,
        folder=folder,
        wishes=wishes,
        limits=limits,
        progress=progress,
    )
    try:
        yield opened
    finally:
        for leftover in opened.temporary:
            leftover.unlink(missing_ok=True)


def _check(asked: Asked) -> None:
    """Refuse a file that is not what was once kept."""
    if asked.is_version:
        verify(asked.path, asked.sha256)
    elif asked.sha256 and sha256_of(asked.path) != asked.sha256:
        raise EngineError("The stored file changed on disk since it was uploaded. Upload it again.")


def _width(found: "Upload | Table") -> int:
    return len(found.dialect.names if isinstance(found, Upload) else found.names)


def _typed(opened: Source) -> Table:
    path = opened.parquet_path
    if path is None:
        raise ValueError("there is no typed file")
    with pq.ParquetFile(path) as file:
        names, n_rows = tuple(file.schema_arrow.names), file.metadata.num_rows
    return Table(
        names=names,
        n_rows=n_rows,
        entries=(Entry(blocks=partial(_parquet_blocks, path, len(names))),),
        label=opened.label,
        notes=opened.notes,
    )


def _parquet_blocks(path: Path, n_columns: int) -> Blocks:
    with pq.ParquetFile(path) as file:
        yield from file.iter_batches(batch_size=min(_MOST_ROWS, batch_rows(n_columns)), use_threads=False)


def _text(opened: Source, asked: Asked, wishes: Wishes, limits: Limits) -> Upload:
    """Find out how the text is divided."""
    path = opened.text_path
    if path is None:
        raise ValueError("there is no text")
    if opened.is_clean:
        header = "yes" if opened.has_header else ""
        wishes = replace(wishes, encoding="utf-8", delimiter=",", quote='"', escape="double", header=header)
    text = examine(path, max_line_mb=limits.max_line_mb, wishes=wishes)
    dialect = find_dialect(text.lines(), max_columns=limits.max_columns, wishes=wishes)
    if not dialect.has_header:
        dialect = _with_header(
            dialect, asked, partial(find_dialect, max_columns=limits.max_columns), text.lines, wishes
        )
    return Upload(text=text, dialect=dialect, wishes=wishes, max_line_mb=limits.max_line_mb)


def _with_header(
    dialect: Dialect,
    asked: Asked,
    find: Callable[..., Dialect],
    lines: Callable[[], Iterator[str]],
    wishes: Wishes,
) -> Dialect:
    """A first row that names columns of the model is a header, though it looks like the other rows."""
    try:
        other = find(lines(), wishes=replace(wishes, header="yes"))
    except EngineError:  # it is the only row
        return dialect
    wanted = {name.casefold() for name in asked.wanted}
    return other if wanted & {name.casefold() for name in other.names} else dialect


def _text_table(opened: Source, upload: Upload, place: Place) -> Table:
    dialect = upload.dialect
    return Table(
        names=dialect.names,
        n_rows=max(1, upload.text.n_lines - dialect.skipped),
        entries=[_text_entry(opened, upload, place, way) for way in (rows_of, strict_rows)],
        label=opened.label,
        sheet=opened.sheet,
        notes=(*opened.notes, *dialect.notes, *upload.text.notes),
        plain_first=opened.is_clean,
    )


def _text_entry(opened: Source, upload: Upload, place: Place, way: Callable[[Place, Upload], Rows]) -> Entry:
    """Read texts; those that were written here from typed values spell nothing in a way of their own."""
    rows = cache(partial(way, place, upload))  # it may have to write the text anew
    blocks = partial(_text_blocks, place, upload, rows)
    if opened.is_clean:
        return Entry(blocks=blocks)
    return Entry(blocks=blocks, spellings=partial(_text_spellings, place, upload, rows))


def _text_spellings(
    place: Place, upload: Upload, rows: Callable[[], Rows], schema: Schema, progress: Progress
) -> Spellings:
    names, delimiter = upload.dialect.names, upload.dialect.delimiter
    try:
        with place.database.cursor() as database:  # its results are not fetched to their end
            return spelled(database, rows(), names, schema, progress, delimiter=delimiter)
    except _NOT_THE_ROWS:
        raise
    except _BROKEN as error:
        raise BrokenError from error


def _text_blocks(place: Place, upload: Upload, way: Callable[[], Rows]) -> Blocks:
    """Read all cells as text; the rows are made while they are asked for."""
    rows = way()
    names = list(upload.dialect.names)
    row_bytes = rows.path.stat().st_size / max(1, upload.text.n_lines)
    size = min(_MOST_ROWS, batch_rows(len(names), 2 * row_bytes))
    try:
        relation = place.database.sql(f"SELECT {', '.join(rows.cells)} FROM {rows.sql}")  # noqa: S608 -- names of our own
        for block in relation.to_arrow_reader(size):
            yield block.rename_columns(names)
    except _NOT_THE_ROWS:
        raise
    except _BROKEN as error:
        raise BrokenError from error
