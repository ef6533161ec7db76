"""The learning curve, which tells whether more rows would help."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from beanft.engine.learning.judging.draws import Draws
from beanft.engine.learning.judging.intervals import spread
from beanft.engine.learning.judging.verdict import short
from beanft.engine.learning.metrics import Metric

SHARES = (1 / 8, 1 / 4, 1 / 2, 1.0)
"""Parts of the training rows that the curve is drawn from."""

_POWERS = np.linspace(0.1, 1.5, 15)  # how fast the error falls with the rows
_FEWEST = 10
_FEWEST_POINTS = 3
_LITTLE = 0.01  # of what is left to gain: less is called “not much”

FitPredict = Callable[[np.ndarray], np.ndarray]
"""Positions of training rows -> predictions of the fixed test rows."""


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """Which run a curve is drawn with, and where the leaderboard has it and the best one."""

    title: str
    """Name of the run."""
    value: float
    """Its score on the leaderboard."""
    n_tested: int
    """Rows that the leaderboard's scores are of."""
    best_title: str
    """Name of the run with the best score, which may be the same."""
    best_value: float
    """Its score on the leaderboard."""


@dataclass(frozen=True, kw_only=True)
class Curve:
    """Scores by the number of training rows."""

    metric: str
    """Key of the score."""
    title: str
    """Name of the run that it is drawn with; empty where that was not told."""
    points: list[dict[str, Any]]
    """n_rows trained on, and value, low and high of the score, by rising n_rows."""
    gain: dict[str, float | None] | None
    """value, low and high of what twice the rows would bring that run, positive is better and never more
    than it lacks to a perfect score; None for too few points."""
    sentence: str
    """The same in plain words."""

    def facts(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def learning_curve(
    fit_predict: FitPredict,
    y: np.ndarray,
    train: np.ndarray,
    test: np.ndarray,
    metric: Metric,
    *,
    seed: int,
    classes: bool,
    clusters: np.ndarray | None = None,
    drawn_with: Drawn | None = None,
) -> Curve:
    """Train on 1/8, 1/4, 1/2 and all of the training rows, and draw a line through the scores.

    The smaller parts lie in the larger ones, each with its share of every class. Through the scores goes a
    power law: what is lacking falls by the same share with every doubling, towards a floor.

    Parameters
    ----------
    fit_predict : callable
        Positions of rows to fit on -> what is then said of the rows `test`.
    y : array of shape (n_dev,)
        Class codes or numbers of the development rows.
    train, test : array of int
        Positions in `y`.
    metric : Metric
        The score.
    seed : int
        Seed of the parts and of the draws.
    classes : bool
        Whether `y` holds class codes.
    clusters : array of shape (n_dev,), optional
        What is drawn together for the intervals, see `clusters_of`.
    drawn_with : Drawn, optional
        The run that `fit_predict` fits, for the words.

    Returns
    -------
    Curve
        The intervals know that the test rows are few, not that another part might have been drawn.
    """
    order = _nested(y[train], seed, classes=classes)
    draws = Draws(y[test], clusters=None if clusters is None else clusters[test], seed=seed)
    points, drawn, sizes = [], [], []
    for share in SHARES:
        rows = train[order[: round(len(train) * share)]]
        if len(rows) < _FEWEST or (classes and len(np.unique(y[rows])) < len(np.unique(y[train]))):
            continue
        predicted = fit_predict(np.sort(rows))
        value, scores = draws.scores(metric, predicted)
        points.append({"n_rows": len(rows)} | draws.scored(metric, predicted))
        drawn.append(np.r_[value, scores])
        sizes.append(len(rows))
    gain = _gain(np.array(sizes, dtype=float), np.array(drawn), metric, draws.n_units)
    sentence = _judged(gain, points, metric, drawn_with)
    if gain is not None:
        sentence = f"{sentence} {_whose(points[-1]['value'], len(test), drawn_with)}"
    return Curve(
        metric=metric.key,
        title=drawn_with.title if drawn_with else "",
        points=points,
        gain=gain,
        sentence=sentence,
    )


def doubled(sizes: np.ndarray, losses: np.ndarray) -> np.ndarray:
    """Fit power laws and tell by how much each loss would fall with twice the largest size.

    Parameters
    ----------
    sizes : array of shape (n_points,)
        Rows trained on, rising.
    losses : array of shape (n_curves, n_points)
        What is lacking, 0 or more where that is known.

    Returns
    -------
    array of shape (n_curves,)
        0 or more: a curve that does not fall would gain nothing.

    Examples
    --------
    >>> sizes = np.array([100.0, 200.0, 400.0, 800.0])
    >>> doubled(sizes, (0.1 + 2 * sizes**-0.5)[None, :]).round(4)
    array([0.0207])
    """
    best = np.full(len(losses), np.inf)
    gain = np.zeros(len(losses))
    for power in _POWERS:
        x = (sizes / sizes[-1]) ** -power
        centred = x - x.mean()
        slope = np.maximum(losses @ centred / (centred @ centred), 0.0)
        floor = losses.mean(axis=1) - slope * x.mean()
        below = floor < 0  # no loss is under 0: the law then goes through 0
        slope = np.where(below, losses @ x / (x @ x), slope)
        floor = np.where(below, 0.0, floor)
        left = ((losses - floor[:, None] - slope[:, None] * x) ** 2).sum(axis=1)
        better = left < best
        best = np.where(better, left, best)
        gain = np.where(better, slope * (1 - 2.0**-power), gain)
    return gain


def _nested(y: np.ndarray, seed: int, *, classes: bool) -> np.ndarray:
    """An order of the rows whose every beginning holds each class by its share."""
    random = np.random.default_rng(seed)
    order = random.permutation(len(y))
    if not classes:
        return order
    place = np.empty(len(y))
    for code in np.unique(y):
        rows = order[y[order] == code]
        place[rows] = (np.arange(len(rows)) + random.uniform()) / len(rows)
    return np.argsort(place, kind="stable")


def _gain(
    sizes: np.ndarray, scores: np.ndarray, metric: Metric, n_units: int
) -> dict[str, float | None] | None:
    if len(sizes) < _FEWEST_POINTS:
        return None
    known = scores[:, np.isfinite(scores).all(axis=0)]
    if not np.isfinite(scores[:, 0]).all():
        return None
    losses = _lacking(known, metric).T
    gains = doubled(sizes, losses)
    found = spread(float(gains[0]), gains[1:], n_units)
    most = max(0.0, float(losses[0, -1]))  # the law through all points can lie above the last of them
    return {key: None if number is None else min(number, most) for key, number in found.items()}


def _lacking(scores: Any, metric: Metric) -> Any:
    """What scores lack to a perfect one: 1 where more is better, else 0."""
    return 1 - scores if metric.greater_is_better else scores


def _judged(
    gain: dict[str, float | None] | None,
    points: list[dict[str, Any]],
    metric: Metric,
    drawn_with: Drawn | None = None,
) -> str:
    """Whether more rows would help, in words."""
    if gain is None or gain["value"] is None or gain["low"] is None or gain["high"] is None:
        return "There are too few rows to tell whether more would help."
    worth = _LITTLE * abs(_lacking(points[-1]["value"], metric))
    value, low, high = short(gain["value"], gain["low"], gain["high"])
    better = "higher" if metric.greater_is_better else "lower"
    whom = f"bring {drawn_with.title}" if drawn_with else "bring"
    start = f"Twice as many rows would {whom} about {value} ({low} to {high}) {better} {metric.title}: "
    if gain["high"] <= 2 * worth:
        return start + "more rows would not help much."
    if drawn_with and _lacking(drawn_with.best_value, metric) < gain["high"]:
        return start.removesuffix(": ") + _beyond(drawn_with, metric)
    if gain["low"] > worth:
        return start + "more rows would help."
    if gain["low"] > 0:
        return start + "more rows would help, but it cannot be told whether by more than a trifle."
    return start + "it cannot be told whether more rows would help."


def _beyond(drawn_with: Drawn, metric: Metric) -> str:
    """End the sentence where the best run cannot gain that much, for no score is better than perfect."""
    best, left = short(drawn_with.best_value, _lacking(drawn_with.best_value, metric))
    return (
        f". {drawn_with.best_title} is at {best} already and lacks only {left} to a perfect score: it cannot "
        "gain more than that, and it cannot be told from this curve whether more rows would help it."
    )


def _whose(end: float | None, n_test: int, drawn_with: Drawn | None) -> str:
    """Say what was drawn, and why its end is not the score of the leaderboard."""
    if drawn_with is None:
        return f"The curve is that of one quick run among the best, scored on {n_test:,} rows."
    said, board = short(end, drawn_with.value)
    return (
        f"The curve is that of {drawn_with.title}, a quick one of the best. It ends at {said}, scored on "
        f"{n_test:,} rows; on the leaderboard it has {board}, of all {drawn_with.n_tested:,} tested rows."
    )
