"""The headline: scores on the locked rows beside simple guesses, and whether they confirm the folds."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from beanft.engine.claims import ALPHA
from beanft.engine.learning.evidence import Evidence
from beanft.engine.learning.judging.comparing import Comparison, least_p, paired
from beanft.engine.learning.judging.differences import Side, within_reach
from beanft.engine.learning.judging.draws import Draws, clusters_of
from beanft.engine.learning.judging.intervals import few_decide
from beanft.engine.learning.judging.verdict import CONFIRMS, WITHIN_NOISE, Verdict, instead, is_ahead, short
from beanft.engine.learning.learners import BASELINE
from beanft.engine.learning.metrics import METRIC, Metric, metrics_for
from beanft.engine.plain import capital

_DEALT = "dealing the classes out by chance"
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
    looks: int
    """How often these rows have been opened for this target, this time included."""
    final: dict[str, Any]
    """key, metrics {key: {value, low, high}} and note (a sentence or empty) of the final model."""
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
    looks: int = 1,
) -> Confirmation:
    """Score the final model on the locked rows, beside the simple model and simple guesses.

    "Better than guessing" is claimed only when both say so: the folds, with their correction for many runs,
    and the locked rows, with a 95 % interval of the difference to guessing above 0. Each further look at the
    same rows is another chance to be lucky, so the level of 5 % is divided by the number of looks.

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
    looks : int, default 1
        How often these rows have been opened for this target, this time included.

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
        name: {"title": scored.name(name)} | scored.beside(predicted, is_guess=name == BASELINE)
        for name, predicted in references.items()
    }
    code, sentence = _outcome(verdict, scored, beside, looks)
    note = few_decide(scored.metric, scored.y, scored.predicted)
    sentence = f"{_beaten_by(scored, beside, evidence.by)}{sentence}{f' {note}' if note else ''}"
    return Confirmation(
        code=code,
        sentence=sentence,
        n_rows=len(evidence.y_holdout),
        n_groups=None if scored.clusters is None else scored.draws.n_units,
        metric=evidence.metric,
        looks=looks,
        final={"key": final_key, "metrics": scored.intervals(scored.predicted), "note": note},
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
        self.value, self.drawn = self._drawn(self.predicted)
        self.interval = self.draws.scored(self.metric, self.predicted)

    def name(self, reference: str) -> str:
        """What a simple guess does, in words."""
        if reference == BASELINE and self.metric.guess == "dealt":
            return _DEALT
        return _NAMES.get(reference, reference)

    def intervals(
        self, predicted: np.ndarray, *, is_guess: bool = False
    ) -> dict[str, dict[str, float | None]]:
        """Every metric with its interval."""
        return {
            metric.key: self.draws.scored(metric, predicted, is_guess=is_guess) for metric in self.metrics
        }

    def beside(self, predicted: np.ndarray, *, is_guess: bool = False) -> dict[str, Any]:
        """Scores of other predictions, and how much better the final model is."""
        metrics = self.intervals(predicted, is_guess=is_guess)
        ahead = self.ahead_of(predicted, metrics[self.metric.key])
        return {"metrics": metrics, "difference": ahead.facts()}

    def ahead_of(self, predicted: np.ndarray, interval: Mapping[str, float | None]) -> Comparison:
        """How much better the final model is than other predictions, whose score has that interval."""
        sign = 1 if self.metric.greater_is_better else -1
        value, drawn = self._drawn(predicted)
        ahead = sign * (self.drawn - drawn)
        found = paired(sign * (self.value - value), ahead, self.draws.error(ahead), self.least_p)
        own, other = Side.of(self.interval, self.drawn, sign), Side.of(interval, drawn, sign)
        return within_reach(found, own, other, self.metric, self.y)

    def _drawn(self, predicted: np.ndarray) -> tuple[float, np.ndarray]:
        """The score, and that of each draw as differences need it."""
        value, drawn = self.draws.scores(self.metric, predicted)
        return value, self.draws.pairing(self.metric, predicted, drawn)


def _held(evidence: Evidence, key: str) -> np.ndarray:
    predicted = evidence.holdout(key)
    if predicted is None:
        raise ValueError(f"run {key} left no predictions of the locked rows")
    return predicted


def _outcome(
    verdict: Verdict, scored: _Locked, beside: Mapping[str, Mapping[str, Any]], looks: int
) -> tuple[str, str]:
    """Code and sentence of both together."""
    ahead = beside[BASELINE]["difference"]
    locked = _locked_sentence(scored, beside, looks)
    is_shown = ahead["better"] and ahead["p"] <= ALPHA / looks
    if verdict.code != "better":
        if not is_shown:
            return verdict.code, f"{verdict.sentence} {locked}."
        said = _NOT_SHOWN if verdict.sentence == WITHIN_NOISE else verdict.sentence
        return verdict.code, (
            f"{said} {locked}, a difference too large to be chance. The two disagree: "
            "bring more rows to be sure."
        )
    if is_shown and any(is_ahead(name, facts) for name, facts in beside.items()):
        return "better", f"{verdict.sentence} {locked}, better than that but behind what is simpler."
    if is_shown:
        return "better", f"{verdict.sentence} {locked}{CONFIRMS}.{_not_over(scored, beside)}"
    why = "which does not bear it out"
    if ahead["difference"] > 0:
        often = " when rows are opened more than once" if ahead["p"] <= ALPHA else ""
        why = f"a difference that may be chance{often}"
    return "unconfirmed", (
        f"Not confirmed. {verdict.sentence} That was seen on rows while they were unseen. {locked}, {why}. "
        "Bring more rows to be sure."
    )


_NOT_SHOWN = "On rows while they were unseen no learner is shown to do better than guessing."


def _locked_sentence(scored: _Locked, beside: Mapping[str, Mapping[str, Any]], looks: int) -> str:
    """The scores on the locked rows, without a full stop."""
    guess = beside[BASELINE]["metrics"][scored.metric.key]["value"]
    own = scored.interval
    value, low, high, guessed = short(own["value"], own["low"], own["high"], guess)
    opened = f", opened for the {_ordinal(looks)} time," if looks > 1 else ""
    return (
        f"On the {len(scored.y):,} locked rows{opened} the final model scores {value} ({low} to {high}) "
        f"against {guessed} for guessing"
    )


def _ordinal(n: int) -> str:
    last = "" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "")
    return f"{n}{last or 'th'}"


def _beaten_by(scored: _Locked, beside: Mapping[str, Mapping[str, Any]], by: str) -> str:
    """Say first of all which simple guesses do better than the final model, beyond chance, and what to do."""
    key, said = scored.metric.key, []
    for name, facts in beside.items():
        if not is_ahead(name, facts):
            continue
        theirs, own = short(facts["metrics"][key]["value"], scored.value)
        title = scored.name(name)
        said.append(
            f"{capital(title)} does better than the final model: it scores {theirs} on the "
            f"locked rows, the final model {own}. "
        )
    if not said:
        return ""
    advice = instead(len(said), by)
    return f"{''.join(said)}{capital(advice)}. "


def _not_over(scored: _Locked, beside: Mapping[str, Mapping[str, Any]]) -> str:
    """Name the simple guesses that the final model is not shown to beat, nor to fall behind."""
    equal = [
        scored.name(name)
        for name, facts in beside.items()
        if name != BASELINE and not facts["difference"]["better"] and not is_ahead(name, facts)
    ]
    if not equal:
        return ""
    return f" It is not shown to be better than {' or '.join(equal)}."
