"""Sums, means and quotients over the rows of many draws at once, each row as often as it was drawn."""

import numpy as np


def total(values: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Add up values over the rows of each draw.

    Parameters
    ----------
    values : array of shape (n_rows,)
        A number of each row.
    counts : array of shape (n_draws, n_rows)
        How often each row was drawn.

    Returns
    -------
    array of shape (n_draws,)

    Examples
    --------
    >>> total(np.array([1.0, 2.0]), np.array([[1, 1], [0, 2]])).tolist()
    [3.0, 4.0]
    """
    result: np.ndarray = values.astype(float) @ counts.T.astype(float, copy=False)
    return result


def mean(values: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Average values over the rows of each draw.

    Parameters
    ----------
    values : array of shape (n_rows,)
        A number of each row.
    counts : array of shape (n_draws, n_rows)
        How often each row was drawn.

    Returns
    -------
    array of shape (n_draws,)

    Examples
    --------
    >>> mean(np.array([1.0, 2.0]), np.array([[1, 1], [0, 2]])).tolist()
    [1.5, 2.0]
    """
    result: np.ndarray = total(values, counts) / counts.sum(axis=1)
    return result


def ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """Divide, where that is defined.

    Parameters
    ----------
    above, below : array of shape (n_draws,)
        Numerators and denominators.

    Returns
    -------
    array of shape (n_draws,)
        nan where the denominator is not above 0.

    Examples
    --------
    >>> ratio(np.array([1.0, 1.0]), np.array([2.0, 0.0])).tolist()
    [0.5, nan]
    """
    result: np.ndarray = np.divide(above, below, out=np.full(len(below), np.nan), where=below > 0)
    return result
