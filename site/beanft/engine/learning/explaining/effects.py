"""What a column does to the predictions on average, and for single rows: partial dependence and its lines."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from beanft.engine.learning.explaining.function import Deadline, Predict, in_chunks, replaced, spread
from beanft.engine.learning.explaining.grids import Grid, make_grid, moments
from beanft.engine.learning.resampling import draw_counts

_DRAWS = 200
_LINES, _RUG = 40, 100  # lines of single rows, and values shown below the picture


@dataclass(frozen=True, kw_only=True)
class Effect:
    """One column's effect on the prediction."""

    grid: Grid
    """The values at which the model was asked."""
    mean: np.ndarray
    """Mean prediction with each value in all rows, of shape (n_points,)."""
    low: tuple[float | None, ...]
    """Lower ends of the 95 % intervals of these means over resampled rows."""
    high: tuple[float | None, ...]
    """Upper ends."""
    lines: np.ndarray
    """Predictions of single rows, of shape (n_lines, n_points)."""
    rug: np.ndarray
    """Values of some rows of the sample (seconds since 1970 for dates); empty for levels."""
    thin: tuple[bool, ...]
    """Points with too few rows nearby to trust them."""
    share_thin: float
    """Share of the points' range that is thin, 0..1: of the points, missing left out."""
    n_rows: int
    """Rows averaged over."""

    @property
    def size(self) -> float:
        """Standard deviation of the mean prediction over the values, each weighted by its rows."""
        weights = self.grid.counts / self.grid.counts.sum()
        middle = float(weights @ self.mean)
        return float(np.sqrt(weights @ (self.mean - middle) ** 2))


def effect_of(
    number: Predict,
    X: pd.DataFrame,
    column: str,
    kind: str,
    *,
    n_points: int = 20,
    seed: int = 0,
    limit_s: float = 30.0,
) -> Effect | None:
    """Put each of a column's values into all rows, and average what the model says.

    Parameters
    ----------
    number : callable
        One number a row, see `number_of`.
    X : DataFrame of shape (n_rows, n_columns)
        A sample of real rows; not changed.
    column, kind : str
        Name and kind of the column.
    n_points : int
        Most points of numbers and dates.
    seed : int
        Decides intervals and rug.
    limit_s : float
        Seconds after which it is given up.

    Returns
    -------
    Effect or None
        None for text, for a column with fewer than two values, and when time ran out.

    Notes
    -----
    Friedman (2001), partial dependence; Goldstein et al. (2015), the lines. Values are combined as they may
    never occur together; a strong link between columns makes such an average doubtful.

    Examples
    --------
    >>> X = pd.DataFrame({"a": [0.0, 1, 2], "b": [3.0, 4, 5]})
    >>> effect_of(lambda X: (2 * X["a"] + X["b"]).to_numpy(), X, "a", "number").mean.tolist()
    [4.0, 6.0, 8.0]
    """
    grid = make_grid(X, column, kind, n_points)
    if grid is None:
        return None
    said = ask_at(number, X, grid, Deadline(limit_s))
    if said is None:
        return None
    counts = np.concatenate(draw_counts(len(X), _DRAWS, seed))
    means = counts.astype(np.float64) @ said / len(X)
    ends = [spread(one) for one in means.T]
    thin = grid.thin(len(X))
    present = [flag for flag, label in zip(thin, grid.labels, strict=True) if label is not None]
    return Effect(
        grid=grid,
        mean=said.mean(axis=0),
        low=tuple(low for low, _ in ends),
        high=tuple(high for _, high in ends),
        lines=said[:_LINES],
        rug=_rug(X[column], grid, _RUG, seed),
        thin=tuple(thin),
        share_thin=sum(present) / max(1, len(present)),
        n_rows=len(X),
    )


def ask_at(number: Predict, X: pd.DataFrame, grid: Grid, deadline: Deadline) -> np.ndarray | None:
    """Predict all rows with each of a grid's values.

    Parameters
    ----------
    number : callable
        One number a row.
    X : DataFrame of shape (n_rows, n_columns)
        The sample that the grid was made from.
    grid : Grid
        The values.
    deadline : Deadline
        When to give up.

    Returns
    -------
    array of shape (n_rows, n_points) or None
    """
    n_rows, n_points = len(X), len(grid.places)
    repeated = X.take(np.repeat(np.arange(n_rows), n_points))
    asked = replaced(repeated, [grid.column], X, np.tile(grid.places, n_rows))
    said = in_chunks(number, asked, deadline)
    return None if said is None else said.reshape(n_rows, n_points)


def _rug(values: pd.Series, grid: Grid, n_rug: int, seed: int) -> np.ndarray:
    if grid.scale == "level":
        return np.zeros(0)
    known = moments(values)
    known = known[~np.isnan(known)]
    chosen = np.random.default_rng(seed).permutation(len(known))[:n_rug]
    return np.sort(known[chosen])
