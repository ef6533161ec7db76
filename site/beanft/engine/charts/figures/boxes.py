"""The figure of boxes and their outliers."""

from typing import Any

from beanft.engine.charts.axes import Option, plain, plain_rows
from beanft.engine.charts.drawing import Drawing, Series
from beanft.engine.charts.figures.parts import PALE, on_log, whole, x_categories, y_axis
from beanft.engine.charts.figures.tips import tip, way_of
from beanft.engine.charts.words import FEW_ROWS


def box_figure(drawing: Drawing, names: list[str]) -> Option:
    """Draw boxes side by side, and the outliers of each beside it.

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
    for series_of, name in zip(drawing.series, names, strict=True):
        data: list[Any] = [{"value": []}] * len(drawing.places)
        more: list[tuple[Any, ...]] = [()] * len(drawing.places)
        for at, *five, n in series_of.values:
            more[whole(at)] = (whole(at), five[1], five[3], five[0], five[4], n)
            box = [plain(value) for value in five]
            data[whole(at)] = {"value": box, "itemStyle": PALE} if whole(n) < FEW_ROWS else {"value": box}
        series.append({"type": "boxplot", "name": name, "boxWidth": [4, 48], "data": data})
        series[-1] |= tip(*_PARTS, more=more)
    for place, (series_of, name) in enumerate(zip(drawing.series, names, strict=True)):
        if series_of.outliers:
            series.append(_outliers(series_of, name, place, len(names), drawing.y_name))
    y = y_axis(drawing, from_zero=False)
    return {
        "xAxis": x_categories(drawing),
        "yAxis": on_log(y) if drawing.chart.log_y else y,
        "series": series,
    }


_PARTS = (
    ("", 5, "x"),
    ("median", 2, "number"),
    ("middle half", 6, "range"),
    ("whiskers", 8, "range"),
    ("rows", 10, "count"),
)


def _outliers(series: Series, name: str, place: int, n_places: int, y_name: str) -> Option:
    """Points beside their own box; ECharts would put the points of all colours on the middle."""
    return {
        "type": "custom",
        "name": name,
        "renderItem": "outlier",
        "itemPayload": {"place": place, "nPlaces": n_places},
        "dimensions": ["at", "value"],
        "encode": {"x": 0, "y": 1, "tooltip": [1]},
        "data": plain_rows(series.outliers),
        **tip(("", 0, "x"), (y_name, 1, way_of(y_name))),
    }
