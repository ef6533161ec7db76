"""Names the smallest and the largest group of a chart, with what makes their figures unsure."""

from collections.abc import Sequence
from typing import NamedTuple

from beanft.engine.charts.words import FEW_ROWS, figure
from beanft.engine.tables.wording import counted


class Named(NamedTuple):
    """One figure of a chart."""

    value: float
    """The figure."""
    label: str
    """Its group."""
    n: int
    """Rows behind it."""
    low: float | None = None
    """Lower end of its 95 % interval, where it has one."""
    high: float | None = None
    """Upper end of the interval."""


def extremes(found: Sequence[Named], *, what: str = "", unit: str = "", is_exact: bool = False) -> str:
    """Name the smallest and the largest figure; those of few rows only where there are no others.

    Parameters
    ----------
    found : sequence of Named
        The figures.
    what : str
        What they are, such as "median".
    unit : str
        What stands behind each, such as " %".
    is_exact : bool
        Whether few rows do not make them unsure, as numbers of rows and sums.

    Returns
    -------
    str
        Sentences; empty where there is no figure.

    Examples
    --------
    >>> extremes([Named(9.0, "a", 1), Named(2.0, "b", 50), Named(3.0, "c", 60)])
    'Smallest: 2 (b); largest: 3 (c). 1 group of fewer than 5 rows is not compared here.'
    >>> extremes([Named(9.0, "a", 2)], what="median")
    'The median is 9 (a, 2 rows).'
    """
    enough = [one for one in found if is_exact or one.n >= FEW_ROWS]
    chosen = enough or found
    if not chosen:
        return ""
    n_few = len(found) - len(chosen)
    few = f" {counted(n_few, 'group')} of fewer than {FEW_ROWS} rows {'is' if n_few == 1 else 'are'}"
    return _compared(chosen, what, unit, is_exact=is_exact) + (f"{few} not compared here." if n_few else "")


def _compared(chosen: Sequence[Named], what: str, unit: str, *, is_exact: bool) -> str:
    low, high = min(chosen, key=lambda one: one[:2]), max(chosen, key=lambda one: one[:2])
    lowest, highest = (_told(one, unit, is_exact=is_exact) for one in (low, high))
    if len(chosen) == 1:
        return f"The {what or 'value'} is {lowest}."
    if low.value == high.value:
        return f"All {len(chosen):,} {what or 'value'}s are {figure(low.value)}{unit}."
    named = f" {what}" if what else ""
    return f"Smallest{named}: {lowest}; largest: {highest}."


def _told(one: Named, unit: str, *, is_exact: bool) -> str:
    parts = [one.label]
    if one.low is not None and one.high is not None:
        parts.append(f"95 % interval {figure(one.low)} to {figure(one.high)}")
    if not is_exact and one.n < FEW_ROWS:
        parts.append(counted(one.n, "row"))
    return f"{figure(one.value)}{unit} ({', '.join(parts)})"
