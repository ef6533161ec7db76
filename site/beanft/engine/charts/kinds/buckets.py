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
    first, last, span = rows.frame.ask(
        f"SELECT min(x)::VARCHAR, max(x)::VARCHAR, (epoch_us(max(x)) - epoch_us(min(x))) / 1e6 "  # noqa: S608 -- "x" or "y"
        f"FROM (SELECT {part}::TIMESTAMP AS x FROM used)"
    )[0]
    (unit, interval), notes = _unit(rows.chart, column, span)
    found = rows.frame.ask(
        "SELECT k::VARCHAR, epoch_us(k), epoch_us(k + ?::INTERVAL) FROM (SELECT unnest("
        "generate_series(date_trunc(?, ?::TIMESTAMP), date_trunc(?, ?::TIMESTAMP), ?::INTERVAL)) AS k) "
        "ORDER BY k",
        [interval, unit, first, unit, last, interval],
    )
    labels = tuple(bucket_label(start, unit) for start, *_ in found)
    is_quick = unit in _QUICK and all(len(start) == len("2024-01-01 00:00:00") for start, *_ in found)
    return Axis(
        name=column.name,
        heads=axis_heads(column),
        key=_QUICK[unit].format(x=f"used.{part}::TIMESTAMP")
        if is_quick
        else f"date_trunc(?, used.{part}::TIMESTAMP)",
        values=() if is_quick else (unit,),
        join="",
        join_values=(),
        labels=labels,
        cells=tuple((label,) for label in labels),
        filters=tuple(moment_link(column, begin, end) for _, begin, end in found),
        places={
            _quick_key(start, unit) if is_quick else start: place for place, (start, *_) in enumerate(found)
        },
        notes=notes,
    )


# Whole numbers that tell buckets apart are had in half the time.
_QUICK = {
    "month": "12 * year({x}) + month({x})",
    "quarter": "12 * year({x}) + 3 * quarter({x})",
    "year": "year({x})",
}


def _quick_key(start: str, unit: str) -> int:
    year, month = int(start[:4]), int(start[5:7])
    return {"month": 12 * year + month, "quarter": 12 * year + month + 2, "year": year}[unit]


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
