"""Keeps text from being run as a formula by the spreadsheet that opens an exported file."""

import re

_RISKY = ("=", "+", "-", "@", "\t", "\r", "|", "%")
DIGITS = r"[+-]?([0-9]+([.,][0-9]*)?|[.,][0-9]+)([eE][+-]?[0-9]+)?"
"""A plain number as a pattern, such as -3.5e7: it may begin with a sign."""
_NUMBER = re.compile(DIGITS)


def safe_text(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would run as a formula.

    Parameters
    ----------
    text : str
        Text of a cell.

    Returns
    -------
    str
        The text; plain numbers such as -3 are left as they are.

    Examples
    --------
    >>> safe_text("@SUM(1)"), safe_text("-3.5")
    ("'@SUM(1)", '-3.5')
    """
    bare = text.lstrip(" \xa0")
    if bare.startswith(_RISKY) or bare.lstrip().startswith(_RISKY):
        return text if _NUMBER.fullmatch(text.strip()) and "\t" not in text else f"'{text}"
    return text
