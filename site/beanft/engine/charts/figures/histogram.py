"""The figure of a histogram."""

from beanft.engine.charts.axes import Option, plain, value_axis
from beanft.engine.charts.drawing import Drawing
from beanft.engine.charts.figures.parts import on_log, whole, y_axis
from beanft.engine.charts.figures.tips import tip, way_of


def histogram_figure(drawing: Drawing, names: list[str]) -> Option:
    """Draw bins as rectangles true to their edges; colours stand on each other.

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
    chart = drawing.chart
    ground = _LOG_GROUND if chart.log_y else 0  # a logarithmic axis cannot begin at zero
    below: list[float] = [ground] * len(drawing.series[0].values)
    sum_of = [0] * len(below)
    ranges = "years" if way_of(chart.x) == "year" else "range"
    series: list[Option] = []
    for series_of, name in zip(drawing.series, names, strict=True):
        data = []
        for place, (low, high, n) in enumerate(series_of.values):
            top = max(below[place], sum_of[place] + whole(n))
            data.append([plain(low), plain(high), below[place], top, n])
            sum_of[place] += whole(n)
            below[place] = top
        series.append(
            {
                "type": "custom",
                "name": name,
                "renderItem": "bin",
                "dimensions": ["from", "to", "below", "up to", "rows"],
                "encode": {"x": [0, 1], "y": [2, 3], "tooltip": [0, 1, 4]},
                "data": data,
                **tip((drawing.x_name, 0, ranges), ("rows", 4, "count")),
            }
        )
    ends = {"min": series[0]["data"][0][0], "max": series[0]["data"][-1][1]}
    # The ends need not be round, and would be written over their round neighbours.
    x_axis = {
        **value_axis(drawing.x_name),
        **ends,
    }
    x_axis["axisLabel"] = {**x_axis.get("axisLabel", {}), **_INNER}
    y = y_axis(drawing, from_zero=not chart.log_y)
    return {
        "xAxis": on_log(x_axis) if chart.log_x else x_axis,
        "yAxis": {**on_log(y), "min": _LOG_GROUND} if chart.log_y else y,
        "series": series,
    }


_INNER = {"showMinLabel": False, "showMaxLabel": False, "hideOverlap": True}
_LOG_GROUND = 0.5  # bins of one row are still seen
