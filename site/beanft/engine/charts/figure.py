"""Turns a drawing into an ECharts option of plain JSON, one function a kind."""

from collections.abc import Callable, Mapping
from typing import Any

from beanft.engine.charts.axes import (
    Option,
    category_axis,
    frame,
    intervals,
    legend,
    plain,
    plain_rows,
    shortened,
    time_axis,
    value_axis,
)
from beanft.engine.charts.chart import Drawing, Series
from beanft.engine.charts.words import FEW_ROWS

_PALE = {"opacity": 0.45}
_SYMBOLS = ("circle", "rect", "triangle", "diamond", "emptyCircle", "emptyRect")  # not by colour alone
_SYMBOLS_UP_TO = 60  # points of a line; more would hide it
_LABEL_CHARACTERS = 40


def to_figure(drawing: Drawing) -> Option:
    """Turn a drawing into the option that chart.js gives to ECharts.

    Parameters
    ----------
    drawing : Drawing
        What `draw` returned.

    Returns
    -------
    dict
        Plain JSON values without functions; colours are left to the browser's theme.
    """
    names = [shortened(series.name, _LABEL_CHARACTERS) for series in drawing.series]
    option = frame(drawing.description, legend=legend(names), useUTC=True)
    if len(names) < 2:
        option["grid"]["top"] = 16
    if not drawing.series:
        return option
    option |= _KINDS[drawing.chart.kind](drawing, names)
    option["grid"]["bottom"] = 24 + option["xAxis"]["nameGap"]
    return option


def _histogram(drawing: Drawing, names: list[str]) -> Option:
    """Bins as rectangles true to their edges; colours stand on each other."""
    below = [0] * len(drawing.series[0].values)
    series: list[Option] = []
    for series_of, name in zip(drawing.series, names, strict=True):
        data = []
        for place, (low, high, n) in enumerate(series_of.values):
            data.append([plain(low), plain(high), below[place], below[place] + _whole(n), n])
            below[place] += _whole(n)
        series.append(
            {
                "type": "custom",
                "name": name,
                "renderItem": "bin",
                "dimensions": ["from", "to", "below", "up to", "rows"],
                "encode": {"x": [0, 1], "y": [2, 3], "tooltip": [0, 1, 4]},
                "data": data,
            }
        )
    ends = {"min": series[0]["data"][0][0], "max": series[0]["data"][-1][1]}
    # The ends need not be round, and would be written over their round neighbours.
    x_axis = {
        **value_axis(drawing.x_name),
        **ends,
        "axisLabel": {"showMinLabel": False, "showMaxLabel": False},
    }
    return {"xAxis": x_axis, "yAxis": _y_axis(drawing, from_zero=True), "series": series}


def _bars(drawing: Drawing, names: list[str]) -> Option:
    series: list[Option] = []
    for place, (series_of, name) in enumerate(zip(drawing.series, names, strict=True)):
        data: list[Any] = [None] * len(drawing.places)
        for at, value, _, _, n in series_of.values:
            pale = _whole(n) < FEW_ROWS
            data[_whole(at)] = {"value": plain(value), "itemStyle": _PALE} if pale else plain(value)
        series.append({"type": "bar", "name": name, "barMaxWidth": 64, "data": data})
        marks = _interval_marks(series_of)
        if marks:
            series.append(intervals(name, marks, place=place, n_places=len(names)))
    return {"xAxis": _x_categories(drawing), "yAxis": _y_axis(drawing, from_zero=True), "series": series}


def _lines(drawing: Drawing, names: list[str]) -> Option:
    series: list[Option] = []
    for place, (series_of, name) in enumerate(zip(drawing.series, names, strict=True)):
        series.append(
            {
                "type": "line",
                "name": name,
                "dimensions": [drawing.x_name, name],
                "symbol": _SYMBOLS[place],
                "symbolSize": 6,
                "showSymbol": len(series_of.values) <= _SYMBOLS_UP_TO,
                "lineStyle": {"width": 2},
                "data": plain_rows(mark[:2] for mark in series_of.values),
            }
        )
        marks = _interval_marks(series_of)
        if marks:
            series.append(intervals(name, marks, faint=True))
    x_axis = time_axis(drawing.x_name) if drawing.x_type == "date" else value_axis(drawing.x_name)
    zero = drawing.chart.aggregation in ("count", "sum")
    tooltip = {"renderMode": "richText", "confine": True, "trigger": "axis"}
    return {"xAxis": x_axis, "yAxis": _y_axis(drawing, from_zero=zero), "series": series, "tooltip": tooltip}


def _scatter(drawing: Drawing, names: list[str]) -> Option:
    heads = [drawing.x_name, drawing.y_name, drawing.chart.colour][: 3 if drawing.colour_range else 2]
    series = [
        {
            "type": "scatter",
            "name": name,
            "dimensions": [shortened(head) for head in heads],
            "encode": {"x": 0, "y": 1, "tooltip": list(range(len(heads)))},
            "symbol": _SYMBOLS[place],
            "symbolSize": 6,
            "itemStyle": {"opacity": 0.65},
            "data": plain_rows(series_of.values),
        }
        for place, (series_of, name) in enumerate(zip(drawing.series, names, strict=True))
    ]
    option: Option = {
        "xAxis": value_axis(drawing.x_name),
        "yAxis": _y_axis(drawing, from_zero=False),
        "series": series,
    }
    if drawing.colour_range:
        option["visualMap"] = _colour_scale(drawing, *drawing.colour_range)
        option["grid"] = {"left": 64, "right": 24, "top": 56, "bottom": 56}
    return option


def _colour_scale(drawing: Drawing, low: float, high: float) -> Option:
    return {
        "type": "continuous",
        "min": plain(low),
        "max": plain(high),
        "dimension": 2,
        "orient": "horizontal",
        "left": 0,
        "top": 0,
        "itemHeight": 120,
        "itemWidth": 12,
        "calculable": False,
        "text": [f"{shortened(drawing.chart.colour, 24)}: high", "low"],
    }


def _boxes(drawing: Drawing, names: list[str]) -> Option:
    series: list[Option] = []
    for series_of, name in zip(drawing.series, names, strict=True):
        data: list[Any] = [{"value": []}] * len(drawing.places)
        for at, *five, n in series_of.values:
            box = [plain(value) for value in five]
            data[_whole(at)] = {"value": box, "itemStyle": _PALE} if _whole(n) < FEW_ROWS else {"value": box}
        series.append({"type": "boxplot", "name": name, "boxWidth": [4, 48], "data": data})
    for place, (series_of, name) in enumerate(zip(drawing.series, names, strict=True)):
        if series_of.outliers:
            series.append(_outliers(series_of, name, place, len(names)))
    return {"xAxis": _x_categories(drawing), "yAxis": _y_axis(drawing, from_zero=False), "series": series}


def _outliers(series: Series, name: str, place: int, n_places: int) -> Option:
    """Points beside their own box; ECharts would put the points of all colours on the middle."""
    return {
        "type": "custom",
        "name": name,
        "renderItem": "outlier",
        "itemPayload": {"place": place, "nPlaces": n_places},
        "dimensions": ["at", "value"],
        "encode": {"x": 0, "y": 1, "tooltip": [1]},
        "data": plain_rows(series.outliers),
    }


def _x_categories(drawing: Drawing) -> Option:
    return category_axis(drawing.x_name, [shortened(label, _LABEL_CHARACTERS) for label in drawing.places])


def _y_axis(drawing: Drawing, *, from_zero: bool) -> Option:
    return {**value_axis(drawing.y_name, from_zero=from_zero), "nameGap": 48}


def _interval_marks(series: Series) -> list[tuple[Any, ...]]:
    return [(at, low, high) for at, _, low, high, _ in series.values if low is not None]


def _whole(value: float | str | None) -> int:
    """A count or a place, which the type of marks holds among other numbers."""
    return int(value or 0)


_KINDS: Mapping[str, Callable[[Drawing, list[str]], Option]] = {
    "histogram": _histogram,
    "bar": _bars,
    "line": _lines,
    "scatter": _scatter,
    "box": _boxes,
}
