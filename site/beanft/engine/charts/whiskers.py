"""Whiskers and outliers of boxes, exactly, reading as few rows as can be."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from beanft.engine.charts.groups import Groups, grouped_sql, place_values
from beanft.engine.charts.rows import Rows

Box = tuple[Any, ...]
"""Place, colour, low whisker, three quartiles, high whisker, rows, outliers."""

_REACH = 1.5  # Tukey: whiskers end at the last row within 1.5 times the box beyond it
_INWARDS = 0.1  # of a box length: so far within the fences the last row is looked for first
_DISTANCES = (3.5, 8.0, 20.0)
"""Box lengths from the median beyond which outliers are counted, so that few of them need be put in order."""


@dataclass(frozen=True)
class Fences:
    """One summarised group, and where its whiskers must end."""

    gx: int
    """Place of x."""
    gc: int
    """Place of the colour."""
    quartiles: Sequence[float]
    """Three of them."""
    smallest: float
    """Smallest value."""
    largest: float
    """Largest value."""
    n: int
    """Rows."""

    @property
    def length(self) -> float:
        """Length of the box."""
        return self.quartiles[2] - self.quartiles[0]

    @property
    def low(self) -> float:
        """No row below this is within the whiskers."""
        return self.quartiles[0] - _REACH * self.length

    @property
    def high(self) -> float:
        """No row above this is within the whiskers."""
        return self.quartiles[2] + _REACH * self.length

    @property
    def inner_low(self) -> float:
        """A little within the lower fence."""
        return self.low + _INWARDS * self.length

    @property
    def inner_high(self) -> float:
        """A little within the upper fence."""
        return self.high - _INWARDS * self.length

    @property
    def has_outliers(self) -> bool:
        """Whether some row lies beyond a fence."""
        return not (self.low <= self.smallest and self.largest <= self.high)


def with_whiskers(rows: Rows, places: Groups, colours: Groups, found: Sequence[tuple[Any, ...]]) -> list[Box]:
    """Find the last rows within the fences of each group, and count those beyond.

    Parameters
    ----------
    rows : Rows
        The rows of the chart.
    places, colours : Groups
        The groups of x and of the colours.
    found : sequence of (place, colour, median, quartiles, smallest, largest, rows)
        What is known of each group; rows, smallest and largest value are exact.

    Returns
    -------
    list of Box
        In the same order.
    """
    groups = [Fences(gx, gc, q, low, high, n) for gx, gc, _, q, low, high, n in found]
    wide = [one for one in groups if one.has_outliers]
    ends = _ends(rows, places, colours, wide, near=True) if wide else {}
    if any(None in end[:2] for end in ends.values()):  # no row so near to a fence
        ends = _ends(rows, places, colours, wide, near=False)
    return [_box(one, ends.get((one.gx, one.gc))) for one in groups]


def _box(one: Fences, end: tuple[Any, ...] | None) -> Box:
    low, high, n_beyond = end[:3] if end else (one.smallest, one.largest, 0)
    return (one.gx, one.gc, low, *one.quartiles, high, one.n, n_beyond, *(end[3:] if end else ()))


def _ends(
    rows: Rows, places: Groups, colours: Groups, wide: Sequence[Fences], *, near: bool
) -> dict[tuple[int, int], tuple[Any, ...]]:
    """Last rows within, rows beyond, and rows beyond each distance; where near, of the rows near the ends."""
    lows = [one.inner_low for one in wide if one.smallest < one.low]
    highs = [one.inner_high for one in wide if one.largest > one.high]
    below, above = max(lows, default=None), min(highs, default=None)
    condition = _beyond(below, above) if near else "true"
    # Of the rows near one fence none may stand for the other end of the whiskers.
    at_low = _beyond(below, None) if near else "true"
    at_high = _beyond(None, above) if near else "true"
    distances = ", ".join(f"count(CASE WHEN far > {far!r} THEN 1 END)" for far in _DISTANCES)
    asked = rows.ask(
        f"SELECT gx, gc, min(CASE WHEN {at_low} AND y BETWEEN low AND high THEN y END), "  # noqa: S608 -- our own text
        f"max(CASE WHEN {at_high} AND y BETWEEN low AND high THEN y END), "
        f"count(CASE WHEN y < low OR y > high THEN 1 END), {distances} FROM "
        f"({_fenced(places, colours, wide, condition)}) WHERE low IS NOT NULL GROUP BY gx, gc",
        place_values(places, colours),
    )
    known = {(one.gx, one.gc): one for one in wide}
    ends = {}
    for gx, gc, low, high, *counts in asked:
        one = known[gx, gc]
        low = one.smallest if one.smallest >= one.low else low
        high = one.largest if one.largest <= one.high else high
        ends[gx, gc] = (low, high, *counts)
    return ends


def furthest(
    rows: Rows, places: Groups, colours: Groups, boxes: Sequence[Box], most: int
) -> list[tuple[Any, ...]]:
    """Fetch the rows furthest beyond the whiskers, in lengths of their box.

    Parameters
    ----------
    rows : Rows
        The rows of the chart.
    places, colours : Groups
        The groups of x and of the colours.
    boxes : sequence of Box
        As `with_whiskers` found them.
    most : int
        Most rows.

    Returns
    -------
    list of (place, colour, value)
        The furthest first.
    """
    wide = [Fences(box[0], box[1], box[3:6], box[2], box[6], box[7]) for box in boxes if box[8]]
    if not wide:
        return []
    beyond = [sum(box[9 + at] for box in boxes if box[8]) for at in range(len(_DISTANCES))]
    far = max((far for far, n in zip(_DISTANCES, beyond, strict=True) if n >= most), default=0.0)
    with_length = [one for one in wide if one.length > 0] if far else wide
    lows, highs = (
        [one.quartiles[1] + sign * far * one.length for one in with_length]
        if far
        else [one.low if sign < 0 else one.high for one in wide]
        for sign in (-1, 1)
    )
    return rows.ask(
        f"SELECT gx, gc, y FROM ({_fenced(places, colours, wide, _beyond(max(lows), min(highs)))}) "  # noqa: S608 -- our own text
        "WHERE y < low OR y > high ORDER BY far DESC, gx, gc, row LIMIT ?",
        [*place_values(places, colours), most],
    )


def _fenced(places: Groups, colours: Groups, wide: Sequence[Fences], condition: str) -> str:
    """SQL of rows with the fences of their group, NULL where it has none, and how far they are."""
    n_colours = len(colours.labels)
    known = {one.gx * n_colours + one.gc: one for one in wide}
    size = range(len(places.labels) * n_colours)
    listed = {
        name: f"[{', '.join(number_sql(getattr(known[at], name)) if at in known else 'NULL' for at in size)}]"
        for name in ("low", "high", "length")
    }
    middles = f"[{', '.join(number_sql(known[at].quartiles[1]) if at in known else 'NULL' for at in size)}]"
    placed = grouped_sql("y, row", places, colours)
    return (
        f"SELECT gx, gc, y, row, {listed['low']}[pair] AS low, {listed['high']}[pair] AS high, "  # noqa: S608 -- our own numbers
        f"abs(y - {middles}[pair]) / nullif({listed['length']}[pair], 0) AS far FROM "
        f"(SELECT *, gx * {n_colours} + gc + 1 AS pair FROM ({placed} WHERE {condition}))"
    )


def _beyond(low: float | None, high: float | None) -> str:
    """SQL that is true for every row below the one or above the other."""
    parts = [f"y < {number_sql(low)}"] if low is not None else []
    parts += [f"y > {number_sql(high)}"] if high is not None else []
    return " OR ".join(parts) or "false"


def number_sql(value: float) -> str:
    """Write a number as SQL, whatever it is.

    Parameters
    ----------
    value : float
        The number.

    Returns
    -------
    str
        A DOUBLE.

    Examples
    --------
    >>> number_sql(0.5), number_sql(float("inf"))
    ('0.5::DOUBLE', "'inf'::DOUBLE")
    """
    return f"{value!r}::DOUBLE" if math.isfinite(value) else f"'{value!r}'::DOUBLE"
