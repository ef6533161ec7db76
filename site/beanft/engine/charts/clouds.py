"""Drawings of single rows as points, and of cells that count all rows, which scatters and maps share."""

from collections.abc import Sequence

from beanft.engine.charts.cells import cell_notes, cell_series, count_cells, header
from beanft.engine.charts.drawing import Drawing
from beanft.engine.charts.groups import NO_GROUPS, other_notes
from beanft.engine.charts.plane import Plane
from beanft.engine.charts.points import (
    Colours,
    Row,
    brush_of,
    colour_range,
    point_links,
    point_series,
    sampled_note,
)
from beanft.engine.charts.words import figure
from beanft.engine.tables.wording import counted


def points_drawing(
    plane: Plane,
    points: Sequence[Row],
    colours: Colours,
    *,
    title: str,
    what: str,
    notes: Sequence[str] = (),
) -> Drawing:
    """Draw single rows.

    Parameters
    ----------
    plane : Plane
        The rows and the ranges of their axes.
    points : sequence of (row, x, y, colour)
        All rows, or an even sample of them.
    colours : Colours
        What splits them.
    title : str
        Heading where the chart has none of its own.
    what : str
        What the picture is, such as "Scatter".
    notes : sequence of str
        What else must be known.

    Returns
    -------
    Drawing
        Series of (x, y), or of (x, y, colour) where the colour is a number.
    """
    rows, chart = plane.rows, plane.rows.chart
    return Drawing(
        chart=chart,
        title=chart.title or title,
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
            *notes,
            *rows.notes,
            *other_notes(NO_GROUPS, colours.groups, chart),
        ),
        description=f"{what} of {points_words(len(points), rows.n_used)}: {ranges(plane)}",
    )


def cells_drawing(plane: Plane, *, title: str, what: str, notes: Sequence[str] = ()) -> Drawing:
    """Draw cells that count all rows.

    Parameters
    ----------
    plane : Plane
        The rows and the ranges of their axes.
    title : str
        Heading where the chart has none of its own.
    what : str
        What the picture is, such as "Density".
    notes : sequence of str
        What else must be known.

    Returns
    -------
    Drawing
        One series of (x from, x to, y from, y to, rows).
    """
    rows, chart = plane.rows, plane.rows.chart
    cells = count_cells(rows, plane.low, plane.high)
    x_from, x_to, y_from, y_to, n = max(cells.values, key=lambda cell: cell[4])
    return Drawing(
        chart=chart,
        title=chart.title or title,
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
        notes=(*cell_notes(chart.colour), *notes, *rows.notes),
        description=(
            f"{what} of {counted(rows.n_used, 'row')} in {counted(len(cells.values), 'cell')}: "
            f"{ranges(plane)} The fullest cell, {chart.x} {figure(x_from)} to {figure(x_to)} and {chart.y} "
            f"{figure(y_from)} to {figure(y_to)}, holds {counted(n, 'row')}."
        ),
    )


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
