"""Numbers as people write them in sentences: with separators, never as powers of ten."""

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


def _text(value: float, digits: int) -> str:
    """So many significant digits, or all that stand before the point."""
    decimals = digits - 1 - math.floor(math.log10(abs(value))) if value and math.isfinite(value) else 0
    is_readable = abs(value) < _LARGEST and decimals <= _MOST_DECIMALS  # infinite and no number are not
    text = f"{abs(value):,.{max(0, decimals)}f}" if is_readable else f"{abs(value):.{digits}g}"
    return f"−{text}" if value < 0 else text
