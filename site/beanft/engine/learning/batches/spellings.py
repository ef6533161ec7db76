"""Finds out from all its cells, as ingest does, how a text file writes its numbers and dates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from beanft.engine.learning.checking.cells import Reader
from beanft.engine.learning.checking.ranges import in_words
from beanft.engine.learning.checking.readers import readers_of
from beanft.engine.progress import Progress
from beanft.engine.tables.ingest.glance import glance
from beanft.engine.tables.ingest.load import Rows, watched
from beanft.engine.tables.kinds.counting import Counts, Question, count
from beanft.engine.tables.kinds.forms import BLANKS, Form
from beanft.engine.tables.kinds.reading import Reading
from beanft.engine.tables.kinds.survey import read_columns
from beanft.engine.tables.wishes import ColumnWish
from beanft.engine.tables.wording import shown

Schema = Sequence[Mapping[str, Any]]

_GLANCED = 1000  # cells of a column from which its form is guessed, before all are counted


@dataclass(frozen=True, kw_only=True)
class Spellings:
    """How the cells of a table are to be read."""

    schema: Schema
    """The training columns, each with the format and unit of the file where it has its own for certain."""
    notes: tuple[str, ...] = ()
    """One sentence for each column that is read in another way than in training."""


@dataclass(frozen=True)
class _Candidate:
    """A column that the file may write in its own way."""

    at: int  # in the schema
    place: int  # in the file
    name: str  # in the file


def as_trained(schema: Schema, _progress: Progress) -> Spellings:
    """Read all columns as in training: for values that no text spells.

    Parameters
    ----------
    schema : sequence of mapping
        The training columns as `schema.describe` gives them.
    _progress : Progress
        Not needed.

    Returns
    -------
    Spellings
        The same schema.
    """
    return Spellings(schema=schema)


def spelled(
    database: duckdb.DuckDBPyConnection,
    rows: Rows,
    names: Sequence[str],
    schema: Schema,
    progress: Progress,
    *,
    delimiter: str,
) -> Spellings:
    """Decide from all cells of each column of numbers or dates how the file writes them.

    A column that can be read in several ways, or that holds cells of several, keeps the way of training.

    Parameters
    ----------
    database : duckdb.DuckDBPyConnection
        Where the rows can be read.
    rows : Rows
        The text.
    names : sequence of str
        Its columns.
    schema : sequence of mapping
        The training columns as `schema.describe` gives them.
    progress : Progress
        Told the share of the cells that were counted.
    delimiter : str
        The file's delimiter; a semicolon speaks for decimal commas.

    Returns
    -------
    Spellings
        The schema for this file; nothing of it depends on the order of the rows.
    """
    some = _candidates(names, schema)
    if not some:
        return Spellings(schema=schema)
    glanced = glance(
        rows.path, rows.division, width=rows.n_columns, skipped=rows.skipped, max_line=rows.max_line
    )
    sample = [glanced[one.place] for one in some]
    with watched(database, progress, 0.0, 1.0, ("Looking at the cells", rows.path.stat().st_size / 1e6)):
        _, readings = read_columns(
            database,
            rows.sql,
            [rows.cells[one.place] for one in some],
            names=[one.name for one in some],
            sample=sample,
            wishes={one.name: ColumnWish(missing=_missing(schema[one.at])) for one in some},
            delimiter=delimiter,
        )
    return _settled(database, rows.sql, schema, some, readings, sample)


def spelled_column(
    database: duckdb.DuckDBPyConnection, table: str, cell: str, column: Mapping[str, Any]
) -> Spellings:
    """Decide from all its cells how a column of texts is written, as `spelled` does for the others.

    Parameters
    ----------
    database : duckdb.DuckDBPyConnection
        Where the table can be read.
    table, cell : str
        SQL of a FROM item, and of the cell.
    column : mapping
        The column as `schema.describe` gives it.

    Returns
    -------
    Spellings
        A schema of this one column.
    """
    some = [_Candidate(0, 0, column["name"])]
    found = database.sql(f"SELECT {cell} FROM {table} WHERE {cell} IS NOT NULL LIMIT {_GLANCED}").fetchall()  # noqa: S608 -- names of our own
    sample = [[text for (text,) in found]]
    _, readings = read_columns(
        database,
        table,
        [cell],
        names=[column["name"]],
        sample=sample,
        wishes={column["name"]: ColumnWish(missing=_missing(column))},
        delimiter=",",
    )
    return _settled(database, table, [column], some, readings, sample)


def _settled(
    database: duckdb.DuckDBPyConnection,
    table: str,
    schema: Schema,
    some: Sequence[_Candidate],
    readings: Sequence[Reading],
    sample: Sequence[Sequence[str]],
) -> Spellings:
    """Take the file's own form where it is clear."""
    told = [_own(schema[one.at], reading) for one, reading in zip(some, readings, strict=True)]
    clear = _fits_better(database, table, schema, some, readings, told)
    made = list(schema)
    notes: list[str] = []
    for number in clear:
        at, column = some[number].at, told[number]
        notes += _note(schema[at], column, sample[number], readings[number])
        made[at] = column
    return Spellings(schema=made if clear else schema, notes=tuple(notes))


def _candidates(names: Sequence[str], schema: Schema) -> list[_Candidate]:
    """Columns of numbers and dates that came; none of a file that lacks columns, which is refused anyway."""
    layout = readers_of(schema).layout(names)
    if layout.absent or layout.doubled:
        return []
    return [
        _Candidate(at, layout.places[column["name"]], names[layout.places[column["name"]]])
        for at, column in enumerate(schema)
        if column["kind"] in ("number", "date")
    ]


def _missing(column: Mapping[str, Any]) -> tuple[str, ...] | None:
    spellings = column.get("spellings")
    return None if spellings is None else tuple(spellings)


def _own(column: Mapping[str, Any], reading: Reading) -> Mapping[str, Any]:
    """The column as the file writes it; itself where that is no other way, or not for certain."""
    form = reading.form
    if form is None or form.kind != column["kind"] or reading.other_formats:
        return column
    unit = column.get("unit") or ""
    is_foreign = bool(unit and form.unit and unit != form.unit)  # another unit is another quantity
    if is_foreign or (form.stored == "BIGINT" and not form.format and not form.unit):
        return column
    changed = {"format": form.format, "unit": form.unit or unit}
    if changed == {"format": column.get("format") or "", "unit": unit}:
        return column
    return {**column, **changed, **({"stored": form.stored} if form.kind == "date" else {})}


def _fits_better(
    database: duckdb.DuckDBPyConnection,
    table: str,
    schema: Schema,
    some: Sequence[_Candidate],
    readings: Sequence[Reading],
    told: Sequence[Mapping[str, Any]],
) -> list[int]:
    """Columns of which more cells have the file's form than that of training: else both may be meant."""
    asked: dict[int, Question] = {}
    for number, (one, reading, column) in enumerate(zip(some, readings, told, strict=True)):
        before = schema[one.at]
        if column is not before and reading.form is not None:
            forms = (reading.form, _widest(Reader(before).forms))
            asked[number] = Question(cell=reading.cell, forms=forms, missing=_missing(before))
    if not asked:
        return []
    _, counts = count(database, table, list(asked.values()))
    found = zip(asked, counts, strict=True)
    return [number for number, counted in found if counted.fits[asked[number].forms[0]] > _second(counted)]


def _widest(forms: Sequence[Form]) -> Form:
    """The first form that also takes fractions or times."""
    return next((form for form in forms if form.stored in ("DOUBLE", "TIMESTAMP")), forms[0])


def _second(counted: Counts) -> int:
    return list(counted.fits.values())[1]


def _note(
    column: Mapping[str, Any], own: Mapping[str, Any], sample: Sequence[str], reading: Reading
) -> tuple[str, ...]:
    """Say with an example that a column is read in another way; nothing where that changes no cell."""
    before, after = Reader(column), Reader(own)
    cells = {text: after.meaning(text).value for text in (cell.strip(BLANKS) for cell in sample)}
    values = {text: value for text, value in cells.items() if value is not None}
    meant = {text: before.meaning(text).value for text in values}
    otherwise = [text for text, value in values.items() if meant[text] != value]
    # The most telling cell is one that would be another number; then one that would be none.
    telling = [text for text in otherwise if meant[text] is not None] or otherwise
    telling = telling or [text for text in values if _is_styled(text)]
    if not telling:
        return ()
    all_ = "almost all" if reading.n_unreadable else "all"
    read = f"{shown(telling[0], 40)} was read as {in_words(values[telling[0]])}"
    return (f"In {shown(column['name'])} {read}: {all_} its cells are written in that way.",)


def _is_styled(text: str) -> bool:
    return not text.lstrip("+-").replace(".", "", 1).isdigit()
