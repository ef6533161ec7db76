"""Lines: rows in the order of x, single or aggregated over calendar units or bins."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from beanft.engine.charts.aggregates import ADDITIVE, INTERVAL_NOTE, estimate_note, with_interval
from beanft.engine.charts.catalogue import N_SERIES
from beanft.engine.charts.chart import Chart, is_date, measures
from beanft.engine.charts.drawing import Drawing, Series
from beanft.engine.charts.extremes import Named, extremes
from beanft.engine.charts.groups import NO_GROUPS, Groups, other_notes
from beanft.engine.charts.layouts import Mark, layout_of, shares
from beanft.engine.charts.links import Link, complete_rows, group_link, joined
from beanft.engine.charts.rows import Rows
from beanft.engine.charts.stepping import find_points
from beanft.engine.charts.steps import Place, Steps, cut, moment_places, number_place
from beanft.engine.charts.words import FEW_ROWS, by, few_note, measured
from beanft.engine.plain import capital
from beanft.engine.tables.wording import counted


@dataclass(frozen=True)
class Lines:
    """Lines before they are named."""

    rows: Rows
    """The rows they were made of."""
    steps: Steps
    """How x was cut."""
    places: Mapping[float, Place]
    """The steps that are drawn, by their position."""
    colours: Groups
    """The colours."""
    marks: list[list[Mark]]
    """Of each colour, x rising."""

    @property
    def chart(self) -> Chart:
        """The description."""
        return self.rows.chart

    @property
    def what(self) -> str:
        """What is measured."""
        return self.chart.y if self.steps.is_single else measured(self.chart)

    @property
    def names(self) -> tuple[str, ...]:
        """One for each line: the colours, or what is measured where there are none."""
        return self.colours.labels if self.chart.colour else (self.what,)

    @property
    def over(self) -> str:
        """The words for a step."""
        return f" by {self.steps.words}" if self.steps.words else ""

    @property
    def means(self) -> bool:
        """Whether marks carry intervals."""
        return self.chart.aggregation == "mean" and not self.steps.is_single

    @property
    def links(self) -> list[tuple[Link, ...]]:
        """The rows of each mark of each colour; none where filters cannot say them."""
        name = self.chart.x
        complete = [one for one in complete_rows(self.rows) if one.column != name]
        found: list[tuple[Link, ...]] = []
        for place, of_colour in enumerate(self.marks):
            colour = group_link(self.rows, self.chart.colour, self.colours, place)
            steps = [self.places[mark[0]].link for mark in of_colour]
            found.append(joined([None if step is None else (*step, *colour, *complete) for step in steps]))
        return found


def draw_line(rows: Rows) -> Drawing:
    """Aggregate y over the steps of x, for each colour.

    Parameters
    ----------
    rows : Rows
        Rows with a date or number x, a number y unless rows are counted, and the colour c.

    Returns
    -------
    Drawing
        Series of (x, value, low, high, rows), x rising; dates in milliseconds since 1970 UTC.

    Raises
    ------
    EngineError
        When a unit of time is asked for that gives too many points.
    """
    lines = find_lines(rows)
    links = lines.links
    return Drawing(
        **named(lines),
        series=tuple(
            Series(name=name, values=tuple(line), filters=link)
            for name, line, link in zip(lines.names, lines.marks, links, strict=True)
        ),
        y_name=lines.what,
        header=_header(lines),
        rows=tuple(
            _row(lines, name, mark)
            for name, line in zip(lines.names, lines.marks, strict=True)
            for mark in line
        ),
        links=tuple(link for of_line in links for link in of_line),
        notes=(
            *_notes(lines),
            *estimate_note(rows.chart, rows.n_used),
            *_log_note(lines),
            *rows.notes,
            *other_notes(NO_GROUPS, lines.colours, rows.chart),
        ),
        description=describe(lines, "Line chart"),
    )


def find_lines(rows: Rows) -> Lines:
    """Aggregate y over the steps of x, for each colour, as lines and areas need it.

    Parameters
    ----------
    rows : Rows
        The rows of the chart.

    Returns
    -------
    Lines
        Where rows are counted or summed, a unit of time without rows is a mark of zero.
    """
    colour = rows.column(rows.chart.colour)
    steps = cut(rows.frame, min(colour.n_distinct, N_SERIES) if colour else 1)
    colours, found = find_points(rows, steps)
    places = steps.places or _own_places(rows, sorted({key for key, *_ in found}))
    known = {(key, colour): with_interval(numbers) for key, colour, *numbers in found}
    # Where nothing happened, a number of rows and a sum are truly zero.
    zero = 0 if steps.words and rows.chart.aggregation in ADDITIVE else None
    marks: list[list[Mark]] = [
        [
            (place.at, *known.get((key, colour), (zero, None, None, 0)))
            for key, place in places.items()
            if zero is not None or (key, colour) in known
        ]
        for colour in range(len(colours.labels))
    ]
    return Lines(rows, steps, {place.at: place for place in places.values()}, colours, marks)


def _own_places(rows: Rows, keys: list[float]) -> Mapping[float, Place]:
    """Where every x stands for itself."""
    if not is_date(rows.profile.column(rows.chart.x)):
        return {key: number_place(rows, key) for key in keys}
    moments = [int(key) for key in keys]
    return dict(zip(moments, moment_places(rows, moments), strict=True))


def named(lines: Lines) -> dict[str, Any]:
    """Write what drawings of lines and of areas share.

    Parameters
    ----------
    lines : Lines
        The lines.

    Returns
    -------
    dict
        Fields of a Drawing.
    """
    chart, rows, what = lines.chart, lines.rows, lines.what
    column = rows.profile.column(chart.x)
    colour = f",{by(chart.colour)}" if chart.colour else ""
    can_brush = any(place.link for place in lines.places.values())
    return {
        "chart": chart,
        "title": chart.title or f"{capital(what)} over {chart.x}{lines.over}{colour}",
        "x_name": chart.x,
        "x_type": "date" if is_date(column) else "number",
        "places": tuple(place.text for place in lines.places.values()),
        "begins": lines.steps.edges[:-1] or tuple(lines.places),
        "colour_keys": lines.colours.values,
        "brush": (chart.x if can_brush else "", ""),
        "n_rows": rows.n_rows,
        "n_missing": rows.n_rows - rows.n_used,
        "n_shown": rows.n_used,
    }


def _header(lines: Lines) -> tuple[str, ...]:
    chart = lines.chart
    head = (chart.x, *((chart.colour,) if chart.colour else ()), lines.what)
    if not measures(chart):
        return head
    return (*head, *(("95 % from", "95 % to") if lines.means else ()), "rows", "remark")


def _row(lines: Lines, name: str, mark: Mark) -> tuple[float | str | None, ...]:
    at, value, low, high, n = mark
    head = (lines.places[at].text, *((name,) if lines.chart.colour else ()), value)
    if not measures(lines.chart):
        return head
    few = "few rows" if 0 < n < FEW_ROWS and not lines.steps.is_single else ""
    return (*head, *((low, high) if lines.means else ()), n, few)


def _notes(lines: Lines) -> tuple[str, ...]:
    chart, steps = lines.chart, lines.steps
    if steps.is_single:
        return ("Each point is one row.",)
    notes = (*partial_notes(lines), *((INTERVAL_NOTE,) if lines.means else ()))
    if steps.words == "bin":
        bins = f"{chart.x} is cut into {len(steps.places)} equal bins; points lie in their middles."
        notes = (bins, *notes)
    elif steps.words and chart.aggregation not in ADDITIVE:
        notes = (*notes, f"Where a {steps.words} has no rows the line passes over it.")
    counts = [mark[4] for line in lines.marks for mark in line] if measures(chart) else []
    return (*notes, *few_note(counts, mark="marked"))


def partial_notes(lines: Lines) -> tuple[str, ...]:
    """Say which units of time may lack rows, so that fewer of them are no fall.

    Parameters
    ----------
    lines : Lines
        The lines.

    Returns
    -------
    tuple of str
        One sentence where rows are counted or summed and the first or the last unit is not full, or none.
    """
    steps = lines.steps
    ends = [name for name, is_partial in zip(("first", "last"), steps.is_partial, strict=True) if is_partial]
    if not ends or lines.chart.aggregation not in ADDITIVE:
        return ()
    each = f"The {' and the '.join(ends)} {steps.words}"
    verbs = " and ".join({"first": "begin", "last": "end"}[name] for name in ends)
    return (f"{each} may be incomplete: the rows {verbs} within {'them' if len(ends) > 1 else 'it'}.",)


def _log_note(lines: Lines) -> tuple[str, ...]:
    """A logarithmic axis has no place for zero and less."""
    if not lines.chart.log_y:
        return ()
    n_hidden = sum(mark[1] is not None and mark[1] <= 0 for line in lines.marks for mark in line)
    hidden = f"; {counted(n_hidden, 'point')} at or below zero cannot be drawn" if n_hidden else ""
    return (f"The vertical axis is logarithmic{hidden}.",)


def describe(lines: Lines, article: str) -> str:
    """Say what lines or areas show, from their numbers.

    Parameters
    ----------
    lines : Lines
        The lines.
    article : str
        What they are, such as "Line chart".

    Returns
    -------
    str
        Two sentences.
    """
    chart = lines.chart
    percents = shares(lines.marks) if article == "Area chart" and layout_of(chart) == "share" else {}
    known = []
    for place, (name, line) in enumerate(zip(lines.colours.labels, lines.marks, strict=True)):
        of_which = f", {name}" if chart.colour else ""
        for at, value, low, high, n in line:
            drawn = percents[place, at] if percents else value
            if drawn is not None:
                known.append(Named(drawn, f"{lines.places[at].text}{of_which}", n, low, high))
    texts = [place.text for place in lines.places.values()]
    what = f"{'shares of ' if percents else ''}{lines.what}"
    begin = (
        f"{article} of {what} over {chart.x}{lines.over}, {texts[0]} to {texts[-1]}, "
        f"{counted(len(known), 'point')}."
    )
    is_exact = lines.steps.is_single or chart.aggregation in ADDITIVE
    told = extremes(known, what="share" if percents else "", unit=" %" if percents else "", is_exact=is_exact)
    return f"{begin} {told}".rstrip()
