"""The figure of bars."""

from dataclasses import replace
from typing import Any

from beanft.engine.charts.axes import Option, intervals, plain, value_axis
from beanft.engine.charts.drawing import Drawing
from beanft.engine.charts.figures.parts import PALE, interval_marks, whole, x_categories, y_axis
from beanft.engine.charts.figures.tips import Part, tip, way_of
from beanft.engine.charts.kinds.pareto import MOST_OF
from beanft.engine.charts.layouts import layout_of
from beanft.engine.charts.words import FEW_ROWS

_ROWS: Part = ("rows", 4, "count")


def bar_figure(drawing: Drawing, names: list[str]) -> Option:
    """Draw bars with their intervals, those of few rows pale.

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
    series: list[Option] = []
    layout = layout_of(drawing.chart)
    stack = {} if layout == "grouped" else {"stack": "all"}
    n_drawn = len(drawing.places) - (not drawing.is_other_drawn)
    for place, (series_of, name) in enumerate(zip(drawing.series, names, strict=True)):
        data: list[Any] = [None] * len(drawing.places)
        more: list[tuple[Any, ...]] = [()] * len(drawing.places)
        for at, value, low, high, n in series_of.values:
            if whole(at) >= n_drawn:
                continue
            pale = whole(n) < FEW_ROWS
            more[whole(at)] = (whole(at), low, high, n)
            data[whole(at)] = {"value": plain(value), "itemStyle": PALE} if pale else plain(value)
        series.append({"type": "bar", "name": name, "barMaxWidth": 64, "data": data, **stack})
        series[-1] |= tip(*_bar_parts(drawing), more=more)
        marks = interval_marks(series_of)
        if marks:
            series.append(intervals(name, marks, place=place, n_places=len(names)))
    y = y_axis(drawing, from_zero=True)
    if layout == "share":
        y["max"] = 100
    x = x_categories(replace(drawing, places=drawing.places[:n_drawn]))
    return {"xAxis": x, "yAxis": y, "series": series}


def _bar_parts(drawing: Drawing) -> list[Part]:
    """Category, value, interval and rows; where rows are counted they are the value."""
    share = layout_of(drawing.chart) == "share"
    way = "percent" if share else _way(drawing)
    rows: list[Part] = [] if drawing.y_name == "rows" else [_ROWS]
    return [("", 1, "x"), (drawing.y_name, 0, way), ("95 % interval", 2, "range"), *rows]


def _way(drawing: Drawing) -> str:
    """Medians and the like of years are years."""
    return way_of(drawing.chart.y) if drawing.chart.aggregation in ("median", "min", "max") else "number"


def pareto_figure(drawing: Drawing, names: list[str]) -> Option:
    """Draw falling bars and, on an axis of its own, the line of their shares added up.

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
    bars = drawing.series[0].values
    other = len(drawing.place_keys)  # the place of "other", which is no category
    data: list[Any] = [
        {"value": plain(bar[1]), "itemStyle": PALE} if bar[0] == other else plain(bar[1]) for bar in bars
    ]
    parts: list[Part] = [("", 1, "x"), (drawing.y_name, 0, "number"), ("share", 2, "percent")]
    parts += [("added up", 3, "percent"), *([] if drawing.y_name == "rows" else [_ROWS])]
    return {
        "xAxis": x_categories(drawing),
        "yAxis": _pareto_axes(drawing),
        "series": [
            {"type": "bar", "name": names[0], "barMaxWidth": 64, "data": data}
            | tip(*parts, more=[(bar[0], *bar[2:]) for bar in bars]),
            _added_up(drawing),
        ],
        "grid": {"left": 72, "right": 64, "top": 24, "bottom": 56},
        "tooltip": {"renderMode": "richText", "confine": True, "trigger": "axis"},
    }


def _added_up(drawing: Drawing) -> Option:
    """The line of the shares added up; a thin one says where most of the whole is reached."""
    return {
        "type": "line",
        "name": "added up (%)",
        "yAxisIndex": 1,
        "symbol": "circle",
        "symbolSize": 6,
        "lineStyle": {"width": 2},
        "data": [plain(bar[3]) for bar in drawing.series[0].values],
        "markLine": {
            "silent": True,
            "symbol": "none",
            "label": {"show": False},
            "lineStyle": {"type": "dashed", "width": 1},
            "data": [{"yAxis": MOST_OF}],
        },
    }


def _pareto_axes(drawing: Drawing) -> list[Option]:
    """Both axes share their ends, so that the line ends where the stacked bars would: at the whole.

    Its number need not be round, and would be written over its neighbour.
    """
    all_of = sum(float(bar[1] or 0) for bar in drawing.series[0].values)
    left = {**y_axis(drawing, from_zero=True), "max": plain(all_of) or None, "splitLine": {"show": False}}
    left["axisLabel"] = {**left.get("axisLabel", {}), "showMaxLabel": False}
    right = {
        **value_axis("added up (%)", from_zero=True),
        "min": 0,
        "max": 100,
        "nameGap": 36,
        "position": "right",
    }
    return [left, right]
