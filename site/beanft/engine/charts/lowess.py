"""Smooth curves through points: local straight lines with tricube weights (lowess), with their errors."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

SPAN = 2 / 3
"""Share of the rows that each local line is fitted to, the nearest ones."""


@dataclass(frozen=True)
class Curve:
    """A smooth curve at some places."""

    at: Numbers
    """Places, rising."""
    value: Numbers
    """Height of the curve."""
    error: Numbers
    """Standard error of each height."""


def lowess(x: Numbers, y: Numbers, n_places: int = 60) -> Curve:
    """Fit a local straight line around each of some places.

    Weights fall with the cube of the cube of the distance, to zero at the farthest of the nearest two thirds
    of the rows. Every height is a weighted sum of y; its error takes each row's own deviation from the
    curve, enlarged by how much the row pulls the curve (HC3), so the spread need not be equal everywhere.

    Parameters
    ----------
    x, y : array of float
        Points, at least two different x.
    n_places : int
        Number of places, evenly from the smallest to the largest x.

    Returns
    -------
    Curve
        The curve with its errors.

    Examples
    --------
    >>> x = np.arange(20.0)
    >>> bool(np.allclose(lowess(x, 2 * x, 5).value, 2 * np.linspace(0, 19, 5)))
    True
    """
    at = np.linspace(x.min(), x.max(), n_places)
    weights = _weights(x, at)
    value = weights.shares @ y
    deviation = (y - np.interp(x, at, value)) / (1 - np.clip(np.interp(x, at, weights.pull), 0, 0.99))
    return Curve(at, value, np.sqrt((weights.shares**2) @ deviation**2))


@dataclass(frozen=True)
class _Weights:
    """What each row adds to each height."""

    shares: Numbers
    """Weight of each row (columns) in each height (rows)."""
    pull: Numbers
    """Weight that a row at the place itself would have."""


def _weights(x: Numbers, at: Numbers) -> _Weights:
    away = x[None, :] - at[:, None]
    distance = np.abs(away)
    nearest = min(max(int(np.ceil(SPAN * x.size)), 3), x.size) - 1
    reach = np.partition(distance, nearest, axis=1)[:, nearest : nearest + 1]
    # Where two thirds of the rows share one x, the reach widens to the next one.
    farther = np.where(distance > reach, distance, np.inf).min(axis=1, keepdims=True)
    reach = np.where(reach > 0, reach, np.where(np.isfinite(farther), farther, 1.0)) * (1 + 1e-9)
    kernel = np.clip(1 - (distance / reach) ** 3, 0, None) ** 3
    s0, s1, s2 = kernel.sum(1), (kernel * away).sum(1), (kernel * away**2).sum(1)
    spread = s0 * s2 - s1**2
    straight = spread > 1e-12 * s0**2 * reach[:, 0] ** 2  # else only one x is near: its mean
    spread = np.where(straight, spread, 1.0)
    tilt = np.where(straight, s1 / spread, 0.0)
    level = np.where(straight, s2 / spread, 1 / s0)
    return _Weights(kernel * (level[:, None] - tilt[:, None] * away), level)
