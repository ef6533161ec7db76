"""Compares the numbers of two or more groups: Welch and Mann-Whitney, or Welch's ANOVA and Kruskal-Wallis."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np

from beanft.engine.compare.chance import (
    Counts,
    Floats,
    kruskal,
    mann_whitney,
    welch,
    welch_anova,
)
from beanft.engine.compare.effects import explained, hedges_g, mean_difference, mean_interval, superiority
from beanft.engine.compare.reading import (
    MOST_VALUES,
    Measure,
    finite,
    label_of,
    measure_of,
    ordered,
    part_of,
)
from beanft.engine.compare.results import Chance, Effect, Group, TwoColumns
from beanft.engine.compare.trust import FEWEST, needs_ranks
from beanft.engine.compare.words import SCALES, chance_words, judged, remarks
from beanft.engine.errors import EngineError
from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.connection import quote
from beanft.engine.tables.sampling import SAMPLE_ROWS
from beanft.engine.tables.wording import counted, shown

_AIMED = 0.99  # of the largest sample: its size is random
_LEAST = 1e-9  # of a size that is not none
_TYPES = {one: one for one in ("BIGINT", "DOUBLE", "BOOLEAN", "DATE", "TIMESTAMP", "VARCHAR")}
_NOTHING = "the groups did not differ"


@dataclass(frozen=True)
class _Moments:
    """Rows, mean and standard deviation of one group, of moved and scaled numbers."""

    value: str | None
    """The category as text; None for those that are put together."""
    n: int
    mean: float
    sd: float


def compare_groups(
    database: duckdb.DuckDBPyConnection, source: str, profile: Profile, measured: Column, grouped: Column
) -> TwoColumns:
    """Compare a column of numbers or dates between the categories of another.

    Parameters
    ----------
    database : duckdb.DuckDBPyConnection
        An open connection.
    source : str
        SQL of the table, with a column file_row_number.
    profile : Profile
        What is known of the table.
    measured : Column
        A column whose part is "number" or "date".
    grouped : Column
        A column whose part is "category".

    Returns
    -------
    TwoColumns
        Means come from all rows, ranks from at most 100,000; of more than 30 groups the smallest are put
        together.

    Raises
    ------
    EngineError
        When there are not two groups of at least two rows, or the numbers do not vary.
    """
    measure = measure_of(measured)
    rows = (
        f"(SELECT {measure.sql} AS z, {quote(grouped.name)} AS g, file_row_number AS row "  # noqa: S608 -- quoted names
        f"FROM {source})"
    )
    found = database.execute(
        "SELECT g::VARCHAR, count(*), avg(z), stddev_samp(z), min(z) < max(z) "  # noqa: S608 -- our own text
        f"FROM {rows} WHERE z IS NOT NULL AND g IS NOT NULL GROUP BY g ORDER BY 2 DESC, 1"
    ).fetchall()
    groups, notes = _groups(grouped, measured, found)
    values, codes, n_sampled = _sample(database, rows, groups, grouped.stored)
    asked = _Asked(profile, measured, grouped, measure, groups, values, codes, n_sampled, notes)
    return _two(asked) if len(groups) == 2 else _several(asked)


@dataclass(frozen=True)
class _Asked:
    """All that a comparison of groups is made of."""

    profile: Profile
    measured: Column
    grouped: Column
    measure: Measure
    groups: list[_Moments]
    values: Floats
    """Numbers of the rows that are ranked."""
    codes: Counts
    """The group of each."""
    n_sampled: int
    notes: list[str]

    @property
    def n_used(self) -> int:
        return sum(group.n for group in self.groups)


def _groups(
    grouped: Column, measured: Column, found: Sequence[tuple[Any, ...]]
) -> tuple[list[_Moments], list[str]]:
    """The groups to compare, the small ones together, and what is said of those that are left out."""
    all_ = [
        _Moments(value, n, mean, sd if sd is not None and varies else 0.0)
        for value, n, mean, sd, varies in found
    ]
    notes = []
    if len(all_) > MOST_VALUES:
        rest = all_[MOST_VALUES:]
        all_ = [*all_[:MOST_VALUES], _pooled(rest)]
        notes.append(
            f"The {MOST_VALUES} largest groups stand alone; {len(rest):,} smaller ones are together as "
            "“other”."
        )
    groups = [group for group in all_ if group.n >= 2]
    left_out = len(all_) - len(groups)
    if len(groups) < 2:
        raise EngineError(_too_few(grouped, measured, all_))
    if len({group.mean for group in groups}) == 1 and not any(group.sd for group in groups):
        raise EngineError(
            f"{shown(measured.name)} is the same in every row that has a {shown(grouped.name)}, so there "
            "is nothing "
            "to compare."
        )
    if left_out:
        notes.append(f"{counted(left_out, 'group')} of one row {'is' if left_out == 1 else 'are'} left out.")
    few = [label_of(grouped, group.value) for group in groups if group.n < FEWEST]
    if few:
        notes.append(
            f"Fewer than {FEWEST} rows: {', '.join(shown(label, 40) for label in few[:6])}. Do not build on "
            "their means."
        )
    order = ordered(grouped, [group.value for group in groups if group.value is not None])
    place = {value: number for number, value in enumerate(order)}
    return sorted(
        groups,
        key=lambda group: place.get(group.value or "", len(place)) if group.value is not None else len(place),
    ), notes


def _too_few(grouped: Column, measured: Column, groups: Sequence[_Moments]) -> str:
    if len(groups) == 1:
        return (
            f"In the rows that have a {shown(measured.name)}, {shown(grouped.name)} is always "
            f"{shown(label_of(grouped, groups[0].value), 60)}. At least two groups are needed."
        )
    return (
        f"Too few rows have both {shown(measured.name)} and {shown(grouped.name)}: at least two groups of "
        "two rows "
        "each are needed."
    )


def _pooled(groups: Sequence[_Moments]) -> _Moments:
    """Many groups as one."""
    n = np.array([group.n for group in groups], dtype=np.float64)
    mean, sd = np.array([group.mean for group in groups]), np.array([group.sd for group in groups])
    total = float(n.sum())
    middle = float((n * mean).sum() / total)
    squares = float(((n - 1) * sd**2 + n * (mean - middle) ** 2).sum())
    return _Moments(None, int(total), middle, math.sqrt(squares / (total - 1)) if total > 1 else 0.0)


def _sample(
    database: duckdb.DuckDBPyConnection, rows: str, groups: Sequence[_Moments], stored: str
) -> tuple[Floats, Counts, int]:
    """The rows to rank: all, or a random sample, of two groups as many of each."""
    names = [group.value for group in groups if group.value is not None]
    other = len(names) if len(names) < len(groups) else -1
    n = sum(group.n for group in groups)
    aimed = int(_AIMED * SAMPLE_ROWS)
    some, parameters = "", []
    if n > SAMPLE_ROWS and len(groups) == 2 and other < 0:
        parts = [
            f"(g {sign} CAST(? AS {_TYPES[stored]}) AND hash(row) % {group.n} < {aimed // 2})"
            for sign, group in zip(("=", "<>"), groups, strict=True)
        ]
        some, parameters = f" AND ({' OR '.join(parts)})", [names[0], names[0]]
    elif n > SAMPLE_ROWS:
        some = f" AND hash(row) % {n} < {aimed}"
    found = database.execute(
        f"SELECT z, coalesce(list_position(?::VARCHAR[]::{_TYPES[stored]}[], g) - 1, {other}) AS k "  # noqa: S608 -- our own text
        f"FROM {rows} WHERE z IS NOT NULL AND g IS NOT NULL{some}",
        [names, *parameters],
    ).fetchnumpy()
    codes = np.asarray(found["k"], dtype=np.int64)
    kept = codes >= 0  # groups of one row
    values = np.asarray(found["z"], dtype=np.float64)[kept]
    return values, codes[kept], values.size if n > SAMPLE_ROWS else 0


def _two(asked: _Asked) -> TwoColumns:
    n, mean, sd = (
        [group.n for group in asked.groups],
        [group.mean for group in asked.groups],
        [group.sd for group in asked.groups],
    )
    one, two = asked.values[asked.codes == 0], asked.values[asked.codes == 1]
    u, p_ranks = mann_whitney(one, two)
    by_rank = Chance(
        code="mann_whitney",
        label="Mann-Whitney",
        statistic=u,
        p=p_ranks,
        words=chance_words(p_ranks, _NOTHING, "difference"),
    )
    difference, effects = _difference(asked, n, mean, sd), []
    g = hedges_g(n, mean, sd) if min(n) >= FEWEST else None
    over = _superiority(asked, superiority(one, two))
    is_skewed = bool(g) and needs_ranks(one, two)
    if g:
        effects.append(_scaled("hedges_g", "Hedges’ g", g, "The difference in standard deviations."))
        t, _, p = welch(n, mean, sd)
        by_mean = Chance(
            code="welch", label="Welch’s t", statistic=t, p=p, words=chance_words(p, _NOTHING, "difference")
        )
    tests: tuple[Chance, ...] = (by_mean, by_rank) if g and not is_skewed else (by_rank,)
    effects = [difference, *effects, over]
    asked.notes.extend(_two_notes(min(n), any(sd), is_skewed))
    judged_by = over if is_skewed else effects[1]
    return _result(
        asked,
        "two groups",
        effects,
        tests if min(n) >= FEWEST else (),
        _two_verdict(asked, difference, judged_by),
    )


def _two_notes(smaller: int, varies: bool, is_skewed: bool) -> Iterator[str]:
    """Why the means of two groups have no test, or no interval."""
    if smaller < FEWEST:
        yield f"A group has fewer than {FEWEST} rows: too few to test whether the two differ."
    if not varies:
        yield "Within each group all values are equal, so the difference of the means has no interval."
    if is_skewed:
        yield (
            "The values are too skewed for the means of so few rows: their test would find differences where "
            "there are none, so only the order by ranks is tested and judged, and the interval of the "
            "difference may be too narrow."
        )


def _difference(asked: _Asked, n: Sequence[int], mean: Sequence[float], sd: Sequence[float]) -> Effect:
    spread = asked.measure.spread
    value, low, high = mean_difference(n, mean, sd)
    names = [label_of(asked.grouped, group.value) for group in asked.groups]
    return Effect(
        code="difference",
        label="Difference of means",
        value=spread(value),
        low=None if low is None else finite(spread(low)),
        high=None if high is None else finite(spread(high)),
        unit=asked.measure.unit,
        says=f"Mean of {shown(names[0], 40)} minus mean of {shown(names[1], 40)}.",
    )


def _scaled(code: str, label: str, interval: tuple[float, float | None, float | None], says: str) -> Effect:
    value, low, high = interval
    scale = SCALES[code]
    return Effect(
        code=code,
        label=label,
        value=value,
        low=low,
        high=high,
        size=scale.size(value),
        convention=scale.convention,
        says=says,
    )


def _superiority(asked: _Asked, interval: tuple[float, float, float]) -> Effect:
    scale, (value, low, high) = SCALES["superiority"], interval
    names = [shown(label_of(asked.grouped, group.value), 40) for group in asked.groups]
    return Effect(
        code="superiority",
        label="Probability of superiority",
        value=value,
        low=low,
        high=high,
        size=scale.size(value - 0.5),
        convention=scale.convention,
        says=(
            f"How often a row of {names[0]} has the larger value than a row of {names[1]}, both drawn at "
            "random; equal values count half, 0.5 is no difference."
        ),
    )


def _two_verdict(asked: _Asked, difference: Effect, effect: Effect) -> str:
    names = [shown(label_of(asked.grouped, group.value), 40) for group in asked.groups]
    unit = f" {difference.unit}" if difference.unit else ""
    # The first group stays first, as in the table of effects below.
    words = ("later", "earlier") if part_of(asked.measured) == "date" else ("higher", "lower")
    smaller = min(asked.groups, key=lambda group: group.n)
    if smaller.n < FEWEST:
        return (
            f"Too few rows to say whether {shown(asked.measured.name)} differs between {names[0]} and "
            f"{names[1]}: {shown(label_of(asked.grouped, smaller.value), 40)} has only "
            f"{counted(smaller.n, 'row')}, and at least {FEWEST} are needed."
        )
    if not difference.value:
        first = f"The means of {shown(asked.measured.name)} are equal for {names[0]} and {names[1]}"
    else:
        first = (
            f"{shown(asked.measured.name)} is on average {_figure(abs(difference.value))}{unit} "
            f"{words[difference.value < 0]} for {names[0]} than for {names[1]}"
        )
    return f"{first}{_two_interval(difference, unit)}. {_two_judgement(difference, effect)}"


def _two_interval(difference: Effect, unit: str) -> str:
    """The interval of a difference that is told without its sign."""
    if difference.low is None or difference.high is None:
        return ""
    low, high = difference.low, difference.high
    if difference.value < 0:
        low, high = -high, -low
    both_ways = ": it may be none, or the other way round" if low <= 0 <= high else ""
    return f" (95 % interval {_figure(low)} to {_figure(high)}{unit}{both_ways})"


def _two_judgement(difference: Effect, effect: Effect) -> str:
    """How large the difference is; what the interval of the difference leaves out, that of its size does."""
    none = 0.5 if effect.code == "superiority" else 0.0
    low, high = (None if end is None else end - none for end in (effect.low, effect.high))
    value, scale = effect.value - none, SCALES[effect.code]
    holds_none = low is not None and high is not None and low <= 0 <= high
    is_sure = effect.code == "hedges_g" and (difference.low or 0.0) * (difference.high or 0.0) > 0
    if holds_none and is_sure:
        low, high = (_LEAST, high) if value > 0 else (low, -_LEAST)
    return judged(scale, value, low, high, "difference")


def _figure(value: float) -> str:
    """A figure of a sentence with four digits."""
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e15 else f"{value:.4g}"


def _several(asked: _Asked) -> TwoColumns:
    n = np.array([group.n for group in asked.groups], dtype=np.float64)
    mean = np.array([group.mean for group in asked.groups])
    sd = np.array([group.sd for group in asked.groups])
    effects = [
        _explained("explained", "Spread explained by the groups", _anova_f(n, mean, sd), n.size, int(n.sum()))
    ]
    tests = []
    if (sd > 0).all() and n.min() >= FEWEST:
        f, p = welch_anova(n, mean, sd)
        tests.append(
            Chance(
                code="welch_anova",
                label="Welch’s ANOVA",
                statistic=f,
                p=p,
                words=chance_words(p, _NOTHING, "difference"),
            )
        )
    elif (sd > 0).all():
        asked.notes.append(f"A group has fewer than {FEWEST} rows, so only the ranks are tested.")
    else:
        asked.notes.append("In a group all values are equal, so only the ranks are tested.")
    present = np.unique(asked.codes).size
    if present >= 2 and asked.values.size > present:
        h, p = kruskal(asked.values, asked.codes)
        size = asked.values.size
        rest = size - 1 - h
        f = h / (present - 1) / (rest / (size - present)) if rest > 1e-9 * size else math.inf
        effects.append(_explained("ranked", "The same by ranks", f, present, size))
        tests.append(
            Chance(
                code="kruskal",
                label="Kruskal-Wallis",
                statistic=h,
                p=p,
                words=chance_words(p, _NOTHING, "difference"),
            )
        )
    return _result(asked, "groups", effects, tuple(tests), _several_verdict(asked, effects[0]))


def _anova_f(n: Floats, mean: Floats, sd: Floats) -> float:
    total, k = n.sum(), n.size
    centre = (n * mean).sum() / total
    between = (n * (mean - centre) ** 2).sum() / (k - 1)
    within = ((n - 1) * sd**2).sum() / (total - k)
    return float(between / within) if within > 0 else math.inf


def _explained(code: str, label: str, f: float, groups: int, n: int) -> Effect:
    scale = SCALES["explained"]
    value, low, high = explained(f, groups, n) if math.isfinite(f) else (1.0, None, None)
    return Effect(
        code=code,
        label=label,
        value=value,
        low=low,
        high=high,
        size=scale.size(value),
        convention=scale.convention,
        says=(
            "Share of the variance, 0 to 1, that knowing the group tells, less what chance gives (epsilon "
            "squared)."
        ),
    )


def _several_verdict(asked: _Asked, effect: Effect) -> str:
    unit = f" {asked.measured.unit}" if asked.measured.unit else ""
    tells = (
        f"Knowing {shown(asked.grouped.name)} tells {100 * effect.value:.3g} % of the spread of "
        f"{shown(asked.measured.name)}"
    )
    interval = (
        ""
        if effect.low is None or effect.high is None
        else f" (95 % interval {100 * effect.low:.3g} to {100 * effect.high:.3g} %)"
    )
    alone = [group for group in asked.groups if group.value is not None and group.n >= FEWEST]
    means = ""
    if part_of(asked.measured) == "number" and len(alone) > 1:
        least, top = (_mean_words(asked, end(alone, key=lambda group: group.mean)) for end in (min, max))
        means = f" The mean goes from {least} to {top}{unit}."
    judgement = judged(SCALES["explained"], effect.value, effect.low, effect.high, "difference")
    return f"{tells}{interval}.{means} {judgement}"


def _mean_words(asked: _Asked, group: _Moments) -> str:
    """A mean with its interval and the group it is of."""
    value, low, high = (
        None if one is None else asked.measure.value(one)
        for one in mean_interval(group.n, group.mean, group.sd)
    )
    interval = "" if low is None or high is None else f" (95 % interval {_figure(low)} to {_figure(high)})"
    return f"{_figure(value or 0.0)}{interval} for {shown(label_of(asked.grouped, group.value), 40)}"


def _result(
    asked: _Asked, case: str, effects: Sequence[Effect], tests: tuple[Chance, ...], verdict: str
) -> TwoColumns:
    judged_by = next(effect for effect in effects if effect.convention)
    return TwoColumns(
        a=asked.measured.name,
        b=asked.grouped.name,
        case=case,
        why=_why(asked, case),
        n_rows=asked.profile.n_rows,
        n_used=asked.n_used,
        n_sampled=asked.n_sampled,
        effects=tuple(effects),
        tests=tests,
        groups=tuple(_shown_groups(asked)),
        size=judged_by.size,
        verdict=verdict,
        notes=(*asked.notes, *remarks(asked.n_used)),
    )


def _why(asked: _Asked, case: str) -> str:
    what = "dates" if part_of(asked.measured) == "date" else "numbers"
    names = f"{shown(asked.measured.name)} holds {what} and {shown(asked.grouped.name)} has "
    if case == "two groups":
        return (
            f"{names}two groups, so their means are compared without supposing that they vary alike "
            "(Welch), and "
            "their order by ranks (Mann-Whitney), which outliers hardly move."
        )
    return (
        f"{names}{len(asked.groups)} groups, so all means are compared at once without supposing that they "
        "vary "
        "alike (Welch’s ANOVA), and their order by ranks (Kruskal-Wallis), which outliers hardly move."
    )


def _shown_groups(asked: _Asked) -> list[Group]:
    shown_groups = []
    for code, group in enumerate(asked.groups):
        own = asked.values[asked.codes == code]
        mean, low, high = mean_interval(group.n, group.mean, group.sd)
        value, spread = asked.measure.value, asked.measure.spread
        shown_groups.append(
            Group(
                label=label_of(asked.grouped, group.value),
                n=group.n,
                mean=value(mean),
                low=None if low is None else finite(value(low)),
                high=None if high is None else finite(value(high)),
                sd=finite(spread(group.sd)),
                median=value(float(np.median(own))) if own.size else None,
            )
        )
    return shown_groups
