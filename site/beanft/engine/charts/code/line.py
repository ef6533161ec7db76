"""Lines of pandas that give the numbers of lines and areas."""

from beanft.engine.charts.chart import is_date, measures
from beanft.engine.charts.code.used import (
    aggregate_lines,
    final_line,
    label_line,
    moment,
    number,
    remark_line,
    share_line,
    used_lines,
)
from beanft.engine.charts.drawing import Drawing
from beanft.engine.charts.layouts import layout_of
from beanft.engine.tables.columns import Profile


def line_code(drawing: Drawing, profile: Profile) -> list[str]:
    """Write the lines that turn the rows `t` into `numbers`, one row a point.

    Parameters
    ----------
    drawing : Drawing
        What was drawn.
    profile : Profile
        What is known of the table.

    Returns
    -------
    list of str
        Python, one statement a line; `begins` holds where each step along the axis begins.
    """
    chart = drawing.chart
    share = layout_of(chart) == "share" and chart.kind == "area"
    column, colour = profile.column(chart.x), ("c",) if chart.colour else ()
    means = "95 % from" in drawing.header
    x = [
        "import numpy as np",
        f"begins = {list(drawing.begins)!r}",
        f"at = {moment(column) if is_date(column) else number(column)}",
        "place = pd.Series(np.searchsorted(begins, at, side='right') - 1, index=t.index)",
        "u['x'] = place.where(at.notna())",
    ]
    lines = [
        *used_lines(drawing, profile, x),
        *aggregate_lines(drawing, (*colour, "x"), interval=means),
        *_empty_steps(drawing),
        "numbers = numbers.reset_index()",
        *((share_line(),) if share else ()),
        remark_line(is_single="Each point is one row." in drawing.notes),
        label_line("x", drawing.places),
    ]
    if chart.colour:
        lines.append(label_line("c", [series.name for series in drawing.series]))
    counts = (*(("from", "to") if means else ()), "rows", "remark") if measures(chart) else ()
    return [*lines, final_line(drawing, ("x", *colour, "value", *(("share",) if share else ()), *counts))]


def _empty_steps(drawing: Drawing) -> list[str]:
    """Steps without rows are zero, where the drawing has them."""
    if not any(mark[4] == 0 for series in drawing.series for mark in series.values):
        return []
    steps = f"range({len(drawing.begins)})"
    if drawing.chart.colour:
        colours = f"range({len(drawing.series)})"
        steps = f"pd.MultiIndex.from_product([{colours}, {steps}], names=['c', 'x'])"
    else:
        steps = f"pd.Index({steps}, name='x')"
    return [f"numbers = numbers.reindex({steps}, fill_value=0)"]
