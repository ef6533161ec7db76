"""What a figure's marks say when they are pointed at, as plain JSON that marks.js writes as lines of text."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

from beanft.engine.charts.axes import Option, plain, shortened
from beanft.engine.tables.wording import is_year

Part = tuple[str, int, str]
"""Its head, its place in the mark and how it is written: number, year, count, text, percent, share (of 1), x
or y (the name at a place of that axis), range or years (with the next number)."""

_NAME_CHARACTERS = 40
_A_YEAR = 2000


def tip(*parts: Part, more: Iterable[Sequence[Any]] = ()) -> Option:
    """Describe what the marks of one series say.

    Parameters
    ----------
    *parts : tuple of (head, place, way)
        One line each; a line without a value is left out.
    more : iterable of sequence
        Further values of each mark, which the picture does not need; their places follow those of its data.

    Returns
    -------
    dict
        The part `tip` of a series.

    Examples
    --------
    >>> tip(("rows", 1, "count"))
    {'tip': {'parts': [['rows', 1, 'count']], 'more': []}}
    """
    told = [[shortened(head, _NAME_CHARACTERS), place, way] for head, place, way in parts]
    return {"tip": {"parts": told, "more": [[_short(value) for value in row] for row in more]}}


def _short(value: Any) -> Any:
    """Seven digits of what is only read: half the bytes."""
    return float(f"{value:.7g}") if isinstance(value, float) and math.isfinite(value) else plain(value)


def way_of(name: str) -> str:
    """Say how the numbers of a column are written.

    Parameters
    ----------
    name : str
        Name of the column.

    Returns
    -------
    str
        "year" where its whole numbers from 1000 to 2999 are years, else "number".

    Examples
    --------
    >>> way_of("year"), way_of("price")
    ('year', 'number')
    """
    return "year" if is_year(name, _A_YEAR) else "number"
