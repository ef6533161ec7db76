"""Areas: a total and its parts over time, stacked, as shares, or one before the other."""

from collections.abc import Mapping
from dataclasses import replace

from beanft.engine.charts.aggregates import ADDITIVE, INTERVAL_NOTE, estimate_note
from beanft.engine.charts.chart import measures
from beanft.engine.charts.drawing import Drawing, Series
from beanft.engine.charts.groups import NO_GROUPS, other_notes
from beanft.engine.charts.kinds.line import Lines, describe, find_lines, named, partial_notes
from beanft.engine.charts.layouts import Mark, layout_of, refuse_negative, shares
from beanft.engine.charts.rows import Rows
from beanft.engine.charts.words import FEW_ROWS, few_note

Shares = Mapping[tuple[int, float], float | None]


def draw_area(rows: Rows) -> Drawing:
    """Aggregate y over the steps of x, for each colour, as areas.

    Parameters
    ----------
    rows : Rows
        Rows with a date or number x, a number y unless rows are counted, and the colour c.

    Returns
    -------
    Drawing
        Series of (x, value, low, high, rows), x rising, the same x for all colours that are stacked; the
        value is a per cent where shares are drawn.

    Raises
    ------
    EngineError
        When sums below zero are to be stacked, or a unit of time gives too many points.
    """
    lines = find_lines(rows)
    layout = layout_of(rows.chart)
    refuse_negative(rows.chart, lines.marks)
    if layout != "grouped":
        lines = _filled(lines)
    percents = shares(lines.marks) if layout == "share" else {}
    links = lines.links
    return Drawing(
        **named(lines),
        series=tuple(
            Series(
                name=name,
                values=tuple(
                    (mark[0], percents[colour, mark[0]], None, None, mark[4]) if percents else mark
                    for mark in lines.marks[colour]
                ),
                filters=links[colour],
            )
            for colour, name in enumerate(lines.names)
        ),
        y_name=f"share of {lines.what} (%)" if percents else lines.what,
        header=_header(lines, share=bool(percents)),
        rows=tuple(
            _row(lines, colour, mark, percents)
            for colour, of_colour in enumerate(lines.marks)
            for mark in of_colour
        ),
        links=tuple(link for of_line in links for link in of_line),
        notes=(
            *_notes(lines, layout),
            *estimate_note(rows.chart, rows.n_used),
            *rows.notes,
            *other_notes(NO_GROUPS, lines.colours, rows.chart),
        ),
        description=describe(lines, "Area chart"),
    )


def _filled(lines: Lines) -> Lines:
    """Zero for the colours that a step lacks, else the parts above would not lie on those below."""
    drawn = {mark[0] for of_colour in lines.marks for mark in of_colour}
    marks: list[list[Mark]] = []
    for of_colour in lines.marks:
        known = {mark[0]: mark for mark in of_colour}
        marks.append([known.get(at, (at, 0, None, None, 0)) for at in lines.places if at in drawn])
    return replace(lines, marks=marks)


def _header(lines: Lines, *, share: bool) -> tuple[str, ...]:
    chart = lines.chart
    head = (chart.x, *((chart.colour,) if chart.colour else ()), lines.what)
    ends = ("95 % from", "95 % to") if lines.means else ()
    measured = (*ends, "rows", "remark") if measures(chart) else ()
    return (*head, *(("share (%)",) if share else ()), *measured)


def _row(lines: Lines, colour: int, mark: Mark, percents: Shares) -> tuple[float | str | None, ...]:
    at, value, low, high, n = mark
    head = (lines.places[at].text, *((lines.names[colour],) if lines.chart.colour else ()), value)
    share = (percents[colour, at],) if percents else ()
    few = "few rows" if 0 < n < FEW_ROWS and not lines.steps.is_single else ""
    ends = (low, high) if lines.means else ()
    return (*head, *share, *((*ends, n, few) if measures(lines.chart) else ()))


def _notes(lines: Lines, layout: str) -> tuple[str, ...]:
    chart, steps = lines.chart, lines.steps
    words = {
        "stacked": ("Areas stand on each other; the top is the whole.",),
        "share": ("Areas are shares of the whole at each point, which is 100 %.",),
        "grouped": ("Areas lie before each other and all begin at zero.",) if chart.colour else (),
    }[layout]
    if steps.is_single:
        return (*words, "Each point is one row.")
    notes = (*words, *partial_notes(lines), *((INTERVAL_NOTE,) if lines.means else ()))
    if steps.words == "bin":
        notes = (
            *notes,
            f"{chart.x} is cut into {len(steps.places)} equal bins; points lie in their middles.",
        )
    elif steps.words and chart.aggregation not in ADDITIVE:
        notes = (*notes, f"Where a {steps.words} has no rows the area passes over it.")
    counts = [mark[4] for line in lines.marks for mark in line] if measures(chart) else []
    return (*notes, *few_note(counts, mark="marked"))
