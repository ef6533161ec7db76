"""Measures how categories go together with numbers and with each other, with intervals."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from beanft.engine.tables.relations.cramer import cramers_v
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
    whole, *parts = _etas(x, k) if x.size >= FEWEST_ROWS else [None]
    if whole is None:
        return None
    low, high = _interval(whole, parts, x.size)
    return Pair(a=a, b=b, measure="eta", value=whole.value, low=low, high=high, n_rows=x.size)


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

    Examples
    --------
    >>> codes = np.arange(100) % 2
    >>> round(category_pair(("left", codes), ("right", 1 - codes)).value, 2)
    1.0
    """
    (a, left), (b, right) = one, other
    there = (left >= 0) & (right >= 0)
    x, y = left[there], right[there]
    if x.size < FEWEST_ROWS:
        return None
    height, width = int(x.max()) + 1, int(y.max()) + 1
    found = cramers_v(np.bincount(x * width + y, minlength=height * width).reshape(height, width))
    if found is None:
        return None
    value, low, high = found
    return Pair(a=a, b=b, measure="cramer", value=value, low=low, high=high, n_rows=x.size)


class _Eta(NamedTuple):
    """A correlation ratio, and the F that says how much of it may be chance."""

    value: float
    f: float
    df: int
    df_error: int


def _interval(whole: _Eta, parts: Sequence[_Eta | None], n_rows: int) -> tuple[float | None, float | None]:
    """What chance may do and how far the parts of the rows differ: the wider one, at either end."""
    measured = [part.value for part in parts if part is not None]
    if n_rows < _PARTS * FEWEST_ROWS or len(measured) < _PARTS:
        return None, None
    half = _T_95 * float(np.std(measured, ddof=1)) / math.sqrt(_PARTS)
    ends = noncentrality(whole.f, whole.df, whole.df_error)
    least, most = (math.sqrt(end / (n_rows + end)) for end in ends)
    return max(0.0, min(whole.value - half, least)), min(1.0, max(whole.value + half, most))


def _parts(n_rows: int) -> Codes:
    """A tenth for each row, at random: every tenth row would meet whatever repeats in the table."""
    parts: Codes = np.random.default_rng(0).integers(0, _PARTS, n_rows)
    return parts


def _etas(values: Floats, codes: Codes) -> list[_Eta | None]:
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


def _eta(sizes: Codes, sums: NDArray[Any], squares: float) -> _Eta | None:
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
    f = max(0.0, 1 - rest) / (groups - 1) / (rest / (n - groups))
    return _Eta(value, f, groups - 1, n - groups)
