"""What a prediction is worth, in sentences: the errors that its model made on rows never seen."""

from collections.abc import Mapping
from typing import Any

from beanft.engine.learning.metrics import METRIC
from beanft.engine.learning.reports.shares import share_interval
from beanft.filters import number, percent, score

_SMALLEST_CHANCE = 0.001
_FEWEST_ROWS = 20  # with fewer, nine of ten rows are a matter of one or two


def overall_worth(task: str, report: Mapping[str, Any]) -> tuple[str, ...]:
    """What all predictions of a model are worth, in sentences; of one row see `answer`."""
    measured = report.get("holdout") or report.get("unseen") or {}
    metrics, n_rows = measured.get("metrics") or {}, measured.get("n_rows") or 0
    if task == "classification":
        return _hits(metrics.get("accuracy"), n_rows) + _guesses(measured)
    return _typical_error(metrics.get("rmse"), n_rows) + _guessed_error(measured)


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


def worth_at(row: Mapping[str, Any], threshold: Mapping[str, Any]) -> tuple[str, ...]:
    """How often the answer was right for rows that fell on the same side of the chosen threshold."""
    expected, value = threshold.get("expected") or {}, row.get("prediction")
    is_positive = value == threshold["positive"]
    right, wrong = ("tp", "fp") if is_positive else ("tn", "fn")
    hits, n_rows = expected.get(right, 0), expected.get(right, 0) + expected.get(wrong, 0)
    if not n_rows or value is None:
        return ()
    share = {name: percent(value) for name, value in share_interval(hits, n_rows).items()}
    return (
        f"Of {n_rows:,} rows that it took for “{value}” while they were unseen, "
        f"{share['value']} were (95 % interval {share['low']} to {share['high']}).",
    )


def worth_of_row(
    row: Mapping[str, Any], task: str, report: Mapping[str, Any], *, measured: bool
) -> tuple[str, ...]:
    """What the errors were; where an interval was measured, that says how far they reach."""
    known = overall_worth(task, report)
    if task == "classification":
        return known + ((said,) if (said := alike_of(row, report)) else ())
    if measured:
        return known
    unseen = report.get("holdout") or report.get("unseen") or {}
    return known + _reach(row.get("prediction"), report, unseen.get("n_rows") or 0)


def alike_of(row: Mapping[str, Any], report: Mapping[str, Any]) -> str:
    """How often answers of such a probability were right; empty where that was not measured."""
    probabilities, parts = row.get("probabilities") or {}, report.get("chances") or ()
    likeliest = max(probabilities, key=lambda label: probabilities[label], default=None)
    if likeliest is None or likeliest != row.get("prediction"):
        return ""  # by a chosen threshold the answer is another class than the one whose hits were counted
    share = probabilities[likeliest]
    part = next((one for one in parts if share <= one["high"]), parts[-1] if parts else None)
    if part is None or part["n_rows"] < _FEWEST_ROWS or len(parts) == 1:
        return ""
    right = {name: percent(value) for name, value in share_interval(part["n_right"], part["n_rows"]).items()}
    return (
        f"Of the {part['n_rows']:,} rows with a probability most like this one "
        f"({chance_in_words(part['low'])} to {chance_in_words(part['high'])}) it told {right['value']} right "
        f"while they were unseen (95 % interval {right['low']} to {right['high']})."
    )


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


def _guesses(measured: Mapping[str, Any]) -> tuple[str, ...]:
    share = (measured.get("baseline") or {}).get("accuracy") if _guesses_plainly(measured) else None
    return () if share is None else (f"Guessing alone was right on {percent(share)} of them.",)


def _guesses_plainly(measured: Mapping[str, Any]) -> bool:
    """Whether the guess is the commonest class or the mean: where F1 or MAE ranks, it was made for that.

    A report names what ranks; without one there are no metrics but that and the one that is told.
    """
    ranks = (measured.get("difference") or {}).get("metric")
    keys = (ranks,) if ranks else tuple(measured.get("metrics") or ())
    return not any(METRIC[key].guess for key in keys if key in METRIC)


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


def _guessed_error(measured: Mapping[str, Any]) -> tuple[str, ...]:
    error = (measured.get("baseline") or {}).get("rmse") if _guesses_plainly(measured) else None
    return () if error is None else (f"Guessing alone erred by ± {score(error)} on them.",)


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
