"""Columns whose joint effect is more than the sum of both: Friedman's H, and the surface of a pair."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from beanft.engine.learning.explaining.effects import ask_at
from beanft.engine.learning.explaining.function import Deadline, Predict, in_chunks, replaced
from beanft.engine.learning.explaining.grids import Grid, make_grid, moments
from beanft.engine.progress import Progress

_ROWS = 40  # asked at for each pair, and averaged over
_POINTS = 8  # most values of each column of a surface
_TINY = 1e-12  # of the predictions' variance: below, a joint effect is rounding


@dataclass(frozen=True, kw_only=True)
class Pair:
    """How much two columns do together beyond what each does alone."""

    columns: tuple[str, str]
    """Their names."""
    strength: float
    """Typical size of the joint part, in the unit of the prediction (a root mean square)."""
    share: float
    """Share of their common effect's variance that is joint, 0..1: Friedman's H squared."""


@dataclass(frozen=True, kw_only=True)
class Surface:
    """The mean prediction over the values of two columns."""

    across: Grid
    """Values of the first column."""
    down: Grid
    """Values of the second column."""
    mean: np.ndarray
    """Mean prediction, of shape (n_down, n_across)."""
    counts: np.ndarray
    """Rows of the sample nearest to each cell, of the same shape."""
    joint: float
    """Largest departure of a cell from the sum of both columns alone, in the unit of the prediction."""
    n_rows: int
    """Rows averaged over in each cell."""


def strongest_pairs(
    number: Predict,
    X: pd.DataFrame,
    columns: Sequence[str],
    *,
    limit_s: float = 60.0,
    progress: Progress | None = None,
) -> tuple[list[Pair], bool]:
    """Measure the joint effect of each pair of some columns.

    Parameters
    ----------
    number : callable
        One number a row.
    X : DataFrame of shape (n_rows, n_columns)
        Real rows in random order; the first 40 are both asked at and averaged over.
    columns : sequence of str
        Columns paired with each other, at most six or so: each pair costs 40 squared predictions.
    limit_s : float
        Seconds after which no further pair is begun.
    progress : Progress, optional
        Listener.

    Returns
    -------
    list of Pair
        Those measured, the strongest first.
    bool
        Whether time ran out before all pairs were measured.

    Notes
    -----
    Friedman and Popescu (2008), Predictive learning via rule ensembles. With the same rows on both sides
    the joint part of an additive function is exactly 0.

    Examples
    --------
    >>> X = pd.DataFrame({"a": [0.0, 0, 1, 1], "b": [0.0, 1, 0, 1], "c": [1.0, 2, 3, 4]})
    >>> pairs, _ = strongest_pairs(lambda X: (X["a"] * X["b"] + X["c"]).to_numpy(), X, ["a", "b", "c"])
    >>> pairs[0].columns, pairs[1].strength
    (('a', 'b'), 0.0)
    """
    deadline, told = Deadline(limit_s), progress or Progress()
    some = X.iloc[:_ROWS].reset_index(drop=True)
    scale = float(np.var(number(some)))
    wanted = list(combinations(columns, 2))
    alone: dict[tuple[str, ...], np.ndarray] = {}
    pairs: list[Pair] = []
    for done, (one, other) in enumerate(wanted):
        told(done / len(wanted), "Looking for columns that act together")
        for part in ((one,), (other,), (one, other)):
            if part not in alone and not (done and deadline.passed):
                found = _dependence(number, some, part, deadline)
                alone |= {} if found is None else {part: found}
        if not {(one,), (other,), (one, other)} <= alone.keys():
            break
        pairs.append(_pair((one, other), alone[(one,)], alone[(other,)], alone.pop((one, other)), scale))
    return sorted(pairs, key=lambda pair: -pair.strength), len(pairs) < len(wanted)


def _dependence(
    number: Predict, X: pd.DataFrame, columns: Sequence[str], deadline: Deadline
) -> np.ndarray | None:
    """Centred mean prediction with each row's values of some columns put into all rows."""
    n = len(X)
    asked = replaced(X.take(np.tile(np.arange(n), n)), columns, X, np.repeat(np.arange(n), n))
    said = in_chunks(number, asked, deadline)
    if said is None:
        return None
    means = said.reshape(n, n).mean(axis=1)
    centred: np.ndarray = means - means.mean()
    return centred


def _pair(
    columns: tuple[str, str], one: np.ndarray, other: np.ndarray, both: np.ndarray, scale: float
) -> Pair:
    joint, whole = float(np.mean((both - one - other) ** 2)), float(np.mean(both**2))
    if joint <= _TINY * max(scale, whole):
        return Pair(columns=columns, strength=0.0, share=0.0)
    return Pair(columns=columns, strength=joint**0.5, share=min(1.0, joint / whole) if whole else 1.0)


def surface_of(
    number: Predict,
    X: pd.DataFrame,
    columns: tuple[str, str],
    kinds: Mapping[str, str],
    *,
    limit_s: float = 30.0,
) -> Surface | None:
    """Average the prediction over all rows at each two values of two columns.

    Parameters
    ----------
    number : callable
        One number a row.
    X : DataFrame of shape (n_rows, n_columns)
        A sample of real rows.
    columns : tuple of (str, str)
        The columns, the first across and the second down.
    kinds : mapping of str to str
        Their kinds.
    limit_s : float
        Seconds after which it is given up.

    Returns
    -------
    Surface or None
        None where one of them is text or has fewer than two values, and when time ran out.
    """
    across, down = (_short_grid(X, name, kinds[name]) for name in columns)
    if across is None or down is None:
        return None
    deadline = Deadline(limit_s)
    rows: list[np.ndarray] = []
    for place in down.places:
        fixed = replaced(X, [columns[1]], X, np.full(len(X), place))
        fixed[columns[0]] = X[columns[0]].reset_index(drop=True)
        said = None if rows and deadline.passed else ask_at(number, fixed, across, deadline)
        if said is None:
            return None
        rows.append(said.mean(axis=0))
    mean = np.array(rows)
    plane = mean.mean(axis=0) + mean.mean(axis=1, keepdims=True) - mean.mean()
    return Surface(
        across=across,
        down=down,
        mean=mean,
        counts=_crossed(X, across, down),
        joint=float(np.abs(mean - plane).max()),
        n_rows=len(X),
    )


def _short_grid(X: pd.DataFrame, column: str, kind: str) -> Grid | None:
    grid = make_grid(X, column, kind, _POINTS)
    if grid is None or len(grid.places) <= _POINTS + 1:
        return grid
    return Grid(
        column=grid.column,
        scale=grid.scale,
        places=grid.places[:_POINTS],
        labels=grid.labels[:_POINTS],
        counts=grid.counts[:_POINTS],
        n_other=grid.n_other + int(grid.counts[_POINTS:].sum()),
    )


def _crossed(X: pd.DataFrame, across: Grid, down: Grid) -> np.ndarray:
    """Count the rows nearest to each cell."""
    i, j = _nearest(X, down), _nearest(X, across)
    known = (i >= 0) & (j >= 0)
    cells = np.bincount(
        i[known] * len(across.places) + j[known], minlength=len(down.places) * len(across.places)
    )
    return cells.reshape(len(down.places), len(across.places))


def _nearest(X: pd.DataFrame, grid: Grid) -> np.ndarray:
    """The point of each row; -1 for levels that are not shown."""
    values = X[grid.column]
    if grid.scale == "level":
        place = {label: i for i, label in enumerate(values.take(grid.places)) if isinstance(label, str)}
        gone = len(grid.places) - 1 if grid.labels[-1] is None else -1
        found = [place.get(level, -1) if isinstance(level, str) else gone for level in values]
        return np.array(found, dtype=np.int64)
    numbers = moments(values)
    points = numbers[grid.places]
    known = ~np.isnan(points)
    ordered = points[known]
    nearest = np.searchsorted((ordered[1:] + ordered[:-1]) / 2, np.nan_to_num(numbers))
    return np.where(np.isnan(numbers), np.where(known.all(), -1, len(points) - 1), nearest)
