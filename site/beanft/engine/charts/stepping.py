"""Aggregates the rows of each step of x and each colour: the points of lines and areas."""

from typing import Any

from beanft.engine.charts.aggregates import aggregate_sql
from beanft.engine.charts.binned import binned
from beanft.engine.charts.catalogue import N_SERIES
from beanft.engine.charts.chart import is_date
from beanft.engine.charts.colours import Split, placed_split, settle, split_of, stepped
from beanft.engine.charts.groups import Groups, find_groups
from beanft.engine.charts.rows import Rows
from beanft.engine.charts.steps import DAY_US, Steps

_PARTS = {
    "count": "count(*) AS n, count(*) AS a",
    "sum": "count(*) AS n, fsum(y) AS a",
    "min": "count(*) AS n, min(y) AS a",
    "max": "count(*) AS n, max(y) AS a",
    "mean": "count(*) AS n, favg(y) AS a, var_pop(y) AS v",
    "sd": "count(*) AS n, favg(y) AS a, var_pop(y) AS v",
}
"""What of a day is enough to know the same of a month."""

_WHOLE = {
    "count": "sum(n)::BIGINT, NULL::DOUBLE",
    "sum": "fsum(a), NULL::DOUBLE",
    "min": "min(a), NULL::DOUBLE",
    "max": "max(a), NULL::DOUBLE",
    "mean": "sum(n * a) / sum(n), {sd}",
    "sd": "{sd}, NULL::DOUBLE",
}
_DAY_S = 86_400
# The spread within the days and that between their means around the mean of all.
_SD = "CASE WHEN sum(n) > 1 THEN sqrt(sum(n * (v + (a - m) ** 2)) / (sum(n) - 1)) END"


def find_points(rows: Rows, steps: Steps) -> tuple[Groups, list[list[Any]]]:
    """Aggregate y over the steps of x, for each colour.

    Parameters
    ----------
    rows : Rows
        The rows of the chart.
    steps : Steps
        How x is cut.

    Returns
    -------
    colours : Groups
        The colours.
    found : list of [step, colour, value, sd, rows]
        One for each pair that has rows. A step is the first microsecond since 1970 UTC of a date, a number,
        or the place of a bin.
    """
    select = aggregate_sql(rows.chart, rows.n_used)
    if steps.edges:
        return binned(rows, steps.edges, select)
    if steps.unit is None:
        return stepped(rows, "epoch_us(x)" if is_date(rows.profile.column(rows.chart.x)) else "x", select)
    # Weeks of several colours are fewer groups than their days.
    is_fixed = steps.unit.seconds <= _DAY_S or (steps.unit.is_fixed and bool(rows.chart.colour))
    if not is_fixed and rows.chart.aggregation in _PARTS:
        return _rolled_up(rows, steps)
    if steps.unit.is_fixed:
        return _fixed(rows, steps, select)
    return stepped(rows, f"epoch_us(time_bucket(INTERVAL '{steps.unit.interval}', x))", select)


def _fixed(rows: Rows, steps: Steps, select: str) -> tuple[Groups, list[list[Any]]]:
    """A division is quicker than the calendar, a date quicker than a division; no x lies before the first."""
    length = steps.unit.seconds * 1_000_000 if steps.unit else DAY_US
    place = f"(epoch_us(x) - {steps.first_us}) // {length}"
    if length == DAY_US:
        place = f"x::DATE - DATE '1970-01-01' - ({steps.first_us // DAY_US})"
    colours, found = stepped(rows, f"({place})::USMALLINT", select)
    return colours, [[steps.first_us + place * length, *rest] for place, *rest in found]


def _rolled_up(rows: Rows, steps: Steps) -> tuple[Groups, list[list[Any]]]:
    """Weeks and longer from days, which are quicker to tell apart."""
    split = split_of(rows)
    colours, found = settle(rows, split, _by_days(rows, steps, split), 1)
    if len(colours.labels) <= N_SERIES:
        return colours, found
    split = placed_split(find_groups(rows, "c", N_SERIES))  # the profile knew of fewer
    return settle(rows, split, _by_days(rows, steps, split), 1)


def _by_days(rows: Rows, steps: Steps, split: Split) -> list[tuple[Any, ...]]:
    kind = rows.chart.aggregation
    interval = steps.unit.interval if steps.unit else "1 month"
    colour = "gc::VARCHAR" if split.colours is None else "gc"
    spread = ", sum(n * a) OVER w / sum(n) OVER w AS m" if "v" in _PARTS[kind].split() else ""
    days = (
        f"days AS MATERIALIZED (SELECT x::DATE AS d, {split.key} AS gc, {_PARTS[kind]} "  # noqa: S608 -- our own text
        f"FROM {split.source} GROUP BY d{split.grouping}), "
        f"named AS (SELECT *, epoch_us(time_bucket(INTERVAL '{interval}', d::TIMESTAMP)) AS k FROM days), "
        f"all_days AS (SELECT *{spread} FROM named{' WINDOW w AS (PARTITION BY k, gc)' if spread else ''})"
    )
    whole = _WHOLE[kind].format(sd=_SD)
    return rows.ask(
        f"SELECT k, {colour}, {whole}, sum(n)::BIGINT FROM all_days GROUP BY k, gc",  # noqa: S608 -- our own text
        split.values,
        days,
    )
