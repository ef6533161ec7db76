"""Measures how categories go together with numbers and with each other, with intervals."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from beanft.engine.tables.relations.moments import Floats
from beanft.engine.tables.relations.noncentral import noncentrality
from beanft.engine.tables.relations.pairs import FEWEST_ROWS, Pair

_PARTS = 10
_T_95 = 2.262157  # of Student's distribution with nine degrees of freedom

Codes = NDArray[np.int64]
"""Categories of shape (n_rows,) as 0, 1, 2 …, -1 where there is none."""


def mixed_pair(number: tuple[str, Floats], category: tuple[str, Codes]) -> Pair | None:
    """Measure how a number and a category go together: the correlation ratio, with Kelley's correction.

    Parameters
    ----------
    number : (str, array of shape (n_rows,))
        Name and values, as `numbers.scaled` gives them.
    category : (str, array of shape (n_rows,))
        Name and codes of the same rows.

    Returns
    -------
    Pair or None
        None where fewer than ten rows have both, or one of the two does not vary.

    Examples
    --------
    >>> values, codes = np.arange(100.0), np.arange(100) // 50
    >>> round(mixed_pair(("height", values), ("side", codes)).value, 2)
    0.86
    """
    (a, values), (b, codes) = number, category
    there = (codes >= 0) & ~np.isnan(values)
    x, k = values[there], codes[there]
    return _pair(a, b, "eta", x.size, _etas(x, k)) if x.size >= FEWEST_ROWS else None


def category_pair(one: tuple[str, Codes], other: tuple[str, Codes]) -> Pair | None:
    """Measure how two categories go together: Cramér's V, with Bergsma's correction.

    Parameters
    ----------
    one, other : (str, array of shape (n_rows,))
        Name and codes of the same rows.

    Returns
    -------
    Pair or None
        None where fewer than ten rows have both, or one of the two does not vary.

    References
    ----------
    Bergsma, W. (2013), A bias-correction for Cramér's V and Tschuprow's T, Journal of the Korean
    Statistical Society 42, 323-328.

    Examples
    --------
    >>> codes = np.arange(100) % 2
    >>> round(category_pair(("left", codes), ("right", 1 - codes)).value, 2)
    1.0
    """
    (a, left), (b, right) = one, other
    there = (left >= 0) & (right >= 0)
    x, y = left[there], right[there]
    return _pair(a, b, "cramer", x.size, _cramers(x, y)) if x.size >= FEWEST_ROWS else None


class _Found(NamedTuple):
    """A measure and the statistic that says how much of it may be chance."""

    value: float
    statistic: float
    """F, or chi-squared divided by `df`."""
    df: int
    df_error: float
    """Infinite for chi-squared."""
    most: int = 1
    """Chi-squared of the strongest relation, divided by the rows."""


def _pair(a: str, b: str, measure: str, n_rows: int, found: Sequence[_Found | None]) -> Pair | None:
    """A pair with its interval, which holds what chance may do and how far the parts of the rows differ."""
    whole, *parts = found
    if whole is None:
        return None
    value, low, high = whole.value, None, None
    measured = [part.value for part in parts if part is not None]
    if n_rows >= _PARTS * FEWEST_ROWS and len(measured) == _PARTS:
        half = _T_95 * float(np.std(measured, ddof=1)) / math.sqrt(_PARTS)
        least, most = _by_statistic(whole, n_rows)
        low, high = max(0.0, min(value - half, least)), min(1.0, max(value + half, most))
    return Pair(a=a, b=b, measure=measure, value=value, low=low, high=high, n_rows=n_rows)


def _by_statistic(found: _Found, n_rows: int) -> tuple[float, float]:
    """Interval of the measure by the noncentral distribution of its statistic."""
    low, high = (
        end / (n_rows * found.most) for end in noncentrality(found.statistic, found.df, found.df_error)
    )
    if math.isfinite(found.df_error):
        low, high = low / (1 + low), high / (1 + high)
    return math.sqrt(low), math.sqrt(high)


def _parts(n_rows: int) -> Codes:
    """A tenth for each row, at random: every tenth row would meet whatever repeats in the table."""
    parts: Codes = np.random.default_rng(0).integers(0, _PARTS, n_rows)
    return parts


def _etas(values: Floats, codes: Codes) -> list[_Found | None]:
    """Correlation ratio of all rows, then of each tenth of them."""
    n_groups = int(codes.max()) + 1
    part = _parts(values.size)
    group = part * n_groups + codes
    shape, length = (_PARTS, n_groups), _PARTS * n_groups
    sizes = np.bincount(group, minlength=length).reshape(shape)
    sums = np.bincount(group, weights=values, minlength=length).reshape(shape)
    squares = np.bincount(part, weights=values * values, minlength=_PARTS)
    whole = _eta(sizes.sum(axis=0), sums.sum(axis=0), float(squares.sum()))
    return [
        whole,
        *(_eta(n, total, float(square)) for n, total, square in zip(sizes, sums, squares, strict=True)),
    ]


def _eta(sizes: Codes, sums: NDArray[Any], squares: float) -> _Found | None:
    """Correlation ratio, less what groups of so few rows give by chance (Kelley's epsilon)."""
    sizes, sums = sizes[sizes > 0], sums[sizes > 0]
    n, groups = int(sizes.sum()), sizes.size
    if groups < 2 or n <= groups:
        return None
    moved = float(sums.sum()) ** 2 / n
    total, between = squares - moved, float((sums**2 / sizes).sum()) - moved
    if total <= 1e-12 * squares:
        return None
    rest = max(1e-12, 1 - between / total)
    value = math.sqrt(max(0.0, 1 - min(1.0, rest) * (n - 1) / (n - groups)))
    statistic = max(0.0, 1 - rest) / (groups - 1) / (rest / (n - groups))
    return _Found(value, statistic, groups - 1, n - groups)


def _cramers(a: Codes, b: Codes) -> list[_Found | None]:
    """Cramér's V of all rows, then of each tenth of them."""
    height, width = int(a.max()) + 1, int(b.max()) + 1
    cell = (_parts(a.size) * height + a) * width + b
    counts = np.bincount(cell, minlength=_PARTS * height * width).reshape(_PARTS, height, width)
    return [_cramer(counts.sum(axis=0)), *(_cramer(part) for part in counts)]


def _cramer(counts: Codes) -> _Found | None:
    """Cramér's V with Bergsma's correction."""
    down, across = counts.sum(axis=1), counts.sum(axis=0)
    r, c, n = int((down > 0).sum()), int((across > 0).sum()), int(counts.sum())
    if r < 2 or c < 2:
        return None
    shares = counts[down > 0][:, across > 0].astype(np.float64)
    phi2 = max(0.0, float((shares**2 / np.outer(down[down > 0], across[across > 0])).sum()) - 1)
    df = (r - 1) * (c - 1)
    least = min(r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)) - 1
    if least <= 0:
        return None
    value = math.sqrt(min(1.0, max(0.0, phi2 - df / (n - 1)) / least))
    return _Found(value, n * phi2 / df, df, math.inf, min(r, c) - 1)
