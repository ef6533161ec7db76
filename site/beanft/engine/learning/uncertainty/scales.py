"""How large an error is to be expected: everywhere the same, by what is predicted, or by the columns."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

_BINS, _BIN_ROWS = 20, 40  # at most so many ranges of the prediction, each with at least so many rows
_ROWS_AT_ONCE = 4096
_TINY = 1e-100  # of errors that are all 0: still something to divide by
_LEAST = 0.1  # of the mean error: no row is told for certain
EVEN, BY_PREDICTION, BY_COLUMNS = "even", "prediction", "columns"


class Scale(Protocol):
    """Says how large an error is to be expected."""

    @property
    def kind(self) -> str:
        """One of even, prediction and columns."""
        ...

    def of(self, predicted: np.ndarray, matrix: np.ndarray) -> np.ndarray:
        """Give the expected size of each row's error, above 0."""
        ...

    def arrays(self) -> dict[str, np.ndarray]:
        """Everything it knows, to be kept."""
        ...


@dataclass(frozen=True, kw_only=True)
class Even:
    """The same for every row."""

    kind: str = EVEN

    def of(self, predicted: np.ndarray, matrix: np.ndarray) -> np.ndarray:  # noqa: ARG002  # as every scale
        """Give 1 for each row."""
        return np.ones(len(predicted))

    def arrays(self) -> dict[str, np.ndarray]:
        """Give nothing: there is nothing to know."""
        return {}


@dataclass(frozen=True, kw_only=True)
class ByPrediction:
    """A line through the mean errors of ranges of the prediction."""

    at: np.ndarray
    """Mean prediction of each range, ascending."""
    size: np.ndarray
    """Mean error there."""
    kind: str = BY_PREDICTION

    def of(self, predicted: np.ndarray, matrix: np.ndarray) -> np.ndarray:  # noqa: ARG002  # as every scale
        """Read the line at each prediction."""
        size: np.ndarray = np.interp(predicted, self.at, self.size)
        return size

    def arrays(self) -> dict[str, np.ndarray]:
        """Give the points of the line."""
        return {"at": self.at, "size": self.size}


@dataclass(frozen=True, kw_only=True)
class ByColumns:
    """Small trees over the columns and the prediction, added up on the scale of the logarithm.

    Every tree is complete and has the same depth: node i goes on to 2 i + 1 or 2 i + 2.
    """

    column: np.ndarray
    """Column of the matrix asked for at each inner node, int16 of shape (n_trees, n_inner)."""
    bound: np.ndarray
    """Values up to here go left, of the same shape."""
    missing_left: np.ndarray
    """Whether a missing value goes left, of the same shape."""
    leaf: np.ndarray
    """What a leaf adds, of shape (n_trees, n_inner + 1)."""
    start: float
    """Where the sum begins."""
    lowest: float
    """No error is expected to be smaller."""
    kind: str = BY_COLUMNS

    def of(self, predicted: np.ndarray, matrix: np.ndarray) -> np.ndarray:
        """Walk every row down every tree; a row's number does not depend on the rows around it."""
        X = np.column_stack([predicted, matrix])
        parts = [self._walked(X[start : start + _ROWS_AT_ONCE]) for start in range(0, len(X), _ROWS_AT_ONCE)]
        return np.concatenate([np.zeros(0), *parts])

    def _walked(self, X: np.ndarray) -> np.ndarray:
        rows, trees = np.arange(len(X))[:, None], np.arange(len(self.column))
        node = np.zeros((len(X), len(trees)), dtype=np.int64)
        n_inner = self.column.shape[1]
        for _ in range(int(n_inner + 1).bit_length() - 1):
            value = X[rows, self.column[trees, node]]
            left = (value <= self.bound[trees, node]) | (np.isnan(value) & self.missing_left[trees, node])
            node = 2 * node + np.where(left, 1, 2)
        added, total = self.leaf[trees, node - n_inner], np.full(len(X), self.start)
        for tree in trees:  # in this order, so that the rows around a row do not change its last digit
            total += added[:, tree]
        size: np.ndarray = np.maximum(np.exp(total), self.lowest)
        return size

    def arrays(self) -> dict[str, np.ndarray]:
        """Give the trees."""
        return {
            "column": self.column,
            "bound": self.bound,
            "missing_left": self.missing_left,
            "leaf": self.leaf,
            "ends": np.array([self.start, self.lowest]),
        }


def fit_by_prediction(predicted: np.ndarray, errors: np.ndarray) -> ByPrediction:
    """Draw the line through the mean errors of ranges of the prediction.

    Parameters
    ----------
    predicted : array of shape (n_rows,)
        What was predicted, one row or more.
    errors : array of shape (n_rows,)
        Sizes of the errors, 0 or more.

    Returns
    -------
    ByPrediction

    Examples
    --------
    >>> said = np.arange(400.0)
    >>> fit_by_prediction(said, 2 * said).of(np.array([200.0]), np.zeros((1, 0))).round(1).tolist()
    [400.0]
    """
    n_bins = int(np.clip(len(predicted) // _BIN_ROWS, 1, _BINS))
    order = np.argsort(predicted, kind="stable")
    bins = np.array_split(order, n_bins)
    at = np.array([predicted[one].mean() for one in bins])
    size = np.array([errors[one].mean() for one in bins])
    at, first = np.unique(at, return_index=True)
    return ByPrediction(at=at, size=np.maximum(size[first], lowest_of(errors)))


def lowest_of(errors: np.ndarray) -> float:
    """Give the smallest error that is ever expected: a tenth of the mean one.

    Parameters
    ----------
    errors : array of shape (n_rows,)
        Sizes of the errors.

    Returns
    -------
    float
        Above 0.

    Examples
    --------
    >>> lowest_of(np.array([1.0, 3.0])), lowest_of(np.zeros(3)) > 0
    (0.2, True)
    """
    return max(_LEAST * float(errors.mean()), _TINY)


def scale_from(kind: str, arrays: dict[str, np.ndarray]) -> Scale:
    """Make a scale of what was kept of it.

    Parameters
    ----------
    kind : str
        even, prediction or columns.
    arrays : dict of str to array
        As `Scale.arrays` gave them.

    Returns
    -------
    Scale

    Examples
    --------
    >>> scale_from("even", {}).of(np.zeros(2), np.zeros((2, 0))).tolist()
    [1.0, 1.0]
    """
    if kind == BY_PREDICTION:
        return ByPrediction(at=arrays["at"], size=arrays["size"])
    if kind == BY_COLUMNS:
        start, lowest = arrays["ends"].tolist()
        return ByColumns(
            column=arrays["column"],
            bound=arrays["bound"],
            missing_left=arrays["missing_left"],
            leaf=arrays["leaf"],
            start=start,
            lowest=lowest,
        )
    return Even()
