"""What the page of a batch says in words: warnings, scores, where it came from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from beanft.engine.learning.metrics import METRIC, Metric
from beanft.filters import percent

WARNINGS = {
    "unreadable": ("unreadable", "A value could not be read; it was taken as missing."),
    "range": ("out of range", "A value lies outside what training saw."),
    "unknown": ("unseen category", "A category that training never saw; it was treated as missing."),
    "missing": ("much missing", "More columns have no value than in nearly all training rows."),
    "far": ("far from the data", "The values together are unlike the training rows."),
    "unsure": (
        "low confidence",
        "The answer says little: its probability is low, its set holds most classes, or its interval is "
        "about as wide as one that looks at no column.",
    ),
    "no_interval": ("no interval", "It is not known how far off the answer may be."),
}
"""Each warning's code with its name and what it means."""

_KNOWN_MATTERS = 0.05  # share of the rows from which a score would flatter
_DISTINCT = 0.9  # below it many training rows are alike, and others are like them by chance
LONGEST_SHEET = 255
"""Characters of a sheet's name; Excel allows 31."""


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


def known_sentence(result: Mapping[str, Any]) -> str:
    """How many rows the model was trained on, where that is no chance; empty where hardly any was.

    >>> known_sentence({"known": {"n": 9, "of": 10, "share_distinct": 1.0}, "n_rows": 10})
    '9 of the 10 rows stand in the table that the model was trained on, with the same values.'
    """
    known = result.get("known")
    if not known or known["n"] < _KNOWN_MATTERS * known["of"] or known["share_distinct"] < _DISTINCT:
        return ""
    rows = (
        f"the {known['of']:,} rows" if known["of"] == result["n_rows"] else f"the first {known['of']:,} rows"
    )
    return f"{known['n']:,} of {rows} stand in the table that the model was trained on, with the same values."


def sheet_fault(name: str) -> str:
    """Why no sheet can be called so; empty where one can.

    >>> sheet_fault("May"), sheet_fault("x" * 256)
    ('', "A sheet's name has at most 255 characters.")
    """
    if len(name) > LONGEST_SHEET:
        return f"A sheet's name has at most {LONGEST_SHEET} characters."
    if any(sign == "\0" or "\ud800" <= sign <= "\udfff" for sign in name):  # no database keeps these
        return (
            "No sheet can be called so. Copy its name from the workbook, or leave it empty for the first one."
        )
    return ""


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
