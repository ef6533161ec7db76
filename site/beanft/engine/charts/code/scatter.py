"""Lines of pandas that give the numbers of a scatter."""

from beanft.engine.charts.chart import Chart
from beanft.engine.charts.code.points import points_or_cells, row_lines
from beanft.engine.tables.columns import Profile


def scatter_code(chart: Chart, profile: Profile) -> tuple[list[str], list[str]]:
    """Write the lines that turn the rows `t` into `numbers`, one row a point or a cell.

    Parameters
    ----------
    chart : Chart
        A checked description.
    profile : Profile
        What is known of the table.

    Returns
    -------
    first, each : list of str
        Python, one statement a line: what all panels share, then what is done with the rows of each.
    """
    colour = (chart.colour,) if chart.colour else ()
    head, order = ("row", chart.x, chart.y, *colour), ("row", "x", "y", "colour")
    first, each = points_or_cells(chart, profile, head, order[: len(head)])
    return [*row_lines(chart, profile, ("x", "y")), *first], each
