"""Learners that are a formula of the scaled rows: guesses, linear models, naive Bayes, networks, kernels."""

from collections.abc import Callable
from typing import Any

import numpy as np

from beanft.engine.learning.exports.onnx_parts.boosting import forest, histogram, lightgbm
from beanft.engine.learning.exports.onnx_parts.graph import Graph, NotConvertibleError
from beanft.engine.learning.exports.onnx_parts.links import chances_of_margins, softmax, two_chances

Converter = Callable[[Graph, str, Any], str]
"""Gets a graph, the name of the rows as the learner takes them and the fitted estimator; gives the name of
the probabilities of the classes that it knows, or of the numbers in one column."""


def _guessed(graph: Graph, rows: str, model: Any) -> str:
    """The same answer for every row."""
    if hasattr(model, "shares"):
        answer = np.asarray(model.shares, dtype=float)[None, :]
    else:
        answer = np.array([[float(model.number)]])
    nothing = graph.scaled(graph.cast(graph.missing(graph.columns(rows, [0]))), 0.0)
    return graph.shifted(nothing, answer)


def _linear(graph: Graph, rows: str, model: Any) -> str:
    """A sum of weighted columns."""
    return _weighted(graph, rows, np.ravel(model.coef_)[:, None], np.ravel(model.intercept_)[:1])


def _linear_chances(graph: Graph, rows: str, model: Any) -> str:
    """Sums of weighted columns, turned into probabilities."""
    margins = _weighted(graph, rows, np.asarray(model.coef_).T, np.asarray(model.intercept_))
    return chances_of_margins(graph, margins, len(model.coef_))


def _naive_bayes(graph: Graph, rows: str, model: Any) -> str:
    """A bell curve for each column and class, multiplied."""
    starts = np.log(model.class_prior_) - 0.5 * np.log(2.0 * np.pi * model.var_).sum(axis=1)
    logs = []
    for start, centre, spread in zip(starts, model.theta_, model.var_, strict=True):
        off = graph.minus(rows, graph.constant(centre[None, :]))
        parts = graph.add("Div", graph.add("Mul", off, off), graph.constant(spread[None, :]))
        logs.append(graph.shifted(graph.scaled(graph.row_sums(parts), -0.5), float(start)))
    return softmax(graph, graph.joined(logs))


def _network(graph: Graph, rows: str, model: Any) -> str:
    """Layers of rectified units."""
    layers = list(zip(model.coefs_, model.intercepts_, strict=True))
    for weights, shifts in layers[:-1]:
        rows = graph.clipped(_weighted(graph, rows, weights, shifts), 0.0, None)
    last = _weighted(graph, rows, *layers[-1])
    return (
        last if model.out_activation_ == "identity" else chances_of_margins(graph, last, len(layers[-1][1]))
    )


def _rescaled(graph: Graph, rows: str, model: Any) -> str:
    """A network whose target was put on one scale."""
    return graph.shifted(
        graph.scaled(_network(graph, rows, model.model), float(model.spread)), float(model.mean)
    )


def _support_numbers(graph: Graph, rows: str, model: Any) -> str:
    """Support vectors of a target that was put on one scale."""
    scale, machine = model.transformer_, model.regressor_
    told = _weighted(graph, _kernel(graph, rows, machine), machine.dual_coef_.T, machine.intercept_)
    return graph.shifted(graph.scaled(told, float(scale.scale_[0])), float(scale.mean_[0]))


def _support_chances(graph: Graph, rows: str, model: Any) -> str:
    """Support vectors of classes, whose margins were calibrated by sigmoids."""
    (calibrated,) = model.model_.calibrated_classifiers_
    machine, curves = calibrated.estimator, calibrated.calibrators
    margins = _margins(graph, rows, machine)
    slopes, shifts = (np.array([[getattr(one, name) for one in curves]]) for name in ("a_", "b_"))
    raised = graph.scaled(graph.shifted(graph.scaled(margins, slopes), shifts), -1.0)
    chances = graph.add("Sigmoid", raised)
    if len(curves) == 1:
        return two_chances(graph, chances)
    return graph.add("Div", chances, graph.row_sums(chances))


def _margins(graph: Graph, rows: str, machine: Any) -> str:
    """The margin of the second of two classes; of more, the votes of all pairs and their margins."""
    n_classes, kernel = len(machine.classes_), _kernel(graph, rows, machine)
    if n_classes == 2:
        return _weighted(graph, kernel, machine.dual_coef_.T, machine.intercept_)
    starts = np.concatenate([[0], np.cumsum(machine.n_support_)])
    pairs = [(one, other) for one in range(n_classes) for other in range(one + 1, n_classes)]
    weights = np.zeros((len(machine.support_vectors_), len(pairs)))
    for place, (one, other) in enumerate(pairs):
        of_one, of_other = slice(starts[one], starts[one + 1]), slice(starts[other], starts[other + 1])
        weights[of_one, place] = machine.dual_coef_[other - 1, of_one]
        weights[of_other, place] = machine.dual_coef_[one, of_other]
    return _votes(graph, _weighted(graph, kernel, weights, machine.intercept_), pairs, n_classes)


def _votes(graph: Graph, told: str, pairs: list[tuple[int, int]], n_classes: int) -> str:
    to_first, to_other = np.zeros((len(pairs), n_classes)), np.zeros((len(pairs), n_classes))
    for place, (one, other) in enumerate(pairs):
        to_first[place, one] = to_other[place, other] = 1.0
    is_other = graph.cast(graph.add("Less", told, graph.constant(0.0)))
    is_first = graph.minus(graph.constant([[1.0]]), is_other)
    votes = graph.add("Add", graph.product(is_first, to_first), graph.product(is_other, to_other))
    sums = graph.product(told, to_first - to_other)
    below = graph.scaled(graph.shifted(graph.add("Abs", sums), 1.0), 3.0)
    return graph.add("Add", votes, graph.add("Div", sums, below))


def _detrended(graph: Graph, rows: str, model: Any) -> str:
    """What trees say of all parts but the days, and the line along these."""
    n = len(model.slopes)
    inner = CONVERTERS[type(model.model).__name__](graph, graph.between(rows, 0, -n), model.model)
    return graph.add("Add", inner, graph.product(graph.between(rows, -n), model.slopes[:, None]))


def _kernel(graph: Graph, rows: str, machine: Any) -> str:
    """How alike each row is to each support vector: the exponential of minus the squared distance."""
    vectors = np.asarray(machine.support_vectors_, dtype=float)
    return graph.add("Exp", graph.scaled(_distances(graph, rows, vectors), -float(machine._gamma)))


def _distances(graph: Graph, rows: str, vectors: np.ndarray) -> str:
    """Squared distances of shape (n_rows, n_vectors)."""
    own = graph.row_sums(graph.add("Mul", rows, rows))
    theirs = (vectors**2).sum(axis=1)[None, :]
    squares = graph.shifted(graph.add("Sub", own, graph.product(rows, 2.0 * vectors.T)), theirs)
    return graph.clipped(squares, 0.0, None)


def _neighbours(graph: Graph, rows: str, model: Any) -> str:
    """The most similar rows of training, each with one vote."""
    if model.effective_metric_ != "euclidean" or model.weights != "uniform":
        raise NotConvertibleError("Nearest neighbours by another distance have no form in ONNX here.")
    truths = np.asarray(model._y, dtype=float)
    if hasattr(model, "classes_"):
        truths = np.eye(len(model.classes_))[np.asarray(model._y)]
    else:
        truths = truths.reshape(len(truths), 1)
    distances = _distances(graph, rows, np.asarray(model._fit_X, dtype=float))
    nearest = graph.nearest(distances, int(model.n_neighbors))
    chosen = graph.add("Gather", graph.constant(truths), nearest)  # (n_rows, k, n_truths)
    return graph.add("ReduceMean", chosen, axes=[1], keepdims=0)


def _weighted(graph: Graph, rows: str, weights: Any, shifts: Any) -> str:
    return graph.shifted(graph.product(rows, np.asarray(weights, dtype=float)), np.ravel(shifts)[None, :])


CONVERTERS: dict[str, Converter] = {
    "GuessedClass": _guessed,
    "GuessedNumber": _guessed,
    "GaussianNB": _naive_bayes,
    "LinearDiscriminantAnalysis": _linear_chances,
    "LogisticRegression": _linear_chances,
    "LinearRegression": _linear,
    "Ridge": _linear,
    "RidgeCV": _linear,
    "LassoCV": _linear,
    "ElasticNetCV": _linear,
    "StoppableClassifier": histogram,
    "StoppableRegressor": histogram,
    "Boosted": lightgbm,
    "Detrended": _detrended,
    "ExtraTreesClassifier": forest,
    "ExtraTreesRegressor": forest,
    "RandomForestClassifier": forest,
    "RandomForestRegressor": forest,
    "MLPClassifier": _network,
    "Rescaled": _rescaled,
    "KNeighborsClassifier": _neighbours,
    "KNeighborsRegressor": _neighbours,
    "SupportVectors": _support_chances,
    "TransformedTargetRegressor": _support_numbers,
}
"""By the name of the estimator's class."""
