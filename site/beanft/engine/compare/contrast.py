"""How one column differs between two groups of rows."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from beanft.engine.compare.chance import (
    Floats,
    chi_squared,
    expected,
    fisher_exact,
    is_sparse,
    mann_whitney,
    welch,
)
from beanft.engine.compare.effects import hedges_g, mean_difference, share_difference
from beanft.engine.compare.reading import MOST_VALUES, OTHER, Measure
from beanft.engine.compare.trust import FEWEST, needs_ranks
from beanft.engine.compare.words import SCALES, SIZES
from beanft.engine.plain import finite
from beanft.engine.tables.columns import Column

_SHIFTS = 3
_W = SCALES["correlation"]  # Cohen's limits of w are those of a correlation
_FEWEST_EXPECTED = 5
_FEW = f"Fewer than {FEWEST} values in a group: too few to say whether they differ."


@dataclass(frozen=True)
class Counted:
    """One value of a category with its rows in both groups."""

    label: str
    n: tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class Shift:
    """How the share of one value differs."""

    label: str
    one: float
    """Share in the first group, 0..1."""
    other: float
    """Share in the second."""
    difference: float
    low: float
    """Lower end of the 95 % interval of the difference."""
    high: float
    p: float | None = None
    """Of missing values only: p-value of the difference."""


@dataclass(frozen=True, kw_only=True)
class Contrast:
    """How one column differs between two groups; figures are None where it has none such."""

    name: str
    kind: str
    n_one: int
    """Rows of the first group with a value."""
    n_other: int
    mean_one: float | None = None
    mean_other: float | None = None
    difference: float | None = None
    """First mean minus second, in the column's unit; days for dates."""
    low: float | None = None
    high: float | None = None
    unit: str = ""
    g: float | None = None
    """Hedges' g with its interval."""
    g_low: float | None = None
    g_high: float | None = None
    w: float | None = None
    """Cohen's w of two groups of equal size, of categories."""
    shifts: tuple[Shift, ...] = ()
    """The values of a category whose shares differ most."""
    missing: Shift | None = None
    """Missing values, where there are any."""
    strength: float = 0.0
    """What columns are sorted by: 0..1, less what chance gives; of numbers g as a correlation."""
    size: str = ""
    """negligible, small, medium or large."""
    p: float | None = None
    """By Welch's test, chi-squared or Fisher's; by Mann-Whitney where `is_ranked`. None below 5 values."""
    is_ranked: bool = False
    """Whether values are too skewed for the means of groups this small, so that their order was tested."""
    p_corrected: float | None = None
    """After Holm's correction for all columns."""
    p_missing_corrected: float | None = None
    remark: str = ""
    """Why there is no figure."""


def contrast_numbers(
    column: Column,
    measure: Measure,
    n: Sequence[int],
    mean: Sequence[float | None],
    sd: Sequence[float | None],
) -> Contrast:
    """Compare the numbers of two groups by their moments.

    Parameters
    ----------
    column : Column
        A column of numbers or dates.
    measure : Measure
        How its numbers were moved and scaled.
    n : sequence of two int
        Rows with a finite number.
    mean, sd : sequence of two (float or None)
        Moments of the moved and scaled numbers.

    Returns
    -------
    Contrast
        With a remark instead of figures where a group has fewer than two numbers; where one has fewer than
        five, without size, p-value and strength.
    """
    base = _means(column, measure, n, mean)
    m, s = [one for one in mean if one is not None], [one for one in sd if one is not None]
    if min(n) < 2 or len(m) < 2 or len(s) < 2:
        return replace(base, remark="Too few values in one of the groups.")
    difference, low, high = mean_difference(n, m, s)
    spread = measure.spread
    base = replace(
        base,
        difference=spread(difference),
        low=None if low is None else finite(spread(low)),
        high=None if high is None else finite(spread(high)),
    )
    return replace(base, remark=_FEW) if min(n) < FEWEST else _sized(base, n, m, s)


def _means(column: Column, measure: Measure, n: Sequence[int], mean: Sequence[float | None]) -> Contrast:
    """The rows and means of both groups; a mean date is not told."""
    means = [None if one is None else measure.value(one) for one in mean]
    if measure.unit == "days" and column.kind == "date":
        means = [None, None]
    return Contrast(
        name=column.name,
        kind=column.kind,
        n_one=n[0],
        n_other=n[1],
        mean_one=means[0],
        mean_other=means[1],
        unit=measure.unit,
    )


def _sized(base: Contrast, n: Sequence[int], m: Sequence[float], s: Sequence[float]) -> Contrast:
    """Add how large the difference of two means is, and the chance of it."""
    g = hedges_g(n, m, s)
    if g is None:
        differ = m[0] != m[1]
        return replace(
            base,
            strength=1.0 if differ else 0.0,
            size=SIZES[-1] if differ else SIZES[0],
            remark="All values of each group are equal.",
        )
    r2 = g[0] ** 2 / (g[0] ** 2 + 4)
    return replace(
        base,
        g=g[0],
        g_low=g[1],
        g_high=g[2],
        strength=_less_chance(r2, 1, n),
        size=SCALES["hedges_g"].size(g[0]),
        p=welch(n, m, s)[2],
    )


def contrast_ranks(contrast: Contrast, one: Floats, two: Floats) -> Contrast:
    """Test numbers by their order where they are too skewed for the means of groups this small.

    Parameters
    ----------
    contrast : Contrast
        What `contrast_numbers` found.
    one, two : array of shape (n_rows,)
        The finite numbers of both groups, moved and scaled alike.

    Returns
    -------
    Contrast
        With the p-value of Mann-Whitney and a remark; the same one where the means can be tested.
    """
    if contrast.p is None or not needs_ranks(one, two):
        return contrast
    return replace(
        contrast,
        p=mann_whitney(one, two)[1],
        is_ranked=True,
        remark=(
            "The values are too skewed for the means of so few rows, so p is of their order (Mann-Whitney); "
            "the intervals may be too narrow."
        ),
    )


def contrast_shares(column: Column, counts: Sequence[Counted], n: tuple[int, int]) -> Contrast:
    """Compare the shares of the values of a category in two groups.

    Parameters
    ----------
    column : Column
        A column of categories.
    counts : sequence of Counted
        Its values; of more than 30 the rarest are put together.
    n : (int, int)
        Rows of each group with a value.

    Returns
    -------
    Contrast
        With the three values whose shares differ most; where a group has fewer than five values, without
        size, p-value and strength.
    """
    base = Contrast(name=column.name, kind=column.kind, n_one=n[0], n_other=n[1])
    if min(n) < 2:
        return replace(base, remark="Too few values in one of the groups.")
    kept = _fewer(counts, MOST_VALUES)
    shares = np.array([one.n for one in kept], dtype=np.float64) / np.array(n)
    both = shares.sum(axis=1)
    w2 = float((((shares[:, 0] - shares[:, 1]) ** 2)[both > 0] / both[both > 0]).sum()) / 2
    strength = _less_chance(w2, len(kept) - 1, n)
    shifts = sorted(
        (shift_of(one.label, one.n, n) for one in kept if one.label != OTHER),
        key=lambda one: -abs(one.difference),
    )
    if column.kind == "boolean" or len(kept) == 2:
        shifts = shifts[:1]
    base = replace(base, shifts=tuple(shifts[:_SHIFTS]))
    if min(n) < FEWEST:
        return replace(base, remark=_FEW)
    return replace(
        base,
        w=math.sqrt(w2),
        strength=strength,
        size=_W.size(strength),
        p=_shares_p(kept),
    )


def contrast_missing(counts: Sequence[int], n: tuple[int, int]) -> Shift | None:
    """Compare the shares of missing values in two groups.

    Parameters
    ----------
    counts : sequence of two int
        Rows without a value.
    n : (int, int)
        Rows of each group.

    Returns
    -------
    Shift or None
        None where nothing is missing; without a p-value where a group has fewer than five rows.

    Examples
    --------
    >>> contrast_missing([0, 0], (5, 5)) is None, contrast_missing([9, 1], (10, 10)).difference
    (True, 0.8)
    """
    if not any(counts):
        return None
    rest = [rows - one for rows, one in zip(n, counts, strict=True)]
    p = _table_p(np.array([counts, rest])) if any(rest) and min(n) >= FEWEST else None
    return shift_of("missing", counts, n, p)


def shift_of(label: str, counts: Sequence[int], n: Sequence[int], p: float | None = None) -> Shift:
    """Compare the shares of one value in two groups.

    Parameters
    ----------
    label : str
        What is shown of the value.
    counts, n : sequence of two int
        Rows with the value, and all rows (at least 1).
    p : float, optional
        The p-value, where there is one.

    Returns
    -------
    Shift
        The shares and their difference with Newcombe's interval.
    """
    difference, low, high = share_difference(counts, n)
    return Shift(
        label=label,
        one=counts[0] / n[0],
        other=counts[1] / n[1],
        difference=difference,
        low=low,
        high=high,
        p=p,
    )


def _less_chance(squared: float, df: int, n: Sequence[int]) -> float:
    """A strength, less what two groups of so few rows differ by chance."""
    return math.sqrt(max(0.0, min(1.0, squared) - df / 4 * (1 / n[0] + 1 / n[1])))


def _fewer(counts: Sequence[Counted], most: int) -> list[Counted]:
    """The most frequent values, the rarer ones together."""
    alone = [one for one in counts if one.label != OTHER]
    alone.sort(key=lambda one: (-sum(one.n), one.label))
    rest = [one for one in counts if one.label == OTHER] + alone[most:]
    if not rest:
        return alone
    return [*alone[:most], Counted(OTHER, (sum(one.n[0] for one in rest), sum(one.n[1] for one in rest)))]


def _shares_p(counts: Sequence[Counted]) -> float | None:
    """P-value of chi-squared, values too rare for it put together first; None where one is left."""
    found = np.array([one.n for one in counts if sum(one.n)], dtype=np.int64)
    if len(found) < 2:
        return None
    if len(found) == 2:
        return _table_p(found)
    rare = expected(found).min(axis=1) < _FEWEST_EXPECTED
    if rare.any():
        found = np.vstack((found[~rare], found[rare].sum(axis=0)))
    return _table_p(found) if len(found) > 1 else None


def _table_p(counts: "np.ndarray[tuple[int, ...], np.dtype[np.int64]]") -> float:
    if counts.shape == (2, 2) and is_sparse(counts):
        return fisher_exact(counts)
    return chi_squared(counts)[2]
