"""Keeps text from being run as a formula by the spreadsheet that opens an exported file."""

import re

_RISKY = ("=", "+", "-", "@", "\t", "\r", "|", "%")
DIGITS = r"[+-]?([0-9]+([.,][0-9]*)?|[.,][0-9]+)([eE][+-]?[0-9]+)?"
"""A plain number as a pattern, such as -3.5e7: it may begin with a sign."""
_NUMBER = re.compile(DIGITS)
_FIGURE = r"[+-]?[0-9]+([.,][0-9]+)*([eE][+-]?[0-9]+)?"
_RANGE = re.compile(rf"{_FIGURE}( to {_FIGURE})?")
"""What charts and summaries call a bin, such as -1,000.5 to -3e+07; no spreadsheet can compute it."""


def safe_text(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would run as a formula.

    Parameters
    ----------
    text : str
        Text of a cell.

    Returns
    -------
    str
        The text; plain numbers such as -3, and ranges of them, are left as they are.

    Examples
    --------
    >>> safe_text("@SUM(1)"), safe_text("-3.5")
    ("'@SUM(1)", '-3.5')
    >>> safe_text("-3.4 to -3.3"), safe_text("-3+1 to 2")
    ('-3.4 to -3.3', "'-3+1 to 2")
    """
    bare = text.lstrip(" \xa0")
    if bare.startswith(_RISKY) or bare.lstrip().startswith(_RISKY):
        is_plain = _NUMBER.fullmatch(text.strip()) or _RANGE.fullmatch(text)
        return text if is_plain and "\t" not in text else f"'{text}"
    return text
