"""Boxes of very many rows from a sample of them and one look at the rows near both ends."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from beanft.engine.charts.groups import Groups, key_sql, place_values
from beanft.engine.charts.rows import Rows
from beanft.engine.charts.tally import LEVELS
from beanft.engine.charts.whiskers import Box, Fences, number_sql

Outlier = tuple[int, int, float]
"""Place, colour and value of a row beyond the whiskers."""

# So many numbers are read where a sample tells right, and at most twice as many: numpy takes memory outside
# the engine's limit. Groups that lie far apart have more, and are asked in SQL.
_MOST_ROWS = 2_000_000


@dataclass(frozen=True)
class _Near:
    """The rows of one group near its ends, in the order of the table."""

    fences: Fences
    values: NDArray[np.float64]
    below: float
    """All rows of the group up to this are among the values."""
    above: float
    """All rows of the group from this on are among the values."""

    @property
    def is_beyond(self) -> NDArray[np.bool_]:
        """Which values lie beyond the fences."""
        return (self.values < self.fences.low) | (self.values > self.fences.high)

    @property
    def far(self) -> NDArray[np.float64]:
        """Distance of each value from the median in box lengths; those of boxes without length come last."""
        length = self.fences.length
        away = np.abs(self.values - self.fences.quartiles[1])
        return away / length if length else np.full(len(away), -1.0)

    @property
    def box(self) -> Box | None:
        """The box, None where no row near a fence is its whisker."""
        inside = self.values[~self.is_beyond]
        low, high = inside[inside <= self.below], inside[inside >= self.above]
        if not (len(low) and len(high)):
            return None
        one = self.fences
        n_beyond = int(self.is_beyond.sum())
        return (one.gx, one.gc, float(low.min()), *one.quartiles, float(high.max()), one.n, n_beyond)


def boxes_near_ends(
    rows: Rows, places: Groups, colours: Groups, found: Sequence[tuple[Any, ...]], most: int
) -> tuple[list[Box], list[Outlier]] | None:
    """Find whiskers and outliers exactly, reading each row once.

    Parameters
    ----------
    rows : Rows
        The rows of the chart.
    places, colours : Groups
        The groups of x and of the colours.
    found : sequence of (place, colour, quantiles, smallest, largest, rows)
        Of each group; only the number of rows is exact, the others come from a sample that is part of it. The
        quantiles are those of LEVELS.
    most : int
        Most outliers.

    Returns
    -------
    boxes : list of Box
        In the same order.
    outliers : list of (place, colour, value)
        The furthest from their medians in lengths of their box first; None for both where the rows near the
        ends are too many, or do not tell.
    """
    groups = [Fences(gx, gc, levels[2:5], low, high, n) for gx, gc, levels, low, high, n in found]
    # Up to the smallest row of the sample all are looked at, so that the smallest of all is among them.
    below = max(max(one.smallest, one.inner_low) for one in groups)
    above = min(min(one.largest, one.inner_high) for one in groups)
    if sum(one[5] * _share(one[2], below, above) for one in found) > _MOST_ROWS:
        return None
    near = _fetch(rows, places, colours, groups, below, above)
    if near is None:
        return None
    boxes = [box for box in (one.box for one in near) if box is not None]
    return (boxes, _furthest(near, most)) if len(boxes) == len(near) else None


def _share(levels: Sequence[float], below: float, above: float) -> float:
    """At most this share of a group lies near the ends, as far as its sample tells."""
    low = next((share for share, at in zip(LEVELS, levels, strict=True) if below < at), 1.0)
    high = next((share for share, at in zip(LEVELS, levels[::-1], strict=True) if above > at), 1.0)
    return min(low + high, 1.0)


def _fetch(
    rows: Rows, places: Groups, colours: Groups, groups: Sequence[Fences], below: float, above: float
) -> list[_Near] | None:
    """The rows near the ends; None where they are far more than the sample told."""
    most = 2 * _MOST_ROWS
    used = f"WITH used AS ({rows.given})"
    sql = (
        f"{used} SELECT {key_sql('x', places)} AS gx, {key_sql('c', colours)} AS gc, y FROM used "  # noqa: S608 -- our own text
        f"WHERE y <= {number_sql(below)} OR y >= {number_sql(above)} LIMIT {most + 1}"
    )
    values = [*rows.values, *place_values(places, colours)]
    found = rows.database.execute(sql, values).fetchnumpy()
    if len(found["y"]) > most:
        return None
    pairs = _places(found["gx"], places) * len(colours.labels) + _places(found["gc"], colours)
    order = np.argsort(pairs, kind="stable")
    y, pairs = np.asarray(found["y"])[order], pairs[order]
    keys = [one.gx * len(colours.labels) + one.gc for one in groups]
    begins, ends = (np.searchsorted(pairs, keys, side) for side in ("left", "right"))
    return [
        _Near(one, y[begin:end], below, above) for one, begin, end in zip(groups, begins, ends, strict=True)
    ]


def _places(keys: Any, groups: Groups) -> NDArray[Any]:
    """What `place_of` gives, of all keys at once; so small that numpy sorts them in one go."""
    found: NDArray[Any] = np.ma.filled(np.ma.asarray(keys).astype("int16"), len(groups.values) + 1) - 1
    return found


def _furthest(near: Sequence[_Near], most: int) -> list[Outlier]:
    """Equal distances in the order of the groups, then of the table."""
    far = np.concatenate([one.far[one.is_beyond] for one in near])
    if len(far) > most:
        far[far < np.partition(far, len(far) - most)[len(far) - most]] = -np.inf
    kept = np.flatnonzero(far > -np.inf)
    chosen = kept[np.argsort(-far[kept], kind="stable")][:most]
    values = np.concatenate([one.values[one.is_beyond] for one in near])
    group = np.repeat(np.arange(len(near)), [int(one.is_beyond.sum()) for one in near])
    fences = [near[place].fences for place in group[chosen]]
    return [(one.gx, one.gc, float(y)) for one, y in zip(fences, values[chosen], strict=True)]
