"""One number of each group's rows, and the 95 % interval of means."""

import math
from collections.abc import Sequence
from typing import Any

from scipy.special import stdtrit

from beanft.engine.charts.chart import Chart
from beanft.engine.charts.samples import quantiles_sql, sampling_step
from beanft.engine.plain import finite

_SQL = {
    "count": "count(*)",
    "mean": "favg(y)",
    "median": "median(y)",
    "sum": "fsum(y)",
    "min": "min(y)",
    "max": "max(y)",
    "sd": "stddev_samp(y)",
    "distinct": "count(DISTINCT y)",
}
_ABOUT = {
    "median": "{median}[1]",
    "distinct": "approx_count_distinct(y)",
}
_TAIL = 0.975  # both tails together leave 5 %

INTERVAL_NOTE = "Thin lines are 95 % intervals of the means (Student’s t); groups of one row have none."
"""What error bars are, in words."""


ADDITIVE = ("count", "sum")
"""Aggregations whose parts add up to the whole."""


def aggregate_sql(chart: Chart, n_rows: int = 0) -> str:
    """Write the aggregates of a chart: value, standard deviation, rows.

    Parameters
    ----------
    chart : Chart
        The description.
    n_rows : int
        Rows that are aggregated; of very many, medians and numbers of different values are estimates.

    Returns
    -------
    str
        Three SQL expressions over y.

    Examples
    --------
    >>> aggregate_sql(Chart(kind="bar", x="a"))
    'count(*), NULL::DOUBLE, count(*)'
    """
    spread = "stddev_samp(y)" if chart.aggregation == "mean" else "NULL::DOUBLE"
    return f"{value_sql(chart, n_rows)}, {spread}, count(*)"


def value_sql(chart: Chart, n_rows: int = 0) -> str:
    """Write the SQL of the value alone.

    Parameters
    ----------
    chart : Chart
        The description.
    n_rows : int
        Rows that are aggregated.

    Returns
    -------
    str
        SQL over y; see `aggregate_sql`.
    """
    if not is_estimate(chart, n_rows):
        return _SQL[chart.aggregation]
    return _ABOUT[chart.aggregation].format(median=quantiles_sql("y", [0.5], n_rows))


def is_estimate(chart: Chart, n_rows: int) -> bool:
    """Tell whether values are estimates, which must be said.

    Parameters
    ----------
    chart : Chart
        The description.
    n_rows : int
        Rows that are aggregated.

    Returns
    -------
    bool
        True for medians and numbers of different values of more than a million rows.

    Examples
    --------
    >>> is_estimate(Chart(kind="bar", aggregation="median"), 10**7)
    True
    """
    return chart.aggregation in _ABOUT and sampling_step(n_rows) > 1


def estimate_note(chart: Chart, n_rows: int) -> tuple[str, ...]:
    """Say that values are estimates, where they are.

    Parameters
    ----------
    chart : Chart
        The description.
    n_rows : int
        Rows that are aggregated.

    Returns
    -------
    tuple of str
        One sentence, or none.

    Examples
    --------
    >>> estimate_note(Chart(kind="bar", aggregation="distinct"), 10**7)
    ('Numbers of different values are estimates, within a few per cent.',)
    """
    if not is_estimate(chart, n_rows):
        return ()
    if chart.aggregation == "distinct":
        return ("Numbers of different values are estimates, within a few per cent.",)
    return (
        "Medians are about right: they come from an even sample of one in "
        f"{sampling_step(n_rows)} rows, the same every time.",
    )


def with_interval(found: Sequence[Any]) -> tuple[float | None, float | None, float | None, int]:
    """Turn value, standard deviation and rows into value, interval and rows.

    Parameters
    ----------
    found : sequence of (value, sd, n)
        What `aggregate_sql` gives; sd is None for all but means.

    Returns
    -------
    tuple of (value, low, high, n)
        The 95 % interval mean ± t · sd / √n; None where there is none, or where a number overflowed.

    Examples
    --------
    >>> value, low, high, n = with_interval((10.0, 2.0, 4))
    >>> round(low, 3), round(high, 3)
    (6.818, 13.182)
    """
    value, sd, n = found
    value = finite(value)
    half = finite(sd)
    if value is None or half is None or n < 2:
        return value, None, None, n
    half *= float(stdtrit(n - 1, _TAIL)) / math.sqrt(n)
    return value, finite(value - half), finite(value + half), n
