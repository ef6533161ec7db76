"""What the page of a batch says in words: warnings, scores, where it came from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from beanft.engine.learning.batches.known import flatters
from beanft.engine.learning.metrics import METRIC, Metric
from beanft.engine.plain import written
from beanft.engine.tables.wording import counted, listed, shown
from beanft.filters import percent

WARNINGS = {
    "unreadable": ("unreadable", "A value could not be read; it was taken as missing."),
    "range": ("out of range", "A value lies outside what training saw."),
    "later": (
        "later than measured",
        "A date lies further ahead than the dates on which errors were measured.",
    ),
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

NOT_MEASURED = "This row is unlike the training rows, on which it was measured how sure answers are."
"""What stands in place of the confidence of a row that has one of these warnings."""

_MATTERS = 0.01  # importance of a column, of that of the most important one, below which it hardly counts
_MOST = 0.5  # of the rows
LONGEST_SHEET = 255
"""Characters of a sheet's name; Excel allows 31."""


_BESIDE = {
    "": ".",
    "as promised": ": as they promise, as far as chance goes.",
    "more": ": more than they promise. They are wider than these rows need.",
    "fewer": ": fewer than they promise, beyond what chance explains. Do not rely on these {what}.",
}


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
    if not known or not flatters(known):
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
    what = "sets" if sets else "intervals"
    said = (
        f"The {percent(found['level'])} {what} held {percent(found['value'])} of the {found['n']:,} true "
        f"values (95 % interval {percent(found['low'])} to {percent(found['high'])})"
    )
    return f"{said}{_BESIDE[found.get('beside', '')].format(what=what)}"


def holds_fewer(score: Mapping[str, Any] | None) -> bool:
    """Whether intervals or sets held the truth less often than they promise, beyond what chance explains."""
    covered = (score or {}).get("covered") or {}
    return covered.get("beside") == "fewer"


def measured_here(score: Mapping[str, Any], target: str, *, source: str) -> tuple[str, ...]:
    """What the predictions of a batch are worth on its own true values, in sentences; first of all."""
    metrics, guess = score["metrics"], score["guess"]
    key, way = ("rmse", written) if "rmse" in metrics else ("accuracy", percent)
    own, base = metrics[key], guess.get(key)
    if METRIC[score["headline"]].guess and not score.get("guessed_each"):
        base = None  # of an earlier release: the guess was made for another score
    if own["value"] is None:
        return ()
    drawn = ", drawn at random," if score["sampled"] else ""
    rows = f"{counted(score['n_rows'], 'row')}{drawn} of this {source} whose true {target} is known"
    interval = "" if own["low"] is None else f" (95 % interval {way(own['low'])} to {way(own['high'])})"
    if key == "rmse":
        said = f"± {way(own['value'])}: their typical error (RMSE) on the {rows}{interval}."
        guessed = "Guessing alone erred by ± {} on them."
    else:
        said = f"{way(own['value'])} of the answers are right on the {rows}{interval}."
        guessed = "Guessing alone was right on {} of them."
    return (said,) if base is None else (said, guessed.format(way(base)))


def outside_of(
    result: Mapping[str, Any], score: Mapping[str, Any] | None, weights: Mapping[str, float]
) -> str:
    """Say that most rows lie outside of what training saw in a column that matters; else empty.

    `weights` tells how much columns matter; where it does not name one, it may. Where intervals or sets were
    measured on the rows themselves, and held the truth as they promise, nothing is to be feared.

    >>> result = {"n_rows": 9, "repair_columns": {"range": {"day": 9, "wind": 2}}, "labels": []}
    >>> outside_of(result, None, {"day": 0.0, "wind": 0.3})
    ''
    >>> outside_of(result, None, {"day": 0.3})[:75]
    'Most rows lie outside the range that training saw, in “day” 9 of the 9 rows'
    """
    if score and (score.get("covered") or {}).get("beside") in ("as promised", "more"):
        return ""
    n_rows, most = result["n_rows"], max(weights.values(), default=0.0)
    found = result["repair_columns"].get("range", {})
    mostly = [
        name
        for name, n in sorted(found.items(), key=lambda one: -one[1])
        if n > _MOST * n_rows and weights.get(name, most) >= _MATTERS * most
    ]
    if not mostly:
        return ""
    places = listed([f"{shown(name)} {found[name]:,}" for name in mostly])
    what = "Sets" if result["labels"] else "Intervals"
    return (
        f"Most rows lie outside the range that training saw, in {places} of the {n_rows:,} rows. {what} and "
        "confidence were measured on rows within it and do not hold here."
    )
