"""Turns JSON lines, or one list of JSON objects, into a CSV, object by object in bounded memory."""

import codecs
import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from beanft.engine.errors import EngineError
from beanft.engine.progress import Progress
from beanft.engine.tables.formats.json_objects import (
    Bad,
    Reading,
    has_lines,
    is_table,
    objects,
    one_object,
)
from beanft.engine.tables.formats.json_window import Scanner, parsed
from beanft.engine.tables.formats.plain import PlainCsv, mended
from beanft.engine.tables.text.rejects import rejects_file
from beanft.engine.tables.wording import counted, listed

_SHOWN = 200  # characters of a rejected line that the profile keeps
_LOOK = 5000  # objects whose names make the first header
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, kw_only=True)
class Converted:
    """What became of the objects."""

    is_lines: bool
    """Whether each line holds an object; else the file is one list, or objects one after the other."""
    notes: tuple[str, ...]
    """What was assumed or changed."""
    n_rows: int
    """Objects written."""
    n_rejected: int
    """Lines that were no objects."""
    rejected: tuple[tuple[int, str, str], ...]
    """The first five of them as (line, what is wrong, text)."""


def convert(
    path: Path,
    target: Path,
    *,
    encoding: str = "",
    max_columns: int = 2000,
    max_cells: int = 2_000_000_000,
    max_line_mb: int = 4,
    max_rows: int = 0,
    is_cut: bool = False,
    rejects: Path | None = None,
    progress: Progress = Progress(),  # noqa: B008 -- it holds nothing
) -> Converted:
    """Write the objects of a JSON file as CSV, a row for each.

    Columns stand in the order of their first appearance. Null and names that an object lacks are empty
    cells; numbers keep their digits; what is nested stays JSON text.

    Parameters
    ----------
    path : Path
        The file; it is only read.
    target : Path
        The CSV to write; its first line holds the names.
    encoding : str
        Python's name of the encoding; empty for what the first bytes say, else UTF-8.
    max_columns : int
        Most columns allowed.
    max_cells : int
        Most cells allowed.
    max_line_mb : int
        Longest object allowed, in megabytes.
    max_rows : int
        Stop after so many objects; 0 for all.
    is_cut : bool
        Whether the file is only the beginning of one: what is broken off at its end is left out.
    rejects : Path, optional
        File that takes the lines that are no objects; without it such lines refuse the file.
    progress : Progress
        Told the share of the bytes read.

    Returns
    -------
    Converted
        Notes and the lines set aside.

    Raises
    ------
    EngineError
        When the file is no list of objects; the sentence names lines and texts.
    """
    reading = Reading(
        path=path,
        encoding=encoding or _encoding(path),
        max_columns=max_columns,
        max_cells=max_cells,
        longest=max_line_mb << 20,
        max_rows=max_rows,
        is_cut=is_cut,
        rejects=rejects,
    )
    try:
        is_lines = has_lines(reading)
        columns = _columns(reading, is_lines, at_most=_LOOK)
        try:
            return _write(reading, is_lines, columns, target, progress)
        except _Grown:
            columns = _columns(reading, is_lines, at_most=0)
            return _write(reading, is_lines, columns, target, progress)
    except UnicodeError as error:
        raise EngineError(
            "The file holds bytes that are not text of its encoding. Save it as UTF-8 and upload it again."
        ) from error


class _Grown(Exception):  # noqa: N818 -- it is a turn of events, not an error
    """A name turned up after the header was written."""


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(4)
    return next((name for mark, name in _MARKS if head.startswith(mark)), "utf-8")


def _columns(reading: Reading, is_lines: bool, *, at_most: int) -> dict[str, None]:
    """Names of the objects in the order of their first appearance."""
    columns: dict[str, None] = {}
    for number, (found, _) in enumerate(objects(reading, is_lines, Scanner(), Bad(), Progress()), 1):
        columns.update(dict.fromkeys(found))
        reading.check_columns(len(columns))
        if number == at_most:
            break
    return columns


def _write(
    reading: Reading, is_lines: bool, columns: dict[str, None], target: Path, progress: Progress
) -> Converted:
    if not columns:
        raise EngineError("The file has no rows: it holds no object with names. Upload a table with rows.")
    with ExitStack() as stack:
        out = stack.enter_context(PlainCsv(target))
        bad = Bad(stack.enter_context(rejects_file(reading.rejects)) if reading.rejects else None)
        notes = _write_rows(reading, is_lines, columns, (out, bad), progress)
    if bad.n and not reading.rejects:
        raise bad.refusal()
    return Converted(
        is_lines=is_lines,
        notes=tuple(notes),
        n_rows=out.n_rows - 1,
        n_rejected=bad.n,
        rejected=tuple((one.line, one.reason, one.text[:_SHOWN]) for one in bad.first),
    )


def _write_rows(
    reading: Reading,
    is_lines: bool,
    columns: dict[str, None],
    outputs: tuple[PlainCsv, Bad],
    progress: Progress,
) -> list[str]:
    """Write header and rows; give the notes."""
    out, bad = outputs
    scanner, cells, names = Scanner(), _Cells(), list(columns)
    first: dict[str, Any] = {}
    out.write(names)
    for found, text in objects(reading, is_lines, scanner, bad, progress):
        if not found.keys() <= columns.keys():
            raise _Grown
        first = first or found
        out.write(cells.of(found, names, text))
        reading.check_cells(out.n_rows * len(names))
    if out.n_rows == 2 and not bad.n and any(map(is_table, first.values())):
        raise one_object(first)
    if out.n_rows == 1 and not bad.n:
        raise EngineError("The file has no rows: it holds no object. Upload a table with at least one row.")
    return [*_notes(scanner, cells), *out.notes()]


def _notes(scanner: Scanner, cells: "_Cells") -> Iterator[str]:
    if scanner.n_doubled:
        yield (
            f"{counted(scanner.n_doubled, 'object')} had the same name twice; the last value was taken, "
            "as JSON readers do."
        )
    if cells.nested:
        yield f"Nested values were kept as JSON text in {listed([mended(name) for name in cells.nested])}."


class _Cells:
    """Makes texts of values."""

    def __init__(self) -> None:
        self.nested: dict[str, None] = {}
        """Names of columns that hold lists or objects."""

    def of(self, found: dict[str, Any], names: Sequence[str], text: str) -> list[str]:
        """The cells of a row, in the order of the names."""
        row: list[Any] = [found.get(name) for name in names]
        kinds = set(map(type, row))
        if kinds == {str}:
            return row
        if kinds.isdisjoint((dict, list)):
            return [_simple(value) for value in row]
        again = parsed(text) or found  # so that nested numbers are written as numbers
        nested = {name for name, value in zip(names, row, strict=True) if type(value) in (dict, list)}
        self.nested.update((name, None) for name in names if name in nested)
        return [
            _compact(again[name]) if name in nested else _simple(value)
            for name, value in zip(names, row, strict=True)
        ]


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _simple(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return "true" if value else "false"
