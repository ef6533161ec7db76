"""Finds locked rows that the development rows hold as well, and equal rows whose targets differ."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from beanft.engine.checks.training.asked import Asked
from beanft.engine.checks.training.unlooked import NotLookedError
from beanft.engine.findings import Finding
from beanft.engine.tables.wording import counted

_LEAST = 0.01  # of the locked rows
_FEWEST = 3  # locked rows
_BEYOND = 5.0  # times as many as columns that have nothing to do with each other would give by chance
_SAME_TARGET = 0.97  # of the equal pairs have an equal target: copies, not people who happen to be alike
_CONFLICT = 0.05  # of the development rows have a twin with another target


def find(asked: Asked) -> Iterator[Finding]:
    """Compare rows by all their features, by hashes.

    Parameters
    ----------
    asked : Asked
        The question.

    Yields
    ------
    Finding
        A warning for copies across the split, a note for twins whose targets differ.

    Raises
    ------
    NotLookedError
        Rows of a single column are equal without being copies, or no row is locked.
    """
    if asked.X.shape[1] < 2 or not len(asked.holdout):
        raise NotLookedError
    hashes = pd.util.hash_pandas_object(asked.X, index=False).to_numpy()
    dev = hashes[asked.train]
    n = int(np.isin(hashes[asked.holdout], dev).sum())
    same, n_with_twin = _twins(dev, asked.y_dev)
    share = n / len(asked.holdout)
    if share >= _LEAST and n >= _FEWEST and n > _BEYOND * _expected(asked) and same >= _SAME_TARGET:
        yield _copies(asked, n, share)
    conflicting = n_with_twin * (1 - same) / len(dev)
    if conflicting >= _CONFLICT:
        yield _conflict(conflicting, len(dev))


def without_copies(asked: Asked) -> Asked:
    """Leave copies of development rows out, which would make every other check see a leak.

    Parameters
    ----------
    asked : Asked
        The question with all its rows.

    Returns
    -------
    Asked
        The same with the first of each set of equal development rows.
    """
    hashes = pd.util.hash_pandas_object(asked.dev, index=False).to_numpy()
    first = np.sort(np.unique(hashes, return_index=True)[1])
    return replace(asked, train=asked.train[first])


def _copies(asked: Asked, n: int, share: float) -> Finding:
    return Finding(
        code="duplicates-across",
        severity="warning",
        sentence=(
            f"{counted(n, 'of the locked rows is', 'of the locked rows are')} equal in every feature to a "
            f"row that was learned from ({100 * share:.3g} % of {len(asked.holdout):,})."
        ),
        figure=share,
        remedy=(
            "Train again with each repeated row kept once: a model that is tested on rows it was "
            "trained with looks better than it is."
        ),
    )


def _conflict(share: float, n_rows: int) -> Finding:
    return Finding(
        code="conflicting-targets",
        severity="note",
        sentence=(
            f"{100 * share:.3g} % of the {n_rows:,} rows to learn from have a twin that is equal in every "
            "feature but has another target: no model can tell these apart."
        ),
        figure=share,
        remedy="Bring columns that tell such rows apart, or expect a limit to the score.",
    )


def _twins(hashes: np.ndarray, y: np.ndarray) -> tuple[float, int]:
    """Share of neighbours among equal rows that have the same target, and rows that have an equal one."""
    order = np.argsort(hashes, kind="stable")
    equal = hashes[order][1:] == hashes[order][:-1]
    if not equal.any():
        return 0.0, 0
    pairs = y[order][1:][equal] == y[order][:-1][equal]
    return float(pairs.mean()), int(equal.sum())


def _expected(asked: Asked) -> float:
    """Locked rows with a twin, if the columns had nothing to do with each other."""
    log_chance = 0.0
    for name in asked.X:
        shares = asked.dev[name].value_counts(normalize=True, dropna=False).to_numpy()
        log_chance += float(np.log((shares**2).sum()))
    return len(asked.holdout) * min(1.0, len(asked.train) * float(np.exp(log_chance)))
