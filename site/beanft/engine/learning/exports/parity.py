"""Numbers written so that not a bit is lost, and how well two sets of them agree."""

from dataclasses import dataclass
from typing import Any

import numpy as np

CLOSE = 1e-9
"""Largest difference, relative to the size of the numbers, that other versions of libraries may bring."""


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """How well predictions of the same rows agree."""

    n_rows: int
    """Rows compared."""
    largest: float
    """Largest difference."""
    is_same: bool
    """Whether all numbers are the same to the last bit."""
    is_close: bool
    """Whether they differ by no more than other versions of libraries may bring."""

    @property
    def sentence(self) -> str:
        """What was found.

        Examples
        --------
        >>> compared(np.array([1.0]), np.array([1.0])).sentence
        'The predictions of 1 stored row are the same to the last bit.'
        """
        rows = "1 stored row" if self.n_rows == 1 else f"{self.n_rows:,} stored rows"
        if self.is_same:
            return f"The predictions of {rows} are the same to the last bit."
        judged = "as other versions of libraries bring" if self.is_close else "which is too much"
        return f"The predictions of {rows} differ by up to {self.largest:.3g}, {judged}."

    def facts(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return vars(self) | {"sentence": self.sentence}


def compared(expected: np.ndarray, found: np.ndarray, tolerance: float = CLOSE) -> Agreement:
    """Compare predictions of the same rows.

    Parameters
    ----------
    expected, found : array of shape (n_rows, n_classes) or (n_rows,)
        Predictions.
    tolerance : float
        Largest difference that is close, as a share of the largest number, or of 1 if that is smaller.

    Returns
    -------
    Agreement

    Examples
    --------
    >>> compared(np.array([1.0, 2.0]), np.array([1.0, 2.5])).largest
    0.5
    """
    if expected.shape != found.shape:
        return Agreement(n_rows=len(expected), largest=float("inf"), is_same=False, is_close=False)
    scale = max(1.0, float(np.abs(expected).max(initial=0.0)))
    largest = float(np.abs(expected - found).max(initial=0.0))
    return Agreement(
        n_rows=len(expected),
        largest=largest,
        is_same=bool(np.array_equal(expected, found)),
        is_close=largest <= tolerance * scale,
    )


def texts_of(predicted: np.ndarray) -> list[Any]:
    """Write numbers as hexadecimal texts, from which they are read back to the last bit.

    Parameters
    ----------
    predicted : array of shape (n_rows, n_classes) or (n_rows,)
        Numbers.

    Returns
    -------
    list of str, or of lists of str
        One for each row.

    Examples
    --------
    >>> texts_of(np.array([0.5, 1.0]))
    ['0x1.0000000000000p-1', '0x1.0000000000000p+0']
    """
    if predicted.ndim == 2:
        return [texts_of(row) for row in predicted]
    return [float(one).hex() for one in predicted]


def numbers_of(texts: list[Any]) -> np.ndarray:
    """Read what `texts_of` wrote.

    Parameters
    ----------
    texts : list of str, or of lists of str
        One for each row.

    Returns
    -------
    array of shape (n_rows, n_classes) or (n_rows,), float64

    Examples
    --------
    >>> numbers_of([["0x1.0000000000000p-1"]]).tolist()
    [[0.5]]
    """
    rows = [list(map(float.fromhex, one)) if isinstance(one, list) else float.fromhex(one) for one in texts]
    return np.array(rows)
