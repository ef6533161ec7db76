"""Cuts the axis of lines and areas into steps: calendar units, numbers, bins, or single rows."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from beanft.engine.charts.bins import round_edges
from beanft.engine.charts.chart import is_date, measures
from beanft.engine.charts.links import Link, moment_link, range_link, value_link
from beanft.engine.charts.rows import Rows
from beanft.engine.charts.words import figure
from beanft.engine.errors import EngineError

N_POINTS = 500
"""Most points along x where the unit is chosen from the data."""

_MOST_MARKS = 3000  # of all lines together, where the unit is asked for; more would not be seen nor sent
_N_BINS = 100  # most bins of a number whose values have too few rows each
_ROWS_A_POINT = 10  # means of fewer rows scatter so much that their intervals hide the line
_FEWEST_STEPS = 30  # a table of few rows still gets so many points, if its dates or numbers span them
DAY_US = 86_400_000_000
"""Microseconds of a day."""

_MONDAY_US = 4 * DAY_US  # 5 January 1970 was a Monday


@dataclass(frozen=True)
class Unit:
    """A unit of time."""

    name: str
    """What people call it."""
    interval: str
    """Interval of DuckDB."""
    seconds: int
    """Its least length."""

    @property
    def is_fixed(self) -> bool:
        """Whether it is always equally long."""
        return self.seconds <= 604_800


_UNITS = tuple(
    Unit(*unit)
    for unit in (
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
)
_DAY = 7  # place of "day"


@dataclass(frozen=True)
class Place:
    """One step along the axis."""

    at: float
    """Position; of dates, milliseconds since 1970 UTC."""
    text: str
    """What the table calls it."""
    link: Link | None
    """Its rows as filters; None where filters cannot say it."""


@dataclass(frozen=True)
class Steps:
    """How x is cut into steps."""

    words: str
    """What a step is, such as "month" or "bin"; empty where every x stands for itself."""
    places: Mapping[float, Place] = field(default_factory=dict)
    """The steps in their order, where they are known before the rows are: by first microsecond, or by bin."""
    is_single: bool = False
    """Whether each point is one row."""
    unit: Unit | None = None
    """The unit of time; None for numbers and single rows."""
    edges: tuple[float, ...] = ()
    """Edges of bins."""
    first_us: int = 0
    """First microsecond of all."""
    is_partial: tuple[bool, bool] = (False, False)
    """Whether the rows begin after the first day of the first unit, and end before the last day of the last
    one."""


def cut(rows: Rows, n_lines: int) -> Steps:
    """Choose the steps of x.

    Parameters
    ----------
    rows : Rows
        Rows with a date or number x.
    n_lines : int
        Colours that are drawn, which share the rows.

    Returns
    -------
    Steps
        The finest steps that give few enough points, with rows enough in each.

    Raises
    ------
    EngineError
        When a unit of time is asked for that gives too many points.
    """
    dates = is_date(rows.profile.column(rows.chart.x))
    if _is_single(rows) and not (dates and rows.chart.bucket):
        return Steps("", is_single=True)
    return _date_steps(rows, n_lines) if dates else _number_steps(rows)


def _is_single(rows: Rows) -> bool:
    """Whether there are so few rows that each can be a point of its own."""
    chart = rows.chart
    if not measures(chart) or chart.aggregation in ("sd", "distinct") or rows.n_used > N_POINTS:
        return False
    return not rows.ask("SELECT 1 FROM used GROUP BY x, c HAVING count(*) > 1 LIMIT 1")


def _date_steps(rows: Rows, n_lines: int) -> Steps:
    first, last = (
        rows.known_moments("x")
        or rows.ask(
            "SELECT epoch_us(low), epoch_us(high) FROM (SELECT min(x) AS low, max(x) AS high FROM used)"
        )[0]
    )
    unit = _asked(rows, n_lines, first, last) if rows.chart.bucket else _fitting(rows, n_lines, first, last)
    found = rows.ask(
        "SELECT epoch_us(k), epoch_us(k + ?::INTERVAL), k::VARCHAR FROM (SELECT unnest(generate_series("
        "time_bucket(?::INTERVAL, make_timestamp(?)), make_timestamp(?), ?::INTERVAL)) AS k) ORDER BY k",
        [unit.interval, unit.interval, first, last, unit.interval],
    )
    texts = day_texts([text for *_, text in found])
    column = rows.profile.column(rows.chart.x)
    places = {
        begin: Place(begin / 1000, text, moment_link(column, begin, end))
        for (begin, end, _), text in zip(found, texts, strict=True)
    }
    is_partial = _is_partial(first, last, unit, [(begin, end) for begin, end, _ in found])
    return Steps(unit.name, places, unit=unit, first_us=begin_of(first, unit), is_partial=is_partial)


def _is_partial(first: int, last: int, unit: Unit, ends: Sequence[tuple[int, int]]) -> tuple[bool, bool]:
    """Whether the first and the last unit are not full; one row a unit, at its beginning, is full."""
    if unit.seconds <= DAY_US // 1_000_000 or (first == ends[0][0] and last == ends[-1][0]):
        return False, False
    return first // DAY_US * DAY_US > ends[0][0], last // DAY_US * DAY_US + DAY_US < ends[-1][1]


def begin_of(moment_us: int, unit: Unit) -> int:
    """Find where the unit of a moment begins; for units that are not fixed, its day.

    Parameters
    ----------
    moment_us : int
        Microseconds since 1970 UTC.
    unit : Unit
        The unit.

    Returns
    -------
    int
        Microseconds since 1970 UTC.

    Examples
    --------
    >>> begin_of(-1, Unit("day", "1 day", 86_400)) == -DAY_US
    True
    """
    if unit.seconds == 604_800:
        return (moment_us - _MONDAY_US) // (7 * DAY_US) * 7 * DAY_US + _MONDAY_US
    length = min(unit.seconds * 1_000_000, DAY_US)
    return moment_us // length * length


def _asked(rows: Rows, n_lines: int, first: int, last: int) -> Unit:
    """The unit of the description."""
    unit = next(unit for unit in _UNITS if unit.name == rows.chart.bucket)
    n_steps = (last - first) / 1e6 / unit.seconds + 1
    if n_steps * n_lines > _MOST_MARKS:
        raise EngineError(
            f"By {unit.name} this would be about {math.ceil(n_steps * n_lines):,} points, more than can be "
            f"seen ({_MOST_MARKS:,}). Choose a longer unit of time, or fewer rows by a filter."
        )
    return unit


def _fitting(rows: Rows, n_lines: int, first: int, last: int) -> Unit:
    """The finest calendar unit that gives few enough buckets, and measures enough rows in each."""
    wanted = rows.n_used // (_ROWS_A_POINT * n_lines if measures(rows.chart) else 1)
    most = min(N_POINTS, max(_FEWEST_STEPS, wanted)) - 2  # the ends may begin one bucket each
    finest = _DAY if rows.profile.column(rows.chart.x).stored == "DATE" else 0
    span = (last - first) / 1e6
    return next((unit for unit in _UNITS[finest:] if span / unit.seconds <= most), _UNITS[-1])


def day_texts(texts: list[str]) -> list[str]:
    """Write days without their midnight, where all are days.

    Parameters
    ----------
    texts : list of str
        Moments as the engine writes them.

    Returns
    -------
    list of str
        The same, shorter where that loses nothing.

    Examples
    --------
    >>> day_texts(["2024-01-01 00:00:00", "2024-01-02 00:00:00"])
    ['2024-01-01', '2024-01-02']
    """
    midnight = " 00:00:00"
    days = all(text.endswith(midnight) for text in texts)
    return [text.removesuffix(midnight) for text in texts] if days else texts


def _number_steps(rows: Rows) -> Steps:
    most = min(N_POINTS, max(_FEWEST_STEPS, rows.n_used // _ROWS_A_POINT))
    column = rows.profile.column(rows.chart.x)
    if column.n_distinct <= most:
        return Steps("")
    is_sure = rows.is_whole and column.n_distinct > 2 * N_POINTS  # the profile may have estimated it
    if not is_sure and len(rows.ask("SELECT DISTINCT x FROM used LIMIT ?", [most + 1])) <= most:
        return Steps("")
    low, high = rows.ask("SELECT min(x), max(x) FROM used")[0]
    n_bins = min(_N_BINS, max(_FEWEST_STEPS, rows.n_used // _ROWS_A_POINT))
    edges = round_edges(low, high, n_bins, whole=column.stored == "BIGINT")
    ends = list(pairwise(edges))
    places = {
        float(place): Place(
            a / 2 + b / 2,
            f"{figure(a, column.name)} to {figure(b, column.name)}",
            range_link(column, a, b, is_last=place == len(ends) - 1),
        )
        for place, (a, b) in enumerate(ends)
    }
    return Steps("bin", places, edges=edges)


def number_place(rows: Rows, x: float) -> Place:
    """Name a number that stands for itself.

    Parameters
    ----------
    rows : Rows
        The rows of the chart.
    x : float
        The number.

    Returns
    -------
    Place
        Its position and its text.
    """
    return Place(x, f"{x:.15g}", value_link(rows.profile.column(rows.chart.x), x))


def moment_places(rows: Rows, moments: list[int]) -> list[Place]:
    """Name moments that stand for themselves.

    Parameters
    ----------
    rows : Rows
        The rows of the chart.
    moments : list of int
        Microseconds since 1970 UTC.

    Returns
    -------
    list of Place
        Position and text of each.
    """
    found = rows.ask("SELECT make_timestamp(k)::VARCHAR FROM (SELECT unnest(?::BIGINT[]) AS k)", [moments])
    column = rows.profile.column(rows.chart.x)
    return [
        Place(at / 1000, text, moment_link(column, at, at + (DAY_US if column.stored == "DATE" else 1)))
        for at, text in zip(moments, day_texts([text for (text,) in found]), strict=True)
    ]
