"""How charts write numbers and names in their sentences and titles."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from beanft.engine.charts.catalogue import AGGREGATIONS
from beanft.engine.charts.chart import Chart, measured_part, measures
from beanft.engine.tables.wording import is_year

FEW_ROWS = 5
"""Groups of fewer rows are marked: their figures say little."""


def figure(value: float | int | None, name: str = "") -> str:
    """Write a number for a sentence, four significant digits.

    Parameters
    ----------
    value : float, int or None
        A number.
    name : str
        Its column, which may say that it is a year.

    Returns
    -------
    str
        Such as "1,235" or "0.1235"; a dash for None.

    Examples
    --------
    >>> figure(0.123456), figure(1234567.0), figure(None)
    ('0.1235', '1,234,567', '–')
    >>> figure(1974, "year"), figure(1974, "price")
    ('1974', '1,974')
    """
    if value is None:
        return "–"
    if name and is_year(name, value) and float(value).is_integer():
        return str(int(value))
    if abs(value) < 1e15 and float(value).is_integer():
        return f"{int(value):,}"
    return f"{value:,.1f}" if 1000 <= abs(value) < 1e9 else f"{value:.4g}"


def ranges_in_words(ranges: Sequence[Mapping[str, Any]], name: str = "") -> list[str]:
    """Write ranges side by side with as few digits as tell the ends of the narrowest one apart.

    Parameters
    ----------
    ranges : sequence of mapping
        Each with low and high.
    name : str
        Their column, which may say that they are years.

    Returns
    -------
    list of str

    Examples
    --------
    >>> ranges_in_words([{"low": 178.859, "high": 307.418}, {"low": 307.418, "high": 330.5}])
    ['179 to 307', '307 to 330']
    >>> ranges_in_words([{"low": 0.1234, "high": 0.1251}]), ranges_in_words([{"low": 5.0, "high": 5.0}])
    (['0.1234 to 0.1251'], ['5 to 5'])
    >>> ranges_in_words([{"low": 132_212.0, "high": 187_404.0}], "price")
    ['132,000 to 187,000']
    """
    widths = [one["high"] - one["low"] for one in ranges if one["high"] > one["low"]]
    decimals = 1 - math.floor(math.log10(min(widths))) if widths else 0
    if all(float(value).is_integer() for one in ranges for value in (one["low"], one["high"])):
        decimals = min(decimals, 0)

    def end(value: float) -> str:
        return (
            figure(value, name) if is_year(name, value) else f"{round(value, decimals):,.{max(0, decimals)}f}"
        )

    return [f"{end(one['low'])} to {end(one['high'])}" for one in ranges]


def per_cent(value: float) -> str:
    """Write a share for a sentence, so that a small one is not called none, nor a large one all.

    Parameters
    ----------
    value : float
        Per cent, from 0 to 100.

    Returns
    -------
    str
        Such as "37 %".

    Examples
    --------
    >>> per_cent(36.6), per_cent(0.214), per_cent(99.7), per_cent(100.0)
    ('37 %', '0.21 %', '99.7 %', '100 %')
    """
    if 0 < value < 1:
        return f"{value:.2g} %"
    rounded = f"{value:.0f}"
    if rounded == "100" and value < 100 - 1e-9:
        rounded = f"{min(value, 99.9):.1f}"
    return f"{rounded} %"


def by(*names: str) -> str:
    """Write what a chart is split by, for a title.

    Parameters
    ----------
    *names : str
        Columns; empty ones and repetitions are passed over.

    Returns
    -------
    str
        Such as " by species and sex".

    Examples
    --------
    >>> by("species", "sex"), by("", "")
    (' by species and sex', '')
    """
    used = list(dict.fromkeys(name for name in names if name))
    return f" by {' and '.join(used)}" if used else ""


def measured(chart: Chart) -> str:
    """Name what bars and lines measure.

    Parameters
    ----------
    chart : Chart
        The description.

    Returns
    -------
    str
        Such as "mean of price", or "rows".

    Examples
    --------
    >>> measured(Chart(kind="bar", x="a", y="price", aggregation="mean"))
    'mean of price'
    """
    if not measures(chart):
        return "rows"
    return f"{AGGREGATIONS[chart.aggregation].lower()} of {getattr(chart, measured_part(chart) or 'y')}"


def few_note(counts: Sequence[int], *, mark: str = "drawn pale and marked") -> tuple[str, ...]:
    """Say how many groups have so few rows that their figures say little.

    Parameters
    ----------
    counts : sequence of int
        Rows of each drawn group; groups without rows are none.
    mark : str
        How they are marked.

    Returns
    -------
    tuple of str
        One sentence, or none.

    Examples
    --------
    >>> few_note([4, 5])
    ('1 group has fewer than 5 rows: drawn pale and marked “few rows” in the table.',)
    """
    n_few = sum(0 < n < FEW_ROWS for n in counts)
    if not n_few:
        return ()
    groups = "1 group has" if n_few == 1 else f"{n_few:,} groups have"
    return (f"{groups} fewer than {FEW_ROWS} rows: {mark} “few rows” in the table.",)
