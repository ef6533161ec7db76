"""Finds blank lines between rows, which are left out, and empty rows at the end of a text, for notes."""

import re
from collections.abc import Sequence
from os import SEEK_END
from pathlib import Path

import numpy as np
import numpy.typing as npt

from beanft.engine.tables.text.division import Division
from beanft.engine.tables.wording import counted

_CHUNK = 1 << 20
_TAIL = 1 << 16
_LISTED = 3
_LF, _CR = b"\n\r"
_BLANK = re.compile(rb"\n\r?\n")  # takes a third of the time of looking for two texts
_OPEN_END = re.compile(rb"\n\r?\Z")

_Places = npt.NDArray[np.int64]


def blank_lines(path: Path, quote: str, *, skipped: int, n_left: int) -> tuple[int, tuple[int, ...]]:
    """Count the blank lines that stand outside of cells and have rows after them.

    Parameters
    ----------
    path : Path
        A text whose lines end with LF or CRLF, of an encoding in which those are single bytes.
    quote : str
        Character that encloses cells, or empty.
    skipped : int
        Physical lines before the first row.
    n_left : int
        Physical lines after those on which no row starts.

    Returns
    -------
    n : int
        How many there are.
    lines : tuple of int
        Physical lines (from 1) of the first three.
    """
    if not _has_any(path):
        return 0, ()
    n, n_after, lines = _count(path, "", skipped)
    if n and n + n_after < n_left and quote:  # cells hold line breaks, perhaps some of these
        n, _, lines = _count(path, quote, skipped)
    return n, lines


def _has_any(path: Path) -> bool:
    """Whether two line ends follow each other anywhere: a quick look that spares most files the slow one."""
    last = b"\n"  # a blank first line has nothing before it
    with path.open("rb") as file:
        while piece := file.read(_CHUNK):
            data = last + piece
            if _BLANK.search(data):
                return True
            last = data[-2:]
    return False


def _count(path: Path, quote: str, skipped: int) -> tuple[int, int, tuple[int, ...]]:
    """How many there are between rows and after the last, and the first of those between."""
    n = n_after = line = n_quotes = 0
    first: list[int] = []
    carried, piece = b"\n", b"\n"  # line 1 starts after it
    with path.open("rb") as file:
        while piece:
            piece = file.read(_CHUNK)
            data = carried + piece
            end = _OPEN_END.search(data, max(0, len(data) - 2)) if piece else None
            carried = end[0] if end else b""  # the next piece tells whether a blank line follows
            content = len(data.rstrip(b"\r\n"))
            n, n_after = (n + n_after, 0) if content else (n, n_after)
            if _BLANK.search(data):
                places, lines = _outside(data, quote, n_quotes, line)
                places, lines = places[lines > skipped], lines[lines > skipped]
                first += lines[: _LISTED - len(first)].tolist()
                n_before = int(np.count_nonzero(places < content))
                n, n_after = n + n_before, n_after + len(places) - n_before
            line += data.count(b"\n") - carried.count(b"\n")
            n_quotes += data.count(quote.encode()) if quote else 0
    return n, n_after, tuple(first[:n])


def _outside(data: bytes, quote: str, n_quotes: int, line: int) -> tuple[_Places, _Places]:
    """Line ends before blank lines that are in no cell, and the numbers of those lines."""
    signs = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(signs == _LF)
    gaps = np.diff(ends)
    found = np.flatnonzero((gaps == 1) | ((gaps == 2) & (signs[ends[:-1] + 1] == _CR)))
    if quote:
        quotes = np.flatnonzero(signs == ord(quote))
        found = found[(n_quotes + np.searchsorted(quotes, ends[found])) % 2 == 0]
    return ends[found], line + 1 + found


def blank_notes(n: int, lines: Sequence[int], *, n_columns: int) -> tuple[str, ...]:
    """Say which blank lines were left out.

    Parameters
    ----------
    n : int
        How many.
    lines : sequence of int
        The first of them.
    n_columns : int
        Columns of the table; in one of a single column a blank line may have meant a missing cell.

    Returns
    -------
    tuple of str
        One sentence or two together; nothing when there are none.

    Examples
    --------
    >>> blank_notes(1, [3], n_columns=2)
    ('1 blank line between rows was left out: line 3.',)
    """
    if not n:
        return ()
    verb, more = "was" if n == 1 else "were", ", …" if n > len(lines) else ""
    where = ", ".join(f"line {line:,}" for line in lines) + more
    way = " Where a missing cell was meant, write NA." if n_columns == 1 else ""
    return (f"{counted(n, 'blank line')} between rows {verb} left out: {where}.{way}",)


def empty_last_rows(path: Path, division: Division, *, n_columns: int) -> int:
    """Count the rows at the end of a text whose cells are all empty; blank lines among them count for none.

    Parameters
    ----------
    path : Path
        A text whose lines end with LF or CRLF, in UTF-8.
    division : Division
        What divides its rows.
    n_columns : int
        Columns of the table.

    Returns
    -------
    int
        How many of the last 64 kB; 0 for one column, where such rows are blank lines.
    """
    if n_columns == 1 or division.delimiter == " ":
        return 0
    cell = rf"(?: *|{division.quote * 2})".encode()  # an open quote is closed by no such cell
    empty = re.compile(cell + (re.escape(division.delimiter).encode() + cell) * (n_columns - 1) + rb"\r?")
    n = 0
    for line in reversed(_last_lines(path)):
        if not empty.fullmatch(line) and line.strip():
            return n
        n += bool(line.strip())
    return n


def _last_lines(path: Path) -> list[bytes]:
    """The whole lines at the end of a text."""
    with path.open("rb") as file:
        size = file.seek(0, SEEK_END)
        file.seek(max(0, size - _TAIL))
        lines = file.read().split(b"\n")
    return lines[1:]  # the first may be cut, or is the header or a row


def empty_notes(n: int, n_rows: int) -> tuple[str, ...]:
    """Say that the table ends with empty rows.

    Parameters
    ----------
    n : int
        How many.
    n_rows : int
        Rows of the table; where all are empty there is nothing to say.

    Returns
    -------
    tuple of str
        Two sentences together; nothing when there are none.

    Examples
    --------
    >>> empty_notes(2, 9)[0][:59]
    'The last 2 rows hold no value in any column; they were kept'
    """
    if not 0 < n < n_rows:
        return ()
    if n == 1:
        it = "The last row holds no value in any column; it was kept. If it is no row, remove it"
        return (f"{it} from the file.",)
    return (
        f"The last {n:,} rows hold no value in any column; they were kept. If they are no rows, remove them "
        "from the file.",
    )
