"""Bootstrap draws that all runs share, so that their scores pair, and what is scored on them."""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from scipy.special import ndtri, stdtrit

from beanft.engine.learning.judging.few import pull_of_few
from beanft.engine.learning.judging.intervals import EVEN, Pull, spread
from beanft.engine.learning.judging.perfect import bounded
from beanft.engine.learning.resampling import count_units, draw_counts, time_blocks
from beanft.engine.learning.scoring.metric import Metric

DRAWS = 400
"""Bootstrap draws behind each interval."""
MOST_ROWS = 50_000
"""Rows drawn from at most; of longer tables a random part is taken."""

_LEFT_OUT_DRAWS = 100
_SKEWED = 5_000  # with more rows or groups the skewness of a score no longer moves its interval
_PARTS = 100
_FEWEST_PARTS = 4
_FEWEST_UNITS = 50  # with fewer groups a part of the groups says too little: rows are left out instead


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
        self.y, self._clusters = y, clusters
        self.rows = _rows_drawn_from(len(y), clusters, max_rows, seed)
        self.n_units = count_units(len(y), clusters)
        self._is_part = len(self.rows) < len(y)
        together = None if clusters is None else clusters[self.rows]
        self.shrink = math.sqrt(count_units(len(self.rows), together) / self.n_units) if self.n_units else 1.0
        self._chunks = draw_counts(len(self.rows), n_draws, seed, together)
        tells_pull = _FEWEST_PARTS <= self.n_units <= _SKEWED
        self._parts = _parts(len(self.rows), together, seed) if tells_pull else None

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
        return value, self._for_all_rows(metric, value, part, drawn)

    def _for_all_rows(self, metric: Metric, value: float, part: np.ndarray, drawn: np.ndarray) -> np.ndarray:
        """Carry draws of a part of the rows over: around the score of all, and as narrow as all would be."""
        if not self._is_part:
            return drawn
        return value + (drawn - metric.of(self.y[self.rows], part)) * self.shrink

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
        drawn = np.concatenate(
            [_score_without(metric, y, part, counts) for counts in self._first(_LEFT_OUT_DRAWS)]
        )
        return self._for_all_rows(metric, metric.of(self.y, predicted), part, drawn)

    def _first(self, n_draws: int) -> Iterator[np.ndarray]:
        for counts in self._chunks:
            yield counts[:n_draws]
            n_draws -= len(counts)
            if n_draws <= 0:
                return

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
            Even for more than 5,000 rows or groups, for fewer than 4, or where the score is not defined. Of
            a ROC AUC that few rows decide it is the standard error (see `pull_of_few`).
        """
        of_few = pull_of_few(metric, self.y, predicted, self._clusters)
        if of_few is not None:
            return of_few
        if self._parts is None:
            return EVEN
        rest = (np.arange(int(self._parts.max()) + 1)[None, :] != self._parts[:, None]).astype(np.uint16).T
        return Pull.of(metric.score(self.y[self.rows], predicted[self.rows], rest))

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


def _score_without(metric: Metric, y: np.ndarray, predicted: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Score the rows that each draw left out; nan where it left out none."""
    rest = (counts.T == 0).T.astype(np.uint16)
    some = rest.any(axis=1)
    score = np.full(len(rest), np.nan)
    if some.any():
        score[some] = metric.score(y, predicted, rest[some])
    return score


def _rows_drawn_from(n_rows: int, clusters: np.ndarray | None, max_rows: int, seed: int) -> np.ndarray:
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


def _parts(n_rows: int, clusters: np.ndarray | None, seed: int) -> np.ndarray:
    """A hundred random parts of the rows, or of the groups; each row's part."""
    units = np.arange(n_rows) if clusters is None else np.unique(clusters, return_inverse=True)[1]
    n_units = int(units.max()) + 1
    parts: np.ndarray = (np.random.default_rng(seed).permutation(n_units) % min(n_units, _PARTS))[units]
    return parts
