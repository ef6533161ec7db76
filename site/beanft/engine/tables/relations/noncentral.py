"""How strong a relation may be, given the F or chi-squared statistic that was measured of it."""

import math

_WIDTH_95 = 1.959963984540054  # of the normal distribution
_HALVINGS = 40


def noncentrality(statistic: float, df: int, df_error: float) -> tuple[float, float]:
    """Give the 95 % interval of the noncentrality that lets a statistic come out as it did.

    Unlike the spread of an estimate, it is honest near 0, where estimates are cut off. The distribution is
    approximated as by Severo and Zelen: each tail of 2.5 % really holds 2.5 to 4 %.

    Parameters
    ----------
    statistic : float
        F, or chi-squared divided by its degrees of freedom.
    df : int
        Degrees of freedom of the relation.
    df_error : float
        Degrees of freedom of the error; infinite for chi-squared.

    Returns
    -------
    low, high : float
        Ends of the interval, 0 where even no relation at all gives such a statistic often.

    References
    ----------
    Severo, N. C. and Zelen, M. (1960), Normal approximation to the chi-square and non-central F probability
    functions, Biometrika 47, 411-416.

    Examples
    --------
    >>> low, high = noncentrality(1.0, 4, 395)
    >>> low, round(high, 1)
    (0.0, 10.4)
    """
    return _at(statistic, df, df_error, _WIDTH_95), _at(statistic, df, df_error, -_WIDTH_95)


def _at(statistic: float, df: int, df_error: float, z: float) -> float:
    """The noncentrality at which the statistic lies `z` standard deviations above its middle, or 0."""
    low, high = 0.0, max(1.0, statistic * df)
    if _deviation(statistic, df, df_error, low) <= z:
        return low
    while _deviation(statistic, df, df_error, high) > z:
        low, high = high, 2 * high
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if _deviation(statistic, df, df_error, middle) > z else (low, middle)
    return low


def _deviation(statistic: float, df: int, df_error: float, noncentrality: float) -> float:
    """Normal deviate of a statistic, which falls as the noncentrality rises."""
    a = 2 / 9 * (df + 2 * noncentrality) / math.pow(df + noncentrality, 2)
    b = 2 / (9 * df_error)
    root = math.pow(statistic * df / (df + noncentrality), 1 / 3)
    return ((1 - b) * root - (1 - a)) / math.sqrt(a + b * root * root)
