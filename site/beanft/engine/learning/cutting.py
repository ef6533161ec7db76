"""How rows that take part are cut into folds, for a search and for what is fitted once more after it."""

import numpy as np

from beanft.engine.learning.order import Order, cut_groups, cut_later
from beanft.engine.learning.sizes import LARGE
from beanft.engine.learning.split import Folds, cut_folds

FOLDS, DEVELOPMENT, ALL = "folds", "development", "all"
"""What the learners of a model learned from: the folds of the search, all development rows, or all rows."""
_MORE_ROUNDS = 1.1  # trees that more rows bear
_JOINT_ROWS = 10_000  # up to so many the number of trees is found over all folds together
_LAST = 10  # rows that a fit without a check is handed as if it checked on them


def cut_development(y: np.ndarray, order: Order | None, *, classes: bool, seed: int, n_folds: int) -> Folds:
    """Cut the development rows into the folds of a search.

    Parameters
    ----------
    y : array of shape (n_rows,)
        Class codes or numbers of the development rows.
    order : Order or None
        Their groups or moments; None when they are cut by chance.
    classes : bool
        Whether `y` holds class codes.
    seed : int
        Seed of the draw.
    n_folds : int
        Folds; 0 for the usual number.

    Returns
    -------
    Folds
    """
    if order is None:
        return cut_folds(y, classes=classes, seed=seed, n_folds=n_folds)
    if order.by == "time":
        return cut_later(order, n_folds=n_folds)
    return cut_groups(y, order, classes=classes, seed=seed, n_folds=n_folds)


def is_joint(n_parts: int, n_rows: int) -> bool:
    """Tell whether the number of trees is found over all folds together, because one fold has few rows.

    Parameters
    ----------
    n_parts : int
        Folds.
    n_rows : int
        Development rows.

    Returns
    -------
    bool

    Examples
    --------
    >>> is_joint(5, 1_000), is_joint(1, 1_000)
    (True, False)
    """
    return n_parts > 1 and n_rows <= _JOINT_ROWS


def is_checked(n_rows: int, *, growing: bool) -> bool:
    """Tell whether a fit on more rows is made in folds: not where no later rows are left, nor on very many.

    Parameters
    ----------
    n_rows : int
        Rows to learn from.
    growing : bool
        Whether each fold of the search learned from all rows before it.

    Returns
    -------
    bool

    Examples
    --------
    >>> is_checked(1_000, growing=False), is_checked(1_000, growing=True)
    (True, False)
    """
    return not growing and n_rows <= LARGE


def cut_again(
    y: np.ndarray, order: Order | None, *, classes: bool, seed: int, n_folds: int, growing: bool
) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """Cut rows for a fit that is made once more: folds as in the search, or one fit on all of them.

    Parameters
    ----------
    y : array of shape (n_rows,)
        Class codes or numbers of the rows to learn from.
    order : Order or None
        Their groups or moments.
    classes : bool
        Whether `y` holds class codes.
    seed : int
        Seed of the draw.
    n_folds : int
        Folds of the search.
    growing : bool
        Whether each of them learned from all rows before it.

    Returns
    -------
    tuple of (array, array)
        Positions of the rows learned from and of the rows checked on, for each fit.

    Examples
    --------
    >>> cut_again(np.arange(3.0), None, classes=False, seed=0, n_folds=3, growing=True)
    ((array([0, 1, 2]), array([0, 1, 2])),)
    """
    if not is_checked(len(y), growing=growing):
        every = np.arange(len(y))
        return ((every, every[-_LAST:]),)
    if order is not None:
        return cut_groups(y, order, classes=classes, seed=seed, n_folds=n_folds).parts
    return cut_folds(y, classes=classes, seed=seed, n_folds=max(2, n_folds)).parts


def rounds_again(learner: str, rounds: int, *, checked: bool, joint: bool) -> int | None:
    """Tell how many trees or rounds a fit that is made once more on more rows gets.

    Parameters
    ----------
    learner : str
        Key of the learner.
    rounds : int
        What it had in the search, the mean over its folds.
    checked : bool
        Whether it is made in folds, see `is_checked`.
    joint : bool
        Whether the search found one number over all folds together.

    Returns
    -------
    int or None
        As many as in the search, a few more where nothing can be checked; None where each fold finds its own.

    Examples
    --------
    >>> rounds_again("boosting", 100, checked=True, joint=True)
    100
    >>> rounds_again("network", 10, checked=False, joint=True)
    11
    """
    if not checked:
        return max(1, round(rounds * _MORE_ROUNDS))
    return rounds if joint and learner in ("boosting", "lightgbm") else None
