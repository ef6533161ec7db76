"""The tests: how often chance alone would give as much, from counts, means and ranks.

They are written with scipy.special, as scipy.stats would hold 46 MB in every web process; the tests of this
module prove that the numbers are those of scipy.stats.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, fdtrc, gammaln, ndtr, stdtr

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

_EXACT_PRODUCT = 10_000  # of the sizes of two groups, up to which all orders of the values are counted
_EXACT_SMALLER = 8
_TABLES = 9_999
_MOST_CELLS = 2_000_000  # of all tables that are drawn by chance together


def welch(n: Sequence[int], mean: Sequence[float], sd: Sequence[float]) -> tuple[float, float, float]:
    """Welch's t of two groups.

    Parameters
    ----------
    n, mean, sd : sequence of two numbers
        Rows (at least 2), mean and standard deviation (n - 1) of each group; one of the two varies.

    Returns
    -------
    t, df, p : float
        The statistic, its degrees of freedom and the two-sided p-value.

    Examples
    --------
    >>> t, df, p = welch([10, 10], [1.0, 0.0], [1.0, 1.0])
    >>> round(t, 3), round(df), round(p, 4)
    (2.236, 18, 0.0382)
    """
    one, two = sd[0] ** 2 / n[0], sd[1] ** 2 / n[1]
    t = (mean[0] - mean[1]) / math.sqrt(one + two)
    df = (one + two) ** 2 / (one**2 / (n[0] - 1) + two**2 / (n[1] - 1))
    return t, df, float(2 * stdtr(df, -abs(t)))


def welch_anova(n: Floats, mean: Floats, sd: Floats) -> tuple[float, float]:
    """Welch's F of several groups.

    Parameters
    ----------
    n, mean, sd : array of shape (n_groups,)
        Rows (at least 2), mean and standard deviation (above 0) of each group.

    Returns
    -------
    F, p : float
        The statistic and its p-value.
    """
    weight = n / sd**2
    total, k = weight.sum(), n.size
    centre = (weight * mean).sum() / total
    between = (weight * (mean - centre) ** 2).sum() / (k - 1)
    spread = ((1 - weight / total) ** 2 / (n - 1)).sum()
    f = between / (1 + 2 * (k - 2) / (k**2 - 1) * spread)
    return float(f), float(fdtrc(k - 1, (k**2 - 1) / (3 * spread), f))


def average_ranks(values: Floats) -> tuple[Floats, float]:
    """Rank values from 1, equal ones alike.

    Parameters
    ----------
    values : array of shape (n,)
        Finite numbers.

    Returns
    -------
    ranks : array of shape (n,)
        Average ranks.
    ties : float
        Sum of t³ - t over the t rows of each value.

    Examples
    --------
    >>> average_ranks(np.array([5.0, 1.0, 5.0]))
    (array([2.5, 1. , 2.5]), 6.0)
    """
    _, place, rows = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(rows)
    ranks = (ends - (rows - 1) / 2.0)[place]
    size = rows.astype(np.float64)
    return ranks, float((size**3 - size).sum())


def mann_whitney(one: Floats, two: Floats) -> tuple[float, float]:
    """Mann-Whitney's U of the first of two groups.

    Parameters
    ----------
    one, two : array of shape (n_rows,)
        Finite numbers, not all alike.

    Returns
    -------
    U, p : float
        U of the first group, and the two-sided p-value: exact for small groups without ties, else by the
        normal distribution with corrections for ties and continuity.

    Examples
    --------
    >>> mann_whitney(np.array([1.0, 2.0, 3.0]), np.array([4.0, 5.0, 6.0]))
    (0.0, 0.1)
    """
    m, n = one.size, two.size
    ranks, ties = average_ranks(np.concatenate((one, two)))
    u = float(ranks[:m].sum()) - m * (m + 1) / 2
    larger = max(u, m * n - u)
    if not ties and min(m, n) <= _EXACT_SMALLER and m * n <= _EXACT_PRODUCT:
        return u, min(1.0, 2 * _exact_tail(m, n, int(larger)))
    total = m + n
    spread = math.sqrt(m * n / 12 * (total + 1 - ties / (total * (total - 1))))
    return u, min(1.0, float(2 * ndtr(-(larger - m * n / 2 - 0.5) / spread)))


def _exact_tail(m: int, n: int, u: int) -> float:
    """Share of all orders of m and n values whose U is at least u."""
    few, many = min(m, n), max(m, n)
    ways: Floats = np.zeros((few + 1, few * many + 1))
    ways[0, 0] = 1.0
    for rank in range(1, few + many + 1):  # choosing the i-th of the few at this rank adds rank - i to U
        for i in range(min(few, rank), 0, -1):
            step = rank - i
            ways[i, step:] += ways[i - 1, : ways.shape[1] - step]
    return float(ways[few, u:].sum() / ways[few].sum())


def kruskal(values: Floats, codes: Counts) -> tuple[float, float]:
    """Kruskal and Wallis' H of several groups.

    Parameters
    ----------
    values : array of shape (n_rows,)
        Finite numbers, not all alike.
    codes : array of shape (n_rows,)
        The group of each, from 0.

    Returns
    -------
    H, p : float
        The statistic with its correction for ties, and the p-value.
    """
    ranks, ties = average_ranks(values)
    n = values.size
    rows = np.bincount(codes)
    sums = np.bincount(codes, weights=ranks)[rows > 0]
    rows = rows[rows > 0]
    h = 12 / (n * (n + 1)) * float((sums**2 / rows).sum()) - 3 * (n + 1)
    h /= 1 - ties / (n**3 - n)
    return h, float(chdtrc(rows.size - 1, h))


def correlation_p(r: float, n: int) -> float:
    """Two-sided p-value of a correlation, by Student's distribution.

    Parameters
    ----------
    r : float
        Pearson's or Spearman's correlation.
    n : int
        Rows, at least 3.

    Returns
    -------
    float
        The p-value.

    Examples
    --------
    >>> round(correlation_p(0.5, 20), 4)
    0.0248
    """
    if abs(r) >= 1:
        return 0.0
    return float(2 * stdtr(n - 2, -abs(r) * math.sqrt((n - 2) / ((1 - r) * (1 + r)))))


def chi_squared(counts: Counts) -> tuple[float, int, float]:
    """Pearson's chi-squared of a table.

    Parameters
    ----------
    counts : array of shape (n_rows, n_columns)
        Counts; no row and no column is empty.

    Returns
    -------
    chi2 : float
        The statistic, without Yates' correction.
    df : int
        Degrees of freedom.
    p : float
        The p-value.

    Examples
    --------
    >>> chi2, df, p = chi_squared(np.array([[10, 20], [20, 10]]))
    >>> round(chi2, 3), df, round(p, 4)
    (6.667, 1, 0.0098)
    """
    shares = expected(counts)
    chi2 = float(((counts - shares) ** 2 / shares).sum())
    df = (counts.shape[0] - 1) * (counts.shape[1] - 1)
    return chi2, df, float(chdtrc(df, chi2))


def expected(counts: Counts) -> Floats:
    """Counts of a table if its two sides had nothing to do with each other.

    Parameters
    ----------
    counts : array of shape (n_rows, n_columns)
        Counts.

    Returns
    -------
    array of shape (n_rows, n_columns)
        Product of the margins, divided by the total.
    """
    table: Floats = counts.astype(np.float64)
    result: Floats = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    return result


def is_sparse(counts: Counts) -> bool:
    """Tell whether chi-squared is no good guide: by Cochran's rule.

    Parameters
    ----------
    counts : array of shape (n_rows, n_columns)
        Counts.

    Returns
    -------
    bool
        True where more than a fifth of the expected counts are below 5, or one is below 1.
    """
    shares = expected(counts)
    return bool((shares < 5).mean() > 0.2 or shares.min() < 1)


def fisher_exact(counts: Counts) -> float:
    """Fisher's exact two-sided p-value of a table of two by two.

    Parameters
    ----------
    counts : array of shape (2, 2)
        Counts.

    Returns
    -------
    float
        Share of all tables of the same margins that are no more likely.

    Examples
    --------
    >>> round(fisher_exact(np.array([[8, 2], [1, 5]])), 4)
    0.035
    """
    (a, b), (c, d) = ((int(one) for one in row) for row in counts)
    low, high = max(0, a - d), a + min(b, c)
    at = np.arange(low, high + 1, dtype=np.float64)
    logs = -sum(gammaln(part + 1) for part in (at, a + b - at, a + c - at, d - a + at))
    shares = np.exp(logs - logs.max())
    return float(min(1.0, shares[shares <= shares[a - low] * (1 + 1e-7)].sum() / shares.sum()))


def monte_carlo(counts: Counts) -> tuple[float, int]:
    """P-value of chi-squared by drawing tables of the same margins by chance.

    Parameters
    ----------
    counts : array of shape (n_rows, n_columns)
        Counts; no row and no column is empty.

    Returns
    -------
    p : float
        Share of the tables, this one among them, whose chi-squared is at least as large.
    n_tables : int
        Tables that were drawn; always the same ones for the same counts.
    """
    rng = np.random.default_rng(0)
    n_tables = max(999, min(_TABLES, _MOST_CELLS // counts.size))
    shares = expected(counts)
    found = float((counts.astype(np.float64) ** 2 / shares).sum())  # falls and rises with chi-squared
    left = np.tile(counts.sum(axis=0), (n_tables, 1))
    statistic = np.zeros(n_tables)
    for row, size in zip(shares[:-1], counts.sum(axis=1)[:-1], strict=True):
        drawn = _drawn_row(rng, left, int(size))
        left -= drawn
        statistic += (drawn**2.0 / row).sum(axis=1)
    statistic += (left**2.0 / shares[-1]).sum(axis=1)
    as_large = int((statistic >= found * (1 - 1e-12)).sum())
    return (as_large + 1) / (n_tables + 1), n_tables


def _drawn_row(rng: np.random.Generator, left: Counts, size: int) -> Counts:
    """One row of each table: `size` rows without replacement from what is left of each column."""
    drawn = np.zeros_like(left)
    rest = left.sum(axis=1)
    wanted: Any = np.full(left.shape[0], size)
    for column in range(left.shape[1] - 1):
        rest = rest - left[:, column]
        drawn[:, column] = rng.hypergeometric(left[:, column], rest, wanted)
        wanted = wanted - drawn[:, column]
    drawn[:, -1] = wanted
    return drawn
