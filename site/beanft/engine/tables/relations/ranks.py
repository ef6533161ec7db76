"""Spearman's correlation of every two numbers, each two ranked on the rows in which both are present."""

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from beanft.engine.tables.relations.moments import Floats, correlations

_RANKED_ROWS = 5_000_000  # rows of all pairs that need ranks of their own: about two seconds
_FEWEST_RANKED = 5_000  # rows that pairs are measured on at least, if the table has so many
_FEWEST_BOTH = 1_000  # of which both columns have so many, else all rows are taken; known to within 0.06


@dataclass(frozen=True)
class RankCorrelations:
    """Spearman's correlations of columns."""

    r: Floats
    """Of shape (n_columns, n_columns), the upper half; NaN where a column does not vary."""
    n: NDArray[np.int64]
    """Rows that each was measured on, of the same shape."""


def rank_correlations(values: Floats, n_both: Floats) -> RankCorrelations:
    """Correlate the ranks of all columns, each two ranked on the rows in which both are present.

    Columns are ranked once; only where a partner lacks rows that the column has, the two are ranked again.
    Where there are so many such pairs that this would take long, they are measured on fewer rows, drawn at
    random.

    Parameters
    ----------
    values : array of shape (n_rows, n_columns)
        Numbers, NaN where missing.
    n_both : array of shape (n_columns, n_columns)
        Rows that both columns have, as `correlations` counts them.

    Returns
    -------
    RankCorrelations
        Spearman's correlations with the rows behind each.

    Examples
    --------
    >>> values = np.array([[1.0, 2.0], [2.0, 3.0], [3.0, 4.0], [np.nan, 0.0]])
    >>> found = rank_correlations(values, correlations(values)[0])
    >>> round(float(found.r[0, 1]), 9), int(found.n[0, 1])
    (1.0, 3)
    """
    _, r = correlations(np.column_stack([ranked(column) for column in values.T]))
    n = n_both.astype(np.int64)
    own = np.diag(n)
    torn = [(i, j) for i, j in combinations(range(own.size), 2) if n[i, j] < max(own[i], own[j])]
    if torn:
        columns = np.ascontiguousarray(np.random.default_rng(0).permutation(values).T)
        most = max(_FEWEST_RANKED, _RANKED_ROWS // len(torn))
        whole, some = _Places(columns), _Places(np.ascontiguousarray(columns[:, :most]))
        for i, j in torn:
            r[i, j], n[i, j] = _of_enough_rows(some, whole, i, j)
    return RankCorrelations(r, n)


class _Places:
    """Columns as the place of each value among the different ones, made when first asked for."""

    def __init__(self, columns: Floats) -> None:
        self.columns = columns
        self.there = ~np.isnan(columns)
        self._places: dict[int, NDArray[np.int32]] = {}

    def of(self, column: int) -> NDArray[np.int32]:
        """Places of all rows; what is missing has any."""
        if column not in self._places:
            there = self.there[column]
            places = np.zeros(there.size, dtype=np.int32)
            places[there] = np.unique(self.columns[column][there], return_inverse=True)[1]
            self._places[column] = places
        return self._places[column]

    def correlate(self, i: int, j: int) -> tuple[float, int]:
        """Spearman's correlation on the rows that both have, and their number."""
        both = np.flatnonzero(self.there[i] & self.there[j])
        return _spearman(self.of(i)[both], self.of(j)[both]), both.size


def _of_enough_rows(some: _Places, whole: _Places, i: int, j: int) -> tuple[float, int]:
    """Spearman's correlation on some rows; on all, where these hold too few or do not vary."""
    r, n = some.correlate(i, j)
    if some.columns.shape == whole.columns.shape or (n >= _FEWEST_BOTH and not np.isnan(r)):
        return r, n
    return whole.correlate(i, j)


def _spearman(one: NDArray[np.int32], other: NDArray[np.int32]) -> float:
    if not one.size:
        return float("nan")
    x, y = (_centred(places) for places in (one, other))
    spread = _product(x, x) * _product(y, y)
    return max(-1.0, min(1.0, _product(x, y) / spread**0.5)) if spread > 0 else float("nan")


def _product(x: Floats, y: Floats) -> float:
    """Inner product on one thread: BLAS wakes others for it, who wait longer than they work."""
    return float(np.einsum("i,i->", x, y))


def _centred(places: NDArray[np.int32]) -> Floats:
    """Average ranks less their mean, by counting: no sorting."""
    counts = np.bincount(places)
    ranks: Floats = (np.cumsum(counts) - (counts + places.size) / 2)[places]
    return ranks


def ranked(values: Any) -> Floats:
    """Rank what is not missing, equal values alike.

    Parameters
    ----------
    values : array of shape (n_rows,)
        Numbers, NaN where missing.

    Returns
    -------
    array of shape (n_rows,)
        Average ranks, scaled to -0.5..0.5.

    Examples
    --------
    >>> ranked(np.array([5.0, 1.0, 5.0, 9.0]))
    array([ 0.   , -0.375,  0.   ,  0.375])
    """
    there = np.flatnonzero(~np.isnan(values))
    order = there[np.argsort(values[there])]
    rising = values[order]
    starts = np.flatnonzero(np.concatenate(([True], rising[1:] != rising[:-1])))
    ends = np.concatenate((starts[1:], [rising.size]))
    ranks = np.full(values.shape, np.nan)
    ranks[order] = np.repeat((starts + ends) / 2, ends - starts) / max(1, rising.size) - 0.5
    return ranks
