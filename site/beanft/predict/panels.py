"""What other values would change, ready to be drawn: a line or a row of dots for each column."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from beanft.engine.learning.truth_words import in_owner_words
from beanft.engine.learning.whatif import Curve, Point
from beanft.engine.tables.wording import shown
from beanft.filters import figure
from beanft.predict.units import Unit, unit_of

WIDTH, HEIGHT = 240.0, 96.0
"""Units of the picture of a what-if; static/js/predict.js has the same."""

_EDGE = 8.0  # room for the mark at the picture's edges
_FEW = 8  # values that are marked each


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A value of a category in a what-if."""

    label: str
    """The category in the owner's words."""
    value: str
    """As the form sends it."""
    said: str
    """What the model would say."""
    x: float
    """Where its dot stands in 100 units."""
    own: bool
    """Whether the row has it."""


@dataclass(frozen=True, kw_only=True)
class Panel:
    """This value against the answer: one column, all else as it is."""

    column: str
    """Its name."""
    field: str
    """Identity of its field in the form."""
    words: str
    """The picture in a sentence."""
    line: str
    """Points of a line in WIDTH x HEIGHT units; empty for categories."""
    stops: tuple[tuple[float, float], ...]
    """Its points where they are few, so that a line between them is not taken for more."""
    dot: tuple[float, float] | None
    """Where this row stands on it."""
    now: float
    """Height of what is predicted now, or its place in 100 units for categories."""
    ends: tuple[str, str, str]
    """Smallest, middle and largest value below the line; empty texts for categories."""
    axis: str
    """Which end of a bent axis has more room, in a sentence; empty for a straight one."""
    marks: tuple[Mark, ...]
    """The categories; none for a line."""
    missing: str
    """What the model would say without a value; empty where that never occurred."""
    low: str
    """What the bottom of the picture stands for."""
    high: str
    """What the top stands for."""


def panels_of(
    curves: Sequence[Curve],
    columns: Sequence[Mapping[str, Any]],
    label: str | None,
) -> list[Panel]:
    """Make what-ifs ready to be drawn, all over the same range of answers."""
    curves = [curve for curve in curves if len(curve.points) > 1]
    if not curves:
        return []
    said = [value for curve in curves for value in curve.reach]
    low, high = min(said), max(said)
    unit = unit_of(label, said)
    fields = {column["name"]: (f"field-{i}", column.get("words")) for i, column in enumerate(columns)}
    return [_panel(curve, fields[curve.column], (low, high), unit) for curve in curves]


def _panel(
    curve: Curve, field: tuple[str, Sequence[str] | None], reach: tuple[float, float], unit: Unit
) -> Panel:
    low, high = reach
    identity, words = field
    span = high - low or 1.0
    own = curve.own
    line = [
        (round(x, 1), round(_height(point.said, low, span), 1))
        for x, point in zip(_places(curve), curve.points, strict=True)
        if curve.scale
    ]
    at = curve.points.index(own) if own else None
    now = own.said if own else (curve.missing if curve.missing is not None else low)
    share = (now - low) / span
    return Panel(
        column=curve.column,
        field=identity,
        words=_sentence(curve, unit, words),
        line=" ".join(f"{x},{y}" for x, y in line),
        stops=tuple(line) if len(line) <= _FEW else (),
        dot=line[at] if line and at is not None else None,
        now=round(_height(now, low, span) if line else _EDGE / 2 + (100 - _EDGE) * share, 1),
        ends=_ends(curve),
        axis=curve.scale.bent_words if curve.scale else "",
        marks=() if curve.scale else tuple(_mark(point, low, span, unit, words) for point in curve.points),
        missing="" if curve.missing is None else unit.level(curve.missing),
        low=unit.level(low),
        high=unit.level(high),
    )


def _places(curve: Curve) -> list[float]:
    """From left to right; a value outside of the range seen makes the picture wider."""
    places = [point.place for point in curve.points]
    first, last = min(0.0, *places), max(1.0, *places)
    return [_EDGE + (WIDTH - 2 * _EDGE) * (place - first) / (last - first) for place in places]


def _height(said: float, low: float, span: float) -> float:
    return HEIGHT - _EDGE - (HEIGHT - 2 * _EDGE) * (said - low) / span


def _mark(point: Point, low: float, span: float, unit: Unit, words: Sequence[str] | None) -> Mark:
    return Mark(
        label=str(in_owner_words(point.value, words)),
        value=point.value,
        said=unit.level(point.said),
        x=round(_EDGE / 2 + (100 - _EDGE) * (point.said - low) / span, 1),
        own=point.own,
    )


def _ends(curve: Curve) -> tuple[str, str, str]:
    if curve.scale is None:
        return "", "", ""
    first, last = curve.points[0], curve.points[-1]
    middle = min(curve.points, key=lambda point: abs(point.place - 0.5))
    between = "" if middle in (first, last) else _figure(middle, curve)
    return _figure(first, curve), between, _figure(last, curve)


def _sentence(curve: Curve, unit: Unit, words: Sequence[str] | None) -> str:
    said = _reach_words(curve, unit, words)
    if not curve.is_selection:
        return said
    # without it, the ends would be read as those of all values
    return f"{len(curve.points)} of its {curve.n_levels:,} values: {said[0].lower()}{said[1:]}"


def _reach_words(curve: Curve, unit: Unit, words: Sequence[str] | None) -> str:
    low = min(curve.points, key=lambda point: point.said)
    high = max(curve.points, key=lambda point: point.said)
    if unit.level(low.said) == unit.level(high.said):
        return f"It stays at {unit.level(low.said)}, whatever {shown(curve.column, 60)} is."
    ends = [f"{unit.level(point.said)} at {_figure(point, curve, words)}" for point in (low, high)]
    return f"From {ends[0]} to {ends[1]}."


def _figure(point: Point, curve: Curve, words: Sequence[str] | None = None) -> str:
    """The value of a point as people read it."""
    if point.number is None or curve.scale is None or curve.scale.dated:
        return str(in_owner_words(point.value, words))
    return figure(point.number, curve.column)
