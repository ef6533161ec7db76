"""Cramér's V of two categories, from a table of their counts, with its interval."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from beanft.engine.tables.relations.noncentral import noncentrality

_WIDTH_95 = 1.959963984540054  # of the normal distribution


def cramers_v(counts: NDArray[np.int64]) -> tuple[float, float, float] | None:
    """Give Cramér's V with Bergsma's correction of bias.

    Parameters
    ----------
    counts : array of shape (n_rows, n_columns)
        Rows with each pair of categories.

    Returns
    -------
    value, low, high : float
        V, 0..1, and its 95 % interval: the wider one, at either end, of that by the noncentral chi-squared,
        which is right where there is no relation, and that by the standard error of phi squared, which is
        right where there is a strong one. None where one of the two does not vary, or rows are too few.

    References
    ----------
    Bergsma, W. (2013), A bias-correction for Cramér's V and Tschuprow's T, Journal of the Korean
    Statistical Society 42, 323-328. Bishop, Y. M. M., Fienberg, S. E. and Holland, P. W. (1975), Discrete
    Multivariate Analysis, 386: the standard error.

    Examples
    --------
    >>> [round(one, 2) for one in cramers_v(np.array([[30, 10], [10, 30]]))]
    [0.49, 0.22, 0.71]
    """
    counts = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]
    (r, c), n = counts.shape, int(counts.sum())
    if min(r, c) < 2:
        return None
    df, least = (r - 1) * (c - 1), min(r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)) - 1
    if least <= 0:
        return None
    phi2, error = _phi_squared(counts / n, n)
    square, half = min(1.0, max(0.0, phi2 - df / (n - 1)) / least), _WIDTH_95 * error / least
    by_chance = [math.sqrt(end / (n * (min(r, c) - 1))) for end in noncentrality(n * phi2 / df, df, math.inf)]
    value = math.sqrt(square)
    low = min(value, by_chance[0], math.sqrt(max(0.0, square - half)))
    return value, low, min(1.0, max(value, by_chance[1], math.sqrt(square + half)))


def _phi_squared(shares: NDArray[Any], n: int) -> tuple[float, float]:
    """Phi squared of the shares of all cells, and its standard error by the delta method."""
    down, across = shares.sum(axis=1, keepdims=True), shares.sum(axis=0, keepdims=True)
    ratio = shares / (down * across)
    parts = shares * ratio
    gradient = 2 * ratio - parts.sum(axis=1, keepdims=True) / down - parts.sum(axis=0, keepdims=True) / across
    return max(0.0, float(parts.sum()) - 1), math.sqrt(float((shares * gradient**2).sum()) / n)
