"""Bubbles: two numbers as places, a third as the area of the mark."""

from beanft.engine.charts.clouds import points_words, ranges
from beanft.engine.charts.drawing import Drawing
from beanft.engine.charts.groups import Groups, other_notes
from beanft.engine.charts.plane import open_plane
from beanft.engine.charts.points import (
    brush_of,
    find_colours,
    narrowed,
    point_links,
    point_series,
    sample_rows,
    sampled_note,
)
from beanft.engine.charts.rows import Rows
from beanft.engine.charts.words import figure
from beanft.engine.errors import EngineError
from beanft.engine.tables.wording import shown

N_BUBBLES = 300
"""Most bubbles that are drawn."""


def draw_bubbles(rows: Rows) -> Drawing:
    """Fetch the rows, or an even sample of them, the largest first so that small ones lie above.

    Parameters
    ----------
    rows : Rows
        Rows with numbers x, y and z and the colour c.

    Returns
    -------
    Drawing
        Series of (x, y, size); a size below zero has no area, so such rows are left out and counted.
    """
    rows = narrowed(rows, "z >= 0", f"with {shown(rows.chart.z, 40)} below zero, which no size can show,")
    chart = rows.chart
    if not rows.n_used:
        raise EngineError(
            f"No {shown(chart.z, 40)} is zero or more, so none can be a size. "
            "Choose another number for the size."
        )
    plane = open_plane(rows)
    sampled = sample_rows(rows, N_BUBBLES, "row, x, y, z, c")
    bubbles = sorted(sampled, key=lambda bubble: -bubble[3])
    colours = find_colours(rows)
    coloured = f" and coloured by {chart.colour}" if chart.colour else ""
    head = ("row", chart.x, chart.y, chart.z)
    drawn = " drawn" if len(bubbles) < rows.n_used else ""
    return Drawing(
        chart=chart,
        title=chart.title or f"{chart.y} against {chart.x}, sized by {chart.z}{coloured}",
        x_name=chart.x,
        y_name=chart.y,
        x_type="number",
        series=point_series(bubbles, colours),
        header=(*head, chart.colour) if chart.colour else head,
        rows=tuple(bubble if chart.colour else bubble[:4] for bubble in bubbles),
        links=point_links(rows, bubbles),
        brush=brush_of(rows),
        n_rows=rows.n_rows,
        n_missing=rows.n_rows - rows.n_used,
        n_shown=len(bubbles),
        notes=(
            _size_note(chart.z, bubbles[0][3], bubbles[-1][3]),
            *sampled_note(len(bubbles), rows.n_used),
            *rows.notes,
            *other_notes(Groups((), (), 0), colours.groups, chart),
        ),
        description=(
            f"Bubbles of {points_words(len(bubbles), rows.n_used)}: {ranges(plane)} "
            f"The sizes{drawn}, {chart.z}, go from {figure(bubbles[-1][3])} to {figure(bubbles[0][3])}."
        ),
    )


def _size_note(name: str, largest: float, smallest: float) -> str:
    if not largest:
        return f"Every {shown(name, 40)} is zero, so all bubbles have the smallest size."
    said = (
        f"The area of a bubble is {shown(name, 40)}: the largest is {figure(largest, name)}, the smallest "
        f"{figure(smallest, name)}"
    )
    if smallest > largest / 2:
        return f"{said}, so all are nearly of one size. As the colour of a scatter it would be seen better."
    tiny = "; very small ones are drawn a little larger, to be seen" if smallest < largest / 200 else ""
    return f"{said}{tiny}."
