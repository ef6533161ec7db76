"""Round bins for the axes of a heat map, and how they are called."""

import math
from collections.abc import Sequence

from beanft.engine.charts.words import figure


def cell_edges(low: float, high: float, whole: bool, n_bins: int) -> tuple[float, ...]:
    """Choose round edges of equal bins.

    Parameters
    ----------
    low, high : float
        Smallest and largest value.
    whole : bool
        Whether the values are whole numbers; few of them get one bin each, and of many the last bin ends
        above the largest, so that it holds as many numbers as the others.
    n_bins : int
        Bins that are aimed at.

    Returns
    -------
    tuple of float
        Rising round edges, one more than bins.
    """
    if low == high:
        return (low, high)
    step = high / n_bins - low / n_bins
    power = 10.0 ** math.floor(math.log10(step)) if step > 1e-300 else 0.0
    step = next((nice * power for nice in (1, 2, 2.5, 5, 10) if nice * power >= step * 0.999999), step)
    if whole:
        step = max(1.0, math.ceil(step))
    if whole and step == 1 and max(-low, high) < 2**50:
        return tuple(low - 0.5 + place for place in range(int(high - low) + 2))
    first, last = math.floor(low / step), math.floor(high / step) + 1 if whole else math.ceil(high / step)
    edges = tuple(float(f"{place * step:.15g}") for place in range(first, last + 1))
    rising = all(edges[place] < edges[place + 1] for place in range(len(edges) - 1))
    if rising and len(edges) > 1 and edges[0] <= low and high <= edges[-1] and max(-low, high) < 1e300:
        return edges
    return (low, high)


def inner_range(low: float, high: float, quantiles: Sequence[float]) -> tuple[float, float]:
    """Choose the range that bins of equal width cover; few far values would leave the others one bin.

    Parameters
    ----------
    low, high : float
        Smallest and largest value.
    quantiles : sequence of float
        5 %, 25 %, 50 %, 75 % and 95 % quantiles of the column, or none.

    Returns
    -------
    tuple of (float, float)
        The whole range, or the middle 90 % of the column and half their width on either side.

    Examples
    --------
    >>> inner_range(0, 1000, (1, 2, 3, 4, 5))
    (0, 7.0)
    """
    ends = inner_ends(quantiles)
    if not ends or low > quantiles[1] or high < quantiles[3]:
        return low, high
    return max(low, ends[0]), min(high, ends[1])


def inner_ends(quantiles: Sequence[float]) -> tuple[float, float] | None:
    """Choose the range in which bins are equal.

    Parameters
    ----------
    quantiles : sequence of float
        5 %, 25 %, 50 %, 75 % and 95 % quantiles of a column.

    Returns
    -------
    tuple of float or None
        Ends of the middle 90 % and half their width on either side; None where they are one.
    """
    if len(quantiles) != 5 or quantiles[0] == quantiles[4]:
        return None
    half = quantiles[4] / 2 - quantiles[0] / 2
    return quantiles[0] - half, quantiles[4] + half


def wider_words(inner: tuple[float, float], low: float, high: float) -> str:
    """Say which bins are wider than the others.

    Parameters
    ----------
    inner : tuple of float
        Range in which bins are equal.
    low, high : float
        Smallest and largest value.

    Returns
    -------
    str
        The end of a sentence; empty where no bin is wider.
    """
    first, last = inner[0] > low, inner[1] < high
    if not (first or last):
        return ""
    ends = "The first and the last" if first and last else "The first" if first else "The last"
    verbs = "are wider and hold" if first and last else "is wider and holds"
    return f". {ends} {verbs} all beyond"


def range_labels(ends: Sequence[tuple[float, float]], name: str = "") -> tuple[str, ...]:
    """Name bins by their ends.

    Parameters
    ----------
    ends : sequence of (float, float)
        Ends of each bin.
    name : str
        The column, which may say that they are years.

    Returns
    -------
    tuple of str
        Such as "10 to 20"; the number itself where a bin is one whole number.
    """
    if all(b - a == 1 and not float(a).is_integer() for a, b in ends):
        return tuple(figure(math.ceil(a), name) for a, _ in ends)
    labels = tuple(f"{figure(a, name)} to {figure(b, name)}" for a, b in ends)
    return labels if len(set(labels)) == len(labels) else tuple(f"{a:.15g} to {b:.15g}" for a, b in ends)
