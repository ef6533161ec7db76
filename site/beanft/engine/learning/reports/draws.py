"""The Bayesian bootstrap of counted cells: what other rows of the same kind could have given."""

import numpy as np
from scipy.sparse import coo_array

from beanft.engine.compare import effects

DRAWS = 400
"""Draws behind each interval."""
LEVELS = (2.5, 97.5)
"""Percentiles of a 95 % interval."""
_DOUBT = 0.05  # what is left over by a bound that is 95 % sure


def draw_cells(
    cell: np.ndarray,
    n_cells: int,
    *,
    weights: np.ndarray | None = None,
    groups: np.ndarray | None = None,
    seed: int = 0,
) -> np.ndarray:
    """Draw the weight of each cell, as if every row had come more or less often by chance.

    Each row (or each group of rows) gets a random weight from the exponential distribution; the sums of a
    cell's rows then follow a gamma distribution, which is drawn at once.

    Parameters
    ----------
    cell : array of shape (n_rows,)
        Cell of each row, 0 to n_cells - 1.
    n_cells : int
        Number of cells.
    weights : array of shape (n_rows,), optional
        Weight of each row, above 0; 1 each when not given.
    groups : array of shape (n_rows,), optional
        Group of each row; rows of a group come together or not at all.
    seed : int, default 0
        Seed of the draws.

    Returns
    -------
    array of shape (DRAWS, n_cells)
        Drawn weights; 0 for cells without rows.

    References
    ----------
    Rubin (1981), “The Bayesian bootstrap”.

    Examples
    --------
    >>> drawn = draw_cells(np.array([0, 0, 0, 2]), 3)
    >>> drawn.shape, drawn.mean(axis=0).round().tolist()
    ((400, 3), [3.0, 0.0, 1.0])
    """
    random = np.random.default_rng(seed)
    w = np.ones(len(cell)) if weights is None else np.asarray(weights, dtype=float)
    if groups is not None:
        codes = np.unique(groups, return_inverse=True)[1]
        sums = coo_array((w, (codes, cell)), shape=(int(codes.max()) + 1, n_cells)).tocsr()
        grouped: np.ndarray = random.exponential(size=(DRAWS, sums.shape[0])) @ sums
        return grouped
    total = np.bincount(cell, weights=w, minlength=n_cells)
    squares = np.bincount(cell, weights=w * w, minlength=n_cells)
    scale = np.divide(squares, total, out=np.ones(n_cells), where=total > 0)
    drawn: np.ndarray = random.gamma(total / scale, size=(DRAWS, n_cells)) * scale
    return drawn


def wilson(hits: float, n: float) -> tuple[float, float]:
    """Give the 95 % interval of a share.

    Parameters
    ----------
    hits, n : float
        Rows that count, and all rows; 0 rows say nothing, and the interval is 0 to 1.

    Returns
    -------
    tuple of float
        Low and high end, within 0..1.

    Examples
    --------
    >>> [round(end, 3) for end in wilson(8, 10)]
    [0.49, 0.943]
    """
    if n <= 0:
        return 0.0, 1.0
    return effects.wilson(hits / n, n)


def sure_share(n: float) -> float:
    """Give the share that is 95 % sure when all of `n` rows agreed.

    Parameters
    ----------
    n : float
        Rows, above 0.

    Returns
    -------
    float
        Between 0 and 1.

    Examples
    --------
    >>> round(sure_share(59), 3)
    0.95
    """
    return float(_DOUBT ** (1 / n))
