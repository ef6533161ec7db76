"""One number of each group's rows, and the 95 % interval of means."""

import math
from collections.abc import Sequence
from typing import Any

from scipy.special import stdtrit

from beanft.engine.charts.chart import Chart

_SQL = {
    "count": "count(*)",
    "mean": "favg(y)",
    "median": "median(y)",
    "sum": "fsum(y)",
    "min": "min(y)",
    "max": "max(y)",
}
_TAIL = 0.975  # both tails together leave 5 %

INTERVAL_NOTE = "Thin lines are 95 % intervals of the means (Student’s t); groups of one row have none."
"""What error bars are, in words."""


def aggregate_sql(chart: Chart) -> str:
    """Write the aggregates of a chart: value, standard deviation, rows.

    Parameters
    ----------
    chart : Chart
        The description.

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
    return f"{_SQL[chart.aggregation]}, {spread}, count(*)"


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


def finite(value: float | None) -> float | None:
    """Pass a finite number on, else None.

    Parameters
    ----------
    value : float or None
        What the database answered.

    Returns
    -------
    float or None
        The number, unless it overflowed.

    Examples
    --------
    >>> finite(float("inf")) is None
    True
    """
    return value if value is not None and math.isfinite(value) else None
