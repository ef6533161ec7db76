"""How the colours of bars and areas stand to each other: side by side, stacked, or as shares."""

from collections.abc import Mapping, Sequence

from beanft.engine.charts.aggregates import ADDITIVE
from beanft.engine.charts.chart import Chart
from beanft.engine.errors import EngineError
from beanft.engine.tables.wording import shown

Mark = tuple[float, float | None, float | None, float | None, int]
"""Position, value, ends of its 95 % interval, rows."""


def layout_of(chart: Chart) -> str:
    """Say how the colours of a chart stand to each other.

    Parameters
    ----------
    chart : Chart
        A checked description.

    Returns
    -------
    str
        One of LAYOUTS; one colour is neither stacked nor a share.

    Examples
    --------
    >>> layout_of(Chart(kind="area", x="day", colour="kind")), layout_of(Chart(kind="area", x="day"))
    ('stacked', 'grouped')
    """
    if not chart.colour:
        return "grouped"
    usual = "stacked" if chart.kind == "area" and chart.aggregation in ADDITIVE else "grouped"
    return chart.layout or usual


def refuse_negative(chart: Chart, marks: Sequence[Sequence[Mark]]) -> None:
    """Refuse to stack sums below zero, which would lie on those above.

    Parameters
    ----------
    chart : Chart
        The description.
    marks : sequence of sequence of Mark
        The marks of each colour.

    Raises
    ------
    EngineError
        When the chart is stacked and some value is negative.
    """
    if layout_of(chart) == "grouped":
        return
    if any(mark[1] is not None and mark[1] < 0 for of_colour in marks for mark in of_colour):
        raise EngineError(
            f"Some sums of {shown(chart.y, 40)} are below zero, so they cannot be stacked. "
            "Choose the layout “Side by side”."
        )


def shares(marks: Sequence[Sequence[Mark]]) -> Mapping[tuple[int, float], float | None]:
    """Compute which per cent of its place each mark is.

    Parameters
    ----------
    marks : sequence of sequence of Mark
        The marks of each colour.

    Returns
    -------
    mapping of (colour, position) to float or None
        Per cent, adding up to 100 at each position; None where the whole is zero.

    Examples
    --------
    >>> shares([[(0, 1.0, None, None, 1)], [(0, 3.0, None, None, 3)]])
    {(0, 0): 25.0, (1, 0): 75.0}
    """
    totals: dict[float, float] = {}
    for of_colour in marks:
        for at, value, *_ in of_colour:
            totals[at] = totals.get(at, 0.0) + (value or 0.0)
    return {
        (colour, mark[0]): 100 * (mark[1] or 0.0) / totals[mark[0]] if totals[mark[0]] else None
        for colour, of_colour in enumerate(marks)
        for mark in of_colour
    }
