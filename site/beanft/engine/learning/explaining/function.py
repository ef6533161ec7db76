"""What explanations share: the model as a function of rows, rows put together, a deadline, values."""

import math
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

Predict = Callable[[pd.DataFrame], np.ndarray]
"""Rows in their original columns -> probabilities (n_rows, n_classes) or numbers (n_rows,)."""

ROWS_AT_ONCE = 4096
"""Rows predicted between two looks at the clock."""

_DIGITS = 7  # more than any picture or table shows
_LONGEST = 200  # characters of a cell that are told


class Deadline:
    """The moment at which an explanation stops and says what it has."""

    def __init__(self, limit_s: float) -> None:
        self._end = time.monotonic() + limit_s

    @property
    def passed(self) -> bool:
        """Whether no further prediction is begun."""
        return time.monotonic() >= self._end


def number_of(predict: Predict, place: int | None) -> Predict:
    """Make a function that gives one number a row: a class's probability, or the number itself.

    Parameters
    ----------
    predict : callable
        The model.
    place : int or None
        Place of the class among the labels; None for regression.

    Returns
    -------
    callable
        DataFrame of shape (n_rows, n_columns) -> array of shape (n_rows,), float64.

    Examples
    --------
    >>> number_of(lambda X: np.array([[0.2, 0.8]]), 1)(pd.DataFrame({"a": [1]}))
    array([0.8])
    """

    def one(X: pd.DataFrame) -> np.ndarray:
        said = np.asarray(predict(X), dtype=np.float64)
        return said if place is None else said[:, place]

    return one


def in_chunks(predict: Predict, X: pd.DataFrame, deadline: Deadline) -> np.ndarray | None:
    """Predict many rows, or give None when the deadline passes between two chunks.

    Parameters
    ----------
    predict : callable
        The model, or one number of it.
    X : DataFrame of shape (n_rows, n_columns)
        One row or more.
    deadline : Deadline
        Looked at before each chunk but the first: some answer is always given.

    Returns
    -------
    array or None
        What `predict` gives for all rows.
    """
    parts = []
    for start in range(0, len(X), ROWS_AT_ONCE):
        if start and deadline.passed:
            return None
        parts.append(np.asarray(predict(X.iloc[start : start + ROWS_AT_ONCE]), dtype=np.float64))
    return np.concatenate(parts)


def replaced(
    X: pd.DataFrame, columns: Sequence[str], source: pd.DataFrame, places: np.ndarray
) -> pd.DataFrame:
    """Copy rows, with some columns taken from other rows: only values that occur are ever put in.

    Parameters
    ----------
    X : DataFrame of shape (n_rows, n_columns)
        The rows; not changed.
    columns : sequence of str
        Columns that are replaced.
    source : DataFrame
        Where their values come from.
    places : array of int of shape (n_rows,)
        Positions in `source`, one for each row.

    Returns
    -------
    DataFrame of shape (n_rows, n_columns)
        Index from 0.

    Examples
    --------
    >>> X = pd.DataFrame({"a": [1, 2], "b": [3, 4]})
    >>> replaced(X, ["a"], X, np.array([1, 1])).to_dict("list")
    {'a': [2, 2], 'b': [3, 4]}
    """
    made = X.reset_index(drop=True)
    for name in columns:
        made[name] = source[name].take(places).reset_index(drop=True)
    return made


def names_of(X: pd.DataFrame) -> list[str]:
    """Name the columns of rows.

    Parameters
    ----------
    X : DataFrame of shape (n_rows, n_columns)
        Rows.

    Returns
    -------
    list of str
        In their order.

    Examples
    --------
    >>> names_of(pd.DataFrame({"a": [1]}))
    ['a']
    """
    return [str(name) for name in X]


def plain(value: float | None, digits: int = _DIGITS) -> float | None:
    """Round a number for JSON; what JSON cannot say becomes None.

    Parameters
    ----------
    value : float or None
        Any number.
    digits : int
        Significant digits kept.

    Returns
    -------
    float or None

    Examples
    --------
    >>> plain(1 / 3), plain(float("nan"))
    (0.3333333, None)
    """
    if value is None or not math.isfinite(value):
        return None
    return float(f"{float(value):.{digits}g}")


def short_value(value: Any) -> str | int | float | None:
    """Give a cell of a frame as `plain_value` does, long texts cut.

    Parameters
    ----------
    value : Any
        A cell.

    Returns
    -------
    str, int, float or None

    Examples
    --------
    >>> short_value(2.5), len(short_value("word " * 100))
    (2.5, 200)
    """
    told = plain_value(value)
    return told[:_LONGEST] if isinstance(told, str) else told


def plain_value(value: Any) -> str | int | float | None:
    """Give a cell of a frame as JSON can hold it: dates as ISO text, missing as None.

    Parameters
    ----------
    value : Any
        A cell.

    Returns
    -------
    str, int, float or None
        Infinite numbers as text.

    Examples
    --------
    >>> plain_value(pd.Timestamp("2024-05-01")), plain_value(float("inf")), plain_value(None)
    ('2024-05-01', 'inf', None)
    """
    if value is None or value is pd.NaT:
        return None
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat() if value == value.normalize() else value.isoformat(sep=" ")
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value)).lower()
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        if math.isnan(value):
            return None
        return float(value) if math.isfinite(value) else str(float(value))
    return str(value)


def spread(values: np.ndarray) -> tuple[float | None, float | None]:
    """Give the 2.5 % and 97.5 % quantiles of draws, those that are no number left out.

    Parameters
    ----------
    values : array of shape (n_draws,)
        One figure of each draw.

    Returns
    -------
    tuple of (float or None, float or None)
        Both None when fewer than two draws are numbers.

    Examples
    --------
    >>> spread(np.array([1.0])), spread(np.arange(41.0))
    ((None, None), (1.0, 39.0))
    """
    known = values[np.isfinite(values)]
    if len(known) < 2:
        return None, None
    low, high = np.quantile(known, [0.025, 0.975])
    return plain(float(low)), plain(float(high))
