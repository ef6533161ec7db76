"""Paired comparisons: of fold scores by a corrected t-test, and of many runs at once by shared draws."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.special import gammaln, stdtr, stdtrit

from beanft.engine.claims import ALPHA

_NOISE = 1e-12  # differences below are rounding
_FEWEST_DRAWS = 50  # with fewer draws in which all scores are defined, nothing is claimed
_FEWEST_FOLDS = 3  # with fewer, the folds say nothing of their spread
_FEWEST_FOR_T = 5  # folds; with fewer the corrected t-test finds next to nothing
_NORMAL = 1.959964  # reach of a 95 % interval in standard errors


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A paired difference, positive when the first is better."""

    difference: float
    """How much better, in the metric's unit."""
    low: float
    """Lower end of the 95 % interval."""
    high: float
    """Upper end of the 95 % interval."""
    p: float
    """Two-sided p value, 0..1."""

    @property
    def clear(self) -> bool:
        """Whether the interval lies above 0."""
        return self.low > 0

    def facts(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self) | {"better": self.clear}


def compare(
    scores: Sequence[float], others: Sequence[float], *, greater_is_better: bool, test_to_train: float
) -> Comparison:
    """Compare the scores of two learners on the same folds.

    The corrected resampled t-test: the folds share training rows, so the variance of the mean is taken as
    (1/k + n_test/n_train) times the variance of the k differences.

    Parameters
    ----------
    scores, others : sequence of float of length n_scores
        Scores fold by fold.
    greater_is_better : bool
        Direction of the metric.
    test_to_train : float
        Rows tested for each row trained on, 1 / (folds - 1).

    Returns
    -------
    Comparison

    Notes
    -----
    Nadeau and Bengio (2003), Inference for the generalization error, Machine Learning 52.

    Examples
    --------
    >>> compare([0.9, 0.8, 0.85], [0.5, 0.5, 0.5], greater_is_better=True, test_to_train=0.5).clear
    True
    """
    differences = np.subtract(scores, others) * (1 if greater_is_better else -1)
    mean, k = float(differences.mean()), len(differences)
    if k < 2:
        return Comparison(difference=mean, low=-np.inf, high=np.inf, p=1.0)
    error = float(np.sqrt((1 / k + test_to_train) * differences.var(ddof=1)))
    if error <= _NOISE * max(1.0, abs(mean)):
        return Comparison(difference=mean, low=mean, high=mean, p=0.0 if abs(mean) > _NOISE else 1.0)
    reach = float(stdtrit(k - 1, 1 - ALPHA / 2)) * error
    p = float(2 * stdtr(k - 1, -abs(mean) / error))
    return Comparison(difference=mean, low=mean - reach, high=mean + reach, p=p)


def seen_in_folds(
    scores: Sequence[float],
    others: Sequence[float],
    *,
    greater_is_better: bool,
    test_to_train: float,
    growing: bool,
) -> bool:
    """Tell whether the folds bear a difference out that the draws of rows have shown.

    Parameters
    ----------
    scores, others : sequence of float
        Scores fold by fold.
    greater_is_better : bool
        Direction of the metric.
    test_to_train : float
        Rows tested for each row trained on.
    growing : bool
        Whether each fold learns from all that came before it. Three such folds differ in strength more than
        any t-test of 2 degrees of freedom can bear, so there, and where folds are so few anyway, one of the
        two must be ahead in each of them.

    Returns
    -------
    bool
        True also where the folds say nothing: fewer than three, or scores that are not defined.

    Examples
    --------
    >>> strengths, guess = [0.7, 0.52, 0.9, 0.51, 0.8], [0.5] * 5
    >>> told = {"greater_is_better": True, "test_to_train": 0.25}
    >>> [seen_in_folds(strengths, guess, growing=growing, **told) for growing in (True, False)]
    [True, False]
    """
    if min(len(scores), len(others)) < _FEWEST_FOLDS or len(scores) != len(others):
        return True
    if not np.isfinite([*scores, *others]).all():
        return True
    if growing or len(scores) < _FEWEST_FOR_T:
        ahead = np.subtract(scores, others)
        return bool((ahead > 0).all() or (ahead < 0).all())
    found = compare(scores, others, greater_is_better=greater_is_better, test_to_train=test_to_train)
    return found.p <= ALPHA


def paired(difference: float, drawn: np.ndarray, error: float, least_p: float) -> Comparison:
    """Compare two scores by the draws that both share.

    Parameters
    ----------
    difference : float
        How much better the first is on all rows.
    drawn : array of shape (n_draws,)
        The same in each draw.
    error : float
        Standard error of it, widened for few rows (`Draws.error`).
    least_p : float
        The smallest p value that so few rows can give (`least_p`).

    Returns
    -------
    Comparison

    Examples
    --------
    >>> drawn = np.linspace(-0.1, 0.3, 401)
    >>> paired(0.1, drawn, float(drawn.std()), 0.0).clear
    False
    """
    if not math.isfinite(difference) or np.isfinite(drawn).sum() < _FEWEST_DRAWS:
        return Comparison(difference=difference, low=-math.inf, high=math.inf, p=1.0)
    if error <= _NOISE * max(1.0, abs(difference)):
        p = least_p if abs(difference) > _NOISE else 1.0
        return Comparison(difference=difference, low=difference, high=difference, p=p)
    p = math.erfc(abs(difference) / error / math.sqrt(2))
    reach = _NORMAL * error
    return Comparison(
        difference=difference, low=difference - reach, high=difference + reach, p=max(p, least_p)
    )


def least_p(y: np.ndarray, *, classes: bool, clusters: np.ndarray | None = None) -> float:
    """Give the smallest p value that a table of so few rows can show.

    Were the target dealt out anew by chance, one of all the ways to deal it out would be the perfect one.

    Parameters
    ----------
    y : array of shape (n_rows,)
        Class codes or numbers.
    classes : bool
        Whether `y` holds class codes.
    clusters : array of shape (n_rows,), optional
        Groups, or blocks of time; then each of them can only be right or wrong as a whole.

    Returns
    -------
    float
        Between 0 and 1.

    Examples
    --------
    >>> round(least_p(np.array([0, 0, 0, 1, 1, 1]), classes=True), 3)
    0.05
    """
    if clusters is not None:
        return float(0.5 ** len(np.unique(clusters)))
    ways = float(gammaln(len(y) + 1))
    if classes:
        ways -= float(gammaln(np.bincount(y) + 1).sum())
    return math.exp(-ways)


def family_p(differences: np.ndarray, drawn: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """Give p values of many differences that hold when all are looked at together.

    Step-down over the largest of all standardised differences, drawn together: what Holm's correction does,
    but the many runs of one search mostly say the same, and this one knows that.

    Parameters
    ----------
    differences : array of shape (n_runs,)
        How much better each run is than the baseline.
    drawn : array of shape (n_runs, n_draws)
        The same in each draw.
    errors : array of shape (n_runs,)
        Standard errors, widened for few rows.

    Returns
    -------
    array of shape (n_runs,)
        Two-sided, 0..1.

    Notes
    -----
    Westfall and Young (1993), Resampling-based multiple testing.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(size=(2, 400))
    >>> p = family_p(np.array([5.0, 0.1]), noise, np.ones(2))
    >>> bool(p[0] < 0.01), bool(p[1] > 0.5)
    (True, True)
    """
    known = np.isfinite(drawn).all(axis=0)
    if known.sum() < _FEWEST_DRAWS:
        return np.ones(len(differences))
    sure = ~(errors > _NOISE)
    scale = np.where(sure, 1.0, errors)
    size = np.where(sure, np.where(np.abs(differences) > _NOISE, np.inf, 0.0), np.abs(differences) / scale)
    centred = drawn[:, known] - drawn[:, known].mean(axis=1, keepdims=True)
    own = centred.std(axis=1, ddof=1)
    chance = np.abs(centred) / np.where(own > _NOISE, own, 1.0)[:, None]
    order = np.argsort(size, kind="stable")
    largest = np.maximum.accumulate(chance[order], axis=0)  # of this run and all that show less
    p = ((largest >= size[order][:, None]).sum(axis=1) + 1) / (known.sum() + 1)
    adjusted = np.empty(len(size))
    adjusted[order] = np.maximum.accumulate(p[::-1])[::-1]
    return adjusted


def shortfall_p(values: np.ndarray, drawn: np.ndarray, widened: float) -> np.ndarray:
    """Give the chance that a run falls so far behind the best when it is as good.

    The best was picked for its score, so a run is held against the best of all of them in each draw too.

    Parameters
    ----------
    values : array of shape (n_runs,)
        Scores, greater is better.
    drawn : array of shape (n_runs, n_draws)
        The same in each draw.
    widened : float
        How much wider errors are for so few rows.

    Returns
    -------
    array of shape (n_runs,)
        Two-sided, 0..1; 1 for the best.

    Notes
    -----
    Hsu (1984), Constrained simultaneous confidence intervals for multiple comparisons with the best.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(size=(3, 400))
    >>> p = shortfall_p(np.array([0.1, 0.0, -9.0]), noise, 1.0)
    >>> float(p[0]), bool(p[1] > 0.5), bool(p[2] < 0.01)
    (1.0, True, True)
    """
    known = np.isfinite(drawn).all(axis=0)
    p = np.ones(len(values))
    if known.sum() < _FEWEST_DRAWS:
        return p
    noise = drawn[:, known] - drawn[:, known].mean(axis=1, keepdims=True)
    for k in np.flatnonzero(values < values.max()):
        ahead = noise - noise[k]
        error = ahead.std(axis=1, ddof=1) * widened
        same = error <= _NOISE * max(1.0, abs(float(values[k])))
        scale = np.where(same, 1.0, error)
        behind = values - values[k]
        if (same & (behind > _NOISE)).any():
            p[k] = 0.0
            continue
        observed = np.where(same, 0.0, behind / scale).max()
        chance = np.where(same[:, None], 0.0, ahead * widened / scale[:, None]).max(axis=0)
        p[k] = min(1.0, 2 * ((chance >= observed).sum() + 1) / (known.sum() + 1))
    return p
