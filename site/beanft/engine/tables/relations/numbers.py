"""Measures how numbers go together: Pearson's and Spearman's correlation with Fisher's intervals."""

import math
from collections.abc import Mapping
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from beanft.engine.tables.relations.pairs import FEWEST_ROWS, Pair

_WIDTH_95 = 1.959963984540054  # of the normal distribution
_SPEARMAN_WIDER = 1.06  # Fieller, Hartley and Pearson 1957: variance of Fisher's z of ranks is 1.06 / (n - 3)

Floats = NDArray[np.float64]
"""Numbers of shape (n_rows,), NaN where there is none."""


def scaled(found: Any) -> Floats:
    """Prepare numbers for the measures: moved and scaled, so that sums keep their digits.

    Parameters
    ----------
    found : array of shape (n_rows,)
        Numbers, masked or NaN where missing.

    Returns
    -------
    array of shape (n_rows,)
        Their mean is 0 and none is beyond 2 in size; NaN where missing or infinite.

    Examples
    --------
    >>> scaled([1e300, 3e300, np.inf])
    array([-0.33333333,  0.33333333,         nan])
    """
    values: Floats = np.ma.filled(np.ma.asarray(found, dtype=np.float64), np.nan)
    values = np.where(np.isfinite(values), values, np.nan)
    if np.isnan(values).all():
        return values
    values = values / max(1.0, float(np.nanmax(np.abs(values))))  # squares of 1e300 are not finite
    centred: Floats = values - np.nanmean(values)
    return centred


def number_pairs(numbers: Mapping[str, Floats]) -> list[Pair]:
    """Measure how numbers go together: Pearson's and Spearman's correlation of every two.

    Parameters
    ----------
    numbers : mapping of str to array of shape (n_rows,)
        Names and values, as `scaled` gives them.

    Returns
    -------
    list of Pair
        Without pairs that have fewer than ten rows in common or of which one does not vary there. Ranks are
        those of the whole column.

    Examples
    --------
    >>> x = np.linspace(-0.5, 0.5, 50)
    >>> (pair,) = number_pairs({"x": x, "y": x**3})
    >>> round(pair.value, 2), round(pair.spearman, 2)
    (0.92, 1.0)
    """
    names = list(numbers)
    if len(names) < 2:
        return []
    values = np.column_stack([numbers[name] for name in names])
    n, pearson = correlations(values)
    _, spearman = correlations(np.column_stack([_ranks(numbers[name]) for name in names]))
    pairs = []
    for i, j in combinations(range(len(names)), 2):
        if n[i, j] < FEWEST_ROWS or not (np.isfinite(pearson[i, j]) and np.isfinite(spearman[i, j])):
            continue
        low, high = fisher(pearson[i, j], n[i, j], 1.0)
        rank_low, rank_high = fisher(spearman[i, j], n[i, j], _SPEARMAN_WIDER)
        pairs.append(
            Pair(
                a=names[i],
                b=names[j],
                measure="pearson",
                value=float(pearson[i, j]),
                low=low,
                high=high,
                spearman=float(spearman[i, j]),
                spearman_low=rank_low,
                spearman_high=rank_high,
                n_rows=int(n[i, j]),
            )
        )
    return pairs


def _ranks(values: Floats) -> Floats:
    """Average ranks of what is not missing, from -0.5 to 0.5."""
    there = np.flatnonzero(~np.isnan(values))
    order = there[np.argsort(values[there])]
    rising = values[order]
    starts = np.flatnonzero(np.concatenate(([True], rising[1:] != rising[:-1])))
    ends = np.concatenate((starts[1:], [rising.size]))
    ranks = np.full(values.shape, np.nan)
    ranks[order] = np.repeat((starts + ends) / 2, ends - starts) / max(1, rising.size) - 0.5
    return ranks


def correlations(values: Floats) -> tuple[Floats, Floats]:
    """Correlate all columns by product moments, each two on the rows in which both are present.

    Parameters
    ----------
    values : array of shape (n_rows, n_columns)
        Columns as `scaled` gives them.

    Returns
    -------
    n : array of shape (n_columns, n_columns)
        Rows that both columns have.
    r : array of shape (n_columns, n_columns)
        Pearson's correlation; NaN where a column does not vary on those rows.
    """
    there = (~np.isnan(values)).astype(np.float64)
    x = np.nan_to_num(values)
    n, sums, squares = there.T @ there, x.T @ there, (x * x).T @ there
    spread = n * squares - sums**2  # n² times the variance of i on the rows that j has too
    spread = np.where(spread > 1e-12 * n * squares, spread, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        r = (n * (x.T @ x) - sums * sums.T) / np.sqrt(spread * spread.T)
    return n, np.clip(r, -1.0, 1.0)


def fisher(r: float, n: float, wider: float = 1.0) -> tuple[float, float]:
    """Compute the approximate 95 % interval of a correlation by Fisher's z.

    Parameters
    ----------
    r : float
        The correlation.
    n : float
        Rows, more than 3.
    wider : float
        Variance of z in units of 1 / (n - 3): 1 for Pearson's correlation.

    Returns
    -------
    tuple of (float, float)
        Both ends.
    """
    z = math.atanh(max(-1 + 1e-12, min(1 - 1e-12, float(r))))
    half = _WIDTH_95 * math.sqrt(wider / (n - 3))
    return math.tanh(z - half), math.tanh(z + half)
