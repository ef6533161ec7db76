"""Scores in words: every page and every sentence writes the same number alike."""

import math

_DIGITS = 3
_MOST_DECIMALS = 12  # smaller numbers are so rare that a power of ten may stand for them


def written(value: float) -> str:
    """Write a score with three significant digits, without powers of ten.

    Parameters
    ----------
    value : float
        Score, in the metric's unit.

    Returns
    -------
    str
        Separators from four digits on, and a minus that is as wide as a digit.

    Examples
    --------
    >>> written(0.98765), written(132_212.0), written(-0.0000065), written(999.7), written(0.0)
    ('0.988', '132,000', '−0.00000650', '1,000', '0.000')
    """
    if not math.isfinite(value):
        return str(value)
    if value == 0:
        return "0.000"
    rounded = float(f"{abs(value):.{_DIGITS}g}")
    decimals = max(0, _DIGITS - 1 - math.floor(math.log10(rounded)))
    text = f"{rounded:,.{decimals}f}" if decimals <= _MOST_DECIMALS else f"{rounded:.{_DIGITS}g}"
    return f"−{text}" if value < 0 else text
