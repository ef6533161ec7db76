"""The axis of a heat map that shows dates: calendar buckets."""

from beanft.engine.charts.chart import Chart
from beanft.engine.charts.kinds.axis import MOST_PLACES, Axis, axis_heads
from beanft.engine.charts.links import moment_link
from beanft.engine.charts.rows import Rows
from beanft.engine.tables.columns import Column
from beanft.engine.tables.wording import shown

N_BUCKETS = 40
"""Most buckets of a date where none is asked for."""

UNITS = (
    ("minute", "1 minute", 60),
    ("hour", "1 hour", 3600),
    ("day", "1 day", 86_400),
    ("week", "7 days", 604_800),
    ("month", "1 month", 28 * 86_400),
    ("quarter", "3 months", 90 * 86_400),
    ("year", "1 year", 365 * 86_400),
    ("decade", "10 years", 3652 * 86_400),
    ("century", "100 years", 36_524 * 86_400),
    ("millennium", "1000 years", 365_242 * 86_400),
)
"""Calendar units: name as DuckDB knows it, interval, and fewest seconds."""

BUCKET_ENDS = {
    "minute": (16, ""),
    "hour": (16, ""),
    "day": (10, ""),
    "week": (10, " (week)"),
    "month": (7, ""),
    "quarter": (7, " (quarter)"),
    "year": (4, ""),
    "decade": (4, "s"),
    "century": (4, " (century)"),
    "millennium": (4, " (millennium)"),
}
"""How many letters of its first second name a bucket, and what follows them."""


def bucket_axis(rows: Rows, part: str, column: Column) -> Axis:
    """Cut an axis of dates into calendar buckets.

    Parameters
    ----------
    rows : Rows
        The rows of the chart.
    part : str
        "x" or "y".
    column : Column
        Its column.

    Returns
    -------
    Axis
        The buckets of the finest unit that gives few enough of them, or of the one that was asked for.
    """
    first, last = (
        rows.frame.known_moments(part)
        or rows.frame.ask(
            f"SELECT epoch_us(min(x)), epoch_us(max(x)) FROM (SELECT {part}::TIMESTAMP AS x FROM used)"  # noqa: S608 -- "x" or "y"
        )[0]
    )
    (unit, interval), notes = _unit(rows.chart, column, (last - first) / 1e6)
    found = rows.frame.ask(
        "SELECT k::VARCHAR, epoch_us(k), epoch_us(k + ?::INTERVAL) FROM (SELECT unnest("
        "generate_series(date_trunc(?, make_timestamp(?)), date_trunc(?, make_timestamp(?)), ?::INTERVAL)) "
        "AS k) ORDER BY k",
        [interval, unit, first, unit, last, interval],
    )
    labels = tuple(bucket_label(start, unit) for start, *_ in found)
    moment = f"used.{part}::TIMESTAMP"
    key = _quick_sql(moment, unit, *found[0][:2], n_letters=max(len(start) for start, *_ in found))
    return Axis(
        name=column.name,
        heads=axis_heads(column),
        key=key or f"date_trunc(?, {moment})",
        values=() if key else (unit,),
        join="",
        join_values=(),
        labels=labels,
        cells=tuple((label,) for label in labels),
        filters=tuple(moment_link(column, begin, end) for _, begin, end in found),
        places={place if key else start: place for place, (start, *_) in enumerate(found)},
        notes=notes,
    )


# Whole numbers that tell buckets apart are had in half the time.
_LENGTHS = {"minute": 60_000_000, "hour": 3_600_000_000, "day": 86_400_000_000, "week": 604_800_000_000}
_MONTHS = {"month": 1, "quarter": 3}  # quicker than the database's own quarter
_YEARS = {"year": 1, "decade": 10}


def _quick_sql(moment: str, unit: str, first: str, first_us: int, *, n_letters: int) -> str:
    """SQL of the place of a moment; empty where it must be cut by the calendar of the database."""
    if unit in _LENGTHS:
        return f"(epoch_us({moment}) - {first_us}) // {_LENGTHS[unit]}"
    if n_letters > len("2024-01-01 00:00:00"):  # before the year 1 or after 9999
        return ""
    year, month = int(first[:4]), int(first[5:7])
    if unit in _MONTHS:
        return f"(12 * year({moment}) + month({moment}) - {12 * year + month}) // {_MONTHS[unit]}"
    return f"(year({moment}) - {year}) // {_YEARS[unit]}" if unit in _YEARS else ""


def _unit(chart: Chart, column: Column, span_s: float) -> tuple[tuple[str, str], tuple[str, ...]]:
    """The unit that was asked for, or the finest that gives few enough buckets."""
    names = [name for name, *_ in UNITS]
    first = names.index(chart.bucket) if chart.bucket else names.index("day") * (column.stored == "DATE")
    most = (MOST_PLACES if chart.bucket else N_BUCKETS) - 2  # the ends may begin one bucket each
    name, interval, _ = next((one for one in UNITS[first:] if span_s / one[2] <= most), UNITS[-1])
    many = f"Cut by {chart.bucket}, {shown(column.name, 40)} would have more than {MOST_PLACES} buckets."
    notes = (f"{many} It is cut by {name}.",) if chart.bucket and name != chart.bucket else ()
    return (name, interval), notes


def bucket_label(start: str, unit: str) -> str:
    """Write a bucket by its beginning.

    Parameters
    ----------
    start : str
        ISO text of its first second.
    unit : str
        Name of the unit.

    Returns
    -------
    str
        As much of the text as tells it.

    Examples
    --------
    >>> bucket_label("2024-04-01 00:00:00", "month"), bucket_label("2024-04-01 00:00:00", "quarter")
    ('2024-04', '2024-04 (quarter)')
    """
    letters, end = BUCKET_ENDS[unit]
    return start[:letters] + end
