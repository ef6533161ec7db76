"""How far a score can be trusted: bootstrap draws that all runs share, and intervals from them."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri, stdtrit

from beanft.engine.learning.metrics import Metric, draw_counts, time_blocks

DRAWS = 400
"""Bootstrap draws behind each interval."""
MOST_ROWS = 50_000
"""Rows drawn from at most; of longer tables a random part is taken."""

_LEFT_OUT_DRAWS = 100
_SKEWED = 5_000  # with more rows or groups the skewness of a score no longer moves its interval
_PARTS = 100
_FEWEST_PARTS = 4
_LEAST_FREEDOM = 3.0
_FARTHEST = 0.5  # of the correction for bias, in standard errors: more is an accident of few values
_FEWEST_UNITS = 50  # with fewer groups a part of the groups says too little: rows are left out instead
_SQUARED = ("rmse", "r2")
_FEW_DECIDE = "A few large errors decide this score; the interval may be too narrow."
_DOUBT = 0.05  # what is left over by a bound that is 95 % sure


def clusters_of(by: str, order: np.ndarray | None) -> np.ndarray | None:
    """Give what is drawn together: rows of one group, or of one block of time.

    Parameters
    ----------
    by : str
        group, time, or empty where rows were cut by chance.
    order : array of shape (n_rows,) or None
        Group or moment of each row.

    Returns
    -------
    array of shape (n_rows,) or None
        Codes for `draw_counts`; None when rows are drawn one by one.

    Examples
    --------
    >>> clusters_of("", None) is None, clusters_of("group", np.array([3, 3, 5])).tolist()
    (True, [3, 3, 5])
    """
    if order is None or not by:
        return None
    return time_blocks(order) if by == "time" else order


@dataclass(frozen=True, kw_only=True)
class Pull:
    """How unevenly the rows pull at a score."""

    skewness: float = 0.0
    """The acceleration of Efron's BCa interval."""
    freedom: float = math.inf
    """Degrees of freedom of its variance (Satterthwaite): few where some rows weigh much."""


EVEN = Pull()
"""No row pulls more than another."""


class Draws:
    """Bootstrap draws of some rows: the same for everything that is scored on them, so that scores pair.

    Parameters
    ----------
    y : array of shape (n_rows,)
        Class codes or numbers.
    clusters : array of shape (n_rows,), optional
        What is drawn together.
    seed : int
        Seed of the draws.
    n_draws : int
        Number of draws.
    max_rows : int
        Of longer tables, so many rows are drawn from, and the spread is scaled to all rows.

    Examples
    --------
    >>> from beanft.engine.learning.metrics import METRIC
    >>> draws = Draws(np.array([1.0, 2.0, 3.0]), seed=0)
    >>> value, drawn = draws.scores(METRIC["mae"], np.array([1.0, 2.0, 4.0]))
    >>> round(value, 2), drawn.shape
    (0.33, (400,))
    """

    def __init__(
        self,
        y: np.ndarray,
        *,
        clusters: np.ndarray | None = None,
        seed: int,
        n_draws: int = DRAWS,
        max_rows: int = MOST_ROWS,
    ) -> None:
        self.y = y
        self.rows = _part(len(y), clusters, max_rows, seed)
        self.is_part = len(self.rows) < len(y)
        self.n_rows, self.n_draws = len(self.rows), n_draws
        drawn_together = None if clusters is None else clusters[self.rows]
        self.n_units = _n_units(len(y), clusters)
        n_units_drawn = _n_units(self.n_rows, drawn_together)
        self.shrink = math.sqrt(n_units_drawn / self.n_units) if self.n_units else 1.0
        self._chunks = draw_counts(self.n_rows, n_draws, seed, drawn_together)
        self._parts = (
            _parts(self.n_rows, drawn_together, seed) if _FEWEST_PARTS <= self.n_units <= _SKEWED else None
        )

    def scores(self, metric: Metric, predicted: np.ndarray) -> tuple[float, np.ndarray]:
        """Score predictions on all rows and in each draw.

        Parameters
        ----------
        metric : Metric
            The score.
        predicted : array of shape (n_rows, n_classes) or (n_rows,)
            Probabilities or numbers for all rows.

        Returns
        -------
        value : float
            The score of all rows.
        drawn : array of shape (n_draws,)
            The score of each draw; nan where it is not defined.
        """
        value = metric.of(self.y, predicted)
        y, part = self.y[self.rows], predicted[self.rows]
        drawn = np.concatenate([metric.score(y, part, counts) for counts in self._chunks])
        if self.is_part:
            drawn = value + (drawn - metric.of(y, part)) * self.shrink
        return value, drawn

    def pairing(self, metric: Metric, predicted: np.ndarray, drawn: np.ndarray) -> np.ndarray:
        """Score each draw for the difference to another model.

        Parameters
        ----------
        metric : Metric
            The score.
        predicted : array of shape (n_rows, n_classes) or (n_rows,)
            Probabilities or numbers for all rows.
        drawn : array of shape (n_draws,)
            The score of each draw, as `scores` gives it.

        Returns
        -------
        array of shape (n_draws,)
            Another one only where the metric has a definition for differences.
        """
        if metric.paired is None:
            return drawn
        return self.scores(replace(metric, score=metric.paired), predicted)[1]

    def left_out(self, metric: Metric, predicted: np.ndarray) -> np.ndarray:
        """Score the rows that each of the first 100 draws left out.

        Parameters
        ----------
        metric : Metric
            The score.
        predicted : array of shape (n_rows, n_classes) or (n_rows,)
            Probabilities or numbers for all rows.

        Returns
        -------
        array of shape (up to 100,)
            nan where nothing was left out, or the score is not defined on it.
        """
        y, part = self.y[self.rows], predicted[self.rows]
        scores, missing = [], _LEFT_OUT_DRAWS
        for counts in self._chunks:
            rest = (counts[:missing].T == 0).T.astype(np.uint16)
            some = rest.any(axis=1)
            score = np.full(len(rest), np.nan)
            if some.any():
                score[some] = metric.score(y, part, rest[some])
            scores.append(score)
            missing -= len(rest)
            if missing <= 0:
                break
        drawn = np.concatenate(scores)
        if self.is_part:
            drawn = metric.of(self.y, predicted) + (drawn - metric.of(y, part)) * self.shrink
        return drawn

    def pull(self, metric: Metric, predicted: np.ndarray) -> Pull:
        """Tell how unevenly the rows pull at a score, from leaving a hundredth of them out at a time.

        Parameters
        ----------
        metric : Metric
            The score.
        predicted : array of shape (n_rows, n_classes) or (n_rows,)
            Probabilities or numbers for all rows.

        Returns
        -------
        Pull
            Even for more than 5,000 rows or groups, for fewer than 4, or where the score is not defined.
        """
        if self._parts is None:
            return EVEN
        rest = (np.arange(int(self._parts.max()) + 1)[None, :] != self._parts[:, None]).astype(np.uint16).T
        scores = metric.score(self.y[self.rows], predicted[self.rows], rest)
        pull = scores.mean() - scores
        square = float((pull**2).sum())
        if not math.isfinite(square) or square <= 0:
            return EVEN
        tails = float((pull**4).sum()) * len(pull) / square**2
        freedom = max(_LEAST_FREEDOM, 2 * len(pull) / max(1e-6, tails - 1))
        return Pull(skewness=float((pull**3).sum()) / (6 * square**1.5), freedom=freedom)

    def scored(
        self, metric: Metric, predicted: np.ndarray, level: float = 0.95, *, is_guess: bool = False
    ) -> dict[str, float | None]:
        """Score predictions, with an interval.

        Parameters
        ----------
        metric : Metric
            The score.
        predicted : array of shape (n_rows, n_classes) or (n_rows,)
            Probabilities or numbers for all rows.
        level : float
            How sure the interval is, 0..1.
        is_guess : bool
            As of `interval`.

        Returns
        -------
        dict
            As of `interval`.
        """
        value, drawn = self.scores(metric, predicted)
        pull = self.pull(metric, predicted)
        return self.interval(metric, value, drawn, level, pull, is_guess=is_guess)

    def interval(
        self,
        metric: Metric,
        value: float,
        drawn: np.ndarray,
        level: float = 0.95,
        pull: Pull = EVEN,
        *,
        is_guess: bool = False,
    ) -> dict[str, float | None]:
        """Give a score with its interval.

        Parameters
        ----------
        metric : Metric
            The score.
        value : float
            The score of all rows.
        drawn : array of shape (n_draws,)
            The score of each draw.
        level : float
            How sure the interval is, 0..1.
        pull : Pull
            How unevenly the rows pull at it.
        is_guess : bool
            Whether it is that of a guess, which always scores the same and is never right by skill.

        Returns
        -------
        dict
            value, low and high; None where not defined. When no row is told wrong all draws agree and would
            say that this is certain: then the bound is what so few rows allow (see `least_share`).
        """
        found = spread(value, drawn, self.n_units, level, pull)
        return found if is_guess else bounded(metric, self.y, found)

    def error(self, drawn: np.ndarray) -> float:
        """Give the standard error of a score or difference, widened for few rows or groups.

        Parameters
        ----------
        drawn : array of shape (n_draws,)
            The score, or the difference, of each draw.

        Returns
        -------
        float
            So large that ± 1.96 of them hold 95 %; nan where no draw is defined.
        """
        known = drawn[np.isfinite(drawn)]
        if len(known) < 2:
            return math.nan
        return float(known.std(ddof=1)) * self.widened

    @property
    def widened(self) -> float:
        """How much wider a t-interval of so few rows or groups is than a normal one."""
        n = max(2, self.n_units)
        return float(stdtrit(n - 1, 0.975)) / float(ndtri(0.975)) * math.sqrt(n / (n - 1))


def spread(
    value: float, drawn: np.ndarray, n_units: int, level: float = 0.95, pull: Pull = EVEN
) -> dict[str, float | None]:
    """Give a percentile interval, widened as a t-interval is for few units, and corrected for bias and skew.

    Parameters
    ----------
    value : float
        The score of all rows.
    drawn : array of shape (n_draws,)
        The score of each draw.
    n_units : int
        Rows, or groups of rows, that were drawn.
    level : float
        How sure the interval is, 0..1.
    pull : Pull
        How unevenly the units pull at the score.

    Returns
    -------
    dict
        value, low and high, None where not defined; the score itself is never outside.

    Notes
    -----
    Efron (1987), Better bootstrap confidence intervals (BCa); the widening is the "expanded percentile" of
    Hesterberg (2015), What teachers should know about the bootstrap.

    Examples
    --------
    >>> found = spread(0.5, np.linspace(0, 1, 401), n_units=100_000, level=0.9)
    >>> round(found["low"], 3), round(found["high"], 3)
    (0.05, 0.95)
    """
    known = drawn[np.isfinite(drawn)]
    if not len(known):
        return {"value": _plain(value), "low": None, "high": None}
    tail = (1 - level) / 2
    freedom = max(1.0, min(n_units - 1, pull.freedom))
    reach = float(stdtrit(freedom, 1 - tail)) * math.sqrt(n_units / max(1, n_units - 1))
    below = float((known < value).mean() + (known == value).mean() / 2)
    bias = float(np.clip(ndtri(below), -_FARTHEST, _FARTHEST))
    ends = bias + np.array([-reach, reach])
    low, high = np.quantile(known, ndtr(bias + ends / (1 - pull.skewness * ends)))
    if math.isfinite(value):
        low, high = min(low, value), max(high, value)
    return {"value": _plain(value), "low": _plain(low), "high": _plain(high)}


def few_decide(metric: Metric, y: np.ndarray, predicted: np.ndarray) -> str:
    """Warn where so few rows decide a score of squared errors that no interval can be trusted.

    Under heavy tails (t with 3 degrees of freedom, 60 rows) 95 % intervals of the RMSE were right in 73 %.

    Parameters
    ----------
    metric : Metric
        The score.
    y : array of shape (n_rows,)
        Numbers, or class codes.
    predicted : array of shape (n_rows,)
        Numbers; not looked at where the score is not one of squared errors.

    Returns
    -------
    str
        A sentence where one row in a hundred, but at least one, makes more than half of all squared errors;
        else empty.

    Examples
    --------
    >>> from beanft.engine.learning.metrics import METRIC
    >>> few_decide(METRIC["rmse"], np.array([0.0, 1.0, 9.0]), np.array([0.5, 0.5, 0.5]))
    'A few large errors decide this score; the interval may be too narrow.'
    """
    if metric.key not in _SQUARED or not len(y):
        return ""
    squared = np.sort((y - predicted) ** 2)
    largest = squared[-max(1, len(squared) // 100) :]
    return _FEW_DECIDE if largest.sum() > squared.sum() / 2 else ""


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


def bounded(metric: Metric, y: np.ndarray, interval: dict[str, float | None]) -> dict[str, float | None]:
    """Replace the interval of a perfect score, which is perfect in every draw, by what the rows allow.

    Parameters
    ----------
    metric : Metric
        The score.
    y : array of shape (n_rows,)
        Class codes or numbers.
    interval : dict
        value, low and high.

    Returns
    -------
    dict
        The same, or with the bound of `least_share`: over all rows for the accuracy, over the classes for the
        balanced accuracy, over the rows of the rarest class for the other scores of classes.

    Examples
    --------
    >>> from beanft.engine.learning.metrics import METRIC
    >>> bounded(METRIC["accuracy"], np.zeros(70, dtype=int), {"value": 1.0, "low": 1.0, "high": 1.0})["low"]
    0.958...
    """
    ends = (1,) if metric.key == "matthews" else (0, 1)  # its 0 is in the middle
    if metric.key not in _SHARES or interval["value"] not in ends or interval["low"] != interval["high"]:
        return interval
    least = least_share(_SHARES[metric.key](y))
    return interval | ({"low": least, "high": 1.0} if interval["value"] else {"low": 0.0, "high": 1 - least})


def _rows_by_class(y: np.ndarray) -> list[int]:
    counts = np.bincount(y)
    rows: list[int] = counts[counts > 0].tolist()
    return rows


def _rarest(y: np.ndarray) -> list[int]:
    return [min(_rows_by_class(y))]


_SHARES: dict[str, Callable[[np.ndarray], list[int]]] = {
    "accuracy": lambda y: [len(y)],
    "balanced_accuracy": _rows_by_class,
    "roc_auc": _rarest,
    "average_precision": _rarest,
    "f1": _rarest,
    "f1_macro": _rarest,
    "matthews": _rarest,
}
"""Metrics that are 1 when every row is told right, and the rows that a bound is made from."""


def _parts(n_rows: int, clusters: np.ndarray | None, seed: int) -> np.ndarray:
    """A hundred random parts of the rows, or of the groups; each row's part."""
    units = np.arange(n_rows) if clusters is None else np.unique(clusters, return_inverse=True)[1]
    n_units = int(units.max()) + 1
    parts: np.ndarray = (np.random.default_rng(seed).permutation(n_units) % min(n_units, _PARTS))[units]
    return parts


def _n_units(n_rows: int, clusters: np.ndarray | None) -> int:
    return n_rows if clusters is None else len(np.unique(clusters))


def _part(n_rows: int, clusters: np.ndarray | None, max_rows: int, seed: int) -> np.ndarray:
    """The rows drawn from: all, or a random part of the rows or of many groups."""
    if n_rows <= max_rows:
        return np.arange(n_rows)
    random = np.random.default_rng(seed)
    if clusters is None:
        return np.sort(random.choice(n_rows, max_rows, replace=False))
    codes, sizes = np.unique(clusters, return_inverse=True, return_counts=True)[1:]
    order = random.permutation(len(sizes))
    taken = order[np.cumsum(sizes[order]) <= max_rows]
    if len(taken) < _FEWEST_UNITS:
        return np.sort(random.choice(n_rows, max_rows, replace=False))
    return np.flatnonzero(np.isin(codes, taken))


def _plain(value: Any) -> float | None:
    return float(value) if math.isfinite(value) else None
