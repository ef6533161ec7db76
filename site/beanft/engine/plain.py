"""Numbers as people write them in sentences: with separators, never as powers of ten."""

import math

_LARGEST, _MOST_DECIMALS = 1e15, 15  # beyond these nobody can read the digits either


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
    if value == 0:
        return "0"
    decimals = digits - 1 - math.floor(math.log10(abs(value))) if math.isfinite(value) else 0
    if not math.isfinite(value) or abs(value) >= _LARGEST or decimals > _MOST_DECIMALS:
        return f"{value:.{digits}g}".replace("-", "−", 1) if value < 0 else f"{value:.{digits}g}"
    text = f"{abs(value):,.{max(0, decimals)}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"−{text}" if value < 0 else text
