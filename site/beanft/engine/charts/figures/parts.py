"""What the figures of several kinds share: marks of few rows, axes of places, interval marks."""

import math
from typing import Any

from beanft.engine.charts.axes import Option, category_axis, shortened, value_axis
from beanft.engine.charts.drawing import Drawing, Series

_LARGEST = 1e308  # of an axis

PALE = {"opacity": 0.45}
"""Look of a mark that stands for few rows."""

SYMBOLS = ("circle", "rect", "triangle", "diamond", "emptyCircle", "emptyRect")
"""Symbols of the series, so that they are told not by colour alone."""

LABEL_CHARACTERS = 40
"""A longer label is cut off."""


def x_categories(drawing: Drawing) -> Option:
    """Describe the horizontal axis of a drawing with places.

    Parameters
    ----------
    drawing : Drawing
        What was drawn.

    Returns
    -------
    dict
        An `xAxis` part.
    """
    return category_axis(drawing.x_name, [shortened(label, LABEL_CHARACTERS) for label in drawing.places])


def y_axis(drawing: Drawing, *, from_zero: bool) -> Option:
    """Describe the vertical axis of numbers.

    Parameters
    ----------
    drawing : Drawing
        What was drawn.
    from_zero : bool
        Whether it must hold zero, as lengths of bars need.

    Returns
    -------
    dict
        A `yAxis` part.
    """
    return {**value_axis(drawing.y_name, from_zero=from_zero), "nameGap": 48}


def interval_marks(series: Series) -> list[tuple[Any, ...]]:
    """List the intervals of a series.

    Parameters
    ----------
    series : Series
        Marks of (position, value, low, high, rows).

    Returns
    -------
    list of (position, low, high)
        Those that have an interval.
    """
    return [(at, low, high) for at, _, low, high, _ in series.values if low is not None]


def whole(value: float | str | None) -> int:
    """Read a count or a place, which the type of marks holds among other numbers.

    Parameters
    ----------
    value : float, str or None
        The number.

    Returns
    -------
    int
        The same; 0 for None.
    """
    return int(value or 0)


def log_ends(low: float, high: float) -> tuple[float, float]:
    """Choose round ends of a logarithmic axis: 1, 2 or 5 times a power of ten.

    Parameters
    ----------
    low, high : float
        Smallest and largest number, above zero.

    Returns
    -------
    tuple of (float, float)
        Ends around them.

    Examples
    --------
    >>> log_ends(0.23, 5.01), log_ends(1, 1)
    ((0.2, 10.0), (1.0, 2.0))
    """
    first = _decade(low)
    last = _decade(high)
    begin = max(step for step in (1, 2, 5) if step * first <= low * (1 + 1e-12)) * first
    end = next((step * last for step in (1, 2, 5) if step * last >= high), 10 * last)
    if begin >= end:
        end = 2 * begin
    return float(f"{begin:.6g}"), min(float(f"{end:.6g}"), _LARGEST)


def _decade(value: float) -> float:
    """The power of ten at or below a number."""
    power = 10.0 ** math.floor(math.log10(value))
    return power if power <= value else power / 10


def on_log(axis: Option) -> Option:
    """Make an axis of numbers logarithmic, and say so in its name.

    Parameters
    ----------
    axis : dict
        An `xAxis` or `yAxis` part.

    Returns
    -------
    dict
        The same with a logarithmic scale.
    """
    return {**axis, "type": "log", "name": f"{axis['name']} (logarithmic)"}
