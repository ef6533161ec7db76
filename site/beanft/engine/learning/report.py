"""The report of one trained model on the locked hold-out, as plain values for JSON."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from beanft.engine.learning.metrics import Metric, draw_counts

DRAWS = 400
"""Bootstrap resamples behind each interval."""
POINTS = 1_000
"""Predicted-against-true points kept."""
IMPORTANCE_ROWS = 2_000
IMPORTANCE_COLUMNS = 50
_IMPORTANCE_ROWS_SLOW = 300  # for learners whose predictions grow with the training rows
_REPEATS = 5
_LEVELS = (2.5, 97.5)
_DOUBT = 0.05  # what is left over by a bound that is 95 % sure
_RESIDUAL_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)

Predict = Callable[[np.ndarray], np.ndarray]
"""Matrix of shape (n_rows, n_parts) -> probabilities or numbers."""


def number(value: float) -> float | None:
    """Give a number that JSON can hold, or None.

    Parameters
    ----------
    value : float
        Any number, of Python or of numpy.

    Returns
    -------
    float or None
        None for nan and for the infinities.

    Examples
    --------
    >>> number(np.float64(0.5)), number(float("nan"))
    (0.5, None)
    """
    return float(value) if math.isfinite(value) else None


def holdout_scores(
    y: np.ndarray,
    predicted: np.ndarray,
    baseline: np.ndarray,
    metrics: tuple[Metric, ...],
    headline: Metric,
    seed: int,
) -> dict[str, Any]:
    """Score the hold-out with 95 % bootstrap intervals.

    Parameters
    ----------
    y : array of shape (n_rows,)
        Class codes or numbers.
    predicted, baseline : array of shape (n_rows, n_classes) or (n_rows,)
        What the model and the baseline predict for the same rows.
    metrics : tuple of Metric
        All metrics to show.
    headline : Metric
        The one whose difference to the baseline is given.
    seed : int
        Seed of the resamples.

    Returns
    -------
    dict
        n_rows, draws, metrics {key: value, low, high}, baseline {key: value} and difference {value, low,
        high}: positive is better than the baseline, whatever the direction of the metric; the same resamples
        are used for both. When
        every row is told right, or every row wrong, all resamples agree and would say that this is certain:
        then the interval of a share is the exact bound of `least_share`.
    """
    chunks = draw_counts(len(y), DRAWS, seed)

    def drawn(metric: Metric, guess: np.ndarray) -> np.ndarray:
        return np.concatenate([metric.score(y, guess, counts) for counts in chunks])

    sign = 1 if headline.greater_is_better else -1
    difference = sign * (drawn(headline, predicted) - drawn(headline, baseline))
    value = sign * (headline.of(y, predicted) - headline.of(y, baseline))
    return {
        "n_rows": len(y),
        "draws": DRAWS,
        "metrics": {
            metric.key: _bounded(metric, y, _interval(metric.of(y, predicted), drawn(metric, predicted)))
            for metric in metrics
        },
        "baseline": {metric.key: number(metric.of(y, baseline)) for metric in metrics},
        "difference": {"metric": headline.key} | _interval(value, difference),
    }


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


def confusion(y: np.ndarray, predicted: np.ndarray, labels: tuple[str, ...]) -> dict[str, Any]:
    """Count true against predicted classes.

    Parameters
    ----------
    y : array of shape (n_rows,)
        True class codes, whole numbers from 0 to n_classes - 1, none missing.
    predicted : array of shape (n_rows, n_classes)
        Probabilities from 0 to 1; the largest one tells the class, the first of equal ones.
    labels : tuple of str
        The n_classes classes in the order of their codes.

    Returns
    -------
    dict
        labels, and counts as a list of lists, to be read counts[true][predicted].

    Examples
    --------
    >>> confusion(np.array([0, 1]), np.array([[0.9, 0.1], [0.6, 0.4]]), ("no", "yes"))["counts"]
    [[1, 0], [1, 0]]
    """
    n = len(labels)
    counts = np.bincount(y * n + predicted.argmax(axis=1), minlength=n * n).reshape(n, n)
    return {"labels": list(labels), "counts": counts.tolist()}


def residuals(y: np.ndarray, predicted: np.ndarray, seed: int) -> dict[str, Any]:
    """Sample predicted-against-true points and give the quantiles of the residuals (true - predicted).

    Parameters
    ----------
    y : array of shape (n_rows,)
        True numbers in the target's unit, none missing, one row or more.
    predicted : array of shape (n_rows,)
        Predicted numbers in the same unit.
    seed : int
        Seed of the sample, which is drawn only when there are more than `POINTS` rows.

    Returns
    -------
    dict
        points {true, predicted, n, of}: the points shown and how many of how many they are; residuals: share
        of the rows below, as text, to residual in the target's unit, over all rows.

    Examples
    --------
    >>> residuals(np.array([1.0, 2.0, 3.0]), np.array([1.0, 1.0, 1.0]), seed=0)["residuals"]["0.5"]
    1.0
    """
    shown = np.arange(len(y))
    if len(y) > POINTS:
        shown = np.sort(np.random.default_rng(seed).choice(len(y), POINTS, replace=False))
    quantiles = np.quantile(y - predicted, _RESIDUAL_QUANTILES)
    return {
        "points": {
            "true": [number(value) for value in y[shown]],
            "predicted": [number(value) for value in predicted[shown]],
            "n": len(shown),
            "of": len(y),
        },
        "residuals": {
            f"{share:g}": number(value) for share, value in zip(_RESIDUAL_QUANTILES, quantiles, strict=True)
        },
    }


def importance(
    predict: Predict,
    matrix: np.ndarray,
    y: np.ndarray,
    spans: Mapping[str, slice],
    metric: Metric,
    *,
    seed: int,
    slow: bool = False,
) -> dict[str, Any]:
    """Permutation importance in the original columns: how much worse the score gets when one is shuffled.

    Parameters
    ----------
    predict : callable
        Gives probabilities or numbers for a prepared matrix.
    matrix : array of shape (n_rows, n_parts)
        The prepared hold-out.
    y : array of shape (n_rows,)
        Class codes or numbers.
    spans : mapping of str to slice
        The parts of each column; shuffling them together is the same as shuffling the column.
    metric : Metric
        The score.
    seed : int
        Seed of sample and shuffles.
    slow : bool
        Take fewer rows.

    Returns
    -------
    dict
        metric, repeats, n_rows of of_rows, n_columns of of_columns, and columns sorted by falling mean, each
        with name, mean and sd over the repeats. Positive: the model needs the column.
    """
    random = np.random.default_rng(seed)
    limit = _IMPORTANCE_ROWS_SLOW if slow else IMPORTANCE_ROWS
    rows = np.sort(random.choice(len(y), limit, replace=False)) if len(y) > limit else np.arange(len(y))
    X, truth = matrix[rows], y[rows]
    orders = [random.permutation(len(rows)) for _ in range(_REPEATS)]
    names = list(spans)[:IMPORTANCE_COLUMNS]
    whole = metric.of(truth, predict(X))
    columns = [
        {"name": name} | _shuffled(predict, X, truth, spans[name], metric, whole, orders) for name in names
    ]
    return {
        "metric": metric.key,
        "repeats": _REPEATS,
        "n_rows": len(rows),
        "of_rows": len(y),
        "n_columns": len(names),
        "of_columns": len(spans),
        "columns": sorted(columns, key=lambda column: -(column["mean"] or 0.0)),
    }


def _shuffled(
    predict: Predict,
    X: np.ndarray,
    y: np.ndarray,
    span: slice,
    metric: Metric,
    whole: float,
    orders: list[np.ndarray],
) -> dict[str, Any]:
    sign = 1 if metric.greater_is_better else -1
    drops = []
    changed = X.copy()
    for order in orders:
        changed[:, span] = X[order, span]
        drops.append(sign * (whole - metric.of(y, predict(changed))))
    return {"mean": number(float(np.mean(drops))), "sd": number(float(np.std(drops, ddof=1)))}


def _bounded(metric: Metric, y: np.ndarray, interval: dict[str, float | None]) -> dict[str, float | None]:
    """Replace the interval of a share that is 0 or 1 in every resample by what the number of rows allows."""
    if metric.key not in _SHARES or interval["value"] not in (0, 1):
        return interval
    least = least_share(_SHARES[metric.key](y))
    return interval | ({"low": least, "high": 1.0} if interval["value"] else {"low": 0.0, "high": 1 - least})


def _rows_by_class(y: np.ndarray) -> list[int]:
    counts = np.bincount(y)
    rows: list[int] = counts[counts > 0].tolist()
    return rows


_SHARES: dict[str, Callable[[np.ndarray], list[int]]] = {
    "accuracy": lambda y: [len(y)],
    "balanced_accuracy": _rows_by_class,
}
"""Metrics that are shares of rows told right, and the groups of rows over which they are averaged."""


def _interval(value: float, draws: np.ndarray) -> dict[str, float | None]:
    known = draws[np.isfinite(draws)]
    low, high = np.percentile(known, _LEVELS) if len(known) else (math.nan, math.nan)
    return {"value": number(value), "low": number(low), "high": number(high)}
