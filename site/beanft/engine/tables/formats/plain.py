"""Writes rows as the one kind of CSV that leaves nothing to guess: UTF-8, LF, comma, quotes where needed."""

import csv
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from beanft.engine.tables.wording import counted

_BUFFER = 1 << 20


class PlainCsv:
    """A CSV being written; cells lose what no text can hold, and that is counted.

    Parameters
    ----------
    path : Path
        The file to write.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8", newline="", buffering=_BUFFER)
        self._writer = csv.writer(self._file, lineterminator="\n")
        self.n_rows = 0
        """Rows written, header included."""
        self._n_nul = self._n_broken = self._n_breaks = 0

    def __enter__(self) -> Self:
        """Write inside the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self._file.close()

    def write(self, cells: Sequence[str]) -> None:
        """Write one row."""
        together = "".join(cells)
        if "\r" in together or "\0" in together or not _is_whole(together):
            cells = [self._clean(cell) for cell in cells]
        self._writer.writerow(cells)
        self.n_rows += 1

    def notes(self) -> list[str]:
        """What had to be changed in the cells, one sentence each."""
        notes = []
        if self._n_nul:
            notes.append(f"NUL characters were removed from {counted(self._n_nul, 'cell')}.")
        if self._n_broken:
            notes.append(f"Half characters in {counted(self._n_broken, 'cell')} were replaced by �.")
        if self._n_breaks:
            notes.append(f"Line breaks inside {counted(self._n_breaks, 'cell')} were made equal.")
        return notes

    def _clean(self, cell: str) -> str:
        if "\0" in cell:
            self._n_nul += 1
            cell = cell.replace("\0", "")
        if "\r" in cell:  # the csv module leaves a lone one without quotes
            self._n_breaks += 1
            cell = cell.replace("\r\n", "\n").replace("\r", "\n")
        if not _is_whole(cell):
            self._n_broken += 1
            cell = mended(cell)
        return cell


def mended(text: str) -> str:
    """Replace half characters, which no file can hold.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        The text with � for each surrogate.

    Examples
    --------
    >>> mended("a\\ud800")
    'a�'
    """
    return text if _is_whole(text) else "".join("�" if "\ud800" <= c <= "\udfff" else c for c in text)


def _is_whole(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
