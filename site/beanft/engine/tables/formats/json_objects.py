"""Reads the objects of a JSON file one after the other, and says which lines are none."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from beanft.engine.errors import EngineError
from beanft.engine.progress import Progress
from beanft.engine.tables.formats.json_window import CHUNK, NOT_A_LIST, Scanner, Window, parsed
from beanft.engine.tables.formats.plain import mended
from beanft.engine.tables.wording import are, counted, listed, shown

_EXAMPLES = 5
_TELL_EVERY = 5000


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How the file is read."""

    path: Path
    """The file."""
    encoding: str
    """Python's name of its encoding."""
    max_columns: int
    """Most different names allowed."""
    max_cells: int
    """Most cells allowed."""
    longest: int
    """Characters of the longest object allowed."""
    max_rows: int
    """Stop after so many objects; 0 for all."""
    is_cut: bool
    """Whether the file is only the beginning of one."""
    rejects: Path | None
    """File that takes the lines that are no objects; without it they refuse the file."""

    def open(self) -> TextIO:
        """The text; a byte that is none of the encoding becomes half a character."""
        return self.path.open(encoding=self.encoding, errors="surrogateescape", newline="\n")

    @property
    def n_bytes(self) -> int:
        """Size of the file."""
        return self.path.stat().st_size

    def check_cells(self, n: int) -> None:
        """Refuse more cells than are allowed."""
        if n > self.max_cells:
            raise EngineError(
                f"The file has more than the {self.max_cells:,} cells allowed. "
                "Leave out rows or columns and upload it again."
            )

    def check_columns(self, n: int) -> None:
        """Refuse more columns than are allowed."""
        if n > self.max_columns:
            raise EngineError(
                f"The objects have more than {self.max_columns:,} different names, and as many columns "
                "are allowed. Leave out what is not needed and upload it again."
            )


class Reject(NamedTuple):
    """A line that is no object."""

    line: int
    """Physical line, from 1."""
    reason: str
    """What is wrong with it."""
    text: str
    """The line as it stands."""


@dataclass
class Bad:
    """The lines that are no objects."""

    set_aside: Callable[[int, str, str], None] | None = None
    """Takes all of them."""
    n: int = 0
    """How many there are."""
    first: list[Reject] = field(default_factory=list)
    """The first five."""

    def add(self, reject: Reject) -> None:
        """Take one."""
        self.n += 1
        if self.set_aside:
            self.set_aside(*reject)
        if len(self.first) < _EXAMPLES:
            self.first.append(reject)

    def refusal(self) -> EngineError:
        """Why the file is refused, where they are not set aside."""
        where = ", ".join(f"line {one.line:,} {one.reason} ({shown(one.text, 60)})" for one in self.first)
        more = ", …" if self.n > len(self.first) else ""
        found = (
            f"{counted(self.n, 'line')} {are(self.n)} no JSON object: {where}{more}. Correct them and upload "
            "the file again"
        )
        return EngineError(
            f"{found}, or read the file again with these rows set aside.",
            remedies=("set-aside",),
            unaided=f"{found}.",
        )


def has_lines(reading: Reading) -> bool:
    """Whether the first line that is not blank is a whole object.

    Parameters
    ----------
    reading : Reading
        The file.

    Returns
    -------
    bool
        False for a list, and for objects that take more than a line.

    Raises
    ------
    EngineError
        When all lines are blank, or one is too long.
    """
    with reading.open() as file:
        if file.read(CHUNK).lstrip().startswith("["):
            return False
    with reading.open() as file:
        for _, line in _lines(file, reading.longest):
            if text := line.strip():
                return isinstance(parsed(text), dict)
    raise EngineError("The file is empty: it holds only blank lines. Upload a table with at least one row.")


def objects(
    reading: Reading, is_lines: bool, scanner: Scanner, bad: Bad, progress: Progress
) -> Iterator[tuple[dict[str, Any], str]]:
    """Read the objects.

    Parameters
    ----------
    reading : Reading
        The file.
    is_lines : bool
        Whether each line holds an object, as `has_lines` says.
    scanner : Scanner
        Parses them.
    bad : Bad
        Takes the lines that are no objects.
    progress : Progress
        Told the share of the bytes read.

    Yields
    ------
    dict, str
        An object, its numbers as texts, and its text.

    Raises
    ------
    EngineError
        When a list is broken, or the file is no table.
    """
    with reading.open() as file:
        found = _of_lines(file, reading, scanner, bad) if is_lines else _of_list(file, reading, scanner)
        for number, one in enumerate(found, 1):
            if number % _TELL_EVERY == 0:
                share = file.buffer.tell() / reading.n_bytes
                progress(min(share, 1.0), f"Reading object {number:,}")
            yield one
            if number == reading.max_rows:
                return


def _of_lines(
    file: TextIO, reading: Reading, scanner: Scanner, bad: Bad
) -> Iterator[tuple[dict[str, Any], str]]:
    for number, line in _lines(file, reading.longest):
        text = line.strip()
        if not text:
            continue
        value, reason = _whole(scanner, text)
        if reason and reading.is_cut and not line.endswith("\n"):
            return
        if reason:
            bad.add(Reject(number, reason, mended(text)))
        else:
            yield value, text


def _whole(scanner: Scanner, text: str) -> tuple[Any, str]:
    """The object of a line, or what is wrong with the line."""
    if not text.isascii() and any("\udc80" <= c <= "\udcff" for c in text):
        return None, "holds bytes that are not text of its encoding"
    try:
        value, end = scanner.parse(text)
    except ValueError as error:
        return None, f"is no JSON at character {getattr(error, 'pos', 0) + 1:,}"
    if text[end:].strip():
        return None, f"has more after the object ends at character {end:,}"
    return (value, "") if isinstance(value, dict) else (None, "is no object")


def _of_list(file: TextIO, reading: Reading, scanner: Scanner) -> Iterator[tuple[dict[str, Any], str]]:
    """Objects of a list, or objects that follow each other over several lines."""
    window = Window(file, reading.longest)
    in_list = window.take("[")
    n = 0
    while not (window.take("]") if in_list else window.at_end()):
        if in_list and n and not window.take(",") and not window.at_end():
            raise window.error("A comma is missing between two objects")
        if reading.is_cut and not window.holds_value(scanner):
            return
        value, text = window.value(scanner, is_alone=not in_list and not n)
        if not isinstance(value, dict):
            raise EngineError(
                f"The list does not hold objects: entry {n + 1:,} is {shown(mended(text[:100]), 60)}. "
                + NOT_A_LIST
            )
        n += 1
        if n == 1 and not in_list and window.at_end():
            raise one_object(value)
        yield value, text
    if not window.at_end():
        raise window.error("More text follows after the list")


def _lines(file: TextIO, longest: int) -> Iterator[tuple[int, str]]:
    """Physical lines with their numbers; one beyond the limit is named, not read."""
    number = 0
    while line := file.readline(longest + 1):
        number += 1
        if len(line) > longest:
            raise EngineError(
                f"Line {number:,} is longer than {longest >> 20} MB ({shown(mended(line[:60]))}). "
                "Write one object on each line, or a list of objects."
            )
        yield number, line


def one_object(value: dict[str, Any]) -> EngineError:
    """Say that one object is no table; perhaps a list inside it is.

    Parameters
    ----------
    value : dict
        The object.

    Returns
    -------
    EngineError
        To be raised.

    Examples
    --------
    >>> str(one_object({"n": 1, "rows": [{"a": 1}]}))[:72]
    'The file is one JSON object; the table seems to be the list “rows” insid'
    """
    inner = [name for name, entry in value.items() if is_table(entry)]
    if inner:
        name = shown(mended(inner[0][:60]))
        return EngineError(
            f"The file is one JSON object; the table seems to be the list {name} inside it. "
            "Write only that list ([{…}, {…}]) into a file and upload that."
        )
    names = listed([mended(name) for name in value])
    return EngineError(f"The file is one JSON object ({names}), not a table. {NOT_A_LIST}")


def is_table(value: Any) -> bool:
    """Whether a value is a list of objects.

    Parameters
    ----------
    value : object
        What JSON gave.

    Returns
    -------
    bool
        False for an empty list.

    Examples
    --------
    >>> is_table([{"a": 1}]), is_table([])
    (True, False)
    """
    return isinstance(value, list) and bool(value) and all(isinstance(entry, dict) for entry in value)
