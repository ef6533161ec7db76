"""What each column tells of the target alone: one small tree a column, scored on rows it was not grown on."""

import numpy as np

from beanft.engine.checks.training.coding import Coded
from beanft.engine.checks.training.quick import Parts, predict_by_one
from beanft.engine.checks.training.scores import score

_MOST = 40  # columns that get a tree; of more the ones whose bins differ most in the target
_BINS = 16


def score_each(X: Coded, y: np.ndarray, n_classes: int, parts: Parts) -> dict[str, float]:
    """Score the columns one by one.

    Parameters
    ----------
    X : Coded
        The rows.
    y : array of shape (n_rows,)
        Class codes or numbers.
    n_classes : int
        Number of classes, 0 for numbers.
    parts : list of (train, test)
        The folds.

    Returns
    -------
    dict of str to float
        ROC AUC or R² by name, the best first; of very many columns only the 40 most promising.
    """
    found = {
        X.names[i]: score(
            y,
            predict_by_one(
                X.values[:, i], is_category=bool(X.is_category[i]), y=y, n_classes=n_classes, parts=parts
            ),
        )
        for i in _promising(X, y, n_classes)
    }
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def _promising(X: Coded, y: np.ndarray, n_classes: int) -> np.ndarray:
    if len(X.names) <= _MOST:
        return np.arange(len(X.names))
    marks = np.eye(n_classes)[y.astype(int)] if n_classes else y[:, None]
    marks = marks - marks.mean(axis=0)
    told = [_between(_binned(values), marks) for values in X.values.T]
    return np.sort(np.argsort(told)[::-1][:_MOST])


def _binned(values: np.ndarray) -> np.ndarray:
    """Bins of about equally many rows; the number of values, where there are no more than bins."""
    codes = np.unique(values, return_inverse=True)[1]
    if codes.max() < _BINS:
        return codes
    order = np.argsort(np.argsort(values, kind="stable"), kind="stable")
    bins: np.ndarray = order * _BINS // len(values)
    return bins


def _between(bins: np.ndarray, marks: np.ndarray) -> float:
    """Sum of squares between the bins, over all marks."""
    n = np.maximum(np.bincount(bins), 1)
    return float(sum((np.bincount(bins, weights=mark) ** 2 / n).sum() for mark in marks.T))
