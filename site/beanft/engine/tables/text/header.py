"""Tells whether the first row of a table holds names, and makes names unique."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from beanft.engine.tables.kinds.cells import missing
from beanft.engine.tables.text.division import is_value
from beanft.engine.tables.wording import shown

LONGEST_NAME = 200
"""Most characters of the name of a column."""

_FEWEST_NAMED = 3  # rows whose names all differ
_FEWEST_STEPS = 3  # numbers of a header that are no years
_FEWEST_CODES = 10  # cells that show what all codes of a column look like
_WHOLE = re.compile("[0-9]{1,9}").fullmatch
_DECIMAL = re.compile("[+-]?[0-9]*[.,][0-9]+(?:[eE][+-]?[0-9]+)?").fullmatch
_CODE = re.compile("[A-Z0-9]{2,8}").fullmatch
_RESERVED = ("file_row_number", "filename", "file_index", "rowid")  # DuckDB gives every file such columns


def has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Compare the first row with the others: a name is not of the type of the values below it.

    Parameters
    ----------
    rows : sequence of sequences of str
        The first rows of a table.

    Returns
    -------
    bool
        Whether the first row holds names.

    Examples
    --------
    >>> has_header([["a", "b"], ["1", "x"]]), has_header([["1", "x"], ["2", "y"]])
    (True, False)
    """
    first, rest = rows[0], rows[1:200]
    if not rest or _are_years(first) or _is_counted(first, rest) or _is_steps(first, rest):
        return True
    votes = [_vote(cell, _below(rest, number)) for number, cell in enumerate(first)]
    return sum(votes) >= 0 if any(votes) else not _is_coded(first, rest)


def _below(rest: Sequence[Sequence[str]], number: int) -> list[str]:
    """The cells of a column below the first row, without those that are missing."""
    return [row[number] for row in rest if number < len(row) and not missing(row[number])]


def _vote(cell: str, below: Sequence[str]) -> int:
    """Say whether a cell names the values below it (1), is one of them (-1), or nobody can tell (0)."""
    if missing(cell) or not below:
        return 0
    if sum(map(is_value, below)) >= 0.8 * len(below):
        return -1 if is_value(cell) else 1
    return -int((is_value(cell) and bool(re.search("[0-9]", cell))) or cell in below)


def _are_years(cells: Sequence[str]) -> bool:
    """A header such as country, 2019, 2020, 2021."""
    years = [int(cell) for cell in cells if re.fullmatch("(19|20)[0-9]{2}", cell.strip())]
    others = [cell for cell in cells if not re.fullmatch("(19|20)[0-9]{2}", cell.strip())]
    rising = all(b - a == years[1] - years[0] != 0 for a, b in pairwise(years))
    return len(years) >= 2 and rising and not any(is_value(cell) for cell in others)


def _is_counted(first: Sequence[str], rest: Sequence[Sequence[str]]) -> bool:
    """A header as pandas writes it for columns without names: nothing above the row names, then 0, 1, 2."""
    if len(first) < 2 or first[0].strip() or [*first[1:]] != [*map(str, range(len(first) - 1))]:
        return False
    names = _below(rest, 0)
    return len(rest) >= _FEWEST_NAMED and len(set(names)) == len(rest)


def _is_steps(first: Sequence[str], rest: Sequence[Sequence[str]]) -> bool:
    """A header such as team, 0, 1, 2: whole numbers with one step beside words, above decimal numbers.

    Above whole numbers they may as well be a row of ranks or doses.
    """
    numbers = [number for number, cell in enumerate(first) if _WHOLE(cell.strip())]
    steps = {int(first[b]) - int(first[a]) for a, b in pairwise(numbers)}
    if not _FEWEST_STEPS <= len(numbers) < len(first) or len(steps) != 1 or min(steps) <= 0:
        return False
    if any(is_value(cell) for number, cell in enumerate(first) if number not in numbers):
        return False
    below = [cell for number in numbers for cell in _below(rest, number)]
    return bool(below) and sum(bool(_DECIMAL(cell.strip())) for cell in below) >= 0.8 * len(below)


def _is_coded(first: Sequence[str], rest: Sequence[Sequence[str]]) -> bool:
    """Say whether the first row of a table of texts is a row like the others, judged by its codes.

    Names in capitals look like codes, too, as ISO above those of countries: a text must speak for a row as
    well.
    """
    columns = [(cell, _below(rest, number)) for number, cell in enumerate(first)]
    votes = sum(_code_vote(cell, below) for cell, below in columns)
    return votes < 0 and any(_is_alike(cell, below) for cell, below in columns)


def _code_vote(cell: str, below: Sequence[str]) -> int:
    """Compare a cell with the codes below it, such as AT4 and N262: is it one of them (-1), or not (1)?"""
    if missing(cell) or len(below) < _FEWEST_CODES:
        return 0
    length, n_alike = Counter(len(text) if _CODE(text) else 0 for text in below).most_common(1)[0]
    n_once = sum(n == 1 for n in Counter(below).values())
    if not length or n_alike < 0.9 * len(below) or n_once < 0.5 * len(below):
        return 0  # where values come again, the one of the first row would, too
    return -1 if len(cell) == length and _CODE(cell) else 1


def _is_alike(cell: str, below: Sequence[str]) -> bool:
    """Whether a cell begins with the word of one below, or is a list, as names of columns hardly are."""
    word, _, more = cell.strip().partition(" ")
    return bool(more) and (", " in cell or any(text.strip().startswith(f"{word} ") for text in below))


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
        if "\n" in cell.strip() or "\r" in cell.strip():
            notes.append(f"The line breaks in the name of column {number} became blanks: {shown(name)}.")
        if not name:
            name = f"column {number}"
            notes.append(f"Column {number} has no name and was called “{name}”.")
        elif len(name) > LONGEST_NAME:
            notes.append(
                f"The name of column {number} has {len(name):,} characters; {LONGEST_NAME} were kept."
            )
            name = name[:LONGEST_NAME]
        free = _free_name(name, taken)
        if free != name:
            why = "is reserved" if name.casefold() in _RESERVED else "was taken already"
            notes.append(f"The name {shown(name)} {why}; column {number} was called {shown(free)}.")
        taken.add(free.casefold())
        names.append(free)
    return tuple(names), notes if from_file else []


def _free_name(name: str, taken: set[str]) -> str:
    number, free = 1, name
    while free.casefold() in taken:
        number += 1
        ending = f" ({number})"
        free = name[: LONGEST_NAME - len(ending)] + ending
    return free
