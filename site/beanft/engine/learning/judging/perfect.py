"""The bound of a perfect score: every draw is perfect too, so it comes from how few rows there are."""

import math
from collections.abc import Callable, Sequence

import numpy as np

from beanft.engine.learning.scoring.metric import Metric

_DOUBT = 0.05  # what is left over by a bound that is 95 % sure


def least_share(counts: Sequence[int]) -> float:
    """Give the share right that is 95 % sure when every row of a sample was right, averaged over groups.

    The groups may be right with different chances. Of all chances under which so good a sample would still
    come up one time in twenty, those with the smallest mean are taken: the rarest groups say least.

    Parameters
    ----------
    counts : sequence of int
        Rows of each group, 1 or more each; one group gives the bound of a plain share.

    Returns
    -------
    float
        Between 0 and 1.

    References
    ----------
    Clopper and Pearson (1934), “The use of confidence or fiducial limits”, for one group.

    Examples
    --------
    >>> round(least_share([70]), 3), round(least_share([35, 35]), 3), round(least_share([10, 90]), 3)
    (0.958, 0.958, 0.871)
    """
    sizes = np.sort(np.asarray(counts, dtype=float))
    least = 1.0
    for n in range(1, len(sizes) + 1):  # only the n rarest err, with chances proportional to their rows
        rare = sizes[:n]
        log_factor = (math.log(_DOUBT) - float(rare @ np.log(rare))) / rare.sum()
        chances = np.exp(log_factor) * rare
        if chances[-1] <= 1:
            least = min(least, float(chances.sum() + len(sizes) - n) / len(sizes))
    return least


def bounded(metric: Metric, y: np.ndarray, interval: dict[str, float | None]) -> dict[str, float | None]:
    """Replace the interval of a perfect score, which is perfect in every draw, by what the rows allow.

    Parameters
    ----------
    metric : Metric
        The score.
    y : array of shape (n_rows,)
        Class codes or numbers.
    interval : dict
        value, low and high.

    Returns
    -------
    dict
        The same, or with the bound of `least_share`: over all rows for the accuracy, over the classes for the
        balanced accuracy, over the rows of the rarest class for the other scores of classes.

    Examples
    --------
    >>> from beanft.engine.learning.metrics import METRIC
    >>> bounded(METRIC["accuracy"], np.zeros(70, dtype=int), {"value": 1.0, "low": 1.0, "high": 1.0})["low"]
    0.958...
    """
    ends = (1,) if metric.key == "matthews" else (0, 1)  # its 0 is in the middle
    if metric.key not in _SHARES or interval["value"] not in ends or interval["low"] != interval["high"]:
        return interval
    least = least_share(_SHARES[metric.key](y))
    return interval | ({"low": least, "high": 1.0} if interval["value"] else {"low": 0.0, "high": 1 - least})


def doubt(metric: Metric, y: np.ndarray) -> float:
    """Give how far two scores may be apart that are equal in every draw.

    Parameters
    ----------
    metric : Metric
        The score.
    y : array of shape (n_rows,)
        Class codes or numbers.

    Returns
    -------
    float
        What `least_share` leaves open of a score of classes; 0 for errors of numbers, which have no rows that
        are right or wrong.

    Examples
    --------
    >>> from beanft.engine.learning.metrics import METRIC
    >>> round(doubt(METRIC["accuracy"], np.zeros(70, dtype=int)), 3)
    0.042
    """
    return 1 - least_share(_SHARES[metric.key](y)) if metric.key in _SHARES else 0.0


def _rows_by_class(y: np.ndarray) -> list[int]:
    counts = np.bincount(y)
    rows: list[int] = counts[counts > 0].tolist()
    return rows


def _rarest(y: np.ndarray) -> list[int]:
    return [min(_rows_by_class(y))]


_SHARES: dict[str, Callable[[np.ndarray], list[int]]] = {
    "accuracy": lambda y: [len(y)],
    "balanced_accuracy": _rows_by_class,
    "roc_auc": _rarest,
    "average_precision": _rarest,
    "f1": _rarest,
    "f1_macro": _rarest,
    "matthews": _rarest,
}
"""Metrics that are 1 when every row is told right, and the rows that a bound is made from."""
