"""What the page of a batch says in words: warnings, scores, where it came from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from beanft.engine.learning.metrics import METRIC, Metric
from beanft.filters import percent

WARNINGS = {
    "range": ("out of range", "A value lies outside what training saw."),
    "unknown": ("unseen category", "A category that training never saw; it was treated as missing."),
    "missing": ("much missing", "More columns have no value than in nearly all training rows."),
    "far": ("far from the data", "The values together are unlike the training rows."),
    "unsure": (
        "low confidence",
        "The answer says little: hardly any class or value is ruled out.",
    ),
    "no_interval": ("no interval", "It is not known how far off the answer may be."),
}
"""Each warning's code with its name and what it means."""

LEVELS = (0.8, 0.9, 0.95, 0.99)
"""How often intervals and sets can be asked to hold the truth."""


@dataclass(frozen=True, kw_only=True)
class Scored:
    """One score on the true values of a batch."""

    metric: Metric
    """Which."""
    own: Mapping[str, Any]
    """value, low and high."""
    guess: float | None
    """What guessing gets."""
    ranks: bool
    """Whether the experiment was ranked by it."""


def warning_name(code: str) -> str:
    """What a warning is called."""
    return WARNINGS[code][0] if code in WARNINGS else code


def scores_of(score: Mapping[str, Any]) -> list[Scored]:
    """The scores of a batch, the one that ranks first."""
    return [
        Scored(metric=METRIC[key], own=own, guess=score["guess"].get(key), ranks=key == score["headline"])
        for key, own in score["metrics"].items()
        if key in METRIC
    ]


def covered_sentence(score: Mapping[str, Any], *, sets: bool) -> str:
    """How often interval or set held the truth in this batch; empty where there are none."""
    found = score.get("covered")
    if not found or found["value"] is None:
        return ""
    what = "set" if sets else "interval"
    return (
        f"The {percent(found['level'])} {what} held the true value in {percent(found['value'])} of "
        f"{found['n']:,} rows (95 % interval {percent(found['low'])} to {percent(found['high'])})."
    )
