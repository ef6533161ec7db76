"""Sums and products whose last digit does not depend on the rows around a row.

A BLAS routine rounds otherwise for another shape. So a product is made of slices that always have one shape,
the last filled up with zeros: the routine is called the same way for every slice, and treats each of its rows
alike. Sums along a row of a matrix in C order are numpy's own, which see one row at a time.
"""

import numpy as np
from scipy.special import expit

_SLICE = 16  # rows; more make one row slow, fewer make many rows slow
_FEW = 4  # outputs up to which a sum along each row is quicker than a product for one row


def product(X: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Multiply rows with weights; a row gives the same bits whatever the other rows.

    Parameters
    ----------
    X : array of shape (n_rows, n_parts), float64
        Rows in C order.
    weights : array of shape (n_parts, n_outputs), float64
        Weights in C order, as `aligned` gives them.

    Returns
    -------
    array of shape (n_rows, n_outputs)

    Examples
    --------
    >>> product(np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]])).tolist()
    [[11.0]]
    """
    n_rows, n_outputs = len(X), weights.shape[1]
    if n_outputs <= _FEW:
        sums = [(X * column).sum(axis=1) for column in np.ascontiguousarray(weights.T)]
        return np.ascontiguousarray(np.array(sums).T)
    n_slices = -(-n_rows // _SLICE)
    if n_rows != n_slices * _SLICE:
        filled = np.zeros((n_slices * _SLICE, X.shape[1]))
        filled[:n_rows] = X
        X = filled
    made = np.matmul(X.reshape(n_slices, _SLICE, -1), weights)
    result: np.ndarray = made.reshape(n_slices * _SLICE, n_outputs)[:n_rows]
    return result


def aligned(weights: np.ndarray) -> np.ndarray:
    """Lay weights out as `product` takes them.

    Parameters
    ----------
    weights : array of shape (n_parts, n_outputs) or (n_parts,)
        Of any type and layout.

    Returns
    -------
    array of shape (n_parts, n_outputs), float64
        In C order.
    """
    whole = np.ascontiguousarray(weights, dtype=np.float64)
    return whole[:, None] if whole.ndim == 1 else whole


def softmax(margins: np.ndarray) -> np.ndarray:
    """Turn margins into probabilities.

    Parameters
    ----------
    margins : array of shape (n_rows, n_classes)
        Any numbers, in any layout.

    Returns
    -------
    array of shape (n_rows, n_classes)

    Examples
    --------
    >>> softmax(np.array([[0.0, 0.0]])).tolist()
    [[0.5, 0.5]]
    """
    margins = np.ascontiguousarray(margins)
    made = np.exp(margins - margins.max(axis=1)[:, None])
    result: np.ndarray = made / made.sum(axis=1)[:, None]
    return result


def two_chances(margin: np.ndarray) -> np.ndarray:
    """Turn the log-odds of the second class into the probabilities of both.

    Parameters
    ----------
    margin : array of shape (n_rows,)
        Log-odds.

    Returns
    -------
    array of shape (n_rows, 2)

    Examples
    --------
    >>> two_chances(np.array([0.0])).tolist()
    [[0.5, 0.5]]
    """
    second = expit(margin)
    made = np.empty((len(margin), 2))
    made[:, 0], made[:, 1] = 1 - second, second
    return made
