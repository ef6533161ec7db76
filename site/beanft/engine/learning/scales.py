"""The scale of a number or date as forms and pictures draw it: the typical value stands in the middle."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from beanft.engine.learning.checking.writing import as_typed

_NEAR_MIDDLE = (0.15, 0.85)  # a median that lies here leaves the scale straight
_LEAST = 0.02  # of the way: where half of the rows are 0, say, the other half still gets room
_FEW = 20  # whole numbers that all have room on a straight scale
_STEPS = 400  # more steps than a slider has pixels would only give longer numbers
_EPOCH = datetime(1970, 1, 1)
_DAY_S = 86_400.0


@dataclass(frozen=True, kw_only=True)
class Scale:
    """From the smallest to the largest value seen, bent so that the median is not lost at one end."""

    low: float
    """Smallest value; seconds since 1970 for dates."""
    high: float
    """Largest value."""
    bend: float = 1.0
    """Exponent: 1 for a straight scale; above 1 small values get more room."""
    dated: bool = False
    """Whether it is of dates."""
    whole: bool = False
    """Whether only whole numbers, or whole days, are on it."""

    @property
    def bent_words(self) -> str:
        """Say in a sentence which end of the axis has more room; empty for a straight scale.

        >>> Scale(low=0.0, high=100.0, bend=2.0).bent_words
        'The axis is bent: small values have more room.'
        """
        if self.bend == 1.0:
            return ""
        return f"The axis is bent: {'small' if self.bend > 1 else 'large'} values have more room."

    def value_at(self, place: float) -> float:
        """Give the value at a place of 0..1, rounded to what is worth writing.

        >>> Scale(low=0.0, high=100.0, bend=2.0).value_at(0.5)
        25.0
        """
        if place <= 0:
            return self.low
        if place >= 1:
            return self.high
        value = self.low + (self.high - self.low) * place**self.bend
        unit = self._unit(place)
        return min(self.high, max(self.low, float(f"{round(value / unit) * unit:.12g}")))

    def place_of(self, value: float) -> float:
        """Give the place of a value, below 0 or above 1 outside of what was seen.

        >>> Scale(low=0.0, high=100.0, bend=2.0).place_of(25.0)
        0.5
        """
        share = (value - self.low) / (self.high - self.low)
        return share if not 0 < share < 1 else share ** (1 / self.bend)

    def _unit(self, place: float) -> float:
        """What values are rounded to near a place: one of 1, 2, 5 times a power of ten, or a day."""
        if self.dated:
            return _DAY_S if self.whole else 60.0
        near = max(place, 1 / _STEPS) ** (self.bend - 1) * self.bend * (self.high - self.low) / _STEPS
        ten = 10.0 ** math.floor(math.log10(near))
        unit = next(step * ten for step in (1, 2, 5, 10) if near <= step * ten)
        return max(1.0, unit) if self.whole else unit


def scale_of(column: Mapping[str, Any]) -> Scale | None:
    """Make the scale of a column of a schema.

    Parameters
    ----------
    column : mapping
        As `schema.describe` gives it.

    Returns
    -------
    Scale or None
        None where the column is no number or date, or always the same.

    Examples
    --------
    >>> scale_of({"kind": "number", "minimum": 0.0, "maximum": 8.0, "median": 4.0, "stored": "BIGINT"})
    Scale(low=0.0, high=8.0, bend=1.0, dated=False, whole=True)
    """
    ends = [as_number(column.get(name), column["kind"]) for name in ("minimum", "median", "maximum")]
    low, middle, high = ends
    if low is None or high is None or middle is None or not high > low or not math.isfinite(high - low):
        return None
    dated = column["kind"] == "date"
    whole = ":" not in str(column["minimum"]) if dated else column.get("stored") == "BIGINT"
    straight = dated or (whole and high - low <= _FEW)
    return Scale(
        low=low,
        high=high,
        bend=1.0 if straight else _bend((middle - low) / (high - low)),
        dated=dated,
        whole=whole,
    )


def as_number(value: Any, kind: str) -> float | None:
    """Give a value of a schema or a row as a number: dates as seconds since 1970.

    Parameters
    ----------
    value : Any
        A number, ISO text of a date, a moment, or None.
    kind : str
        Kind of the column.

    Returns
    -------
    float or None
        None where it is missing or no number or date.

    Examples
    --------
    >>> as_number(3, "number"), as_number("1970-01-02", "date"), as_number("x", "category")
    (3.0, 86400.0, None)
    """
    if kind == "number" and isinstance(value, (int, float)):
        return float(value) if math.isfinite(value) else None
    if kind == "date" and value is not None:
        moment = _moment(value)
        return None if moment is None else (moment - _EPOCH).total_seconds()
    return None


def as_text(value: float, scale: Scale, column: Mapping[str, Any]) -> str:
    """Write a value of a scale as it could be typed.

    Parameters
    ----------
    value : float
        As `Scale.value_at` gives it.
    scale : Scale
        Its scale.
    column : mapping
        The column of the scale.

    Returns
    -------
    str
        A number as `as_typed` writes it, or an ISO date.

    Examples
    --------
    >>> as_text(2.5, Scale(low=0.0, high=9.0), {"kind": "number", "format": "decimal comma"})
    '2,5'
    >>> as_text(0.0, Scale(low=0, high=9, dated=True, whole=True), {"kind": "date"})
    '1970-01-01'
    """
    if scale.dated:
        moment = _EPOCH + timedelta(seconds=value)
        return moment.date().isoformat() if scale.whole else moment.isoformat(sep=" ", timespec="seconds")
    return as_typed(value, column)


def _bend(share: float) -> float:
    """The exponent with which the median, at a share of the way, comes to the middle."""
    if _NEAR_MIDDLE[0] <= share <= _NEAR_MIDDLE[1]:
        return 1.0
    return math.log(min(1 - _LEAST, max(_LEAST, share))) / math.log(0.5)


def _moment(value: Any) -> datetime | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, datetime):
        return value.replace(tzinfo=None) if value == value else None
    return datetime(value.year, value.month, value.day) if isinstance(value, date) else None
