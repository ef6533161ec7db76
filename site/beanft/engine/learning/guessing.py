"""Guessing without looking at any column: the best that a score allows, which every learner has to beat."""

from dataclasses import dataclass, field
from typing import Self

import numpy as np

_DEAL = 52  # a stream of its own: the rows may have been shuffled with the same seed
_AHEAD = 1e-3  # of a probability: enough to name a class, little enough to stay near what is known


@dataclass
class GuessedNumber:
    """Always the same number, found on the training rows.

    Parameters
    ----------
    kind : str
        Empty for the mean, which squared errors ask for; median, which absolute errors ask for; or
        relative_median, each row weighing one part in its size, which percentage errors ask for.

    Examples
    --------
    >>> y = np.array([1.0, 2.0, 3.0, 100.0])
    >>> [GuessedNumber(kind).fit(y, y).number for kind in ("", "median", "relative_median")]
    [26.5, 2.5, 1.0]
    """

    kind: str = ""
    number: float = 0.0

    def fit(self, X: np.ndarray, y: np.ndarray) -> Self:
        """Find the number; `X` is not looked at."""
        del X
        if self.kind == "relative_median" and (y != 0).any():
            self.number = _relative_median(y[y != 0])
        else:
            self.number = float(np.median(y) if self.kind else np.mean(y))
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Give the number for each row, of shape (n_rows,)."""
        return np.full(len(X), self.number)


@dataclass
class GuessedClass:
    """The same probabilities for every row, found on the training rows.

    Rows weigh alike whatever the classes weigh: weighted ones would guess a rarer class than need be.

    Parameters
    ----------
    kind : str
        Empty for the share of each class, whose largest names the most frequent one; second for just above
        one half for the second of two, because F1 is 0 for who never names it; or dealt (see `dealt`).

    Examples
    --------
    >>> y = np.array([0, 0, 0, 1])
    >>> GuessedClass("second").fit(y, y).predict_proba(y[:1]).tolist()
    [[0.499, 0.501]]
    """

    kind: str = ""
    classes_: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=int))
    shares: np.ndarray = field(default_factory=lambda: np.zeros(0))

    def fit(self, X: np.ndarray, y: np.ndarray) -> Self:
        """Count the classes; `X` is not looked at."""
        del X
        self.classes_, counts = np.unique(y, return_counts=True)
        self.shares = counts / counts.sum()
        if self.kind == "second" and len(self.shares) == 2 and self.shares[1] < 0.5 + _AHEAD:
            self.shares = np.array([0.5 - _AHEAD, 0.5 + _AHEAD])
        return self

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Give probabilities of shape (n_rows, n_classes)."""
        if self.kind == "dealt":
            return dealt(self.shares, len(X))
        return np.tile(self.shares, (len(X), 1))

    def deal(self, drawn: np.ndarray) -> np.ndarray:
        """Deal the classes out to rows that drew these numbers.

        Parameters
        ----------
        drawn : array of shape (n_rows,)
            0 to below 1, by chance.

        Returns
        -------
        array of shape (n_rows, n_classes)
            As `dealt` gives them, but for the first row, which is one like the others here.

        Examples
        --------
        >>> guess = GuessedClass("dealt", np.array([0, 1]), np.array([0.75, 0.25]))
        >>> guess.deal(np.array([0.7, 0.8])).argmax(axis=1).tolist()
        [0, 1]
        """
        told = np.searchsorted(np.cumsum(self.shares), drawn, side="right")
        return _ahead(self.shares, np.minimum(told, len(self.shares) - 1))


def dealt(shares: np.ndarray, n_rows: int, seed: int = 0) -> np.ndarray:
    """Deal the classes out by chance, each as often as it occurs.

    F1 over all classes is about 1 / n_classes then, and more than any answer that is always the same gets.

    Parameters
    ----------
    shares : array of shape (n_classes,)
        Share of each class, summing to 1.
    n_rows : int
        Rows to answer for.
    seed : int, default 0
        Seed of the deal. The first row gets the most frequent class, for it may stand alone.

    Returns
    -------
    array of shape (n_rows, n_classes)
        The shares, moved so far towards the class dealt that it comes first.

    Examples
    --------
    >>> np.bincount(dealt(np.array([0.7, 0.3]), 1000).argmax(axis=1)).tolist()
    [709, 291]
    """
    told = np.random.default_rng([seed, _DEAL]).choice(len(shares), n_rows, p=shares)
    told[:1] = shares.argmax()
    return _ahead(shares, told)


def _ahead(shares: np.ndarray, told: np.ndarray) -> np.ndarray:
    """Move the shares towards the class told, so far that it comes first."""
    behind = shares.max() - shares
    moved = ((behind + _AHEAD) / (1 + behind))[told][:, None]
    chances: np.ndarray = (1 - moved) * shares + moved * np.eye(len(shares))[told]
    return chances


def _relative_median(y: np.ndarray) -> float:
    """The number with the least sum of errors, each divided by its true number."""
    y = np.sort(y)
    weights = np.cumsum(np.abs(y).min() / np.abs(y))  # at most 1 each: no sum grows too large
    return float(y[np.searchsorted(weights, weights[-1] / 2)])
