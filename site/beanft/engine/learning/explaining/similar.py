"""The rows most like one row: a distance over numbers, dates, levels and words, missing values included."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from beanft.engine.learning.explaining.function import names_of
from beanft.engine.learning.explaining.grids import moments


@dataclass(frozen=True, kw_only=True)
class Neighbours:
    """The nearest rows."""

    places: np.ndarray
    """Their positions among the rows searched, nearest first."""
    distances: np.ndarray
    """Their distances, 0 for the same in every column that counts to 1."""


def distances_to(
    row: pd.DataFrame, X: pd.DataFrame, kinds: Mapping[str, str], weights: np.ndarray | None = None
) -> np.ndarray:
    """Measure how unlike each row is to one row, after Gower (1971).

    Parameters
    ----------
    row : DataFrame of shape (1, n_columns)
        The row.
    X : DataFrame of shape (n_rows, n_columns)
        Rows that it is compared with.
    kinds : mapping of str to str
        Kind of each column. Numbers and dates differ by their distance over the range between the 5 % and
        95 % quantile, at most 1; levels by 0 or 1; texts by the share of words not in common. Both missing
        is 0, one missing is 1.
    weights : array of shape (n_columns,), optional
        How much each column counts, 0 or more; equally when None or all 0.

    Returns
    -------
    array of shape (n_rows,)
        Weighted means of these, 0..1.

    Examples
    --------
    >>> X = pd.DataFrame({"a": [1.0, 2.0, None], "b": ["x", "y", "x"]})
    >>> distances_to(X.iloc[:1], X, {"a": "number", "b": "category"}).round(3).tolist()
    [0.0, 1.0, 0.5]
    """
    names = names_of(X)
    counted = np.ones(len(names)) if weights is None or weights.sum() <= 0 else weights
    total = np.zeros(len(X))
    for name, weight in zip(names, counted / counted.sum(), strict=True):
        if weight > 0:
            total += weight * _apart(row[name], X[name], kinds[name])
    return total


def nearest_rows(
    row: pd.DataFrame,
    X: pd.DataFrame,
    kinds: Mapping[str, str],
    weights: np.ndarray | None = None,
    *,
    n: int = 5,
    without: np.ndarray | None = None,
) -> Neighbours:
    """Find the rows most like one row.

    Parameters
    ----------
    row, X, kinds, weights
        As in `distances_to`.
    n : int
        Rows wanted.
    without : array of bool of shape (n_rows,), optional
        Rows that do not count, such as the row itself.

    Returns
    -------
    Neighbours
        Equal distances in the order of `X`.
    """
    distances = distances_to(row, X, kinds, weights)
    if without is not None:
        distances = np.where(without, np.inf, distances)
    places = np.argsort(distances, kind="stable")[:n]
    places = places[np.isfinite(distances[places])]
    return Neighbours(places=places, distances=distances[places])


def _apart(one: pd.Series, values: pd.Series, kind: str) -> np.ndarray:
    if kind in ("number", "date"):
        return _numbers_apart(moments(one)[0], moments(values))
    word = one.iloc[0]
    gone = values.isna().to_numpy()
    if not isinstance(word, str):
        return (~gone).astype(np.float64)
    if kind == "text":
        shares = [_words_apart(word, str(value)) for value in values]
        return np.where(gone, 1.0, np.array(shares))
    return np.asarray(gone | (values != word).to_numpy(dtype=bool, na_value=True), dtype=np.float64)


def _numbers_apart(one: float, values: np.ndarray) -> np.ndarray:
    gone = np.isnan(values)
    if np.isnan(one):
        return np.where(gone, 0.0, 1.0)
    low, high = np.quantile(values[~gone], [0.05, 0.95]) if (~gone).any() else (0.0, 0.0)
    reach = high - low if high > low else float(np.ptp(values[~gone])) if (~gone).any() else 0.0
    apart = np.abs(values - one)
    shares = np.minimum(1.0, apart / reach) if reach > 0 else (apart > 0).astype(np.float64)
    return np.where(gone, 1.0, shares)


def _words_apart(one: str, other: str) -> float:
    """Jaccard's distance of the sets of words."""
    a, b = set(one.casefold().split()), set(other.casefold().split())
    return 1 - len(a & b) / len(a | b) if a | b else 0.0
