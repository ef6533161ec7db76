"""Finds what divides the cells of a text: delimiter, quotes and what stands before a quote inside a cell."""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from beanft.engine.errors import EngineError
from beanft.engine.tables.kinds.dates import DATES
from beanft.engine.tables.kinds.forms import BLANKS
from beanft.engine.tables.kinds.numbers import COMMA, DECIMAL
from beanft.engine.tables.kinds.truths import BOOLEAN
from beanft.engine.tables.wishes import Wishes
from beanft.engine.tables.wording import shown

DELIMITERS = (",", ";", "\t", "|")
"""The delimiters looked for first, the most usual first."""

OPEN_QUOTE = "unexpected end of data"
"""What the csv module says when a quote is still open at the end."""

_RARE = ("^", "~", "\x1f")  # believed when nearly every row agrees
_LAST = (":", " ")  # looked for when nothing else divides the rows, because times and words hold them
_CLEAR_SHARE = 0.9
_WIDE = 3
_ONE_CELL_SHARE = 0.5  # where so many rows hold a comma they are rows of several cells, however ragged
_SAMPLE_ROWS = 1000
_LOOKED_AT = 100
TITLE_LINES = 20
"""More lines than this before a table are no titles."""

_GAP = re.compile(r"\S {2,}\S")
_UNIT = "\x1f"  # stands for runs of blanks while a row is read
# A cell in quotes, blanks, or quotes that enclose nothing: these are passed over together, as to look for a
# cell from each of them takes a minute for a line of 100 kB.
_BLANKS_OR_CELL = re.compile(r'("(?:[^"]|"")*+"|\'(?:[^\']|\'\')*+\')(?= |$)|( +)|"+|\'+')
_BACKSLASH = re.compile(r"\\(\\|[^\w\s.:/-]|\r?\n|\r)|\\")


class RowReader(Protocol):
    """What `csv.reader` gives."""

    @property
    def line_num(self) -> int:
        """Lines taken so far."""

    def __iter__(self) -> Iterator[list[str]]:
        """Give itself."""

    def __next__(self) -> list[str]:
        """Give the next row; csv.Error when the lines make none."""


@dataclass(frozen=True, kw_only=True)
class Division:
    """What divides the cells of a text."""

    delimiter: str
    """One character; a blank stands for any run of blanks."""
    spaced: bool = False
    """Whether blanks stand between delimiters and opening quotes."""
    quote: str = '"'
    """Character that encloses cells; empty for none."""
    escape: str = '"'
    """What stands before a quote inside a quoted cell: the quote again, a backslash, or empty for nothing."""

    @property
    def is_plain(self) -> bool:
        """Whether DuckDB divides such a text as `reader` does, given delimiter, quote and escape."""
        return self.delimiter != " " and self.escape != "\\"

    def reader(self, lines: Iterable[str], *, strict: bool = True) -> "RowReader":
        """Open a csv reader; its `line_num` counts the lines given."""
        if self.delimiter == " ":
            lines = (_BLANKS_OR_CELL.sub(_unit, line.strip(" \r\n")) + "\n" for line in lines)
        if self.escape == "\\":
            lines = (_BACKSLASH.sub(_kept, line) if "\\" in line else line for line in lines)
        return csv.reader(
            lines,
            delimiter=_UNIT if self.delimiter == " " else self.delimiter,
            quotechar=self.quote or None,
            quoting=csv.QUOTE_MINIMAL if self.quote else csv.QUOTE_NONE,
            escapechar="\\" if self.escape == "\\" else None,
            skipinitialspace=self.spaced,
            strict=strict,
        )

    def sample_rows(self, sample: Sequence[str]) -> list[tuple[int, list[str]]]:
        """Rows of a sample with the number of their last line; blank lines left out."""
        reader = self.reader(sample, strict=False)
        return [(reader.line_num, row) for row in islice(reader, _SAMPLE_ROWS) if not is_blank(row)]

    def fails(self, sample: Sequence[str]) -> bool:
        """Whether text follows a closing quote somewhere in a sample."""
        return bool(error := self._error(sample)) and OPEN_QUOTE not in error

    def is_open(self, sample: Sequence[str]) -> bool:
        """Whether a quote is still open at the end of a sample."""
        return OPEN_QUOTE in self._error(sample)

    def _error(self, sample: Sequence[str]) -> str:
        try:
            for _ in self.reader(sample):
                pass
        except csv.Error as error:
            return str(error)
        return ""


def is_blank(row: Sequence[str]) -> bool:
    """Say whether a row comes from a blank line.

    Parameters
    ----------
    row : sequence of str
        Its cells.

    Returns
    -------
    bool
        True for no cell, and for one cell of blanks.
    """
    return not row or (len(row) == 1 and not row[0].strip())


def is_value(cell: str) -> bool:
    """Say whether a cell is a number, a date or true/false.

    Parameters
    ----------
    cell : str
        The text of the cell.

    Returns
    -------
    bool
        False for words, and for one letter.
    """
    text = cell.strip(BLANKS)
    if len(text) == 1 and text.isalpha():
        return False  # y and n are also names
    return any(form.value(text) is not None for form in (DECIMAL, COMMA, BOOLEAN, *DATES[:4]))


def wished_division(sample: Sequence[str], wishes: Wishes) -> Division | None:
    """Take what the owner asked for.

    Parameters
    ----------
    sample : sequence of str
        Lines of the text; they tell what was not asked for.
    wishes : Wishes
        Its `delimiter`, `quote` and `escape`.

    Returns
    -------
    Division or None
        None when no delimiter was asked for.

    Raises
    ------
    EngineError
        When what was asked for is no delimiter, quote or escape.
    """
    _check(wishes)
    if not wishes.delimiter:
        return None
    return max(_divisions(sample, wishes.delimiter, wishes), key=lambda one: _score(one.sample_rows(sample)))


def find_division(sample: Sequence[str], wishes: Wishes) -> Division:
    """Take the division whose width most rows share; cells that look like values settle a draw.

    Parameters
    ----------
    sample : sequence of str
        Lines of the text.
    wishes : Wishes
        Its `quote` and `escape`.

    Returns
    -------
    Division
        The best; the comma when nothing divides the rows.
    """
    best, found = (0.0, 0.0), None
    for delimiter in (*DELIMITERS, *_RARE, *_LAST):
        if delimiter in _LAST and found:
            break
        for division in _divisions(sample, delimiter, wishes):
            rows = division.sample_rows(sample)
            score = _score(rows)
            if score > best and (
                _is_evident(delimiter, rows, score[0]) or (delimiter == " " and _is_aligned(sample, rows))
            ):
                best, found = score, division
    return found or next(_divisions(sample, _unused(sample), wishes))


def _unused(sample: Sequence[str]) -> str:
    """A delimiter for rows of one cell: one that few rows hold, so that no cell is cut in two."""
    worded = [line for line in sample if not is_value(line)]
    if sum("," in line for line in worded) >= max(1, _ONE_CELL_SHARE * len(worded)):
        return ","
    return min(DELIMITERS, key=lambda one: sum(one in line for line in sample))


def _check(wishes: Wishes) -> None:
    delimiter = wishes.delimiter
    fits = len(delimiter) == 1 and (delimiter.isprintable() or delimiter in "\t\x1f") and delimiter != "\\"
    if delimiter and not fits:
        raise EngineError(
            f"{shown(delimiter, 20)} is no delimiter. "
            "Give one character, such as a comma, a semicolon or a tab."
        )
    if wishes.quote not in ("", '"', "'", "none"):
        raise EngineError(
            f"{shown(wishes.quote, 20)} is no quote. Choose the double quote, the single one or none."
        )
    if wishes.escape not in ("", "double", "backslash"):
        raise EngineError(
            f"{shown(wishes.escape, 20)} is no way to write quotes inside cells. Choose double or backslash."
        )
    if delimiter and delimiter == wishes.quote:
        raise EngineError("Delimiter and quote are the same character. Choose two different ones.")


def _divisions(sample: Sequence[str], delimiter: str, wishes: Wishes) -> Iterator[Division]:
    """Ways to read a delimiter: with the quotes and escapes that were asked for, or that the sample has."""
    text = "".join(sample)
    quotes = ['"', "'"] if _encloses("'", delimiter, text) else ['"']
    if wishes.quote:
        quotes = ["" if wishes.quote == "none" else wishes.quote]
    for quote in [quote for quote in quotes if quote != delimiter] or [""]:
        spaced = bool(quote) and f"{delimiter} {quote}" in text and delimiter not in "\t "
        escapes = [quote, "\\"] if quote and f"\\{quote}" in text else [quote]
        if wishes.escape and quote:
            escapes = ["\\" if wishes.escape == "backslash" else quote]
        ways = [
            Division(delimiter=delimiter, spaced=spaced, quote=quote, escape=escape) for escape in escapes
        ]
        yield from sorted(ways, key=lambda way: way.fails(sample)) if len(ways) > 1 else ways


def _encloses(quote: str, delimiter: str, text: str) -> bool:
    """Whether a sign opens cells, and closes about as many: an apostrophe before a word closes none."""
    n_opened = len(re.findall(rf"(?:^|{re.escape(delimiter)}) *{quote}", text, re.MULTILINE))
    n_closed = len(re.findall(rf"{quote} *(?:{re.escape(delimiter)}|\r?$)", text, re.MULTILINE))
    return 0 < _CLEAR_SHARE * n_opened <= n_closed


def _score(rows: Sequence[tuple[int, Sequence[str]]]) -> tuple[float, float]:
    """Share of the rows that have the usual width, and how much their cells look like values."""
    if not rows:
        return 0.0, 0.0
    _, n_agreeing = Counter(len(row) for _, row in rows).most_common(1)[0]
    cells = [cell for _, row in rows[:_LOOKED_AT] for cell in row[:_LOOKED_AT]]
    odd = sum((cell[:1] in ("'", '"') and cell[-1:] == cell[:1]) or cell.endswith("\\") for cell in cells)
    return round(n_agreeing / len(rows), 2), (sum(map(is_value, cells)) - odd) / len(cells)


def _is_evident(delimiter: str, rows: Sequence[tuple[int, Sequence[str]]], share: float) -> bool:
    """Whether rows are divided clearly enough for a delimiter that also stands in texts."""
    width = Counter(len(row) for _, row in rows).most_common(1)[0][0] if rows else 0
    if width < 2 or share <= 0.5:
        return False
    first = [row for _, row in rows]
    if delimiter in DELIMITERS:
        return not (width == 2 > len(first[0]) and _are_values(delimiter, first))
    alike = share >= _CLEAR_SHARE and len(rows) > 1 and len(first[0]) == width
    if delimiter in _RARE or not alike:
        return alike
    if _are_values(delimiter, first):
        return False  # dates with times, or numbers with blanks between thousands
    cells = [cell for row in first[1:_LOOKED_AT] for cell in row]
    return sum(map(is_value, cells)) > len(cells) / 3 and (delimiter == " " or width > 2)


def _is_aligned(sample: Sequence[str], rows: Sequence[tuple[int, Sequence[str]]]) -> bool:
    """Whether titles stand above columns of values that wide gaps set apart.

    Single blanks also divide words and what is measured: “10 kg” below “size” is one cell.
    """
    width = Counter(len(row) for _, row in rows).most_common(1)[0][0] if rows else 0
    n = next((number for number, (_, row) in enumerate(rows) if len(row) == width), 0)
    below = rows[n:]
    if not 0 < n <= TITLE_LINES or width < _WIDE or len(below) < 2:
        return False
    lines = [sample[at - 1] for at, _ in below[:_LOOKED_AT]]
    cells = [cell for _, row in below[:_LOOKED_AT] for cell in row]
    return (
        sum(len(row) == width for _, row in below) >= _CLEAR_SHARE * len(below)
        and sum(bool(_GAP.search(line)) for line in lines) > len(lines) / 2
        and sum(map(is_value, cells)) > len(cells) / 2
    )


def _are_values(delimiter: str, rows: Sequence[Sequence[str]]) -> bool:
    """Whether most rows are numbers or dates as long as nothing divides them."""
    whole = [is_value(delimiter.join(row)) for row in rows[1:_LOOKED_AT]]
    return sum(whole) > len(whole) / 2


def _unit(match: re.Match[str]) -> str:
    return _UNIT if match[2] else match[0]


def _kept(match: re.Match[str]) -> str:
    """A backslash that escapes nothing stands for itself."""
    return match[0] if match[1] else "\\\\"
