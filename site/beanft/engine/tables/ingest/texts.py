"""Writes a text as a typed Parquet file: in one pass as a sample suggests, or counted, then converted."""

from collections.abc import Sequence
from contextlib import suppress

import duckdb

from beanft.engine.progress import Progress
from beanft.engine.tables.columns import Column
from beanft.engine.tables.ingest.attempt import attempt
from beanft.engine.tables.ingest.draft import Draft, check_size
from beanft.engine.tables.ingest.glance import glance
from beanft.engine.tables.ingest.load import (
    Place,
    Rows,
    Upload,
    misfits,
    rows_of,
    strict_rows,
    watched,
    write,
)
from beanft.engine.tables.kinds.counting import count
from beanft.engine.tables.kinds.reading import Reading, check_wishes
from beanft.engine.tables.kinds.settle import told_by
from beanft.engine.tables.kinds.survey import settle, survey
from beanft.engine.tables.text.blanks import blank_lines, blank_notes, empty_last_rows, empty_notes
from beanft.engine.tables.text.records import line_numbers

MOST_COLUMNS = 100
"""Wider tables are counted before they are written: a column beside each takes memory, and planning time."""

_Read = tuple[int, list[Reading], bool]
"""Rows, how the columns are read, and whether the table is written already."""


def draft_text(place: Place, upload: Upload, progress: Progress, *, max_cells: int) -> Draft:
    """Write the typed Parquet file of a text.

    Parameters
    ----------
    place : Place
        Where it goes.
    upload : Upload
        The text, its dialect and what the owner asked for.
    progress : Progress
        Told the share of the bytes.
    max_cells : int
        Most cells allowed.

    Returns
    -------
    Draft
        Columns and how they were read.

    Raises
    ------
    EngineError
        When rows are no rows, or there is none or too many, or a wish cannot be fulfilled.
    """
    dropped = check_wishes(upload.wishes.columns, upload.dialect.names)
    rows, (n_rows, readings, is_written) = _read(place, upload, progress, max_cells)
    names = upload.dialect.names
    check_size(n_rows=n_rows, n_columns=len(names), max_cells=max_cells)
    if not is_written:
        with watched(place.database, progress, 0.45, 0.6, _bytes("Writing the table", rows)):
            write(place, rows.sql, names, readings)
    cleaned = rows.cleaned
    return Draft(
        n_rows=n_rows,
        columns=_columns(place, upload, rows, readings, n_rows),
        readings=readings,
        notes=(
            *_notes(upload),
            *(cleaned.notes if cleaned else _blank_notes(upload, rows, n_rows)),
            *empty_notes(empty_last_rows(rows.path, rows.division, n_columns=rows.n_columns), n_rows),
            *dropped,
        ),
        n_rejected=cleaned.n_rejected if cleaned else 0,
        rejected=cleaned.rejected if cleaned else (),
    )


def _read(place: Place, upload: Upload, progress: Progress, max_cells: int) -> tuple[Rows, _Read]:
    """Read all cells; rows that DuckDB cannot read are named or set aside, or read in the strict way."""
    progress(0.1, "Reading rows")
    rows = rows_of(place, upload)
    try:
        return rows, _decide(place, upload, rows, progress, max_cells)
    except duckdb.Error as error:
        if rows.cleaned or _is_of_the_machine(error):
            raise
    rows = strict_rows(place, upload)
    return rows, _decide(place, upload, rows, progress, max_cells)


def _is_of_the_machine(error: duckdb.Error) -> bool:
    """Whether an error says nothing of the rows: what is wrong with those is an InvalidInputException."""
    return isinstance(error, (duckdb.OutOfMemoryException, duckdb.InterruptException, duckdb.IOException))


def _decide(place: Place, upload: Upload, rows: Rows, progress: Progress, max_cells: int) -> _Read:
    """Write the table as a sample suggests, and see whether that was right; or count all cells beforehand."""
    asked = survey(
        rows.cells,
        names=upload.dialect.names,
        sample=glance(
            rows.path, rows.division, width=rows.n_columns, skipped=rows.skipped, max_line=rows.max_line
        ),
        wishes=upload.wishes.columns,
        delimiter=upload.dialect.delimiter,
    )
    fits = upload.text.n_lines * rows.n_columns <= max_cells  # or they are counted before any is written
    with watched(place.database, progress, 0.1, 0.45, _bytes("Reading rows", rows)):
        if fits and rows.n_columns <= MOST_COLUMNS:
            with suppress(duckdb.OutOfMemoryException):  # counting beforehand takes less
                if read := attempt(place, rows, asked):
                    return read
        n_rows, counts = count(place.database, rows.sql, asked.questions)
        return n_rows, settle(place.database, rows.sql, asked, counts), False


def _bytes(what: str, rows: Rows) -> tuple[str, float]:
    return what, rows.path.stat().st_size / 1e6


def _columns(
    place: Place, upload: Upload, rows: Rows, readings: Sequence[Reading], n_rows: int
) -> list[Column]:
    """Columns with what the reading tells; cells that did not fit get their physical lines."""
    found = misfits(place.database, rows.sql, readings)
    lines = _lines(upload, {row for cells in found.values() for row, _ in cells}, rows, n_rows)
    return [
        told_by(name, reading, tuple((lines[row], cell) for row, cell in found.get(number, ())))
        for number, (name, reading) in enumerate(zip(upload.dialect.names, readings, strict=True))
    ]


def _lines(upload: Upload, wanted: set[int], rows: Rows, n_rows: int) -> dict[int, int]:
    """Physical lines of rows: by arithmetic where each row is one line, else by reading up to them."""
    first = upload.dialect.skipped + 1
    n_rejected = rows.cleaned.n_rejected if rows.cleaned else 0
    if not n_rejected and upload.text.n_lines == upload.dialect.skipped + n_rows:
        return {row: first + row for row in wanted}
    found = (
        line_numbers(upload.text, upload.dialect, wanted, max_line_mb=upload.max_line_mb) if wanted else {}
    )
    return {row: found.get(row, 0) for row in wanted}


def _blank_notes(upload: Upload, rows: Rows, n_rows: int) -> tuple[str, ...]:
    """Tell of blank lines, which DuckDB leaves out; lines that are no rows may also be breaks in cells."""
    n_left = upload.text.n_lines - upload.dialect.skipped - n_rows
    if n_left <= 0:
        return ()
    n, lines = blank_lines(rows.path, rows.division.quote, skipped=rows.skipped, n_left=n_left)
    before = upload.dialect.skipped - rows.skipped
    return blank_notes(min(n, n_left), [before + line for line in lines], n_columns=rows.n_columns)


def _notes(upload: Upload) -> tuple[str, ...]:
    notes = [*upload.dialect.notes, *upload.text.notes]
    if upload.text.encoding not in ("utf-8", "utf-8-sig"):
        notes.append(f"The file was read as {upload.text.label}, not UTF-8.")
    if len(upload.text.endings) > 1:
        notes.append(
            f"The lines end in different ways ({', '.join(upload.text.endings)}); all were made equal."
        )
    return tuple(notes)
