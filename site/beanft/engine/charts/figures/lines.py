"""The figures of lines and of areas."""

from bisect import bisect_right
from typing import Any

from beanft.engine.charts.axes import Option, intervals, plain_rows, time_axis, value_axis
from beanft.engine.charts.drawing import Drawing, Series
from beanft.engine.charts.figures.parts import SYMBOLS, interval_marks, on_log, y_axis
from beanft.engine.charts.figures.tips import tip
from beanft.engine.charts.layouts import layout_of

_SYMBOLS_UP_TO = 60  # points of a line; more would hide it
_SEE_THROUGH = 0.25  # areas before each other


def line_figure(drawing: Drawing, names: list[str]) -> Option:
    """Draw lines with symbols and faint intervals.

    Parameters
    ----------
    drawing : Drawing
        What was drawn.
    names : list of str
        Names of its series as the legend writes them.

    Returns
    -------
    dict
        The parts xAxis, yAxis and series, and others where needed.
    """
    is_log = drawing.chart.log_y
    series: list[Option] = []
    for place, (series_of, name) in enumerate(zip(drawing.series, names, strict=True)):
        series.append(_line(drawing, series_of, name, place, is_log=is_log))
        marks = [mark for mark in interval_marks(series_of) if not is_log or mark[1] > 0]
        if marks:
            series.append(intervals(name, marks, faint=True))
    zero = drawing.chart.aggregation in ("count", "sum") and not is_log
    y = y_axis(drawing, from_zero=zero)
    return {
        "xAxis": _x_axis(drawing),
        "yAxis": on_log(y) if is_log else y,
        "series": series,
        "tooltip": _TOOLTIP,
    }


def area_figure(drawing: Drawing, names: list[str]) -> Option:
    """Draw areas from zero: stacked, to 100 %, or see-through before each other.

    Parameters
    ----------
    drawing : Drawing
        What was drawn.
    names : list of str
        Names of its series as the legend writes them.

    Returns
    -------
    dict
        The parts xAxis, yAxis and series, and others where needed.
    """
    layout = layout_of(drawing.chart)
    series: list[Option] = []
    for place, (series_of, name) in enumerate(zip(drawing.series, names, strict=True)):
        one = _line(drawing, series_of, name, place, is_log=False)
        one["areaStyle"] = {"opacity": _SEE_THROUGH if layout == "grouped" else 0.7}
        if layout != "grouped":
            one |= {"stack": "all", "lineStyle": {"width": 1}}
        series.append(one)
        marks = interval_marks(series_of)
        if marks:
            series.append(intervals(name, marks, faint=True))
    y = y_axis(drawing, from_zero=True)
    if layout == "share":
        y["max"] = 100
    return {"xAxis": _x_axis(drawing), "yAxis": y, "series": series, "tooltip": _TOOLTIP}


_TOOLTIP: Option = {"renderMode": "richText", "confine": True, "trigger": "axis"}


def _line(drawing: Drawing, series: Series, name: str, place: int, *, is_log: bool) -> Option:
    data: list[list[Any]] = plain_rows(mark[:2] for mark in series.values)
    if is_log:  # a gap where there is no place on the axis
        data = [[x, y if y is not None and y > 0 else None] for x, y in data]
    share = drawing.chart.kind == "area" and layout_of(drawing.chart) == "share"
    return {
        "type": "line",
        "name": name,
        "dimensions": [drawing.x_name, name],
        "symbol": SYMBOLS[place],
        "symbolSize": 6,
        "showSymbol": len(series.values) <= _SYMBOLS_UP_TO,
        "lineStyle": {"width": 2},
        "data": data,
        **tip(
            ("", 2, "x"),
            (drawing.y_name, 1, "percent" if share else "number"),
            ("95 % interval", 3, "range"),
            *(() if drawing.y_name == "rows" else (("rows", 5, "count"),)),
            more=((_step(drawing, mark[0]), *mark[2:]) for mark in series.values),
        ),
    }


def _step(drawing: Drawing, x: Any) -> int:
    """The step of the axis that a point stands for."""
    return max(bisect_right(drawing.begins, x) - 1, 0)


def _x_axis(drawing: Drawing) -> Option:
    axis = time_axis(drawing.x_name) if drawing.x_type == "date" else value_axis(drawing.x_name)
    return {**axis, "names": list(drawing.places)}  # of the steps, for marks.js
