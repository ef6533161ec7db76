"""Where a model fails: kinds of rows on which it errs more than on the others, beyond chance."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import hypergeom, norm, rankdata
from scipy.stats import t as student

from beanft.engine.charts.words import figure
from beanft.engine.claims import ALPHA, holm
from beanft.engine.learning.metrics import Metric
from beanft.engine.learning.reports.row_kinds import FEWEST_ROWS, RowKind, both, kinds_of_rows
from beanft.engine.learning.reports.scores import mean_interval, score_interval
from beanft.engine.learning.reports.shares import share_interval
from beanft.engine.plain import number, percent
from beanft.engine.tables.columns import Profile

MOST = 10
"""Kinds of rows that are told."""
ROWS = 50_000
"""Rows that are looked at; of more, a sample."""

_PAIRS_ALPHA = 0.01  # the part of ALPHA that pairs of columns have
_STRONGEST = 12  # kinds of rows of which pairs are made
_MOST_KINDS = 4_000  # kinds of rows that are looked at; very wide tables have more
_WORSE = 1.15  # times the error elsewhere: what is less says nothing worth acting on
_FEWEST_GROUPS = 5  # in which rows of a kind must lie, where rows were cut by groups


@dataclass(frozen=True, kw_only=True)
class _Errors:
    """The error of each row, and what is asked of it."""

    values: np.ndarray
    """1 for a wrong class and 0 for a right one, or the absolute residual; of shape (n_rows,)."""
    are_shares: bool
    """Whether they are wrong classes."""
    clusters: np.ndarray | None
    """Group of each row."""
    ranks: np.ndarray
    """Ranks of the errors, ties with their mean."""

    def p(self, inside: np.ndarray) -> float:
        """Chance that rows like these err so much more than the others if they were drawn by chance."""
        chance = self._share_p(inside) if self.are_shares else self._rank_p(inside)
        return chance if self.clusters is None else max(chance, self._group_p(inside, self.clusters))

    def _share_p(self, inside: np.ndarray) -> float:
        """Fisher's exact test."""
        n, wrong, n_inside = len(self.values), int(self.values.sum()), int(inside.sum())
        return float(hypergeom.sf(int(self.values[inside].sum()) - 1, n, wrong, n_inside))

    def _rank_p(self, inside: np.ndarray) -> float:
        """The rank sum test: heavy tails of an error do not mislead it."""
        n, n_inside = len(self.values), int(inside.sum())
        n_outside = n - n_inside
        spread = np.sqrt(n_inside * n_outside / (n - 1) * self.ranks.var())
        if not spread:
            return 1.0
        return float(norm.sf((self.ranks[inside].sum() - n_inside * (n + 1) / 2 - 0.5) / spread))

    def _group_p(self, inside: np.ndarray, clusters: np.ndarray) -> float:
        """Whether the difference is more than the groups differ by themselves."""
        difference = float(self.values[inside].mean() - self.values[~inside].mean())
        error, n_groups = self._group_error(inside, clusters), len(np.unique(clusters[inside]))
        if n_groups < _FEWEST_GROUPS or not error:
            return 1.0
        return float(student.sf(difference / error, n_groups - 1))

    def _group_error(self, inside: np.ndarray, clusters: np.ndarray) -> float:
        """Standard error of the difference with whole groups as units."""
        own = (self.values - self.values[inside].mean()) / inside.sum()
        other = (self.values - self.values[~inside].mean()) / (~inside).sum()
        sums = np.bincount(clusters, weights=np.where(inside, own, -other))
        return float(np.sqrt((sums**2).sum() * len(sums) / max(1, len(sums) - 1)))


def find_slices(
    X: pd.DataFrame,
    y: np.ndarray,
    predicted: np.ndarray,
    *,
    profile: Profile,
    metric: Metric,
    seed: int = 0,
    clusters: np.ndarray | None = None,
) -> dict[str, Any]:
    """Find the kinds of rows on which a model errs more than on the others.

    Values, ranges and missing values of each column are looked at, and pairs of those that are worst. The
    error of a row is whether its class is told wrong, or how far its number is off. A kind of rows is told
    when its rows err more than the others beyond chance, corrected for looking at many (Holm for single
    columns, Bonferroni over all possible pairs for pairs), and at least 15 % more.

    Parameters
    ----------
    X : DataFrame of shape (n_rows, n_columns)
        Raw columns, as `evidence.read_rows` gives them.
    y : array of shape (n_rows,)
        Class codes or numbers.
    predicted : array of shape (n_rows, n_classes) or (n_rows,)
        What the model said of these rows while they were unseen.
    profile : Profile
        The profile of the table.
    metric : Metric
        The headline, which is given for each kind of rows that is told.
    seed : int, default 0
        Seed of the sample and of the resamples.
    clusters : array of shape (n_rows,), optional
        What belongs together, see `judging.intervals.clusters_of`.

    Returns
    -------
    dict
        error (wrong for the share told wrong, off for the mean absolute error), n_rows of of_rows, looked
        (kinds of rows looked at), pairs (possible pairs), fewest (rows of a kind), metric, and found, worst
        first: words, filters (triples of column, operator, value), n_rows, error {value, low, high},
        elsewhere (the error there), score {value, low, high} of the headline and score_elsewhere, p
        (corrected) and sentence.
    """
    chosen = np.arange(len(y))
    if len(y) > ROWS:
        chosen = np.sort(np.random.default_rng(seed).choice(len(y), ROWS, replace=False))
    part, truth, guess = X.iloc[chosen], y[chosen], predicted[chosen]
    errors = _errors(truth, guess, None if clusters is None else clusters[chosen])
    kinds = kinds_of_rows(part, profile)[:_MOST_KINDS]
    n_pairs = _possible_pairs(kinds)
    weak = _distinct(_weak(kinds, errors, n_pairs), errors)[:MOST]
    return {
        "error": "wrong" if errors.are_shares else "off",
        "n_rows": len(chosen),
        "of_rows": len(y),
        "looked": len(kinds),
        "pairs": n_pairs,
        "fewest": FEWEST_ROWS,
        "metric": metric.key,
        "found": [_told(kind, p, errors, truth, guess, metric, seed) for kind, p in weak],
    }


def _errors(y: np.ndarray, predicted: np.ndarray, clusters: np.ndarray | None) -> _Errors:
    are_shares = predicted.ndim == 2
    values = (predicted.argmax(axis=1) != y).astype(float) if are_shares else np.abs(y - predicted)
    codes = None if clusters is None else np.unique(clusters, return_inverse=True)[1]
    return _Errors(values=values, are_shares=are_shares, clusters=codes, ranks=rankdata(values))


def _weak(kinds: Sequence[RowKind], errors: _Errors, n_pairs: int) -> list[tuple[RowKind, float]]:
    """The kinds that err more beyond chance with their corrected chances, those that err most first."""
    chances = [errors.p(kind.inside) for kind in kinds]
    alpha = ALPHA - _PAIRS_ALPHA if n_pairs else ALPHA
    single = [
        (kind, p)
        for kind, p in zip(kinds, holm(chances), strict=True)
        if p <= alpha and _is_worse(kind.inside, errors)
    ]
    order = np.argsort(chances, kind="stable")[:_STRONGEST]
    found = single + _weak_pairs([kinds[at] for at in order], errors, n_pairs)
    return sorted(found, key=lambda one: -_excess(one[0].inside, errors))


def _weak_pairs(strongest: Sequence[RowKind], errors: _Errors, n_pairs: int) -> list[tuple[RowKind, float]]:
    """Pairs that err more than either of their kinds alone; corrected as if all pairs were looked at."""
    found = []
    for one, other in combinations(strongest, 2):
        if one.columns == other.columns:
            continue
        pair = both(one, other)
        if not FEWEST_ROWS <= pair.n_rows <= len(errors.values) - FEWEST_ROWS:
            continue
        p = min(1.0, errors.p(pair.inside) * n_pairs)
        if p <= _PAIRS_ALPHA and all(_adds(pair, kind, errors) for kind in (one, other)):
            found.append((pair, p))
    return found


def _adds(pair: RowKind, kind: RowKind, errors: _Errors) -> bool:
    """Whether the rows of a pair err clearly more than the other rows of one of its kinds."""
    rest = kind.inside & ~pair.inside
    if rest.sum() < FEWEST_ROWS:
        return False
    values = errors.values
    inside, outside = values[pair.inside], values[rest]
    error = np.sqrt(inside.var() / len(inside) + outside.var() / len(outside))
    return bool(inside.mean() - outside.mean() > 2 * error and inside.mean() > _WORSE * outside.mean())


def _possible_pairs(kinds: Sequence[RowKind]) -> int:
    """Pairs of kinds by different columns."""
    n_by_column = np.unique([kind.columns[0] for kind in kinds], return_counts=True)[1]
    n = int(n_by_column.sum())
    return (n * n - int((n_by_column**2).sum())) // 2


def _is_worse(inside: np.ndarray, errors: _Errors) -> bool:
    return bool(errors.values[inside].mean() > _WORSE * errors.values[~inside].mean())


def _excess(inside: np.ndarray, errors: _Errors) -> float:
    return float(errors.values[inside].mean() - errors.values[~inside].mean())


def _distinct(found: Sequence[tuple[RowKind, float]], errors: _Errors) -> list[tuple[RowKind, float]]:
    """Leave those out that are weak only by rows of ones before."""
    kept: list[tuple[RowKind, float]] = []
    covered = np.zeros(len(errors.values), dtype=bool)
    for kind, p in found:
        new, rest = kind.inside & ~covered, ~kind.inside & ~covered
        is_new = new.sum() >= FEWEST_ROWS and rest.any()
        if is_new and errors.values[new].mean() > _WORSE * errors.values[rest].mean():
            kept.append((kind, p))
            covered |= kind.inside
    return kept


def _told(
    kind: RowKind,
    p: float,
    errors: _Errors,
    y: np.ndarray,
    predicted: np.ndarray,
    metric: Metric,
    seed: int,
) -> dict[str, Any]:
    inside = kind.inside
    within = None if errors.clusters is None else errors.clusters[inside]
    error, elsewhere = _error(errors, inside, seed), float(errors.values[~inside].mean())
    return {
        "words": kind.words,
        "filters": [[one.column, one.operator, one.value] for one in kind.link],
        "n_rows": kind.n_rows,
        "error": error,
        "elsewhere": elsewhere,
        "score": score_interval(metric, y[inside], predicted[inside], clusters=within, seed=seed),
        "score_elsewhere": number(metric.of(y[~inside], predicted[~inside])),
        "p": number(p),
        "sentence": _sentence(kind, error, elsewhere, are_shares=errors.are_shares),
    }


def _error(errors: _Errors, inside: np.ndarray, seed: int) -> dict[str, float | None]:
    """The mean error of some rows with its 95 % interval."""
    values = errors.values[inside]
    if errors.are_shares and errors.clusters is None:
        return share_interval(int(values.sum()), len(values))
    clusters = None if errors.clusters is None else errors.clusters[inside]
    return mean_interval(values, clusters=clusters, seed=seed)


def _sentence(kind: RowKind, error: dict[str, float | None], elsewhere: float, *, are_shares: bool) -> str:
    say = percent if are_shares else figure
    value, low, high = (say(error[key]) for key in ("value", "low", "high"))
    interval = f"(95 % interval {low} to {high}), elsewhere {say(elsewhere)}."
    if are_shares:
        return f"Where {kind.words}, {value} of {kind.n_rows:,} rows are told wrong {interval}"
    return f"Where {kind.words}, the {kind.n_rows:,} predictions are off by {value} on average {interval}"
