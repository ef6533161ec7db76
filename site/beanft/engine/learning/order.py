"""Cuts rows by what their owner says of them: rows of one group stay together, or the hold-out is later."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.model_selection import GroupKFold, StratifiedGroupKFold

from beanft.engine.errors import EngineError
from beanft.engine.learning.asking import FEWEST_GROUPS, FEWEST_MOMENTS
from beanft.engine.learning.choices import Validation
from beanft.engine.learning.sizes import HOLDOUT_SHARE, few_locked
from beanft.engine.learning.split import Folds, Split
from beanft.engine.tables.columns import Profile
from beanft.engine.tables.wording import counted

ORDERING = ("time", "group")
"""Roles of the columns that say how rows are cut, the deciding one first."""

_FOLDS = 5
_LATER_SHARES = (0.55, 0.7, 0.85)  # of the rows before each fold that is later than they are
_FEW_GROUPS = 10  # below, one unusual group decides the score
_AS_ROLES_SAY = Validation()


@dataclass(frozen=True, kw_only=True)
class Order:
    """What rows are cut by instead of chance."""

    by: str
    """group or time."""
    column: str
    """Name of the column."""
    codes: np.ndarray
    """Of shape (n_rows,): equal numbers are one group, or one moment; larger numbers are later."""
    notes: tuple[str, ...] = ()
    """What the user should know, one sentence each."""

    def at(self, rows: np.ndarray) -> Self:
        """The same for some of the rows, given by their positions."""
        return type(self)(by=self.by, column=self.column, codes=self.codes[rows], notes=self.notes)


def columns_in(profile: Profile, *roles: str) -> list[str]:
    """Name the columns in some roles.

    Parameters
    ----------
    profile : Profile
        Profile of the table, its columns in their roles.
    *roles : str
        Such as ORDERING.

    Returns
    -------
    list of str
        Role by role, and in the order of the table.
    """
    return [column.name for role in roles for column in profile.columns if column.role == role]


def ordering(profile: Profile, asked: Validation) -> list[tuple[str, str]]:
    """Tell by which columns rows are cut.

    Parameters
    ----------
    profile : Profile
        Profile of the table, its columns in their roles.
    asked : Validation
        What the owner chose; it wins over the roles.

    Returns
    -------
    list of (str, str)
        time or group, and the column; the deciding one first; none when rows are cut by chance.

    Raises
    ------
    EngineError
        Groups or time were chosen without a column.
    """
    if asked.by == "chance":
        return []
    found = [(role, name) for role in ORDERING for name in columns_in(profile, role)]
    if not asked.by:
        return found
    name = asked.column or next((name for role, name in found if role == asked.by), "")
    if not name:
        raise EngineError(f"Choose the column by which rows are cut into {asked.by} parts.")
    return [(asked.by, name), *(one for one in found if one[1] != name and one[0] == "group")]


def find_order(data: pd.DataFrame, profile: Profile, asked: Validation = _AS_ROLES_SAY) -> Order | None:
    """Find what the rows of a table are cut by.

    Parameters
    ----------
    data : DataFrame of shape (n_rows, n_columns)
        Holds the columns of `ordering`.
    profile : Profile
        Profile of the table, its columns in their roles.
    asked : Validation
        What the owner chose; it wins over the roles.

    Returns
    -------
    Order or None
        By time where a column has that role, else by group; None where none has either. Rows without a time
        count as the earliest, and each row without a group is a group of its own.
    """
    cut_by = ordering(profile, asked)
    if not cut_by:
        return None
    (by, name), others = cut_by[0], [other for _, other in cut_by[1:]]
    values = data[name]
    if by == "group":
        codes, n_missing = _groups(values), int(values.isna().sum())
        notes = _missing_note(name, n_missing, "each of them is a group of its own")
        return Order(by="group", column=name, codes=codes, notes=notes)
    codes = values.rank(method="dense", na_option="top").to_numpy(dtype=float).astype(np.int64)
    notes = _missing_note(name, int(values.isna().sum()), "they count as the earliest")
    return Order(by="time", column=name, codes=codes, notes=(*notes, *_mixed_note(name, others)))


def _groups(values: pd.Series) -> np.ndarray:
    codes = pd.factorize(values)[0].astype(np.int64)
    missing = codes < 0
    codes[missing] = len(codes) + np.arange(int(missing.sum()))
    return codes


def _missing_note(name: str, n_missing: int, what: str) -> tuple[str, ...]:
    if not n_missing:
        return ()
    rows = "1 row has" if n_missing == 1 else f"{n_missing:,} rows have"
    return (f"{rows} no value of “{name}”: {what}.",)


def _mixed_note(time: str, groups: Sequence[str]) -> tuple[str, ...]:
    return tuple(
        f"“{time}” decides which rows are locked away, so rows of one “{group}” can be on both sides."
        for group in groups
    )


def beyond_time(X: pd.DataFrame, order: Order) -> list[str]:
    """Name the numbers that run with the time: later rows lie beyond everything seen before.

    Parameters
    ----------
    X : DataFrame of shape (n_rows, n_features)
        The features of the rows that take part.
    order : Order
        Their moments.

    Returns
    -------
    list of str
        Such as a year, or a count of days: what is learned from them cannot be carried on.

    Examples
    --------
    >>> order = Order(by="time", column="day", codes=np.arange(100))
    >>> beyond_time(pd.DataFrame({"year": np.arange(100) // 5, "size": np.arange(100) % 7}), order)
    ['year']
    """
    if order.by != "time" or not len(X):
        return []
    cut = np.quantile(order.codes, _LATER_SHARES[-1])
    later = order.codes > cut
    found = []
    for name in X.columns:
        if pd.api.types.is_numeric_dtype(X[name]):
            early, late = X[name][~later].dropna(), X[name][later].dropna()
            if len(early) and len(late) and ((late > early.max()) | (late < early.min())).mean() > 0.5:
                found.append(str(name))
    return found


def hold_out_groups(
    y: np.ndarray, order: Order, *, classes: bool, seed: int, share: float = HOLDOUT_SHARE
) -> Split:
    """Lock whole groups away that hold about a share of the rows.

    Parameters
    ----------
    y : array of shape (n_rows,)
        Class codes or numbers.
    order : Order
        The groups of the rows.
    classes : bool
        Whether `y` holds class codes; then their shares are kept as far as the groups allow.
    seed : int
        The same seed and groups always give the same rows.
    share : float
        Share of the rows.

    Returns
    -------
    Split

    Raises
    ------
    EngineError
        When there are fewer than three groups.
    """
    n_groups = _n_different(order, FEWEST_GROUPS, "bring more groups")
    parts = _group_parts(y, order.codes, max(2, round(1 / share)), classes=classes, seed=seed)
    train, holdout = min(parts, key=lambda part: abs(len(part[1]) - share * len(y)))
    n_held = len(np.unique(order.codes[holdout]))
    few = (
        f"There are only {n_groups} groups of “{order.column}”, {n_held} of them locked away, so one "
        "unusual group can decide the scores."
    )
    return _locked(order, train, holdout, seed=seed, notes=(few,) if n_groups < _FEW_GROUPS else ())


def cut_groups(y: np.ndarray, order: Order, *, classes: bool, seed: int, n_folds: int = 0) -> Folds:
    """Cut the development rows into folds; rows of one group are never in two.

    Parameters
    ----------
    y : array of shape (n_rows,)
        Class codes or numbers of the development rows.
    order : Order
        The groups of these rows.
    classes : bool
        Whether `y` holds class codes; then their shares are kept as far as the groups allow.
    seed : int
        Seed of the draw.
    n_folds : int
        Folds; 0 for 5. A single one is a fifth of the rows that is checked on.

    Returns
    -------
    Folds
    """
    parts = _group_parts(y, order.codes, n_folds if n_folds > 1 else _FOLDS, classes=classes, seed=seed)
    parts = parts[:1] if n_folds == 1 else parts
    return Folds(parts=tuple(parts), n_folds=len(parts), n_repeats=1)


def _group_parts(
    y: np.ndarray, groups: np.ndarray, n: int, *, classes: bool, seed: int
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Pairs of (train, test) positions; fewer than `n` where there are fewer groups, or a class is rare."""
    n = min(n, len(np.unique(groups)))
    known = np.unique(y, return_counts=True)[1] if classes else np.array([0])
    stratified = classes and int(known.min()) >= n
    for kind in (StratifiedGroupKFold, GroupKFold)[0 if stratified else 1 :]:
        splitter: Any = kind(n_splits=n, shuffle=True, random_state=seed)
        found = list(splitter.split(np.zeros((len(y), 1)), y, groups))
        if all(len(test) for _, test in found):
            break  # by classes a part may stay empty, where few groups hold all rows of a class
    return found


def hold_out_later(order: Order, *, seed: int, share: float = HOLDOUT_SHARE) -> Split:
    """Lock the latest rows away; rows of one moment are on the same side.

    Parameters
    ----------
    order : Order
        The moments of the rows.
    seed : int
        Kept for the record; nothing is drawn.
    share : float
        Share of the rows.

    Returns
    -------
    Split
        Every row of the hold-out is later than every other row.

    Raises
    ------
    EngineError
        When there are fewer than four moments.
    """
    _n_different(order, FEWEST_MOMENTS, "choose another time")
    is_later = order.codes >= _bounds(order.codes, [1 - share], first=FEWEST_MOMENTS - 1)[0]
    return _locked(order, np.flatnonzero(~is_later), np.flatnonzero(is_later), seed=seed)


def cut_later(order: Order, *, n_folds: int = 0) -> Folds:
    """Cut the development rows into folds that are each later than all rows they are trained on.

    Parameters
    ----------
    order : Order
        The moments of the development rows.
    n_folds : int
        Folds; 0 for 3, of which the first learns from the first 55 % of the rows.

    Returns
    -------
    Folds
        Each trained on all rows before it; fewer where there are fewer moments.
    """
    shares = [(i + 1) / (n_folds + 1) for i in range(n_folds)] if n_folds else _LATER_SHARES
    bounds = _bounds(order.codes, shares)
    if (
        len(bounds) < 2 and n_folds != 1
    ):  # nearly all rows are of one moment: one fold alone would show no spread
        bounds = [int(moment) for moment in np.unique(order.codes)[-2:]]
    bounds.append(int(order.codes.max()) + 1)
    parts = tuple(
        (np.flatnonzero(order.codes < begin), np.flatnonzero((order.codes >= begin) & (order.codes < end)))
        for begin, end in pairwise(bounds)
    )
    return Folds(parts=parts, n_folds=len(parts), n_repeats=1, growing=True)


def _bounds(codes: np.ndarray, shares: Sequence[float], *, first: int = 1) -> list[int]:
    """The moments that begin after about these shares of the rows, each once; `first` ones begin nothing."""
    moments, counts = np.unique(codes, return_counts=True)
    before = np.concatenate([[0], np.cumsum(counts)[:-1]])  # rows earlier than each moment
    nearest = {first + int(np.argmin(np.abs(before[first:] - share * len(codes)))) for share in shares}
    return [int(moments[place]) for place in sorted(nearest)]


def _n_different(order: Order, fewest: int, remedy: str) -> int:
    """How many groups or moments there are; too few to be cut are refused."""
    n = len(np.unique(order.codes))
    if n < fewest:
        raise EngineError(
            f"“{order.column}” has the role {order.by} but only {counted(n, 'different value')} in the "
            f"rows that take part; at least {fewest} are needed. Take the role away on the columns page, "
            f"or {remedy}."
        )
    return n


def _locked(
    order: Order, train: np.ndarray, holdout: np.ndarray, *, seed: int, notes: tuple[str, ...] = ()
) -> Split:
    """The rows as they were cut, with what is to be said of it."""
    return Split(
        train=train,
        holdout=holdout,
        stratified=False,
        seed=seed,
        by=order.by,
        column=order.column,
        notes=(*order.notes, *few_locked(len(holdout)), *notes),
    )
