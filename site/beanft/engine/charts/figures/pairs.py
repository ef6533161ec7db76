"""The figure of pairs: scatters below the diagonal, histograms on it, correlations above it."""

from collections.abc import Iterator
from typing import Any

from beanft.engine.charts.axes import Option, category_axis, legend, shortened, value_axis
from beanft.engine.charts.drawing import Drawing, Series
from beanft.engine.charts.figures.histogram import histogram_figure
from beanft.engine.charts.figures.parts import LABEL_CHARACTERS, SYMBOLS, whole
from beanft.engine.charts.figures.tips import tip, way_of
from beanft.engine.tables.relations.pairs import Pair

_LEFT, _RIGHT, _TOP, _BOTTOM = 9.0, 1.5, 3.0, 10.0  # room around the panels, in per cent
_LEGEND = 6.0  # and for the legend of colours
_GAP = 1.6
_PANEL_HEIGHT = 150  # pixels
_DIGITS = 5  # of points: five thousand points a panel across are more than any screen has
_NAME_CHARACTERS = 22
_GREY = "rgba(128, 128, 128, 0.6)"  # of histograms, which count all colours together


def pairs_figure(drawing: Drawing) -> Option:
    """Draw the panels of a pair plot, each with a grid and two axes of its own.

    Parameters
    ----------
    drawing : Drawing
        What was drawn, with panels row after row.

    Returns
    -------
    dict
        The parts grid, xAxis, yAxis and series, and others where needed.
    """
    n = drawing.n_across
    scatters = [panel for panel in drawing.panels if panel.chart.kind == "scatter"]
    colours = scatters[0].series if drawing.chart.colour else ()
    names = [shortened(one.name, LABEL_CHARACTERS) for one in colours]
    series = [one for at, panel in enumerate(drawing.panels) for one in _panel_series(panel, at, names)]
    # Colours are given to names as they come: those of the legend first.
    series.sort(key=lambda one: one["type"] != "scatter")
    matrices = [place for place, one in enumerate(series) if one["type"] == "heatmap"]
    return {
        "legend": legend(names),
        "grid": [_grid(at, n, _TOP + _LEGEND * bool(names)) for at in range(n * n)],
        "xAxis": [_x_axis(panel, at, n) for at, panel in enumerate(drawing.panels)],
        "yAxis": [_y_axis(panel, at, n) for at, panel in enumerate(drawing.panels)],
        "visualMap": {
            "show": False,
            "min": -1,
            "max": 1,
            "dimension": 2,
            "diverging": True,
            "seriesIndex": matrices,
        },
        "series": series,
        "height": _PANEL_HEIGHT * n + 80,
    }


def _grid(at: int, n: int, top: float) -> Option:
    down, across = divmod(at, n)
    width, height = (100 - _LEFT - _RIGHT) / n, (100 - top - _BOTTOM) / n
    return {
        "left": f"{_LEFT + across * width:.4g}%",
        "top": f"{top + down * height:.4g}%",
        "width": f"{width - _GAP:.4g}%",
        "height": f"{height - _GAP:.4g}%",
    }


def _x_axis(panel: Drawing, at: int, n: int) -> Option:
    is_last = at // n == n - 1
    if panel.chart.kind == "correlations":
        return {**category_axis("", [""]), "gridIndex": at, "show": False}
    name = shortened(panel.x_name, _NAME_CHARACTERS) if is_last else ""
    return {**_axis(name, shown=is_last), "gridIndex": at, "nameGap": 26, **_ends(panel)}


def _y_axis(panel: Drawing, at: int, n: int) -> Option:
    is_first = at % n == 0
    if panel.chart.kind == "correlations":
        return {**category_axis("", [""]), "gridIndex": at, "show": False}
    column = panel.x_name if panel.chart.kind == "histogram" else panel.y_name
    name = shortened(column, _NAME_CHARACTERS) if is_first else ""
    shown = is_first and panel.chart.kind == "scatter"
    return {
        **_axis(name, shown=shown),
        "gridIndex": at,
        "nameGap": 44,
        "scale": panel.chart.kind == "scatter",
    }


def _axis(name: str, *, shown: bool) -> Option:
    label = {"show": shown, "hideOverlap": True, "fontSize": 10, "showMaxLabel": False}
    line = {"axisLine": {"onZero": False}, "splitLine": {"show": False}}
    axis = value_axis(name)
    return {**axis, "axisLabel": {**axis.get("axisLabel", {}), **label}, "splitNumber": 3, **line}


def _ends(panel: Drawing) -> Option:
    """Points share the range of the histogram above them only by chance, so each panel has its own."""
    if panel.chart.kind != "histogram" or not panel.series[0].values:
        return {}
    values = panel.series[0].values
    return {"min": values[0][0], "max": values[-1][1], "axisLabel": {"show": False}}


def _panel_series(panel: Drawing, at: int, names: list[str]) -> Iterator[Option]:
    place = {"xAxisIndex": at, "yAxisIndex": at}
    if panel.chart.kind == "correlations":
        yield {**_number(panel.series[0]), **place}
    elif panel.chart.kind == "histogram":
        yield from ({**one, **place} for one in _bins(panel, is_grey=bool(names)))
    else:
        for at_colour, one in enumerate(panel.series):
            yield {**_points(panel, one, SYMBOLS[at_colour]), **place}


def _points(panel: Drawing, series: Series, symbol: str) -> Option:
    return {
        "type": "scatter",
        "name": shortened(series.name, LABEL_CHARACTERS),
        "dimensions": [shortened(panel.x_name), shortened(panel.y_name)],
        "symbol": symbol,
        "symbolSize": 4,
        "itemStyle": {"opacity": 0.5},
        "data": [[_short(x), _short(y)] for x, y in series.values],
        **tip(*((head, at, way_of(head)) for at, head in enumerate((panel.x_name, panel.y_name)))),
    }


def _bins(panel: Drawing, *, is_grey: bool) -> list[Option]:
    if not panel.series[0].values:
        return []
    series: list[Option] = histogram_figure(panel, ["rows"])["series"]
    return [{**one, "itemStyle": {"color": _GREY}} if is_grey else one for one in series]


def _number(series: Series) -> Option:
    """One cell in the colour of the correlation, with its number and its strength in words."""
    r, _, _, n = series.values[0]
    words, data = "cannot be told", []
    if isinstance(r, float):
        strength = Pair(a="", b="", measure="pearson", value=r, n_rows=whole(n)).words
        words = f"{r:z.2f}\n{strength.removesuffix(' that shows')}"  # there is little room
        data = [[0, 0, round(r, 4), words]]
    return {
        "type": "heatmap",
        "name": "correlation",
        "dimensions": ["x", "y", "correlation", "words"],
        "encode": {"x": 0, "y": 1, "value": 2},
        "data": data,
        "label": {"show": True, "formatter": "{@[3]}", "fontSize": 13, "lineHeight": 18},
        "tooltip": {"show": False},
        "silent": True,
    }


def _short(value: Any) -> float:
    return float(f"{float(value):.{_DIGITS}g}")
