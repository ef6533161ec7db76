"""Lines of pandas that give the numbers of a map."""

from beanft.engine.charts.chart import Chart
from beanft.engine.charts.code.points import points_or_cells, row_lines
from beanft.engine.tables.columns import Profile


def map_code(chart: Chart, profile: Profile) -> list[str]:
    """Write the lines that turn the rows `t` into `numbers`, one row a place or a cell.

    Parameters
    ----------
    chart : Chart
        A checked description.
    profile : Profile
        What is known of the table.

    Returns
    -------
    list of str
        Python, one statement a line.
    """
    colour = (chart.colour,) if chart.colour else ()
    head, order = ("row", chart.x, chart.y, *colour), ("row", "x", "y", "colour")
    first, each = points_or_cells(chart, profile, head, order[: len(head)])
    return [
        *row_lines(chart, profile, ("x", "y")),
        "numbers = numbers[numbers['x'].between(-180, 180) & numbers['y'].between(-90, 90)]",
        *first,
        *each,
    ]
