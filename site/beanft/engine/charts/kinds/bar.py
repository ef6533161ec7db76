"""Bars: the number of rows, or one number made of them, for each category."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from beanft.engine.charts.aggregates import (
    ADDITIVE,
    INTERVAL_NOTE,
    aggregate_sql,
    estimate_note,
    with_interval,
)
from beanft.engine.charts.catalogue import N_SERIES
from beanft.engine.charts.chart import Chart, measures
from beanft.engine.charts.drawing import Drawing, Series
from beanft.engine.charts.extremes import Named, extremes
from beanft.engine.charts.groups import NO_GROUPS, Groups, other_notes
from beanft.engine.charts.layouts import Mark, layout_of, refuse_negative, shares
from beanft.engine.charts.links import Link, complete_rows, group_link
from beanft.engine.charts.rows import Rows
from beanft.engine.charts.tally import tally
from beanft.engine.charts.words import FEW_ROWS, by, few_note, figure, measured
from beanft.engine.plain import capital
from beanft.engine.tables.wording import counted, shown

N_BARS = 30
"""Most categories along the axis if nothing else is asked for; what is beyond becomes "other"."""

_CRUSHING = 5  # an "other" so many times the largest bar leaves nothing to see of the others


@dataclass(frozen=True)
class _Bars:
    """Bars before they are named."""

    chart: Chart
    what: str
    places: Groups
    colours: Groups
    marks: list[list[Mark]]
    """Of each colour, in the order of the axis."""
    links: list[tuple[Link, ...]]
    """The rows of each mark."""

    other: float | None = None
    """What "other" amounts to where it is left out of the picture."""

    @property
    def every(self) -> list[Mark]:
        return [mark for of_colour in self.marks for mark in of_colour]


def draw_bars(rows: Rows) -> Drawing:
    """Aggregate the rows of each category and colour.

    Parameters
    ----------
    rows : Rows
        Rows with a category x, a number y unless rows are counted, and the colour c.

    Returns
    -------
    Drawing
        Series of (place on the axis, value, low, high, rows); the value is a per cent where shares are drawn.

    Raises
    ------
    EngineError
        When sums below zero are to be stacked.
    """
    chart, bars = rows.chart, _bars(rows)
    means = chart.aggregation == "mean"
    share = shares(bars.marks) if layout_of(chart) == "share" else {}
    return Drawing(
        chart=chart,
        title=chart.title or f"{capital(bars.what)}{by(chart.x, chart.colour)}",
        x_name=chart.x,
        y_name=f"share of {bars.what} (%)" if share else bars.what,
        x_type="category",
        series=_series(bars, share),
        places=bars.places.labels,
        place_keys=bars.places.values,
        colour_keys=bars.colours.values,
        is_other_drawn=bars.other is None,
        header=_header(chart, bars.what, means=means, share=bool(share)),
        rows=tuple(
            _row(bars, colour, mark, share.get((colour, mark[0])) if share else 0.0)
            for colour, of_colour in enumerate(bars.marks)
            for mark in of_colour
        ),
        links=tuple(link for of_colour in bars.links for link in of_colour),
        n_rows=rows.n_rows,
        n_missing=rows.n_rows - rows.n_used,
        n_shown=rows.n_used,
        notes=(
            *((INTERVAL_NOTE,) if means else ()),
            *estimate_note(chart, rows.n_used),
            *(("Bars are shares of the whole of their category, which is 100 %.",) if share else ()),
            *rows.notes,
            *few_note([mark[4] for mark in bars.every]),
            *_other_notes(bars),
        ),
        description=_description(bars),
    )


def _bars(rows: Rows) -> _Bars:
    chart = rows.chart
    most = chart.top + 1 if chart.top else N_BARS
    places, colours, found = tally(
        rows,
        aggregate_sql(chart, rows.n_used),
        most=(most, N_SERIES),
        order=chart.order,
        exact=aggregate_sql(chart),
    )
    marks: list[list[Mark]] = [[] for _ in colours.labels]
    for place, colour, *numbers in found:
        marks[colour].append((place, *with_interval(numbers)))
    refuse_negative(chart, marks)
    links = _links(rows, places, colours, marks)
    other = None if rows.whole else _crushing_other(chart, places, marks)  # panels have the same places
    return _Bars(chart, measured(chart), places, colours, marks, links, other)


def _crushing_other(chart: Chart, places: Groups, marks: Sequence[Sequence[Mark]]) -> float | None:
    """What "other" amounts to, where that is so much that nothing could be seen of the other bars."""
    is_share = layout_of(chart) == "share"
    if not places.n_other or is_share or (measures(chart) and chart.aggregation not in ADDITIVE):
        return None
    totals = [0.0] * len(places.labels)
    for at, value, *_ in (mark for of_colour in marks for mark in of_colour):
        totals[int(at)] += float(value or 0)
    *alone, other = totals
    return other if abs(other) > _CRUSHING * max(map(abs, alone), default=math.inf) else None


def _other_notes(bars: _Bars) -> tuple[str, ...]:
    if bars.other is None:
        return other_notes(bars.places, bars.colours, bars.chart)
    groups = counted(bars.places.n_other, "other group")
    verb, they = ("stands", "it") if bars.places.n_other == 1 else ("stand", "together they")
    have = "has" if bars.places.n_other == 1 else "have"
    amount = (
        counted(int(bars.other), "row") if bars.what == "rows" else f"a {bars.what} of {figure(bars.other)}"
    )
    return (
        f"The {groups} of {shown(bars.chart.x)} {verb} in the table only: {they} {have} {amount}, and would "
        "hide the bars.",
        *other_notes(NO_GROUPS, bars.colours, bars.chart),
    )


def _links(
    rows: Rows, places: Groups, colours: Groups, marks: Sequence[Sequence[Mark]]
) -> list[tuple[Link, ...]]:
    """The rows of each mark: its category, its colour, and nothing that the chart leaves out."""
    chart, complete = rows.chart, complete_rows(rows)
    of_place = [group_link(rows, chart.x, places, place) for place in range(len(places.labels))]
    of_colour = [group_link(rows, chart.colour, colours, place) for place in range(len(colours.labels))]
    return [
        tuple((*of_place[int(mark[0])], *of_colour[colour], *complete) for mark in of_one)
        for colour, of_one in enumerate(marks)
    ]


def _series(bars: _Bars, percents: Mapping[tuple[int, float], float | None]) -> tuple[Series, ...]:
    names = bars.colours.labels if bars.chart.colour else (bars.what,)
    return tuple(
        Series(
            name=name,
            values=tuple(
                (mark[0], percents[colour, mark[0]], None, None, mark[4]) if percents else mark
                for mark in bars.marks[colour]
            ),
            filters=bars.links[colour],
        )
        for colour, name in enumerate(names)
    )


def _header(chart: Chart, what: str, *, means: bool, share: bool) -> tuple[str, ...]:
    head = (chart.x, *((chart.colour,) if chart.colour else ()), what, *(("share (%)",) if share else ()))
    if what == "rows":
        return (*head, "remark")
    return (*head, *(("95 % from", "95 % to") if means else ()), "rows", "remark")


def _row(bars: _Bars, colour: int, mark: Mark, share: float | None) -> tuple[float | str | None, ...]:
    chart, (_, value, low, high, n) = bars.chart, mark
    head = (bars.places.labels[int(mark[0])], *((bars.colours.labels[colour],) if chart.colour else ()))
    percent = (share,) if layout_of(chart) == "share" else ()
    ends = (low, high) if chart.aggregation == "mean" else ()
    counts = () if bars.what == "rows" else (*ends, n)
    return (*head, value, *percent, *counts, "few rows" if n < FEW_ROWS else "")


def _description(bars: _Bars) -> str:
    chart = bars.chart
    is_share = layout_of(chart) == "share"
    percents = shares(bars.marks) if is_share else {}
    found = []
    n_drawn = len(bars.places.labels) - (bars.other is not None)
    for colour, of_colour in enumerate(bars.marks):
        of_which = f", {bars.colours.labels[colour]}" if chart.colour else ""
        for at, value, low, high, n in of_colour:
            if at >= n_drawn:
                continue
            drawn = percents[colour, at] if is_share else value
            if drawn is not None:
                found.append(Named(drawn, f"{bars.places.labels[int(at)]}{of_which}", n, low, high))
    split = f", each split by {chart.colour}" if chart.colour else ""
    groups = counted(n_drawn, "group")
    begin = f"Bar chart of {'shares of ' * is_share}{bars.what} for {groups} of {chart.x}{split}."
    what = "share" if is_share else "bar" if chart.colour else ""
    is_exact = chart.aggregation in ADDITIVE
    told = extremes(found, what=what, unit=" %" if is_share else "", is_exact=is_exact)
    return f"{begin} {told}".rstrip()
