"""How few rows a test of means can be trusted with."""

import numpy as np

from beanft.engine.compare.chance import Floats

FEWEST = 5
"""Rows that each group needs before anything is said of chance."""

SMALL = 500
"""Rows of the smaller group from which its mean is near enough to normal, however skewed the values are."""

_ROWS_A_SKEW = 25  # Cochran 1977, Sampling techniques: the smaller group needs 25 times the squared skewness


def skewness(values: Floats) -> float:
    """Measure how lopsided values are.

    Parameters
    ----------
    values : array of shape (n,)
        Finite numbers.

    Returns
    -------
    float
        The third standardised moment; 0 where they do not vary.

    Examples
    --------
    >>> round(skewness(np.array([0.0, 0.0, 0.0, 1.0])), 3)
    1.155
    """
    if values.size < 2:
        return 0.0
    centred = values - values.mean()
    largest = float(np.abs(centred).max())
    if largest == 0:
        return 0.0
    centred = centred / largest  # cubes of huge numbers are not finite
    return float((centred**3).mean() / (centred**2).mean() ** 1.5)


def needs_ranks(one: Floats, two: Floats) -> bool:
    """Tell whether values are too skewed for the means of groups as small as these to be tested.

    Welch's test then finds differences where there are none: of 5 rows against 1,000 of one lognormal
    distribution, in about one of six tables instead of one of twenty.

    Parameters
    ----------
    one, two : array of shape (n_rows,)
        Finite numbers of two groups.

    Returns
    -------
    bool
        True where their order by ranks is to be tested instead. The larger group tells the skewness.

    Examples
    --------
    >>> needs_ranks(np.arange(9.0), np.arange(99.0)), needs_ranks(np.arange(9.0), np.exp(np.arange(99.0)))
    (False, True)
    """
    smaller = min(one.size, two.size)
    if smaller >= SMALL:
        return False
    larger = one if one.size >= two.size else two
    return smaller < _ROWS_A_SKEW * skewness(larger) ** 2
