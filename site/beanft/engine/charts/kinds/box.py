"""Boxes: quartiles, whiskers and outliers of a number for each category."""

from typing import Any

from beanft.engine.charts.catalogue import N_SERIES
from beanft.engine.charts.chart import Chart
from beanft.engine.charts.drawing import Drawing, Series
from beanft.engine.charts.extremes import Named, extremes
from beanft.engine.charts.groups import Groups, other_notes
from beanft.engine.charts.links import Link, complete_rows, group_link
from beanft.engine.charts.near_ends import boxes_near_ends
from beanft.engine.charts.rows import Rows
from beanft.engine.charts.samples import FEW_IN_LARGE, sampling_step
from beanft.engine.charts.tally import quartered, sampled, sizes
from beanft.engine.charts.whiskers import Box, furthest, with_whiskers
from beanft.engine.charts.words import FEW_ROWS, by, few_note, figure
from beanft.engine.tables.wording import counted

N_BOXES = 30
"""Most categories along the axis; what is beyond becomes "other"."""

N_OUTLIERS = 1000
"""Most outliers that are drawn, the furthest ones."""


def draw_boxes(rows: Rows) -> Drawing:
    """Summarise y in each category and colour.

    Parameters
    ----------
    rows : Rows
        Rows with a number y, a category x (or none) and the colour c.

    Returns
    -------
    Drawing
        Series of (place, low whisker, quartiles 1 to 3, high whisker, rows), and outliers. Quartiles are
        linear between rows, as numpy and pandas compute them; of more than a million rows they come from an
        even sample, which is said.
    """
    chart = rows.chart
    places, colours, found, outliers = _boxes(rows)
    links = _links(rows, places, colours, found)
    return Drawing(
        chart=chart,
        title=chart.title or f"{chart.y}{by(chart.x, chart.colour)}",
        x_name=chart.x,
        y_name=chart.y,
        x_type="category",
        series=_series(chart, colours, found, outliers, links),
        places=places.labels,
        place_keys=places.values if chart.x else (),
        colour_keys=colours.values if chart.colour else (),
        brush=("", chart.y),
        header=_header(chart),
        rows=tuple(_row(chart, places, colours, box) for box in found),
        links=tuple(links),
        n_rows=rows.n_rows,
        n_missing=rows.n_rows - rows.n_used,
        n_shown=rows.n_used,
        notes=(
            *_notes(sum(box[8] for box in found), rows.n_used),
            *(("The vertical axis is logarithmic.",) if chart.log_y else ()),
            *rows.notes,
            *few_note([box[7] for box in found]),
            *other_notes(places, colours, chart),
        ),
        description=_description(chart, places, colours, found),
    )


def _boxes(rows: Rows) -> tuple[Groups, Groups, list[Box], list[tuple[Any, ...]]]:
    """Quartiles first; then whiskers and outliers, which need them."""
    chart = rows.chart
    most = (chart.top + 1 if chart.top else N_BOXES, N_SERIES)
    if sampling_step(rows.n_used) > 1:
        quick = _quick(rows, most)
        if quick:
            return quick
    places, colours, found = quartered(rows, most=most, order=chart.order)
    boxes = with_whiskers(rows, places, colours, found)
    return places, colours, boxes, furthest(rows, places, colours, boxes, N_OUTLIERS)


def _quick(
    rows: Rows, most: tuple[int, int]
) -> tuple[Groups, Groups, list[Box], list[tuple[Any, ...]]] | None:
    """The same in two looks at the rows; None where a group is small, or the groups lie far apart."""
    places, colours, found = sampled(rows, most=most, order=rows.chart.order)
    counts = sizes(rows, places, colours)
    if counts.keys() != {one[:2] for one in found} or min(counts.values()) < FEW_IN_LARGE:
        return None
    counted_rows = [(*one[:-1], counts[one[:2]]) for one in found]
    drawn = boxes_near_ends(rows, places, colours, counted_rows, N_OUTLIERS)
    return (places, colours, *drawn) if drawn else None


def _links(rows: Rows, places: Groups, colours: Groups, found: list[Box]) -> list[Link]:
    """The rows of each box."""
    chart, complete = rows.chart, complete_rows(rows)
    return [
        (
            *group_link(rows, chart.x, places, box[0]),
            *group_link(rows, chart.colour, colours, box[1]),
            *complete,
        )
        for box in found
    ]


def _series(
    chart: Chart, colours: Groups, found: list[Box], outliers: list[tuple[Any, ...]], links: list[Link]
) -> tuple[Series, ...]:
    names = colours.labels if chart.colour else (chart.y,)
    return tuple(
        Series(
            name=name,
            values=tuple((box[0], *box[2:8]) for box in found if box[1] == place),
            outliers=tuple((gx, y) for gx, gc, y in outliers if gc == place),
            filters=tuple(link for box, link in zip(found, links, strict=True) if box[1] == place),
        )
        for place, name in enumerate(names)
    )


def _header(chart: Chart) -> tuple[str, ...]:
    names = tuple(name for name in (chart.x or "group", chart.colour) if name)
    return (*names, "low whisker", "25 %", "median", "75 %", "high whisker", "rows", "outliers", "remark")


def _row(chart: Chart, places: Groups, colours: Groups, box: tuple[Any, ...]) -> tuple[Any, ...]:
    colour = (colours.labels[box[1]],) if chart.colour else ()
    return (places.labels[box[0]], *colour, *box[2:9], "few rows" if box[7] < FEW_ROWS else "")


def _notes(n_outliers: int, n_rows: int) -> tuple[str, ...]:
    sampled = (
        " Quartiles come from an even sample of the rows and are about right; those of groups of fewer than "
        f"{FEW_IN_LARGE:,} rows are exact, and so are all counts."
        if sampling_step(n_rows) > 1
        else ""
    )
    words = (
        "Boxes span the middle half of the rows, the line inside is the median; "
        "whiskers end at the last row within 1.5 box lengths."
        f"{sampled}"
    )
    if n_outliers <= N_OUTLIERS:
        return (
            words,
            *((f"{counted(n_outliers, 'row')} beyond the whiskers drawn as points.",) if n_outliers else ()),
        )
    return (
        words,
        f"Of {n_outliers:,} rows beyond the whiskers the {N_OUTLIERS:,} furthest are drawn as points.",
    )


def _description(chart: Chart, places: Groups, colours: Groups, found: list[tuple[Any, ...]]) -> str:
    begin = f"Box chart of {chart.y} for {counted(len(found), 'group')}."
    if len(found) == 1:
        _, _, _, low, middle, high, *_ = found[0]
        return f"{begin} Median {figure(middle)}, middle half from {figure(low)} to {figure(high)}."
    of_colour = [f", {label}" if chart.colour else "" for label in colours.labels]
    medians = [Named(box[4], f"{places.labels[box[0]]}{of_colour[box[1]]}", box[7]) for box in found]
    return f"{begin} {extremes(medians, what='median')}"
