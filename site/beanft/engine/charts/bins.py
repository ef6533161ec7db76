"""Bins with round edges for numbers, and the SQL that puts values into them exactly."""

import math
from bisect import bisect_right
from itertools import pairwise

_NICE = (1.0, 2.0, 2.5, 5.0, 10.0)
_ULPS = 8  # a bin narrower than this many floats cannot be told from its neighbour


def round_edges(low: float, high: float, n_bins: int, *, whole: bool = False) -> tuple[float, ...]:
    """Choose equal bins with round edges that cover a range.

    Parameters
    ----------
    low, high : float
        Smallest and largest value, finite.
    n_bins : int
        Number of bins that is aimed at; at most two more are given.
    whole : bool
        Whether the values are whole numbers; then bins of width 1 are centred on them, and wider ones end
        above the largest value, so that each holds as many numbers as the others.

    Returns
    -------
    tuple of float
        Rising edges, one more than bins. Bins hold their lower edge, the last one its upper edge too.

    Examples
    --------
    >>> round_edges(0, 10, 5)
    (0.0, 2.0, 4.0, 6.0, 8.0, 10.0)
    >>> round_edges(1, 3, 10, whole=True)
    (0.5, 1.5, 2.5, 3.5)
    >>> round_edges(0, 10, 5, whole=True)
    (0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0)
    """
    largest = max(abs(low), abs(high))
    if low == high:
        half = max(0.5, math.ulp(largest) * _ULPS)
        return (
            (low - half, low + half)
            if math.isfinite(low - half) and math.isfinite(low + half)
            else _wide(low, high, 1)
        )
    n_bins = max(1, min(n_bins, int((high / _ULPS - low / _ULPS) / math.ulp(largest))))
    if not math.isfinite(high - low) or largest > 1e300:
        return _wide(low, high, n_bins)
    step = _round_step((high - low) / n_bins, whole=whole)
    if whole and step == 1 and largest < 2**50:
        return tuple(low - 0.5 + place for place in range(round(high - low) + 2))
    first, last = math.floor(low / step), math.floor(high / step) + 1 if whole else math.ceil(high / step)
    edges = tuple(_multiple(place, step) for place in range(first, max(last, first + 1) + 1))
    rising = all(a < b for a, b in pairwise(edges))
    return edges if rising and edges[0] <= low and edges[-1] >= high else _wide(low, high, n_bins)


def log_edges(low: float, high: float, n_bins: int) -> tuple[float, ...]:
    """Choose bins that are equal in logarithmic space, so many to each power of ten.

    Parameters
    ----------
    low, high : float
        Smallest and largest value, finite and above zero.
    n_bins : int
        Number of bins that is aimed at; at most about twice as many are given.

    Returns
    -------
    tuple of float
        Rising edges, one more than bins.

    Examples
    --------
    >>> log_edges(2, 900, 2)
    (1.0, 10.0, 100.0, 1000.0)
    """
    first, last = math.log10(low), math.log10(high)
    wanted = n_bins / (last - first) if last > first else n_bins
    per_ten = next((many for many in _PER_TEN if many >= wanted), _PER_TEN[-1])
    begin, end = math.floor(first * per_ten), math.ceil(last * per_ten)
    if end - begin > 2 * n_bins + 2:  # many powers of ten to a bin
        per_ten = 1 / math.ceil((last - first) / n_bins)
        begin, end = math.floor(first * per_ten), math.ceil(last * per_ten)
    edges = tuple(_power(place / per_ten) for place in range(begin, max(end, begin + 1) + 1))
    begin_at = min(edges[0], low) or low  # a power of ten too small for a float is zero
    edges = (begin_at, *edges[1:-1], max(edges[-1], high))
    return edges if all(a < b for a, b in pairwise(edges)) else round_edges(low, high, n_bins)


def guess_sql(value: str, edges: tuple[float, ...], *, log: bool = False) -> str:
    """Write the place of a value among equal edges as SQL, quickly, but for values beside an edge.

    Parameters
    ----------
    value : str
        SQL of the value.
    edges : tuple of float
        Rising edges, equally spaced; in logarithmic space if `log`. Being our own floats they are written
        out: the engine then computes once a row, which with parameters it does not (2 s of 10 million rows).
    log : bool
        Whether they are spaced so.

    Returns
    -------
    str
        SQL of a whole number, from 0; values at the very ends may get one below or beyond.

    Examples
    --------
    >>> guess_sql("x", (0.0, 1.0, 2.0))
    'floor(x / 1.0::DOUBLE - -1e-09::DOUBLE)::INTEGER'
    """
    if log and len(edges) > 3 and edges[1] / edges[0] < math.inf:
        inner = [math.log10(edges[1]), math.log10(edges[-2])]  # the outermost may have been moved
        step = (inner[1] - inner[0]) / (len(edges) - 3)
        value, first = f"log10({value})", inner[0] / step - 1
    else:
        n = len(edges) - 1
        step = edges[-1] / n - edges[0] / n
        first = edges[0] / step
    return f"floor({value} / {step!r}::DOUBLE - {first - _NUDGE!r}::DOUBLE)::INTEGER"


def bin_sql(value: str, edges: tuple[float, ...], *, log: bool = False) -> str:
    """Write the place of a value among equal edges as SQL, exactly.

    A division guesses the bin and the edges themselves correct it, so that rounding never moves a value
    that lies on an edge.

    Parameters
    ----------
    value : str
        SQL of the value.
    edges : tuple of float
        As for `guess_sql`.
    log : bool
        Whether they are spaced in logarithmic space.

    Returns
    -------
    str
        SQL of the place from 0.

    Examples
    --------
    >>> bin_sql("x", (0.0, 1.0, 2.0)).startswith("CASE WHEN x < ")
    True
    """
    last = len(edges) - 2
    guess = f"least(greatest({guess_sql(value, edges, log=log)}, 0), {last})"
    listed = f"[{', '.join(f'{edge!r}::DOUBLE' for edge in edges)}]"
    return (
        f"CASE WHEN {value} < {listed}[{guess} + 1] THEN {guess} - 1 "
        f"WHEN {guess} < {last} AND {value} >= {listed}[{guess} + 2] THEN {guess} + 1 ELSE {guess} END"
    )


def bin_of(value: float, edges: tuple[float, ...]) -> int:
    """Find the bin of a value that lies within the edges; the last bin holds its upper edge too.

    Parameters
    ----------
    value : float
        The value.
    edges : tuple of float
        Rising edges.

    Returns
    -------
    int
        Its place, from 0.

    Examples
    --------
    >>> bin_of(1.0, (0.0, 1.0, 2.0)), bin_of(2.0, (0.0, 1.0, 2.0))
    (1, 1)
    """
    return min(bisect_right(edges, value) - 1, len(edges) - 2)


_NUDGE = 1e-9  # a value that lies on an edge but for the dust of a division belongs to the bin above it
_PER_TEN = (1, 2, 3, 4, 5, 8, 10, 15, 20, 30, 40, 50, 80, *(10**power for power in range(2, 13)))


def _power(exponent: float) -> float:
    """A power of ten without dust, within what a float can hold."""
    return float(f"{10**exponent:.15g}") if exponent < 308 else math.inf if exponent > 308.25 else 1e308


def _round_step(step: float, *, whole: bool) -> float:
    """The next round number at or above a step."""
    power = math.floor(math.log10(step))
    for factor in _NICE:
        nice = float(f"{factor}e{power}")
        if nice >= step * (1 - 1e-9) and not (whole and nice != int(nice)):
            return max(nice, 1.0) if whole else nice
    return float(f"1e{power + 1}")


def _multiple(place: int, step: float) -> float:
    """A multiple of a round step without the dust of float arithmetic, where 15 digits hold it."""
    exact = place * step
    clean = float(f"{exact:.15g}")
    return clean if math.isclose(clean, exact, rel_tol=1e-15) else exact


def _wide(low: float, high: float, n_bins: int) -> tuple[float, ...]:
    """Equal bins for ranges where round numbers would overflow or collapse."""
    if low == high:
        return (low, math.nextafter(high, math.inf)) if high < 0 else (math.nextafter(low, -math.inf), high)
    inner = tuple(low * (1 - place / n_bins) + high * (place / n_bins) for place in range(1, n_bins))
    return (low, *inner, high)
