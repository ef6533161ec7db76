"""The figures of matrices: heat maps, correlations and missing values."""

from collections.abc import Sequence
from typing import Any

from beanft.engine.charts.axes import Option, category_axis, plain, shortened
from beanft.engine.charts.drawing import Drawing
from beanft.engine.charts.figures.parts import LABEL_CHARACTERS, PALE, whole, x_categories
from beanft.engine.charts.figures.tips import Part, tip
from beanft.engine.charts.words import FEW_ROWS, figure

_LABELLED = 12  # more places across leave no room for numbers in the cells
_LABELLED_CORRELATIONS = 15
_ROW_HEIGHT, _AROUND = 24, 150  # pixels
_LEAST_HEIGHT, _MOST_HEIGHT = 320, 1400
_DIGITS = 4  # of shares and correlations


def heatmap_figure(drawing: Drawing, names: list[str]) -> Option:
    """Draw cells in one hue, or in two where zero divides them; those of few rows pale.

    Parameters
    ----------
    drawing : Drawing
        What was drawn.
    names : list of str
        Names of its series as the legend writes them.

    Returns
    -------
    dict
        The parts xAxis, yAxis, visualMap and series, and others where needed.
    """
    low, high = drawing.colour_range or (0.0, 1.0)
    labelled = len(drawing.places) <= _LABELLED
    data: list[Any] = []
    more: list[tuple[Any, ...]] = []
    for at, up, value, below, above, n in drawing.series[0].values:
        shade = min(max(value, low), high) if isinstance(value, (int, float)) else None
        cell = [whole(at), whole(up), plain(shade), plain(value), whole(n)]
        cell += [_told(value)] if labelled else []
        more.append((below, above) if below is not None else ())
        pale = 0 < whole(n) < FEW_ROWS
        data.append({"value": cell, "itemStyle": PALE} if pale else cell)
    heads = [drawing.x_name, drawing.y_name, "colour", drawing.series[0].name, "rows"]
    series = _cells(names[0], heads, data, label="{@[5]}" if labelled else "")
    parts: list[Part] = [(drawing.x_name, 0, "x"), (drawing.y_name, 1, "y"), (names[0], 3, "number")]
    if drawing.series[0].name != "rows":  # else the value is the number of rows already
        parts += [("95 % interval", 6 if labelled else 5, "range"), ("rows", 4, "count")]
    series |= tip(*parts, more=more)
    scale = _scale(names[0], low, high, is_diverging=low < 0 < high)
    return _matrix(drawing, drawing.y_places, series, scale)


def correlations_figure(drawing: Drawing, names: list[str]) -> Option:
    """Draw correlations in two hues, with their numbers where there is room.

    Parameters
    ----------
    drawing : Drawing
        What was drawn.
    names : list of str
        Names of its series as the legend writes them.

    Returns
    -------
    dict
        The parts xAxis, yAxis, visualMap and series, and others where needed.
    """
    data = [
        [whole(at), whole(up), _short(r), whole(n), f"{r:z.2f}"]
        for at, up, r, _, _, n in drawing.series[0].values
        if isinstance(r, float)
    ]
    label = "{@[4]}" if len(drawing.places) <= _LABELLED_CORRELATIONS else ""
    series = _cells(names[0], ["column", "with", "correlation", "rows"], data, label=label)
    told = ("correlation", 2, "number"), ("95 % interval", 5, "range"), ("rows", 3, "count")
    ends = [mark[3:5] for mark in drawing.series[0].values if isinstance(mark[2], float)]
    series |= tip(("", 0, "x"), ("with", 1, "y"), *told, more=ends)
    return _matrix(drawing, drawing.y_places, series, _scale("correlation", -1, 1, is_diverging=True))


def missing_figure(drawing: Drawing, names: list[str]) -> Option:
    """Draw the share of missing values, rows of the table from left to right and a line for each column.

    Parameters
    ----------
    drawing : Drawing
        What was drawn.
    names : list of str
        Names of its series as the legend writes them.

    Returns
    -------
    dict
        The parts xAxis, yAxis, visualMap and series, and others where needed.
    """
    data = [
        [whole(at), whole(up), _short(share), whole(n), whole(of)]
        for at, up, share, n, of in drawing.series[0].values
    ]
    heads = ["rows of the table", "column", "share missing", "rows missing", "of rows"]
    series = _cells(names[0], heads, data, label="")
    series["itemStyle"] = {"borderWidth": 0}
    told = ("missing here", 2, "share"), ("rows missing", 3, "count"), ("of rows", 4, "count")
    series |= tip(("rows", 0, "x"), ("column and share missing", 1, "y"), *told)
    shares = {str(name): share for name, _, share, remark in drawing.rows if not remark}
    labels = [f"{shortened(name, 28)}  {_percent(shares.get(name))}" for name in drawing.y_places]
    most = max((_short(mark[2]) for mark in drawing.series[0].values), default=0.0)
    scale = _scale("missing", 0, most or 1, is_diverging=False)
    scale["text"] = [f"{_percent(most)} of a cell is missing" if most else "", "0 %"]
    option = _matrix(drawing, labels, series, scale)
    option["xAxis"]["axisLabel"] = {"hideOverlap": True, "rotate": 0}
    option["xAxis"]["nameGap"] = 32
    return option


def _matrix(drawing: Drawing, y_labels: Sequence[str], series: Option, scale: Option) -> Option:
    labels = [shortened(label, LABEL_CHARACTERS) for label in y_labels]
    width = min(max(map(len, labels), default=0) * 7 + 16, 190)
    y_axis = {**category_axis(drawing.y_name, labels), "nameGap": width}
    y_axis["axisLabel"] = {"width": width - 8, "overflow": "truncate", "hideOverlap": True}
    return {
        "xAxis": x_categories(drawing),
        "yAxis": y_axis,
        "visualMap": scale,
        "series": [series],
        "grid": {"left": width + (32 if drawing.y_name else 8), "right": 24, "top": 56, "bottom": 56},
        "height": min(max(_AROUND + _ROW_HEIGHT * len(labels), _LEAST_HEIGHT), _MOST_HEIGHT),
    }


def _cells(name: str, heads: Sequence[str], data: list[Any], *, label: str) -> Option:
    return {
        "type": "heatmap",
        "name": name,
        "dimensions": [*(shortened(head, LABEL_CHARACTERS) for head in heads), *(["text"] if label else [])],
        "encode": {"x": 0, "y": 1, "value": 2},
        "data": data,
        "label": {"show": bool(label), "formatter": label, "fontSize": 11} if label else {"show": False},
    }


def _scale(name: str, low: float, high: float, *, is_diverging: bool) -> Option:
    return {
        "type": "continuous",
        "min": plain(low),
        "max": plain(high if high > low else low + 1),
        "dimension": 2,
        "orient": "horizontal",
        "left": 0,
        "top": 0,
        "itemHeight": 120,
        "itemWidth": 12,
        "calculable": False,
        "hoverLink": False,
        "diverging": is_diverging,
        "text": [f"{figure(high)}  ({shortened(name, 32)})", figure(low)],
    }


def _told(value: float | str | None) -> str:
    return figure(value) if isinstance(value, (int, float)) else ""


def _short(value: float | str | None) -> float:
    return round(float(value or 0), _DIGITS)


def _percent(share: float | str | None) -> str:
    """A share of the rows; never 0 % or 100 % where it is not."""
    value = float(share or 0)
    if 0 < value < 0.001:
        return "< 0.1 %"
    if 0.999 < value < 1:
        return "> 99.9 %"
    return f"{value:.1%}".replace("%", " %").replace(".0 %", " %")
