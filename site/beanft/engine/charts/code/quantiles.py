"""Quantiles against the normal distribution as lines of pandas."""

from beanft.engine.charts.catalogue import N_SERIES
from beanft.engine.charts.chart import Chart
from beanft.engine.charts.code.groups import group_lines, sample_lines, source_of
from beanft.engine.charts.code.points import row_lines
from beanft.engine.charts.kinds.quantiles import N_POINTS, drawn_ranks, reference
from beanft.engine.charts.words import FEW_ROWS
from beanft.engine.tables.columns import Profile

_SOURCES = (*source_of(drawn_ranks), *source_of(reference))
_HEADS = ["rank", "normal quantile", "value", "line", "low", "high", "remark"]


def quantiles_code(chart: Chart, profile: Profile) -> tuple[list[str], list[str]]:
    """Write the lines of pandas that give the numbers of a quantile chart.

    Parameters
    ----------
    chart : Chart
        A checked description.
    profile : Profile
        What is known of the table.

    Returns
    -------
    first, each : list of str
        Python, one statement a line, after `t` holds the rows: what all panels share, then what is done
        with the rows of each.
    """
    colour = [chart.colour] if chart.colour else []
    groups = ["numbers['colour'] = ''", "groups = ['']"]
    if chart.colour:
        groups = group_lines(profile.column(chart.colour), "colour", N_SERIES)
    first = "group, " if chart.colour else ""
    imports = [
        "import numpy as np",
        "from scipy.special import betaincinv, ndtr, ndtri",
        "",
        f"N_POINTS = {N_POINTS}",
        "",
    ]
    return [*imports, *_SOURCES, *row_lines(chart, profile, ("x",), scale=False), *groups], [
        *sample_lines(),
        "rows = []",
        "for group in groups:",
        "    x = np.sort(numbers['x'][some & (numbers['colour'] == group)])",
        "    ranks = drawn_ranks(len(x)) if len(x) else ()",
        "    quartiles = np.quantile(x, [0.25, 0.75]) if len(x) else (0.0, 0.0)",
        "    normal, *lines = reference(np.array(ranks, dtype=float), len(x), *quartiles)",
        f"    remark = 'few rows' if len(x) < {FEW_ROWS} else ''",
        "    for at, rank in enumerate(ranks):",
        f"        rows.append(({first}rank, normal[at], x[rank - 1], *(one[at] for one in lines), remark))",
        f"numbers = pd.DataFrame(rows, columns=range({len(colour) + len(_HEADS)}))",
        f"numbers.columns = {[*colour, *_HEADS]!r}",
    ]
