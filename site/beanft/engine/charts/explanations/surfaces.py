"""The figure of two columns that act together: the mean prediction over both as shades."""

from collections.abc import Mapping
from typing import Any

from beanft.engine.charts.axes import Option, category_axis, frame, plain, shortened
from beanft.engine.charts.explanations.sides import label_of, upright


def surface_figure(surface: Mapping[str, Any], said: str) -> Option:
    """Draw the mean prediction over two columns as shades; cells without any row nearby carry a grey dot.

    Parameters
    ----------
    surface : mapping
        As `engine.learning.explaining.overview.surface_facts` gives it.
    said : str
        What is predicted.

    Returns
    -------
    dict
        An ECharts option of plain JSON values; needs chart.js for colours.

    Examples
    --------
    >>> grid = {"column": "a", "labels": [1, 2]}
    >>> surface = {"across": grid, "down": {**grid, "column": "b"}, "mean": [[0, 1], [2, 3]],
    ...     "counts": [[5, 0], [1, 2]]}
    >>> figure = surface_figure(surface, "price")
    >>> figure["series"][0]["data"][1], figure["series"][1]["data"]
    ([1, 0, 1, 0], [[1, 0]])
    """
    across, down = surface["across"], surface["down"]
    cells = [
        [i, j, plain(value), surface["counts"][j][i]]
        for j, row in enumerate(surface["mean"])
        for i, value in enumerate(row)
    ]
    values = [cell[2] for cell in cells if cell[2] is not None]
    low, high = min(values), max(values)
    option = frame(
        f"Mean {said} by {across['column']} and {down['column']}: from {low:.3g} to {high:.3g}.",
        xAxis=category_axis(across["column"], [label_of(one) for one in across["labels"]]),
        yAxis={**upright([label_of(one) for one in down["labels"]]), "inverse": False},
        visualMap=_scale(low, high),
        series=[_shades(surface, said, cells), _unsupported(cells)],
    )
    option["yAxis"] |= {"name": shortened(down["column"], 40), "nameLocation": "middle", "nameGap": 96}
    option["grid"] |= {"left": 124, "top": 36}
    return option


def _scale(low: float, high: float) -> Option:
    """The colours' scale, its ends written."""
    return {
        "min": low,
        "max": high if high > low else low + 1,
        "dimension": 2,
        "show": True,
        "calculable": False,
        "text": [f"{high:.3g}", f"{_near_zero(low, high):.3g}"],
        "orient": "horizontal",
        "right": 8,
        "top": 0,
        "itemHeight": 90,
        "seriesIndex": 0,
        "soft": True,
    }


def _shades(surface: Mapping[str, Any], said: str, cells: list[list[Any]]) -> Option:
    """The cells in the colours of their means."""
    return {
        "type": "heatmap",
        "name": said,
        "dimensions": [surface["across"]["column"], surface["down"]["column"], said, "rows nearby"],
        "encode": {"x": 0, "y": 1, "value": 2, "tooltip": [0, 1, 2, 3]},
        "data": cells,
    }


def _unsupported(cells: list[list[Any]]) -> Option:
    """A grey dot on each cell without any row nearby."""
    return {
        "type": "scatter",
        "name": "no rows nearby",
        "symbol": "circle",
        "symbolSize": 5,
        "silent": True,
        "itemStyle": {"color": "#8b949e"},
        "data": [[i, j] for i, j, _, n in cells if not n],
    }


def _near_zero(low: float, high: float) -> float:
    """The lower end of a scale; what is nothing beside the upper end is written as 0."""
    return 0.0 if abs(low) < 0.001 * abs(high) else low
