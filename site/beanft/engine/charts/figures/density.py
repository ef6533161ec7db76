"""The figures of densities and of quantiles against the normal distribution."""

from beanft.engine.charts.axes import Option, plain_rows, value_axis
from beanft.engine.charts.drawing import Drawing, Series
from beanft.engine.charts.expressions import is_logarithmic
from beanft.engine.charts.figures.parts import SYMBOLS, on_log, whole, y_axis
from beanft.engine.charts.figures.tips import tip, way_of
from beanft.engine.charts.words import FEW_ROWS

_FILLED = 2  # more areas over each other are mud
_POINTED = {"renderMode": "richText", "confine": True, "trigger": "axis"}


def density_figure(drawing: Drawing, names: list[str]) -> Option:
    """Draw a line for each colour, dashed where rows are few.

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
        few = whole(series_of.values[0][2]) < FEW_ROWS
        series.append(
            {
                "type": "line",
                "name": name,
                "dimensions": [drawing.x_name, name],
                "showSymbol": False,
                "lineStyle": {"width": 2, "type": "dashed" if few else "solid"},
                **({"areaStyle": {"opacity": 0.12}} if len(names) <= _FILLED else {}),
                "data": plain_rows(_rounded(mark[:2]) for mark in series_of.values),
                **tip((drawing.x_name, 0, way_of(drawing.x_name)), (drawing.y_name, 1, "number")),
            }
        )
    x_axis = value_axis(drawing.x_name)
    if is_logarithmic(drawing.chart, "x"):
        x_axis = on_log(x_axis)
    ends = {"min": series[0]["data"][0][0], "max": series[0]["data"][-1][0]}
    return {
        "xAxis": {**x_axis, **ends, "axisLabel": {**x_axis.get("axisLabel", {}), **_INNER}},
        "yAxis": y_axis(drawing, from_zero=True),
        "series": series,
        "tooltip": _POINTED,
    }


_INNER = {"showMinLabel": False, "showMaxLabel": False}  # they need not be round


def _rounded(mark: tuple[float | str | None, ...]) -> tuple[float | str | None, ...]:
    """Five digits of a height are more than a screen shows."""
    x, height = mark
    return x, float(f"{float(height or 0):.5g}")


def quantiles_figure(drawing: Drawing, names: list[str]) -> Option:
    """Draw points, the line through the quartiles and its band.

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
    for place, (series_of, name) in enumerate(zip(drawing.series, names, strict=True)):
        series += _reference(series_of, name)
        series.append(
            {
                "type": "scatter",
                "name": name,
                "dimensions": ["normal quantile", drawing.y_name],
                "symbol": SYMBOLS[place],
                "symbolSize": 5,
                "data": plain_rows(series_of.values),
                **tip(("normal quantile", 0, "number"), (drawing.y_name, 1, way_of(drawing.y_name))),
            }
        )
    return {
        "xAxis": value_axis(drawing.x_name),
        "yAxis": y_axis(drawing, from_zero=False),
        "series": series,
        "tooltip": {"renderMode": "richText", "confine": True, "trigger": "item"},
    }


def _reference(series: Series, name: str) -> list[Option]:
    """The line and its band, in the colour of their series."""
    if not series.fit:
        return []
    return [
        {
            "type": "custom",
            "name": name,
            "renderItem": "ribbon",
            "itemPayload": {"plain": False},
            "dimensions": ["x", "line", "low", "high"],
            "encode": {"x": 0, "y": [1, 2, 3]},
            "data": plain_rows(series.fit),
            "clip": True,
            "silent": True,
            "tooltip": {"show": False},
        }
    ]
