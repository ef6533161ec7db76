"""Maps: rows at their longitude and latitude, or cells that count them all, without any outside service."""

from dataclasses import replace

from beanft.engine.charts.cells import cell_notes, cell_series, count_cells, header
from beanft.engine.charts.drawing import Drawing
from beanft.engine.charts.groups import Groups, other_notes
from beanft.engine.charts.kinds.scatter import ranges
from beanft.engine.charts.plane import Plane, open_plane
from beanft.engine.charts.points import (
    N_POINTS,
    brush_of,
    colour_range,
    find_colours,
    narrowed,
    point_links,
    point_series,
    sample_rows,
    sampled_note,
    takes_density,
)
from beanft.engine.charts.rows import Rows
from beanft.engine.charts.words import by, figure
from beanft.engine.errors import EngineError
from beanft.engine.tables.wording import counted, shown

_ON_EARTH = "x BETWEEN -180 AND 180 AND y BETWEEN -90 AND 90"
_LATITUDE, _LONGITUDE = ("lat", "breit"), ("lon", "lng", "läng", "laeng")
_PROJECTION = (
    "One degree is equally long in all directions at the middle of the map only. The outline of land is "
    "coarse (1 : 110 million), and left out where the map shows less than 3 degrees."
)


def draw_map(rows: Rows) -> Drawing:
    """Draw points, or with many rows the number of rows in each cell.

    Parameters
    ----------
    rows : Rows
        Rows with a longitude x and a latitude y in degrees and the colour c, a category or a number.

    Returns
    -------
    Drawing
        Points: series of (x, y), or of (x, y, colour) where the colour is a number. Density: one series of
        (x from, x to, y from, y to, rows). Rows that lie not on Earth are left out and counted.
    """
    chart = rows.chart
    swapped = _swapped_note(rows)
    on_earth = narrowed(rows, _ON_EARTH, "beyond ±180° of longitude or ±90° of latitude")
    if not on_earth.n_used:
        advice = swapped or ("Choose columns that hold degrees of longitude and latitude.",)
        ranges_of = f"{shown(chart.x, 40)} from -180 to 180 and a {shown(chart.y, 40)} from -90 to 90"
        raise EngineError(f"No row has a {ranges_of}. {advice[0]}")
    plane = open_plane(on_earth)
    drawing = _draw_cells(plane) if takes_density(on_earth) else _draw_points(plane)
    return replace(drawing, notes=(*(swapped or _doubt(chart.x, chart.y)), *drawing.notes, _PROJECTION))


def _doubt(x: str, y: str) -> tuple[str, ...]:
    """Any two numbers of these ranges can be drawn: say so where neither is called like a coordinate."""
    if _is_called(x, _LONGITUDE) or _is_called(y, _LATITUDE):
        return ()
    return (
        f"Neither {shown(x, 40)} nor {shown(y, 40)} is called like a longitude or a latitude: "
        "this is a map only if they hold degrees.",
    )


def _swapped_note(rows: Rows) -> tuple[str, ...]:
    """Notice latitudes in the place of longitudes, by what the columns are called or hold."""
    x, y = rows.chart.x, rows.chart.y
    named = _is_called(x, _LATITUDE) and _is_called(y, _LONGITUDE)
    n_swapped = rows.ask("SELECT count(*) FROM used WHERE abs(y) > 90 AND abs(y) <= 180 AND abs(x) <= 90")[0][
        0
    ]
    if not named and 2 * n_swapped < rows.n_used:
        return ()
    return (
        f"{shown(x, 40)} looks like latitude and {shown(y, 40)} like longitude: "
        "exchange the two columns if so.",
    )


def _is_called(name: str, beginnings: tuple[str, ...]) -> bool:
    """Whether a word of a name begins so."""
    words = "".join(sign if sign.isalpha() else " " for sign in name.lower()).split()
    return any(word.startswith(beginnings) for word in words)


def _draw_points(plane: Plane) -> Drawing:
    rows, chart = plane.rows, plane.rows.chart
    points = sample_rows(rows, N_POINTS)
    colours = find_colours(rows)
    return Drawing(
        chart=chart,
        title=chart.title or f"Map of {counted(len(points), 'row')}{by(chart.colour)}",
        x_name=chart.x,
        y_name=chart.y,
        x_type="number",
        series=point_series(points, colours),
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
            *rows.notes,
            *other_notes(Groups((), (), 0), colours.groups, chart),
        ),
        description=f"Map of {counted(len(points), 'row')}: {ranges(plane)}",
    )


def _draw_cells(plane: Plane) -> Drawing:
    rows, chart = plane.rows, plane.rows.chart
    cells = count_cells(rows, plane.low, plane.high)
    x_from, x_to, y_from, y_to, n = max(cells.values, key=lambda cell: cell[4])
    return Drawing(
        chart=chart,
        title=chart.title or f"Map of {counted(rows.n_used, 'row')}",
        x_name=chart.x,
        y_name=chart.y,
        x_type="number",
        series=(cell_series(cells),),
        colour_range=(1, n),
        header=header(chart.x, chart.y),
        rows=cells.values,
        links=cells.links,
        brush=brush_of(rows),
        n_rows=rows.n_rows,
        n_missing=rows.n_rows - rows.n_used,
        n_shown=rows.n_used,
        notes=(*cell_notes(chart.colour), *rows.notes),
        description=(
            f"Map of {counted(rows.n_used, 'row')} in {counted(len(cells.values), 'cell')}: {ranges(plane)} "
            f"The fullest cell, {chart.x} {figure(x_from)} to {figure(x_to)} and {chart.y} {figure(y_from)} "
            f"to {figure(y_to)}, holds {counted(n, 'row')}."
        ),
    )
