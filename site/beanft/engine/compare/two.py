"""Compares the numbers of two groups: Welch and Mann-Whitney."""

from collections.abc import Iterator, Sequence

from beanft.engine.compare.chance import (
    mann_whitney,
    welch,
)
from beanft.engine.compare.effects import hedges_g, mean_difference, superiority
from beanft.engine.compare.gathered import NOTHING, Asked, figure_words, result
from beanft.engine.compare.reading import (
    label_of,
    part_of,
)
from beanft.engine.compare.results import Chance, Effect, TwoColumns
from beanft.engine.compare.trust import FEWEST, needs_ranks
from beanft.engine.compare.words import SCALES, chance_words, judged
from beanft.engine.plain import finite
from beanft.engine.tables.wording import counted, shown

_LEAST = 1e-9  # of a size that is not none


def compare_two(asked: Asked) -> TwoColumns:
    """Compare the numbers of two groups.

    Parameters
    ----------
    asked : Asked
        The groups and what was measured of them.

    Returns
    -------
    TwoColumns
        By means (Welch) and by ranks (Mann-Whitney).
    """
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
        words=chance_words(p_ranks, NOTHING, "difference"),
    )
    difference, effects = _difference(asked, n, mean, sd), []
    g = hedges_g(n, mean, sd) if min(n) >= FEWEST else None
    over = _superiority(asked, superiority(one, two))
    is_skewed = bool(g) and needs_ranks(one, two)
    if g:
        effects.append(_scaled("hedges_g", "Hedges’ g", g, "The difference in standard deviations."))
        t, _, p = welch(n, mean, sd)
        by_mean = Chance(
            code="welch", label="Welch’s t", statistic=t, p=p, words=chance_words(p, NOTHING, "difference")
        )
    tests: tuple[Chance, ...] = (by_mean, by_rank) if g and not is_skewed else (by_rank,)
    effects = [difference, *effects, over]
    asked.notes.extend(_two_notes(min(n), any(sd), is_skewed))
    judged_by = over if is_skewed else effects[1]
    return result(
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


def _difference(asked: Asked, n: Sequence[int], mean: Sequence[float], sd: Sequence[float]) -> Effect:
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


def _superiority(asked: Asked, interval: tuple[float, float, float]) -> Effect:
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


def _two_verdict(asked: Asked, difference: Effect, effect: Effect) -> str:
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
            f"{shown(asked.measured.name)} is on average {figure_words(abs(difference.value))}{unit} "
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
    return f" (95 % interval {figure_words(low)} to {figure_words(high)}{unit}{both_ways})"


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
