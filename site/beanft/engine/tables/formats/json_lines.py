"""Turns JSON lines, or one list of JSON objects, into a CSV, object by object in bounded memory."""

import codecs
import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from beanft.engine.errors import EngineError
from beanft.engine.progress import Progress
from beanft.engine.tables.formats.plain import PlainCsv, mended
from beanft.engine.tables.text.rejects import rejects_file
from beanft.engine.tables.wording import counted, listed, shown

_EXAMPLES = 5
_CHUNK = 1 << 18
_SHOWN = 200  # characters of a rejected line that the profile keeps
_SPACE = re.compile(r"[ \t\r\n]*")
_TELL_EVERY = 5000
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_TOO_DEEP = "Lists or objects are nested too deeply"
_NOT_A_LIST = (
    "Write a list of objects, one for each row: [{…}, {…}], or one object on each line. "
    "With pandas: read_json, json_normalize, then to_csv."
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


class Reject(NamedTuple):
    """A line that is no object."""

    line: int
    """Physical line, from 1."""
    reason: str
    """What is wrong with it."""
    text: str
    """The line as it stands."""


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
    reading = _Reading(
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
        is_lines = _is_lines(reading)
        columns = _columns(reading, is_lines, at_most=_TELL_EVERY)
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


@dataclass(frozen=True, kw_only=True)
class _Reading:
    """How the file is read."""

    path: Path
    encoding: str
    max_columns: int
    max_cells: int
    longest: int
    max_rows: int
    is_cut: bool
    rejects: Path | None

    def open(self) -> TextIO:
        return self.path.open(encoding=self.encoding, errors="surrogateescape", newline="\n")

    @property
    def n_bytes(self) -> int:
        return self.path.stat().st_size

    def check_cells(self, n: int) -> None:
        if n > self.max_cells:
            raise EngineError(
                f"The file has more than the {self.max_cells:,} cells allowed. "
                "Leave out rows or columns and upload it again."
            )

    def check_columns(self, n: int) -> None:
        if n > self.max_columns:
            raise EngineError(
                f"The objects have more than {self.max_columns:,} different names, and as many columns "
                "are allowed. Leave out what is not needed and upload it again."
            )


@dataclass
class _Bad:
    """The lines that are no objects."""

    set_aside: Callable[[int, str, str], None] | None = None
    """Takes all of them."""
    n: int = 0
    first: list[Reject] = field(default_factory=list)

    def add(self, reject: Reject) -> None:
        self.n += 1
        if self.set_aside:
            self.set_aside(*reject)
        if len(self.first) < _EXAMPLES:
            self.first.append(reject)

    def sentence(self) -> str:
        where = ", ".join(f"line {one.line:,} {one.reason} ({shown(one.text, 60)})" for one in self.first)
        more = ", …" if self.n > len(self.first) else ""
        verb = "is" if self.n == 1 else "are"
        return (
            f"{counted(self.n, 'line')} {verb} no JSON object: {where}{more}. Correct them and upload "
            "the file again, or read the file again with these rows set aside."
        )


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(4)
    return next((name for mark, name in _MARKS if head.startswith(mark)), "utf-8")


def _is_lines(reading: _Reading) -> bool:
    """Whether the first line that is not blank is a whole object."""
    with reading.open() as file:
        if file.read(_CHUNK).lstrip().startswith("["):
            return False
    with reading.open() as file:
        for _, line in _lines(file, reading.longest):
            if text := line.strip():
                return isinstance(_parsed(text), dict)
    raise EngineError("The file is empty: it holds only blank lines. Upload a table with at least one row.")


def _parsed(text: str) -> Any:
    """The value of a text, or None when it is no JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


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


class _Scanner:
    """Parses objects; numbers keep their text, so that nothing is rounded."""

    def __init__(self) -> None:
        self.n_doubled = 0
        """Objects in which a name stands twice."""
        self._plain = json.JSONDecoder(
            parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=self._object
        )

    def parse(self, text: str, at: int = 0) -> tuple[Any, int]:
        """The value that begins at a place, and where it ends; ValueError when there is none."""
        try:
            return self._plain.raw_decode(text, at)
        except RecursionError as error:
            raise ValueError(_TOO_DEEP) from error

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        self.n_doubled += len(found) < len(pairs)
        return found


def _objects(
    reading: _Reading, is_lines: bool, scanner: _Scanner, bad: _Bad, progress: Progress
) -> Iterator[tuple[dict[str, Any], str]]:
    """Each object with its text."""
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
    file: TextIO, reading: _Reading, scanner: _Scanner, bad: _Bad
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


def _whole(scanner: _Scanner, text: str) -> tuple[Any, str]:
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


def _of_list(file: TextIO, reading: _Reading, scanner: _Scanner) -> Iterator[tuple[dict[str, Any], str]]:
    """Objects of a list, or objects that follow each other over several lines."""
    window = _Window(file, reading.longest)
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
                + _NOT_A_LIST
            )
        n += 1
        if n == 1 and not in_list and window.at_end():
            raise EngineError(_single_sentence(value))
        yield value, text
    if not window.at_end():
        raise window.error("More text follows after the list")


def _single_sentence(value: dict[str, Any]) -> str:
    """One object is no table; perhaps a list inside it is."""
    inner = [name for name, entry in value.items() if _is_table(entry)]
    if inner:
        name = shown(mended(inner[0][:60]))
        return (
            f"The file is one JSON object; the table seems to be the list {name} inside it. "
            "Write only that list ([{…}, {…}]) into a file and upload that."
        )
    names = listed([mended(name) for name in value])
    return f"The file is one JSON object ({names}), not a table. {_NOT_A_LIST}"


def _is_table(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(entry, dict) for entry in value)


class _Window:
    """A piece of the text that moves on through the file."""

    def __init__(self, file: TextIO, longest: int) -> None:
        self._file, self._longest = file, longest
        self._text, self._at = "", 0
        self._n_lines = 0
        self._ended = False

    def take(self, sign: str) -> bool:
        """Step over a sign when it comes next."""
        if self.at_end() or self._text[self._at] != sign:
            return False
        self._at += 1
        return True

    def at_end(self) -> bool:
        """Step over blanks; whether nothing follows."""
        while True:
            match = _SPACE.match(self._text, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._text):
                return False
            if not self._more(_CHUNK):
                return True

    def value(self, scanner: _Scanner, *, is_alone: bool) -> tuple[Any, str]:
        """Step over one value and give it with its text; a part of one makes the window grow."""
        if self.at_end():
            raise self.error("The file ends inside the list")
        size = _CHUNK
        while True:
            try:
                value, end = scanner.parse(self._text, self._at)
                if end < len(self._text) or self._ended:
                    text, self._at = self._text[self._at : end], end
                    return value, text
            except ValueError as error:
                is_long = len(self._text) - self._at > self._longest
                if is_long and is_alone:
                    raise EngineError(
                        f"The file is one large JSON object, not a table. {_NOT_A_LIST}"
                    ) from error
                if self._ended or is_long:
                    what = _TOO_DEEP if str(error) == _TOO_DEEP else self._what()
                    raise self.error(what, getattr(error, "pos", self._at)) from error
            self._more(size)
            size *= 2

    def holds_value(self, scanner: _Scanner) -> bool:
        """Whether a whole value comes next, in a text that is cut."""
        while self._more(_CHUNK):
            continue
        try:
            return not self.at_end() and bool(scanner.parse(self._text, self._at))
        except ValueError:
            return False

    def _what(self) -> str:
        if self._ended:
            return "This is no JSON, or the file is not whole"
        return f"This is no JSON, or an object longer than {self._longest >> 20} MB"

    def _more(self, size: int) -> bool:
        chunk = self._file.read(size)
        self._ended = not chunk
        self._n_lines += self._text.count("\n", 0, self._at)
        self._text, self._at = self._text[self._at :] + chunk, 0
        return bool(chunk)

    def error(self, what: str, at: int = -1) -> EngineError:
        """The sentence about a place, by default the one reached."""
        place = self._at if at < 0 else at
        line = self._n_lines + self._text.count("\n", 0, place) + 1
        text = mended(self._text[max(place - 20, 0) : place + 40])
        near = f"near {shown(text, 60)}" if text.strip() else "at its end"
        return EngineError(f"{what}: line {line:,}, {near}. Correct it and upload the file again.")


def _columns(reading: _Reading, is_lines: bool, *, at_most: int) -> dict[str, None]:
    """Names of the objects in the order of their first appearance."""
    columns: dict[str, None] = {}
    for number, (found, _) in enumerate(_objects(reading, is_lines, _Scanner(), _Bad(), Progress()), 1):
        columns.update(dict.fromkeys(found))
        reading.check_columns(len(columns))
        if number == at_most:
            break
    return columns


def _write(
    reading: _Reading, is_lines: bool, columns: dict[str, None], target: Path, progress: Progress
) -> Converted:
    if not columns:
        raise EngineError("The file has no rows: it holds no object with names. Upload a table with rows.")
    with ExitStack() as stack:
        out = stack.enter_context(PlainCsv(target))
        bad = _Bad(stack.enter_context(rejects_file(reading.rejects)) if reading.rejects else None)
        notes = _write_rows(reading, is_lines, columns, (out, bad), progress)
    if bad.n and not reading.rejects:
        raise EngineError(bad.sentence())
    return Converted(
        is_lines=is_lines,
        notes=tuple(notes),
        n_rows=out.n_rows - 1,
        n_rejected=bad.n,
        rejected=tuple((one.line, one.reason, one.text[:_SHOWN]) for one in bad.first),
    )


def _write_rows(
    reading: _Reading,
    is_lines: bool,
    columns: dict[str, None],
    outputs: tuple[PlainCsv, _Bad],
    progress: Progress,
) -> list[str]:
    """Write header and rows; give the notes."""
    out, bad = outputs
    scanner, cells, names = _Scanner(), _Cells(), list(columns)
    first: dict[str, Any] = {}
    out.write(names)
    for found, text in _objects(reading, is_lines, scanner, bad, progress):
        if not found.keys() <= columns.keys():
            raise _Grown
        first = first or found
        out.write(cells.of(found, names, text))
        reading.check_cells(out.n_rows * len(names))
    if out.n_rows == 2 and not bad.n and any(map(_is_table, first.values())):
        raise EngineError(_single_sentence(first))
    if out.n_rows == 1 and not bad.n:
        raise EngineError("The file has no rows: it holds no object. Upload a table with at least one row.")
    return [*_notes(scanner, cells), *out.notes()]


def _notes(scanner: _Scanner, cells: "_Cells") -> Iterator[str]:
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
        again = _parsed(text) or found  # so that nested numbers are written as numbers
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
