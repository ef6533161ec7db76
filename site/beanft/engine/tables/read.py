"""Turns an upload into a typed Parquet file and its profile, in bounded memory and one pass over the text."""

import csv
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from beanft.engine.errors import EngineError
from beanft.engine.progress import Progress
from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.connection import connect, literal, quote
from beanft.engine.tables.dialect import Dialect, find_dialect
from beanft.engine.tables.encoding import Text, examine, rewrite
from beanft.engine.tables.files import sha256_of
from beanft.engine.tables.kinds import Reading, check_wishes, read_column
from beanft.engine.tables.profile import Shape, describe, draw, source_sql
from beanft.engine.tables.records import checked, records
from beanft.engine.tables.slices import slices
from beanft.engine.tables.wishes import Wishes
from beanft.engine.tables.wording import counted, shown

_LONGEST_S = 24 * 3600.0  # the job's own limit comes first
_ROW_GROUP = 122_880
_EXAMPLES = 5
_FEW_ROWS = 10  # in so few rows different values say nothing
_CATEGORY_VALUES = 100
_CATEGORY_SHARE = 0.05
_CATEGORY_MOST = 1000
_MOSTLY_DIFFERENT = 0.5  # texts that mostly differ are no categories, however few they are
_NAMED_COLUMNS = 10  # in one note
_WORD_LENGTH = 64
_KEY_NAME = re.compile(r"(^|[^a-z])(id|key|nr|index|uuid|guid)([^a-z]|$)|[a-z](Id|ID|Key|Nr)$")


def ingest(
    *,
    source: str,
    target: str,
    original_name: str,
    wishes: dict[str, Any] | None = None,
    max_columns: int = 2000,
    max_line_mb: int = 4,
    memory_mb: int = 1024,
    progress: Progress = Progress(),  # noqa: B008 -- it holds nothing
) -> dict[str, Any]:
    """Read a CSV, decide the kinds of its columns from all its cells and write it as Parquet.

    Parameters
    ----------
    source : str
        Path of the upload; it is only read.
    target : str
        Path of the Parquet file to write; it is whole or not there.
    original_name : str
        The file's name as its owner knows it, for sentences.
    wishes : dict, optional
        What the owner asked for (Wishes.to_dict); it wins over what would be found.
    max_columns : int
        Most columns allowed.
    max_line_mb : int
        Longest line allowed, in megabytes.
    memory_mb : int
        Memory for the engine, in megabytes.
    progress : Progress
        Told the share done and what is being done.

    Returns
    -------
    dict
        JSON-able: "profile" (as Profile.to_dict), "parquet_sha256" and "parquet_bytes".

    Raises
    ------
    EngineError
        When the file is no table; the sentence names line, column and what to do.
    """
    progress(0.0, f"Looking at {original_name}")
    text = examine(Path(source), max_line_mb=max_line_mb)
    dialect = find_dialect(text.lines(), max_columns=max_columns)
    kinds = Wishes.from_dict(wishes).kinds
    check_wishes(kinds, dialect.names)
    progress(0.1, "Reading rows")
    upload = _Upload(text=text, dialect=dialect, kinds=kinds, max_line_mb=max_line_mb)
    with _workplace(Path(source), Path(target), memory_mb, len(dialect.names)) as place:
        _load(place, upload)
        profile = _convert(place, upload, progress)
        progress(0.97, "Saving")
        place.publish()
    return {
        "profile": profile.to_dict(),
        "parquet_sha256": sha256_of(target),
        "parquet_bytes": Path(target).stat().st_size,
    }


@dataclass(frozen=True, kw_only=True)
class _Upload:
    """What was found of a file before its rows are read."""

    text: Text
    dialect: Dialect
    kinds: dict[str, str]
    max_line_mb: int


@dataclass(frozen=True, kw_only=True)
class _Place:
    """The connection and the files beside the target."""

    database: duckdb.DuckDBPyConnection
    target: Path

    @property
    def part(self) -> Path:
        return self.target.with_name(self.target.name + ".part")

    @property
    def clean(self) -> Path:
        return self.target.with_name(self.target.name + ".text.part")

    @property
    def work(self) -> Path:
        return self.target.with_name(self.target.name + ".work.part")

    @property
    def cells(self) -> str:
        """SQL of the table of texts."""
        return source_sql(self.work)

    def publish(self) -> None:
        """Make the finished file durable, then visible."""
        with self.part.open("rb") as file:
            os.fsync(file.fileno())
        self.part.replace(self.target)
        folder = os.open(self.target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@contextmanager
def _workplace(source: Path, target: Path, memory_mb: int, n_columns: int) -> Iterator[_Place]:
    """Open a connection that works beside the target; nothing but the target stays."""
    threads = 1 if n_columns > 500 else 2  # each thread keeps a buffer for each column
    with ExitStack() as stack:
        place = _Place(
            database=stack.enter_context(
                connect(
                    folders=[target.parent, source.parent],
                    memory_mb=memory_mb,
                    threads=threads,
                    timeout_s=_LONGEST_S,
                )
            ),
            target=target.resolve(),
        )
        for leftover in (place.part, place.clean, place.work):
            leftover.unlink(missing_ok=True)
            stack.callback(leftover.unlink, missing_ok=True)
        yield place


def _load(place: _Place, upload: _Upload) -> None:
    """Bring all cells as text into the work file, in the order of the upload."""
    text, skipped = upload.text, upload.dialect.skipped
    if not text.is_plain or skipped > 1:  # DuckDB counts what it skips in its own way
        text, skipped = rewrite(text, place.clean, skipped=skipped), 0
    try:
        _load_text(place, upload, text.path.resolve(), skipped)
    except duckdb.Error as error:
        if isinstance(error, (duckdb.OutOfMemoryException, duckdb.InterruptException)):
            raise
        _rewrite_rows(place, upload)
        _load_text(place, upload, place.clean, 0)


def _load_text(place: _Place, upload: _Upload, path: Path, skipped: int) -> None:
    names = [f"c{number}" for number in range(len(upload.dialect.names))]
    types = ", ".join(f"'{name}': 'VARCHAR'" for name in names)
    cells = ", ".join(f"nullif({name}, '') AS {name}" for name in names)
    some = " WHERE c0 IS NOT NULL" if len(names) == 1 else ""  # a blank line is no row
    place.database.execute(
        f"COPY (SELECT {cells} FROM read_csv({literal(str(path))}, auto_detect=false, "  # noqa: S608 -- names of our own
        f"header=false, skip={skipped}, columns={{{types}}}, delim={literal(upload.dialect.delimiter)}, "
        "quote='\"', escape='\"', strict_mode=true, allow_quoted_nulls=false, "
        f"max_line_size={upload.max_line_mb << 20}){some}) TO {literal(str(place.work))} "
        "(FORMAT parquet, COMPRESSION snappy)"
    )


def _rewrite_rows(place: _Place, upload: _Upload) -> None:
    """Name what is wrong with the rows; if nothing is, write them in the strictest way for a second try."""
    place.clean.unlink(missing_ok=True)
    with place.clean.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(
            file, delimiter=upload.dialect.delimiter, quoting=csv.QUOTE_ALL, lineterminator="\n"
        )
        rows = checked(upload.text, upload.dialect, max_line_mb=upload.max_line_mb)
        writer.writerows(record.cells for record in rows)


def _convert(place: _Place, upload: _Upload, progress: Progress) -> Profile:
    """Decide the kinds, write the typed file and describe it."""
    names = upload.dialect.names
    n_rows = _n_rows(place)
    if not n_rows:
        raise EngineError("The file has no rows. Upload a CSV with at least one row.")
    readings = _readings(place, upload, n_rows, _part(progress, 0.35, 0.55))
    progress(0.55, "Writing the table")
    _write(place, names, readings)
    columns = _columns(place, upload, readings, n_rows)
    described = describe(
        place.database, place.part, columns, n_rows=n_rows, progress=_part(progress, 0.6, 0.8)
    )
    settled = [
        replace(column, kind=_kind(column, shape, reading, n_rows))
        for (column, shape), reading in zip(described, readings, strict=True)
    ]
    return Profile(
        n_rows=n_rows,
        columns=draw(place.database, place.part, settled, n_rows=n_rows, progress=_part(progress, 0.8, 0.95)),
        encoding=upload.text.encoding,
        delimiter=upload.dialect.delimiter,
        has_header=upload.dialect.has_header,
        notes=_notes(upload, readings, settled),
    )


def _readings(place: _Place, upload: _Upload, n_rows: int, progress: Progress) -> list[Reading]:
    """Find the form of each column."""
    names = upload.dialect.names
    cells = [f"c{number}" for number in range(len(names))]
    readings = []
    for positions, table in slices(place.database, place.cells, cells, n_rows=n_rows):
        for number in positions:
            progress(number / len(names), "Finding the kinds of columns")
            name = names[number]
            readings.append(
                read_column(
                    place.database,
                    table,
                    cells[number],
                    name=name,
                    delimiter=upload.dialect.delimiter,
                    wish=upload.kinds.get(name, ""),
                )
            )
    return readings


def _n_rows(place: _Place) -> int:
    row = place.database.execute(f"SELECT count(*) FROM {place.cells}").fetchone()  # noqa: S608 -- a path of our own
    return int(row[0]) if row else 0


def _part(progress: Progress, start: float, end: float) -> Progress:
    """A listener for a part of the work."""

    class Part(Progress):
        def __call__(self, share: float, message: str = "") -> None:
            progress(start + share * (end - start), message)

    return Part()


def _write(place: _Place, names: Sequence[str], readings: Sequence[Reading]) -> None:
    values = ", ".join(
        f"{reading.value} AS {quote(name)}" for name, reading in zip(names, readings, strict=True)
    )
    place.database.execute(
        f"COPY (SELECT {values} FROM {place.cells}) TO {literal(str(place.part))} "  # noqa: S608 -- quoted names
        f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_ROW_GROUP})"
    )


def _columns(place: _Place, upload: _Upload, readings: Sequence[Reading], n_rows: int) -> list[Column]:
    """Columns with what the reading tells; cells that did not fit get their physical lines."""
    found = [_unreadable_rows(place, reading) for reading in readings]
    lines = _line_numbers(upload, {row for cells in found for row, _ in cells}, n_rows)
    return [
        Column(
            name=name,
            kind=reading.form.kind if reading.form else "text",
            stored=reading.form.stored if reading.form else "VARCHAR",
            n_missing=0,
            n_distinct=0,
            n_unreadable=reading.n_unreadable,
            unreadable=tuple((lines[row], cell[:200]) for row, cell in cells),
            format=reading.form.format if reading.form else "",
        )
        for name, reading, cells in zip(upload.dialect.names, readings, found, strict=True)
    ]


def _unreadable_rows(place: _Place, reading: Reading) -> list[tuple[int, str]]:
    if not reading.n_unreadable:
        return []
    return place.database.execute(
        f"SELECT file_row_number, {reading.text} FROM {place.cells} "  # noqa: S608 -- names of our own
        f"WHERE {reading.text} IS NOT NULL AND ({reading.value}) IS NULL "
        f"ORDER BY file_row_number LIMIT {_EXAMPLES}"
    ).fetchall()


def _line_numbers(upload: _Upload, rows: set[int], n_rows: int) -> dict[int, int]:
    """Physical lines of rows: by arithmetic where each row is one line, else by reading up to them."""
    if not rows:
        return {}
    first = upload.dialect.skipped + 1
    if upload.text.n_lines == upload.dialect.skipped + n_rows:
        return {row: first + row for row in rows}
    lines, last = {}, max(rows)
    for row, record in enumerate(records(upload.text, upload.dialect, max_line_mb=upload.max_line_mb)):
        if row in rows:
            lines[row] = record.line
        if row == last:
            break
    return {row: lines.get(row, 0) for row in rows}


def _kind(column: Column, shape: Shape, reading: Reading, n_rows: int) -> str:
    """Settle the kind once the values are counted; the owner's word comes first."""
    if reading.wish:
        return reading.wish
    if column.n_distinct <= 1:
        return "constant"
    all_different = column.n_distinct == n_rows
    named = _KEY_NAME.search(column.name) or _KEY_NAME.search(column.name.lower())
    if all_different and column.stored == "BIGINT" and (named or (shape.is_sequence and n_rows >= _FEW_ROWS)):
        return "identifier"
    if column.kind != "text":
        return column.kind
    one_word = not shape.n_with_blanks and shape.longest <= _WORD_LENGTH
    if all_different and one_word and (named or n_rows >= _FEW_ROWS):
        return "identifier"
    few = column.n_distinct <= max(_CATEGORY_VALUES, min(_CATEGORY_MOST, _CATEGORY_SHARE * n_rows))
    differing = n_rows >= _FEW_ROWS and column.n_distinct > _MOSTLY_DIFFERENT * (n_rows - column.n_missing)
    return "category" if few and not (differing and shape.n_with_blanks) else "text"


def _notes(upload: _Upload, readings: Sequence[Reading], columns: Sequence[Column]) -> tuple[str, ...]:
    notes = list(upload.dialect.notes)
    if upload.text.encoding not in ("utf-8", "utf-8-sig"):
        notes.append(f"The file was read as {upload.text.label}, not UTF-8.")
    if len(upload.text.endings) > 1:
        notes.append(
            f"The lines end in different ways ({', '.join(upload.text.endings)}); all were made equal."
        )
    notes += _missing_notes(readings, columns)
    for column, reading in zip(columns, readings, strict=True):
        notes += reading.notes
        if column.n_unreadable:
            notes.append(_unreadable_note(column))
    return tuple(notes)


def _missing_notes(readings: Sequence[Reading], columns: Sequence[Column]) -> list[str]:
    """One sentence for each spelling of nothing, with the columns and how often."""
    found: dict[str, list[str]] = {}
    for column, reading in zip(columns, readings, strict=True):
        for text, n in reading.spellings:
            found.setdefault(text, []).append(f"{shown(column.name)} ({n:,})")
    return [f"{shown(text)} was read as missing in {_first(places)}." for text, places in found.items()]


def _first(places: Sequence[str]) -> str:
    more = len(places) - _NAMED_COLUMNS
    return ", ".join(places[:_NAMED_COLUMNS]) + (f" and {more:,} more columns" if more > 0 else "")


def _unreadable_note(column: Column) -> str:
    where = ", ".join(f"line {line:,} ({shown(text, 40)})" for line, text in column.unreadable)
    what = {"number": "no number", "boolean": "not true or false", "date": "no date of its form"}
    n = column.n_unreadable
    more = ", …" if n > len(column.unreadable) else ""
    kind = what.get(column.kind, "not of the type of the others")
    return (
        f"{shown(column.name)}: {counted(n, 'cell')} {'is' if n == 1 else 'are'} {kind} and became missing: "
        f"{where}{more}."
    )
