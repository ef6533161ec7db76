"""Finite-sample quantiles: where the scores of unseen rows say that the score of one more row will lie."""

from collections.abc import Sequence

import numpy as np
from scipy.special import betaincinv

LEVELS = (0.8, 0.9, 0.95, 0.99)
"""Shares of rows whose truth intervals and sets are to hold."""

_SURE = 0.95  # of the intervals around measured shares
_BLOCKS = 5  # parts that rows are cut into by time
_SLACK = 1e-9  # sums of weights miss whole numbers by this


def weights_of(n_rows: int, clusters: np.ndarray | None = None) -> tuple[np.ndarray, float]:
    """Weigh rows so that one more row, of a new cluster where there are some, is like one drawn from them.

    Parameters
    ----------
    n_rows : int
        Rows.
    clusters : array of shape (n_rows,), optional
        Group of each row; each group counts the same, however many rows it has.

    Returns
    -------
    tuple of (array of shape (n_rows,), float)
        Weights, and the weight of the new row or group, of which nothing is known; together they are 1.

    References
    ----------
    Lee, Barber and Willett (2023), “Distribution-free inference with hierarchical data”.

    Examples
    --------
    >>> weights, rest = weights_of(3, np.array([7, 7, 9]))
    >>> weights.round(3).tolist(), round(rest, 3)
    ([0.167, 0.167, 0.333], 0.333)
    """
    if clusters is None:
        return np.full(n_rows, 1 / (n_rows + 1)), 1 / (n_rows + 1)
    _, codes, sizes = np.unique(clusters, return_inverse=True, return_counts=True)
    rest = 1 / (len(sizes) + 1)
    return rest / sizes[codes], rest


def upper_quantile(scores: np.ndarray, level: float, clusters: np.ndarray | None = None) -> float:
    """Find the score below or at which the score of one more row lies with a probability of `level` or more.

    Parameters
    ----------
    scores : array of shape (n_rows,)
        Scores of rows that come as the next one comes (exchangeable; with clusters: the clusters are).
    level : float
        Between 0 and 1.
    clusters : array of shape (n_rows,), optional
        Group of each row; the next row is of a new one.

    Returns
    -------
    float
        One of the scores; infinity when the rows or groups are too few for the level.

    Examples
    --------
    >>> upper_quantile(np.arange(9.0), 0.9), upper_quantile(np.arange(8.0), 0.9)
    (8.0, inf)
    """
    if not len(scores):
        return float("inf")
    weights, _ = weights_of(len(scores), clusters)
    order = np.argsort(scores, kind="stable")
    place = int(np.searchsorted(np.cumsum(weights[order]), level - _SLACK))
    return float(scores[order[place]]) if place < len(scores) else float("inf")


def tails(scores: np.ndarray, level: float, clusters: np.ndarray | None = None) -> tuple[float, float]:
    """Find bounds that leave out at most half of what may be left out on either side.

    Parameters
    ----------
    scores, level, clusters
        As for `upper_quantile`; scores have a sign.

    Returns
    -------
    tuple of (float, float)
        Lower and upper bound, infinite where the rows are too few.

    Examples
    --------
    >>> tails(np.arange(19.0), 0.9)
    (0.0, 18.0)
    """
    one_side = (1 + level) / 2
    return -upper_quantile(-scores, one_side, clusters), upper_quantile(scores, one_side, clusters)


def fewest(level: float) -> int:
    """Count the rows, or groups, without which no finite bound holds with a probability of `level`.

    Parameters
    ----------
    level : float
        Between 0 and 1.

    Returns
    -------
    int

    Examples
    --------
    >>> [fewest(level) for level in LEVELS]
    [4, 9, 19, 99]
    """
    return int(np.ceil(level / (1 - level) - 1e-6))


def share_between(hits: np.ndarray, clusters: np.ndarray | None = None) -> tuple[float, float, float]:
    """Measure a share with its 95 % interval.

    Parameters
    ----------
    hits : array of bool of shape (n_rows,)
        Whether each row counts, one row or more.
    clusters : array of shape (n_rows,), optional
        Rows that belong together: each group counts the same, and the interval is as wide as so many groups
        make it.

    Returns
    -------
    tuple of (float, float, float)
        The share, 0..1, and the bounds of its interval.

    References
    ----------
    Clopper and Pearson (1934); Korn and Graubard (1998) for rows in groups.

    Examples
    --------
    >>> [round(value, 3) for value in share_between(np.array([True] * 9 + [False]))]
    [0.9, 0.555, 0.997]
    """
    if clusters is None:
        return _share(float(np.mean(hits)), float(len(hits)))
    _, codes, sizes = np.unique(clusters, return_inverse=True, return_counts=True)
    by_group = np.bincount(codes, weights=hits) / sizes
    share, n_groups = float(by_group.mean()), len(by_group)
    variance = float(by_group.var(ddof=1)) / n_groups if n_groups > 1 else 0.0
    n = float(n_groups) if variance <= 0 else share * (1 - share) / variance
    return _share(share, float(np.clip(n, min(n_groups, 1), len(hits))))


def _share(share: float, n: float) -> tuple[float, float, float]:
    tail, hits = (1 - _SURE) / 2, share * n
    low = 0.0 if hits <= 0 else float(betaincinv(hits, n - hits + 1, tail))
    high = 1.0 if hits >= n else float(betaincinv(hits + 1, n - hits, 1 - tail))
    return share, low, high


def parts_of(n_rows: int, clusters: np.ndarray | None, seed: int, n_parts: int = 5) -> np.ndarray:
    """Deal rows out into parts, those of a cluster together.

    Parameters
    ----------
    n_rows : int
        Rows.
    clusters : array of shape (n_rows,), optional
        Rows that belong together.
    seed : int
        Decides the parts.
    n_parts : int
        Parts wanted; fewer where there are fewer clusters.

    Returns
    -------
    array of int of shape (n_rows,)
        Part of each row.

    Examples
    --------
    >>> np.bincount(parts_of(10, None, 0)).tolist()
    [2, 2, 2, 2, 2]
    """
    codes = np.arange(n_rows) if clusters is None else np.unique(clusters, return_inverse=True)[1]
    n_codes = int(codes.max()) + 1 if n_rows else 0
    dealt: np.ndarray = np.random.default_rng(seed).permutation(n_codes) % n_parts
    return dealt[codes]


def blocks_of(moments: np.ndarray) -> np.ndarray:
    """Cut rows into blocks of time with about as many rows each, those of one moment together.

    Parameters
    ----------
    moments : array of shape (n_rows,)
        Moment of each row.

    Returns
    -------
    array of int of shape (n_rows,)
        Block of each row, from 0, the earliest.

    Examples
    --------
    >>> blocks_of(np.array([1, 1, 2, 3, 4, 5])).tolist()
    [0, 0, 1, 2, 3, 4]
    """
    bounds = np.unique(np.quantile(moments, np.arange(1, _BLOCKS) / _BLOCKS, method="lower"))
    cut: np.ndarray = np.unique(np.searchsorted(bounds, moments, side="left"), return_inverse=True)[1]
    return cut


def quarters(values: np.ndarray, n_parts: int = 4) -> Sequence[float]:
    """Cut values into parts with about as many rows each.

    Parameters
    ----------
    values : array of shape (n_rows,)
        Numbers.
    n_parts : int
        Parts wanted.

    Returns
    -------
    sequence of float
        Different inner bounds, ascending; fewer where values repeat.

    Examples
    --------
    >>> quarters(np.arange(9.0))
    [2.0, 4.0, 6.0]
    """
    inner = np.quantile(values, np.linspace(0, 1, n_parts + 1)[1:-1])
    return [float(bound) for bound in np.unique(inner)]
