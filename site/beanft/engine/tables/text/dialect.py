"""Finds how a text is divided: delimiter, quotes, lines before the table, header, names of columns."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, islice

from beanft.engine.errors import EngineError
from beanft.engine.tables.text.comments import n_comments, rows_among
from beanft.engine.tables.text.division import (
    DELIMITERS,
    TITLE_LINES,
    Division,
    find_division,
    is_value,
    wished_division,
)
from beanft.engine.tables.text.header import has_header, unique_names
from beanft.engine.tables.text.single import single_notes
from beanft.engine.tables.wishes import Wishes
from beanft.engine.tables.wording import counted, listed, shown

__all__ = ["DELIMITERS", "Dialect", "find_dialect", "unique_names"]

_SAMPLE_CHARACTERS = 1 << 18
_SEP = re.compile(r'\ufeff?"?sep=([^\w\s"\\]|\t)"?', re.IGNORECASE)
_WIDE = 3  # from so many columns on, a row with one filled cell is a title
_EMPTY = "The file is empty: it holds only blank lines. Upload a table with a header and rows."

_ONLY_SAID = "The file holds only a line that names the delimiter. Upload a table with a header and rows."


@dataclass(frozen=True, kw_only=True)
class Dialect(Division):
    """How a text is divided into rows and cells, and what its columns are called."""

    skipped: int
    """Physical lines before the first row of data: titles, blank lines and the header."""
    n_titles: int = 0
    """Physical lines before the header, or before the first row where there is no header."""
    names: tuple[str, ...]
    """Names of the columns, unique also when case is not minded."""
    has_header: bool
    """Whether the names come from the file."""
    notes: tuple[str, ...]
    """What was repaired or assumed."""


def find_dialect(lines: Iterable[str], *, max_columns: int, wishes: Wishes = Wishes()) -> Dialect:  # noqa: B008 -- frozen
    """Find the dialect from the first lines of a text.

    Parameters
    ----------
    lines : iterable of str
        Physical lines with their endings; only the first quarter of a million characters are read.
    max_columns : int
        Most columns allowed.
    wishes : Wishes
        Its `delimiter`, `quote`, `escape`, `header` and `skip` are taken instead of what would be found.

    Returns
    -------
    Dialect
        Delimiter, quotes, header and names.

    Raises
    ------
    EngineError
        When the table has a header but no rows, or too many columns, or a wish cannot be fulfilled.
    """
    begun = _begun(lines, wishes)
    if begun.said:
        wishes = replace(wishes, delimiter=wishes.delimiter or begun.said)
    begun, division = _divided(begun, wishes)
    rows = division.sample_rows(begun.sample)
    if not rows:
        raise EngineError(_nothing_left(begun, wishes.skip or 0))
    titles = _n_titles([row for _, row in rows], wishes, division.delimiter)
    cells = [row for _, row in rows[titles:]]
    _check_width(len(cells[0]), max_columns)
    headed = wishes.header == "yes" or (not wishes.header and has_header(cells))
    passed = rows[titles - 1][0] if titles else 0
    if headed and len(cells) == 1:
        _check_quotes(division, begun, passed)
        raise EngineError(
            f"The file has a header ({listed(cells[0])}) but no rows. Upload a table with at least one row."
        )
    names, notes = _names(cells, headed=headed)
    if len(names) == 1:
        notes += single_notes([row[0] for row in cells[headed:]])
    dialect = Dialect(
        **vars(division),
        skipped=begun.skip + (rows[titles][0] if headed else passed),
        n_titles=begun.skip + passed,
        names=names,
        has_header=headed,
        notes=(*begun.notes(division, [row for _, row in rows[:titles]]), *notes),
    )
    return _without_last_delimiter(dialect, cells)


@dataclass(frozen=True, kw_only=True)
class _Begun:
    """The first lines of a text."""

    first: str
    """The very first one."""
    said: str
    """The delimiter that it names for Excel; or empty."""
    skip: int
    """Lines left out at the start."""
    left_out: list[str]
    """These, but for one that names the delimiter, and the blank ones among comments."""
    sample: list[str]
    """Those after them, which decide."""

    def notes(self, division: Division, titles: Sequence[Sequence[str]]) -> Iterable[str]:
        """Tell what stands before the table and was left out."""
        if self.said:
            yield f"The first line ({shown(self.first)}) only names the delimiter for Excel and was left out."
        texts = [line.strip() for line in self.left_out]
        texts += [division.delimiter.join(row).strip(division.delimiter) for row in titles]
        yield from _title_notes([text for text in texts if text], len(texts))


def _begun(lines: Iterable[str], wishes: Wishes) -> _Begun:
    sequence = iter(lines)
    first = next(sequence, "")
    said = _said_delimiter(first) if wishes.skip != 0 else ""
    skip = wishes.skip or len(said)
    left_out, sample = _sample(chain([first], sequence), skip)
    return _Begun(
        first=first, said=said, skip=skip, left_out=left_out[1:] if said else left_out, sample=sample
    )


def _divided(begun: _Begun, wishes: Wishes) -> tuple[_Begun, Division]:
    """Find what divides the rows; comments above them are left out first, as they may hold any signs."""
    n = n_comments(begun.sample) if wishes.skip is None else 0
    comments, below = begun.sample[:n], begun.sample[n:]
    is_single = n and sum(bool(line.strip()) for line in below) == 1
    division = _division(comments[-1:] + below if is_single else below, wishes)
    kept = rows_among(comments, below, division) if n else []
    n_left = n - len(kept)
    if n and not n_left and kept == comments:
        return begun, _division(begun.sample, wishes)
    left_out = [*begun.left_out, *(line for line in comments[:n_left] if line.strip())]
    sample = [*kept, *below]
    return replace(begun, skip=begun.skip + n_left, left_out=left_out, sample=sample), division


def _division(sample: Sequence[str], wishes: Wishes) -> Division:
    return wished_division(sample, wishes) or find_division(sample, wishes)


def _check_width(n_columns: int, most: int) -> None:
    if n_columns > most:
        raise EngineError(
            f"The file has {counted(n_columns, 'column')}; {most:,} are allowed. "
            "Leave out columns that are not needed and upload it again."
        )


def _said_delimiter(line: str) -> str:
    """The delimiter that the first line gives for Excel, such as sep=; or ''."""
    match = _SEP.fullmatch(line.rstrip("\r\n"))
    return match[1] if match else ""


def _check_quotes(division: Division, begun: _Begun, passed: int) -> None:
    """Refuse a text that is one row only because a quote is never closed."""
    sample = begun.sample
    if not division.is_open(sample[passed:]):
        return
    at = next(number for number, line in enumerate(sample) if number >= passed and division.quote in line)
    raise EngineError(
        f"The quote that opens on line {begun.skip + at + 1:,} is never closed: {shown(sample[at])}. "
        "Close or remove it."
    )


def _sample(lines: Iterable[str], skip: int) -> tuple[list[str], list[str]]:
    """The lines left out by wish, and those after them that decide."""
    sequence = iter(lines)
    left_out = list(islice(sequence, skip))
    sample, size = [], 0
    for line in sequence:
        sample.append(line)
        size += len(line)
        if size > _SAMPLE_CHARACTERS and len(sample) > 1:
            break
    return left_out, sample


def _nothing_left(begun: _Begun, asked: int) -> str:
    if not asked:
        return _ONLY_SAID if begun.said else _EMPTY
    return (
        f"Nothing is left of the file when {counted(asked, 'line')} are left out at its start: it has "
        f"{counted(len(begun.left_out), 'line')}. Leave out fewer."
    )


def _n_titles(rows: Sequence[Sequence[str]], wishes: Wishes, delimiter: str) -> int:
    """Rows before the table that are titles, comments or pairs of a name and a value."""
    width = Counter(map(len, rows)).most_common(1)[0][0]
    if width < 2 or wishes.skip is not None:
        return 0
    titled = partial(_is_title, width=width, by_blanks=delimiter == " ")
    n = next((number for number, row in enumerate(rows) if not titled(row)), 0)
    if n > TITLE_LINES or n + 1 >= len(rows):
        return 0
    of_names = delimiter == " " and n and len(rows[n - 1]) == width - 1 > 1
    return n - 1 if of_names and (wishes.delimiter or _are_named(rows[n:])) else n


def _is_title(row: Sequence[str], *, width: int, by_blanks: bool) -> bool:
    n_filled = sum(bool(cell.strip()) for cell in row)
    if len(row) == 1 or (width >= _WIDE and n_filled <= 1):
        return True
    return len(row) != width and (by_blanks or row[0].startswith("#") or len(row) == 2 < _WIDE < width)


def _are_named(rows: Sequence[Sequence[str]]) -> bool:
    """Whether rows begin with words, as those that R prints do, below a header of one name fewer."""
    return sum(is_value(row[0]) for row in rows) < len(rows) / 2


def _title_notes(texts: Sequence[str], n: int) -> Iterable[str]:
    if n:
        quoted = ", ".join(shown(text, 40) for text in texts[:3])
        yield f"{counted(n, 'line')} before the table left out{': ' if quoted else ''}{quoted}."


def _names(cells: Sequence[Sequence[str]], *, headed: bool) -> tuple[tuple[str, ...], list[str]]:
    """Names of the columns and what was repaired; R writes no name for its column of row names."""
    width = len(cells[0])
    if not headed:
        names, _ = unique_names([""] * width, from_file=False)
        return names, ["The file has no header; the columns were named column 1, column 2 and so on."]
    rest = cells[1:]
    if (
        min(width, len(rest)) > 1
        and all(len(row) == width + 1 for row in rest)
        and any(row[-1] for row in rest)
    ):
        names, notes = unique_names(["", *cells[0]])
        note = (
            "The header has one name fewer than the rows have cells; "
            f"the first column was called “{names[0]}”."
        )
        return names, [note, *notes[1:]]
    return unique_names(cells[0])


def _without_last_delimiter(dialect: Dialect, rows: Sequence[Sequence[str]]) -> Dialect:
    """Rows that all end with one delimiter too many have no further column."""
    width = len(dialect.names)
    if all(len(row) == width + 1 and not row[-1] for row in rows[1:]) and len(rows) > 1:
        note = "Every row ends with a delimiter; the empty last cell was left out."
        return replace(dialect, notes=(*dialect.notes, note))
    return dialect
