"""Scatters: single rows as points, each x with the y of its own row, or cells that count them all."""

import math
from collections.abc import Sequence
from dataclasses import replace

from beanft.engine.charts.clouds import cells_drawing, points_drawing
from beanft.engine.charts.drawing import Drawing, Series
from beanft.engine.charts.groups import Groups
from beanft.engine.charts.plane import Plane, open_plane
from beanft.engine.charts.plane_sums import Sums, sums_of
from beanft.engine.charts.points import (
    N_POINTS,
    Colours,
    Row,
    find_colours,
    sample_rows,
    takes_density,
)
from beanft.engine.charts.rows import Rows
from beanft.engine.charts.trend import Trends, linear_trends, smooth_trends
from beanft.engine.charts.words import by

_NORMAL = 1.959964  # 97.5 % quantile of the normal distribution
_PERFECT = 1 - 1e-12  # beyond this the rows lie on a line but for rounding
_ONE = Colours(Groups(("",), ("all rows",), 0), is_scale=False)


def draw_scatter(rows: Rows) -> Drawing:
    """Draw points, or with many rows the number of rows in each cell of the plane.

    Parameters
    ----------
    rows : Rows
        Rows with numbers x and y and the colour c, a category or a number.

    Returns
    -------
    Drawing
        Points: series of (x, y), or of (x, y, colour) where the colour is a number. Density: one series of
        (x from, x to, y from, y to, rows).
    """
    plane = open_plane(rows)
    sums = sums_of(plane)
    return _draw_cells(plane, sums) if takes_density(rows) else _draw_points(plane, sums)


def _draw_points(plane: Plane, sums: Sums) -> Drawing:
    chart, points, colours = plane.rows.chart, sample_rows(plane.rows, N_POINTS), find_colours(plane.rows)
    trends = _trends(plane, sums, colours, points)
    drawing = points_drawing(
        plane,
        points,
        colours,
        title=f"{chart.y} against {chart.x}{by(chart.colour)}",
        what="Scatter",
        notes=(*_correlation_note(plane, sums), *trends.notes),
    )
    return replace(drawing, series=_with_fits(drawing.series, trends))


def _draw_cells(plane: Plane, sums: Sums) -> Drawing:
    chart = plane.rows.chart
    points = sample_rows(plane.rows, N_POINTS) if chart.trend == "lowess" else []
    trends = _trends(plane, sums, _ONE, points)
    drawing = cells_drawing(
        plane,
        title=f"{chart.y} against {chart.x}",
        what="Density",
        notes=(*_correlation_note(plane, sums), *trends.notes),
    )
    return replace(drawing, series=_with_fits(drawing.series, trends))


def _trends(plane: Plane, sums: Sums, colours: Colours, points: Sequence[Row]) -> Trends:
    trend = plane.rows.chart.trend
    if trend == "linear":
        return linear_trends(plane, colours, sums)
    if trend == "lowess":
        return smooth_trends(plane, colours, points)
    return Trends((), ())


def _with_fits(series: tuple[Series, ...], trends: Trends) -> tuple[Series, ...]:
    if not trends.fits:
        return series
    return tuple(replace(one, fit=fit) for one, fit in zip(series, trends.fits, strict=True))


def _correlation_note(plane: Plane, sums: Sums) -> tuple[str, ...]:
    """Pearson's r of all rows with the interval of Fisher's z."""
    n, chart, r = sums.n, plane.rows.chart, sums.correlation
    if r is None or n < 10 or abs(r) >= _PERFECT:
        return ()
    z, half = math.atanh(r), _NORMAL / math.sqrt(n - 3)
    low, high = math.tanh(z - half), math.tanh(z + half)
    scales = ", on the logarithmic scales" if chart.log_x or chart.log_y else ""
    return (f"Linear correlation of {n:,} rows: {r:.2f} (95 % interval {low:.2f} to {high:.2f}){scales}.",)
