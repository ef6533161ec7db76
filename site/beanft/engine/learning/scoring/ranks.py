"""Scores of the order into which probabilities put the rows of two classes."""

import numpy as np

from beanft.engine.learning.scoring.metric import Metric
from beanft.engine.learning.scoring.weighted import ratio


def _roc_auc(y: np.ndarray, p: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Share of (negative, positive) pairs put in the right order, ties counting half."""
    positive, negative, below, up_to = _ranked(y, p[:, 1], counts)
    n_below = negative[below]
    ties = np.flatnonzero(up_to > below)
    n_below[ties] = (n_below[ties] + negative[up_to[ties]]) / 2
    right = np.einsum("ij,ij->j", positive, n_below)
    return ratio(right, positive.sum(axis=0) * negative[-1])


ROC_AUC = Metric(
    key="roc_auc",
    title="ROC AUC",
    sentence="The chance that a row of the second class, the one to be found, gets a higher probability "
    "than one of the first; 0.5 is guessing, 1 is perfect.",
    greater_is_better=True,
    tasks=("classification",),
    binary_only=True,
    score=_roc_auc,
)


def _average_precision(y: np.ndarray, p: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Precision at each threshold, weighted by the rows of the second class that it adds."""
    positive, negative, _, up_to = _ranked(y, -p[:, 1], counts)
    found = np.cumsum(positive, axis=0)
    score = np.sort(-p[y == 1, 1])
    last = np.searchsorted(score, score, side="right") - 1  # rows of one threshold are found together
    if (last > np.arange(len(last))).any():
        found = found[last]
    named = found + negative[up_to]
    precision = np.divide(found, named, out=np.zeros_like(found), where=named > 0)
    return ratio(np.einsum("ij,ij->j", positive, precision), positive.sum(axis=0))


AVERAGE_PRECISION = Metric(
    key="average_precision",
    title="Average precision",
    sentence="How pure the rows called likeliest are, over all numbers of rows called; the share "
    "of the second class, the one to be found, is guessing, 1 is perfect.",
    greater_is_better=True,
    tasks=("classification",),
    binary_only=True,
    score=_average_precision,
)


def _ranked(
    y: np.ndarray, score: np.ndarray, counts: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Put the rows of both classes in rising order of their scores.

    Gives how often each row of the second class was drawn (n_positive, n_draws), how many of the first are
    among the lowest 0, 1, 2 … of them (n_negative + 1, n_draws), and for each row of the second class the
    number of rows of the first that score less, and that score no more.
    """
    second, first = np.flatnonzero(y == 1), np.flatnonzero(y != 1)
    second = second[np.argsort(score[second], kind="stable")]
    first = first[np.argsort(score[first], kind="stable")]
    negative = np.zeros((len(first) + 1, len(counts)))
    np.cumsum(counts.T[first], axis=0, dtype=float, out=negative[1:])
    below = np.searchsorted(score[first], score[second], side="left")
    up_to = np.searchsorted(score[first], score[second], side="right")
    return counts.T[second].astype(float), negative, below, up_to
