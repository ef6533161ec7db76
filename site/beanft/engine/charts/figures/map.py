"""The figure of maps: land, a grid of degrees, and points or cells over them."""

import math

from beanft.engine.charts.axes import Option
from beanft.engine.charts.drawing import Drawing
from beanft.engine.charts.figures.points import is_density, marks, number_axes
from beanft.engine.charts.land import Ring, land_within

_SHAPE = 0.5  # height of a usual picture as a share of its width; the browser fits the view to its own
_LEAST = 0.01  # degrees that a view shows at least
_STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30)
_LINES = 12  # lines of longitude that a picture holds at most
_NO_LAND = 3.0  # degrees below which the coarse outline would mislead


def map_figure(drawing: Drawing, names: list[str]) -> Option:
    """Draw points or cells over the outline of land.

    Parameters
    ----------
    drawing : Drawing
        What was drawn.
    names : list of str
        Names of its series as the legend writes them.

    Returns
    -------
    dict
        The parts xAxis, yAxis and series, and others where needed; `aspect` is the length of a degree of
        longitude in degrees of latitude, by which the browser fits the view to its window.
    """
    west, east, south, north = _view(drawing)
    option: Option = {**number_axes(drawing), **marks(drawing, names)}
    width, height = east - west, north - south
    # The browser may show up to about twice as much, to fit its window.
    shown = land_within(west - width, east + width, south - height, north + height)
    step = _step(width)
    option["xAxis"] |= {"min": west, "max": east, **_degrees(west - width, east + width, step, 180)}
    option["yAxis"] |= {"min": south, "max": north, **_degrees(south - height, north + height, step, 90)}
    digits = 1 if width > 60 else 2
    if width >= _NO_LAND:
        lines = [_flat(ring, digits) for ring in (*shown.shores, *shown.lakes)]
        option["series"].append(_land(lines, len(shown.shores)))
    option["aspect"] = round(_shrink(south, north), 4)
    return option


def _view(drawing: Drawing) -> tuple[float, float, float, float]:
    """West, east, south and north of the picture: what is drawn and a margin, in the shape of a picture."""
    step = 2 if is_density(drawing) else 1
    marks_of = [value for series in drawing.series for value in series.values]
    xs = [float(number or 0) for value in marks_of for number in value[:step]]
    ys = [float(number or 0) for value in marks_of for number in value[step : 2 * step]]
    west, east, south, north = min(xs), max(xs), min(ys), max(ys)
    shrink = _shrink(south, north)
    height = max((north - south) * 1.1, (east - west) * 1.1 * shrink * _SHAPE, _LEAST)
    width = height / _SHAPE / shrink
    x_half, y_half = min(width, 360) / 2, min(height, 180) / 2
    x, y = (west + east) / 2, (south + north) / 2
    x, y = max(-180 + x_half, min(180 - x_half, x)), max(-90 + y_half, min(90 - y_half, y))
    ends = (x - x_half, x + x_half, y - y_half, y + y_half)
    return ends[0], ends[1], ends[2], ends[3]


def _step(width: float) -> float:
    """Degrees between the lines of the grid."""
    return next((step for step in _STEPS if width / step <= _LINES), _STEPS[-1])


def _degrees(low: float, high: float, step: float, most: int) -> Option:
    """Lines and labels at round degrees, none beyond the globe."""
    first, last = math.ceil(max(low, -most) / step), math.floor(min(high, most) / step)
    values = [round(place * step, 3) for place in range(first, last + 1)]
    label = {"formatter": "{value}°", "customValues": values, "hideOverlap": True}
    return {"axisLabel": label, "axisTick": {"customValues": values}}


def _shrink(south: float, north: float) -> float:
    """Length of a degree of longitude at the middle latitude, in degrees of latitude."""
    return max(math.cos(math.radians((south + north) / 2)), 0.1)


def _flat(ring: Ring, digits: int) -> list[float]:
    return [round(number, digits) for place in ring for number in place]


def _land(lines: list[list[float]], n_shores: int) -> Option:
    return {
        "type": "custom",
        "renderItem": "land",
        "name": "land",
        "itemPayload": {"lines": lines, "nShores": n_shores},
        "dimensions": ["ring"],
        "encode": {"x": [], "y": []},
        "data": [[place] for place in range(len(lines))],
        "clip": True,
        "silent": True,
        "z": 1,
        "tooltip": {"show": False},
    }
