"""Lines of pandas that give the numbers of a pair plot."""

from beanft.engine.charts.chart import Chart
from beanft.engine.charts.code.correlations import relation_lines
from beanft.engine.charts.kinds.pairs import N_COLUMNS
from beanft.engine.tables.columns import Profile


def pairs_code(chart: Chart, profile: Profile) -> list[str]:
    """Write the lines that turn the rows `t` into `numbers`, one row a pair of columns.

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
    return relation_lines(chart, profile, N_COLUMNS)
