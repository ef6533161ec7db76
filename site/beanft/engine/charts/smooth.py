"""Densities: rows counted in fine bins by the database, and the counts smoothed with a Gaussian kernel."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from beanft.engine.charts.groups import Groups, place_values, position_sql
from beanft.engine.charts.rows import Rows
from beanft.engine.charts.samples import sampled_sql, sampling_step
from beanft.engine.charts.words import figure
from beanft.engine.tables.wording import are, counted, shown

FINE = 3
"""Fine bins in each cell that is drawn."""

TAIL = 0.005
"""Share of the rows beyond each quantile that the range is made of."""


@dataclass(frozen=True)
class Spread:
    """Where the rows of a number lie, on the scale of the axis (powers of ten where it is logarithmic)."""

    low: float
    """Begin of what is drawn."""
    high: float
    """End of what is drawn."""
    quartiles: tuple[float, float, float]
    """Quartiles, which are values of rows."""
    is_sampled: bool
    """Whether quantiles come from a sample of the rows."""


@dataclass(frozen=True)
class Grid:
    """Equal cells along an axis."""

    step: float
    """Width of a cell."""
    first: int
    """Number of steps from `shift` to the first cell."""
    n_cells: int
    """How many cells."""
    shift: float
    """Where cells are counted from: whole numbers lie in the middle of theirs."""

    @property
    def middles(self) -> tuple[float, ...]:
        """Middle of each cell."""
        found = (
            (self.first + place) * self.step + (self.step / 2 - self.shift) for place in range(self.n_cells)
        )
        return tuple(float(f"{middle:.12g}") for middle in found)


@dataclass(frozen=True)
class Curve:
    """A density."""

    heights: tuple[float, ...]
    """Density in each cell; heights times the step of the grid add up to 1."""
    width: float
    """Standard deviation of the Gaussian kernel, on the scale of the axis."""
    n: int
    """Rows it stands for."""
    is_single: bool
    """Whether all of them lie in one fine bin, so that its width says nothing."""


def spread_of(rows: Rows, name: str, *, is_log: bool = False) -> Spread:
    """Find where to draw a density, so that extreme rows do not flatten it.

    Parameters
    ----------
    rows : Rows
        The rows of the chart.
    name : str
        "x" or "y".
    is_log : bool
        Whether the axis is logarithmic.

    Returns
    -------
    Spread
        The range from the 0.5 % to the 99.5 % quantile, widened by a quarter at both ends, but no wider than
        the rows.
    """
    step = sampling_step(rows.n_used)
    value = f"log10({name})" if is_log else name
    listed = f"quantile_disc({value}, [{TAIL}, 0.25, 0.5, 0.75, {1 - TAIL}])"
    known = None if is_log else rows.known_range(name)
    ends = known or rows.ask(f"SELECT min({value}), max({value}) FROM used")[0]  # noqa: S608 -- "x" or "y"
    found = rows.ask(f"SELECT {listed} FROM used WHERE {sampled_sql(step)}")[0][0]  # noqa: S608 -- our own text
    if found is None:  # no row of very few was drawn
        found = rows.ask(f"SELECT {listed} FROM used")[0][0]  # noqa: S608 -- our own text
    low, high = widened(found[0], found[4], *ends)
    return Spread(low, high, tuple(found[1:4]), step > 1)


def widened(low: float, high: float, smallest: float, largest: float) -> tuple[float, float]:
    """Widen a range by a quarter at both ends; it stands in the lines of pandas, too.

    Parameters
    ----------
    low, high : float
        Quantiles near the ends.
    smallest, largest : float
        The ends, which are not left; where nearly all rows are equal, they are the range.

    Returns
    -------
    tuple of (low, high)
        What is drawn.

    Examples
    --------
    >>> widened(1.0, 5.0, 0.5, 9.0)
    (0.5, 6.0)
    """
    if low == high:
        return smallest, largest
    reach = 0.25 * high - 0.25 * low
    return max(smallest, low - reach), min(largest, high + reach)


def make_grid(spread: Spread, n_cells: int, *, is_whole: bool = False) -> Grid:
    """Choose cells with a round width that cover a range.

    Parameters
    ----------
    spread : Spread
        The range.
    n_cells : int
        Number of cells aimed at; a tenth more may be given.
    is_whole : bool
        Whether the values are whole numbers, so that every cell must hold as many of them.

    Returns
    -------
    Grid
        The cells.

    Examples
    --------
    >>> make_grid(Spread(0.0, 18.0, (1, 2, 3), False), 180)
    Grid(step=0.1, first=0, n_cells=181, shift=0.0)
    """
    return Grid(*cells_between(spread.low, spread.high, n_cells, is_whole))


def cells_between(low: float, high: float, n_cells: int, is_whole: bool) -> tuple[float, int, int, float]:
    """Compute the cells of `make_grid`; it stands in the lines of pandas, too.

    Parameters
    ----------
    low, high : float
        The range.
    n_cells : int
        Number of cells aimed at.
    is_whole : bool
        Whether the values are whole numbers: the width of a cell is then a whole number, or one part of an
        odd number, so that every whole number is the middle of a cell.

    Returns
    -------
    tuple of (step, first, cells, shift)
        The fields of `Grid`.
    """
    largest = max(abs(low), abs(high))
    if low == high:
        low, high = max(low - 0.5, -1.7e308), min(high + 0.5, 1.7e308)
    # A cell narrower than a thousand floats cannot be told from its neighbour.
    exact = max(high / n_cells - low / n_cells, 1024 * math.ulp(largest), 1e-290)
    step, shift = float(f"{exact:.1e}"), 0.0
    if is_whole and largest < 2.0**50:
        parts = math.floor(1 / exact)
        step = math.ceil(exact) if exact > 1 else 1 / max(parts - 1 + parts % 2, 1)
        shift = 0.5
    first = math.floor((low + shift) / step)
    return float(step), first, math.floor((high + shift) / step) - first + 1, shift


def fine_counts(
    rows: Rows, value: str, grid: Grid, spread: Spread, groups: tuple[str, Groups]
) -> NDArray[np.int64]:
    """Count the rows of each group in fine bins.

    Parameters
    ----------
    rows : Rows
        The rows of the chart.
    value : str
        SQL of the value, on the scale of the axis.
    grid : Grid
        The cells.
    spread : Spread
        What is drawn; rows beyond are not counted.
    groups : tuple of (str, Groups)
        "x" or "c", and its groups.

    Returns
    -------
    array of shape (n_groups, fine bins)
        Rows of each group in each fine bin.
    """
    n_bins, n_groups = grid.n_cells * FINE, len(groups[1].labels)
    # One number for group and bin, since grouping by two takes twice as long; and where the numbers of a
    # group begin is looked up in a list, which is done once for each text of a block of rows.
    begins = [f"{place * (n_bins + 2)}::DOUBLE" for place in range(n_groups)]
    begin = f"[{', '.join(begins)}][{position_sql(*groups)}]"
    if groups[1].n_other:
        begin = f"coalesce({begin}, {begins[-1]})"
    key = f"({begin} + {_fine_sql(value, grid)} + 1)::INTEGER"
    found = rows.ask(
        f"SELECT {key} AS place, count(*) FROM used WHERE {value} BETWEEN {spread.low!r}::DOUBLE "  # noqa: S608 -- our own text
        f"AND {spread.high!r}::DOUBLE GROUP BY place",
        place_values(groups[1]),
    )
    counts = np.zeros((n_groups, n_bins), dtype=np.int64)
    for place, n in found:
        group, fine = divmod(place, n_bins + 2)
        counts[group, min(max(fine - 1, 0), n_bins - 1)] += n
    return counts


def _fine_sql(value: str, grid: Grid) -> str:
    """The place among fine bins; values at the very ends may get one below or beyond."""
    fine, begin = grid.step / FINE, float(grid.first * FINE)
    shifted = f"({value} + {grid.shift!r}::DOUBLE)" if grid.shift else value
    return f"floor({shifted} / {fine!r}::DOUBLE - {begin!r}::DOUBLE)"


def smooth(counts: NDArray[np.int64], grid: Grid) -> Curve:
    """Smooth the counts of fine bins with a Gaussian kernel.

    Its width is Silverman's: 0.9 times the smaller of standard deviation and interquartile range / 1.34,
    divided by the fifth root of the rows. The kernel is reflected at the first and the last row, so that the
    curve claims nothing beyond them.

    Parameters
    ----------
    counts : array of shape (fine bins,)
        Rows in each fine bin.
    grid : Grid
        The cells.

    Returns
    -------
    Curve
        Density in each cell; zero where there is no row at all.

    Examples
    --------
    >>> curve = smooth(np.array([0, 3, 0, 0, 1, 0]), Grid(1.0, 0, 2, 0.0))
    >>> curve.n, round(sum(curve.heights), 12)
    (4, 1.0)
    """
    n = int(counts.sum())
    if not n:
        return Curve((0.0,) * grid.n_cells, 0.0, 0, is_single=False)
    heights, width = smoothed(counts, grid.step, grid.shift)
    return Curve(tuple(map(float, heights)), width, n, is_single=bool((counts > 0).sum() == 1))


def smoothed(counts: NDArray[Any], step: float, shift: float) -> tuple[NDArray[Any], float]:
    """Compute the heights of `smooth`; it stands in the lines of pandas, too.

    Parameters
    ----------
    counts : array of shape (fine bins,)
        Rows in each fine bin, three in each cell; at least one row.
    step, shift : float
        As in `Grid`.

    Returns
    -------
    heights : array of shape (cells,)
        Density.
    width : float
        Standard deviation of the kernel.
    """
    n, middles, fine = counts.sum(), np.arange(len(counts)) + 0.5, step / 3
    sd = np.sqrt((counts * (middles - (counts * middles).sum() / n) ** 2).sum() / max(n - 1, 1))
    below = np.concatenate([[0], np.cumsum(counts)])
    between = np.diff(np.interp([0.25 * n, 0.75 * n], below, np.arange(len(below))))[0]
    spread = min(sd, between / 1.34) if between >= 1 else sd
    # Of whole numbers nothing but their comb would be seen through a kernel narrower than half of one.
    width = max(0.9 * spread * n**-0.2, 0.5 / fine if shift else 1.0, 1.0)
    first, last = np.flatnonzero(counts)[[0, -1]]
    heights = np.zeros(len(counts))
    inside = counts[first : last + 1].astype(float)
    heights[first : last + 1] = gaussian_filter1d(inside, width, mode="reflect")
    return heights.reshape(-1, 3).sum(axis=1) / n / step, float(width * fine)


def range_notes(name: str, spread: Spread, n_beyond: int, *, is_log: bool = False) -> tuple[str, ...]:
    """Say how many rows lie beyond what is drawn.

    Parameters
    ----------
    name : str
        The column.
    spread : Spread
        What is drawn.
    n_beyond : int
        Rows beyond it.
    is_log : bool
        Whether the axis is logarithmic.

    Returns
    -------
    tuple of str
        One sentence, or none.
    """
    if not n_beyond:
        return ()
    low, high = (10**spread.low, 10**spread.high) if is_log else (spread.low, spread.high)
    return (
        f"{counted(n_beyond, 'row')} with {shown(name, 40)} below {figure(low, name)} or above "
        f"{figure(high, name)} {are(n_beyond)} not drawn, so that the rest can be seen.",
    )
