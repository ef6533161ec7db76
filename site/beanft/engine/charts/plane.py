"""The plane of two numbers: ranges of its axes, and both scaled to -1 .. 1 so that no sum overflows."""

import math
import sys
from dataclasses import dataclass

from beanft.engine.charts.expressions import is_logarithmic
from beanft.engine.charts.rows import Rows

Ends = tuple[float, float, float, float]
"""Smallest and largest x, smallest and largest y."""

_PLACE = {"x": 0, "y": 1}


@dataclass(frozen=True)
class Plane:
    """Rows with their place on two axes; a logarithmic axis is measured by the logarithm to base 10."""

    rows: Rows
    """The rows, x and y finite and above zero where the axis is logarithmic."""
    low: tuple[float, float]
    """Smallest x and y."""
    high: tuple[float, float]
    """Largest x and y."""
    middle: tuple[float, float]
    """Middle of each axis as it is measured."""
    half: tuple[float, float]
    """Half the length of each axis as it is measured, above zero."""

    def sql(self, part: str) -> str:
        """SQL of x or y scaled to -1 .. 1."""
        at = _PLACE[part]
        measured = f"log10({part})" if is_logarithmic(self.rows.chart, part) else part
        return f"(({measured} - {self.middle[at]!r}::DOUBLE) / {self.half[at]!r}::DOUBLE)"

    def scaled(self, part: str, value: float) -> float:
        """A value of x or y scaled to -1 .. 1."""
        at = _PLACE[part]
        measured = math.log10(value) if is_logarithmic(self.rows.chart, part) else value
        return (measured - self.middle[at]) / self.half[at]

    def unscaled(self, part: str, value: float) -> float:
        """The value of x or y at a scaled place."""
        at = _PLACE[part]
        measured = self.middle[at] + value * self.half[at]
        if not is_logarithmic(self.rows.chart, part):
            return measured
        limits = (sys.float_info.min_10_exp, sys.float_info.max_10_exp)
        return float(10.0 ** max(limits[0], min(measured, limits[1])))


def open_plane(rows: Rows, found: Ends | None = None) -> Plane:
    """Measure the axes of a chart of points.

    Parameters
    ----------
    rows : Rows
        Rows with numbers x and y.
    found : tuple of float, optional
        Their ranges, where these were looked at already.

    Returns
    -------
    Plane
        The ranges of both axes.
    """
    low_x, high_x, low_y, high_y = found or _found(rows.frame)
    ends = [_ends(rows, "x", low_x, high_x), _ends(rows, "y", low_y, high_y)]
    return Plane(
        rows,
        (low_x, low_y),
        (high_x, high_y),
        (ends[0][0] / 2 + ends[0][1] / 2, ends[1][0] / 2 + ends[1][1] / 2),
        (ends[0][1] / 2 - ends[0][0] / 2 or 1.0, ends[1][1] / 2 - ends[1][0] / 2 or 1.0),
    )


def _found(rows: Rows) -> Ends:
    """The ranges from the profile, or from all rows."""
    known_x, known_y = rows.known_range("x"), rows.known_range("y")
    if known_x and known_y:
        return (*known_x, *known_y)
    low_x, high_x, low_y, high_y = rows.ask("SELECT min(x), max(x), min(y), max(y) FROM used")[0]
    return low_x, high_x, low_y, high_y


def _ends(rows: Rows, part: str, low: float, high: float) -> tuple[float, float]:
    return (math.log10(low), math.log10(high)) if is_logarithmic(rows.chart, part) else (low, high)
