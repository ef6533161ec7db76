"""The headline: scores on the locked rows beside simple guesses, and whether they confirm the folds."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from beanft.engine.learning.evidence import Evidence
from beanft.engine.learning.judging.comparing import ALPHA, Comparison, least_p, paired
from beanft.engine.learning.judging.intervals import Draws, clusters_of
from beanft.engine.learning.judging.verdict import Verdict, short
from beanft.engine.learning.learners import BASELINE
from beanft.engine.learning.metrics import METRIC, Metric, metrics_for

_NAMES = {
    BASELINE: "always guessing the same",
    "best_column": "the best single column",
    "rule": "a rule of two questions",
}


@dataclass(frozen=True, kw_only=True)
class Confirmation:
    """What the locked rows say, opened once, at the end."""

    code: str
    """better, unconfirmed or guessing."""
    sentence: str
    """The outcome in plain words."""
    n_rows: int
    """Locked rows."""
    n_groups: int | None
    """Groups, or blocks of time, among them that were drawn as a whole; None when rows were drawn."""
    metric: str
    """Key of the metric that ranks."""
    final: dict[str, Any]
    """key and metrics {key: {value, low, high}} of the final model."""
    simple: dict[str, Any] | None
    """The same of the simplest model tied with it, and difference: how much better the final model is."""
    references: dict[str, dict[str, Any]]
    """For each simple guess: title, metrics as above, and difference: how much better the final model is."""
    verdict: Verdict
    """The verdict of the folds, its code and sentence brought in line with the locked rows."""

    def facts(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return vars(self) | {"verdict": self.verdict.facts()}


def confirm(
    evidence: Evidence,
    final_key: str,
    simple_key: str | None,
    references: Mapping[str, np.ndarray],
    *,
    verdict: Verdict,
) -> Confirmation:
    """Score the final model on the locked rows, beside the simple model and simple guesses.

    "Better than guessing" is claimed only when both say so: the folds, with their correction for many runs,
    and the locked rows, with a 95 % interval of the difference to always guessing above 0.

    Parameters
    ----------
    evidence : Evidence
        Holds what both models said of the locked rows.
    final_key : str
        Key of the final run.
    simple_key : str or None
        Key of the simplest run tied with it, if it is another one.
    references : mapping of str to array
        baseline, best_column and rule: what they say of the locked rows; the baseline must be there.
    verdict : Verdict
        What the judge made of the folds.

    Returns
    -------
    Confirmation
        Every score with its 95 % interval; differences are positive where the final model is better.

    Raises
    ------
    ValueError
        The final run, or the simple one, left no predictions of the locked rows.
    """
    scored = _Locked(evidence, final_key)
    simple = None
    if simple_key is not None and simple_key != final_key:
        simple = {"key": simple_key} | scored.beside(_held(evidence, simple_key))
    beside = {
        name: {"title": _NAMES.get(name, name)} | scored.beside(predicted)
        for name, predicted in references.items()
    }
    code, sentence = _outcome(verdict, scored, beside)
    return Confirmation(
        code=code,
        sentence=sentence,
        n_rows=len(evidence.y_holdout),
        n_groups=None if scored.clusters is None else scored.draws.n_units,
        metric=evidence.metric,
        final={"key": final_key, "metrics": scored.intervals(scored.predicted)},
        simple=simple,
        references=beside,
        verdict=replace(verdict, code=code, sentence=sentence),
    )


class _Locked:
    """The locked rows, the draws of them, and what the final model said."""

    def __init__(self, evidence: Evidence, final_key: str) -> None:
        self.y = evidence.y_holdout
        self.clusters = clusters_of(evidence.by, evidence.order_holdout)
        self.draws = Draws(self.y, clusters=self.clusters, seed=evidence.seed)
        self.metric: Metric = METRIC[evidence.metric]
        self.metrics = metrics_for(evidence.task, len(evidence.labels))
        self.least_p = least_p(self.y, classes=evidence.task == "classification", clusters=self.clusters)
        self.predicted = _held(evidence, final_key)
        self.value, self.drawn = self.draws.scores(self.metric, self.predicted)

    def intervals(self, predicted: np.ndarray) -> dict[str, dict[str, float | None]]:
        """Every metric with its interval."""
        return {metric.key: self.draws.scored(metric, predicted) for metric in self.metrics}

    def beside(self, predicted: np.ndarray) -> dict[str, Any]:
        """Scores of other predictions, and how much better the final model is."""
        return {"metrics": self.intervals(predicted), "difference": self.ahead_of(predicted).facts()}

    def ahead_of(self, predicted: np.ndarray) -> Comparison:
        """How much better the final model is than other predictions."""
        sign = 1 if self.metric.greater_is_better else -1
        value, drawn = self.draws.scores(self.metric, predicted)
        ahead = sign * (self.drawn - drawn)
        return paired(sign * (self.value - value), ahead, self.draws.error(ahead), self.least_p)


def _held(evidence: Evidence, key: str) -> np.ndarray:
    predicted = evidence.holdout(key)
    if predicted is None:
        raise ValueError(f"run {key} left no predictions of the locked rows")
    return predicted


def _outcome(verdict: Verdict, scored: _Locked, beside: Mapping[str, Mapping[str, Any]]) -> tuple[str, str]:
    """Code and sentence of both together."""
    ahead = beside[BASELINE]["difference"]
    guess = beside[BASELINE]["metrics"][scored.metric.key]["value"]
    own = scored.draws.scored(scored.metric, scored.predicted)
    value, low, high, guessed = short(own["value"], own["low"], own["high"], guess)
    locked = (
        f"On the {len(scored.y):,} locked rows the final model scores {value} ({low} to {high}) "
        f"against {guessed} for guessing"
    )
    if verdict.code != "better":
        return verdict.code, f"{verdict.sentence} {locked}."
    if ahead["better"] and ahead["p"] <= ALPHA:
        return "better", f"{verdict.sentence} {locked}, which confirms it.{_over_simple(beside)}"
    why = "a difference that may be chance" if ahead["difference"] > 0 else "which does not bear it out"
    return "unconfirmed", (
        f"Not confirmed. {verdict.sentence} That was seen on rows while they were unseen. {locked}, {why}. "
        "Bring more rows to be sure."
    )


def _over_simple(beside: Mapping[str, Mapping[str, Any]]) -> str:
    """Name the simple guesses that the final model is not shown to beat."""
    equal = [
        _NAMES.get(name, name)
        for name, facts in beside.items()
        if name != BASELINE and not facts["difference"]["better"]
    ]
    if not equal:
        return ""
    return f" It is not shown to be better than {' or '.join(equal)}."
