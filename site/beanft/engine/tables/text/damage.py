"""Finds the bytes of a text that are no characters, line by line, for sentences and notes that name them."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from beanft.engine.errors import EngineError
from beanft.engine.tables.text.candidates import CUT_BYTES, ENCODINGS
from beanft.engine.tables.wording import counted, shown

_CHUNK = 1 << 20
_SAMPLE = 1 << 16
_FEW_BYTES = 20  # so few odd bytes in a long file are damage, not another encoding
_MANY_LINES = 1000
_EXAMPLES = 5
_ASCII = bytes(range(128))


@dataclass
class HighBytes:
    """The lines that hold bytes beyond ASCII."""

    sample: bytes = b""
    """Some of them, one after the other."""
    n_bytes: int = 0
    """Bytes beyond ASCII."""
    n_valid: int = 0
    """Lines that are UTF-8."""
    n_broken: int = 0
    """Lines that are not."""
    first: tuple[int, int, bytes] = (0, 0, b"")
    """The first that is not: its number, the byte at which it fails (both from 1), and its bytes."""

    def take(self, number: int, line: bytes) -> None:
        """Count one line and keep it for the sample; the first that is not UTF-8 is remembered."""
        self.n_bytes += len(line.translate(None, _ASCII))
        if not self.is_full:
            self.sample += line[:CUT_BYTES]
        try:
            line.decode("utf-8")
            self.n_valid += 1
        except UnicodeDecodeError as error:
            self.first = self.first if self.n_broken else (number, error.start + 1, line)
            self.n_broken += 1

    @property
    def is_full(self) -> bool:
        """Whether the sample is large enough."""
        return len(self.sample) >= _SAMPLE

    @property
    def is_utf8(self) -> bool:
        """Whether so many lines are UTF-8 that the others are damaged."""
        return self.n_valid > self.n_broken / 10

    def is_sparse(self, n_lines: int) -> bool:
        """Whether a long file holds so few odd bytes that they are damage rather than an encoding."""
        return self.n_bytes <= _FEW_BYTES and n_lines > _MANY_LINES


def byte_lines(path: Path) -> Iterator[bytes]:
    """Give the physical lines with their endings, whichever those are, in bounded memory.

    Parameters
    ----------
    path : Path
        The file, of an encoding in which line ends are single bytes.

    Yields
    ------
    bytes
        One line.
    """
    held = b""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            *lines, held = (held + chunk).splitlines(keepends=True)  # the last may go on in the next chunk
            yield from lines
    if held:
        yield held


def broken_error(high: HighBytes) -> EngineError:
    """Say which line of a UTF-8 file is not UTF-8, and what can be done.

    Parameters
    ----------
    high : HighBytes
        What was found.

    Returns
    -------
    EngineError
        To be raised.
    """
    number, byte, line = high.first
    found = (
        f"Line {number:,} is not UTF-8 text at byte {byte:,}, while the rest of the file is: "
        f"{shown(line.decode('utf-8', 'replace'))}."
    )
    return EngineError(
        f"{found} Correct this line, save the whole file as UTF-8, or read it again as Windows-1252 or "
        "with bad bytes replaced.",
        remedies=("windows-1252", "replace-bytes"),
        unaided=f"{found} Correct this line, or save the whole file as UTF-8, and send it again.",
    )


def misfit_error(path: Path, encoding: str) -> EngineError:
    """Say where a text is not of the encoding asked for, and what can be done.

    Parameters
    ----------
    path : Path
        The file.
    encoding : str
        Python's name of the encoding.

    Returns
    -------
    EngineError
        To be raised; it names line and byte.
    """
    number, byte, text = next(_misfits(path, encoding), (0, 0, ""))
    place = f" at byte {byte:,}" if byte else ""
    found = f"Line {number:,} is not {ENCODINGS[encoding]} text{place}: {shown(text)}."
    return EngineError(
        f"{found} Choose another encoding, or read the file again with bad bytes replaced.",
        remedies=("replace-bytes",),
        unaided=f"{found} Save the file as UTF-8 and send it again.",
    )


def damage_notes(path: Path, encoding: str) -> tuple[str, ...]:
    """List the NUL bytes left out and the bytes replaced.

    Parameters
    ----------
    path : Path
        The file.
    encoding : str
        Python's name of the encoding.

    Returns
    -------
    tuple of str
        A sentence for each sort of damage, with the first five places and the count.
    """
    nul, odd = _Places(), _Places()
    for number, text, n_odd in _repaired(path, encoding):
        if "\0" in text:
            nul.take(number, text, text.count("\0"))
        if n_odd:
            odd.take(number, text, n_odd)
    notes = []
    if nul.n:
        verb = "was" if nul.n == 1 else "were"
        notes.append(f"{counted(nul.n, 'NUL byte')} {verb} left out: {nul.listed()}.")
    if odd.n:
        what = "piece is" if odd.n == 1 else "pieces are"
        notes.append(f"{odd.n:,} {what} not {ENCODINGS[encoding]} text and became “�”: {odd.listed()}.")
    return tuple(notes)


@dataclass
class _Places:
    """How often something was found, and where first."""

    n: int = 0
    n_lines: int = 0
    first: tuple[str, ...] = ()

    def take(self, number: int, text: str, n: int) -> None:
        self.n += n
        self.n_lines += 1
        if len(self.first) < _EXAMPLES:
            self.first += (f"line {number:,} ({shown(text, 40)})",)

    def listed(self) -> str:
        return ", ".join(self.first) + (", …" if self.n_lines > len(self.first) else "")


def _repaired(path: Path, encoding: str) -> Iterator[tuple[int, str, int]]:
    """Lines that may be damaged: number, text with bad bytes replaced, and how many pieces were."""
    if encoding.startswith(("utf-16", "utf-32")):
        with path.open(encoding=encoding, errors="replace", newline="") as file:
            for number, text in enumerate(file, 1):
                yield number, text, text.count("�")
        return
    for number, line in enumerate(byte_lines(path), 1):
        if line.isascii() and b"\0" not in line:
            continue
        try:
            yield number, line.decode(encoding), 0
        except UnicodeDecodeError:
            whole = line.decode(encoding, "ignore").count("�")
            text = line.decode(encoding, "replace")
            yield number, text, text.count("�") - whole


def _misfits(path: Path, encoding: str) -> Iterator[tuple[int, int, str]]:
    """Lines that are not of an encoding: number, first byte from 1 (0 where unknown), text."""
    for number, text, n_odd in _repaired(path, encoding):
        if n_odd:
            yield number, _byte_of(path, encoding, number), text


def _byte_of(path: Path, encoding: str, number: int) -> int:
    if encoding.startswith(("utf-16", "utf-32")):
        return 0
    line = next(islice(byte_lines(path), number - 1, None), b"")
    try:
        line.decode(encoding)
    except UnicodeDecodeError as error:
        return error.start + 1
    return 0
