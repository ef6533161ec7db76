"""Bars: the number of rows, or one number made of them, for each category."""

from beanft.engine.charts.aggregates import INTERVAL_NOTE, aggregate_sql, with_interval
from beanft.engine.charts.chart import N_SERIES, Drawing, Series
from beanft.engine.charts.rows import Groups, Rows, find_groups, grouped_sql, grouped_values, other_notes
from beanft.engine.charts.words import FEW_ROWS, by, few_note, figure, measured
from beanft.engine.tables.wording import counted

N_BARS = 30
"""Most categories along the axis; what is beyond becomes "other"."""

Mark = tuple[int, float | None, float | None, float | None, int]


def draw_bars(rows: Rows) -> Drawing:
    """Aggregate the rows of each category and colour.

    Parameters
    ----------
    rows : Rows
        Rows with a category x, a number y unless rows are counted, and the colour c.

    Returns
    -------
    Drawing
        Series of (place on the axis, value, low, high, rows).
    """
    chart = rows.chart
    places, colours = find_groups(rows, "x", N_BARS), find_groups(rows, "c", N_SERIES)
    marks = _marks(rows, places, colours)
    what = measured(chart)
    every = [mark for of_colour in marks for mark in of_colour]
    means = chart.aggregation == "mean"
    single = () if chart.colour else (what,)
    return Drawing(
        chart=chart,
        title=chart.title or f"{what[0].upper()}{what[1:]}{by(chart.x, chart.colour)}",
        x_name=chart.x,
        y_name=what,
        x_type="category",
        series=tuple(
            Series(name=name, values=tuple(of_colour))
            for name, of_colour in zip(single or colours.labels, marks, strict=True)
        ),
        places=places.labels,
        header=_header(chart.x, chart.colour, what, means=means),
        rows=tuple(
            _row(
                places.labels[mark[0]],
                colours.labels[place] if chart.colour else None,
                mark,
                what=what,
                means=means,
            )
            for place, of_colour in enumerate(marks)
            for mark in of_colour
        ),
        n_rows=rows.n_rows,
        n_missing=rows.n_rows - rows.n_used,
        n_shown=rows.n_used,
        notes=(
            *((INTERVAL_NOTE,) if means else ()),
            *rows.notes,
            *few_note([mark[4] for mark in every]),
            *other_notes(places, colours, chart),
        ),
        description=_description(what, chart.x, places, every),
    )


def _marks(rows: Rows, places: Groups, colours: Groups) -> list[list[Mark]]:
    """The marks of each colour, in the order of the axis."""
    found = rows.ask(
        f"{grouped_sql(aggregate_sql(rows.chart))} GROUP BY gx, gc ORDER BY gx, gc",
        grouped_values(places, colours),
    )
    marks: list[list[Mark]] = [[] for _ in colours.labels]
    for place, colour, *numbers in found:
        marks[colour].append((place, *with_interval(numbers)))
    return marks


def _header(x: str, colour: str, what: str, *, means: bool) -> tuple[str, ...]:
    head = (x, *((colour,) if colour else ()), what)
    if what == "rows":
        return (*head, "remark")
    return (*head, *(("95 % from", "95 % to") if means else ()), "rows", "remark")


def _row(x: str, colour: str | None, mark: Mark, *, what: str, means: bool) -> tuple[float | str | None, ...]:
    _, value, low, high, n = mark
    numbers = (value,) if what == "rows" else (value, low, high, n) if means else (value, n)
    return (x, *((colour,) if colour is not None else ()), *numbers, "few rows" if n < FEW_ROWS else "")


def _description(what: str, x: str, places: Groups, marks: list[Mark]) -> str:
    known = [(mark[1], places.labels[mark[0]]) for mark in marks if mark[1] is not None]
    begin = f"Bar chart of {what} for {counted(len(places.labels), 'group')} of {x}."
    if not known:
        return begin
    (low, lowest), (high, highest) = min(known), max(known)
    return f"{begin} Smallest: {figure(low)} ({lowest}); largest: {figure(high)} ({highest})."
