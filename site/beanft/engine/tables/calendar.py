"""Cuts a span of time at the first days of weeks, months and years, for histograms of dates."""

import math
from collections.abc import Iterator
from itertools import pairwise

_MOST_BINS = 24  # two years of months, a day of hours
DAY = 86_400
"""Seconds of a day."""

_MONDAY = 4 * DAY  # 1970-01-05
_CLOCK = (1, 5, 15, 30, 60, 300, 900, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600, DAY)
_WEEKS = (7 * DAY, 14 * DAY)
_MONTHS = (1, 3, 6, *(12 * digit * 10**power for power in range(7) for digit in (1, 2, 5)))
_SHORTEST_MONTH = 28 * DAY


def calendar_edges(low: float, high: float, *, whole_days: bool) -> tuple[float, ...]:
    """Choose the edges of at most 24 bins: calendar dates between the first and the last value.

    Parameters
    ----------
    low, high : float
        First and last value, in seconds since 1970 UTC.
    whole_days : bool
        Whether the values are days without a time; the last edge is then the end of the last day.

    Returns
    -------
    tuple of float
        Rising edges, one more than bins; empty when the span is not finite. The first is `low`.

    Examples
    --------
    >>> [civil(int(edge) // DAY) for edge in calendar_edges(10 * DAY, 150 * DAY, whole_days=True)[:3]]
    [(1970, 1, 11), (1970, 1, 12), (1970, 1, 19)]
    """
    if not math.isfinite(high - low):
        return ()
    for step, edges in _divisions(low, high + DAY if whole_days else high):
        if whole_days and step < DAY:
            continue
        if not whole_days and step <= DAY and (high % step == 0 or high == low):
            edges = (*edges[:-1], high, high + step)  # the last value begins a bin of its own
            edges = edges[1:] if edges[0] == edges[1] else edges
        if len(edges) - 1 <= _MOST_BINS and all(a < b for a, b in pairwise(edges)):
            return edges
    return ()


def _divisions(low: float, end: float) -> Iterator[tuple[float, tuple[float, ...]]]:
    """Steps in seconds with the edges they give, the finest first; those of far too many are left out."""
    for step in (*_CLOCK, *_WEEKS):
        if (end - low) / step <= _MOST_BINS + 1:
            offset = _MONDAY if step in _WEEKS else 0
            first = math.floor((low - offset) / step) + 1
            last = math.ceil((end - offset) / step) - 1
            yield step, (low, *(float(offset + at * step) for at in range(first, last + 1)), end)
    for months in _MONTHS:
        if (end - low) / (months * _SHORTEST_MONTH) <= _MOST_BINS * 1.2:
            yield months * _SHORTEST_MONTH, (low, *_firsts(low, end, months), end)


def _firsts(low: float, end: float, step: int) -> Iterator[float]:
    """First days of every `step` months that lie between."""
    year, month, _ = civil(math.floor(low / DAY))
    at = ((12 * year + month - 1) // step + 1) * step
    while (moment := float(DAY * _first_day(at))) < end:
        yield moment
        at += step


def _first_day(months: int) -> int:
    """Days from 1970 to the first day of a month, counted in months since the year 0.

    >>> _first_day(12 * 1970), _first_day(12 * 2024 + 2)
    (0, 19783)
    """
    year, month = divmod(months - 2, 12)  # years from March on, so that leap days are the last of them
    era, of_era = divmod(year, 400)
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + (153 * month + 2) // 5 - 719_468


def civil(days: int) -> tuple[int, int, int]:
    """Tell year, month and day; Python's own calendar ends at both sides.

    Source: Howard Hinnant, chrono-compatible low-level date algorithms.

    Parameters
    ----------
    days : int
        Days since 1970.

    Returns
    -------
    tuple of int
        Year, month from 1 and day from 1.

    Examples
    --------
    >>> civil(0), civil(-719529)
    ((1970, 1, 1), (-1, 12, 31))
    """
    days += 719_468
    era, of_era = divmod(days, 146_097)
    year = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    month = (5 * of_year + 2) // 153
    day = of_year - (153 * month + 2) // 5 + 1
    month = month + 3 if month < 10 else month - 9
    return year + era * 400 + (month <= 2), month, day
