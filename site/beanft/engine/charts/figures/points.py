"""The figures of points, bubbles and densities, with trend lines over them."""

import math

from beanft.engine.charts.axes import Option, legend, plain, plain_rows, shortened, value_axis
from beanft.engine.charts.drawing import Drawing, Series
from beanft.engine.charts.expressions import is_logarithmic
from beanft.engine.charts.figures.parts import SYMBOLS, log_ends, on_log, whole
from beanft.engine.charts.figures.tips import tip, way_of

_LARGEST, _LARGEST_OF_MANY = 40, 24  # pixels across the largest bubble
_FEW_BUBBLES = 100
_MANY = 1000  # points; more are drawn smaller and fainter
_CELL = 5  # numbers of a cell of a density


def scatter_figure(drawing: Drawing, names: list[str]) -> Option:
    """Draw single rows as points, or cells coloured by their number of rows.

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
    option: Option = {**number_axes(drawing), **marks(drawing, names)}
    trends = zip(drawing.series, names, strict=True)
    # A line over the marks of all rows would be lost in their colour.
    is_plain = len(names) == 1
    option["series"] += [_trend(one, name, is_plain) for one, name in trends if one.fit]
    return option


def marks(drawing: Drawing, names: list[str]) -> Option:
    """Describe points or cells, and the scale of their colours.

    Parameters
    ----------
    drawing : Drawing
        What was drawn.
    names : list of str
        Names of its series as the legend writes them.

    Returns
    -------
    dict
        The part series, and visualMap and grid where colour is a scale.
    """
    if is_density(drawing):
        return {"series": [_cells(drawing, names[0])], **_scale(drawing, 5, log=True)}
    return {"series": _points(drawing, names), **_scale(drawing, 2)}


def is_density(drawing: Drawing) -> bool:
    """Tell whether a drawing of points holds cells in their place.

    Parameters
    ----------
    drawing : Drawing
        What was drawn.

    Returns
    -------
    bool
        True where each mark has four edges and a number of rows.
    """
    return any(len(value) == _CELL for series in drawing.series for value in series.values[:1])


def number_axes(drawing: Drawing) -> Option:
    """Describe both axes of numbers, logarithmic where that is asked for.

    Parameters
    ----------
    drawing : Drawing
        What was drawn.

    Returns
    -------
    dict
        The parts xAxis and yAxis.
    """
    x, y = value_axis(drawing.x_name), {**value_axis(drawing.y_name), "nameGap": 48}
    axes = {"xAxis": x, "yAxis": y}
    step = 2 if is_density(drawing) else 1  # a cell has two ends along each axis
    for at, (part, name) in enumerate((("x", "xAxis"), ("y", "yAxis"))):
        if is_logarithmic(drawing.chart, part):
            numbers = [
                float(number or 0)
                for series in drawing.series
                for value in series.values
                for number in value[at * step : (at + 1) * step]
            ]
            low, high = log_ends(min(numbers), max(numbers))
            axes[name] = {**on_log(axes[name]), "min": low, "max": high}
    return axes


def bubble_figure(drawing: Drawing, names: list[str]) -> Option:
    """Draw single rows as bubbles whose area is the third number.

    Parameters
    ----------
    drawing : Drawing
        What was drawn.
    names : list of str
        Names of its series as the legend writes them.

    Returns
    -------
    dict
        The parts xAxis, yAxis and series.
    """
    sizes = [float(value[2] or 0) for one in drawing.series for value in one.values]
    width = _LARGEST if len(sizes) <= _FEW_BUBBLES else _LARGEST_OF_MANY
    heads = [shortened(head) for head in (drawing.x_name, drawing.y_name, drawing.chart.z)]
    series = [
        {
            "type": "custom",
            "renderItem": "bubble",
            "name": name,
            "itemPayload": {"largest": plain(max(sizes)), "width": width},
            "dimensions": heads,
            "encode": {"x": 0, "y": 1, "tooltip": [0, 1, 2]},
            "clip": True,
            "data": plain_rows(one.values),
            **tip(*((head, at, way_of(head)) for at, head in enumerate(heads))),
        }
        for one, name in zip(drawing.series, names, strict=True)
    ]
    # Only circles: of other shapes the eye would not see that areas are equal.
    icons = [{"name": name, "icon": "circle"} for name in names]
    return {**number_axes(drawing), "series": series, "legend": {**legend(names), "data": icons}}


def _points(drawing: Drawing, names: list[str]) -> list[Option]:
    heads = [drawing.x_name, drawing.y_name, drawing.chart.colour][: 3 if drawing.colour_range else 2]
    n = sum(len(one.values) for one in drawing.series)
    return [
        {
            "type": "scatter",
            "name": name,
            "dimensions": [shortened(head) for head in heads],
            "encode": {"x": 0, "y": 1, "tooltip": list(range(len(heads)))},
            "symbol": SYMBOLS[place],
            "symbolSize": 6 if n <= _MANY else 5,
            "itemStyle": {"opacity": 0.65 if n <= _MANY else 0.4},
            "data": plain_rows(series_of.values),
            **tip(*((head, at, way_of(head)) for at, head in enumerate(heads))),
        }
        for place, (series_of, name) in enumerate(zip(drawing.series, names, strict=True))
    ]


def _cells(drawing: Drawing, name: str) -> Option:
    """Cells with a sixth number, the logarithm of their rows, that colours them."""
    data = [
        [*(plain(edge) for edge in edges), n, round(math.log10(whole(n)), 3)]
        for *edges, n in drawing.series[0].values
    ]
    x, y = shortened(drawing.x_name, 40), shortened(drawing.y_name, 40)
    return {
        "type": "custom",
        "renderItem": "cell",
        "name": name,
        "dimensions": [f"{x} from", f"{x} to", f"{y} from", f"{y} to", "rows", "depth"],
        "encode": {"x": [0, 1], "y": [2, 3], "tooltip": [0, 1, 2, 3, 4]},
        "clip": True,
        "data": data,
        **tip((drawing.x_name, 0, "range"), (drawing.y_name, 2, "range"), ("rows", 4, "count")),
    }


def _trend(series: Series, name: str, is_plain: bool) -> Option:
    """A line with its band, in the colour of its series or plain, in that of the text."""
    return {
        "type": "custom",
        "renderItem": "ribbon",
        "name": name,
        "itemPayload": {"plain": is_plain},
        "dimensions": ["x", "trend", "low", "high"],
        "encode": {"x": 0, "y": [1, 2, 3]},
        "data": plain_rows(series.fit),
        "clip": True,
        "silent": True,
        "z": 5,
        "tooltip": {"show": False},
    }


def _scale(drawing: Drawing, dimension: int, *, log: bool = False) -> Option:
    """The scale of colours above the picture; the trend lies beyond it."""
    if not drawing.colour_range:
        return {}
    low, high = drawing.colour_range
    what = shortened(drawing.chart.colour, 24)
    text = [f"{high:,.0f} rows", f"{low:,.0f}"] if log else [f"{what}: high", "low"]
    ends = (0, max(round(math.log10(high), 3), 0.1)) if log else (plain(low), plain(high))
    scale = {
        "type": "continuous",
        "seriesIndex": 0,
        "min": ends[0],
        "max": ends[1],
        "dimension": dimension,
        "orient": "horizontal",
        "left": 0,
        "top": 0,
        "itemHeight": 120,
        "itemWidth": 12,
        "calculable": False,
        "text": text,
    }
    return {"visualMap": scale, "grid": {"left": 64, "right": 24, "top": 56, "bottom": 56}}
