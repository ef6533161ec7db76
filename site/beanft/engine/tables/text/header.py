"""Tells whether the first row of a table holds names, and makes names unique."""

import re
from collections.abc import Sequence
from itertools import pairwise

from beanft.engine.tables.kinds.cells import missing
from beanft.engine.tables.text.division import is_value
from beanft.engine.tables.wording import shown

LONGEST_NAME = 200
"""Most characters of the name of a column."""

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
    if not rest:
        return True
    if _are_years(first):
        return True
    votes = 0
    for number, cell in enumerate(first):
        below = [row[number] for row in rest if number < len(row) and not missing(row[number])]
        if missing(cell) or not below:
            continue
        if sum(map(is_value, below)) >= 0.8 * len(below):
            votes += -1 if is_value(cell) else 1
        elif (is_value(cell) and re.search("[0-9]", cell)) or cell in below:
            votes -= 1
    return votes >= 0


def _are_years(cells: Sequence[str]) -> bool:
    """A header such as country, 2019, 2020, 2021."""
    years = [int(cell) for cell in cells if re.fullmatch("(19|20)[0-9]{2}", cell.strip())]
    others = [cell for cell in cells if not re.fullmatch("(19|20)[0-9]{2}", cell.strip())]
    rising = all(b - a == years[1] - years[0] != 0 for a, b in pairwise(years))
    return len(years) >= 2 and rising and not any(is_value(cell) for cell in others)


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
