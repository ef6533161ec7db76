"""Which rows are locked away for the final score, and how the others are cut into folds."""

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.model_selection import KFold, RepeatedKFold, RepeatedStratifiedKFold, StratifiedKFold

from beanft.engine.learning.sizes import HOLDOUT_SHARE, few_locked, folds_by_chance, n_locked

_CHECKED_SHARE, _MOST_CHECKED = 0.2, 40_000


@dataclass(frozen=True, kw_only=True)
class Split:
    """Rows for development and the locked hold-out, as positions in the rows that take part."""

    train: np.ndarray
    """Ascending, of shape (n_train,)."""
    holdout: np.ndarray
    """Ascending, of shape (n_holdout,)."""
    stratified: bool
    """Whether every class has the same share in both parts."""
    seed: int
    """Seed of the draw."""
    by: str = ""
    """group where rows of one group stay together, time where the hold-out is later, empty for chance."""
    column: str = ""
    """Column that says which rows belong together, or which are later."""
    notes: tuple[str, ...] = ()
    """What the user should know, one sentence each."""

    def facts(self) -> dict[str, Any]:
        """Plain values for JSON; `hash` is the SHA-256 of the hold-out's row positions."""
        positions = np.ascontiguousarray(self.holdout, dtype="<i8")
        return {
            "n_train": len(self.train),
            "n_holdout": len(self.holdout),
            "stratified": self.stratified,
            "seed": self.seed,
            "by": self.by,
            "column": self.column,
            "hash": hashlib.sha256(positions.tobytes()).hexdigest(),
        }


@dataclass(frozen=True, kw_only=True)
class Folds:
    """The folds of the development rows."""

    parts: tuple[tuple[np.ndarray, np.ndarray], ...]
    """Pairs of (train, test) positions in the development rows."""
    n_folds: int
    """Parts that the rows are cut into."""
    n_repeats: int
    """How often they are cut anew."""
    growing: bool = False
    """Whether each fold is trained on all rows before it, so that the first is trained on the fewest."""

    @property
    def test_to_train(self) -> float:
        """Rows tested for each row trained on; the variance correction of the verdict needs it."""
        return float(np.mean([len(test) / len(train) for train, test in self.parts]))

    def facts(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"n_folds": self.n_folds, "n_repeats": self.n_repeats}


def hold_out(y: np.ndarray, *, classes: bool, seed: int, share: float = HOLDOUT_SHARE) -> Split:
    """Lock a share of the rows away.

    Parameters
    ----------
    y : array of shape (n_rows,)
        Class codes or numbers.
    classes : bool
        Whether `y` holds class codes; then each class gives its share, at least one row when it has two.
    seed : int
        The same seed and target always give the same rows.
    share : float
        Share of the rows.

    Returns
    -------
    Split

    Examples
    --------
    >>> split = hold_out(np.array([0] * 10 + [1] * 10), classes=True, seed=0)
    >>> len(split.train), split.holdout.tolist()
    (16, [4, 6, 12, 19])
    """
    stratified = classes and int(np.bincount(y).min()) >= 2
    rows = sample_rows(y if stratified else None, n_locked(len(y), share), seed, n_rows=len(y))
    train = np.setdiff1d(np.arange(len(y)), rows)
    notes = []
    if classes and not stratified:
        notes.append("A class is too rare to be shared out, so the locked rows were drawn at random.")
    notes += few_locked(len(rows))
    return Split(train=train, holdout=rows, stratified=stratified, seed=seed, notes=tuple(notes))


def cut_folds(y: np.ndarray, *, classes: bool, seed: int, n_folds: int = 0) -> Folds:
    """Cut the development rows into folds, as many as `folds_by_chance` says unless told otherwise.

    Parameters
    ----------
    y : array of shape (n_rows,)
        Class codes or numbers of the development rows.
    classes : bool
        Whether the folds are stratified; classes with fewer rows than folds are shared out together.
    seed : int
        Seed of the draw.
    n_folds : int
        Folds; 0 for 3 drawn three times below 60 rows, 8 up to 3,000, 5 up to 60,000, else one part.

    Returns
    -------
    Folds
    """
    usual, n_repeats = folds_by_chance(len(y))
    n_folds, n_repeats = (n_folds, 1) if n_folds else (usual, n_repeats)
    if n_folds == 1:
        return checked_part(y, classes=classes, seed=seed)
    n_folds = min(n_folds, len(y))
    strata = _strata(y, n_folds) if classes else None
    stratified = strata is not None
    splitter: Any
    if n_repeats > 1:
        kind = RepeatedStratifiedKFold if stratified else RepeatedKFold
        splitter = kind(n_splits=n_folds, n_repeats=n_repeats, random_state=seed)
    else:
        plain = StratifiedKFold if stratified else KFold
        splitter = plain(n_splits=n_folds, shuffle=True, random_state=seed)
    parts = tuple(splitter.split(np.zeros((len(y), 1)), strata))
    return Folds(parts=parts, n_folds=n_folds, n_repeats=n_repeats)


def _strata(y: np.ndarray, n_folds: int) -> np.ndarray | None:
    """Codes by which rows are shared out: the classes, rare ones together; None where all are rare."""
    counts = np.bincount(y)
    rare = counts[y] < n_folds
    if rare.all():
        return None
    strata = np.where(rare, len(counts), y)
    if 0 < rare.sum() < n_folds:
        strata[rare] = int(counts.argmax())
    return strata


def checked_part(y: np.ndarray, *, classes: bool, seed: int) -> Folds:
    """Keep one part of many rows to check on: 20 %, at most 40,000.

    Parameters
    ----------
    y : array of shape (n_rows,)
        Class codes or numbers of the development rows.
    classes : bool
        Whether every class gives its share.
    seed : int
        Seed of the draw.

    Returns
    -------
    Folds
        One fold.
    """
    n = min(_MOST_CHECKED, round(_CHECKED_SHARE * len(y)))
    test = sample_rows(y if classes else None, n, seed + 1, n_rows=len(y))
    train = np.setdiff1d(np.arange(len(y)), test)
    return Folds(parts=((train, test),), n_folds=1, n_repeats=1)


def sample_rows(codes: np.ndarray | None, n: int, seed: int, *, n_rows: int) -> np.ndarray:
    """Draw about `n` row positions, each class by its share when codes are given.

    Parameters
    ----------
    codes : array of shape (n_rows,) or None
        Class codes, whole numbers from 0, none missing; None to draw without regard to classes.
    n : int
        Rows wanted; all rows are given when there are no more.
    seed : int
        The same seed gives the same rows.
    n_rows : int
        Rows to draw from.

    Returns
    -------
    array of shape (about n,)
        Different positions from 0 to n_rows - 1, ascending. Every class with two rows or more gives at least
        one row and keeps at least one, and a class of one row keeps it, so their number may differ from `n`.

    Examples
    --------
    >>> codes = np.array([0] * 8 + [1] * 2)
    >>> codes[sample_rows(codes, 5, seed=0, n_rows=10)].tolist()
    [0, 0, 0, 0, 1]
    """
    random = np.random.default_rng(seed)
    if n >= n_rows:
        return np.arange(n_rows)
    if codes is None:
        return np.sort(random.choice(n_rows, size=n, replace=False))
    counts = np.bincount(codes)
    exact = counts * (n / n_rows)
    take = np.clip(np.floor(exact).astype(int), (counts > 1).astype(int), np.maximum(counts - 1, 0))
    for code in np.argsort(take - exact, kind="stable")[: max(0, n - int(take.sum()))]:
        take[code] += take[code] < counts[code] - 1
    chosen = [random.permutation(np.flatnonzero(codes == k))[: take[k]] for k in range(len(counts))]
    return np.sort(np.concatenate(chosen))
