"""Bins with round edges for numbers, and the SQL that puts values into them exactly."""

import math
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
        Whether the values are whole numbers; then bins of width 1 are centred on them.

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
    first, last = math.floor(low / step), math.ceil(high / step)
    edges = tuple(_multiple(place, step) for place in range(first, max(last, first + 1) + 1))
    rising = all(a < b for a, b in pairwise(edges))
    return edges if rising and edges[0] <= low and edges[-1] >= high else _wide(low, high, n_bins)


def bin_sql(value: str, edges: tuple[float, ...]) -> str:
    """Write the place of a value among equal edges as SQL.

    A division guesses the bin and the edges themselves correct it, so that rounding never moves a value
    that lies on an edge.

    Parameters
    ----------
    value : str
        SQL of the value.
    edges : tuple of float
        Rising, equally spaced edges. Being our own floats they are written out: the engine then computes
        the guess once a row, which with parameters it does not (2 s of 10 million rows).

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
    step = edges[-1] / (last + 1) - edges[0] / (last + 1)
    steps = f"floor({value} / {step!r}::DOUBLE - {edges[0] / step!r}::DOUBLE)"
    guess = f"least(greatest({steps}, 0), {last})::INTEGER"
    listed = f"[{', '.join(f'{edge!r}::DOUBLE' for edge in edges)}]"
    return (
        f"CASE WHEN {value} < {listed}[{guess} + 1] THEN {guess} - 1 "
        f"WHEN {guess} < {last} AND {value} >= {listed}[{guess} + 2] THEN {guess} + 1 ELSE {guess} END"
    )


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
