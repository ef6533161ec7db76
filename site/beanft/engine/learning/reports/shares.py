"""Shares of rows with their intervals, and in words."""

import math

_Z = 1.959963984540054  # standard errors of a 95 % interval


def share_interval(n_yes: int, n_rows: int) -> dict[str, float | None]:
    """Give a share with its 95 % interval, which is right for few rows and for shares of 0 and 1 too.

    Parameters
    ----------
    n_yes : int
        Rows that count.
    n_rows : int
        Rows in all; 0 gives None for all three.

    Returns
    -------
    dict
        value, low and high, 0..1.

    References
    ----------
    Wilson (1927), “Probable inference, the law of succession, and statistical inference”.

    Examples
    --------
    >>> {key: round(one, 3) for key, one in share_interval(0, 20).items()}
    {'value': 0.0, 'low': 0.0, 'high': 0.161}
    """
    if not n_rows:
        return {"value": None, "low": None, "high": None}
    share, square = n_yes / n_rows, _Z * _Z / n_rows
    middle = (share + square / 2) / (1 + square)
    reach = _Z / (1 + square) * math.sqrt(share * (1 - share) / n_rows + square / (4 * n_rows))
    low = 0.0 if n_yes == 0 else middle - reach
    high = 1.0 if n_yes == n_rows else middle + reach
    return {"value": share, "low": low, "high": high}


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
    >>> percent(0.1234), percent(None)
    ('12.3 %', '–')
    """
    return "–" if share is None else f"{100 * share:.3g} %"
