"""Columns that say much the same, found on a sample: shuffled alone each of them looks unimportant."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from beanft.engine.learning.explaining.function import names_of
from beanft.engine.learning.explaining.grids import moments

_SAME = 0.7  # association within a group on average: about half of the variance in common
_MOST = 80  # columns that are compared, the first ones: pairs grow with the square
_LEVELS = 30  # more levels than this go with anything in a sample


def find_groups(X: pd.DataFrame, kinds: Mapping[str, str]) -> list[tuple[str, ...]]:
    """Find groups of columns that go together, by average linkage of their associations.

    Numbers and dates are compared by Spearman's correlation, levels by Cramér's V with the correction of
    Bergsma (2013), a number and a level by the correlation ratio of the ranks.

    Parameters
    ----------
    X : DataFrame of shape (n_rows, n_columns)
        A sample of real rows; missing values are left out pair by pair.
    kinds : mapping of str to str
        Kind of each column; text takes no part.

    Returns
    -------
    list of tuple of str
        Groups of two columns or more, in the order of the table.

    Examples
    --------
    >>> X = pd.DataFrame({"a": range(30), "b": [n**3 for n in range(30)], "c": [1, 2, 3] * 10})
    >>> find_groups(X, {"a": "number", "b": "number", "c": "number"})
    [('a', 'b')]
    """
    names = [name for name in names_of(X) if kinds[name] != "text" and _usable(X[name], kinds[name])][:_MOST]
    if len(names) < 2 or len(X) < 10:
        return []
    distances = 1 - associations(X, names, kinds)
    np.fill_diagonal(distances, 0.0)
    members = fcluster(linkage(squareform(distances, checks=False), "average"), 1 - _SAME, "distance")
    found = [tuple(name for name, one in zip(names, members, strict=True) if one == n) for n in set(members)]
    return sorted((group for group in found if len(group) > 1), key=lambda group: names.index(group[0]))


def associations(X: pd.DataFrame, names: Sequence[str], kinds: Mapping[str, str]) -> np.ndarray:
    """Measure how much each two columns go together.

    Parameters
    ----------
    X : DataFrame of shape (n_rows, n_columns)
        A sample of real rows.
    names : sequence of str
        Columns that are compared.
    kinds : mapping of str to str
        Their kinds.

    Returns
    -------
    array of shape (n_names, n_names)
        0 for nothing in common to 1 for the same; symmetric.
    """
    ordered = {name: moments(X[name]) for name in names if kinds[name] in ("number", "date")}
    codes = {name: pd.factorize(X[name])[0] for name in names if name not in ordered}
    found = np.eye(len(names))
    for i, one in enumerate(names):
        for j in range(i):
            found[i, j] = found[j, i] = _association(one, names[j], ordered, codes)
    return found


def _association(
    one: str, other: str, ordered: Mapping[str, np.ndarray], codes: Mapping[str, np.ndarray]
) -> float:
    if one in ordered and other in ordered:
        return _spearman(ordered[one], ordered[other])
    if one in codes and other in codes:
        return _cramer(codes[one], codes[other])
    numbers, levels = (one, other) if one in ordered else (other, one)
    return _ratio(ordered[numbers], codes[levels])


def _usable(values: pd.Series, kind: str) -> bool:
    n_different = values.nunique()
    return bool(n_different > 1 and (kind in ("number", "date") or n_different <= _LEVELS))


def _ranks(values: np.ndarray) -> np.ndarray:
    return pd.Series(values).rank().to_numpy()


def _spearman(a: np.ndarray, b: np.ndarray) -> float:
    both = ~(np.isnan(a) | np.isnan(b))
    if both.sum() < 10:
        return 0.0
    x, y = _ranks(a[both]), _ranks(b[both])
    if x.std() == 0 or y.std() == 0:
        return 0.0
    return abs(float(np.corrcoef(x, y)[0, 1]))


def _cramer(a: np.ndarray, b: np.ndarray) -> float:
    both = (a >= 0) & (b >= 0)
    n = int(both.sum())
    if n < 10:
        return 0.0
    counts = pd.crosstab(a[both], b[both]).to_numpy(dtype=float)
    rows, columns = counts.shape
    expected = counts.sum(1, keepdims=True) * counts.sum(0, keepdims=True) / n
    phi = max(0.0, ((counts - expected) ** 2 / expected).sum() / n - (rows - 1) * (columns - 1) / (n - 1))
    least = min(rows - (rows - 1) ** 2 / (n - 1), columns - (columns - 1) ** 2 / (n - 1)) - 1
    return float(min(1.0, np.sqrt(phi / least))) if least > 0 else 0.0


def _ratio(numbers: np.ndarray, levels: np.ndarray) -> float:
    """The share of the ranks' variance that lies between levels, corrected for chance, as a root."""
    both = ~np.isnan(numbers) & (levels >= 0)
    n = int(both.sum())
    if n < 10:
        return 0.0
    ranks = _ranks(numbers[both])
    _, codes = np.unique(levels[both], return_inverse=True)
    n_levels = int(codes.max()) + 1
    total = ((ranks - ranks.mean()) ** 2).sum()
    if total == 0 or n_levels < 2 or n <= n_levels:
        return 0.0
    means = np.bincount(codes, ranks) / np.bincount(codes)
    within = ((ranks - means[codes]) ** 2).sum()
    return float(np.sqrt(max(0.0, 1 - (within / (n - n_levels)) / (total / (n - 1)))))
