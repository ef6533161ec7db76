"""Models that compare with rows they keep: nearest neighbours and support vectors."""

from typing import Any

import numpy as np
from scipy.special import expit

from beanft.engine.learning.serving.formulas import Evaluator
from beanft.engine.learning.serving.sums import aligned, product

_SLICE = 16  # rows answered in one call by a model that has no ready form, always so many
_CELLS = 1 << 20  # distances at once
_FIRST = 1_000  # rows among which a first bound of the distance is found
_AS_FAR = 1e-11  # of the largest square: distances that differ by less may be equal but for rounding


def neighbour_chances(model: Any) -> Evaluator:
    """Make nearest neighbours of classes ready.

    Parameters
    ----------
    model : KNeighborsClassifier
        Fitted; every neighbour has one vote.

    Returns
    -------
    callable
        Probabilities of shape (n_rows, n_classes).
    """
    codes, n_classes, nearest = np.asarray(model._y), len(model.classes_), _nearest(model)

    def chances(X: np.ndarray) -> np.ndarray:
        votes = codes[nearest(X)]
        counts = np.column_stack([(votes == code).sum(axis=1) for code in range(n_classes)])
        result: np.ndarray = counts / votes.shape[1]
        return result

    return chances


def neighbour_numbers(model: Any) -> Evaluator:
    """Make nearest neighbours of a number ready.

    Parameters
    ----------
    model : KNeighborsRegressor
        Fitted; every neighbour weighs alike.

    Returns
    -------
    callable
        Numbers of shape (n_rows,).
    """
    truths, nearest = np.asarray(model._y, dtype=float), _nearest(model)

    def numbers(X: np.ndarray) -> np.ndarray:
        result: np.ndarray = np.ascontiguousarray(truths[nearest(X)]).mean(axis=1)
        return result

    return numbers


def sliced(answer: Evaluator) -> Evaluator:
    """Make a model answer a fixed number of rows at a time, the last row repeated.

    Parameters
    ----------
    answer : callable
        Whose answer to a row may change with the number of rows, but not with what they are.

    Returns
    -------
    callable
        The same with answers that do not.

    Examples
    --------
    >>> sliced(lambda X: np.full(len(X), len(X)))(np.zeros((3, 1))).tolist()
    [16, 16, 16]
    """

    def answers(X: np.ndarray) -> np.ndarray:
        starts = range(0, len(X), _SLICE)
        made = [
            answer(X[np.minimum(np.arange(start, start + _SLICE), len(X) - 1)])[: len(X) - start]
            for start in starts
        ]
        return np.concatenate(made)

    return answers


def _nearest(model: Any) -> Evaluator:
    """Finds the positions of the nearest rows, of shape (n_rows, n_neighbours), in any order.

    Where rows of a table are few apart, the last neighbour is often one of several that are equally far, and
    scikit-learn chooses one by what came before. It is asked itself then.
    """

    def asked(X: np.ndarray) -> np.ndarray:
        places: np.ndarray = model.kneighbors(X, return_distance=False)
        return places

    if model._fit_method != "brute":  # a tree of the rows is asked for each row alone
        return asked
    kept, n_wanted = np.asarray(model._fit_X, dtype=float), int(model.n_neighbors)
    if n_wanted == len(kept):
        return sliced(asked)
    weights, squares = aligned(-2.0 * kept.T), (kept * kept).sum(axis=1)
    at_once, as_far = max(1, _CELLS // len(kept)), _AS_FAR * float(squares.max())

    def among_all(X: np.ndarray) -> np.ndarray:
        distances = product(X, weights) + squares
        found = _least(distances, n_wanted + 1)
        last = np.take_along_axis(distances, found[:, -2:], axis=1)
        tied = last[:, 1] - last[:, 0] <= as_far + _AS_FAR * np.abs(last[:, 0])
        found = found[:, :-1]
        if tied.any():
            found[tied] = sliced(asked)(X[tied])
        return found

    def in_parts(X: np.ndarray) -> np.ndarray:
        starts = range(0, len(X), at_once)
        return np.concatenate([among_all(X[start : start + at_once]) for start in starts])

    return in_parts


def _least(distances: np.ndarray, n_wanted: int) -> np.ndarray:
    """Positions of the least numbers of each row, of equal ones the first, of shape (n_rows, n_wanted).

    Among the first numbers as many lie at or below their own bound, so the least of all do too; only those
    are sorted.

    >>> _least(np.array([[3.0, 1.0, 2.0, 1.0]]), 3).tolist()
    [[1, 3, 2]]
    """
    first = distances[:, : max(_FIRST, 4 * n_wanted)]
    bound = np.partition(first, n_wanted - 1, axis=1)[:, n_wanted - 1]
    rows, places = np.nonzero(distances <= bound[:, None])
    order = np.lexsort((distances[rows, places], rows))
    starts = np.searchsorted(rows, np.arange(len(distances)))
    result: np.ndarray = places[order[starts[:, None] + np.arange(n_wanted)]]
    return result


def support_numbers(model: Any) -> Evaluator:
    """Make support vectors of a number ready.

    Parameters
    ----------
    model : TransformedTargetRegressor
        Fitted, of support vectors on a target of mean 0 and spread 1.

    Returns
    -------
    callable
        Numbers of shape (n_rows,).
    """
    inner, scale, mean = model.regressor_, model.transformer_.scale_[0], model.transformer_.mean_[0]

    def numbers(X: np.ndarray) -> np.ndarray:
        result: np.ndarray = inner.predict(X) * scale + mean
        return result

    return numbers


def support_chances(model: Any) -> Evaluator:
    """Make support vectors of classes ready: margins bent to probabilities that add up to 1.

    Parameters
    ----------
    model : SupportVectors
        Fitted.

    Returns
    -------
    callable
        Probabilities of shape (n_rows, n_classes).
    """
    calibrated = model.model_.calibrated_classifiers_[0]
    inner, n_classes = calibrated.estimator, len(model.classes_)
    slopes = np.array([-one.a_ for one in calibrated.calibrators])
    shifts = np.array([-one.b_ for one in calibrated.calibrators])

    def chances(X: np.ndarray) -> np.ndarray:
        margins = inner.decision_function(X).reshape(len(X), -1)
        bent = expit(np.ascontiguousarray(margins) * slopes + shifts)
        if n_classes == 2:
            return np.column_stack([1 - bent[:, 0], bent[:, 0]])
        total = bent.sum(axis=1)[:, None]
        return np.where(total == 0, 1 / n_classes, bent / np.where(total == 0, 1.0, total))

    return chances
