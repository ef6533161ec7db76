"""Sets intervals on rows that were predicted while unseen: which scale, one side or two, how wide."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri

from beanft.engine.learning.resampling import count_units
from beanft.engine.learning.uncertainty.numbers import BOTH, ONE, Bands
from beanft.engine.learning.uncertainty.quantiles import LEVELS, blocks_of, parts_of, tails, upper_quantile
from beanft.engine.learning.uncertainty.scales import Even, Scale, fit_by_prediction

_BOTH_ROWS, _SCALE_ROWS, _COLUMNS_ROWS = 100, 150, 500  # from which a finer form is tried
_BEYOND_NOISE = 2.0  # standard errors by which it must be better than the simpler one
_SURELY = 3.5  # standard errors of a rank correlation of 0: one in 4,000 by chance
_CHOSEN_AT = 0.9
_NARROWEST = 0.85  # of the width, however much the folds' models differ
_WIDEST = 1.5  # times as wide, however much errors grew: what comes may be as the past again
_WHOLE = 2.0**53

FitColumns = Callable[[np.ndarray, np.ndarray, np.ndarray], Scale]
"""(predicted, matrix, errors) -> Scale."""


@dataclass(frozen=True, kw_only=True)
class Apart:
    """What the models of the folds say of rows that none of them has learned from; no truth is looked at."""

    said: np.ndarray
    """Predictions of shape (n_folds, n_rows)."""
    matrix: np.ndarray
    """Numbers of the columns, of shape (n_rows, n_parts)."""


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """Bands, with what they would have said of each row without it."""

    bands: Bands
    """Set on all rows."""
    low: np.ndarray
    """Lower bounds of the rows, each set on the other parts of them (on earlier ones, where rows are in the
    order of time), of shape (n_levels, n_rows); NaN for rows that have none."""
    high: np.ndarray
    """Upper bounds."""
    widened: tuple[float, ...]
    """For each level: by which factor later rows needed wider intervals than earlier ones; 1 without time."""


def fit_bands(
    y: np.ndarray,
    predicted: np.ndarray,
    *,
    matrix: np.ndarray | None = None,
    clusters: np.ndarray | None = None,
    moments: np.ndarray | None = None,
    apart: Apart | None = None,
    seed: int = 0,
    fit_columns: FitColumns | None = None,
) -> Fitted:
    """Set intervals on rows that were predicted while unseen.

    Every scale is fitted to parts of the rows and measured on the others. A finer one, or a side of its own
    for errors above and below, is taken only where its interval score (Gneiting and Raftery 2007: width plus
    what misses cost) at 90 % is better by two standard errors of the paired difference. That score follows
    the few rows that miss, so a finer scale is also taken where it is better by less, if the sizes of all
    errors go with it beyond chance: intervals of one width hold on average, and not where errors are large.

    Parameters
    ----------
    y : array of shape (n_rows,)
        The truth.
    predicted : array of shape (n_rows,)
        What was said of each row by models that had not learned from it.
    matrix : array of shape (n_rows, n_parts), optional
        Numbers of the columns.
    clusters : array of shape (n_rows,), optional
        Group of each row: the bounds then hold for a row of a new group.
    moments : array of shape (n_rows,), optional
        Moment of each row: bounds set on earlier rows are then tried on later ones, and widened as needed.
    apart : Apart, optional
        How far the models of the folds lie apart. Their average is used, whose errors are smaller than those
        of one by just that much: mean (y - f_k)² = (y - mean f)² + mean (f_k - mean f)².
    seed : int
        Decides the parts.
    fit_columns : callable, optional
        Learns the size of the errors from the columns; tried with many rows only.

    Returns
    -------
    Fitted

    Examples
    --------
    >>> y = np.tile([-1.5, 1.5], 50)
    >>> low, high = fit_bands(y, np.zeros(100)).bands.around(np.array([0.5]), np.zeros((1, 0)), 0.9)
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([-1.0], [2.0])
    """
    part = parts_of(len(y), clusters, seed) if moments is None else blocks_of(moments)
    rows = _Rows(
        y=y,
        predicted=predicted,
        matrix=np.zeros((len(y), 0)) if matrix is None else matrix,
        clusters=clusters,
        part=part,
        forward=moments is not None and part.max(initial=0) > 0,
    )
    fits = _fits(rows, fit_columns)
    sizes = [rows.unseen_sizes(fit) for fit in fits]
    shapes = (ONE, BOTH) if rows.n_units >= _BOTH_ROWS else (ONE,)
    tried = [(i, shape) for i in range(len(fits)) for shape in shapes]
    costs = [rows.cost(sizes[i], shape) for i, shape in tried]
    seen = [rows.goes_with(size) for size in sizes]
    chosen = 0
    for place in range(1, len(tried)):
        is_finer = tried[place][0] > tried[chosen][0] and seen[tried[place][0]] > seen[tried[chosen][0]]
        if rows.is_better(costs[place], costs[chosen], 0.0 if is_finer else _BEYOND_NOISE):
            chosen = place
    i, shape = tried[chosen]
    return _set(rows, fits[i], sizes[i], shape, apart)


@dataclass(frozen=True, kw_only=True)
class _Rows:
    """Rows that intervals are set on, and the parts that they are measured in."""

    y: np.ndarray
    predicted: np.ndarray
    matrix: np.ndarray
    clusters: np.ndarray | None
    part: np.ndarray
    forward: bool
    """Whether only earlier parts may say what is to be expected of a part."""

    @property
    def errors(self) -> np.ndarray:
        """Signed errors."""
        apart: np.ndarray = self.y - self.predicted
        return apart

    @property
    def n_units(self) -> int:
        """Rows, or clusters of them."""
        return count_units(len(self.y), self.clusters)

    def others(self, one: int) -> np.ndarray:
        """Rows that may say what is to be expected of a part; none for the earliest."""
        return self.part < one if self.forward else self.part != one

    def unseen_sizes(self, fit: "_Fit") -> np.ndarray:
        """The scale of each row, fitted to the parts without it; to later ones for the earliest."""
        sizes = np.empty(len(self.y))
        for one in np.unique(self.part):
            own, others = self.part == one, self.others(one)
            if not others.any():
                others = ~own if not own.all() else own
            sizes[own] = fit(self, others).of(self.predicted[own], self.matrix[own])
        return sizes

    def unseen_units(self, sizes: np.ndarray, shape: str, level: float) -> np.ndarray:
        """Bounds for each row in units of the scale, set on the parts without it; of shape (n_rows, 2)."""
        scores, found = self.errors / sizes, np.full((len(self.y), 2), np.nan)
        for one in np.unique(self.part):
            others = self.others(one)
            if others.any():
                clusters = None if self.clusters is None else self.clusters[others]
                found[self.part == one] = _bounds(scores[others], shape, level, clusters)
        return found

    def cost(self, sizes: np.ndarray, shape: str) -> np.ndarray:
        """Interval score of each row; NaN for the earliest."""
        units = self.unseen_units(sizes, shape, _CHOSEN_AT)
        low, high = self.predicted + units[:, 0] * sizes, self.predicted + units[:, 1] * sizes
        missed = np.maximum(low - self.y, 0) + np.maximum(self.y - high, 0)
        cost: np.ndarray = high - low + 2 / (1 - _CHOSEN_AT) * missed
        return cost

    def goes_with(self, sizes: np.ndarray) -> bool:
        """Whether errors are larger where a scale says so, beyond chance; a cluster counts as one row."""
        errors = np.abs(self.errors)
        if np.ptp(sizes) == 0 or np.ptp(errors) == 0 or self.n_units < _SCALE_ROWS:
            return False
        # Spearman's, without scipy.stats, which would hold 46 MB in every web process.
        together = np.corrcoef([pd.Series(one).rank().to_numpy() for one in (sizes, errors)])[0, 1]
        return bool(together * np.sqrt(self.n_units - 1) > _SURELY)

    def is_better(self, cost: np.ndarray, other: np.ndarray, beyond: float) -> bool:
        """Whether costs are lower by so many standard errors; rows of a cluster count as one."""
        saved, measured = other - cost, ~np.isnan(other)
        if not measured.any() or not np.isfinite(saved[measured]).all():
            return False
        off = np.where(measured, saved - saved[measured].mean(), 0.0)
        if self.clusters is not None:
            off = np.bincount(np.unique(self.clusters, return_inverse=True)[1], weights=off)
        return bool(saved[measured].sum() > beyond * np.sqrt((off**2).sum()))


_Fit = Callable[[_Rows, np.ndarray], Scale]


def _fits(rows: _Rows, fit_columns: FitColumns | None) -> Sequence[_Fit]:
    """Ways to find a scale, the simplest first."""

    def by_prediction(own: _Rows, some: np.ndarray) -> Scale:
        return fit_by_prediction(own.predicted[some], np.abs(own.errors[some]))

    def by_columns(own: _Rows, some: np.ndarray) -> Scale:
        assert fit_columns is not None  # noqa: S101  # for mypy: it is among the ways only then
        return fit_columns(own.predicted[some], own.matrix[some], np.abs(own.errors[some]))

    fits: list[_Fit] = [lambda own, some: Even()]  # noqa: ARG005  # the same for any rows
    if rows.n_units >= _SCALE_ROWS:
        fits.append(by_prediction)
    if fit_columns is not None and rows.n_units >= _COLUMNS_ROWS:
        fits.append(by_columns)
    return fits


def _set(rows: _Rows, fit: _Fit, sizes: np.ndarray, shape: str, apart: Apart | None) -> Fitted:
    """Set the bounds on all rows, and what each row would have got without it."""
    scores, scale = rows.errors / sizes, fit(rows, np.ones(len(rows.y), dtype=bool))
    variance = _variance(scale, apart)
    bounds, widened, low, high = [], [], [], []
    for level in LEVELS:
        units = rows.unseen_units(sizes, shape, level)
        needed = _needed(scores, units)
        own = np.ones(len(scores))
        for one in np.unique(rows.part) if rows.forward else ():
            own[rows.part == one] = _widening(needed[rows.part != one], level)
        units = _widened(units, own[:, None])
        low.append(rows.predicted + units[:, 0] * sizes)
        high.append(rows.predicted + units[:, 1] * sizes)
        factor = _widening(needed, level) if rows.forward else 1.0
        sides = np.array(_bounds(scores, shape, level, rows.clusters))
        bounds.append(_widened(np.array([_narrowed(side, level, variance) for side in sides]), factor))
        widened.append(factor)
    bands = Bands(
        scale=scale,
        shape=shape,
        bounds=_nested(np.array(bounds)),
        whole=bool((rows.y == np.rint(rows.y)).all() and (np.abs(rows.y) < _WHOLE).all()),
        positive=bool((rows.y >= 0).all()),
    )
    unseen = [bands.bounded(rows.predicted, *pair) for pair in zip(low, high, strict=True)]
    return Fitted(
        bands=bands,
        low=np.array([low for low, _ in unseen]),
        high=np.array([high for _, high in unseen]),
        widened=tuple(widened),
    )


def _nested(bounds: np.ndarray) -> np.ndarray:
    """Let no interval of a higher level be narrower than one of a lower."""
    lower, upper = np.minimum.accumulate(bounds[:, 0]), np.maximum.accumulate(bounds[:, 1])
    return np.column_stack([lower, upper])


def _bounds(scores: np.ndarray, shape: str, level: float, clusters: np.ndarray | None) -> tuple[float, float]:
    """Bounds in units of the scale; as far below as above where the rows do not suffice for two sides."""
    if shape == BOTH:
        lower, upper = tails(scores, level, clusters)
        if np.isfinite([lower, upper]).all():
            return lower, upper
    reach = upper_quantile(np.abs(scores), level, clusters)
    return -reach, reach


def _needed(scores: np.ndarray, units: np.ndarray) -> np.ndarray:
    """By which factor the width of each row's bounds would have to be multiplied to hold it; NaN without."""
    finite = np.isfinite(units).all(axis=1)
    low, high = np.where(finite, units.T, 0.0)
    with np.errstate(over="ignore"):  # bounds without any width
        away = np.abs(scores - (low + high) / 2) / np.maximum((high - low) / 2, np.finfo(float).tiny)
    return np.where(finite, away, np.nan)


def _widening(needed: np.ndarray, level: float) -> float:
    """By which factor the width of bounds set on earlier rows is to be multiplied for later ones."""
    known = needed[~np.isnan(needed)]
    return float(np.clip(upper_quantile(known, level), 1.0, _WIDEST)) if len(known) else 1.0


def _widened(units: np.ndarray, factor: np.ndarray | float) -> np.ndarray:
    """Multiply the width of finite bounds, the last dimension, around their middle."""
    finite = np.isfinite(units).all(axis=-1, keepdims=True)
    known = np.where(finite, units, 0.0)
    half = (known[..., 1:] - known[..., :1]) / 2
    moved = known + (np.asarray(factor) - 1) * half * np.array([-1.0, 1.0])
    return np.where(finite, moved, units)


def _variance(scale: Scale, apart: Apart | None) -> float:
    """Variance of what one fold's model says around the average of all, in units of the scale.

    That of the middle row: a few rows on which the models differ wildly say nothing of the others.
    """
    if apart is None or len(apart.said) < 2 or not apart.said.shape[1]:
        return 0.0
    mean = apart.said.mean(axis=0)
    by_row = (((apart.said - mean) / scale.of(mean, apart.matrix)) ** 2).mean(axis=0)
    freedom = len(apart.said) - 1
    return float(np.median(by_row)) / (1 - 2 / (9 * freedom)) ** 3  # a median of χ² lies below its mean


def _narrowed(bound: float, level: float, variance: float) -> float:
    """The bound of the average's errors from that of one fold's, as if these were normal."""
    if not np.isfinite(bound):
        return bound
    rest = bound**2 - float(ndtri((1 + level) / 2)) ** 2 * variance
    return float(np.sign(bound) * np.sqrt(max(rest, (_NARROWEST * bound) ** 2)))
