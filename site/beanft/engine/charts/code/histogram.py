"""Lines of pandas that give the numbers of a histogram."""

from beanft.engine.charts.code.used import number, used_lines
from beanft.engine.charts.drawing import Drawing
from beanft.engine.tables.columns import Profile


def histogram_code(drawing: Drawing, profile: Profile) -> list[str]:
    """Write the lines that turn the rows `t` into `numbers`, one row a bin.

    Parameters
    ----------
    drawing : Drawing
        What was drawn.
    profile : Profile
        What is known of the table.

    Returns
    -------
    list of str
        Python, one statement a line; `edges` holds the edges of the bins.
    """
    chart = drawing.chart
    bins = drawing.series[0].values
    edges = [bins[0][0], *(high for _, high, _ in bins)]
    positive = ["u['x'] = u['x'].where(u['x'] > 0)"] if chart.log_x else []
    lines = [
        "import numpy as np",
        f"edges = {edges!r}",
        *used_lines(drawing, profile, [f"u['x'] = {number(profile.column(chart.x))}", *positive]),
        "numbers = pd.DataFrame({'from': edges[:-1], 'to': edges[1:]})",
    ]
    for place in range(len(drawing.series)):
        values = f"u.loc[u['c'] == {place}, 'x']" if chart.colour else "u['x']"
        lines.append(f"numbers['rows {place}'] = np.histogram({values}, edges)[0]")
    return [*lines, f"numbers = numbers.set_axis({list(drawing.header)!r}, axis=1)"]
