"""Finds locked rows that differ from those that were learned from."""

from collections.abc import Iterator

import numpy as np
from pandas.api.types import is_datetime64_any_dtype

from beanft.engine.checks.training.asked import Asked
from beanft.engine.checks.training.coding import Coded, code
from beanft.engine.checks.training.quick import parts_by_chance, predict_unseen
from beanft.engine.checks.training.scores import auc
from beanft.engine.checks.training.unlooked import ROWS, TIME, NotLookedError, for_locked
from beanft.engine.compare.drift import STRONG, Drift, drift
from beanft.engine.findings import Finding
from beanft.engine.learning.order import Order, beyond_time
from beanft.engine.tables.wording import shown

_BINS = 10
_SURE = 2.0  # times what chance allows a column's index
_TOLD_APART = 0.65  # ROC AUC
_FEWEST_ROWS = 50  # locked ones
_NAMED = 3
_WHY = {
    "": "The rows were cut by chance, so this should not be: a few unusual rows may weigh a lot.",
    "time": "The locked rows are the latest, so later rows will be like them: expect less of the model.",
    "group": "The locked rows are of other groups, so new groups will be like them.",
}


def find(asked: Asked) -> Iterator[Finding]:
    """Compare the features of development and locked rows, column by column and all together.

    Where the rows were cut by time, dates and numbers that run with the time differ by design: they are
    left out.

    Parameters
    ----------
    asked : Asked
        The question.

    Yields
    ------
    Finding
        At most one, naming the columns that differ most; a warning where the rows were cut by chance.

    Raises
    ------
    NotLookedError
        Locked rows are too few, or there is no time left; where there are none, nothing is told.
    """
    n_locked = len(asked.holdout)
    if not n_locked:
        raise NotLookedError
    why = ROWS if n_locked < _FEWEST_ROWS else TIME if asked.late else ""
    if why:
        raise NotLookedError(why, for_locked(why, n_locked))
    X, is_locked = _both(asked)
    X = X.without(*_running(asked))
    moved = [(name, one) for name, one in _each(X, is_locked) if one.psi >= STRONG and _is_sure(one)]
    if not moved:
        return
    told = 0.5
    if not asked.late:
        marks = is_locked.astype(int)
        answers = predict_unseen(X, marks, 2, parts_by_chance(marks, 2, asked.seed), asked.seed)
        told = auc(is_locked, answers[:, 1])
        if told < _TOLD_APART and not asked.by:
            return
    yield _finding(asked, moved, told)


def _finding(asked: Asked, moved: list[tuple[str, Drift]], told: float) -> Finding:
    named = ", ".join(f"{shown(name, 40)} ({one.psi:.2f})" for name, one in moved[:_NAMED])
    apart = f" A quick model tells the two apart with ROC AUC {told:.2f}." if told > _TOLD_APART else ""
    return Finding(
        code="locked-rows-differ",
        severity="note" if asked.by else "warning",
        columns=tuple(name for name, _ in moved[:_NAMED]),
        sentence=(
            f"The locked rows differ from those learned from, most in {named}: stability index, strong from "
            f"{STRONG}.{apart}"
        ),
        figure=max(told, moved[0][1].psi),
        remedy=_WHY[asked.by],
    )


def _running(asked: Asked) -> list[str]:
    """Columns that go on with the time by which the rows were cut."""
    if asked.by != "time" or asked.order is None:
        return []
    dates = [str(name) for name in asked.X if is_datetime64_any_dtype(asked.X[name])]
    order = Order(by="time", column=asked.column, codes=asked.order)
    return [asked.column, *dates, *beyond_time(asked.X, order)]


def _both(asked: Asked) -> tuple[Coded, np.ndarray]:
    """Coded rows of both sides, by their share and at most a sample, and which of them are locked."""
    n = len(asked.train) + len(asked.holdout)
    drawn = np.random.default_rng(asked.seed).permutation(n)[: asked.n_sample]
    rows = np.concatenate([asked.train, asked.holdout])[np.sort(drawn)]
    return code(asked.X.iloc[rows]), np.isin(rows, asked.holdout)


def _each(X: Coded, is_locked: np.ndarray) -> list[tuple[str, Drift]]:
    found = []
    for name, values, is_category in zip(X.names, X.values.T, X.is_category, strict=True):
        bins = _bins(values, is_category=bool(is_category))
        n = int(bins.max()) + 1
        counts = [np.bincount(bins[side], minlength=n).tolist() for side in (~is_locked, is_locked)]
        one = drift(counts[0], counts[1], in_order=not is_category)
        if one is not None:
            found.append((name, one))
    return sorted(found, key=lambda item: -item[1].psi)


def _bins(values: np.ndarray, *, is_category: bool) -> np.ndarray:
    codes = np.unique(values, return_inverse=True)[1]
    if is_category or codes.max() < _BINS:
        return codes
    borders = np.unique(np.quantile(values, np.linspace(0, 1, _BINS + 1)[1:-1]))
    bins: np.ndarray = np.searchsorted(borders, values, side="right")
    return bins


def _is_sure(one: Drift) -> bool:
    return one.psi > _SURE * one.chance
