"""Maps: rows at their longitude and latitude, or cells that count them all, without any outside service."""

from dataclasses import replace

from beanft.engine.charts.clouds import cells_drawing, points_drawing
from beanft.engine.charts.drawing import Drawing
from beanft.engine.charts.plane import Ends, Plane, open_plane
from beanft.engine.charts.points import (
    N_POINTS,
    find_colours,
    narrowed,
    sample_rows,
    takes_density,
)
from beanft.engine.charts.rows import Rows
from beanft.engine.charts.words import by
from beanft.engine.errors import EngineError
from beanft.engine.tables.wording import counted, shown

_ON_EARTH = "x BETWEEN -180 AND 180 AND y BETWEEN -90 AND 90"
_EXCHANGED = "abs(y) > 90 AND abs(y) <= 180 AND abs(x) <= 90"
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
    is_known = _lies_within(rows, "x", 180) and _lies_within(rows, "y", 90)
    on_earth, n_exchanged, ends = (rows, 0, None) if is_known else _on_earth(rows)
    swapped = _swapped_note(rows, n_exchanged)
    if not on_earth.n_used:
        advice = swapped or ("Choose columns that hold degrees of longitude and latitude.",)
        ranges_of = f"{shown(chart.x, 40)} from -180 to 180 and a {shown(chart.y, 40)} from -90 to 90"
        raise EngineError(f"No row has a {ranges_of}. {advice[0]}")
    plane = open_plane(on_earth, ends)
    drawing = _draw_cells(plane) if takes_density(on_earth) else _draw_points(plane)
    return replace(drawing, notes=(*(swapped or _doubt(chart.x, chart.y)), *drawing.notes, _PROJECTION))


def _on_earth(rows: Rows) -> tuple[Rows, int, Ends | None]:
    """The rows on Earth, how many others would be if x and y were exchanged, and the ranges of x and y."""
    place = f"(CASE WHEN {_ON_EARTH} THEN 0 WHEN {_EXCHANGED} THEN 1 ELSE 2 END)::UTINYINT"
    found = {
        where: numbers
        for where, *numbers in rows.ask(
            f"SELECT {place} AS place, count(*), min(x), max(x), min(y), max(y) FROM used GROUP BY place"  # noqa: S608 -- our own text
        )
    }
    n_kept, *ends = found.get(0, [0])
    n_exchanged = found.get(1, [0])[0]
    beyond = "beyond ±180° of longitude or ±90° of latitude"
    on_earth = narrowed(rows, _ON_EARTH, beyond, n_kept=n_kept)
    return on_earth, n_exchanged, (ends[0], ends[1], ends[2], ends[3]) if ends and not rows.whole else None


def _lies_within(rows: Rows, part: str, limit: float) -> bool:
    """Whether the profile knows that no row of the whole table lies beyond."""
    column = rows.column(getattr(rows.chart, part))
    low, high = (column.minimum, column.maximum) if column else (None, None)
    if not (isinstance(low, int | float) and isinstance(high, int | float)):
        return False
    return -limit <= low and high <= limit


def _doubt(x: str, y: str) -> tuple[str, ...]:
    """Any two numbers of these ranges can be drawn: say so where neither is called like a coordinate."""
    if _is_called(x, _LONGITUDE) or _is_called(y, _LATITUDE):
        return ()
    return (
        f"Neither {shown(x, 40)} nor {shown(y, 40)} is called like a longitude or a latitude: "
        "this is a map only if they hold degrees.",
    )


def _swapped_note(rows: Rows, n_swapped: int) -> tuple[str, ...]:
    """Notice latitudes in the place of longitudes, by what the columns are called or hold."""
    x, y = rows.chart.x, rows.chart.y
    named = _is_called(x, _LATITUDE) and _is_called(y, _LONGITUDE)
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
    points = sample_rows(plane.rows, N_POINTS)
    title = f"Map of {counted(len(points), 'row')}{by(plane.rows.chart.colour)}"
    return points_drawing(plane, points, find_colours(plane.rows), title=title, what="Map")


def _draw_cells(plane: Plane) -> Drawing:
    return cells_drawing(plane, title=f"Map of {counted(plane.rows.n_used, 'row')}", what="Map")
