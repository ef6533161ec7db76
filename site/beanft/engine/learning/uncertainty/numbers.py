"""Intervals around predicted numbers, set so that a wanted share of unseen rows lies inside."""

from dataclasses import dataclass

import numpy as np

from beanft.engine.learning.uncertainty.quantiles import LEVELS
from beanft.engine.learning.uncertainty.scales import Scale

ONE, BOTH = "one", "both"
"""Whether the bounds are as far below as above, or each side has its own."""

_ROUNDED = 1e-6  # predictions are kept with seven digits: bounds are given so much more


@dataclass(frozen=True, kw_only=True)
class Bands:
    """What makes an interval of a predicted number."""

    scale: Scale
    """How large an error is to be expected."""
    shape: str
    """one or both."""
    bounds: np.ndarray
    """Lower and upper bound for each of LEVELS in units of the scale, of shape (n_levels, 2); infinite where
    the rows are too few."""
    whole: bool
    """Whether the target has whole numbers only."""
    positive: bool
    """Whether it never was below 0."""

    def around(
        self, predicted: np.ndarray, matrix: np.ndarray, level: float
    ) -> tuple[np.ndarray, np.ndarray]:
        """Give the bounds of intervals; a row's bounds do not depend on the rows around it.

        Parameters
        ----------
        predicted : array of shape (n_rows,)
            Numbers.
        matrix : array of shape (n_rows, n_parts)
            Numbers of the columns; not looked at unless the scale is by columns.
        level : float
            One of LEVELS.

        Returns
        -------
        tuple of (array, array)
            Of shape (n_rows,); NaN where the level has no finite bounds.
        """
        return self.bounded(predicted, *self.uncut(predicted, matrix, level))

    def uncut(self, predicted: np.ndarray, matrix: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
        """Give the bounds as the errors set them, before anything is left out: their width is what is known.

        Parameters
        ----------
        predicted, matrix, level
            As for `around`.

        Returns
        -------
        tuple of (array, array)
            Of shape (n_rows,); NaN where the level has no finite bounds.
        """
        lower, upper = self.bounds[LEVELS.index(level)]
        if not np.isfinite([lower, upper]).all():
            return np.full(len(predicted), np.nan), np.full(len(predicted), np.nan)
        size = self.scale.of(predicted, matrix)
        return predicted + lower * size, predicted + upper * size

    def bounded(
        self, predicted: np.ndarray, low: np.ndarray, high: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Hold the prediction inside, leave out what cannot be, and round outwards what was kept rounded."""
        spare = _ROUNDED * np.maximum(np.abs(low), np.abs(high))
        low, high = np.minimum(low - spare, predicted), np.maximum(high + spare, predicted)
        if self.whole:  # whole numbers only: none is lost, and at least the nearest stays
            nearest = np.rint(predicted)
            low, high = np.minimum(np.ceil(low), nearest), np.maximum(np.floor(high), nearest)
        if self.positive:
            low, high = np.maximum(low, np.minimum(predicted, 0.0)), np.maximum(high, 0.0)
        return low, high
