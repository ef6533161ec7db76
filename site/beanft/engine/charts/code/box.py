"""Lines of pandas that give the numbers of boxes."""

from beanft.engine.charts.code.used import (
    final_line,
    label_line,
    place_lines,
    remark_line,
    used_lines,
)
from beanft.engine.charts.drawing import Drawing
from beanft.engine.tables.columns import Profile


def box_code(drawing: Drawing, profile: Profile) -> list[str]:
    """Write the lines that turn the rows `t` into `numbers`, one row a box.

    Parameters
    ----------
    drawing : Drawing
        What was drawn.
    profile : Profile
        What is known of the table.

    Returns
    -------
    list of str
        Python, one statement a line. Quartiles are exact, those of the site are estimates where there are
        more than a million rows.
    """
    chart = drawing.chart
    x = place_lines(profile.column(chart.x), "x", drawing.place_keys) if chart.x else ["u['x'] = 0"]
    colour = ("c",) if chart.colour else ()
    groups = ("x", *colour)
    named = "(x, c)" if chart.colour else "(x,)"
    lines = [
        *used_lines(drawing, profile, x),
        "found = []",
        f"for {named}, y in u.groupby({list(groups)!r})['y']:",
        "    q1, q2, q3 = y.quantile([0.25, 0.5, 0.75])",
        "    inside = y[y.between(q1 - 1.5 * (q3 - q1), q3 + 1.5 * (q3 - q1))]",
        "    box = (inside.min(), q1, q2, q3, inside.max(), len(y), len(y) - len(inside))",
        f"    found.append(({', '.join(groups)}, *box))",
        f"names = {[*groups, 'low', 'q1', 'q2', 'q3', 'high', 'rows', 'outliers']!r}",
        "numbers = pd.DataFrame(found, columns=names)",
        remark_line(),
        label_line("x", drawing.places),
    ]
    if chart.colour:
        lines.append(label_line("c", [series.name for series in drawing.series]))
    return [*lines, final_line(drawing, (*groups, *_BOX, "remark"))]


_BOX = ("low", "q1", "q2", "q3", "high", "rows", "outliers")
