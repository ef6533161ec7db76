"""From the bootstrap draws of a score to its interval, and when no interval can be trusted."""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.special import expit, logit, ndtr, ndtri, stdtrit

from beanft.engine.learning.scoring.metric import Metric
from beanft.engine.plain import number

_LEAST_FREEDOM = 3.0
_FARTHEST = 0.5  # of the correction for bias, in standard errors: more is an accident of few values
_SQUARED = ("rmse", "r2")
_FEW_DECIDE = "A few large errors decide this score; the interval may be too narrow."


@dataclass(frozen=True, kw_only=True)
class Pull:
    """How unevenly the rows pull at a score."""

    skewness: float = 0.0
    """The acceleration of Efron's BCa interval."""
    freedom: float = math.inf
    """Degrees of freedom of its variance (Satterthwaite): few where some rows weigh much."""
    error: float | None = None
    """Standard error of a score between 0 and 1, known without the draws; they are then not looked at."""

    @classmethod
    def of(cls, scores: np.ndarray) -> Self:
        """Tell it from the scores without each part of the rows; even where one of them is not defined."""
        pull = scores.mean() - scores
        square = float((pull**2).sum())
        if not math.isfinite(square) or square <= 0:
            return cls()
        tails = float((pull**4).sum()) * len(pull) / square**2
        freedom = max(_LEAST_FREEDOM, 2 * len(pull) / max(1e-6, tails - 1))
        return cls(skewness=float((pull**3).sum()) / (6 * square**1.5), freedom=freedom)


EVEN = Pull()
"""No row pulls more than another."""


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
        How unevenly the units pull at the score. Where it knows the standard error, the interval is that of
        a t-distribution on the scale of log odds.

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
        return {"value": number(value), "low": None, "high": None}
    tail = (1 - level) / 2
    if pull.error is not None:
        return _of_odds(value, pull.error, float(stdtrit(pull.freedom, 1 - tail)))
    freedom = max(1.0, min(n_units - 1, pull.freedom))
    reach = float(stdtrit(freedom, 1 - tail)) * math.sqrt(n_units / max(1, n_units - 1))
    below = float((known < value).mean() + (known == value).mean() / 2)
    bias = float(np.clip(ndtri(below), -_FARTHEST, _FARTHEST))
    ends = bias + np.array([-reach, reach])
    low, high = np.quantile(known, ndtr(bias + ends / (1 - pull.skewness * ends)))
    if math.isfinite(value):
        low, high = min(low, value), max(high, value)
    return {"value": number(value), "low": number(low), "high": number(high)}


def _of_odds(value: float, error: float, reach: float) -> dict[str, float | None]:
    """An interval that is even on the scale of log odds, so that it stays between 0 and 1."""
    if not 0 < value < 1:
        return {"value": number(value), "low": None, "high": None}
    ends = logit(value) + np.array([-reach, reach]) * error / (value * (1 - value))
    low, high = expit(ends)
    return {"value": number(value), "low": number(low), "high": number(high)}


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
