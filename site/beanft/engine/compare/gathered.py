"""Groups of rows with what was measured of them, and what every comparison of groups says."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from beanft.engine.compare.chance import (
    Counts,
    Floats,
)
from beanft.engine.compare.effects import mean_interval
from beanft.engine.compare.reading import (
    Measure,
    label_of,
    part_of,
)
from beanft.engine.compare.results import Chance, Effect, Group, TwoColumns
from beanft.engine.compare.words import remarks
from beanft.engine.plain import finite
from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.wording import shown

NOTHING = "the groups did not differ"
"""What chance alone is about."""


@dataclass(frozen=True)
class Moments:
    """Rows, mean and standard deviation of one group, of moved and scaled numbers."""

    value: str | None
    """The category as text; None for those that are put together."""
    n: int
    mean: float
    sd: float


@dataclass(frozen=True)
class Asked:
    """All that a comparison of groups is made of."""

    profile: Profile
    measured: Column
    grouped: Column
    measure: Measure
    groups: list[Moments]
    values: Floats
    """Numbers of the rows that are ranked."""
    codes: Counts
    """The group of each."""
    n_sampled: int
    notes: list[str]

    @property
    def n_used(self) -> int:
        """Rows that are compared."""
        return sum(group.n for group in self.groups)


def result(
    asked: Asked, case: str, effects: Sequence[Effect], tests: tuple[Chance, ...], verdict: str
) -> TwoColumns:
    """Put a comparison of groups together.

    Parameters
    ----------
    asked : Asked
        The groups and what was measured of them.
    case : str
        "two groups" or "groups".
    effects : sequence of Effect
        How large the differences are.
    tests : tuple of Chance
        What chance could do.
    verdict : str
        What it says, in a sentence.

    Returns
    -------
    TwoColumns
        All that the page shows.
    """
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


def _why(asked: Asked, case: str) -> str:
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


def _shown_groups(asked: Asked) -> list[Group]:
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


def figure_words(value: float) -> str:
    """Write a figure of a sentence with four digits.

    Parameters
    ----------
    value : float
        The figure.

    Returns
    -------
    str
        Such as "1,235" or "0.1235".
    """
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e15 else f"{value:.4g}"
