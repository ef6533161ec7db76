"""The tables of a report: scores beside guessing's, and the confusion matrix as it fits a page."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from beanft.engine.learning.metrics import METRIC, Metric

MOST_CLASSES = 12
"""Classes that the table of a confusion matrix shows; the others are put together."""
_SHADES = 5  # steps of the table's colour, shade-0 to shade-5 in beanft.css


@dataclass(frozen=True, kw_only=True)
class ScoreRow:
    """One metric beside guessing's."""

    metric: Metric
    """The metric."""
    model: Mapping[str, float | None]
    """value, low and high of the model."""
    baseline: Mapping[str, float | None] | None
    """The same of the baseline, if it was kept."""
    sentence: str
    """What the metric says, its classes by their names."""

    @property
    def all_right(self) -> bool:
        """Whether every row was told right, so that the low end is a bound and no resample's."""
        low, high = self.model["low"], self.model["high"]
        return self.metric.key in _SHARES and self.model["value"] == high == 1 and low is not None and low < 1


_SHARES = ("accuracy", "balanced_accuracy")


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


def score_rows(
    measured: Mapping[str, Any] | None,
    baseline: Mapping[str, Any] | None = None,
    labels: Sequence[str] = (),
) -> list[ScoreRow]:
    """Each metric beside guessing's, the headline first; `baseline` is what was measured of the baseline.

    Of two `labels` the sentences name each.

    Newer reports hold guessing's intervals themselves.
    """
    if not measured:
        return []
    scores = measured["metrics"]
    others = measured.get("guess") or (baseline or {}).get("metrics") or {}
    headline = measured["difference"]["metric"]
    keys = sorted((key for key in scores if key in METRIC), key=lambda key: key != headline)
    return [
        ScoreRow(
            metric=METRIC[key],
            model=_rounded(key, scores[key]),
            baseline=_rounded(key, others.get(key)),
            sentence=METRIC[key].sentence_for(labels),
        )
        for key in keys
    ]


def _rounded(key: str, interval: Mapping[str, float | None] | None) -> Any:
    """Without a tail of rounding errors around 0, where a score has no unit."""
    if not interval or key not in _AROUND_ZERO:
        return interval
    return {end: None if value is None else round(value, 4) + 0.0 for end, value in interval.items()}


_AROUND_ZERO = ("r2", "matthews")


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
        sentence=_sentence(report),
    )


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


def _sentence(report: Mapping[str, Any]) -> str:
    """Rows told right, and the most frequent mistake."""
    labels, counts = report["confusion"]["labels"], report["confusion"]["counts"]
    n_rows, right = sum(map(sum, counts)), sum(counts[i][i] for i in range(len(labels)))
    which = "rows while they were unseen" if "unseen" in report else "locked rows"
    sentence = f"{right:,} of {n_rows:,} {which} are told right."
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
