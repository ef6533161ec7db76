"""Writes a typed table anew: types stay, but where another kind is wished the cells are read as text."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq

from beanft.engine.progress import Progress
from beanft.engine.tables.connection import quote
from beanft.engine.tables.formats.sources import Source
from beanft.engine.tables.ingest.draft import Draft, check_size
from beanft.engine.tables.ingest.load import Place, misfits, watched, write
from beanft.engine.tables.kinds.guess import CONVERTED
from beanft.engine.tables.kinds.reading import KIND_OF, Reading, check_wishes
from beanft.engine.tables.kinds.settle import told_by
from beanft.engine.tables.kinds.survey import read_columns
from beanft.engine.tables.kinds.truths import BOOLEAN
from beanft.engine.tables.profiling.asking import source_sql
from beanft.engine.tables.wishes import ColumnWish, Wishes

_SAMPLE_ROWS = 1000


def names_of(source: Source) -> tuple[str, ...]:
    """Read the names of a typed file's columns.

    Parameters
    ----------
    source : Source
        An upload that is a Parquet file, or was made one.

    Returns
    -------
    tuple of str
        In the order of the file.
    """
    return tuple(pq.read_schema(_path(source)).names)


def draft_typed(place: Place, source: Source, wishes: Wishes, progress: Progress, *, max_cells: int) -> Draft:
    """Write the Parquet file of a version from a typed file.

    Parameters
    ----------
    place : Place
        Where it goes.
    source : Source
        The typed file, of BIGINT, DOUBLE, BOOLEAN, DATE, TIMESTAMP and VARCHAR columns.
    wishes : Wishes
        Kinds and forms that the owner asked for.
    progress : Progress
        Told the share of the rows.
    max_cells : int
        Most cells allowed.

    Returns
    -------
    Draft
        Columns and how they were read.

    Raises
    ------
    EngineError
        When there are no rows or too many, or a wish cannot be fulfilled.
    """
    table = source_sql(_path(source))
    described = place.database.execute(f"DESCRIBE SELECT * FROM {table}").fetchall()  # noqa: S608 -- a path of our own
    types = {str(name): str(type_) for name, type_, *_ in described}
    names = list(types)
    dropped = check_wishes(wishes.columns, names)
    own = {name: wishes.columns.get(name, ColumnWish()) for name in names}
    cells = {name: _cell(name, types[name]) for name in names if _is_read(types[name], own[name])}
    n_rows, readings = _read(place, table, cells, own, types, progress)
    readings = [
        replace(one, zone=source.zones.get(name, one.zone)) for name, one in zip(names, readings, strict=True)
    ]
    check_size(n_rows=n_rows, n_columns=len(names), max_cells=max_cells)
    with watched(place.database, progress, 0.35, 0.6, ("Writing the table", 0.0)):
        write(place, table, names, readings)
    found = misfits(place.database, table, readings)
    return Draft(
        n_rows=n_rows,
        columns=[
            told_by(name, reading, tuple((row + 1, cell) for row, cell in found.get(number, ())))
            for number, (name, reading) in enumerate(zip(names, readings, strict=True))
        ],
        readings=readings,
        notes=dropped,
    )


def _path(source: Source) -> Path:
    if source.parquet_path is None:
        raise ValueError("there is no typed file")
    return source.parquet_path


def _is_read(stored: str, wish: ColumnWish) -> bool:
    """Whether a column's cells are read as text: all texts, and values of which another kind is wished."""
    others = (*CONVERTED, "text")
    return stored == "VARCHAR" or bool(wish.format) or (wish.kind in others and wish.kind != KIND_OF[stored])


def _cell(name: str, stored: str) -> str:
    return quote(name) if stored == "VARCHAR" else f"CAST({quote(name)} AS VARCHAR)"


def _read(
    place: Place,
    table: str,
    cells: dict[str, str],
    wishes: dict[str, ColumnWish],
    types: dict[str, str],
    progress: Progress,
) -> tuple[int, list[Reading]]:
    """Count the values of typed columns, and find the forms of those that are read as text."""
    typed = {name: type_ for name, type_ in types.items() if name not in cells}
    n_rows, found = _counted(place, table, typed, wishes)
    if cells:
        found |= _read_texts(place, table, cells, wishes, progress)
    return n_rows, [found[name] for name in types]


def _counted(
    place: Place, table: str, types: dict[str, str], wishes: dict[str, ColumnWish]
) -> tuple[int, dict[str, Reading]]:
    """Count all rows, and the values of each typed column."""
    figures = [
        "count(*)",
        *(f"count({_present(name, type_)}), {_days(name, type_)}" for name, type_ in types.items()),
    ]
    n_rows, *counts = place.database.execute(f"SELECT {', '.join(figures)} FROM {table}").fetchone() or (0,)  # noqa: S608 -- quoted names
    found = {
        name: Reading(
            cell=f"{quote(name)}::DATE" if are_days else _present(name, type_),
            form=None,
            n_values=int(n),
            wish=wishes[name].kind,
            typed="DATE" if are_days else type_,
        )
        for (name, type_), n, are_days in zip(types.items(), counts[::2], counts[1::2], strict=True)
    }
    return int(n_rows), found


def _read_texts(
    place: Place, table: str, cells: dict[str, str], wishes: dict[str, ColumnWish], progress: Progress
) -> dict[str, Reading]:
    """Find the forms of the columns that are read as text, given as SQL of their cells."""
    sample = dict(zip(cells, _sample(place, table, list(cells.values())), strict=True))
    with watched(place.database, progress, 0.1, 0.35, ("Reading rows", 0.0)):
        _, readings = read_columns(
            place.database,
            table,
            list(cells.values()),
            names=list(cells),
            sample=list(sample.values()),
            wishes={name: _as_text(wishes[name], texts) for name, texts in sample.items()},
            delimiter=",",
        )
    return {
        name: replace(_unless_lossy(reading, wishes[name]), wish=wishes[name].kind)
        for name, reading in zip(cells, readings, strict=True)
    }


def _present(name: str, stored: str) -> str:
    """SQL of a value; what is not a number is missing."""
    return (
        f"(CASE WHEN NOT isnan({quote(name)}) THEN {quote(name)} END)" if stored == "DOUBLE" else quote(name)
    )


def _days(name: str, stored: str) -> str:
    """SQL of whether all times of a column are the first moment of a day, as programs write mere days."""
    return (
        f"coalesce(bool_and({quote(name)} = {quote(name)}::DATE), false)"
        if stored == "TIMESTAMP"
        else "false"
    )


def _as_text(wish: ColumnWish, sample: Sequence[str]) -> ColumnWish:
    """A typed file says itself what is missing; text is text but for yes and no, or what the owner says."""
    if wish.format or wish.kind in CONVERTED:
        return wish
    are_truths = not wish.kind and bool(sample) and all(BOOLEAN.value(text) is not None for text in sample)
    return ColumnWish(kind="" if are_truths else "text", missing=wish.missing or ())


def _unless_lossy(reading: Reading, wish: ColumnWish) -> Reading:
    """Text that was taken for yes and no stays text where one cell is neither."""
    if wish.format or wish.kind or (reading.form and not reading.n_unreadable):
        return reading
    return replace(reading, form=None, almost=None, n_unreadable=0)


def _sample(place: Place, table: str, cells: Sequence[str]) -> list[list[str]]:
    """The first texts of each column."""
    rows = place.database.execute(
        f"SELECT {', '.join(cells)} FROM {table} LIMIT {_SAMPLE_ROWS}"  # noqa: S608 -- quoted names
    ).fetchall()
    return [[row[number] for row in rows if row[number] is not None] for number in range(len(cells))]
