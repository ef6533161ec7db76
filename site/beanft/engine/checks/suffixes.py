"""What stands behind numbers that are not read as such, and what they would be worth: 4.5k, 12 %, 3 bn."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_WORTH = (
    ("thousand", 1e3, ("k", "tsd")),
    ("million", 1e6, ("m", "mm", "mio", "mn", "million")),
    ("billion", 1e9, ("b", "bn", "mrd", "billion")),
)
_FACTOR = {text: (word, factor) for word, factor, texts in _WORTH for text in texts}
_SIGNS = ("%", "‰", "€", "$", "£", "¥", "eur", "usd", "gbp", "chf")
_ENDING = "|".join(re.escape(text) for text in sorted((*_FACTOR, *_SIGNS), key=len, reverse=True))
PATTERN = rf"^\s*([-+−]?)\s*([0-9][0-9.,'’ ]*)\s*({_ENDING})\.?\s*$"
"""A number with such an ending, for Python and for SQL alike; in lower case."""

_CELL = re.compile(PATTERN)
_NUMBER = re.compile(r"^\d+(?:[.,]\d+)*$")


@dataclass(frozen=True, kw_only=True)
class Endings:
    """How the cells of one column end that are numbers but for their ending."""

    endings: tuple[str, ...]
    """The endings as written, the most frequent first."""
    word: str
    """What the only ending means: thousand, million, billion; empty for a sign or for several."""
    least: float
    """Size of the smallest of the cells if the ending means that; 0 where `word` is empty."""


def endings_of(cells: Iterable[str], *, decimal_comma: bool = False) -> Endings | None:
    """Find the ending that all cells share.

    Parameters
    ----------
    cells : iterable of str
        Cells that were not read as numbers.
    decimal_comma : bool
        Whether the column writes 1,5 for one and a half.

    Returns
    -------
    Endings or None
        None where a cell is no number with one of the endings known, or there is no cell.

    Examples
    --------
    >>> found = endings_of(["4.5k", "-12k"])
    >>> found.endings, found.word, found.least
    (('k',), 'thousand', 4500.0)
    >>> endings_of(["4.5k", "later"]) is None
    True
    """
    written: dict[str, int] = {}
    sizes = []
    for cell in cells:
        found = _CELL.match(cell.lower())
        number = _size(found.group(2), decimal_comma=decimal_comma) if found else None
        if found is None or number is None:
            return None
        ending = cell.strip().rstrip(".")[-len(found.group(3)) :]
        written[ending] = written.get(ending, 0) + 1
        sizes.append((number, found.group(3)))
    if not sizes:
        return None
    meant = {_FACTOR.get(ending, ("", 0.0)) for _, ending in sizes}
    word, factor = meant.pop() if len(meant) == 1 else ("", 0.0)
    least = min(number for number, _ in sizes) * factor
    return Endings(endings=tuple(sorted(written, key=lambda one: -written[one])), word=word, least=least)


def _size(text: str, *, decimal_comma: bool) -> float | None:
    plain = re.sub(r"['’ ]", "", text)
    point, comma = ("", ".") if decimal_comma else (".", "")
    plain = plain.replace(".", point).replace(",", comma)
    return float(plain) if _NUMBER.match(plain) and plain.count(".") <= 1 else None


def quoted(endings: Sequence[str]) -> str:
    """Write endings for a sentence.

    Parameters
    ----------
    endings : sequence of str
        One or more.

    Returns
    -------
    str

    Examples
    --------
    >>> quoted(["k"]), quoted(["k", "K", "M"])
    ('“k”', '“k”, “K” or “M”')
    """
    *others, last = (f"“{one}”" for one in endings)
    return f"{', '.join(others)} or {last}" if others else last
