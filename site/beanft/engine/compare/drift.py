"""Measures how far the distribution of a column moved from one version of a table to the next."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtri

Floats = NDArray[np.float64]

SLIGHT = 0.1
"""Population stability index from which a drift is called slight."""

STRONG = 0.25
"""Index from which it is called strong."""

_FEWEST = 0.01  # share of the older rows that a bin needs to stand alone in the index


@dataclass(frozen=True, kw_only=True)
class Drift:
    """How far a distribution moved."""

    psi: float
    """Population stability index, 0 for none."""
    chance: float
    """The index that two random draws of one distribution stay below in 95 of 100 cases."""
    js: float
    """Jensen-Shannon distance, 0 (equal) to 1 (nothing in common)."""
    words: str
    """'none that shows', 'none', 'slight' or 'strong'."""


def drift(old: Sequence[int], new: Sequence[int], *, in_order: bool) -> Drift | None:
    """Measure how far a distribution moved.

    Parameters
    ----------
    old, new : sequence of int
        Rows of each bin or value in both versions, in the same order.
    in_order : bool
        Whether neighbours are alike, as the bins of numbers are: bins of too few rows are then put together
        with the next one, else all with each other.

    Returns
    -------
    Drift or None
        None where one of the two has no rows.

    Examples
    --------
    >>> found = drift([500, 500], [700, 300], in_order=True)
    >>> round(found.psi, 3), round(found.js, 3), found.words
    (0.169, 0.174, 'slight')
    """
    n, m = sum(old), sum(new)
    if not n or not m:
        return None
    kept = _merged(np.array([old, new], dtype=np.float64), in_order)
    psi = _psi(kept)
    chance = float(chdtri(max(1, kept.shape[1] - 1), 0.05)) * (1 / n + 1 / m) if kept.shape[1] > 1 else 0.0
    return Drift(psi=psi, chance=chance, js=_distance(np.array([old, new])), words=_words(psi, chance))


def _words(psi: float, chance: float) -> str:
    if psi <= chance:
        return "none that shows"
    return "none" if psi < SLIGHT else "slight" if psi < STRONG else "strong"


def _merged(counts: Floats, in_order: bool) -> Floats:
    """Bins that hold at least 1 % of either version's rows; the others are put together."""
    shares = counts / counts.sum(axis=1, keepdims=True)
    rare = shares.max(axis=0) < _FEWEST
    if not in_order:
        merged = np.column_stack((counts[:, ~rare], counts[:, rare].sum(axis=1)))
        return merged if rare.any() else counts
    bins: list[Floats] = []
    held = np.zeros(2)
    for bin_, is_rare in zip(counts.T, rare, strict=True):
        held = held + bin_
        if not is_rare:
            bins.append(held)
            held = np.zeros(2)
    if held.any() and bins:
        bins[-1] = bins[-1] + held
    return np.column_stack(bins) if bins else counts.sum(axis=1, keepdims=True)


def _psi(counts: Floats) -> float:
    """The index; half a row is added to every bin, so that an empty one does not make it infinite."""
    filled = counts + 0.5
    old, new = filled / filled.sum(axis=1, keepdims=True)
    return float(((new - old) * np.log(new / old)).sum())


def _distance(counts: NDArray[np.int64]) -> float:
    """Jensen-Shannon distance to the base 2."""
    old, new = counts / counts.sum(axis=1, keepdims=True)
    middle = (old + new) / 2
    total = 0.0
    for one in (old, new):
        there = one > 0
        total += float((one[there] * np.log2(one[there] / middle[there])).sum()) / 2
    return math.sqrt(max(0.0, min(1.0, total)))
