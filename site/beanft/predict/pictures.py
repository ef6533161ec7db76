"""The predicted number among those of the table: where it stands, how far its interval reaches."""

from collections.abc import Sequence
from dataclasses import dataclass

from beanft.engine.tables.columns import Column
from beanft.predict.answers import Answer

WIDTH, HEIGHT = 320.0, 56.0
"""Units of the picture."""
_EDGE = 6.0
_SPARE = 0.25  # of the middle nine tenths: what is shown of the tails beside them


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A bin of the target's histogram."""

    x: float
    """Left edge."""
    width: float
    """Its width."""
    height: float
    """Its height."""


@dataclass(frozen=True, kw_only=True)
class Picture:
    """The histogram of the target with a prediction in it."""

    bars: tuple[Bar, ...]
    """Rows of the table."""
    at: float
    """Where the prediction stands."""
    reach: tuple[float, float] | None
    """Where the interval begins and ends; None without one."""
    guess: float | None
    """Where the baseline's guess stands."""
    ends: tuple[float, float]
    """The numbers at both edges."""


def picture_of(answer: Answer, column: Column | None) -> Picture | None:
    """Place a predicted number in the histogram of its column; None for classes and without one."""
    value = answer.value
    if column is None or not isinstance(value, float) or not column.counts or not column.quantiles:
        return None
    reach, guess = answer.reach, answer.guess if isinstance(answer.guess, float) else None
    wanted = [one for one in (value, guess, reach.low, reach.high) if one is not None]
    low, high = _ends(column, wanted)
    if not high > low:
        return None

    def place(number: float) -> float:
        return round(_EDGE + (WIDTH - 2 * _EDGE) * (number - low) / (high - low), 2)

    return Picture(
        bars=_bars(column.edges, column.counts, low, high),
        at=place(value),
        reach=None if reach.low is None or reach.high is None else (place(reach.low), place(reach.high)),
        guess=None if guess is None else place(guess),
        ends=(low, high),
    )


def _ends(column: Column, wanted: Sequence[float]) -> tuple[float, float]:
    """From about the smallest to about the largest value, and whatever else must be seen."""
    spare = _SPARE * (column.quantiles[-1] - column.quantiles[0])
    least, most = (float(end) for end in (column.edges[0], column.edges[-1]))
    low, high = max(least, column.quantiles[0] - spare), min(most, column.quantiles[-1] + spare)
    return min(low, *wanted), max(high, *wanted)


def _bars(edges: Sequence[float], counts: Sequence[int], low: float, high: float) -> tuple[Bar, ...]:
    highest = max(counts)
    unit = (WIDTH - 2 * _EDGE) / (high - low)
    bars = []
    for left, right, n in zip(edges, edges[1:], counts, strict=False):
        start, end = max(left, low), min(right, high)
        if n and end > start:
            bars.append(
                Bar(
                    x=round(_EDGE + unit * (start - low), 2),
                    width=round(max(0.5, unit * (end - start) - 1), 2),
                    height=round(max(0.6, (HEIGHT - 16) * n / highest), 2),
                )
            )
    return tuple(bars)
