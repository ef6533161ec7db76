"""Violins as lines of pandas: the summaries that stand inside the shapes."""

from beanft.engine.charts.chart import Chart
from beanft.engine.charts.code.groups import group_lines, sample_lines
from beanft.engine.charts.code.points import row_lines
from beanft.engine.charts.kinds.violin import most_violins
from beanft.engine.charts.words import FEW_ROWS
from beanft.engine.tables.columns import Profile


def violin_code(chart: Chart, profile: Profile) -> tuple[list[str], list[str]]:
    """Write the lines of pandas that give the numbers of a violin chart.

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
    return _row_lines(chart, profile), [
        *sample_lines(),
        "grouped, sampled = (rows.groupby('colour')['y'] for rows in (numbers, numbers[some]))",
        "numbers = pd.DataFrame(",
        "    {",
        "        'group': groups,",
        "        'smallest': grouped.min().reindex(groups).array,",
        "        '25 %': sampled.quantile(0.25).reindex(groups).array,",
        "        'median': sampled.quantile(0.5).reindex(groups).array,",
        "        '75 %': sampled.quantile(0.75).reindex(groups).array,",
        "        'largest': grouped.max().reindex(groups).array,",
        "        'rows': grouped.size().reindex(groups).array,",
        "    }",
        ")",
        f"numbers['remark'] = numbers['rows'].map(lambda n: 'few rows' if n < {FEW_ROWS} else '')",
        f"numbers.columns = [{chart.x or 'group'!r}, *numbers.columns[1:]]",
    ]


def _row_lines(chart: Chart, profile: Profile) -> list[str]:
    """The groups take the place of the colour."""
    grouped = Chart(kind="violin", x=chart.x, y=chart.y, colour=chart.x)
    lines = row_lines(grouped, profile, ("y",), scale=False)
    if not chart.x:
        return [*lines, "numbers['colour'] = 'all rows'", "groups = ['all rows']"]
    return [*lines, *group_lines(profile.column(chart.x), "colour", most_violins(chart), order=chart.order)]
