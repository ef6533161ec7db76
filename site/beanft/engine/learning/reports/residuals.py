"""How far off a regression is: residuals, points to draw, and the error by range of the numbers."""

from typing import Any

import numpy as np

from beanft.engine.learning.reports.scores import mean_interval
from beanft.engine.plain import number

POINTS = 1_000
"""Predicted-against-true points kept."""
RANGES = 8
"""Most ranges of the true and of the predicted numbers, each with about as many rows."""

_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_FEWEST = 20  # rows of a range
_MOST_DRAWN = 5_000  # rows of a range that are drawn from; the spread is scaled to all


def residuals(y: np.ndarray, predicted: np.ndarray, seed: int) -> dict[str, Any]:
    """Sample predicted-against-true points and give the quantiles of the residuals (true - predicted).

    Parameters
    ----------
    y : array of shape (n_rows,)
        True numbers in the target's unit, none missing, one row or more.
    predicted : array of shape (n_rows,)
        Predicted numbers in the same unit.
    seed : int
        Seed of the sample, which is drawn only when there are more than `POINTS` rows, and of the intervals.

    Returns
    -------
    dict
        points {true, predicted, n, of}: the points shown and how many of how many they are; residuals: share
        of the rows below, as text, to residual in the target's unit, over all rows; errors {by_true,
        by_predicted}: see `by_range`.

    Examples
    --------
    >>> residuals(np.array([1.0, 2.0, 3.0]), np.array([1.0, 1.0, 1.0]), seed=0)["residuals"]["0.5"]
    1.0
    """
    shown = np.arange(len(y))
    if len(y) > POINTS:
        shown = np.sort(np.random.default_rng(seed).choice(len(y), POINTS, replace=False))
    predicted = predicted.astype(float)
    return {
        "points": {
            "true": [number(value) for value in y[shown]],
            "predicted": [_short(value) for value in predicted[shown]],
            "n": len(shown),
            "of": len(y),
        },
        "residuals": quantiles_of(y - predicted),
        "errors": {
            "by_true": by_range(y, y - predicted, seed),
            "by_predicted": by_range(predicted, y - predicted, seed),
        },
    }


def by_range(values: np.ndarray, residual: np.ndarray, seed: int) -> list[dict[str, Any]]:
    """Give the errors by range of the true or of the predicted numbers.

    Parameters
    ----------
    values : array of shape (n_rows,)
        True or predicted numbers.
    residual : array of shape (n_rows,)
        True minus predicted.
    seed : int
        Seed of the resamples behind the intervals.

    Returns
    -------
    list of dict
        Range by range, with low and high (its ends), n_rows, error and bias {value, low, high}: the mean
        absolute error and the mean residual with 95 % intervals, and quantiles of the residuals.

    Examples
    --------
    >>> [one["n_rows"] for one in by_range(np.arange(40.0), np.ones(40), seed=0)]
    [20, 20]
    """
    n_ranges = max(1, min(RANGES, len(values) // _FEWEST))
    edges = np.unique(np.quantile(values, np.linspace(0, 1, n_ranges + 1)))
    place = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, max(0, len(edges) - 2))
    found = []
    for at in np.unique(place):
        inside = place == at
        part = residual[inside]
        found.append(
            {
                "low": _short(edges[at]),
                "high": _short(edges[min(at + 1, len(edges) - 1)]),
                "n_rows": int(inside.sum()),
                "error": mean_interval(np.abs(part), seed=seed, max_rows=_MOST_DRAWN),
                "bias": mean_interval(part, seed=seed, max_rows=_MOST_DRAWN),
                "quantiles": quantiles_of(part),
            }
        )
    return found


def quantiles_of(residual: np.ndarray) -> dict[str, float | None]:
    """Give the quantiles of the residuals.

    Parameters
    ----------
    residual : array of shape (n_rows,)
        True minus predicted, one row or more.

    Returns
    -------
    dict
        Share of the rows below, as text, to residual in the target's unit.

    Examples
    --------
    >>> quantiles_of(np.array([1.0, 2.0, 3.0]))["0.5"]
    2.0
    """
    quantiles = np.quantile(residual, _QUANTILES)
    return {f"{share:g}": number(value) for share, value in zip(_QUANTILES, quantiles, strict=True)}


def _short(value: float) -> float | None:
    """Seven digits: what was kept of a prediction as float32."""
    known = number(value)
    return None if known is None else float(f"{known:.7g}")
