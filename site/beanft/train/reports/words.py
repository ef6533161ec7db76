"""What the numbers of a report mean, in sentences."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from beanft.engine.learning.judging.verdict import rough_probabilities
from beanft.engine.learning.learners import BASELINE
from beanft.engine.learning.metrics import METRIC
from beanft.filters import plus_minus, score
from beanft.train.board import NOISE

NOT_OPENED = (
    "Locked rows are opened only for the model that was chosen, so that choosing cannot spoil them. "
    "They were not opened for this one."
)
NOT_COUNTED = (
    "It does not count as better: so many runs show such a lead by chance, or it does not hold from one part "
    "of the rows to the next."
)
"""Why the judge holds back a lead over guessing that looks sure by itself."""
UNSEEN, LOCKED = "rows while they were unseen", "locked rows"
"""What the rows are called on which a model is compared with guessing."""
_SPANS = (("0.25", "0.75"), ("0.05", "0.95"))  # quantiles of the residuals around half and nine in ten


@dataclass(frozen=True, kw_only=True)
class Words:
    """What the numbers of a report mean."""

    verdict: str
    """Its score on rows while they were unseen."""
    unseen: str
    """The same rows against guessing; empty in reports from before these were kept."""
    holdout: str
    """The locked rows against guessing, or why they were not opened."""
    rough: str
    """That the probabilities are worse than guessing's; empty when they are not."""
    residuals: str
    """How far off a regression is; empty for classification."""
    slices: str
    """How weak kinds of rows were looked for."""
    importance: str
    """What the importances are; empty where there are none."""


def words(facts: Mapping[str, Any], report: Mapping[str, Any], standing: str, target: str) -> Words:
    """Put a report into sentences; `facts` are those of the run."""
    measured = report.get("unseen") or report.get("holdout") or {}
    return Words(
        verdict=verdict_sentence(facts, report, standing),
        unseen=against_guessing(report.get("unseen"), facts["learner"], UNSEEN, standing),
        holdout=holdout_sentence(report, facts["learner"], standing),
        rough=rough_probabilities({"holdout": measured}),
        residuals=residual_sentence(report, target),
        slices=slices_sentence(report),
        importance=importance_sentence(report),
    )


def verdict_sentence(facts: Mapping[str, Any], report: Mapping[str, Any], standing: str) -> str:
    """The headline score with its interval on rows while they were unseen; of old reports the folds' mean."""
    title = METRIC[facts["metric"]].title
    measured = report.get("unseen")
    known = facts.get("interval") or (measured or {}).get("metrics", {}).get(facts["metric"])
    if known and known.get("low") is not None:
        on = f" on {measured['n_rows']:,} rows while they were unseen" if measured else ""
        interval = f"95 % interval {score(known['low'])} to {score(known['high'])}"
        scored = f"{title} {score(known['value'])} ({interval}){on}"
    else:
        scored = f"{title} {plus_minus(facts['mean'], facts['sd'])} over {len(facts['scores'])} folds"
    return f"{standing.capitalize()}: {scored}." if standing else f"{scored}."


def holdout_sentence(report: Mapping[str, Any], learner: str, standing: str = "") -> str:
    """Whether the locked rows confirm that the model is better than guessing, or why nobody knows."""
    if report and not report.get("holdout") and learner != BASELINE:
        return NOT_OPENED
    return against_guessing(report.get("holdout"), learner, LOCKED, standing)


def against_guessing(measured: Mapping[str, Any] | None, learner: str, rows: str, standing: str = "") -> str:
    """Whether a model is better than guessing on some rows; empty where it was not measured.

    The judge looks at all runs at once and at every fold; where it holds back, the same difference taken
    alone is told as that, so that one page says one thing. `standing` is its word.
    """
    if learner == BASELINE:
        return (
            "This is the baseline itself: it looks at no column, and every other model is compared with it."
        )
    if not measured:
        return ""
    difference, n = measured["difference"], measured["n_rows"]
    low, high, title = difference["low"], difference["high"], METRIC[difference["metric"]].title
    if low is None or high is None:
        return f"{title} cannot be compared with the baseline on the {n:,} {rows}."
    size = f"{title} by {score(abs(difference['value']))} (95 % interval {_ends(low, high)})"
    if low > 0 and standing == NOISE:
        return _held_back(f"On the {n:,} {rows} it is ahead of guessing, in {size}", rows)
    if low > 0:
        return f"On the {n:,} {rows} it is better than guessing, in {size}."
    if high < 0:
        return f"On the {n:,} {rows} it is worse than guessing, in {size}."
    return (
        f"On the {n:,} {rows} it cannot be told apart from guessing: the difference in {title} lies "
        f"between {score(low)} and {score(high)}, and 0 is within."
    )


def _held_back(ahead: str, rows: str) -> str:
    """Why a lead does not count: one rule for the verdict and for what stands below it."""
    if rows == UNSEEN:
        return f"{ahead}, taken alone. {NOT_COUNTED}"
    return f"{ahead}. The rows while they were unseen do not show it: the two disagree, so it is not sure."


def _ends(low: float, high: float) -> str:
    """Both ends of a difference without sign; “by” says the direction."""
    ends = sorted((abs(low), abs(high)))
    return f"{score(ends[0])} to {score(ends[1])}"


def residual_sentence(report: Mapping[str, Any], target: str) -> str:
    """How far off the predictions of a regression are, in words."""
    known = report.get("residuals")
    if not known:
        return ""
    half, most = (f"{_side(known[low])} and {_side(known[high])}" for low, high in _SPANS)
    return (
        f"Half of the true values of “{target}” lie between {half} the prediction, "
        f"nine in ten between {most} it."
    )


def _side(residual: float) -> str:
    """A residual, true minus predicted, as a distance in words."""
    return f"{score(abs(residual))} {'below' if residual < 0 else 'above'}"


def slices_sentence(report: Mapping[str, Any]) -> str:
    """How many kinds of rows were looked at, and what counts as weak."""
    made = report.get("slices")
    if not made:
        return ""
    rows = f"{made['n_rows']:,} rows" + (
        f", a sample of {made['of_rows']:,}," if made["n_rows"] < made["of_rows"] else ""
    )
    if not made["looked"]:
        return (
            f"No column splits the {rows} into kinds of at least {made['fewest']} rows, so nothing can be "
            "said of where it fails."
        )
    pairs = f", and the worst of {made['pairs']:,} pairs of them" if made["pairs"] else ""
    looked = (
        f"On {rows} while they were unseen, {made['looked']:,} kinds of rows were looked at, "
        f"each of at least {made['fewest']} rows{pairs}."
    )
    if made["found"]:
        found = "These err at least 15 % more than the others, beyond what so many looks give by chance."
        return f"{looked} {found}"
    return f"{looked} None of them errs clearly more than the others."


def importance_sentence(report: Mapping[str, Any]) -> str:
    """What the importances mean and how they were measured."""
    made = report.get("importance")
    if not made:
        return ""
    few = made["n_rows"] < made["of_rows"]
    rows = f"{made['n_rows']:,} of the {made['of_rows']:,}" if few else f"all {made['n_rows']:,}"
    sentence = (
        f"How much worse {METRIC[made['metric']].title} gets on {rows} {_rows(made)} when the values of one "
        f"column are shuffled, mean and spread of {made['repeats']} shuffles. About 0 means that the model "
        "does without the column; two columns that say the same can both look unimportant."
    )
    if made["n_columns"] < made["of_columns"]:
        why = ", as many as the time allowed" if made.get("stopped") else ""
        sentence += (
            f" Only the first {made['n_columns']} of {made['of_columns']:,} columns were measured{why}."
        )
    return sentence


def _rows(made: Mapping[str, Any]) -> str:
    """Which rows were shuffled."""
    if made.get("rows") == "learned":
        return "rows that it has learned from, which flatters columns that it has learned by heart,"
    return "locked rows"
