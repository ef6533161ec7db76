"""Why a row is predicted as it is: Shapley values of its columns, which add up to the prediction exactly."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import factorial

import numpy as np
import pandas as pd

from beanft.engine.learning.explaining.function import ROWS_AT_ONCE, Deadline, Predict, names_of

_EXACT = 8  # players up to which all their combinations are asked for: 256 for each background row
_SETTLED = 0.01  # a standard error of 1 % of the largest contribution is fine enough

Asked = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""(masks, starts) -> one number each, see `taken_apart`."""


@dataclass(frozen=True, kw_only=True)
class Share:
    """What one column, or columns taken together, contribute."""

    columns: tuple[str, ...]
    """Their names."""
    value: float
    """What knowing them adds to the prediction."""
    error: float
    """Its standard error: other background rows and orders would give another value."""


@dataclass(frozen=True, kw_only=True)
class Contributions:
    """A prediction taken apart: base + all shares = prediction, up to rounding in the last digit."""

    base: float
    """Average prediction of the background rows."""
    prediction: float
    """The prediction of the row."""
    shares: tuple[Share, ...]
    """By size, the largest first."""
    n_background: int
    """Real rows that it was compared with."""
    exact: bool
    """Whether all combinations of columns were asked for; otherwise random orders of them."""
    n_orders: int
    """Random orders drawn for each background row; 0 where exact."""


def contributions_of(
    number: Predict,
    row: pd.DataFrame,
    background: pd.DataFrame,
    *,
    players: Sequence[tuple[str, ...]] = (),
    max_orders: int = 16,
    seed: int = 0,
    limit_s: float = 30.0,
) -> Contributions:
    """Take a prediction apart into what each column contributes, compared with real rows.

    Parameters
    ----------
    number : callable
        One number a row: for classes the probability, so that contributions are on its scale.
    row : DataFrame of shape (1, n_columns)
        The row explained.
    background : DataFrame of shape (n_background, n_columns)
        Real rows in random order, one or more.
    players : sequence of tuple of str
        Columns that enter together; each column alone when empty. They must cover all columns once.
    max_orders : int
        Most random orders for each background row; half of them are the others backwards.
    seed : int
        Decides the orders.
    limit_s : float
        Seconds after which no further orders are drawn; then the background may be smaller.

    Returns
    -------
    Contributions

    Notes
    -----
    A column out of play has its value of the background row (interventional Shapley values, Janzing et al.
    2020). Up to 8 players exactly; else by permutation sampling with antithetic pairs (Mitchell et al.
    2022): each walk from a background row to the row explained adds up exactly, so their mean does.

    Examples
    --------
    >>> X = pd.DataFrame({"a": [0.0, 2.0], "b": [1.0, 3.0], "c": [9.0, 9.0]})
    >>> row = pd.DataFrame({"a": [5.0], "b": [2.0], "c": [7.0]})
    >>> made = contributions_of(lambda X: (2 * X["a"] + X["b"]).to_numpy(), row, X)
    >>> made.base, made.prediction, [round(share.value, 9) for share in made.shares]
    (4.0, 12.0, [8.0, 0.0, 0.0])
    """
    chosen = list(players) or [(name,) for name in names_of(background)]
    asked = _Asked(number, row, background, chosen)
    return taken_apart(
        asked, chosen, len(background), max_orders=max_orders, seed=seed, deadline=Deadline(limit_s)
    )


def taken_apart(
    asked: Asked,
    players: Sequence[tuple[str, ...]],
    n_background: int,
    *,
    max_orders: int,
    seed: int,
    deadline: Deadline,
    exact: int = _EXACT,
) -> Contributions:
    """Take a prediction apart by asking for mixtures of a row and background rows.

    Parameters
    ----------
    asked : callable
        (masks of shape (n, n_players), starts of shape (n,)) -> array of shape (n,): predictions of the
        background rows `starts` in which the players of the mask have the values of the row explained.
    players : sequence of tuple of str
        Columns that enter together, one player or more.
    n_background : int
        Background rows, one or more.
    max_orders : int
        Most random orders for each background row.
    seed : int
        Decides the orders.
    deadline : Deadline
        The moment after which no further orders are drawn.
    exact : int
        Players up to which all their combinations are asked for.

    Returns
    -------
    Contributions
    """
    if len(players) <= exact:
        values, starts, end = _exact(asked, len(players), n_background, deadline)
        n_orders = 0
    else:
        values, starts, end, n_orders = _sampled(
            asked, len(players), n_background, max_orders, seed, deadline
        )
    n = len(values)
    errors = values.std(axis=0, ddof=1) / np.sqrt(n) if n > 1 else np.zeros(len(players))
    shares = [
        Share(columns=columns, value=float(value), error=float(error))
        for columns, value, error in zip(players, values.mean(axis=0), errors, strict=True)
    ]
    return Contributions(
        base=float(starts.mean()),
        prediction=end,
        shares=tuple(sorted(shares, key=lambda share: -abs(share.value))),
        n_background=n,
        exact=n_orders == 0,
        n_orders=n_orders,
    )


class _Asked:
    """Predicts mixtures of a row and background rows."""

    def __init__(
        self, number: Predict, row: pd.DataFrame, background: pd.DataFrame, players: Sequence[tuple[str, ...]]
    ) -> None:
        self._number = number
        self._source = pd.concat([background, row[names_of(background)]], ignore_index=True)
        self._player = {name: i for i, columns in enumerate(players) for name in columns}

    def __call__(self, masks: np.ndarray, starts: np.ndarray) -> np.ndarray:
        """Predict rows that have the explained row's values where a player is in, else those of `starts`."""
        row, mixed = len(self._source) - 1, {}
        for name in names_of(self._source):
            places = np.where(masks[:, self._player[name]], row, starts)
            mixed[name] = self._source[name].take(places).reset_index(drop=True)
        said: np.ndarray = np.asarray(self._number(pd.DataFrame(mixed)), dtype=np.float64)
        return said


def _exact(
    asked: Asked, m: int, n_background: int, deadline: Deadline
) -> tuple[np.ndarray, np.ndarray, float]:
    """Shapley values of each background row, of shape (n_done, m), from all 2**m coalitions."""
    masks = (np.arange(2**m)[:, None] >> np.arange(m)) & 1 == 1
    at_once, parts = max(1, ROWS_AT_ONCE // 2**m), []
    for start in range(0, n_background, at_once):
        if start and deadline.passed:
            break
        rows = np.arange(start, min(n_background, start + at_once))
        said = asked(np.tile(masks, (len(rows), 1)), np.repeat(rows, 2**m))
        parts.append(said.reshape(len(rows), 2**m))
    worth = np.concatenate(parts)
    values = np.column_stack([_joining(worth, masks, j) for j in range(m)])
    return values, worth[:, 0], float(worth[0, -1])


def _joining(worth: np.ndarray, masks: np.ndarray, j: int) -> np.ndarray:
    """What player `j` adds to the coalitions without it, by Shapley's weights; exactly 0 for a dummy."""
    m = masks.shape[1]
    without = np.flatnonzero(~masks[:, j])
    sizes = masks[without].sum(axis=1).tolist()
    weights = np.array([factorial(size) * factorial(m - size - 1) / factorial(m) for size in sizes])
    added: np.ndarray = (worth[:, without | 1 << j] - worth[:, without]) @ weights
    return added


def _sampled(
    asked: Asked, m: int, n_background: int, max_orders: int, seed: int, deadline: Deadline
) -> tuple[np.ndarray, np.ndarray, float, int]:
    """The same by walks in random orders, forwards and backwards, in rounds over the background rows."""
    random, rounds = np.random.default_rng(seed), 0
    total, starts, end = np.zeros((n_background, m)), np.zeros(0), 0.0
    while 2 * rounds < max(2, max_orders):
        orders = random.permuted(np.tile(np.arange(m), (n_background, 1)), axis=1)
        found, worth = _walked(asked, orders, deadline, must=rounds == 0)
        if rounds and len(found) < len(total):
            break  # a round that is not whole would weigh its rows more
        if not rounds:
            total, starts, end = total[: len(found)], worth[:, 0], float(worth[0, -1])
            n_background = len(found)
        total, rounds = total + found, rounds + 1
        errors = (total / rounds).std(axis=0) / np.sqrt(len(total))
        if deadline.passed or errors.max() <= _SETTLED * np.abs(total.mean(axis=0) / rounds).max():
            break
    return total / rounds, starts, end, 2 * rounds


def _walked(
    asked: Asked, orders: np.ndarray, deadline: Deadline, *, must: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Contributions (n_done, m) along an order and along the same backwards, and the worth on the way."""
    n_rows, m = orders.shape
    at_once, found, worths = max(1, ROWS_AT_ONCE // (2 * (m + 1))), [], []
    for start in range(0, n_rows, at_once):
        if deadline.passed and not (must and not start):
            break
        rows = np.arange(start, min(n_rows, start + at_once))
        there, back = (_walk(asked, way[rows], rows) for way in (orders, orders[:, ::-1]))
        found.append((_steps(there, orders[rows]) + _steps(back, orders[rows, ::-1])) / 2)
        worths.append(there)
    if not found:
        return np.zeros((0, m)), np.zeros((0, m + 1))
    return np.concatenate(found), np.concatenate(worths)


def _walk(asked: Asked, orders: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Predict while players come in one by one; of shape (n_rows, m + 1)."""
    n_rows, m = orders.shape
    entered = np.argsort(orders, axis=1)  # the step at which each player comes in
    masks = entered[:, None, :] < np.arange(m + 1)[None, :, None]
    return asked(masks.reshape(-1, m), np.repeat(rows, m + 1)).reshape(n_rows, m + 1)


def _steps(worth: np.ndarray, orders: np.ndarray) -> np.ndarray:
    """What each player added on the way, in the order of the players."""
    steps = np.diff(worth, axis=1)
    return np.take_along_axis(steps, np.argsort(orders, axis=1), axis=1)
