"""Lines of pandas that give the numbers of bubbles."""

from beanft.engine.charts.chart import Chart
from beanft.engine.charts.code.points import named_lines, row_lines
from beanft.engine.tables.columns import Profile


def bubble_code(chart: Chart, profile: Profile) -> tuple[list[str], list[str]]:
    """Write the lines that turn the rows `t` into `numbers`, one row a bubble, the largest first.

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
    head, order = ("row", chart.x, chart.y, chart.z, *colour), ("row", "x", "y", "z", "colour")
    return row_lines(chart, profile, ("x", "y", "z"), scale=False), [
        "numbers = numbers[numbers['z'] >= 0].sort_values('z', ascending=False, kind='stable')",
        *named_lines(head, order[: len(head)]),
    ]
