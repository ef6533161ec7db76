"""The values of a column at which a model is asked: they all occur in the data."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from beanft.engine.learning.explaining.function import plain_value

LEVELS = 12
"""Most frequent levels of a category that are looked at."""

THIN_SHARE, THIN_ROWS = 0.01, 5
"""Fewer rows near a point than 1 %, or than 5, are too few to trust what is shown there."""


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Points of a column, in drawing order."""

    column: str
    """Name of the column."""
    scale: str
    """number, date or level."""
    places: np.ndarray
    """A row of the sample that holds each point's value, int64 of shape (n_points,)."""
    labels: tuple[str | int | float | None, ...]
    """The values as plain JSON; None for missing, which comes last."""
    counts: np.ndarray
    """Rows of the sample nearest to each point, int64 of shape (n_points,)."""
    n_other: int
    """Rows with a level that is not among the points."""

    def thin(self, n_rows: int) -> list[bool]:
        """Tell at which points too few rows lie to trust what is shown."""
        least = max(THIN_ROWS, THIN_SHARE * n_rows)
        return [bool(count < least) for count in self.counts]


def moments(values: pd.Series) -> np.ndarray:
    """Give numbers or dates as float64, dates as seconds since 1970; missing and infinite ones as NaN.

    Parameters
    ----------
    values : Series of shape (n_rows,)
        A number or date column.

    Returns
    -------
    array of shape (n_rows,)

    Examples
    --------
    >>> moments(pd.Series([1.0, None, float("inf")])).tolist()
    [1.0, nan, nan]
    """
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        seconds = values.to_numpy(dtype="datetime64[us]").astype(np.int64) / 1e6
        return np.where(values.isna().to_numpy(), np.nan, seconds)
    numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(np.isfinite(numbers), numbers, np.nan)


def make_grid(X: pd.DataFrame, column: str, kind: str, n_points: int = 20) -> Grid | None:
    """Choose the points of a column: quantiles of numbers and dates, the most frequent levels of others.

    Parameters
    ----------
    X : DataFrame of shape (n_rows, n_columns)
        A sample of real rows.
    column, kind : str
        Name and kind (number, date, category, boolean or text) of the column.
    n_points : int
        Most points of a number or date.

    Returns
    -------
    Grid or None
        None where there is nothing to compare: text, or fewer than two different values.

    Examples
    --------
    >>> grid = make_grid(pd.DataFrame({"a": [1, 2, 2, 3]}), "a", "number")
    >>> grid.labels, grid.counts.tolist()
    ((1, 2, 3), [1, 2, 1])
    """
    if kind == "text":
        return None
    scale = kind if kind in ("number", "date") else "level"
    if scale == "level":
        places, counts, n_other = _levels(X[column])
    else:
        places, counts, n_other = *_quantiles(moments(X[column]), n_points), 0
    gone = _gone(X[column], scale)
    if len(gone):
        places, counts = np.append(places, gone[0]), np.append(counts, len(gone))
    if len(places) < 2:
        return None
    return Grid(
        column=column,
        scale=scale,
        places=places,
        labels=tuple(plain_value(value) for value in X[column].take(places).tolist()),
        counts=counts,
        n_other=n_other,
    )


def _gone(values: pd.Series, scale: str) -> np.ndarray:
    """Positions of the missing values."""
    if scale == "number":
        return np.flatnonzero(np.isnan(values.to_numpy(dtype=np.float64, na_value=np.nan)))
    return np.flatnonzero(values.isna().to_numpy())


def _quantiles(values: np.ndarray, n_points: int) -> tuple[np.ndarray, np.ndarray]:
    known = np.flatnonzero(~np.isnan(values))
    if not len(known):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    found, first = np.unique(values[known], return_index=True)
    if len(found) > n_points:
        wanted = np.quantile(values[known], np.linspace(0, 1, n_points), method="nearest")
        chosen = np.searchsorted(found, np.unique(wanted))
        found, first = found[chosen], first[chosen]
    middles = (found[1:] + found[:-1]) / 2
    nearest = np.searchsorted(middles, values[known])
    return known[first], np.bincount(nearest, minlength=len(found))


def _levels(values: pd.Series) -> tuple[np.ndarray, np.ndarray, int]:
    codes, _ = pd.factorize(values)
    known = np.flatnonzero(codes >= 0)
    if not len(known):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), 0
    found, first, counts = np.unique(codes[known], return_index=True, return_counts=True)
    order = np.argsort(-counts, kind="stable")[:LEVELS]
    return known[first[order]], counts[order], int(counts.sum() - counts[order].sum()) if len(found) else 0
