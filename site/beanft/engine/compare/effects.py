"""How large differences and relations are, each with its 95 % interval."""

import math
from collections.abc import Sequence

import numpy as np
from scipy.special import stdtrit

from beanft.engine.compare.chance import Floats, average_ranks, welch
from beanft.engine.tables.relations.noncentral import noncentrality

WIDTH_95 = 1.959963984540054
"""Standard errors on each side of a 95 % interval of the normal distribution."""

Interval = tuple[float, float | None, float | None]
"""A value with the ends of its 95 % interval; None where there can be none."""


def mean_interval(n: int, mean: float, sd: float | None) -> Interval:
    """Give the interval of a mean, by Student's distribution.

    Parameters
    ----------
    n : int
        Rows.
    mean : float
        Their mean.
    sd : float or None
        Their standard deviation (n - 1).

    Returns
    -------
    (float, float or None, float or None)
        Mean and interval; none for fewer than two rows.

    Examples
    --------
    >>> [round(one, 3) for one in mean_interval(25, 10.0, 5.0)]
    [10.0, 7.936, 12.064]
    """
    if n < 2 or sd is None:
        return mean, None, None
    half = float(stdtrit(n - 1, 0.975)) * sd / math.sqrt(n)
    return mean, mean - half, mean + half


def mean_difference(n: Sequence[int], mean: Sequence[float], sd: Sequence[float]) -> Interval:
    """Give the difference of two means with Welch's interval.

    Parameters
    ----------
    n, mean, sd : sequence of two numbers
        Rows (at least 2), mean and standard deviation of each group.

    Returns
    -------
    (float, float or None, float or None)
        First mean minus second; no interval where neither group varies.

    Examples
    --------
    >>> [round(one, 3) for one in mean_difference([10, 10], [1.0, 0.0], [1.0, 1.0])]
    [1.0, 0.06, 1.94]
    """
    difference = mean[0] - mean[1]
    if not any(sd):
        return difference, None, None
    _, df, _ = welch(n, mean, sd)
    half = float(stdtrit(df, 0.975)) * math.hypot(sd[0] / math.sqrt(n[0]), sd[1] / math.sqrt(n[1]))
    return difference, difference - half, difference + half


def hedges_g(n: Sequence[int], mean: Sequence[float], sd: Sequence[float]) -> Interval | None:
    """Give Hedges' g: the difference of two means in standard deviations, less the bias of few rows.

    Its interval does not suppose that the two groups vary alike.

    Parameters
    ----------
    n, mean, sd : sequence of two numbers
        Rows (at least 2), mean and standard deviation of each group.

    Returns
    -------
    (float, float or None, float or None) or None
        None where neither group varies.

    Examples
    --------
    >>> [round(one, 2) for one in hedges_g([50, 50], [1.0, 0.0], [1.0, 1.0])]
    [0.99, 0.57, 1.41]
    """
    if not any(sd):
        return None
    free = (n[0] - 1, n[1] - 1)
    total = sum(free)
    pooled = (free[0] * sd[0] ** 2 + free[1] * sd[1] ** 2) / total
    bias = 1 - 3 / (4 * total - 1)
    d = (mean[0] - mean[1]) / math.sqrt(pooled)
    of_means = (sd[0] ** 2 / n[0] + sd[1] ** 2 / n[1]) / pooled
    of_spread = d * d * (free[0] * sd[0] ** 4 + free[1] * sd[1] ** 4) / (2 * total**2 * pooled**2)
    _, df, _ = welch(n, mean, sd)
    half = float(stdtrit(df, 0.975)) * bias * math.sqrt(of_means + of_spread)
    return bias * d, bias * d - half, bias * d + half


def superiority(one: Floats, two: Floats) -> tuple[float, float, float]:
    """Give the probability that a row of one group has a larger value than a row of the other.

    Parameters
    ----------
    one, two : array of shape (n_rows,)
        Finite numbers.

    Returns
    -------
    value, low, high : float
        The probability, ties counted half, and its interval: Wilson's, for as many rows as give the
        variance that the placements of the values show.

    Examples
    --------
    >>> [round(end, 2) for end in superiority(np.arange(40.0), np.arange(40.0) + 10)]
    [0.28, 0.19, 0.4]
    """
    m, n = one.size, two.size
    ranks, _ = average_ranks(np.concatenate((one, two)))
    over = (ranks[:m] - average_ranks(one)[0]) / n
    under = 1 - (ranks[m:] - average_ranks(two)[0]) / m
    value = float(over.mean())
    variance = (float(np.var(over, ddof=1)) / m if m > 1 else 0.25) + (
        float(np.var(under, ddof=1)) / n if n > 1 else 0.25
    )
    rows = value * (1 - value) / variance if variance > 0 and 0 < value < 1 else float(min(m, n))
    return (value, *wilson(value, max(1.0, min(rows, float(m + n)))))


def wilson(share: float, n: float) -> tuple[float, float]:
    """Give Wilson's interval of a share.

    Parameters
    ----------
    share : float
        Between 0 and 1.
    n : float
        Rows that it is a share of.

    Returns
    -------
    low, high : float
        Ends of the 95 % interval.

    References
    ----------
    Wilson (1927), “Probable inference, the law of succession, and statistical inference”.

    Examples
    --------
    >>> [round(end, 3) for end in wilson(0.0, 10)]
    [0.0, 0.278]
    """
    z2 = WIDTH_95**2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = WIDTH_95 / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)


def share_difference(counts: Sequence[int], n: Sequence[int]) -> tuple[float, float, float]:
    """Give the difference of two shares with Newcombe's interval.

    Parameters
    ----------
    counts, n : sequence of two int
        Rows that count, and all rows (at least 1), of each group.

    Returns
    -------
    value, low, high : float
        First share minus second, and its interval.

    References
    ----------
    Newcombe, R. G. (1998), Interval estimation for the difference between independent proportions,
    Statistics in Medicine 17, 873-890, method 10.

    Examples
    --------
    >>> [round(one, 3) for one in share_difference([56, 48], [70, 80])]
    [0.2, 0.052, 0.334]
    """
    (p1, p2) = (count / rows for count, rows in zip(counts, n, strict=True))
    (low1, high1), (low2, high2) = wilson(p1, n[0]), wilson(p2, n[1])
    value = p1 - p2
    return value, value - math.hypot(p1 - low1, high2 - p2), value + math.hypot(high1 - p1, p2 - low2)


def explained(f: float, groups: int, n: int) -> tuple[float, float, float]:
    """Give the share of the spread that groups explain, less what chance gives (epsilon squared).

    Parameters
    ----------
    f : float
        F of the usual analysis of variance, of values or of ranks.
    groups : int
        Groups, at least 2.
    n : int
        Rows, more than groups.

    Returns
    -------
    value, low, high : float
        The share, 0..1, and its interval by the noncentral distribution of F.

    Examples
    --------
    >>> [round(one, 3) for one in explained(10.0, 3, 100)]
    [0.154, 0.046, 0.287]
    """
    df, rest = groups - 1, n - groups
    value = max(0.0, df * (f - 1) / (df * f + rest))
    low, high = (end / (n + end) for end in noncentrality(f, df, rest))
    return value, min(low, value), max(high, value)
