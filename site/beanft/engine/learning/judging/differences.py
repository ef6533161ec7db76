"""The interval of a difference held against those of the two scores, so that it says nothing impossible."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from beanft.engine.claims import ALPHA
from beanft.engine.learning.judging.comparing import Comparison
from beanft.engine.learning.judging.perfect import doubt
from beanft.engine.learning.scoring.metric import Metric

_NOISE = 1e-12  # spreads below are rounding


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of two scores that are compared, on the scale on which more is better."""

    value: float
    """The score."""
    low: float
    """Lower end of its 95 % interval; nan where it is not known."""
    high: float
    """Upper end."""
    is_fixed: bool
    """Whether it is the same in every draw."""

    @classmethod
    def of(cls, interval: Mapping[str, float | None], drawn: np.ndarray, sign: int) -> "Side":
        """Turn a score, its interval and its draws so that more is better."""
        value, one, other = (
            math.nan if (end := interval.get(name)) is None else sign * end
            for name in ("value", "low", "high")
        )
        known = drawn[np.isfinite(drawn)]
        is_fixed = bool(len(known)) and float(np.ptp(known)) <= _NOISE * max(1.0, abs(value))
        return cls(value=value, low=min(one, other), high=max(one, other), is_fixed=is_fixed)


def within_reach(found: Comparison, own: Side, other: Side, metric: Metric, y: np.ndarray) -> Comparison:
    """Mend the interval of a difference where the draws make it too narrow, or longer than a score can be.

    Parameters
    ----------
    found : Comparison
        By the draws that both share: as much below as above the difference.
    own, other : Side
        The two scores.
    metric : Metric
        What they are scores of.
    y : array of shape (n_rows,)
        Class codes or numbers.

    Returns
    -------
    Comparison
        Against a guess that scores the same in every draw: the interval of the score itself, less the guess.
        Else no further than from the other's lower end to the best score there is, and no narrower than what
        a score that is perfect in every draw leaves open. Two that are equal in every draw are known to be
        equal only as far as so many rows can show.

    Examples
    --------
    >>> from beanft.engine.learning.metrics import METRIC
    >>> own = Side(value=0.98, low=0.92, high=0.995, is_fixed=False)
    >>> guess = Side(value=0.5, low=0.5, high=0.5, is_fixed=True)
    >>> found = Comparison(difference=0.48, low=0.455, high=0.506, p=0.001)
    >>> mended = within_reach(found, own, guess, METRIC["roc_auc"], np.array([0, 1] * 40))
    >>> round(mended.low, 3), round(mended.high, 3)
    (0.42, 0.495)
    """
    if not all(math.isfinite(end) for end in (found.low, found.high, own.low, other.low)):
        return found
    if other.is_fixed and other.low == other.high:
        return _from_guess(found, own, other)
    low, high = found.low, found.high
    if own.is_fixed and other.is_fixed:
        open_still = doubt(metric, y)
        low, high = found.difference - open_still, found.difference + open_still
    elif own.is_fixed:
        low = min(low, own.low - other.value)
    elif other.is_fixed:
        high = max(high, own.value - other.low)
    best = 1.0 if metric.greater_is_better else 0.0
    return replace(found, low=max(low, own.low - best), high=min(high, best - other.low))


def _from_guess(found: Comparison, own: Side, guess: Side) -> Comparison:
    """What is not shown by its p value must not look as if it were."""
    low, high = own.low - guess.value, own.high - guess.value
    if found.p > ALPHA:
        low, high = min(low, found.low), max(high, found.high)
    return replace(found, low=low, high=high)
