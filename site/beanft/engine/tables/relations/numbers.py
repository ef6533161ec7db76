"""Measures how numbers go together: Pearson's and Spearman's correlation with Fisher's intervals."""

import math
from collections.abc import Mapping
from itertools import combinations
from typing import Any

import numpy as np

from beanft.engine.tables.relations.moments import Floats, correlations
from beanft.engine.tables.relations.pairs import FEWEST_ROWS, Pair
from beanft.engine.tables.relations.ranks import rank_correlations

_WIDTH_95 = 1.959963984540054  # of the normal distribution
_SPEARMAN_WIDER = 1.06  # Fieller, Hartley and Pearson 1957: variance of Fisher's z of ranks is 1.06 / (n - 3)


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
        those of the rows that both have; `n_ranked` tells where they come from fewer of them.

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
    ranks = rank_correlations(values, n)
    spearman = ranks.r
    pairs = []
    for i, j in combinations(range(len(names)), 2):
        if n[i, j] < FEWEST_ROWS or not (np.isfinite(pearson[i, j]) and np.isfinite(spearman[i, j])):
            continue
        low, high = fisher(pearson[i, j], n[i, j])
        rank_low, rank_high = fisher(spearman[i, j], ranks.n[i, j], ranks=True)
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
                n_ranked=int(ranks.n[i, j]) if ranks.n[i, j] < n[i, j] else 0,
            )
        )
    return pairs


def fisher(r: float, n: float, *, ranks: bool = False) -> tuple[float, float]:
    """Compute the approximate 95 % interval of a correlation by Fisher's z.

    Parameters
    ----------
    r : float
        The correlation.
    n : float
        Rows, more than 3.
    ranks : bool
        Whether it is Spearman's.

    Returns
    -------
    tuple of (float, float)
        Both ends; the correlation lies between them, however near to 1 it is.

    Examples
    --------
    >>> fisher(1.0, 50)[1]
    1.0
    """
    z = math.atanh(max(-1 + 1e-12, min(1 - 1e-12, float(r))))
    half = _WIDTH_95 * math.sqrt((_SPEARMAN_WIDER if ranks else 1.0) / (n - 3))
    return min(float(r), math.tanh(z - half)), max(float(r), math.tanh(z + half))
