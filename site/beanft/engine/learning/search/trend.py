"""What trees cannot carry on: the slope along the days is taken off before they learn, and added again."""

from typing import Any

import numpy as np


class Detrended:
    """Trees that learned what a line along the days leaves over.

    Parameters
    ----------
    model : estimator
        Boosted trees; they see all parts of the design but the days.
    slopes : array of shape (n_days,)
        What each of the days, the last parts of the design, adds.
    """

    def __init__(self, model: Any, slopes: np.ndarray) -> None:
        self.model, self.slopes = model, slopes

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Numbers of shape (n_rows,)."""
        others, line = split_line(X, self.slopes)
        result: np.ndarray = self.model.predict(others) + line
        return result

    @property
    def n_steps(self) -> int:
        """Steps that the trees have."""
        return int(self.model.n_steps)

    def keep(self, n: int) -> None:
        """Forget the trees after the first `n`."""
        self.model.keep(n)


def split_line(X: np.ndarray, slopes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Take rows of a design apart.

    Parameters
    ----------
    X : array of shape (n_rows, n_parts)
        As `Carried` gives them.
    slopes : array of shape (n_days,)
        Of the last parts.

    Returns
    -------
    others : array of shape (n_rows, n_parts - n_days)
        What trees see.
    line : array of shape (n_rows,)
        What the days add.

    Examples
    --------
    >>> split_line(np.array([[7.0, 1.0], [8.0, 2.0]]), np.array([10.0]))[1].tolist()
    [10.0, 20.0]
    """
    n = len(slopes)
    line: np.ndarray = (np.ascontiguousarray(X[:, -n:]) * slopes).sum(axis=1)
    return np.ascontiguousarray(X[:, :-n]), line
