"""Boxes: quartiles, whiskers and outliers of a number for each category."""

from typing import Any

from beanft.engine.charts.chart import N_SERIES, Chart, Drawing, Series
from beanft.engine.charts.rows import Groups, Rows, find_groups, grouped_sql, grouped_values, other_notes
from beanft.engine.charts.words import FEW_ROWS, by, few_note, figure
from beanft.engine.tables.wording import counted

N_BOXES = 30
"""Most categories along the axis; what is beyond becomes "other"."""

N_OUTLIERS = 1000
"""Most outliers that are drawn, the furthest ones."""

_REACH = 1.5  # Tukey: whiskers end at the last row within 1.5 times the box beyond it


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
        linear between rows, as numpy and pandas compute them.
    """
    chart = rows.chart
    places, colours = find_groups(rows, "x", N_BOXES), find_groups(rows, "c", N_SERIES)
    found = rows.ask(f"SELECT {_SUMMARY} ORDER BY gx, gc", grouped_values(places, colours), _BOXES)
    outliers = rows.ask(
        "SELECT gx, gc, y FROM inside WHERE NOT within ORDER BY far DESC, gx, gc, row LIMIT ?",
        [*grouped_values(places, colours), N_OUTLIERS],
        _BOXES,
    )
    n_outliers = sum(box[8] for box in found)
    return Drawing(
        chart=chart,
        title=chart.title or f"{chart.y}{by(chart.x, chart.colour)}",
        x_name=chart.x,
        y_name=chart.y,
        x_type="category",
        series=_series(chart, colours, found, outliers),
        places=places.labels,
        header=_header(chart),
        rows=tuple(_row(chart, places, colours, box) for box in found),
        n_rows=rows.n_rows,
        n_missing=rows.n_rows - rows.n_used,
        n_shown=rows.n_used,
        notes=(
            *_notes(n_outliers),
            *rows.notes,
            *few_note([box[7] for box in found]),
            *other_notes(places, colours, chart),
        ),
        description=_description(chart, places, found),
    )


_BOXES = f"""placed AS ({grouped_sql("y, row")}),
boxes AS (SELECT gx, gc, quantile_cont(y, [0.25, 0.5, 0.75]) AS q FROM placed GROUP BY gx, gc),
inside AS (
    SELECT placed.gx, placed.gc, y, row, q,
        abs(y - q[2]) / nullif(q[3] - q[1], 0) AS far,
        y BETWEEN q[1] - {_REACH} * (q[3] - q[1]) AND q[3] + {_REACH} * (q[3] - q[1]) AS within
    FROM placed JOIN boxes ON placed.gx = boxes.gx AND placed.gc = boxes.gc)"""  # noqa: S608 -- our own text

_SUMMARY = """gx, gc, min(y) FILTER (within), any_value(q)[1], any_value(q)[2], any_value(q)[3],
max(y) FILTER (within), count(*), count(*) FILTER (NOT within) FROM inside GROUP BY gx, gc"""


def _series(
    chart: Chart, colours: Groups, found: list[tuple[Any, ...]], outliers: list[tuple[Any, ...]]
) -> tuple[Series, ...]:
    names = colours.labels if chart.colour else (chart.y,)
    return tuple(
        Series(
            name=name,
            values=tuple((box[0], *box[2:8]) for box in found if box[1] == place),
            outliers=tuple((gx, y) for gx, gc, y in outliers if gc == place),
        )
        for place, name in enumerate(names)
    )


def _header(chart: Chart) -> tuple[str, ...]:
    names = tuple(name for name in (chart.x or "group", chart.colour) if name)
    return (*names, "low whisker", "25 %", "median", "75 %", "high whisker", "rows", "outliers", "remark")


def _row(chart: Chart, places: Groups, colours: Groups, box: tuple[Any, ...]) -> tuple[Any, ...]:
    colour = (colours.labels[box[1]],) if chart.colour else ()
    return (places.labels[box[0]], *colour, *box[2:9], "few rows" if box[7] < FEW_ROWS else "")


def _notes(n_outliers: int) -> tuple[str, ...]:
    words = (
        "Boxes span the middle half of the rows, the line inside is the median; "
        "whiskers end at the last row within 1.5 box lengths."
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


def _description(chart: Chart, places: Groups, found: list[tuple[Any, ...]]) -> str:
    medians = [(box[4], places.labels[box[0]]) for box in found]
    (low, lowest), (high, highest) = min(medians), max(medians)
    begin = f"Box chart of {chart.y} for {counted(len(found), 'group')}."
    if len(found) == 1:
        return (
            f"{begin} Median {figure(low)}, middle half from {figure(found[0][3])} to {figure(found[0][5])}."
        )
    return f"{begin} Smallest median: {figure(low)} ({lowest}); largest: {figure(high)} ({highest})."
