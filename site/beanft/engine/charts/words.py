"""How charts write numbers and names in their sentences and titles."""

from collections.abc import Sequence

from beanft.engine.charts.chart import AGGREGATIONS, Chart, measures

FEW_ROWS = 5
"""Groups of fewer rows are marked: their figures say little."""


def figure(value: float | int | None) -> str:
    """Write a number for a sentence, four significant digits.

    Parameters
    ----------
    value : float, int or None
        A number.

    Returns
    -------
    str
        Such as "1,235" or "0.1235"; a dash for None.

    Examples
    --------
    >>> figure(0.123456), figure(1234567.0), figure(None)
    ('0.1235', '1,234,567', '–')
    """
    if value is None:
        return "–"
    if abs(value) < 1e15 and float(value).is_integer():
        return f"{int(value):,}"
    return f"{value:,.1f}" if 1000 <= abs(value) < 1e9 else f"{value:.4g}"


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
    return f"{AGGREGATIONS[chart.aggregation].lower()} of {chart.y}"


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
