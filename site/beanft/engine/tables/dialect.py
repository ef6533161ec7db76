"""Finds how a text is divided: delimiter, lines before the table, header, names of columns."""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise

from beanft.engine.errors import EngineError
from beanft.engine.tables.cells import BLANKS, BOOLEAN, COMMA, DATES, DECIMAL, missing
from beanft.engine.tables.wording import counted, listed, shown

DELIMITERS = (",", ";", "\t", "|")
"""The delimiters looked for, the most usual first."""

_SAMPLE_CHARACTERS = 1 << 18
_SAMPLE_ROWS = 1000
_LONGEST_NAME = 200
_TITLE_LINES = 20  # more lines than this before a table are no title
_RESERVED = ("file_row_number", "filename", "file_index", "rowid")  # DuckDB gives every file such columns


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How a text is divided into rows and cells."""

    delimiter: str
    """One of DELIMITERS."""
    spaced: bool
    """Whether blanks stand between delimiters and opening quotes."""
    skipped: int
    """Physical lines before the first row of data: titles, blank lines and the header."""
    names: tuple[str, ...]
    """Names of the columns, unique also when case is not minded."""
    has_header: bool
    """Whether the names come from the file."""
    notes: tuple[str, ...]
    """What was repaired or assumed."""

    def reader(self, lines: Iterable[str]) -> Iterator[list[str]]:
        """Open a csv reader of this dialect."""
        return csv.reader(lines, delimiter=self.delimiter, skipinitialspace=self.spaced, strict=True)


def find_dialect(lines: Iterable[str], *, max_columns: int) -> Dialect:
    """Find the dialect from the first lines of a text.

    Parameters
    ----------
    lines : iterable of str
        Physical lines with their endings; only the first quarter of a million characters are read.
    max_columns : int
        Most columns allowed.

    Returns
    -------
    Dialect
        Delimiter, header and names.

    Raises
    ------
    EngineError
        When the table has a header but no rows, or too many columns.
    """
    sample = _sample(lines)
    delimiter, spaced = _delimiter(sample)
    rows = _rows(sample, delimiter, spaced)
    if not rows:
        raise EngineError(
            "The file is empty: it holds only blank lines. Upload a CSV with a header and rows."
        )
    titles = _n_titles([row for _, row in rows])
    notes = list(_title_notes(rows, titles))
    table = rows[titles:]
    cells = [row for _, row in table]
    if len(cells[0]) > max_columns:
        raise EngineError(
            f"The file has {counted(len(cells[0]), 'column')}; {max_columns:,} are allowed. "
            "Leave out columns that are not needed and upload it again."
        )
    has_header = _has_header(cells)
    if has_header and len(cells) == 1:
        raise EngineError(
            f"The file has a header ({listed(cells[0])}) but no rows. Upload a CSV with at least one row."
        )
    if not has_header:
        notes.append("The file has no header; the columns were named column 1, column 2 and so on.")
    header = cells[0] if has_header else [""] * len(cells[0])
    names, repairs = unique_names(header, from_file=has_header)
    dialect = Dialect(
        delimiter=delimiter,
        spaced=spaced,
        skipped=table[0][0] if has_header else (rows[titles - 1][0] if titles else 0),
        names=names,
        has_header=has_header,
        notes=(*notes, *repairs),
    )
    return _without_last_delimiter(dialect, cells)


def unique_names(header: Sequence[str], *, from_file: bool = True) -> tuple[tuple[str, ...], list[str]]:
    """Make the names of a header unique and fit to show.

    Parameters
    ----------
    header : sequence of str
        Cells of the header.
    from_file : bool
        Whether repairs are worth a note.

    Returns
    -------
    names : tuple of str
        One name a column, unique without minding case.
    notes : list of str
        What was repaired.

    Examples
    --------
    >>> unique_names(["a", "a", ""])[0]
    ('a', 'a (2)', 'column 3')
    """
    taken = set(_RESERVED)
    names, notes = [], []
    for number, cell in enumerate(header, 1):
        name = " ".join("".join(c if c.isprintable() else " " for c in cell).split())
        if not name:
            name = f"column {number}"
            notes.append(f"Column {number} has no name and was called “{name}”.")
        elif len(name) > _LONGEST_NAME:
            notes.append(
                f"The name of column {number} has {len(name):,} characters; {_LONGEST_NAME} were kept."
            )
            name = name[:_LONGEST_NAME]
        free = _free_name(name, taken)
        if free != name:
            notes.append(
                f"The name {shown(name)} was taken already; column {number} was called {shown(free)}."
            )
        taken.add(free.casefold())
        names.append(free)
    return tuple(names), notes if from_file else []


def _free_name(name: str, taken: set[str]) -> str:
    number, free = 1, name
    while free.casefold() in taken:
        number += 1
        ending = f" ({number})"
        free = name[: _LONGEST_NAME - len(ending)] + ending
    return free


def _sample(lines: Iterable[str]) -> list[str]:
    sample, size = [], 0
    for line in lines:
        sample.append(line)
        size += len(line)
        if size > _SAMPLE_CHARACTERS and len(sample) > 1:
            break
    return sample


def _rows(sample: Sequence[str], delimiter: str, spaced: bool) -> list[tuple[int, list[str]]]:
    """Rows of the sample with the number of their last line; blank lines left out."""
    reader = csv.reader(sample, delimiter=delimiter, skipinitialspace=spaced)
    return [(reader.line_num, row) for row in islice(reader, _SAMPLE_ROWS) if row]


def _delimiter(sample: Sequence[str]) -> tuple[str, bool]:
    """Take the delimiter whose width most rows share; cells that look like values settle a draw."""
    text = "".join(sample)
    best, found, spaces = (0.0, 0.0), ",", False
    for delimiter in DELIMITERS:
        spaced = f'{delimiter} "' in text and delimiter != "\t"
        rows = [row for _, row in _rows(sample, delimiter, spaced)]
        width, n_agreeing = Counter(map(len, rows)).most_common(1)[0] if rows else (1, 0)
        if width < 2:
            continue
        cells = [cell for row in rows[:100] for cell in row]
        score = (round(n_agreeing / len(rows), 2), sum(map(_is_value, cells)) / len(cells))
        if score > best and n_agreeing > len(rows) / 2:
            best, found, spaces = score, delimiter, spaced
    return found, spaces


def _n_titles(rows: Sequence[Sequence[str]]) -> int:
    """Rows of one cell before a table that has more: titles and comments."""
    width = Counter(map(len, rows)).most_common(1)[0][0]
    if width < 2:
        return 0
    n = next(number for number, row in enumerate(rows) if len(row) > 1)
    return n if n <= _TITLE_LINES and n + 1 < len(rows) else 0


def _title_notes(rows: Sequence[tuple[int, list[str]]], n: int) -> Iterable[str]:
    if n:
        texts = ", ".join(shown("".join(row), 40) for _, row in rows[:n][:3])
        yield f"{counted(n, 'line')} before the table left out: {texts}."


def _is_value(cell: str) -> bool:
    """Whether a cell is a number, a date or true/false."""
    text = cell.strip(BLANKS)
    return any(form.value(text) is not None for form in (DECIMAL, COMMA, BOOLEAN, *DATES[:4]))


def _has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Compare the first row with the others: a name is not of the type of the values below it."""
    first, rest = rows[0], rows[1:200]
    if not rest:
        return True
    if _are_years(first):
        return True
    votes = 0
    for number, cell in enumerate(first):
        below = [row[number] for row in rest if number < len(row) and not missing(row[number])]
        if missing(cell) or not below:
            continue
        if sum(map(_is_value, below)) >= 0.8 * len(below):
            votes += -1 if _is_value(cell) else 1
        elif (_is_value(cell) and re.search("[0-9]", cell)) or cell in below:
            votes -= 1
    return votes >= 0


def _are_years(cells: Sequence[str]) -> bool:
    """A header such as country, 2019, 2020, 2021."""
    years = [int(cell) for cell in cells if re.fullmatch("(19|20)[0-9]{2}", cell.strip())]
    others = [cell for cell in cells if not re.fullmatch("(19|20)[0-9]{2}", cell.strip())]
    rising = all(b - a == years[1] - years[0] != 0 for a, b in pairwise(years))
    return len(years) >= 2 and rising and not any(_is_value(cell) for cell in others)


def _without_last_delimiter(dialect: Dialect, rows: Sequence[Sequence[str]]) -> Dialect:
    """Rows that all end with one delimiter too many have no further column."""
    width = len(dialect.names)
    if all(len(row) == width + 1 and not row[-1] for row in rows[1:]) and len(rows) > 1:
        note = "Every row ends with a delimiter; the empty last cell was left out."
        return replace(dialect, notes=(*dialect.notes, note))
    return dialect
