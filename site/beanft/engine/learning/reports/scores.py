"""Scores of a model beside the baseline, with 95 % bootstrap intervals."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from beanft.engine.learning.judging.draws import DRAWS, Draws
from beanft.engine.learning.judging.intervals import spread
from beanft.engine.learning.metrics import Metric

_DRAWS_OF_ONE, _ROWS_OF_ONE = 200, 10_000  # of a single score, which reports ask for many times


def _mean(weight: np.ndarray, values: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """The mean of some values in each draw; rows of weight 0 are not among them."""
    above, below = counts @ (values * weight), counts @ weight
    means: np.ndarray = np.divide(above, below, out=np.full(len(below), np.nan), where=below > 0)
    return means


_MEAN = Metric(
    key="mean",
    title="Mean",
    sentence="The mean.",
    greater_is_better=False,
    tasks=(),
    binary_only=False,
    score=_mean,
)


def mean_interval(
    values: np.ndarray,
    *,
    among: np.ndarray | None = None,
    clusters: np.ndarray | None = None,
    seed: int = 0,
    max_rows: int = 10_000,
) -> dict[str, float | None]:
    """Give a mean with its 95 % bootstrap interval.

    Parameters
    ----------
    values : array of shape (n_rows,)
        Numbers, one or more; of shares 0 and 1.
    among : bool array of shape (n_rows,), optional
        Rows over which the mean is taken; all when not given.
    clusters : array of shape (n_rows,), optional
        What is drawn together.
    seed : int, default 0
        Seed of the draws.
    max_rows : int, default 10,000
        Of more rows so many are drawn from, and the spread is scaled to all.

    Returns
    -------
    dict
        value, low and high, None where not defined.

    Examples
    --------
    >>> mean_interval(np.array([2.0, 2.0]))
    {'value': 2.0, 'low': 2.0, 'high': 2.0}
    """
    weight = np.ones(len(values)) if among is None else among.astype(float)
    draws = Draws(weight, clusters=clusters, seed=seed, max_rows=max_rows)
    return draws.interval(_MEAN, *draws.scores(_MEAN, values.astype(float)))


def scored(
    y: np.ndarray,
    predicted: np.ndarray,
    baseline: np.ndarray | None,
    metrics: tuple[Metric, ...],
    headline: Metric,
    *,
    seed: int,
    clusters: np.ndarray | None = None,
) -> dict[str, Any]:
    """Score predictions beside the baseline's with 95 % bootstrap intervals.

    Parameters
    ----------
    y : array of shape (n_rows,)
        Class codes or numbers.
    predicted : array of shape (n_rows, n_classes) or (n_rows,)
        What the model says of these rows, probabilities or numbers.
    baseline : array of the same shape, or None
        What the baseline says of them; None where that is not known.
    metrics : tuple of Metric
        All metrics to show.
    headline : Metric
        The one whose difference to the baseline is given.
    seed : int
        Seed of the draws.
    clusters : array of shape (n_rows,), optional
        What is drawn together, see `judging.intervals.clusters_of`.

    Returns
    -------
    dict
        n_rows, draws, sampled (rows that were drawn from), metrics {key: value, low, high}, baseline {key:
        value}, guess {key: value, low, high} and difference {metric, value, low, high}: positive is better
        than the baseline, whatever the direction of the metric; the same draws are used for both.
    """
    draws = Draws(y, clusters=clusters, seed=seed)
    own = {one.key: draws.scores(one, predicted) for one in metrics}
    other = {} if baseline is None else {one.key: draws.scores(one, baseline) for one in metrics}
    guess = {one.key: draws.interval(one, *other[one.key], is_guess=True) for one in metrics if other}
    return {
        "n_rows": len(y),
        "draws": DRAWS,
        "sampled": len(draws.rows),
        "metrics": {one.key: draws.interval(one, *own[one.key]) for one in metrics},
        "baseline": {key: one["value"] for key, one in guess.items()},
        "guess": guess,
        "difference": {"metric": headline.key}
        | _difference(draws, headline, predicted, baseline, own, other),
    }


_Drawn = tuple[float, np.ndarray]


def _difference(
    draws: Draws,
    metric: Metric,
    predicted: np.ndarray,
    baseline: np.ndarray | None,
    own: Mapping[str, _Drawn],
    other: Mapping[str, _Drawn],
) -> dict[str, float | None]:
    if baseline is None:
        return {"value": None, "low": None, "high": None}
    sign = 1 if metric.greater_is_better else -1
    (value, drawn), (guess, others) = own[metric.key], other[metric.key]
    apart = draws.pairing(metric, predicted, drawn) - draws.pairing(metric, baseline, others)
    return spread(sign * (value - guess), sign * apart, draws.n_units)


def score_interval(
    metric: Metric,
    y: np.ndarray,
    predicted: np.ndarray,
    *,
    clusters: np.ndarray | None = None,
    seed: int = 0,
) -> dict[str, float | None]:
    """Give one score of some rows with its 95 % bootstrap interval.

    Parameters
    ----------
    metric : Metric
        The score.
    y : array of shape (n_rows,)
        Class codes or numbers.
    predicted : array of shape (n_rows, n_classes) or (n_rows,)
        Probabilities or numbers.
    clusters : array of shape (n_rows,), optional
        What is drawn together.
    seed : int, default 0
        Seed of the draws.

    Returns
    -------
    dict
        value, low and high, None where not defined.
    """
    draws = Draws(y, clusters=clusters, seed=seed, n_draws=_DRAWS_OF_ONE, max_rows=_ROWS_OF_ONE)
    return draws.interval(metric, *draws.scores(metric, predicted))


def confusion(y: np.ndarray, predicted: np.ndarray, labels: Sequence[str]) -> dict[str, Any]:
    """Count true against predicted classes.

    Parameters
    ----------
    y : array of shape (n_rows,)
        True class codes, whole numbers from 0 to n_classes - 1, none missing.
    predicted : array of shape (n_rows, n_classes)
        Probabilities from 0 to 1; the largest one tells the class, the first of equal ones.
    labels : sequence of str
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
