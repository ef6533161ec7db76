"""What a prediction is worth, in words: beside the guess, with the error on rows never seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from beanft.engine.learning.predict import Prediction, applies, threshold_sentence
from beanft.engine.learning.reports.shares import share_interval
from beanft.engine.learning.verdict import rough_probabilities
from beanft.filters import number, percent, score

_WARNINGS = ("range", "unknown")  # remarks on values that are odd, beside those on how they were written
_SMALLEST_CHANCE = 0.001
_FEWEST_ROWS = 20  # with fewer, nine of ten rows are a matter of one or two


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
class Answer:
    """A prediction with all that stands beside it."""

    prediction: Prediction
    """As the engine gave it."""
    guess: str | float | None
    """What the baseline says, which looks at no column."""
    chances: tuple[Chance, ...]
    """Most likely first; empty for regression."""
    rule: str
    """From which probability a row counts as a class, where the model's owner chose that; else empty."""
    worth: tuple[str, ...]
    """Sentences on the errors that it made on rows never seen."""
    warnings: tuple[str, ...]
    """Why not to trust it."""
    repairs: tuple[str, ...]
    """What was repaired in the input."""

    @property
    def errors(self) -> dict[str, str]:
        """The first error of each column."""
        found: dict[str, str] = {}
        for error in self.prediction.errors:
            found.setdefault(error.column or "", error.sentence)
        return found

    def facts(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return self.prediction.facts() | {
            "prediction": self.prediction.value,
            "probabilities": dict(self.prediction.probabilities),
            "baseline": self.guess,
            "rule": self.rule,
            "worth": list(self.worth),
            "warnings": list(self.warnings),
        }


def answer(
    prediction: Prediction,
    baseline: Prediction | None,
    *,
    report: Mapping[str, Any],
    better: bool | None,
    threshold: Mapping[str, Any] | None = None,
) -> Answer:
    """Set a prediction beside the baseline's and the report of its model.

    `better` says whether the model beats guessing; None where that is not known, or it is the baseline.
    `threshold` is the one that the model's owner chose, with what was expected of it.
    """
    if threshold and not applies(threshold, [label for label, _ in prediction.probabilities]):
        threshold = None
    bases = dict(baseline.probabilities) if baseline else {}
    odd = tuple(_placed(one) for one in prediction.repairs if one.code in _WARNINGS)
    no_better = () if better is not False else (_NO_BETTER,)
    rough = rough_probabilities(report)
    return Answer(
        prediction=prediction,
        guess=baseline.value if baseline else None,
        chances=tuple(
            Chance(label=label, share=share, base=bases.get(label))
            for label, share in prediction.probabilities
        ),
        rule=threshold_sentence(threshold) if threshold else "",
        worth=(threshold and _worth_at(prediction, threshold)) or _worth(prediction, report),
        warnings=(*no_better, *((rough,) if rough else ()), *odd),
        repairs=tuple(_placed(one) for one in prediction.repairs if one.code not in _WARNINGS),
    )


def overall_worth(task: str, report: Mapping[str, Any]) -> tuple[str, ...]:
    """What all predictions of a model are worth, in sentences; of one row see `answer`."""
    measured = report.get("holdout") or report.get("unseen") or {}
    metrics, n_rows = measured.get("metrics") or {}, measured.get("n_rows") or 0
    if task == "classification":
        return _hits(metrics.get("accuracy"), n_rows) + _guesses(measured)
    return _typical_error(metrics.get("rmse"), n_rows)


def chance_in_words(share: float | None) -> str:
    """Write a probability with one decimal; one that is not 0 or 1 is not written as if it were.

    >>> chance_in_words(0.7204), chance_in_words(0.0001), chance_in_words(0.99999), chance_in_words(None)
    ('72.0 %', '< 0.1 %', '> 99.9 %', '–')
    """
    if share is None:
        return "–"
    if 0 < share < _SMALLEST_CHANCE:
        return "< 0.1 %"
    return "> 99.9 %" if 1 - _SMALLEST_CHANCE < share < 1 else f"{100 * share:.1f} %"


_NO_BETTER = (
    "This model does no better than guessing beyond chance. Lean on the guess as much as on its answer."
)


def _placed(remark: Any) -> str:
    return f"{remark.column}: {remark.sentence}" if remark.column else str(remark.sentence)


def _worth_at(prediction: Prediction, threshold: Mapping[str, Any]) -> tuple[str, ...]:
    """How often the answer was right for rows that fell on the same side of the chosen threshold."""
    expected = threshold.get("expected") or {}
    is_positive = prediction.value == threshold["positive"]
    right, wrong = ("tp", "fp") if is_positive else ("tn", "fn")
    hits, n_rows = expected.get(right, 0), expected.get(right, 0) + expected.get(wrong, 0)
    if not n_rows:
        return ()
    share = {name: percent(value) for name, value in share_interval(hits, n_rows).items()}
    return (
        f"Of {n_rows:,} rows that it took for “{prediction.value}” while they were unseen, "
        f"{share['value']} were (95 % interval {share['low']} to {share['high']}).",
    )


def _worth(prediction: Prediction, report: Mapping[str, Any]) -> tuple[str, ...]:
    known = overall_worth(prediction.task, report)
    if prediction.task == "classification":
        return known + _like_this(prediction, report.get("chances") or ())
    measured = report.get("holdout") or report.get("unseen") or {}
    return known + _reach(prediction.value, report, measured.get("n_rows") or 0)


def _hits(accuracy: Mapping[str, Any] | None, n_rows: int) -> tuple[str, ...]:
    if not accuracy or accuracy.get("value") is None:
        return ()
    if accuracy["value"] == 1:
        least = percent(accuracy["low"])
        return (
            f"It was right on all {n_rows:,} rows never seen in training: 95 % sure of at least {least}.",
        )
    if accuracy.get("low") is None:
        return (f"It was right on {percent(accuracy['value'])} of rows never seen in training.",)
    low, high = percent(accuracy["low"]), percent(accuracy["high"])
    return (
        f"It was right on {percent(accuracy['value'])} of {n_rows:,} rows never seen in training "
        f"(95 % interval {low} to {high}).",
    )


def _like_this(prediction: Prediction, parts: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """How often answers of such a probability were right."""
    share = max((chance for _, chance in prediction.probabilities), default=0.0)
    part = next((one for one in parts if share <= one["high"]), parts[-1] if parts else None)
    if not prediction.probabilities or part is None or part["n_rows"] < _FEWEST_ROWS or len(parts) == 1:
        return ()
    right = {name: percent(value) for name, value in share_interval(part["n_right"], part["n_rows"]).items()}
    return (
        f"Of the {part['n_rows']:,} rows with a probability most like this one "
        f"({chance_in_words(part['low'])} to {chance_in_words(part['high'])}) it told {right['value']} right "
        f"while they were unseen (95 % interval {right['low']} to {right['high']}).",
    )


def _guesses(measured: Mapping[str, Any]) -> tuple[str, ...]:
    share = (measured.get("baseline") or {}).get("accuracy")
    return () if share is None else (f"Guessing alone was right on {percent(share)} of them.",)


def _typical_error(rmse: Mapping[str, Any] | None, n_rows: int) -> tuple[str, ...]:
    if not rmse or rmse.get("value") is None:
        return ()
    if rmse.get("low") is None:
        return (f"± {score(rmse['value'])}: its typical error (RMSE) on rows never seen in training.",)
    low, high = score(rmse["low"]), score(rmse["high"])
    return (
        f"± {score(rmse['value'])}: its typical error (RMSE) on {n_rows:,} rows never seen in training "
        f"(95 % interval {low} to {high}).",
    )


def _reach(value: Any, report: Mapping[str, Any], n_rows: int) -> tuple[str, ...]:
    """Where nine of ten true values lay around their prediction."""
    residuals = report.get("residuals") or {}
    low, high = residuals.get("0.05"), residuals.get("0.95")
    if n_rows < _FEWEST_ROWS or not isinstance(value, float) or low is None or high is None:
        return ()
    return (
        f"If this row errs as those did, the true value lies between {number(value + low)} and "
        f"{number(value + high)} in 9 of 10 cases.",
    )
