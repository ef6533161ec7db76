"""Writes rows as CSV, exactly or made safe for spreadsheets."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

_RISKY = ("=", "+", "-", "@", "\t", "\r", "|", "%")
_NUMBER = re.compile(r"[+-]?([0-9]+([.,][0-9]*)?|[.,][0-9]+)([eE][+-]?[0-9]+)?")


def csv_rows(
    columns: Sequence[str], rows: Iterable[Sequence[Any]], *, safe_for_spreadsheets: bool
) -> Iterator[str]:
    r"""Write a header and rows as lines of a CSV.

    Parameters
    ----------
    columns : sequence of str
        The header.
    rows : iterable of sequences
        Plain values; None becomes an empty cell, true and false are written small, dates as ISO 8601.
    safe_for_spreadsheets : bool
        Whether text that a spreadsheet would run as a formula gets a leading apostrophe.

    Yields
    ------
    str
        One row with its line end, quoted where needed.

    Examples
    --------
    >>> list(csv_rows(["a", "b"], [["=1+1", -2], ["-3", None]], safe_for_spreadsheets=True))
    ['a,b\n', "'=1+1,-2\n", '-3,\n']
    """
    line = io.StringIO()
    writer = csv.writer(line, lineterminator="\r\n")  # so that cells with either sign are quoted
    for cells in chain([columns], rows):
        writer.writerow([_text(cell, safe_for_spreadsheets) for cell in cells])
        yield line.getvalue().removesuffix("\r\n") + "\n"
        line.seek(0)
        line.truncate()


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


def _text(value: Any, safe: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return safe_text(value) if safe else value
    return value.isoformat(" ") if hasattr(value, "hour") else str(value)
