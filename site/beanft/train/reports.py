"""The report of a model as its page shows it: scores beside the baseline, confusion, importance, words."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from beanft.engine.charts.reports import confusion_figure, importance_figure, predicted_against_true_figure
from beanft.engine.learning.learners import BASELINE
from beanft.engine.learning.metrics import METRIC, Metric
from beanft.engine.learning.verdict import rough_probabilities
from beanft.filters import plus_minus, score

MOST_CLASSES = 12
"""Classes that the table of a confusion matrix shows; the others are put together."""
MOST_BARS = 15
"""Columns that the picture of the importances shows; the table beside it has all."""
_SPANS = (("0.25", "0.75"), ("0.05", "0.95"))  # quantiles of the residuals around half and nine in ten
_SHADES = 5  # steps of the table's colour, shade-0 to shade-5 in beanft.css


@dataclass(frozen=True, kw_only=True)
class HoldoutRow:
    """One metric on the hold-out."""

    metric: Metric
    """The metric."""
    model: Mapping[str, float | None]
    """value, low and high of the model."""
    baseline: Mapping[str, float | None] | None
    """The same of the baseline, if it was kept."""

    @property
    def all_right(self) -> bool:
        """Whether every row was told right, so that the low end is a bound and no resample's."""
        low, high = self.model["low"], self.model["high"]
        return self.model["value"] == high == 1 and low is not None and low < 1


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One cell of a confusion matrix."""

    count: int
    """Rows."""
    share: float
    """Share of the rows of its true class, 0..1."""
    shade: int
    """0 to 5 by that share."""
    right: bool
    """Whether true and predicted class agree."""


@dataclass(frozen=True, kw_only=True)
class Confusion:
    """A confusion matrix that fits a page."""

    labels: list[str]
    """Classes; the last may stand for several."""
    rows: list[list[Cell]]
    """rows[true][predicted]."""
    totals: list[int]
    """Rows of each true class."""
    n_merged: int
    """Classes put together in the last one; 0 for none."""
    sentence: str
    """What it shows, in words."""


@dataclass(frozen=True, kw_only=True)
class Words:
    """What the numbers of a report mean."""

    validation: str
    """Cross-validation against guessing."""
    holdout: str
    """The locked rows against guessing."""
    rough: str
    """That the probabilities are worse than guessing's; empty when they are not."""
    residuals: str
    """How far off a regression is; empty for classification."""
    importance: str
    """What the importances are."""


def words(facts: Mapping[str, Any], report: Mapping[str, Any], standing: str, target: str) -> Words:
    """Put a report into sentences."""
    return Words(
        validation=validation_sentence(facts, standing),
        holdout=holdout_sentence(report, facts["learner"]),
        rough=rough_probabilities(report),
        residuals=residual_sentence(report, target),
        importance=importance_sentence(report),
    )


def holdout_rows(report: Mapping[str, Any], baseline: Mapping[str, Any] | None) -> list[HoldoutRow]:
    """Each metric of the hold-out beside the baseline's, the headline first."""
    scores = report["holdout"]["metrics"]
    others = baseline["holdout"]["metrics"] if baseline else {}
    headline = report["holdout"]["difference"]["metric"]
    keys = sorted(scores, key=lambda key: key != headline)
    return [HoldoutRow(metric=METRIC[key], model=scores[key], baseline=others.get(key)) for key in keys]


def holdout_sentence(report: Mapping[str, Any], learner: str) -> str:
    """Whether the hold-out confirms that the model is better than guessing."""
    difference, n = report["holdout"]["difference"], report["holdout"]["n_rows"]
    low, high, title = difference["low"], difference["high"], METRIC[difference["metric"]].title
    if learner == BASELINE:
        return (
            "This is the baseline itself: it looks at no column, and every other model is compared with it."
        )
    if low is None or high is None:
        return f"{title} cannot be compared with the baseline on the {n:,} rows of the hold-out."
    size = f"{title} by {score(abs(difference['value']))} (95 % interval {score(low)} to {score(high)})"
    if low > 0:
        return f"On the {n:,} locked rows it is better than guessing, in {size}."
    if high < 0:
        return f"On the {n:,} locked rows it is worse than guessing, in {size}."
    return (
        f"On the {n:,} locked rows it cannot be told apart from guessing: the difference in {title} lies "
        f"between {score(low)} and {score(high)}, and 0 is within."
    )


def validation_sentence(facts: Mapping[str, Any], standing: str) -> str:
    """What cross-validation says of the model, in words."""
    title, n = METRIC[facts["metric"]].title, len(facts["scores"])
    scored = f"{title} {plus_minus(facts['mean'], facts['sd'])} over {n} folds"
    return f"{standing.capitalize()}: {scored}." if standing else f"{scored}."


def confusion(report: Mapping[str, Any]) -> Confusion | None:
    """The confusion matrix; the rarest classes are put together where there are too many for a page."""
    if "confusion" not in report:
        return None
    labels, counts = _merged(report["confusion"]["labels"], report["confusion"]["counts"])
    totals = [sum(row) for row in counts]
    rows = [
        [_cell(n, totals[true], right=true == predicted < MOST_CLASSES) for predicted, n in enumerate(row)]
        for true, row in enumerate(counts)
    ]
    return Confusion(
        labels=labels,
        rows=rows,
        totals=totals,
        n_merged=max(0, len(report["confusion"]["labels"]) - MOST_CLASSES),
        sentence=_confusion_sentence(report["confusion"]["labels"], report["confusion"]["counts"]),
    )


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


def importance_sentence(report: Mapping[str, Any]) -> str:
    """What the importances mean and how they were measured."""
    made = report["importance"]
    metric = METRIC[made["metric"]]
    rows = (
        f"{made['n_rows']:,} of the {made['of_rows']:,}"
        if made["n_rows"] < made["of_rows"]
        else f"all {made['n_rows']:,}"
    )
    sentence = (
        f"How much worse {metric.title} gets on {rows} rows of the hold-out when the values of one column "
        f"are shuffled, mean and spread of {made['repeats']} shuffles. About 0 means that the model does "
        "without the column; two columns that say the same can both look unimportant."
    )
    if made["n_columns"] < made["of_columns"]:
        sentence += f" Only the first {made['n_columns']} of {made['of_columns']:,} columns were measured."
    return sentence


def figure(name: str, report: Mapping[str, Any], target: str) -> dict[str, Any] | None:
    """One picture of a report as an ECharts option; None where there is no such picture."""
    if name == "confusion" and "confusion" in report:
        return confusion_figure(report["confusion"]["labels"], report["confusion"]["counts"])
    if name == "predicted" and "points" in report:
        points = report["points"]
        pairs = [
            (true, guess)
            for true, guess in zip(points["true"], points["predicted"], strict=True)
            if true is not None and guess is not None
        ]
        return predicted_against_true_figure(pairs, target)
    if name == "importance" and report["importance"]["columns"]:
        columns = report["importance"]["columns"][:MOST_BARS]
        return importance_figure([(one["name"], one["mean"] or 0.0, one["sd"] or 0.0) for one in columns])
    return None


def _cell(count: int, total: int, *, right: bool) -> Cell:
    share = count / total if total else 0.0
    return Cell(count=count, share=share, shade=math.ceil(share * _SHADES), right=right)


def _merged(labels: Sequence[str], counts: Sequence[Sequence[int]]) -> tuple[list[str], list[list[int]]]:
    """Keep the most frequent true classes, and put the others together."""
    if len(labels) <= MOST_CLASSES:
        return list(labels), [list(row) for row in counts]
    by_size = sorted(range(len(labels)), key=lambda i: -sum(counts[i]))
    kept = sorted(by_size[:MOST_CLASSES])
    place = {i: kept.index(i) if i in kept else MOST_CLASSES for i in range(len(labels))}
    merged = [[0] * (MOST_CLASSES + 1) for _ in range(MOST_CLASSES + 1)]
    for true, row in enumerate(counts):
        for predicted, n in enumerate(row):
            merged[place[true]][place[predicted]] += n
    return [*(labels[i] for i in kept), f"{len(labels) - MOST_CLASSES} others"], merged


def _confusion_sentence(labels: Sequence[str], counts: Sequence[Sequence[int]]) -> str:
    """Rows told right, and the most frequent mistake."""
    n_rows, right = sum(map(sum, counts)), sum(counts[i][i] for i in range(len(labels)))
    sentence = f"{right:,} of {n_rows:,} rows of the hold-out are told right."
    mistakes = [
        (n, true, predicted)
        for true, row in enumerate(counts)
        for predicted, n in enumerate(row)
        if n and true != predicted
    ]
    if not mistakes:
        return sentence
    n, true, predicted = max(mistakes, key=lambda mistake: mistake[0])
    rows = "1 row" if n == 1 else f"{n:,} rows"
    return (
        f"{sentence} The most frequent mistake: {rows} of “{labels[true]}” taken for “{labels[predicted]}”."
    )
