"""Lines of pandas that charts of points share: complete rows, their colours, and cells that count them."""

import inspect
from collections.abc import Sequence

from beanft.engine.charts.cells import N_ACROSS, N_UP, cell_width, header, least_width
from beanft.engine.charts.chart import MANY_COLOURS, Chart, is_number
from beanft.engine.charts.expressions import is_logarithmic
from beanft.engine.charts.points import DENSITY_FROM
from beanft.engine.tables.columns import Column, Profile

_INFINITE = "[float('inf'), float('-inf')]"
_WHOLE = "lambda v: format(v, '.0f') if v.is_integer() and abs(v) < 1e15 else repr(v)"
_CELL_WIDTH = tuple(inspect.getsource(cell_width).rstrip().split("\n"))
"""Read once, with the code that runs: the file may be replaced under a running server."""


def row_lines(chart: Chart, profile: Profile, parts: Sequence[str], *, scale: bool = True) -> list[str]:
    """Write the lines that take the complete rows of `t`, with columns row, x, y and so on.

    Parameters
    ----------
    chart : Chart
        A checked description.
    profile : Profile
        What is known of the table.
    parts : sequence of str
        x, y and perhaps z.
    scale : bool
        Whether a colour of many numbers stays a number.

    Returns
    -------
    list of str
        Python, one statement a line.
    """
    columns = [f"{part!r}: {_number(getattr(chart, part))}" for part in parts]
    if chart.colour:
        columns.append(f"'colour': {_colour(profile.column(chart.colour), scale=scale)}")
    lines = [
        f"numbers = pd.DataFrame({{'row': t.index + 1, {', '.join(columns)}}}, index=t.index)",
        f"numbers = numbers.replace({_INFINITE}, float('nan')).dropna()",
    ]
    logs = [part for part in parts if is_logarithmic(chart, part)]
    return [*lines, *(f"numbers = numbers[numbers[{part!r}] > 0]" for part in logs)]


def _number(name: str) -> str:
    return f"t[{name!r}].astype('float64')"


def _colour(column: Column, *, scale: bool) -> str:
    """The colour as the table under the chart writes it: a number of a scale, or text."""
    raw = f"t[{column.name!r}]"
    if is_number(column) and scale and column.n_distinct > MANY_COLOURS:
        return f"{raw}.astype('float64')"
    if column.stored == "BOOLEAN":
        return f"{raw}.astype('object').map({{False: 'false', True: 'true'}})"
    if column.stored == "DOUBLE":
        finite = f"{raw}.astype('float64').replace({_INFINITE}, float('nan'))"
        return f"{finite}.map({_WHOLE}, na_action='ignore')"
    return f"{raw}.astype('object').map(str, na_action='ignore')"


def named_lines(head: Sequence[str], order: Sequence[str]) -> list[str]:
    """Write the line that picks the columns and names them as the table under the chart does.

    Parameters
    ----------
    head : sequence of str
        Heads of the table.
    order : sequence of str
        Columns of `numbers` in that order.

    Returns
    -------
    list of str
        Python, one statement a line.
    """
    return [f"numbers = numbers[{list(order)!r}].set_axis({list(head)!r}, axis=1)"]


def points_or_cells(
    chart: Chart, profile: Profile, head: Sequence[str], order: Sequence[str]
) -> tuple[list[str], list[str]]:
    """Write the lines after those of the rows: the rows as they are, or cells that count them.

    Parameters
    ----------
    chart : Chart
        A checked description.
    profile : Profile
        What is known of the table.
    head, order : sequence of str
        Heads of the table of points, and their columns in `numbers`.

    Returns
    -------
    first, each : list of str
        Python: what all panels share, then what is done with the rows of each. Where the shape is left to the
        data, it decides by the number of all rows as the site does.
    """
    points = named_lines(head, order)
    if chart.shape == "points" or (not chart.shape and chart.colour):
        return [], points
    edges, cells = _edge_lines(chart, profile), _count_lines(chart)
    source = ["import math", "import sys", "import numpy as np", "", *_CELL_WIDTH, ""]
    if chart.shape == "density":
        return [*source, *edges], cells
    first = [f"is_many = len(numbers) > {DENSITY_FROM}", "if is_many:", *_indented(edges)]
    return [*source, *first], ["if is_many:", *_indented(cells), "else:", *_indented(points)]


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def _edge_lines(chart: Chart, profile: Profile) -> list[str]:
    lines = []
    for part, most in (("x", N_ACROSS), ("y", N_UP)):
        log = is_logarithmic(chart, part)
        least = least_width(whole=profile.column(getattr(chart, part)).stored == "BIGINT", log=log)
        edge = "2.0 ** ({})" if log else "({})"
        lines += [
            f"measured = np.log2(numbers[{part!r}])" if log else f"measured = numbers[{part!r}]",
            "low, high = (measured.min(), measured.max()) if len(measured) else (0.0, 0.0)",
            f"width = cell_width(low, high, {most}, {least!r})",
            "place = np.floor(measured / width)",
        ]
        for name, at in (("from", "place * width"), ("to", "(place + 1) * width")):
            clipped = ".clip(-sys.float_info.max, sys.float_info.max)"
            lines.append(f"numbers['{part} {name}'] = ({edge.format(at)}){clipped}")
    return lines


def _count_lines(chart: Chart) -> list[str]:
    edges = ["x from", "x to", "y from", "y to"]
    lines = [f"numbers = numbers.groupby({edges!r}).size().reset_index(name='rows')"]
    return [*lines, f"numbers = numbers.set_axis({list(header(chart.x, chart.y))!r}, axis=1)"]
