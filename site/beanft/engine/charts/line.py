"""Lines: rows in the order of x, single or aggregated over calendar buckets or bins."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from beanft.engine.charts.aggregates import INTERVAL_NOTE, aggregate_sql, with_interval
from beanft.engine.charts.bins import bin_sql, round_edges
from beanft.engine.charts.chart import N_SERIES, Chart, Drawing, Series, is_date, measures
from beanft.engine.charts.rows import Groups, Rows, coloured_sql, coloured_values, find_groups, other_notes
from beanft.engine.charts.words import FEW_ROWS, by, few_note, figure, measured
from beanft.engine.tables.wording import counted

N_POINTS = 500
"""Most points along x."""

_N_BINS = 100  # most bins of a number whose values have too few rows each
_ROWS_A_POINT = 10  # means of fewer rows scatter so much that their intervals hide the line
_FEWEST_BUCKETS = 30  # a table of few rows still gets so many points, if its dates or numbers span them

# (name, interval of DuckDB, least seconds); weeks begin on Monday.
_UNITS = (
    ("second", "1 second", 1),
    ("10 seconds", "10 seconds", 10),
    ("minute", "1 minute", 60),
    ("5 minutes", "5 minutes", 300),
    ("15 minutes", "15 minutes", 900),
    ("hour", "1 hour", 3600),
    ("6 hours", "6 hours", 21_600),
    ("day", "1 day", 86_400),
    ("week", "7 days", 604_800),
    ("month", "1 month", 28 * 86_400),
    ("quarter", "3 months", 90 * 86_400),
    ("year", "1 year", 365 * 86_400),
    ("decade", "10 years", 3652 * 86_400),
    ("century", "100 years", 36_524 * 86_400),
    ("thousand years", "1000 years", 365_242 * 86_400),
)
_DAY = 7  # place of "day"

Mark = tuple[float, float | None, float | None, float | None, int]


@dataclass(frozen=True)
class _Steps:
    """How x is cut into steps."""

    key: str
    """SQL of the step that a row belongs to."""
    values: tuple[Any, ...]
    """Parameters of that SQL."""
    words: str
    """What a step is, such as "month"; empty where every x stands for itself."""
    labels: Mapping[Any, tuple[float, str]]
    """Position on the axis and text in the table of each key that the line passes."""
    single: bool = False
    """Whether each point is one row."""


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
    """
    chart = rows.chart
    dates = is_date(rows.profile.column(chart.x))
    colours = find_groups(rows, "c", N_SERIES)
    steps = _date_steps(rows, len(colours.labels)) if dates else _number_steps(rows)
    marks = _marks(rows, steps, colours)
    what = chart.y if steps.single else measured(chart)
    over = f" by {steps.words}" if steps.words else ""
    names = colours.labels if chart.colour else (what,)
    texts = dict(steps.labels.values())
    means = chart.aggregation == "mean" and not steps.single
    return Drawing(
        chart=chart,
        title=chart.title or f"{what[0].upper()}{what[1:]} over {chart.x}{over}{_colour_words(chart)}",
        x_name=chart.x,
        y_name=what,
        x_type="date" if dates else "number",
        series=tuple(Series(name=name, values=tuple(line)) for name, line in zip(names, marks, strict=True)),
        header=_header(chart, what, means=means),
        rows=tuple(
            _row(
                texts[mark[0]],
                name if chart.colour else None,
                mark,
                means=means,
                chart=chart,
                single=steps.single,
            )
            for name, line in zip(names, marks, strict=True)
            for mark in line
        ),
        n_rows=rows.n_rows,
        n_missing=rows.n_rows - rows.n_used,
        n_shown=rows.n_used,
        notes=(
            *_notes(chart, steps, marks, means=means),
            *rows.notes,
            *other_notes(Groups((), (), 0), colours, chart),
        ),
        description=_description(chart, what, over, texts, marks),
    )


def _colour_words(chart: Chart) -> str:
    return f",{by(chart.colour)}" if chart.colour else ""


def _is_single(rows: Rows) -> bool:
    """Whether there are so few rows that each can be a point of its own."""
    if not measures(rows.chart) or rows.n_used > N_POINTS:
        return False
    return not rows.ask("SELECT 1 FROM used GROUP BY x, c HAVING count(*) > 1 LIMIT 1")


def _date_steps(rows: Rows, n_lines: int) -> _Steps:
    if _is_single(rows):
        return _Steps("x", (), "", _date_labels(rows, "x", ()), single=True)
    name, interval = _unit(rows, n_lines)
    key = "time_bucket(?::INTERVAL, x)"
    if rows.chart.aggregation not in ("count", "sum"):
        return _Steps(key, (interval,), name, _date_labels(rows, key, (interval,)))
    # Where nothing happened, a number of rows and a sum are truly zero: those buckets are drawn too.
    found = rows.ask(
        f"SELECT unnest(generate_series(min({key}), max({key}), ?::INTERVAL)) AS k FROM used",  # noqa: S608 -- quoted
        [interval, interval, interval],
    )
    labels = rows.ask(
        "SELECT k, epoch_us(k) / 1000.0, k::VARCHAR FROM (SELECT unnest(?::TIMESTAMP[]) AS k) ORDER BY k",
        [[key for (key,) in found]],
    )
    return _Steps(key, (interval,), name, _texts(labels))


def _unit(rows: Rows, n_lines: int) -> tuple[str, str]:
    """The finest calendar unit that gives few enough buckets, and measures enough rows in each."""
    span = rows.ask("SELECT (epoch_us(max(x)) - epoch_us(min(x))) / 1e6 FROM used")[0][0]
    wanted = rows.n_used // (_ROWS_A_POINT * n_lines if measures(rows.chart) else 1)
    most = min(N_POINTS, max(_FEWEST_BUCKETS, wanted)) - 2  # the ends may begin one bucket each
    first = _DAY if rows.profile.column(rows.chart.x).stored == "DATE" else 0
    for name, interval, seconds in _UNITS[first:]:
        if span / seconds <= most:
            return name, interval
    return _UNITS[-1][0], _UNITS[-1][1]


def _date_labels(rows: Rows, key: str, values: Sequence[Any]) -> Mapping[Any, tuple[float, str]]:
    return _texts(
        rows.ask(
            "SELECT k, epoch_us(k) / 1000.0, k::VARCHAR "  # noqa: S608 -- our own text
            f"FROM (SELECT DISTINCT {key} AS k FROM used) ORDER BY k",
            values,
        )
    )


def _texts(found: Sequence[tuple[Any, ...]]) -> Mapping[Any, tuple[float, str]]:
    """Keys with position and text; days are written without their midnight."""
    midnight = " 00:00:00"
    days = all(text.endswith(midnight) for _, _, text in found)
    return {key: (at, text.removesuffix(midnight) if days else text) for key, at, text in found}


def _number_steps(rows: Rows) -> _Steps:
    if _is_single(rows):
        return _Steps("x", (), "", _number_labels(rows), single=True)
    n_values = len(rows.ask("SELECT DISTINCT x FROM used LIMIT ?", [N_POINTS + 1]))
    if n_values <= min(N_POINTS, max(_FEWEST_BUCKETS, rows.n_used // _ROWS_A_POINT)):
        return _Steps("x", (), "", _number_labels(rows))
    low, high = rows.ask("SELECT min(x), max(x) FROM used")[0]
    whole = rows.profile.column(rows.chart.x).stored == "BIGINT"
    n_bins = min(_N_BINS, max(_FEWEST_BUCKETS, rows.n_used // _ROWS_A_POINT))
    edges = round_edges(low, high, n_bins, whole=whole)
    labels = {
        place: (a / 2 + b / 2, f"{figure(a)} to {figure(b)}") for place, (a, b) in enumerate(pairwise(edges))
    }
    return _Steps(bin_sql("x", edges), (), "bin", labels)


def _number_labels(rows: Rows) -> Mapping[Any, tuple[float, str]]:
    return {x: (x, f"{x:.15g}") for (x,) in rows.ask("SELECT DISTINCT x FROM used ORDER BY x")}


def _marks(rows: Rows, steps: _Steps, colours: Groups) -> list[list[Mark]]:
    """The points of each colour, x rising."""
    found = rows.ask(
        f"{coloured_sql(f'{steps.key} AS k, {aggregate_sql(rows.chart)}', colours)} GROUP BY k, gc",
        [*steps.values, *coloured_values(colours)],
    )
    known = {(key, colour): with_interval(numbers) for key, *numbers, colour in found}
    zero = 0 if steps.words and rows.chart.aggregation in ("count", "sum") else None
    lines: list[list[Mark]] = []
    for colour in range(len(colours.labels)):
        points = (
            (at, *known.get((key, colour), (zero, None, None, 0))) for key, (at, _) in steps.labels.items()
        )
        lines.append([point for point in points if point[4] or zero is not None])
    return lines


def _header(chart: Chart, what: str, *, means: bool) -> tuple[str, ...]:
    head = (chart.x, *((chart.colour,) if chart.colour else ()), what)
    if not measures(chart):
        return head
    return (*head, *(("95 % from", "95 % to") if means else ()), "rows", "remark")


def _row(
    text: str, colour: str | None, mark: Mark, *, means: bool, chart: Chart, single: bool
) -> tuple[float | str | None, ...]:
    _, value, low, high, n = mark
    head = (text, *((colour,) if colour is not None else ()), value)
    if not measures(chart):
        return head
    few = "few rows" if 0 < n < FEW_ROWS and not single else ""
    return (*head, *((low, high) if means else ()), n, few)


def _notes(chart: Chart, steps: _Steps, marks: list[list[Mark]], *, means: bool) -> tuple[str, ...]:
    if steps.single:
        return ("Each point is one row.",)
    notes = (INTERVAL_NOTE,) if means else ()
    if steps.words == "bin":
        notes = (
            f"{chart.x} is cut into {len(steps.labels)} equal bins; points lie in their middles.",
            *notes,
        )
    elif steps.words and chart.aggregation not in ("count", "sum"):
        notes = (*notes, f"Where a {steps.words} has no rows the line passes over it.")
    counts = [mark[4] for line in marks for mark in line] if measures(chart) else []
    return (*notes, *few_note(counts, mark="marked"))


def _description(
    chart: Chart, what: str, over: str, texts: Mapping[float, str], marks: list[list[Mark]]
) -> str:
    known = [(mark[1], texts[mark[0]]) for line in marks for mark in line if mark[1] is not None]
    first, last = next(iter(texts.values())), list(texts.values())[-1]
    begin = f"Line chart of {what} over {chart.x}{over}, {first} to {last}, {counted(len(known), 'point')}."
    if not known:
        return begin
    (low, lowest), (high, highest) = min(known), max(known)
    return f"{begin} Smallest: {figure(low)} ({lowest}); largest: {figure(high)} ({highest})."
