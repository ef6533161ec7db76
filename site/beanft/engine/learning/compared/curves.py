"""Curves of what a model said of unseen rows: hits against false alarms, said against seen, errors."""

from dataclasses import dataclass

import numpy as np

MOST_POINTS = 200
"""Points of a ROC curve that are kept."""
_BINS = 10
_FEWEST_IN_BIN = 20  # fewer rows say nothing of a share
_SHARES = tuple(round(0.05 * step, 2) for step in range(1, 20))
_REACH = 1.959964  # of a 95 % interval, in standard errors


@dataclass(frozen=True, kw_only=True)
class Curve:
    """Points of a curve, with intervals where they have any."""

    x: tuple[float, ...]
    """Places from left to right."""
    y: tuple[float, ...]
    """Heights there."""
    low: tuple[float, ...] = ()
    """Lower ends of the 95 % intervals of the heights."""
    high: tuple[float, ...] = ()
    """Upper ends of them."""


def roc(y: np.ndarray, chance: np.ndarray) -> Curve:
    """Draw the share of the second class found against the share of the first taken for it.

    Parameters
    ----------
    y : array of shape (n_rows,)
        Class codes, 0 or 1.
    chance : array of shape (n_rows,)
        Probability of the second class.

    Returns
    -------
    Curve
        From (0, 0) to (1, 1), at most `MOST_POINTS` points; none where a class is missing.

    Examples
    --------
    >>> roc(np.array([0, 1, 1]), np.array([0.5, 0.9, 0.1])).y
    (0.0, 0.5, 0.5, 1.0)
    """
    n_second = int((y == 1).sum())
    n_first = len(y) - n_second
    if not n_second or not n_first:
        return Curve(x=(), y=())
    order = np.argsort(-chance, kind="stable")
    ends = np.flatnonzero(np.r_[np.diff(chance[order]) != 0, True])
    found = np.cumsum(y[order] == 1)[ends] / n_second
    alarms = np.cumsum(y[order] == 0)[ends] / n_first
    x, height = np.r_[0.0, alarms], np.r_[0.0, found]
    if len(x) > MOST_POINTS:
        kept = np.unique(np.linspace(0, len(x) - 1, MOST_POINTS).round().astype(int))
        x, height = x[kept], height[kept]
    return Curve(x=tuple(x.tolist()), y=tuple(height.tolist()))


def calibration(y: np.ndarray, predicted: np.ndarray) -> Curve:
    """Draw how often what was said came true against the probability that was said.

    Of two classes the second one is meant; of more, the class that got the highest probability.

    Parameters
    ----------
    y : array of shape (n_rows,)
        Class codes.
    predicted : array of shape (n_rows, n_classes)
        Probabilities.

    Returns
    -------
    Curve
        Up to ten points of equally many rows, each with the 95 % interval of its share (Wilson 1927).

    Examples
    --------
    >>> y, said = np.array([0, 1] * 20), np.full(40, 0.5)
    >>> calibration(y, np.stack([1 - said, said], axis=1)).y
    (0.5,)
    """
    if predicted.shape[1] == 2:
        said, true = predicted[:, 1], (y == 1).astype(float)
    else:
        said, true = predicted.max(axis=1), (predicted.argmax(axis=1) == y).astype(float)
    points = [
        (float(said[part].mean()), *_wilson(float(true[part].mean()), len(part))) for part in _parts(said)
    ]
    return _curve(points)


def errors(y: np.ndarray, predicted: np.ndarray) -> Curve:
    """Draw how large the error is at most for a share of the rows.

    Parameters
    ----------
    y, predicted : array of shape (n_rows,)
        True and predicted numbers in the target's unit.

    Returns
    -------
    Curve
        Absolute errors at the shares 5 % to 95 %.

    Examples
    --------
    >>> errors(np.zeros(3), np.array([1.0, -2.0, 3.0])).y[9]
    2.0
    """
    if len(y) == 0:
        return Curve(x=(), y=())
    sizes = np.quantile(np.abs(y - predicted), _SHARES)
    return Curve(x=_SHARES, y=tuple(sizes.tolist()))


def truth(y: np.ndarray, predicted: np.ndarray) -> Curve:
    """Draw the mean of the truth against the mean of what was predicted.

    Parameters
    ----------
    y, predicted : array of shape (n_rows,)
        True and predicted numbers in the target's unit.

    Returns
    -------
    Curve
        Up to ten points of equally many rows, each with the 95 % interval of its mean.

    Examples
    --------
    >>> truth(np.arange(40.0), np.arange(40.0)).x
    (9.5, 29.5)
    """
    points = []
    for part in _parts(predicted):
        mean = float(y[part].mean())
        reach = _REACH * float(y[part].std(ddof=1)) / len(part) ** 0.5 if len(part) > 1 else 0.0
        points.append((float(predicted[part].mean()), mean, mean - reach, mean + reach))
    return _curve(points)


def _parts(said: np.ndarray) -> list[np.ndarray]:
    """Rows in parts of about equal size by what was said of them; equal answers stay together."""
    n_parts = min(_BINS, max(1, len(said) // _FEWEST_IN_BIN))
    order = np.argsort(said, kind="stable")
    answers = said[order]
    cuts = [round(len(said) * step / n_parts) for step in range(1, n_parts)]
    cuts = sorted({int(np.searchsorted(answers, answers[cut], side="left")) for cut in cuts} - {0})
    return [part for part in np.split(order, cuts) if len(part)]


def _wilson(share: float, n: int) -> tuple[float, float, float]:
    """A share with the ends of its interval."""
    z2 = _REACH**2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    reach = _REACH / (1 + z2 / n) * (share * (1 - share) / n + z2 / (4 * n * n)) ** 0.5
    return share, max(0.0, middle - reach), min(1.0, middle + reach)


def _curve(points: list[tuple[float, float, float, float]]) -> Curve:
    x, y, low, high = zip(*points, strict=True) if points else ((), (), (), ())
    return Curve(x=x, y=y, low=low, high=high)
