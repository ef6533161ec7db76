"""The slider beside a number or a date: its scale, and where the values of the table lie along it."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from beanft.engine.learning.checking.cells import Reader
from beanft.engine.learning.checking.writing import has_decimal_comma
from beanft.engine.learning.scales import Scale, as_number, as_text, scale_of

STEPS = 400
"""Places of a slider; static/js/predict.js has the same."""

_WIDTH, _HEIGHT = 200.0, 20.0  # units of the picture above it
_LEAST_WIDTH, _LEAST_HEIGHT = 1.0, 0.6

Shape = tuple[Sequence[float], Sequence[int]]
"""Edges of the bins of a column's histogram, and the rows in each."""


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One bin of the histogram above a slider, in 200 x 20 units."""

    x: float
    """Left edge."""
    width: float
    """Its width."""
    height: float
    """Its height: the area is its share of the rows."""


@dataclass(frozen=True, kw_only=True)
class Slider:
    """A slider within the range that training saw."""

    scale: Scale
    """What its places mean."""
    place: int
    """Where it stands, 0 to STEPS; in the middle without a value."""
    bars: tuple[Bar, ...]
    """Where the values of the table lie."""
    low: str
    """The smallest value in words."""
    high: str
    """The largest."""
    comma: bool
    """Whether its numbers are written with a decimal comma."""


def slider_of(column: Mapping[str, Any], text: str, shape: Shape | None = None) -> Slider | None:
    """Make the slider of a column that holds a text; None for columns without a range.

    >>> age = {"kind": "number", "minimum": 0.0, "median": 5.0, "maximum": 10.0, "stored": "BIGINT"}
    >>> slider_of(age | {"name": "age"}, "8", ([0, 5, 10], [3, 1])).place
    320
    """
    scale = scale_of(column)
    if scale is None:
        return None
    value = _meant(text, column)
    place = 0.5 if value is None else min(1.0, max(0.0, scale.place_of(value)))
    return Slider(
        scale=scale,
        place=round(place * STEPS),
        bars=_bars(scale, shape) if shape else (),
        low=as_text(scale.low, scale, column),
        high=as_text(scale.high, scale, column),
        comma=has_decimal_comma(column),
    )


def _meant(text: str, column: Mapping[str, Any]) -> float | None:
    """What stands in a field as a number, read as the checker reads it."""
    return as_number(Reader(column).meaning(text).value, column["kind"])


def _bars(scale: Scale, shape: Shape) -> tuple[Bar, ...]:
    edges, counts = shape
    # A bin of whole numbers begins at one of them: it is moved to lie around the numbers it holds.
    before = 0.5 if scale.whole and not scale.dated else 0.0
    places = [min(1.0, max(0.0, scale.place_of(edge - before))) for edge in edges]
    widths = [max(right - left, 1e-9) for left, right in itertools.pairwise(places)]
    if len(widths) != len(counts):
        return ()
    dense = [n / width if width > 1e-6 else 0.0 for n, width in zip(counts, widths, strict=True)]
    highest = max(dense, default=0.0)
    if highest <= 0:
        return ()
    return tuple(
        Bar(
            x=round(_WIDTH * left, 2),
            width=round(max(_LEAST_WIDTH, _WIDTH * width - 1), 2),
            height=round(max(_LEAST_HEIGHT, _HEIGHT * share / highest), 2),
        )
        for left, width, share in zip(places, widths, dense, strict=False)
        if share > 0
    )
