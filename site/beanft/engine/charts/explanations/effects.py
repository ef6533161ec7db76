"""The figure of a column's effect: what the model says along its values, all else as it is."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from beanft.engine.charts.axes import (
    Option,
    category_axis,
    frame,
    intervals,
    plain,
    plain_rows,
    shortened,
    time_axis,
    value_axis,
)
from beanft.engine.charts.explanations.sides import label_of

_LINE_OPACITY = 0.25


def effect_figure(
    effect: Mapping[str, Any], said: str, *, lines: bool = False, centred: bool = False
) -> Option:
    """Draw the effect of a column: the mean with its band, lines of single rows, and where values lie.

    Parameters
    ----------
    effect : mapping
        As `engine.learning.explaining.overview.effect_facts` gives it.
    said : str
        What is predicted, for the axis.
    lines : bool
        Whether single rows are drawn, too.
    centred : bool
        Whether everything is drawn as the difference from the first point.

    Returns
    -------
    dict
        An ECharts option of plain JSON values; needs marks.js for band and intervals.

    Examples
    --------
    >>> effect = {"column": "a", "scale": "level", "labels": ["x", None], "mean": [0.1, 0.2],
    ...     "low": [0.0, 0.1], "high": [0.2, 0.3], "lines": [], "rug": [], "thin": [False, True]}
    >>> effect_figure(effect, "price")["xAxis"]["data"]
    ['x', 'missing']
    """
    shown = _centred(effect) if centred else effect
    axis, series = _levels(shown) if effect["scale"] == "level" else _curve(shown, lines=lines)
    name = shortened(f"{said}, change from the first point" if centred else said, 40)
    column, mean = effect["column"], [value for value in shown["mean"] if value is not None]
    option = frame(
        f"Mean {said} by {column}: between {min(mean):.3g} and {max(mean):.3g}.",
        xAxis=axis,
        yAxis={**value_axis(name), "nameGap": 44},
        series=series,
        useUTC=True,
    )
    option["grid"] |= {"left": 64, "top": 16}
    return option


def _centred(effect: Mapping[str, Any]) -> dict[str, Any]:
    first = effect["mean"][0]
    moved = {name: [_less(value, first) for value in effect[name]] for name in ("mean", "low", "high")}
    lines = [[_less(value, line[0]) for value in line] for line in effect["lines"]]
    return {**effect, **moved, "lines": lines}


def _less(value: float | None, first: float | None) -> float | None:
    return None if value is None or first is None else value - first


def _levels(effect: Mapping[str, Any]) -> tuple[Option, list[Option]]:
    """A dot with its interval for each level; lines would join what has no order."""
    places = range(len(effect["mean"]))
    marks = [
        (place, effect["low"][place], effect["high"][place])
        for place in places
        if effect["low"][place] is not None
    ]
    dots = [_dot(place, effect["mean"][place], thin=effect["thin"][place]) for place in places]
    axis = category_axis(effect["column"], [label_of(label) for label in effect["labels"]])
    return axis, [
        {"type": "scatter", "name": "mean", "symbolSize": 9, "data": dots},
        intervals("mean", marks),
    ]


def _curve(effect: Mapping[str, Any], *, lines: bool) -> tuple[Option, list[Option]]:
    """A line over numbers or dates; the missing ones, which have no place on the axis, are left out."""
    dated = effect["scale"] == "date"
    places = [place for place, label in enumerate(effect["labels"]) if label is not None]
    x = [_moment_ms(effect["labels"][place]) if dated else effect["labels"][place] for place in places]
    known = list(zip(x, places, strict=True))
    dots = [_dot(at, effect["mean"][place], thin=effect["thin"][place]) for at, place in known]
    series = [
        *(_single_row(line, known) for line in (effect["lines"] if lines else ())),
        _ribbon(effect, known),
        {"type": "scatter", "name": "mean", "symbolSize": 6, "data": dots},
        _rug(effect, _floor(effect, places, lines=lines), dated=dated),
    ]
    return (time_axis if dated else value_axis)(effect["column"]), series


def _single_row(line: Sequence[float | None], known: Sequence[tuple[float, int]]) -> Option:
    """What the model says of one row along the column's values."""
    return {
        "type": "line",
        "name": "single row",
        "showSymbol": False,
        "silent": True,
        "lineStyle": {"width": 1, "opacity": _LINE_OPACITY},
        "itemStyle": {"color": "#8b949e"},
        "data": plain_rows([(at, line[place]) for at, place in known]),
    }


def _ribbon(effect: Mapping[str, Any], known: Sequence[tuple[float, int]]) -> Option:
    """The mean as a line with its band."""
    mean, low, high = effect["mean"], effect["low"], effect["high"]
    return {
        "type": "custom",
        "name": "mean",
        "renderItem": "ribbon",
        "itemPayload": {"plain": False},
        "dimensions": ["at", "mean", "low", "high"],
        "encode": {"x": 0, "y": [1, 2, 3]},
        "data": plain_rows(
            [(at, mean[place], low[place], high[place]) for at, place in known if low[place] is not None]
        ),
        "silent": True,
        "tooltip": {"show": False},
    }


def _rug(effect: Mapping[str, Any], floor: float | None, *, dated: bool) -> Option:
    """A small stroke for each value of some rows, below the curve."""
    return {
        "type": "scatter",
        "name": "rows",
        "symbol": "rect",
        "symbolSize": [1, 10],
        "silent": True,
        "itemStyle": {"opacity": 0.5, "color": "#8b949e"},
        "data": [[plain(value * 1000 if dated else value), floor] for value in effect["rug"]],
    }


def _dot(at: float, mean: float | None, *, thin: bool) -> Option:
    """A point of the mean; a hollow one where too few rows lie near."""
    return {"value": [plain(at), plain(mean)], **({"symbol": "emptyCircle"} if thin else {})}


def _floor(effect: Mapping[str, Any], places: Sequence[int], *, lines: bool) -> float | None:
    """Where the rug lies: just below everything that is drawn."""
    rows = [effect["mean"], effect["low"], effect["high"], *(effect["lines"] if lines else ())]
    values = [row[place] for row in rows for place in places if row[place] is not None]
    low, high = min(values), max(values)
    floor: float = plain(low - 0.06 * (high - low))
    return floor


def _moment_ms(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000
