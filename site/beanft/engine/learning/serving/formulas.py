"""Models that are a formula: linear ones, naive Bayes and networks, made ready from their fitted numbers."""

from collections.abc import Callable
from typing import Any

import numpy as np

from beanft.engine.learning.serving.sums import aligned, product, softmax, two_chances

Evaluator = Callable[[np.ndarray], np.ndarray]
"""Gives probabilities of the classes it knows, or numbers, of rows as its design makes them."""


def linear(model: Any) -> Evaluator:
    """Make a linear regression ready.

    Parameters
    ----------
    model : estimator
        Fitted, with coef_ and intercept_ of one target.

    Returns
    -------
    callable
        Numbers of shape (n_rows,).
    """
    weights, shift = aligned(np.ravel(model.coef_)), float(np.ravel(model.intercept_)[0])

    def numbers(X: np.ndarray) -> np.ndarray:
        result: np.ndarray = product(X, weights)[:, 0] + shift
        return result

    return numbers


def linear_chances(model: Any) -> Evaluator:
    """Make a linear classification ready: logistic regression or a linear discriminant.

    Parameters
    ----------
    model : estimator
        Fitted, with coef_ and intercept_.

    Returns
    -------
    callable
        Probabilities of shape (n_rows, n_classes).
    """
    weights, shifts = aligned(model.coef_.T), np.asarray(model.intercept_, dtype=float)

    def chances(X: np.ndarray) -> np.ndarray:
        margins = product(X, weights) + shifts
        return two_chances(margins[:, 0]) if margins.shape[1] == 1 else softmax(margins)

    return chances


def naive_bayes(model: Any) -> Evaluator:
    """Make naive Bayes with bell curves ready.

    Parameters
    ----------
    model : GaussianNB
        Fitted.

    Returns
    -------
    callable
        Probabilities of shape (n_rows, n_classes).
    """
    starts = np.log(model.class_prior_) - 0.5 * np.log(2.0 * np.pi * model.var_).sum(axis=1)
    classes = list(zip(starts.tolist(), model.theta_, model.var_, strict=True))

    def chances(X: np.ndarray) -> np.ndarray:
        logs = np.empty((len(X), len(classes)))
        for i, (start, centre, spread) in enumerate(classes):
            logs[:, i] = start - 0.5 * ((X - centre) ** 2 / spread).sum(axis=1)
        return softmax(logs)

    return chances


def network(model: Any) -> Evaluator:
    """Make a network ready.

    Parameters
    ----------
    model : MLPClassifier or MLPRegressor
        Fitted, its hidden layers of rectified units.

    Returns
    -------
    callable
        Probabilities of shape (n_rows, n_classes), or numbers of shape (n_rows,).
    """
    layers = [
        (aligned(weights), np.asarray(shifts, dtype=float))
        for weights, shifts in zip(model.coefs_, model.intercepts_, strict=True)
    ]
    output = {"identity": _first, "logistic": _second, "softmax": softmax}[model.out_activation_]

    def answers(X: np.ndarray) -> np.ndarray:
        for weights, shifts in layers[:-1]:
            X = np.maximum(product(X, weights) + shifts, 0.0)
        weights, shifts = layers[-1]
        return output(product(X, weights) + shifts)

    return answers


def rescaled(model: Any) -> Evaluator:
    """Make a network ready that learned a target of mean 0 and spread 1.

    Parameters
    ----------
    model : Rescaled
        Fitted.

    Returns
    -------
    callable
        Numbers of shape (n_rows,).
    """
    inner, mean, spread = network(model.model), model.mean, model.spread

    def numbers(X: np.ndarray) -> np.ndarray:
        result: np.ndarray = inner(X) * spread + mean
        return result

    return numbers


def _first(margins: np.ndarray) -> np.ndarray:
    return margins[:, 0]


def _second(margins: np.ndarray) -> np.ndarray:
    return two_chances(margins[:, 0])
