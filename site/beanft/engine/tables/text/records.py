"""Reads rows of text with their physical line numbers, and names the rows that are none."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from beanft.engine.tables.text.blocks import blocks
from beanft.engine.tables.text.dialect import Dialect, find_dialect
from beanft.engine.tables.text.encoding import Text, examine
from beanft.engine.tables.text.rejects import Rejected

_BATCH_ROWS = 1000


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
        heard, n_rows = Rejected(self.dialect, may_go=False), 0
        for block in blocks(self.text, self.dialect, max_line_mb=self.max_line_mb):
            heard.take(block)
            n_rows += len(block.rows)
            for at in range(0, len(block.rows), _BATCH_ROWS):
                part = slice(at, at + _BATCH_ROWS)
                yield Batch(list(block.starts[part]), list(block.rows[part]))
        heard.judge(n_rows, self.max_line_mb)


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


def line_numbers(
    text: Text, dialect: Dialect, rows: Collection[int], *, max_line_mb: int = 4
) -> dict[int, int]:
    """Find the physical lines on which rows start, by reading as far as the last of them.

    Parameters
    ----------
    text : Text
        The bytes examined.
    dialect : Dialect
        How they are divided.
    rows : collection of int
        Numbers of rows from 0, those that were set aside not counted.
    max_line_mb : int
        Longest row allowed, in megabytes.

    Returns
    -------
    dict of int to int
        Physical line (from 1) by number of the row.
    """
    wanted, passed = sorted(rows), 0
    found: dict[int, int] = {}
    for block in blocks(text, dialect, max_line_mb=max_line_mb):
        while len(found) < len(wanted) and wanted[len(found)] < passed + len(block.rows):
            row = wanted[len(found)]
            found[row] = block.starts[row - passed]
        if len(found) == len(wanted):
            break
        passed += len(block.rows)
    return found
