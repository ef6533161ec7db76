"""Numbers as people write them in sentences: with separators, and below 10^15 never as powers of ten."""

import math

_LARGEST, _MOST_DECIMALS = 1e15, 15  # beyond these nobody can read the digits either
_SCORE_DIGITS = 3


def plain(value: float, digits: int = 4) -> str:
    """Write a number with at least so many significant digits.

    Parameters
    ----------
    value : float
        Any number.
    digits : int
        Significant digits; digits before the point are never rounded away.

    Returns
    -------
    str
        Without zeros at the end, and a minus that is as wide as a digit.

    Examples
    --------
    >>> plain(479_123.4, 3), plain(0.00001234, 2), plain(0.98765), plain(-120.0, 2), plain(0.0), plain(1e15)
    ('479,123', '0.000012', '0.9877', '−120', '0', '1e+15')
    """
    text = _text(value, digits)
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text


def written(score: float) -> str:
    """Write a score with three significant digits: every page and every sentence writes the same one alike.

    Parameters
    ----------
    score : float
        Score, in the metric's unit.

    Returns
    -------
    str
        With zeros at the end, separators from four digits on, and a minus that is as wide as a digit.

    Examples
    --------
    >>> written(0.98765), written(132_212.0), written(-0.0000065), written(999.7), written(0.0)
    ('0.988', '132,000', '−0.00000650', '1,000', '0.000')
    """
    return _text(float(f"{score:.{_SCORE_DIGITS}g}"), _SCORE_DIGITS) if score else "0.000"


def percent(share: float | None) -> str:
    """Write a share as a percentage with three digits.

    Parameters
    ----------
    share : float or None
        0..1.

    Returns
    -------
    str
        A dash for None.

    Examples
    --------
    >>> percent(0.1234), percent(1.0), percent(None)
    ('12.3 %', '100 %', '–')
    """
    return "–" if share is None else f"{100 * share:.3g} %"


def finite(value: float | None) -> float | None:
    """Pass a finite number on as it is; None stands for all that JSON cannot say.

    Parameters
    ----------
    value : float or None
        What a database or a sum gave, which may have overflowed.

    Returns
    -------
    float or None
        The same number, whole ones stay whole.

    Examples
    --------
    >>> finite(2), finite(float("inf")), finite(None)
    (2, None, None)
    """
    return value if value is not None and math.isfinite(value) else None


def number(value: float) -> float | None:
    """Give a number of numpy as one that JSON can hold, or None.

    Parameters
    ----------
    value : float
        Any number, of Python or of numpy.

    Returns
    -------
    float or None
        None for nan and for the infinities.

    Examples
    --------
    >>> number(0.5), number(float("nan"))
    (0.5, None)
    """
    return float(value) if math.isfinite(value) else None


def capital(text: str) -> str:
    """Begin a sentence with a capital letter.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        The other letters stay as they are.

    Examples
    --------
    >>> capital("mean of NOx"), capital("")
    ('Mean of NOx', '')
    """
    return text[:1].upper() + text[1:]


def _text(value: float, digits: int) -> str:
    """So many significant digits, or all that stand before the point."""
    decimals = digits - 1 - math.floor(math.log10(abs(value))) if value and math.isfinite(value) else 0
    is_readable = abs(value) < _LARGEST and decimals <= _MOST_DECIMALS  # infinite and no number are not
    text = f"{abs(value):,.{max(0, decimals)}f}" if is_readable else f"{abs(value):.{digits}g}"
    return f"−{text}" if value < 0 else text
