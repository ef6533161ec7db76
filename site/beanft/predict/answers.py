"""A prediction with all that stands beside it: the guess, the interval or set, warnings, what it is worth."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from beanft.engine.learning.inputs import Remark
from beanft.engine.learning.judging.verdict import rough_probabilities
from beanft.engine.learning.predict import applies
from beanft.engine.tables.wording import listed
from beanft.filters import number
from beanft.predict.rows import Predicted
from beanft.predict.worth import alike_of, chance_in_words, worth_at, worth_of_row

_WARNINGS = ("range", "unknown")  # told among the warnings, not among what was repaired
_NAMED_BY_CHECKER = ("unknown",)  # of these the checker's sentence says more: it names the value
_DIGITS = 3  # of an interval's width
_NO_BETTER = (
    "This model does no better than guessing beyond chance. Lean on the guess as much as on its answer."
)


@dataclass(frozen=True, kw_only=True)
class Chance:
    """A class with its probability."""

    label: str
    """The class."""
    share: float
    """Probability that the model gives it, 0..1."""
    base: float | None
    """Its share among the training rows, 0..1; what one would say without looking at the row."""

    @property
    def words(self) -> str:
        """The probability as a percentage."""
        return chance_in_words(self.share)

    @property
    def base_words(self) -> str:
        """The share in training as a percentage."""
        return chance_in_words(self.base)


@dataclass(frozen=True, kw_only=True)
class Reach:
    """What else may be true: an interval of numbers or a set of classes, at a level."""

    level: float
    """How sure, 0..1."""
    low: float | None
    """Lower end; None for classes, and where there is no interval."""
    high: float | None
    """Upper end."""
    labels: tuple[str, ...] | None
    """Classes that may be true; None for numbers, and where there is no set."""
    why_not: str
    """Why there is neither; else empty."""
    sentences: tuple[str, ...]
    """What was measured of it on rows never seen."""

    @property
    def there(self) -> bool:
        """Whether there is an interval or a set."""
        return self.low is not None or self.labels is not None

    @property
    def percent(self) -> str:
        """The level, such as “90 %”."""
        return f"{100 * self.level:.6g} %"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A prediction with all that stands beside it."""

    row: Mapping[str, Any]
    """As `rows.predict_many` gives it: prediction, probabilities, low, high, set, confidence, remarks."""
    target: str
    """Column that is predicted."""
    task: str
    """classification or regression."""
    guess: str | float | None
    """What the baseline says, which looks at no column."""
    chances: tuple[Chance, ...]
    """Most likely first; empty for regression."""
    reach: Reach
    """The interval or the set."""
    meaning: str
    """What the confidence of the row says; empty where it has none."""
    rule: str
    """From which probability a row counts as a class, where the model's owner chose that; else empty."""
    worth: tuple[str, ...]
    """Sentences on the errors that it made on rows never seen."""
    alike: str
    """The one of these sentences that tells how often answers to rows like this one were right; or empty."""
    warnings: tuple[str, ...]
    """Why not to trust it."""
    repairs: tuple[str, ...]
    """What was repaired in the input."""
    errors: Mapping[str, str]
    """The first error of each column that has one; under “” what concerns no column."""
    faults: tuple[Remark, ...]
    """All errors."""
    limits: tuple[str, ...] = ()
    """What limits the meaning of the model's score, in sentences."""

    @property
    def value(self) -> Any:
        """The class or the number; None when the input has errors."""
        return self.row.get("prediction")

    def written(self, value: Any) -> str:
        """Write a number with as many decimals as its interval is worth; classes as they are."""
        low, high = self.reach.low, self.reach.high
        if not isinstance(value, float) or value.is_integer() or low is None or high is None or high <= low:
            return number(value)
        decimals = min(12, max(0, _DIGITS - 1 - math.floor(math.log10(high - low))))
        return f"{value:,.{decimals}f}".replace("-", "−")

    @property
    def measured(self) -> tuple[str, ...]:
        """What was measured of the model, without what is told beside a set already."""
        told = self.alike if self.reach.labels is not None else ""
        return self.reach.sentences + tuple(one for one in self.worth if one != told)

    @property
    def likely(self) -> str:
        """The probability of the answer in words; of a chosen threshold that is not always the largest."""
        return next((one.words for one in self.chances if one.label == self.value), "")

    @property
    def said(self) -> str:
        """One sentence for who listens instead of looking."""
        if self.value is None:
            return f"No prediction: {listed(list(self.errors))} must be corrected."
        text = f"{self.target}: {self.written(self.value)}"
        if self.likely:
            text += f", {self.likely} likely"
        if self.reach.low is not None:
            low, high = self.written(self.reach.low), self.written(self.reach.high)
            text += f", {self.reach.percent} interval {low} to {high}"
        warned = f". {len(self.warnings)} to take with care" if self.warnings else ""
        return f"{text}{warned}."

    @property
    def brief(self) -> str:
        """The answer in a few words."""
        text = self.written(self.value)
        if self.likely:
            return f"{text}, {self.likely} likely"
        if self.reach.low is None:
            return text
        return f"{text} ({self.written(self.reach.low)} to {self.written(self.reach.high)})"

    def facts(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return dict(self.row) | {
            "prediction": self.value,
            "probabilities": {chance.label: chance.share for chance in self.chances},
            "target": self.target,
            "task": self.task,
            "baseline": self.guess,
            "level": self.reach.level,
            "coverage": list(self.reach.sentences),
            "rule": self.rule,
            "worth": list(self.worth),
            "limits": list(self.limits),
            "warnings": list(self.warnings),
            "repairs": list(self.row.get("repairs") or ()),
            "errors": [one.facts() for one in self.faults],
        }


def answer(
    predicted: Predicted,
    *,
    target: str,
    task: str,
    report: Mapping[str, Any],
    threshold: Mapping[str, Any] | None = None,
    is_baseline: bool = False,
) -> Answer:
    """Set what was predicted of one row beside the baseline and the report of its model.

    `threshold` is the one that the model's owner chose, with what was expected of it. The baseline itself
    has no guess beside it.
    """
    row = predicted.answers[0] if predicted.answers else {}
    probabilities = dict(row.get("probabilities") or {})
    if threshold and not applies(threshold, list(probabilities)):
        threshold = None
    baseline = {} if is_baseline else predicted.baseline or {}
    bases = baseline.get("probabilities") or {}
    reach = _reach_of(row, predicted)
    repairs = [*(row.get("repairs") or ()), *(one.facts() for one in predicted.repairs)]
    errors: dict[str, str] = {}
    for error in predicted.errors:
        errors.setdefault(error.column or "", error.sentence)
    at_threshold = worth_at(row, threshold) if threshold else ()
    return Answer(
        row=row,
        target=target,
        task=task,
        guess=baseline.get("prediction"),
        chances=tuple(
            Chance(label=label, share=share, base=bases.get(label)) for label, share in probabilities.items()
        ),
        reach=reach,
        meaning=predicted.confidence_meaning,
        rule=predicted.rule,
        worth=at_threshold or worth_of_row(row, task, report, measured=reach.there),
        alike=at_threshold[0] if at_threshold else alike_of(row, report),
        warnings=tuple(_warnings(row, report, better=predicted.better)),
        repairs=tuple(_placed(one) for one in repairs if one["code"] not in _WARNINGS),
        errors=errors,
        faults=predicted.errors,
        limits=predicted.limits,
    )


def _warnings(row: Mapping[str, Any], report: Mapping[str, Any], *, better: bool | None) -> Iterator[str]:
    if better is False:
        yield _NO_BETTER
    if rough := rough_probabilities(report):
        yield rough
    yield from (_placed(one) for one in row.get("repairs") or () if one["code"] in _NAMED_BY_CHECKER)
    yield from (one["sentence"] for one in row.get("warnings") or () if one["code"] not in _NAMED_BY_CHECKER)


def _placed(remark: Mapping[str, Any]) -> str:
    column, sentence = remark.get("column"), str(remark["sentence"])
    return f"{column}: {sentence}" if column else sentence


def _reach_of(row: Mapping[str, Any], predicted: Predicted) -> Reach:
    labels, facts = row.get("set"), predicted.uncertainty
    return Reach(
        level=predicted.level,
        low=row.get("low"),
        high=row.get("high"),
        labels=None if labels is None else tuple(labels),
        why_not=str(facts.get("why_not") or ""),
        sentences=tuple(facts.get("sentences") or ()),
    )
