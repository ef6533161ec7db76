"""Reads the rows of a text block by block, and goes on after rows that are none."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from beanft.engine.tables.text.dialect import Dialect
from beanft.engine.tables.text.division import OPEN_QUOTE
from beanft.engine.tables.text.encoding import Text

csv.field_size_limit(1 << 30)  # rows are limited here, by their lines, with a sentence that says where

_MOST_LINES = 1 << 20
_FEW_LINES = 64

UNCLOSED = "a quote is opened and never closed"
AFTER_QUOTE = "text follows a closing quote"
TOO_LONG = "the row is too long"


class Reject(NamedTuple):
    """Lines that are no row."""

    line: int
    """Physical line (from 1) on which it starts."""
    reason: str
    """What is wrong."""
    text: str
    """The lines as they stand in the file."""
    n_cells: int = 0
    """Cells of a row that has the wrong number of them, else 0."""


@dataclass(frozen=True, kw_only=True)
class Block:
    """Rows that follow each other."""

    rows: Sequence[list[str]]
    """Rows of as many cells as there are names."""
    starts: Sequence[int]
    """Physical line (from 1) on which each starts."""
    rejects: Sequence[Reject]
    """What is no row, among or after them."""
    blanks: Sequence[int]
    """Blank lines among them."""


def blocks(text: Text, dialect: Dialect, *, max_line_mb: int) -> Iterator[Block]:
    """Read the rows after the header, a megabyte of lines at a time.

    A quote that is never closed spoils only the line on which it opens: reading goes on with the next one.

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
    Block
        All rows in order, and everything that is none.
    """
    parser = _Parser(dialect, limit=max_line_mb << 20)
    passed, size = dialect.skipped, _MOST_LINES
    lines: list[str] = []
    pieces = text.pieces(skip=dialect.skipped)
    following = next(pieces, None)
    while lines or following:
        lines += following or []
        following = next(pieces, None)
        while lines:
            is_last = following is None and size >= len(lines)
            block, used = parser.read(lines[:size], passed, is_last=is_last)
            yield block
            if not used and size >= len(lines):
                break  # a quote is open: more lines are needed to know its end
            # Lines after a trouble are read again, so few are taken until it is over.
            size = min(2 * size, _MOST_LINES) if not block.rejects else _FEW_LINES
            if not used:
                size = max(size, 2 * len(lines[:size]))
            del lines[:used]
            passed += used


class _Found:
    """Gathers a block; its own lines count from 1."""

    def __init__(self, passed: int) -> None:
        self.passed = passed
        self.rows: list[list[str]] = []
        self.starts: list[int] = []
        self.rejects: list[Reject] = []
        self.blanks: list[int] = []

    def add(self, row: list[str], start: int) -> None:
        self.rows.append(row)
        self.starts.append(start)

    def block(self) -> Block:
        return Block(
            rows=self.rows,
            starts=[self.passed + start for start in self.starts],
            rejects=self.rejects,
            blanks=self.blanks,
        )


class _Parser:
    """Divides lines into rows of the right width and the rest."""

    def __init__(self, dialect: Dialect, *, limit: int) -> None:
        self._dialect = dialect
        self._width = len(dialect.names)
        self._limit = limit

    def read(self, lines: list[str], passed: int, *, is_last: bool) -> tuple[Block, int]:
        """Read rows from the start of some lines: what was found, and how many lines that took.

        Parameters
        ----------
        lines : list of str
            Physical lines; the first starts a row.
        passed : int
            Physical lines before them.
        is_last : bool
            Whether no lines follow.

        Returns
        -------
        block : Block
            Rows up to the first trouble, and the trouble.
        n_lines : int
            Lines that are done with; 0 when the row that starts here may end in lines to come.
        """
        rows, ends, error = self._divide(lines)
        used = ends[-1] if ends else 0
        starts = [1, *(end + 1 for end in ends)][: len(ends)]
        found = _Found(passed)
        if not error and used == len(ends) and set(map(len, rows)) == {self._width}:
            found.rows, found.starts = rows, starts  # each row is one line, as most are
            return found.block(), used
        for row, start, end in zip(rows, starts, ends, strict=True):
            if not self._take(found, row, lines[start - 1 : end], start):
                return found.block(), start
        if not error:
            return found.block(), len(lines)
        if error == OPEN_QUOTE and not is_last and sum(map(len, islice(lines, used, None))) <= self._limit:
            return found.block(), used
        alone = error != OPEN_QUOTE and self._fails_alone(lines[used])
        found.rejects.append(Reject(passed + used + 1, AFTER_QUOTE if alone else UNCLOSED, lines[used]))
        return found.block(), used + 1

    def _take(self, found: "_Found", row: list[str], lines: list[str], start: int) -> bool:
        """Add a row to what was found; False when reading must go on after its first line."""
        if len(row) == self._width + 1 and not row[-1]:
            row.pop()
        line = found.passed + start
        if len(row) == self._width:
            if len(lines) > 1 and sum(map(len, lines)) > self._limit:
                found.rejects.append(Reject(line, TOO_LONG, "".join(lines)))
            else:
                found.add(row, start)
        elif not row or (1 in (len(row), len(lines)) and not any(cell.strip() for cell in row)):
            found.blanks.append(line)
        elif len(lines) > 1 and self._was_swallowed(lines[1:]):
            found.rejects.append(Reject(line, UNCLOSED, lines[0]))
            return False
        else:
            reason = f"{len(row):,} {'cell' if len(row) == 1 else 'cells'} instead of {self._width:,}"
            found.rejects.append(Reject(line, reason, "".join(lines), len(row)))
        return True

    def _divide(self, lines: list[str]) -> tuple[list[list[str]], list[int], str]:
        """Rows, the line on which each ends, and what the csv module says of the next."""
        rows: list[list[str]] = []
        ends: list[int] = []
        reader = self._dialect.reader(lines)
        try:
            for row in reader:
                rows.append(row)
                ends.append(reader.line_num)
        except csv.Error as error:
            return rows, ends, str(error)
        return rows, ends, ""

    def _was_swallowed(self, lines: list[str]) -> bool:
        """Whether most lines of a cell are rows by themselves: then its quote closed by accident."""
        n = 0
        for line in lines:
            rows, _, error = self._divide([line])
            n += not error and len(rows) == 1 and len(rows[0]) == self._width
        return 2 * n >= len(lines) and self._width > 1

    def _fails_alone(self, line: str) -> bool:
        """Whether a quote closes and more text follows on this very line."""
        error = self._divide([line])[2]
        return bool(error) and error != OPEN_QUOTE
