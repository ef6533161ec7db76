"""Takes some rows of a text from its start and from places all over it, to guess what the others are like."""

import csv
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from beanft.engine.tables.text.division import Division

_HEAD_ROWS = 400
_PLACE_ROWS = 60
_PLACES = 8
_CELLS = 200_000  # wide tables show fewer rows
_HEAD_BYTES = 1 << 18
_PLACE_BYTES = 1 << 15


def glance(path: Path, division: Division, *, width: int, skipped: int, max_line: int) -> list[list[str]]:
    """Read cells of each column from all over a file.

    Parameters
    ----------
    path : Path
        A file in UTF-8.
    division : Division
        How it is divided.
    width : int
        Cells of a row.
    skipped : int
        Physical lines before its first row.
    max_line : int
        Longest line allowed, in bytes.

    Returns
    -------
    list of list of str
        Some texts of each column, in the order of the file. A place may begin inside a quoted cell:
        what is read there in a wrong way only makes the guess a little worse.
    """
    n_rows = max(4, min(_HEAD_ROWS, _CELLS // width))
    rows = list(islice(_rows(_head(path, skipped), division, width), n_rows))
    size = path.stat().st_size
    if size > 2 * _HEAD_BYTES:
        n_more = max(1, min(_PLACE_ROWS, n_rows // 4))
        for place in range(1, _PLACES):
            lines = _lines_at(path, size * place // _PLACES, max_line)
            rows += islice(_rows(lines, division, width), n_more)
    return [[row[number] for row in rows] for number in range(width)]


def _head(path: Path, skipped: int) -> Iterator[str]:
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        yield from islice(file, skipped, None)


def _lines_at(path: Path, position: int, max_line: int) -> Sequence[str]:
    """Whole lines from a place in the file."""
    with path.open("rb") as file:
        file.seek(position)
        file.readline(max_line)
        lines = file.read(_PLACE_BYTES).decode("utf-8", "replace").splitlines(keepends=True)
    return lines[:-1]


def _rows(lines: Sequence[str] | Iterator[str], division: Division, width: int) -> Iterator[list[str]]:
    """Rows of the right width; the first one that cannot be read ends them."""
    reader = division.reader(lines)
    while True:
        try:
            row = next(reader)
        except (StopIteration, csv.Error):
            return
        if len(row) == width or (len(row) == width + 1 and not row[-1]):
            yield row[:width]
