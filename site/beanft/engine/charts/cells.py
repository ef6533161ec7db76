"""Two-dimensional density: the plane of two numbers as cells, each with the number of its rows.

The width of a cell is a power of two and its edges are multiples of it. Floating point then divides without
rounding, so that each row falls into the cell whose edges hold it, in SQL and in pandas alike.
"""

import math
import sys
from dataclasses import dataclass

from beanft.engine.charts.drawing import Series
from beanft.engine.charts.expressions import is_logarithmic
from beanft.engine.charts.links import Link, complete_rows, joined, range_link
from beanft.engine.charts.rows import Rows

N_ACROSS, N_UP = 64, 44
"""Most cells side by side and above each other; at least about half as many."""

Cell = tuple[float, float, float, float, int]
"""From and to along x, from and to along y, rows."""

_MOST = sys.float_info.max


@dataclass(frozen=True)
class Steps:
    """The cells along one axis."""

    width: float
    """Width of a cell, a power of two; on a logarithmic axis that of the logarithm to base 2."""
    first: int
    """Place of the lowest cell, in widths from zero."""
    log: bool
    """Whether the axis is logarithmic."""

    def edge(self, place: int) -> float:
        """The lower edge of a cell, counted from the lowest."""
        at = (self.first + place) * self.width
        if self.log:
            at = 2.0**at if at < sys.float_info.max_exp else _MOST
        return max(-_MOST, min(at, _MOST))

    def sql(self, value: str) -> str:
        """SQL of the place of a value, from 0."""
        if not self.log:
            return f"(floor({value} / {self.width!r}::DOUBLE) - {self.first}::DOUBLE)::UTINYINT"
        # Two libraries may differ in the last digit of the smallest logarithm.
        place = f"floor(log2({value}) / {self.width!r}::DOUBLE) - {self.first}::DOUBLE"
        return f"greatest({place}, 0)::UTINYINT"


@dataclass(frozen=True)
class Cells:
    """The cells that hold rows."""

    values: tuple[Cell, ...]
    """By x, then by y."""
    links: tuple[Link, ...]
    """Filters of each cell, none where a column is compared as text."""


def steps(low: float, high: float, most: int, *, whole: bool = False, log: bool = False) -> Steps:
    """Choose the cells along one axis.

    Parameters
    ----------
    low, high : float
        Smallest and largest value, above zero on a logarithmic axis.
    most : int
        Most cells; at least about half as many are given where numbers lie close enough.
    whole : bool
        Whether the values are whole numbers; then no cell is narrower than 1.
    log : bool
        Whether the axis is logarithmic.

    Returns
    -------
    Steps
        The cells.

    Examples
    --------
    >>> steps(0, 100, 64)
    Steps(width=2.0, first=0, log=False)
    """
    if log:
        low, high = math.log2(low), math.log2(high)
    width = cell_width(low, high, most, least_width(whole=whole, log=log))
    return Steps(width, math.floor(low / width), log)


def least_width(*, whole: bool, log: bool) -> float:
    """Say how narrow a cell may be.

    Parameters
    ----------
    whole : bool
        Whether the values are whole numbers.
    log : bool
        Whether the axis is logarithmic.

    Returns
    -------
    float
        The least width; rounding alone may ask for more.
    """
    return 2.0**-20 if log else 1.0 if whole else 0.0


def cell_width(low: float, high: float, most: int, least: float) -> float:
    """Choose the power of two that divides a range into at most so many cells.

    Parameters
    ----------
    low, high : float
        Smallest and largest value, as the axis measures them.
    most : int
        Most cells.
    least : float
        The least width.

    Returns
    -------
    float
        Width of a cell, in the unit of the axis.
    """
    largest = max(abs(low), abs(high))
    least = max(least, math.ulp(largest))
    if low == high:
        least = max(least, 2.0 ** math.floor(math.log2(largest)) if largest else 1.0)
    width = min(2.0 ** math.ceil(math.log2(max(high / most - low / most, least))), 2.0**1023)
    while math.floor(high / width) - math.floor(low / width) >= most:
        width *= 2
    return width


def count_cells(rows: Rows, low: tuple[float, float], high: tuple[float, float]) -> Cells:
    """Count all rows in the cells of the plane.

    Parameters
    ----------
    rows : Rows
        The rows of the chart.
    low, high : tuple of (float, float)
        Smallest and largest x and y.

    Returns
    -------
    Cells
        Those that hold rows.
    """
    chart, profile = rows.chart, rows.profile
    across, up = (
        steps(
            low[at],
            high[at],
            most,
            whole=profile.column(name).stored == "BIGINT",
            log=is_logarithmic(chart, part),
        )
        for at, (part, name, most) in enumerate((("x", chart.x, N_ACROSS), ("y", chart.y, N_UP)))
    )
    found = rows.ask(
        f"SELECT {across.sql('x')} AS px, {up.sql('y')} AS py, count(*) FROM used "  # noqa: S608 -- our own text
        "GROUP BY px, py ORDER BY px, py"
    )
    complete = complete_rows(rows)
    links = []
    for px, py, _ in found:
        x_link, y_link = _link(rows, chart.x, across, px), _link(rows, chart.y, up, py)
        links.append((*complete, *x_link, *y_link) if x_link and y_link else None)
    values = tuple(
        (across.edge(px), across.edge(px + 1), up.edge(py), up.edge(py + 1), n) for px, py, n in found
    )
    return Cells(values, joined(links))


def _link(rows: Rows, name: str, along: Steps, place: int) -> Link | None:
    high = along.edge(place + 1)
    return range_link(rows.profile.column(name), along.edge(place), high, is_last=high == _MOST)


def cell_series(cells: Cells) -> Series:
    """Make the series of a density.

    Parameters
    ----------
    cells : Cells
        The cells that hold rows.

    Returns
    -------
    Series
        Values of (x from, x to, y from, y to, rows).
    """
    return Series(name="rows", values=cells.values, filters=cells.links)


def cell_notes(colour: str) -> tuple[str, ...]:
    """Say how a density is read.

    Parameters
    ----------
    colour : str
        The chosen colour, which a density cannot show; empty for none.

    Returns
    -------
    tuple of str
        Sentences.
    """
    said = (
        "Each cell counts its rows, all rows are counted. The colour grows with the logarithm of the number "
        "of rows. A cell holds its lower edges, not its upper ones.",
    )
    unused = f"The colours of “{colour[:40]}” are not drawn in a density: choose points, or a panel for each."
    return (*said, unused) if colour else said


def header(x: str, y: str) -> tuple[str, ...]:
    """Name the columns of the table of a density.

    Parameters
    ----------
    x, y : str
        Columns along the axes.

    Returns
    -------
    tuple of str
        Five heads.
    """
    return (f"{x}: from", f"{x}: to", f"{y}: from", f"{y}: to", "rows")
