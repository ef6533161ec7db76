"""Scores of the classes told: how many rows are right, and of which class."""

import numpy as np
from scipy.sparse import csr_array

from beanft.engine.learning.scoring.metric import Metric
from beanft.engine.learning.scoring.weighted import mean, ratio


def _accuracy(y: np.ndarray, p: np.ndarray, counts: np.ndarray) -> np.ndarray:
    return mean(p.argmax(axis=1) == y, counts)


ACCURACY = Metric(
    key="accuracy",
    title="Accuracy",
    sentence="The share of rows told right.",
    greater_is_better=True,
    tasks=("classification",),
    binary_only=False,
    score=_accuracy,
)


def _balanced_accuracy(y: np.ndarray, p: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Mean recall of the classes that a draw holds."""
    told, n_classes = p.argmax(axis=1), p.shape[1]
    return _mean_known(_by_class(y, counts, n_classes, told == y), _by_class(y, counts, n_classes))


BALANCED_ACCURACY = Metric(
    key="balanced_accuracy",
    title="Balanced accuracy",
    sentence="The share of rows told right, averaged over the classes, so that rare ones count as much.",
    greater_is_better=True,
    tasks=("classification",),
    binary_only=False,
    score=_balanced_accuracy,
)


def _f1(y: np.ndarray, p: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """F1 of the second class; nan where a draw neither holds nor names it."""
    right, true, chosen = _matches(y, p, counts)
    return ratio(2 * right[1], (true + chosen)[1])


F1 = Metric(
    key="f1",
    title="F1",
    sentence="Finding the rows of the second class, the one to be found, against naming it wrongly; "
    "1 is perfect.",
    greater_is_better=True,
    tasks=("classification",),
    binary_only=True,
    score=_f1,
    guess="second",
)


def _f1_macro(y: np.ndarray, p: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Mean F1 of the classes that a draw holds or that were predicted in it."""
    right, true, chosen = _matches(y, p, counts)
    return _mean_known(2 * right, true + chosen)


F1_MACRO = Metric(
    key="f1_macro",
    title="F1 (macro)",
    sentence="Finding the rows of a class against naming it wrongly, averaged over the classes.",
    greater_is_better=True,
    tasks=("classification",),
    binary_only=False,
    score=_f1_macro,
    guess="dealt",
)


def _matthews(y: np.ndarray, p: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Correlation of true and predicted classes; 0 where either is always the same."""
    right, true, chosen = _matches(y, p, counts)
    n = true.sum(axis=0)
    shared = right.sum(axis=0) * n - (true * chosen).sum(axis=0)
    spread = (n**2 - (true**2).sum(axis=0)) * (n**2 - (chosen**2).sum(axis=0))
    result: np.ndarray = np.divide(shared, np.sqrt(spread), out=np.zeros(len(n)), where=spread > 0)
    return result


MATTHEWS = Metric(
    key="matthews",
    title="Matthews correlation",
    sentence="How far true and predicted classes go together; 0 is guessing, 1 is perfect, and "
    "rare classes count.",
    greater_is_better=True,
    tasks=("classification",),
    binary_only=False,
    score=_matthews,
)


def _matches(y: np.ndarray, p: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows told right, rows of the class and rows told to be of it: each of shape (n_classes, n_draws)."""
    told, n_classes = p.argmax(axis=1), p.shape[1]
    right = _by_class(y, counts, n_classes, told == y)
    return right, _by_class(y, counts, n_classes), _by_class(told, counts, n_classes)


def _by_class(
    codes: np.ndarray, counts: np.ndarray, n_classes: int, weight: np.ndarray | None = None
) -> np.ndarray:
    """Rows of each class in each draw: (n_classes, n_draws); sparse, for there can be 1,000 classes."""
    n = len(codes)
    if len(counts) == 1:  # a plain score: a matrix takes far longer to make than to use
        taken = counts[0] if weight is None else counts[0] * weight
        return np.bincount(codes, weights=taken, minlength=n_classes)[:, None]
    weights = np.ones(n) if weight is None else weight.astype(float)
    member = csr_array((weights, (codes, np.arange(n))), shape=(n_classes, n))
    rows: np.ndarray = member @ counts.T.astype(float, copy=False)
    return rows


def _mean_known(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """Mean over the classes (the rows) whose denominator is not 0."""
    known = below > 0
    share = np.divide(above, below, out=np.zeros_like(below), where=known)
    result: np.ndarray = share.sum(axis=0) / known.sum(axis=0)
    return result
