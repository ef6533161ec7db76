"""Turns columns of every kind into whole numbers that trees can cut, without missing ones."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

MOST_LEVELS = 200
"""Levels of a category that are told apart; the others count as one."""

_MISSING = -1.0


@dataclass(frozen=True, kw_only=True)
class Coded:
    """Columns as numbers."""

    names: tuple[str, ...]
    """Names of the columns."""
    values: np.ndarray
    """Of shape (n_rows, n_columns): ranks of numbers and dates, codes of categories, -1 for missing."""
    is_category: np.ndarray
    """Whether the order of a column's numbers means nothing, of shape (n_columns,)."""

    def without(self, *names: str) -> "Coded":
        """The same but for some columns."""
        kept = [i for i, name in enumerate(self.names) if name not in names]
        return Coded(
            names=tuple(self.names[i] for i in kept),
            values=self.values[:, kept],
            is_category=self.is_category[kept],
        )

    def rows(self, positions: np.ndarray) -> "Coded":
        """Some of the rows."""
        return Coded(names=self.names, values=self.values[positions], is_category=self.is_category)


def code(X: pd.DataFrame) -> Coded:
    """Turn columns into numbers; those that never change are left out.

    Parameters
    ----------
    X : DataFrame of shape (n_rows, n_columns)
        Columns as the table holds them.

    Returns
    -------
    Coded

    Examples
    --------
    >>> code(pd.DataFrame({"a": [2.5, None, 1.0], "b": ["x", "y", "x"]})).values.tolist()
    [[1.0, 0.0], [-1.0, 1.0], [0.0, 0.0]]
    """
    names, columns, marks = [], [], []
    for name in X:
        values, is_category = code_column(X[name])
        if len(values) and (values != values[0]).any():
            names.append(str(name))
            columns.append(values)
            marks.append(is_category)
    stacked = np.column_stack(columns) if columns else np.zeros((len(X), 0))
    return Coded(names=tuple(names), values=stacked, is_category=np.array(marks, dtype=bool))


def code_column(values: pd.Series) -> tuple[np.ndarray, bool]:
    """Turn one column into whole numbers, and tell whether they are codes without an order.

    Parameters
    ----------
    values : Series of shape (n_rows,)
        A column of any kind.

    Returns
    -------
    tuple of (array of shape (n_rows,), bool)
        Texts that nearly all differ become their lengths.
    """
    if is_ordered(values):
        return _ranks(as_numbers(values)), False
    codes, levels = pd.factorize(values)
    if len(levels) > MOST_LEVELS and len(levels) > len(values) // 2:
        return _ranks(values.astype("str").str.len().to_numpy(dtype=float)), False
    by_frequency = np.argsort(-np.bincount(codes[codes >= 0], minlength=len(levels)), kind="stable")
    rank = np.empty(len(levels) + 1)
    rank[by_frequency] = np.minimum(np.arange(len(levels)), MOST_LEVELS)
    rank[-1] = min(len(levels), MOST_LEVELS) + 1  # missing ones have the code -1, which is the last place
    return rank[codes], True


def is_ordered(values: pd.Series) -> bool:
    """Tell whether a column holds numbers, truth values or dates.

    Parameters
    ----------
    values : Series of shape (n_rows,)
        A column of any kind.

    Returns
    -------
    bool
        False for texts and categories.
    """
    return bool(pd.api.types.is_numeric_dtype(values) or pd.api.types.is_datetime64_any_dtype(values))


def as_numbers(values: pd.Series) -> np.ndarray:
    """Give numbers, truth values or dates as floats; what is infinite or missing becomes nan.

    Parameters
    ----------
    values : Series of shape (n_rows,)
        A column for which `is_ordered` holds.

    Returns
    -------
    array of shape (n_rows,), float
        Dates as seconds since 1970.
    """
    if pd.api.types.is_datetime64_any_dtype(values):
        moments = values.to_numpy(dtype="datetime64[us]")
        seconds: np.ndarray = np.where(np.isnat(moments), np.nan, moments.astype(np.int64) / 1e6)
        return seconds
    numbers = values.to_numpy(dtype=float, na_value=np.nan, copy=True)
    numbers[np.isinf(numbers)] = np.nan
    return numbers


def _ranks(numbers: np.ndarray) -> np.ndarray:
    """Trees see only the order, and ranks lose no precision where the numbers are large."""
    known = ~np.isnan(numbers)
    ranks = np.full(len(numbers), _MISSING)
    ranks[known] = np.unique(numbers[known], return_inverse=True)[1]
    return ranks
