"""The guess that every run is held against, one for all rows."""

import numpy as np

from beanft.engine.learning.evidence import Evidence
from beanft.engine.learning.guessing import dealt
from beanft.engine.learning.metrics import METRIC

_RANKING = ("roc_auc", "average_precision")


def pooled_guess(evidence: Evidence, predicted: np.ndarray) -> np.ndarray:
    """Give one guess for all rows.

    A fold with many rows of a class leaves few to guess from, so the guesses of the folds would rank the rows
    the wrong way round, and everything would seem better. By time, the level may have changed and only
    earlier rows may be known: there a guess is kept, but where it would rank.

    Parameters
    ----------
    evidence : Evidence
        The rows of the experiment, how they were cut and the metric that ranks.
    predicted : array of shape (n_tested, n_classes) or (n_tested,)
        What the baseline said of the tested rows, fold by fold.

    Returns
    -------
    array of the same shape
        Where the metric asks for it, classes dealt out by chance.
    """
    metric = METRIC[evidence.metric]
    if evidence.by == "time" and metric.key not in _RANKING:
        return predicted
    if metric.guess == "dealt":
        counts = np.bincount(evidence.y[evidence.tested], minlength=predicted.shape[1])
        return dealt(counts / counts.sum(), len(predicted), evidence.seed)
    return np.broadcast_to(predicted.mean(axis=0), predicted.shape).copy()
