"""How cells, names and counts are quoted in the sentences that users read."""

import math
import re
from collections.abc import Sequence

import humanize

_SHOWN = 80
_NAMES = 6
_YEAR = re.compile(r"(?:^|[^a-z])(?:year|yr|annee|année|ano|año|anno)s?(?:[^a-z]|$)|jahr(?:e|$)|jahr[^a-z]")


def shown(text: str, length: int = _SHOWN) -> str:
    """Quote a piece of the user's text for a sentence: one line, cut when long.

    Parameters
    ----------
    text : str
        Any text.
    length : int
        Characters kept.

    Returns
    -------
    str
        The text in typographic quotes; control characters appear as “␀” or a blank.

    Examples
    --------
    >>> shown("a\\nb")
    '“a b”'
    """
    flat = "".join(" " if c in "\r\n\t" else "␀" if c == "\0" else c for c in text.strip("\r\n"))
    return f"“{flat[:length]}…”" if len(flat) > length else f"“{flat}”"


def listed(names: Sequence[str]) -> str:
    """Write names with commas, the first six of them.

    Parameters
    ----------
    names : sequence of str
        Names of columns.

    Returns
    -------
    str
        Such as "a, b, c and 4 more".

    Examples
    --------
    >>> listed(["a", "b"])
    'a, b'
    """
    cut = ", ".join(name[:30] for name in names[:_NAMES])
    return cut if len(names) <= _NAMES else f"{cut} and {len(names) - _NAMES} more"


def bytes_in_words(n_bytes: int) -> str:
    """Write a number of bytes for people.

    Parameters
    ----------
    n_bytes : int
        Bytes.

    Returns
    -------
    str

    Examples
    --------
    >>> bytes_in_words(1_500_000), bytes_in_words(114), bytes_in_words(1)
    ('1.5 MB', '114 bytes', '1 byte')
    """
    return humanize.naturalsize(n_bytes).replace("Byte", "byte")


def are(n: int) -> str:
    """Give the verb that goes with a count.

    Parameters
    ----------
    n : int
        How many.

    Returns
    -------
    str
        "is" for one, else "are".

    Examples
    --------
    >>> are(1), are(0)
    ('is', 'are')
    """
    return "is" if n == 1 else "are"


def counted(n: int, one: str, many: str = "") -> str:
    """Write a count with its noun.

    Parameters
    ----------
    n : int
        How many.
    one : str
        The noun for one.
    many : str
        The noun for several; `one` with an s when not given.

    Returns
    -------
    str
        Such as "1 row" or "12,000 rows".

    Examples
    --------
    >>> counted(12000, "row")
    '12,000 rows'
    """
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def is_year(name: str, value: float) -> bool:
    """Tell whether a number of a column is a year, by the name of the column.

    Parameters
    ----------
    name : str
        Name of the column.
    value : float
        One of its numbers.

    Returns
    -------
    bool
        True where people write it without a separator.

    Examples
    --------
    >>> is_year("Year built", 1987), is_year("year", 3.5), is_year("price", 1987)
    (True, False, False)
    """
    return 1000 <= value < 3000 and bool(_YEAR.search(name.casefold()))


def hundredths(value: float) -> str:
    """Write a figure with two decimals, and with as many more as it needs not to look like none.

    Parameters
    ----------
    value : float
        A correlation or another figure of about one, or an end of its interval.

    Returns
    -------
    str
        Never "-0.00", and "0.00" only for none.

    Examples
    --------
    >>> hundredths(0.4567), hundredths(-0.0031), hundredths(0.0), hundredths(-1.0)
    ('0.46', '-0.003', '0.00', '-1.00')
    """
    if abs(value) >= 0.005 or not value:
        return f"{value:z.2f}"
    decimals = -math.floor(math.log10(abs(value)))
    return f"{value:.{decimals}f}" if decimals < 9 else f"{value:.0e}"
