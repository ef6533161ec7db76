"""Scores of several models with intervals, and the paired differences of those tested on the same rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import NormalDist

import numpy as np

from beanft.engine.claims import ALPHA
from beanft.engine.learning.compared.entrant import Entrant, Unseen, locked, unseen, why_not
from beanft.engine.learning.judging.comparing import seen_in_folds
from beanft.engine.learning.judging.draws import DRAWS, Draws
from beanft.engine.learning.judging.intervals import spread
from beanft.engine.learning.metrics import Metric

MOST_ENTRANTS = 6
"""Models of one comparison: as many as there are colours that can be told apart."""
_DRAWS_MANY_ROWS = 200  # their spread is as sure, and a page answers at once
_MANY_ROWS = 10_000
_FEWEST = 10  # rows or clusters, below which no interval deserves trust


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A figure with what other rows of the same kind could have given."""

    value: float | None
    """The figure; None where it is not defined."""
    low: float | None
    """Lower end of the 95 % interval."""
    high: float | None
    """Upper end of the 95 % interval."""
    n_rows: int
    """Rows it was measured on."""
    of_rows: int
    """Rows that there are."""


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two models beside each other."""

    one: int
    """Place of the better one among the entrants, or of the first."""
    other: int
    """Place of the other one."""
    reason: str
    """Why they cannot be compared row by row; empty when they were."""
    difference: Interval | None
    """How much better the one is, in the metric's unit; None where there is a reason."""
    told_apart: bool
    """Whether the difference is too large to be chance, all pairs of the comparison considered."""
    by_folds: bool
    """Whether the folds were asked too: how models change with their training rows was looked at as well."""


@dataclass(frozen=True, kw_only=True)
class Contest:
    """Several models beside each other."""

    unseen: tuple[Interval, ...]
    """Score of each on rows while they were unseen."""
    locked: tuple[Interval | None, ...]
    """Score of each on the locked rows; None where they were not opened for it."""
    pairs: tuple[Pair, ...]
    """Every two of them, those of the best ones first."""
    clustered: bool
    """Whether groups or stretches of time were drawn for the intervals, because their rows are alike."""

    @property
    def tested(self) -> str:
        """What stands behind “told apart”, in words; empty where nothing was compared."""
        asked = {pair.by_folds for pair in self.pairs if not pair.reason}
        if not asked:
            return ""
        if asked == {True}:
            return "Two models are told apart where the tested rows and the folds both show a difference."
        if asked == {False}:
            return (
                "Two models are told apart by the tested rows alone: trained anew on other rows, they may "
                "stand otherwise."
            )
        return (
            "Two models of one experiment are told apart where the tested rows and the folds both show a "
            "difference, others by the tested rows alone."
        )


def compete(entrants: Sequence[Entrant], metric: Metric) -> Contest:
    """Score models on rows that they had not seen, and compare every two that were tested on the same rows.

    The same draws of the bootstrap are used for models with the same rows, so that what makes a row hard
    for both cancels out. Two models are told apart when 0 lies outside the interval of their difference,
    which is widened for the number of pairs (Bonferroni). Of models of one experiment, compared by the metric
    that ranked there, the folds must bear the difference out too, as on its leaderboard.

    Parameters
    ----------
    entrants : sequence of Entrant
        At most `MOST_ENTRANTS`, all with the same target and task.
    metric : Metric
        The score.

    Returns
    -------
    Contest
        The intervals say what other rows could have given these same models. How much another training
        would change is not in them, and only the folds know something of it.

    Raises
    ------
    EngineError
        Predictions are missing or damaged.
    """
    seen = [unseen(entrant) for entrant in entrants]
    draws = [_draws(rows) for rows in seen]
    opened = [locked(entrant) for entrant in entrants]
    return Contest(
        unseen=tuple(_scored(rows, drawn, metric) for rows, drawn in zip(seen, draws, strict=True)),
        locked=tuple(None if rows is None else _scored(rows, _draws(rows), metric) for rows in opened),
        pairs=_pairs(entrants, seen, draws, metric),
        clustered=any(rows.clusters is not None for rows in seen),
    )


def _draws(rows: Unseen) -> Draws:
    n_draws = DRAWS if len(rows.y) <= _MANY_ROWS else _DRAWS_MANY_ROWS
    return Draws(rows.y, clusters=rows.clusters, seed=rows.seed, n_draws=n_draws)


def _scored(rows: Unseen, draws: Draws, metric: Metric) -> Interval:
    return _interval(draws.scored(metric, rows.predicted), rows)


def _interval(found: Mapping[str, float | None], rows: Unseen) -> Interval:
    return Interval(**found, n_rows=len(rows.y), of_rows=rows.of_rows)


def _pairs(
    entrants: Sequence[Entrant], seen: Sequence[Unseen], draws: Sequence[Draws], metric: Metric
) -> tuple[Pair, ...]:
    sign = 1 if metric.greater_is_better else -1
    values = [sign * metric.of(rows.y, rows.predicted) for rows in seen]
    order = sorted(
        range(len(entrants)), key=lambda i: (not np.isfinite(values[i]), -np.nan_to_num(values[i]))
    )
    reasons = {pair: why_not(entrants[pair[0]], entrants[pair[1]]) for pair in combinations(order, 2)}
    n_paired = sum(not reason for reason in reasons.values())
    reach = NormalDist().inv_cdf(1 - ALPHA / (2 * max(1, n_paired)))
    pairs = []
    for (one, other), reason in reasons.items():
        difference, told_apart = None, False
        by_folds = _have_folds(entrants[one], entrants[other], metric)
        if not reason:
            mine, theirs = (_paired(draws[one], metric, seen[i].predicted) for i in (one, other))
            apart = sign * (mine - theirs)
            found = spread(values[one] - values[other], apart, draws[one].n_units)
            difference = _interval(found, seen[one])
            told_apart = _told_apart(difference, reach * draws[one].error(apart), draws[one].n_units)
            told_apart = told_apart and (not by_folds or _folds_agree(entrants[one], entrants[other], metric))
        pairs.append(
            Pair(
                one=one,
                other=other,
                reason=reason,
                difference=difference,
                told_apart=told_apart,
                by_folds=by_folds,
            )
        )
    return tuple(pairs)


def _paired(draws: Draws, metric: Metric, predicted: np.ndarray) -> np.ndarray:
    """The score of each draw, as differences need it."""
    return draws.pairing(metric, predicted, draws.scores(metric, predicted)[1])


def _have_folds(one: Entrant, other: Entrant, metric: Metric) -> bool:
    """Whether both were scored on the same folds by this metric."""
    same = one.evidence.folder == other.evidence.folder and one.evidence.metric == metric.key
    return same and 0 < len(one.scores) == len(other.scores)


def _folds_agree(one: Entrant, other: Entrant, metric: Metric) -> bool:
    return seen_in_folds(
        one.scores,
        other.scores,
        greater_is_better=metric.greater_is_better,
        test_to_train=one.test_to_train,
        growing=one.evidence.by == "time",
    )


def _told_apart(difference: Interval, reach: float, n_units: int) -> bool:
    """Whether 0 lies outside the interval of a difference, and outside the one that is widened for many."""
    value, low, high = difference.value, difference.low, difference.high
    if value is None or low is None or high is None or low <= 0 <= high or n_units < _FEWEST:
        return False
    return abs(value) > reach
