"""Scatters: single rows as points, each x with the y of its own row, or cells that count them all."""

import math
from collections.abc import Sequence
from dataclasses import replace

from beanft.engine.charts.cells import cell_notes, cell_series, count_cells, header
from beanft.engine.charts.drawing import Drawing, Series
from beanft.engine.charts.groups import Groups, other_notes
from beanft.engine.charts.plane import Plane, open_plane
from beanft.engine.charts.plane_sums import Sums, sums_of
from beanft.engine.charts.points import (
    N_POINTS,
    Colours,
    Row,
    brush_of,
    colour_range,
    find_colours,
    point_links,
    point_series,
    sample_rows,
    sampled_note,
    takes_density,
)
from beanft.engine.charts.rows import Rows
from beanft.engine.charts.trend import Trends, linear_trends, smooth_trends
from beanft.engine.charts.words import by, figure
from beanft.engine.tables.wording import counted

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
    rows, chart = plane.rows, plane.rows.chart
    points = sample_rows(rows, N_POINTS)
    colours = find_colours(rows)
    trends = _trends(plane, sums, colours, points)
    return Drawing(
        chart=chart,
        title=chart.title or f"{chart.y} against {chart.x}{by(chart.colour)}",
        x_name=chart.x,
        y_name=chart.y,
        x_type="number",
        series=_with_fits(point_series(points, colours), trends),
        colour_range=colour_range(points, colours),
        header=("row", chart.x, chart.y, *((chart.colour,) if chart.colour else ())),
        rows=tuple(point if chart.colour else point[:3] for point in points),
        links=point_links(rows, points),
        brush=brush_of(rows),
        n_rows=rows.n_rows,
        n_missing=rows.n_rows - rows.n_used,
        n_shown=len(points),
        notes=(
            *sampled_note(len(points), rows.n_used),
            *_correlation_note(plane, sums),
            *trends.notes,
            *rows.notes,
            *other_notes(Groups((), (), 0), colours.groups, chart),
        ),
        description=f"Scatter of {points_words(len(points), rows.n_used)}: {ranges(plane)}",
    )


def _draw_cells(plane: Plane, sums: Sums) -> Drawing:
    rows, chart = plane.rows, plane.rows.chart
    cells = count_cells(rows, plane.low, plane.high)
    points = sample_rows(rows, N_POINTS) if chart.trend == "lowess" else []
    trends = _trends(plane, sums, _ONE, points)
    x_from, x_to, y_from, y_to, n = max(cells.values, key=lambda cell: cell[4])
    return Drawing(
        chart=chart,
        title=chart.title or f"{chart.y} against {chart.x}",
        x_name=chart.x,
        y_name=chart.y,
        x_type="number",
        series=_with_fits((cell_series(cells),), trends),
        colour_range=(1, n),
        header=header(chart.x, chart.y),
        rows=cells.values,
        links=cells.links,
        brush=brush_of(rows),
        n_rows=rows.n_rows,
        n_missing=rows.n_rows - rows.n_used,
        n_shown=rows.n_used,
        notes=(
            *cell_notes(chart.colour),
            *_correlation_note(plane, sums),
            *trends.notes,
            *rows.notes,
        ),
        description=(
            f"Density of {counted(rows.n_used, 'row')} in {counted(len(cells.values), 'cell')}: "
            f"{ranges(plane)} The fullest cell, {chart.x} {figure(x_from)} to {figure(x_to)} and {chart.y} "
            f"{figure(y_from)} to {figure(y_to)}, holds {counted(n, 'row')}."
        ),
    )


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


def points_words(n_drawn: int, n_used: int) -> str:
    """Say how many rows are drawn, and how many the ranges are of.

    Parameters
    ----------
    n_drawn, n_used : int
        Rows that are drawn, and all there are.

    Returns
    -------
    str
        Such as "5,000 of 6,000 rows; ranges of all rows".

    Examples
    --------
    >>> points_words(5000, 6000), points_words(1, 1)
    ('5,000 of 6,000 rows; ranges of all rows', '1 row')
    """
    if n_drawn >= n_used:
        return counted(n_drawn, "row")
    return f"{n_drawn:,} of {counted(n_used, 'row')}; ranges of all rows"


def ranges(plane: Plane) -> str:
    """Say from where to where both axes reach, as the end of a sentence.

    Parameters
    ----------
    plane : Plane
        The rows and the ranges of their axes.

    Returns
    -------
    str
        Such as "a from 1 to 2, b from 3 to 4."
    """
    chart = plane.rows.chart
    x, y = (
        f"{figure(low, name)} to {figure(high, name)}"
        for name, low, high in zip((chart.x, chart.y), plane.low, plane.high, strict=True)
    )
    return f"{chart.x} from {x}, {chart.y} from {y}."
