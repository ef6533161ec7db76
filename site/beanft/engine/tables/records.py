"""Reads rows of text with their physical line numbers, and names the rows that are none."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from beanft.engine.errors import EngineError
from beanft.engine.tables.dialect import Dialect, find_dialect
from beanft.engine.tables.encoding import Text, examine
from beanft.engine.tables.wording import counted, listed, shown

csv.field_size_limit(1 << 30)  # records are limited here, by their lines, with a sentence that says where

_EXAMPLES = 5
_BATCH_ROWS = 1000


class Record(NamedTuple):
    """One row of a text."""

    line: int
    """Physical line (from 1) on which it starts."""
    cells: list[str]
    """Texts of its cells."""
    raw: str
    """The lines as they stand in the file."""


class Batch(NamedTuple):
    """Rows that follow each other."""

    lines: list[int]
    """Physical line (from 1) on which each row starts."""
    rows: list[list[str]]
    """Texts of the cells, as many as the table has names; nothing is cut off or mapped."""


@dataclass(frozen=True, kw_only=True)
class TextTable:
    """A CSV read as text only, row by row."""

    names: tuple[str, ...]
    """Names of the columns, made unique as the ingest does."""
    encoding: str
    """Encoding found."""
    delimiter: str
    """Delimiter found."""
    has_header: bool
    """Whether the first row holds the names."""
    notes: tuple[str, ...]
    """What was repaired or assumed."""
    text: Text = field(repr=False)
    """The bytes examined."""
    dialect: Dialect = field(repr=False)
    """How they are divided."""
    max_line_mb: int = field(repr=False, default=4)
    """Longest row allowed, in megabytes."""

    def __iter__(self) -> Iterator[Batch]:
        """Give all rows in order; EngineError at the end when some did not have the right number of cells."""
        rows = checked(self.text, self.dialect, max_line_mb=self.max_line_mb)
        while chosen := list(islice(rows, _BATCH_ROWS)):
            yield Batch([record.line for record in chosen], [record.cells for record in chosen])


def open_table(source: str, *, max_columns: int = 2000, max_line_mb: int = 4) -> TextTable:
    """Open a CSV to be read as text: same encodings, dialects and refusals as the ingest.

    Parameters
    ----------
    source : str
        Path of the file.
    max_columns : int
        Most columns allowed.
    max_line_mb : int
        Longest line and longest row allowed, in megabytes.

    Returns
    -------
    TextTable
        Names at once; rows by iterating, as often as wanted.

    Raises
    ------
    EngineError
        When the file is no table; the sentence names line and column. Ragged rows are named when the
        iteration comes to its end, so read all rows before the first is used.
    """
    text = examine(Path(source), max_line_mb=max_line_mb)
    dialect = find_dialect(text.lines(), max_columns=max_columns)
    return TextTable(
        names=dialect.names,
        encoding=text.encoding,
        delimiter=dialect.delimiter,
        has_header=dialect.has_header,
        notes=dialect.notes,
        text=text,
        dialect=dialect,
        max_line_mb=max_line_mb,
    )


def records(text: Text, dialect: Dialect, *, max_line_mb: int = 4) -> Iterator[Record]:
    """Read the rows after the header; blank lines are no rows.

    Parameters
    ----------
    text : Text
        The bytes examined.
    dialect : Dialect
        How they are divided.
    max_line_mb : int
        Longest row allowed, in megabytes.

    Yields
    ------
    Record
        Rows of any width.

    Raises
    ------
    EngineError
        When a quote is not closed.
    """
    lines = _Lines(text.lines(), limit=max_line_mb << 20)
    for _ in islice(lines, dialect.skipped):
        pass
    reader = dialect.reader(lines)
    while True:
        lines.begin()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise EngineError(_quote_sentence(lines)) from error
        if cells:
            yield Record(lines.start, cells, lines.raw)


def checked(text: Text, dialect: Dialect, *, max_line_mb: int = 4) -> Iterator[Record]:
    """Read the rows and refuse those that do not have one cell for each name.

    Parameters
    ----------
    text : Text
        The bytes examined.
    dialect : Dialect
        How they are divided.
    max_line_mb : int
        Longest row allowed, in megabytes.

    Yields
    ------
    Record
        Rows of as many cells as there are names.

    Raises
    ------
    EngineError
        After the last row, when some rows had too few or too many cells: their lines, texts and number.
    """
    width = len(dialect.names)
    examples: list[Record] = []
    n_ragged = 0
    for record in records(text, dialect, max_line_mb=max_line_mb):
        if len(record.cells) == width + 1 and not record.cells[-1]:
            record.cells.pop()
        if len(record.cells) == width:
            yield record
            continue
        n_ragged += 1
        if len(examples) < _EXAMPLES:
            examples.append(record)
    if n_ragged:
        raise EngineError(_ragged_sentence(dialect, examples, n_ragged))


class _Lines:
    """Hands lines to the csv reader, and remembers those of the row being read."""

    def __init__(self, lines: Iterable[str], *, limit: int) -> None:
        self._lines = iter(lines)
        self._limit = limit
        self.number = 0
        self.begin()

    def begin(self) -> None:
        """A new row starts with the next line."""
        self.start = self.number + 1
        self._parts: list[str] = []
        self._size = 0

    @property
    def raw(self) -> str:
        return "".join(self._parts)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self._size > self._limit:
            raise EngineError(_quote_sentence(self))
        line = next(self._lines)
        self.number += 1
        self._parts.append(line)
        self._size += len(line)
        return line


def _quote_sentence(lines: _Lines) -> str:
    first = lines.raw.splitlines()[0] if lines.raw else ""
    place = f"The quote that opens on line {lines.start:,} is "
    if lines.number == lines.start:
        return (
            f"{place}followed by more text after it closes: {shown(first)}. "
            "Double the quotes inside the cell, or remove them, and upload the file again."
        )
    return f"{place}never closed: {shown(first)}. Close or remove it and upload the file again."


def _ragged_sentence(dialect: Dialect, examples: list[Record], n: int) -> str:
    width = len(dialect.names)
    where = ", ".join(f"line {one.line:,} has {len(one.cells)} ({shown(one.raw, 60)})" for one in examples)
    header = f" of the header ({listed(dialect.names)})" if dialect.has_header else " of the first row"
    verb = "does" if n == 1 else "do"
    more = ", …" if n > len(examples) else ""
    return (
        f"{counted(n, 'row')} {verb} not have the {counted(width, 'cell')}{header}: {where}{more}. "
        f"Give every row {counted(width, 'cell')}; a cell that holds the delimiter needs quotes around it."
    )
