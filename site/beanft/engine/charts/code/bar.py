"""Lines of pandas that give the numbers of bars, and of Pareto charts."""

from beanft.engine.charts.chart import measures
from beanft.engine.charts.code.used import (
    aggregate_lines,
    final_line,
    label_line,
    place_lines,
    remark_line,
    share_line,
    used_lines,
)
from beanft.engine.charts.drawing import Drawing
from beanft.engine.charts.layouts import layout_of
from beanft.engine.tables.columns import Profile


def bar_code(drawing: Drawing, profile: Profile) -> list[str]:
    """Write the lines that turn the rows `t` into `numbers`, one row a bar.

    Parameters
    ----------
    drawing : Drawing
        What was drawn.
    profile : Profile
        What is known of the table.

    Returns
    -------
    list of str
        Python, one statement a line.
    """
    chart = drawing.chart
    means, share = chart.aggregation == "mean", layout_of(chart) == "share"
    colour = ("c",) if chart.colour else ()
    x = place_lines(profile.column(chart.x), "x", drawing.place_keys)
    lines = [
        *used_lines(drawing, profile, x),
        *aggregate_lines(drawing, (*colour, "x"), interval=means),
        "numbers = numbers.reset_index()",
        *((share_line(),) if share else ()),
        remark_line(),
        label_line("x", drawing.places),
    ]
    if chart.colour:
        lines.append(label_line("c", [series.name for series in drawing.series]))
    counts = (*(("from", "to") if means else ()), "rows") if measures(chart) else ()
    order = ("x", *colour, "value", *(("share",) if share else ()), *counts, "remark")
    return [*lines, final_line(drawing, order)]


def pareto_code(drawing: Drawing, profile: Profile) -> list[str]:
    """Write the lines that turn the rows `t` into `numbers`, one row a bar.

    Parameters
    ----------
    drawing : Drawing
        What was drawn.
    profile : Profile
        What is known of the table.

    Returns
    -------
    list of str
        Python, one statement a line.
    """
    x = place_lines(profile.column(drawing.chart.x), "x", drawing.place_keys)
    rows = ("rows",) if measures(drawing.chart) else ()
    return [
        *used_lines(drawing, profile, x),
        *aggregate_lines(drawing, ("x",), interval=False),
        "numbers = numbers.reset_index()",
        "numbers['share'] = (100 * numbers['value'] / numbers['value'].sum()).fillna(0)",
        "numbers['added'] = (100 * numbers['value'].cumsum() / numbers['value'].sum()).fillna(0)",
        label_line("x", drawing.places),
        final_line(drawing, ("x", "value", "share", "added", *rows)),
    ]
