"""The words for true and false."""

from collections.abc import Iterable
from functools import lru_cache

from beanft.engine.tables.kinds.forms import Form
from beanft.engine.tables.quoting import literal

PAIRS = (
    *(("false", "true"), ("no", "yes"), ("f", "t"), ("n", "y"), ("off", "on")),
    *(("nein", "ja"), ("non", "oui"), ("no", "si"), ("no", "sí"), ("faux", "vrai"), ("falsch", "wahr")),
)
"""(false, true) in small letters; one column keeps to one pair."""

DIGITS = ("0", "1")
"""Read as false and true only where the owner says so."""

_PAIR = 2


def words(*pairs: tuple[str, str]) -> Form:
    """Make the form of cells that are one of some words, in any case.

    Parameters
    ----------
    *pairs : tuple of (str, str)
        The words for false and true.

    Returns
    -------
    Form
        Stored as BOOLEAN.

    Examples
    --------
    >>> words(("no", "yes")).value("Yes")
    True
    """
    return _words(pairs)


@lru_cache(maxsize=64)
def _words(pairs: tuple[tuple[str, str], ...]) -> Form:
    texts = dict.fromkeys(text for pair in pairs for text in pair)
    true = sorted({true for _, true in pairs})
    is_true = " OR ".join(f"lower({{v}}) = {literal(text)}" for text in true)
    return Form(
        kind="boolean",
        stored="BOOLEAN",
        format="",
        pattern="|".join("".join(map(_either, text)) for text in texts),
        sql=f"({is_true})",
        parse=lambda text: text.lower() in true,
        sure=f"({_any_of(texts)})" if len(texts) == _PAIR else "",
        cast=f"({_any_of(true)})" if len(texts) == _PAIR else "",
    )


def _any_of(texts: Iterable[str]) -> str:
    """Compare with each usual spelling: a few times quicker than a pattern."""
    spelled = [spelling for text in texts for spelling in dict.fromkeys((text, text.title(), text.upper()))]
    return " OR ".join(f"{{v}} = {literal(spelling)}" for spelling in spelled)


def _either(letter: str) -> str:
    """Pattern of a letter in both cases; patterns that ignore case would also take signs that look alike."""
    return letter if letter.isdigit() else f"({letter}|{letter.upper()})"


BOOLEAN = words(*PAIRS)
"""All words, for cells of a column that is known to be boolean."""

BINARY = words(*PAIRS, DIGITS)
"""All words and 0 and 1."""
