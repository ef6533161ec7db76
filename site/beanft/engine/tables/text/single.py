"""Tells when a table of one column may be one of several whose cells nothing was found to divide."""

import re
from collections import Counter
from collections.abc import Callable, Sequence

from beanft.engine.tables.kinds.dates import DATES
from beanft.engine.tables.text.division import is_value
from beanft.engine.tables.wording import shown

_LOOKED_AT = 200
_FEW = 3  # of fewer lines or parts nothing is said
_MOST = 0.5
_NEARLY_ALL = 0.9  # as words are divided by blanks too
_VALUES = 1 / 3  # of the words
# Commas are none of them: one cell in quotes may hold an address.
_PARTS: tuple[tuple[str, Callable[[str], Sequence[str]]], ...] = (
    ("semicolons", lambda text: text.split(";")),
    ("tabs", lambda text: text.split("\t")),
    ("bars", lambda text: text.split("|")),
    ("wide gaps", lambda text: re.split(" {2,}", text.strip())),
)


def single_notes(texts: Sequence[str]) -> tuple[str, ...]:
    """Say that most rows of one cell have the same number of parts, three or more.

    Parameters
    ----------
    texts : sequence of str
        The cells of the only column.

    Returns
    -------
    tuple of str
        One sentence or two together; nothing when the cells are values, or have parts of no pattern.

    Examples
    --------
    >>> single_notes(["2016 1 5.5", "2017 2 6.5", "2018 3 7.5"])[0][:72]
    'The file was read as one column, but most of its lines have 3 parts betw'
    """
    filled = [text for text in texts[:_LOOKED_AT] if text.strip()]
    if len(filled) < _FEW or sum(map(_is_whole, filled)) > _MOST * len(filled):
        return ()
    for between, parts in _PARTS:
        if n := _shared(filled, parts, _MOST):
            return (_note(filled, parts, n, between),)
    n = _shared(filled, str.split, _NEARLY_ALL)
    if n and sum(map(_holds_measures, filled)) > _MOST * len(filled):
        return (_note(filled, str.split, n, "blanks"),)
    return ()


def _is_whole(text: str) -> bool:
    """Whether a cell is one number or date, in whatever form."""
    return is_value(text) or any(form.value(text.strip()) is not None for form in DATES)


def _holds_measures(text: str) -> bool:
    """Whether values stand between blanks, and not digits alone: a telephone number has these too."""
    words = text.split()
    values = [word for word in words if is_value(word)]
    return len(values) > _VALUES * len(words) and not all(map(str.isdigit, values))


def _shared(texts: Sequence[str], parts: Callable[[str], Sequence[str]], share: float) -> int:
    """How many parts more than a share of the texts have; 0 when too few do, or too few parts."""
    n, n_texts = Counter(len(parts(text)) for text in texts).most_common(1)[0]
    return n if n >= _FEW and n_texts > share * len(texts) else 0


def _note(texts: Sequence[str], parts: Callable[[str], Sequence[str]], n: int, between: str) -> str:
    such = next(text for text in texts if len(parts(text)) == n)
    return (
        f"The file was read as one column, but most of its lines have {n:,} parts between {between}, such as "
        f"{shown(such.strip(), 60)}. If these are cells, say what stands between them and how many lines "
        "stand before the table, or save it with a comma between cells."
    )
