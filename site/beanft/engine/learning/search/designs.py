"""What other learners than histogram trees need of a matrix: no gaps, one scale, a part for each level."""

from typing import Protocol, Self

import numpy as np
from scipy.special import ndtri
from sklearn.preprocessing import QuantileTransformer

_LEVELS = 60  # levels of a category that get a part of their own
_RARE_SHARE, _RARE_MAX = 0.002, 10  # a level with fewer rows than 0.2 %, at most 10, gets none
_QUANTILES = 100
_QUANTILE_ROWS = 20_000
FARTHEST = 5.0
"""Standard deviations; what lies beyond counts as so far."""
_DAYS_WEIGH = 10.0
"""How many times as large as other parts days are made: penalties spare them, and what may be trend or season
because less than a year is known is a trend to those who carry one on."""
_ODD = 0.005
"""Share of the days at either end that may be mistakes, such as 1970: no scale is taken from them."""
_FEW_DAYS = 20  # of which the first and the last count as they are
_MARKS = 2  # a part of so few values (0 and 1) is no scale
_FEW_ROWS = 4  # that are compared with all points at once
_EDGE = 1e-7  # as near as this to the least or greatest quantile is beyond it, as scikit-learn has it


class Design(Protocol):
    """Fitted on the training rows of a fold."""

    def fit(self, X: np.ndarray, n_native: int) -> Self:
        """Learn from rows, the last `n_native` parts of which are codes of categories."""

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Give rows as the learner takes them."""


class Plain:
    """As it is: the learner takes gaps and codes."""

    def fit(self, X: np.ndarray, n_native: int) -> Self:  # noqa: ARG002 -- Design
        """Learn nothing."""
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Give the same rows."""
        return X


class Filled:
    """Gaps become a number below all others, so that one cut tells them apart."""

    def fit(self, X: np.ndarray, n_native: int) -> Self:  # noqa: ARG002 -- Design
        """Learn what lies below."""
        known = np.where(np.isnan(X), np.inf, X)
        least = known.min(axis=0, initial=np.inf)
        self.below_ = np.where(np.isfinite(least), least - 1, -1).astype(np.float32)
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Fill the gaps."""
        return np.where(np.isnan(X), self.below_, X).astype(np.float32)


class Scaled:
    """Numbers on one scale, as they are and as ranks bent to a bell; marks of gaps; a part for each level."""

    def fit(self, X: np.ndarray, n_native: int) -> Self:
        """Learn medians, scales, quantiles and levels."""
        n_numbers = X.shape[1] - n_native
        numbers, natives = X[:, :n_numbers].astype(float), X[:, n_numbers:]
        self.n_numbers_ = n_numbers
        missing = np.isnan(numbers)
        self.medians_ = _medians(numbers, missing)
        filled = np.where(missing, self.medians_, numbers)
        self.mean_, spread = filled.mean(axis=0), filled.std(axis=0)
        self.spread_ = np.where(spread > 0, spread, 1.0)
        self.gaps_ = np.flatnonzero(missing.any(axis=0))
        self.bent_ = np.flatnonzero([len(np.unique(column[:1000])) > _MARKS for column in filled.T])
        self.quantiles_ = None
        if len(self.bent_):
            self.quantiles_ = QuantileTransformer(
                n_quantiles=min(_QUANTILES, len(X)),
                output_distribution="normal",
                subsample=_QUANTILE_ROWS,
                random_state=0,
            ).fit(filled[:, self.bent_])
        self.levels_ = [_levels(column, len(X)) for column in natives.T]
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Give the parts, float64 of shape (n_rows, n_parts)."""
        numbers, natives = X[:, : self.n_numbers_].astype(float), X[:, self.n_numbers_ :]
        missing = np.isnan(numbers)
        filled = np.where(missing, self.medians_, numbers)
        parts = [np.clip((filled - self.mean_) / self.spread_, -FARTHEST, FARTHEST)]
        if self.quantiles_ is not None:
            parts.append(_bent(filled[:, self.bent_], self.quantiles_))
        parts.append(missing[:, self.gaps_].astype(float))
        for column, levels in zip(natives.T, self.levels_, strict=True):
            parts.append((column[:, None] == levels[None, :]).astype(float))
        return np.ascontiguousarray(np.hstack(parts))


class Undated:
    """Another design, without the numbers of days: it cannot tell what comes after the last of them.

    Parameters
    ----------
    n_days : int
        The first so many parts of the matrix are numbers of days.
    design : Design
        Makes the other parts.
    """

    def __init__(self, n_days: int, design: Design) -> None:
        self.n_days, self.design = n_days, design

    def fit(self, X: np.ndarray, n_native: int) -> Self:
        """Learn from all parts but the days."""
        self.design.fit(X[:, self.n_days :], n_native)
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Give the other parts."""
        return self.design.transform(np.ascontiguousarray(X[:, self.n_days :]))


class Carried(Undated):
    """Another design, and the numbers of days behind it, unbent, so that a line goes on beyond the last day.

    It goes on for as many days as were learned from; further on, and before the first day, it stays. One row
    with an odd date, decades before the others, would else flatten the line and let it go on for decades.
    """

    def fit(self, X: np.ndarray, n_native: int) -> Self:
        """Learn the scale of the days, too."""
        super().fit(X, n_native)
        days = X[:, : self.n_days].astype(float)
        known = [column[~np.isnan(column)] for column in days.T]
        known = [column if len(column) else np.zeros(1) for column in known]
        self.first_, self.learned_ = np.array([_ends(column) for column in known]).T
        known = [np.clip(column, *_ends(column)) for column in known]
        self.middle_ = np.array([column.mean() for column in known])
        self.spread_ = np.array([(column.std() or 1.0) / _DAYS_WEIGH for column in known])
        self.last_ = self.learned_ + (self.learned_ - self.first_)
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Give the parts, float64 of shape (n_rows, n_parts)."""
        return np.hstack([super().transform(X), self.days(X)])

    def days(self, X: np.ndarray) -> np.ndarray:
        """Give the days only, float64 of shape (n_rows, n_days)."""
        return self._days(X, self.last_)

    def learned_days(self, X: np.ndarray) -> np.ndarray:
        """Give the days of rows that a slope is learned from: none is later than those it goes on from."""
        return self._days(X, self.learned_)

    def _days(self, X: np.ndarray, last: np.ndarray) -> np.ndarray:
        days = X[:, : self.n_days].astype(float)
        kept = np.clip(np.where(np.isnan(days), self.middle_, days), self.first_, last)
        scaled: np.ndarray = (kept - self.middle_) / self.spread_
        return scaled


def _ends(days: np.ndarray) -> tuple[float, float]:
    """The first and the last day, odd ones left aside: at least one at either end, unless there are few."""
    if len(days) < _FEW_DAYS:
        return float(days.min()), float(days.max())
    low, high = np.quantile(days, _ODD, method="higher"), np.quantile(days, 1 - _ODD, method="lower")
    return float(low), float(high)


def _bent(values: np.ndarray, fitted: QuantileTransformer) -> np.ndarray:
    """Ranks among the quantiles, bent to a bell: scikit-learn's numbers without its checks, which cost ms."""
    points, heights = np.ascontiguousarray(fitted.quantiles_.T), fitted.references_
    with np.errstate(all="ignore"):  # between equal points, where the rank is taken from elsewhere
        up = _between(values, points, heights)
        ranks = 0.5 * (up - _between(-values, -points[:, ::-1], -heights[::-1]))
    ranks[values + _EDGE > points[:, -1]] = 1
    ranks[values - _EDGE < points[:, 0]] = 0
    result: np.ndarray = np.clip(ndtri(ranks), -FARTHEST, FARTHEST)
    return result


def _between(values: np.ndarray, points: np.ndarray, heights: np.ndarray) -> np.ndarray:
    """`np.interp` of each column among its own points, all columns together, which one row is glad of."""
    column, last = np.arange(len(points)), len(heights) - 1
    at = _places(values, points)
    start = np.clip(at, 0, max(0, last - 1))
    end = np.minimum(start + 1, last)
    low, base = points[column, start], heights[start]
    slope = (heights[end] - base) / (points[column, end] - low)
    made = np.where(values == low, base, slope * (values - low) + base)
    result: np.ndarray = np.where(at < 0, heights[0], np.where(at >= last, heights[last], made))
    return result


def _places(values: np.ndarray, points: np.ndarray) -> np.ndarray:
    """The last of a column's points that does not lie above a value; -1 where all do."""
    if len(values) <= _FEW_ROWS:
        places: np.ndarray = (points[None] <= values[:, :, None]).sum(axis=2) - 1
        return places
    columns = [
        np.searchsorted(own, column, side="right") for own, column in zip(points, values.T, strict=True)
    ]
    return np.column_stack(columns) - 1


def _medians(numbers: np.ndarray, missing: np.ndarray) -> np.ndarray:
    known = [column[~gone] for column, gone in zip(numbers.T, missing.T, strict=True)]
    return np.array([np.median(column) if len(column) else 0.0 for column in known])


def _levels(column: np.ndarray, n_rows: int) -> np.ndarray:
    """Levels that get a part: frequent ones, the most frequent first."""
    levels, n = np.unique(column[~np.isnan(column)], return_counts=True)
    least = max(2, min(_RARE_MAX, round(_RARE_SHARE * n_rows)))
    order = np.argsort(-n, kind="stable")[:_LEVELS]
    chosen: np.ndarray = levels[order[n[order] >= least]]
    return chosen
