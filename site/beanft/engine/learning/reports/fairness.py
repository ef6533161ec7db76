"""How a model treats groups of rows: the same figures for each value of a column, with their differences."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd

from beanft.engine.claims import ALPHA
from beanft.engine.errors import EngineError
from beanft.engine.learning.evidence import open_evidence, read_rows
from beanft.engine.learning.judging.draws import clusters_of
from beanft.engine.learning.metrics import METRIC, Metric
from beanft.engine.learning.reports.scores import mean_interval, score_interval
from beanft.engine.learning.reports.shares import share_interval
from beanft.engine.plain import percent
from beanft.engine.tables.columns import Profile
from beanft.engine.tables.wording import shown

MOST_GROUPS = 20
"""Groups that a column may have."""
ROWS = 50_000
"""Rows that are looked at; of more, a sample."""
SMALL = 50
"""Rows below which the figures of a group are marked as rough."""

_MISSING = "no value"
_KINDS = ("category", "boolean", "number", "text")
_MOST_TOLD = 5  # differences put into sentences; the table has all
_SMALLEST = 1e-12

Interval = dict[str, float | None]
"""value, low and high."""


@dataclass(frozen=True, kw_only=True)
class _Rows:
    """What is known of the rows of one group."""

    y: np.ndarray
    predicted: np.ndarray
    clusters: np.ndarray | None


def groupings(profile: Profile, *, without: str = "") -> list[str]:
    """Name the columns by which rows can be put into groups, whether they were learned from or not.

    Parameters
    ----------
    profile : Profile
        The profile of the table.
    without : str, default ""
        A column that is left out: the target.

    Returns
    -------
    list of str
        Columns of 2 to 20 values, in the order of the table.
    """
    return [
        column.name
        for column in profile.columns
        if column.kind in _KINDS
        and column.name != without
        and 2 <= column.n_distinct + bool(column.n_missing) <= MOST_GROUPS
    ]


def by_group(
    y: np.ndarray,
    predicted: np.ndarray,
    values: pd.Series,
    *,
    column: str,
    metric: Metric,
    labels: Sequence[str] = (),
    threshold: float = 0.5,
    clusters: np.ndarray | None = None,
    seed: int = 0,
) -> dict[str, Any]:
    """Give the figures of a model for each value of a column, and how they differ from the largest group's.

    Parameters
    ----------
    y : array of shape (n_rows,)
        Class codes or numbers.
    predicted : array of shape (n_rows, n_classes) or (n_rows,)
        What the model said of these rows while they were unseen.
    values : Series of shape (n_rows,)
        The group of each row; missing values are a group of their own.
    column : str
        Name of the column, for the sentences.
    metric : Metric
        The headline.
    labels : sequence of str, default ()
        The classes; with two of them, rates of the second one are given.
    threshold : float, default 0.5
        Probability of the second class from which on it is predicted.
    clusters : array of shape (n_rows,), optional
        What belongs together, see `judging.intervals.clusters_of`.
    seed : int, default 0
        Seed of the draws.

    Returns
    -------
    dict
        column, n_rows, reference (the largest group), measures (key, title, sentence, is_share), groups
        (largest first: label, n_rows, small, figures {measure: value, low, high}, differences {measure:
        value, low, high, clear}) and sentences in plain words. A difference is clear when its interval,
        widened for looking at all groups, leaves 0 out.

    References
    ----------
    Zou and Donner (2008), “Construction of confidence limits about effect measures”, for the differences.
    """
    texts = _texts(values)
    names, counts = np.unique(texts, return_counts=True)
    names = names[np.argsort(-counts, kind="stable")]
    measures = _measures(metric, labels, threshold)
    figures = {}
    for name in names.tolist():
        inside = texts == name
        rows = _Rows(
            y=y[inside], predicted=predicted[inside], clusters=None if clusters is None else clusters[inside]
        )
        figures[name] = _figures(rows, metric, labels, threshold, seed)
    groups = [
        {
            "label": name,
            "n_rows": int((texts == name).sum()),
            "small": bool((texts == name).sum() < SMALL),
            "figures": own,
            "differences": {} if name == names[0] else _differences(own, figures[names[0]], len(names) - 1),
        }
        for name, own in figures.items()
    ]
    return {
        "column": column,
        "n_rows": len(y),
        "reference": str(names[0]),
        "measures": measures,
        "groups": groups,
        "sentences": _sentences(groups, measures, column),
    }


def _texts(values: pd.Series) -> np.ndarray:
    """Each row's group as text."""
    texts = [_MISSING if pd.isna(value) else _text(value) for value in values]
    return np.array(texts, dtype=object)


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return f"{value:.0f}"
    return str(value)


def _measures(metric: Metric, labels: Sequence[str], threshold: float) -> list[dict[str, Any]]:
    """What is given for each group; the words for it."""
    found = [_measure("score", metric.title, metric.title, metric.sentence, is_share=False)]
    if not labels:
        return [*found, _measure("bias", "Mean error", "the mean error", _BIAS, is_share=False)]
    if len(labels) != 2:
        return [*found, _measure("right", "Told right", "the share told right", _RIGHT)]
    yes, no = shown(labels[1], 30), shown(labels[0], 30)
    at = f"from a probability of {percent(threshold)} on"
    return [
        *found,
        _measure(
            "positive",
            f"Predicted {yes}",
            f"the share predicted {yes}",
            f"The share of rows that are predicted {yes}, {at}.",
        ),
        _measure(
            "actual",
            f"Truly {yes}",
            f"the share that truly is {yes}",
            f"The share of rows that truly are {yes}.",
        ),
        _measure(
            "hit",
            f"{yes} found",
            f"the share of true {yes} that is found",
            f"Of the rows that truly are {yes}, the share predicted {yes}.",
        ),
        _measure(
            "alarm",
            "False alarms",
            "the share of false alarms",
            f"Of the rows that truly are {no}, the share predicted {yes}.",
        ),
    ]


_RIGHT = "The share of rows told right."
_BIAS = "The mean of true minus predicted: above 0 the predictions are too low for this group."


def _measure(key: str, title: str, words: str, sentence: str, *, is_share: bool = True) -> dict[str, Any]:
    return {"key": key, "title": title, "words": words, "sentence": sentence, "is_share": is_share}


def _figures(
    rows: _Rows, metric: Metric, labels: Sequence[str], threshold: float, seed: int
) -> dict[str, Interval]:
    n_classes = len(labels)
    score = score_interval(metric, rows.y, rows.predicted, clusters=rows.clusters, seed=seed)
    found = {"score": score}
    if not labels:
        return found | {"bias": mean_interval(rows.y - rows.predicted, clusters=rows.clusters, seed=seed)}
    if n_classes != 2:
        return found | {"right": _share(rows.predicted.argmax(axis=1) == rows.y, None, rows)}
    said, true = rows.predicted[:, 1] >= threshold, rows.y == 1
    return found | {
        "positive": _share(said, None, rows),
        "actual": _share(true, None, rows),
        "hit": _share(said, true, rows),
        "alarm": _share(said, ~true, rows),
    }


def _share(yes: np.ndarray, of: np.ndarray | None, rows: _Rows) -> Interval:
    """The share of rows that are `yes`, of those that are `of`."""
    among = np.ones(len(yes), dtype=bool) if of is None else of
    if rows.clusters is None or not among.any():
        return share_interval(int((yes & among).sum()), int(among.sum()))
    return mean_interval(yes, among=among, clusters=rows.clusters)


def _differences(
    own: Mapping[str, Interval], reference: Mapping[str, Interval], n_looked: int
) -> dict[str, dict[str, Any]]:
    """How each figure differs from the reference's, where both are known."""
    widened = NormalDist().inv_cdf(1 - ALPHA / 2 / n_looked) / NormalDist().inv_cdf(1 - ALPHA / 2)
    found = {}
    for key, one in own.items():
        ends = [side[end] for side in (one, reference[key]) for end in ("value", "low", "high")]
        known = [end for end in ends if end is not None]
        if len(known) == len(ends):
            found[key] = _difference(known, widened)
    return found


def _difference(ends: Sequence[float], widened: float) -> dict[str, Any]:
    value, low, high, other, other_low, other_high = ends
    difference = value - other
    down = math.hypot(value - low, other_high - other)
    up = math.hypot(high - value, other - other_low)
    clear = difference - widened * down > 0 or difference + widened * up < 0
    return {"value": difference, "low": difference - down, "high": difference + up, "clear": clear}


def _sentences(
    groups: Sequence[Mapping[str, Any]], measures: Sequence[Mapping[str, Any]], column: str
) -> list[str]:
    """The clearest differences in words, or that there are none; how rows truly are is not the model's."""
    reference = groups[0]["label"]
    found = [
        (group, measure)
        for group in groups[1:]
        for measure in measures
        if measure["key"] != "actual" and group["differences"].get(measure["key"], {}).get("clear")
    ]
    found.sort(key=lambda one: -_clarity(one[0]["differences"][one[1]["key"]]))
    told = [_sentence(group, measure, column, reference) for group, measure in found[:_MOST_TOLD]]
    if len(found) > _MOST_TOLD:
        told.append(f"{len(found) - _MOST_TOLD} more differences beyond chance are marked in the table.")
    return told or [_nothing_clear(groups, column)]


def _clarity(difference: Mapping[str, Any]) -> float:
    """How many times its own uncertainty a difference is."""
    width = max(float(difference["high"]) - float(difference["low"]), _SMALLEST)
    return abs(float(difference["value"])) / width


def _nothing_clear(groups: Sequence[Mapping[str, Any]], column: str) -> str:
    if len(groups) == 1:
        return f"All these rows have the same value of {shown(column)}, so there is nothing to compare."
    return (
        f"No figure of any group differs from that of {shown(groups[0]['label'])}, the largest group, beyond "
        "chance. That is no proof that they are alike: the intervals say how far apart they could be."
    )


def _sentence(group: Mapping[str, Any], measure: Mapping[str, Any], column: str, reference: str) -> str:
    difference = group["differences"][measure["key"]]
    times, unit = (100, " percentage points") if measure["is_share"] else (1, "")
    low, high = sorted(abs(difference[end]) * times for end in ("low", "high"))
    more = "higher" if difference["value"] > 0 else "lower"
    return (
        f"Where {shown(column)} is {shown(group['label'])}, {measure['words']} is {more} by "
        f"{_brief(abs(difference['value']) * times)}{unit} (95 % interval {_brief(low)} to {_brief(high)}) "
        f"than where it is {shown(reference)}."
    )


def _brief(value: float) -> str:
    """Three significant digits, all before the point."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def figures_by_group(
    *, folder: Path, table: Path, profile: Profile, key: str, column: str, threshold: float = 0.5
) -> dict[str, Any]:
    """Give the figures of a run for each value of a column, from what it said of rows while they were unseen.

    Parameters
    ----------
    folder : Path
        The experiment's folder with its evidence.
    table : Path
        The version's Parquet file.
    profile : Profile
        Its profile.
    key : str
        Key of the run.
    column : str
        One of `groupings`.
    threshold : float, default 0.5
        Probability of the second of two classes from which on it is predicted.

    Returns
    -------
    dict
        See `by_group`; and of_rows, the rows of which n_rows are a sample.

    Raises
    ------
    EngineError
        The column does not make groups, or the evidence is missing or damaged.
    """
    evidence = open_evidence(folder)
    if column not in groupings(profile, without=evidence.target):
        raise EngineError(
            f"{shown(column)} makes no groups to compare. Choose a column with 2 to {MOST_GROUPS} values."
        )
    tested = evidence.tested
    chosen = np.arange(len(tested))
    if len(tested) > ROWS:
        chosen = np.sort(np.random.default_rng(evidence.seed).choice(len(tested), ROWS, replace=False))
    rows = tested[chosen]
    values = read_rows(table, profile, [column], evidence.rows[rows])[column]
    order = None if evidence.order is None else evidence.order[rows]
    made = by_group(
        evidence.y[rows],
        evidence.oof(key)[chosen],
        values,
        column=column,
        metric=METRIC[evidence.metric],
        labels=evidence.labels,
        threshold=threshold,
        clusters=clusters_of(evidence.by, order),
        seed=evidence.seed,
    )
    return made | {"of_rows": len(tested)}
