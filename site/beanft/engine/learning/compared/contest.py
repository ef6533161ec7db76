"""Scores of several models with intervals, and the paired differences of those tested on the same rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import NormalDist

import numpy as np

from beanft.engine.learning.compared.entrant import Entrant, Unseen, locked, unseen, why_not
from beanft.engine.learning.metrics import Metric, draw_counts

ALPHA = 0.05
"""Chance of telling any two equal models apart, over all pairs of one comparison."""
MOST_ENTRANTS = 6
"""Models of one comparison: as many as there are colours that can be told apart."""
_DRAWS = 400
_DRAWS_MANY_ROWS = 200  # their spread is as sure, and a page answers at once
_MANY_ROWS = 10_000
_FEWEST = 10  # rows or clusters, below which no interval deserves trust
_LEVELS = (2.5, 97.5)


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


def compete(entrants: Sequence[Entrant], metric: Metric) -> Contest:
    """Score models on rows that they had not seen, and compare every two that were tested on the same rows.

    The same draws of the bootstrap are used for models with the same rows, so that what makes a row hard
    for both cancels out. Two models are told apart when 0 lies outside the interval of their difference,
    which is widened for the number of pairs (Bonferroni).

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
        would change is not in them.

    Raises
    ------
    EngineError
        Predictions are missing or damaged.
    """
    seen = [unseen(entrant) for entrant in entrants]
    draws = [_draws(one, metric) for one in seen]
    scores = tuple(_interval(one, metric, drawn) for one, drawn in zip(seen, draws, strict=True))
    opened = [locked(entrant) for entrant in entrants]
    return Contest(
        unseen=scores,
        locked=tuple(None if one is None else _interval(one, metric, _draws(one, metric)) for one in opened),
        pairs=_pairs(entrants, seen, draws, metric),
        clustered=any(one.clusters is not None for one in seen),
    )


def _draws(rows: Unseen, metric: Metric) -> np.ndarray:
    """The score of each draw of rows, or of clusters of them, with replacement."""
    n_rows = len(rows.y)
    n_draws = _DRAWS if n_rows <= _MANY_ROWS else _DRAWS_MANY_ROWS
    chunks = draw_counts(n_rows, n_draws, seed=0, clusters=rows.clusters)
    return np.concatenate([metric.score(rows.y, rows.predicted, counts) for counts in chunks])


def _interval(rows: Unseen, metric: Metric, draws: np.ndarray) -> Interval:
    return _between(metric.of(rows.y, rows.predicted), draws, rows)


def _between(value: float, draws: np.ndarray, rows: Unseen) -> Interval:
    known = draws[np.isfinite(draws)]
    low, high = np.percentile(known, _LEVELS) if len(known) and _units(rows) > 1 else (np.nan, np.nan)
    return Interval(
        value=_plain(value), low=_plain(low), high=_plain(high), n_rows=len(rows.y), of_rows=rows.of_rows
    )


def _pairs(
    entrants: Sequence[Entrant], seen: Sequence[Unseen], draws: Sequence[np.ndarray], metric: Metric
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
        if not reason:
            spread = sign * (draws[one] - draws[other])
            difference = _between(values[one] - values[other], spread, seen[one])
            told_apart = _told_apart(difference, spread, reach) and _units(seen[one]) >= _FEWEST
        pairs.append(Pair(one=one, other=other, reason=reason, difference=difference, told_apart=told_apart))
    return tuple(pairs)


def _told_apart(difference: Interval, draws: np.ndarray, reach: float) -> bool:
    """Whether 0 lies outside the interval of a difference, and outside the one that is widened for many."""
    value, low, high = difference.value, difference.low, difference.high
    if value is None or low is None or high is None or low <= 0 <= high:
        return False
    return abs(value) > reach * float(np.nanstd(draws, ddof=1))


def _units(rows: Unseen) -> int:
    """What is drawn: rows, or groups of them."""
    return len(rows.y) if rows.clusters is None else len(np.unique(rows.clusters))


def _plain(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
