"""Sets of classes, set so that a wanted share of the unseen rows of each class has its class among them."""

from dataclasses import dataclass

import numpy as np

from beanft.engine.learning.uncertainty.quantiles import LEVELS, blocks_of, fewest, parts_of, upper_quantile

OWN, RARE, ALL = 0, 1, 2
"""Whether the bound of a class is its own, that of all rare classes together, or that of all rows."""

_TOLD = 2.0  # in place of the probability of a class that is in the set whatever its bound
_TIMES = 5  # as many rows as a finite bound needs, so that it is not the very last one


@dataclass(frozen=True, kw_only=True)
class Sets:
    """From which probability a class belongs to the set."""

    least: np.ndarray
    """Probability of each class for each of LEVELS, float32 of shape (n_levels, n_classes); below 0 where
    the rows are too few to rule the class out, above 1 where the answer alone is right often enough."""
    basis: np.ndarray
    """OWN, RARE or ALL, int8 of the same shape."""

    def of(self, chances: np.ndarray, level: float, answers: np.ndarray | None = None) -> np.ndarray:
        """Give the set of each row; it holds the most likely class and the answer, so it is never empty.

        Parameters
        ----------
        chances : array of shape (n_rows, n_classes)
            Probabilities.
        level : float
            One of LEVELS.
        answers : array of int of shape (n_rows,), optional
            Code of the class that is the answer, where that may be another than the most likely one.

        Returns
        -------
        array of bool of shape (n_rows, n_classes)

        Examples
        --------
        >>> sets = Sets(least=np.full((4, 2), 0.4, np.float32), basis=np.zeros((4, 2), np.int8))
        >>> sets.of(np.array([[0.45, 0.55], [0.9, 0.1]]), 0.9).tolist()
        [[True, True], [True, False]]
        """
        found: np.ndarray = chances.astype(np.float32) >= self.least[LEVELS.index(level)]
        rows = np.arange(len(found))
        found[rows, chances.argmax(axis=1)] = True  # as when the bounds were set
        if answers is not None:
            found[rows, answers] = True
        return found


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """Sets, with what they would have been of each row without it."""

    sets: Sets
    """Set on all rows."""
    unseen: np.ndarray
    """Sets of the rows, each set on the other parts of them (on earlier ones, where rows are in the order of
    time); of shape (n_levels, n_rows, n_classes)."""
    measured: np.ndarray
    """Which rows have such sets: not the earliest."""


def fit_sets(
    y: np.ndarray,
    chances: np.ndarray,
    *,
    clusters: np.ndarray | None = None,
    moments: np.ndarray | None = None,
    seed: int = 0,
) -> Fitted:
    """Set on rows that were predicted while unseen from which probability each class belongs to the set.

    The most likely class always does, and the bounds are set with that in mind: where it is right more often
    than wanted, it stands alone and the share is larger.

    Parameters
    ----------
    y : array of int of shape (n_rows,)
        True class codes.
    chances : array of shape (n_rows, n_classes)
        What was said of each row by models that had not learned from it.
    clusters : array of shape (n_rows,), optional
        Group of each row: the sets then hold for a row of a new group.
    moments : array of shape (n_rows,), optional
        Moment of each row: later rows are then measured by what was known of earlier ones.
    seed : int
        Decides the parts.

    Returns
    -------
    Fitted

    References
    ----------
    Sadinle, Lei and Wasserman (2019) for the bounds by class; Ding et al. (2023) for rare classes together.

    Examples
    --------
    >>> y = np.tile([0, 1], 50)  # the second class is never the most likely one
    >>> fit_sets(y, np.column_stack([1 - 0.25 * y, 0.25 * y])).sets.least[1].tolist()
    [2.0, 0.25]
    """
    part = parts_of(len(y), clusters, seed) if moments is None else blocks_of(moments)
    unseen, measured = np.zeros((len(LEVELS), *chances.shape), dtype=bool), np.zeros(len(y), dtype=bool)
    for one in np.unique(part):
        own, others = part == one, part != one if moments is None else part < one
        if not others.any():
            continue
        measured |= own
        fitted = _fit(y[others], chances[others], None if clusters is None else clusters[others])
        for i, level in enumerate(LEVELS):
            unseen[i, own] = fitted.of(chances[own], level)
    return Fitted(sets=_fit(y, chances, clusters), unseen=unseen, measured=measured)


def _fit(y: np.ndarray, chances: np.ndarray, clusters: np.ndarray | None) -> Sets:
    told = chances.argmax(axis=1) == y
    scores = np.where(told, -_TOLD, -chances[np.arange(len(y)), y].astype(np.float32))
    made = [_at_level(scores, y, chances.shape[1], level, clusters) for level in LEVELS]
    return Sets(
        least=np.array([least for least, _ in made], dtype=np.float32),
        basis=np.array([basis for _, basis in made], dtype=np.int8),
    )


def _at_level(
    scores: np.ndarray, y: np.ndarray, n_classes: int, level: float, clusters: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """Least probability of each class, and what it rests on."""

    def bound(rows: np.ndarray) -> float:
        return -upper_quantile(scores[rows], level, None if clusters is None else clusters[rows])

    wanted = _TIMES * fewest(level)
    units = [_n_units(y == code, clusters) for code in range(n_classes)]
    rare = np.isin(y, [code for code in range(n_classes) if units[code] < wanted])
    enough = _n_units(rare, clusters) >= wanted
    least, basis = np.empty(n_classes), np.full(n_classes, OWN)
    shared = bound(rare) if enough else bound(np.ones(len(y), dtype=bool))
    for code in range(n_classes):
        own = units[code] >= wanted
        least[code] = bound(y == code) if own else shared
        basis[code] = OWN if own else RARE if enough else ALL
    return np.maximum(least, -1.0), basis


def _n_units(rows: np.ndarray, clusters: np.ndarray | None) -> int:
    return int(rows.sum()) if clusters is None else len(np.unique(clusters[rows]))
