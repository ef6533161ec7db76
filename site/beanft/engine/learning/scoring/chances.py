"""Scores of the probabilities themselves: how far they are from what came true."""

import numpy as np

from beanft.engine.learning.scoring.metric import Metric
from beanft.engine.learning.scoring.weighted import mean

_SMALLEST_P = 1e-15  # a probability of exactly 0 would make the log loss infinite


def _log_loss(y: np.ndarray, p: np.ndarray, counts: np.ndarray) -> np.ndarray:
    chance = np.clip(p[np.arange(len(y)), y].astype(float), _SMALLEST_P, 1.0)
    return mean(-np.log(chance), counts)


LOG_LOSS = Metric(
    key="log_loss",
    title="Log loss",
    sentence="How far the probabilities are from the truth; sure and wrong costs most, 0 is perfect.",
    greater_is_better=False,
    tasks=("classification",),
    binary_only=False,
    score=_log_loss,
)


def _brier(y: np.ndarray, p: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Squared error of the probabilities: of the second class for two, summed over the classes for more."""
    chance = p.astype(float)
    squared = (chance**2).sum(axis=1) - 2 * chance[np.arange(len(y)), y] + 1
    return mean(squared / 2 if p.shape[1] == 2 else squared, counts)


BRIER = Metric(
    key="brier",
    title="Brier score",
    sentence="The mean squared error of the probabilities; 0 is perfect.",
    greater_is_better=False,
    tasks=("classification",),
    binary_only=False,
    score=_brier,
)
