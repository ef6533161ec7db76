"""The figure of violins."""

from typing import Any

from beanft.engine.charts.axes import Option, plain, plain_rows, shortened
from beanft.engine.charts.drawing import Drawing
from beanft.engine.charts.figures.parts import whole, x_categories, y_axis
from beanft.engine.charts.figures.tips import tip

_LARGEST = 1.797e308
_SLANTED = 16  # characters of a slanted label, which ends with the number of rows
_PARTS = (("", 0, "x"), ("median", 3, "number"), ("middle half", 7, "range"), ("rows", 6, "count"))
_SUMMARY = 7  # place, smallest, three quartiles, largest, rows; then begin and step of the shape, and it


def violin_figure(drawing: Drawing, names: list[str]) -> Option:
    """Draw mirrored shapes with their quartiles inside, by the renderer "violin" of marks.js.

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
    (series_of,) = drawing.series
    shapes = [_shape(mark) for mark in series_of.values]
    sizes = {whole(mark[0]): whole(mark[6]) for mark in series_of.values}
    violins: Option = {
        "type": "custom",
        "name": names[0],
        "renderItem": "violin",
        "itemPayload": {"shapes": shapes},
        "dimensions": ["at", "shape from", "25 %", "median", "75 %", "shape to", "rows"],
        "encode": {"x": 0, "y": [1, 5], "tooltip": [2, 3, 4, 6]},
        "data": [_data(mark, shape) for mark, shape in zip(series_of.values, shapes, strict=True)],
        **tip(*_PARTS, more=[(mark[2], mark[4]) for mark in series_of.values]),
    }
    x_axis = x_categories(drawing)
    slanted = "rotate" in x_axis["axisLabel"]
    between = ", " if slanted else "\n"  # slanted lines would cross their neighbours
    labels = [shortened(label, _SLANTED) if slanted else label for label in x_axis["data"]]
    x_axis["data"] = [f"{label}{between}n = {sizes.get(at, 0):,}" for at, label in enumerate(labels)]
    x_axis["axisLabel"]["width"] = 150
    x_axis["nameGap"] += 14
    series = [violins]
    if series_of.outliers:
        series.append(
            {
                "type": "scatter",
                "name": names[0],
                "dimensions": ["at", drawing.y_name],
                "symbolSize": 6,
                "silent": True,  # which rows they are is told by the violin they stand for
                "data": plain_rows(series_of.outliers),
            }
        )
    return {"xAxis": x_axis, "yAxis": y_axis(drawing, from_zero=False), "series": series}


def _shape(mark: tuple[Any, ...]) -> list[list[float]]:
    """Heights and half widths from 0 to 1 of one violin, without what lies beyond its rows."""
    begin, step, *heights = mark[_SUMMARY:]
    widest = max(heights, default=0.0)
    if not widest:
        return []
    filled = [place for place, height in enumerate(heights) if height > 0]
    return [
        [_height(begin + (place + 0.5) * step), round(heights[place] / widest, 3)]
        for place in range(filled[0], filled[-1] + 1)
    ]


def _height(value: float) -> float:
    """Seven digits; the end of the largest numbers is not left."""
    return float(f"{min(max(value, -_LARGEST), _LARGEST):.7g}")


def _data(mark: tuple[Any, ...], shape: list[list[float]]) -> list[Any]:
    """The shape's ends stand for the smallest and the largest row, which may lie far beyond the picture."""
    place, low, q1, middle, q3, high, n, *_ = mark
    ends = (shape[0][0], shape[-1][0]) if shape else (low, high)
    return [plain(value) for value in (place, ends[0], q1, middle, q3, ends[1], n)]
