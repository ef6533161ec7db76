"""Compares the numbers of several groups: Welch's ANOVA and Kruskal-Wallis."""

import math

import numpy as np

from beanft.engine.compare.chance import (
    Floats,
    kruskal,
    welch_anova,
)
from beanft.engine.compare.effects import explained, mean_interval
from beanft.engine.compare.gathered import NOTHING, Asked, Moments, figure_words, result
from beanft.engine.compare.reading import (
    label_of,
    part_of,
)
from beanft.engine.compare.results import Chance, Effect, TwoColumns
from beanft.engine.compare.trust import FEWEST
from beanft.engine.compare.words import SCALES, chance_words, judged
from beanft.engine.tables.wording import shown


def compare_several(asked: Asked) -> TwoColumns:
    """Compare the numbers of several groups.

    Parameters
    ----------
    asked : Asked
        The groups and what was measured of them.

    Returns
    -------
    TwoColumns
        By means (Welch’s ANOVA) and by ranks (Kruskal-Wallis).
    """
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
                words=chance_words(p, NOTHING, "difference"),
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
                words=chance_words(p, NOTHING, "difference"),
            )
        )
    return result(asked, "groups", effects, tuple(tests), _several_verdict(asked, effects[0]))


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


def _several_verdict(asked: Asked, effect: Effect) -> str:
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


def _mean_words(asked: Asked, group: Moments) -> str:
    """A mean with its interval and the group it is of."""
    value, low, high = (
        None if one is None else asked.measure.value(one)
        for one in mean_interval(group.n, group.mean, group.sd)
    )
    name = shown(label_of(asked.grouped, group.value), 40)
    if low is None or high is None:
        return f"{figure_words(value or 0.0)} for {name}"
    interval = f"95 % interval {figure_words(low)} to {figure_words(high)}"
    return f"{figure_words(value or 0.0)} ({interval}) for {name}"
