"""Pearson's correlation of every two columns by their product moments."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
"""Numbers of shape (n_rows,), NaN where there is none."""


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
