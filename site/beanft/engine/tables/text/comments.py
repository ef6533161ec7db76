"""Tells the comments above a table from its rows: lines at the start of a text that begin with #."""

import re
from collections import Counter
from collections.abc import Sequence

from beanft.engine.tables.kinds.cells import missing
from beanft.engine.tables.text.division import Division, is_value

_LOOKED_AT = 200
_MOST = 0.8  # of the cells below a name are values
_MARKED = re.compile(r"\s*#(?:[\s#]|$)")  # a colour or a tag has its letters at once


def n_comments(lines: Sequence[str]) -> int:
    """Count the lines at the start that begin with #, and the blank ones among them.

    Parameters
    ----------
    lines : sequence of str
        The first lines of a text.

    Returns
    -------
    int
        0 when no other line follows them.

    Examples
    --------
    >>> n_comments(["# by me", "", "# 2024", "", "a,b"])
    3
    """
    n = 0
    for number, line in enumerate(lines, 1):
        if line.lstrip(" \ufeff").startswith("#"):
            n = number
        elif line.strip():
            return n
    return 0


def rows_among(comments: Sequence[str], below: Sequence[str], division: Division) -> list[str]:
    """Take the last comments that have as many cells as the rows below: the names, or rows that begin with #.

    Parameters
    ----------
    comments : sequence of str
        Lines that begin with #, and blank ones.
    below : sequence of str
        The lines after them.
    division : Division
        What divides these.

    Returns
    -------
    list of str
        The lines that belong to the table; the # of one that has a blank after it is no cell where blanks
        divide the cells.

    Examples
    --------
    >>> rows_among(["# by me", "# a;b;c"], ["1;2;3"], Division(delimiter=";"))
    ['# a;b;c']
    """
    rows = [row for _, row in division.sample_rows(below)]
    if not rows:
        return list(comments)
    width = Counter(map(len, rows)).most_common(1)[0][0]
    cells = [division.sample_rows([line]) for line in comments]
    widths = [len(found[0][1]) if found else 0 for found in cells]
    n_alike, n_named = sum(n == width for n in widths), _n_named(rows)
    if n_named > 1 or (n_named and n_alike > 1):
        return []  # the names stand below
    if width == 1:
        return _of_one_column(comments, rows)
    if division.delimiter == " " and widths[-1] == width + 1 and cells[-1][0][1][0] == "#":
        return [comments[-1].replace("#", "", 1)]
    n = len(comments)
    while n and widths[n - 1] in (0, width):
        n -= 1
    return list(comments[n:])


def _n_named(rows: Sequence[Sequence[str]]) -> int:
    """In how many columns a word stands above values."""
    n = 0
    for number, cell in enumerate(rows[0]):
        below = [row[number] for row in rows[1:_LOOKED_AT] if number < len(row) and not missing(row[number])]
        if below and not missing(cell) and not is_value(cell):
            n += sum(map(is_value, below)) >= _MOST * len(below)
    return n


def _of_one_column(comments: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Any comment has as many cells as rows of one: several are none of these when a blank follows each #."""
    lines = [line for line in comments if line.strip()]
    if len(lines) > 1 and all(map(_MARKED.match, lines)):
        return lines[-1:] if is_value(rows[0][0]) else []
    return list(comments)
