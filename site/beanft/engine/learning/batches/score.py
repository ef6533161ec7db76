"""How good the predictions of a table are, where the table holds the true values as well."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from beanft.engine.compare.effects import wilson
from beanft.engine.learning.batches.spellings import Spellings, spelled_column
from beanft.engine.learning.checking.tables import check_table
from beanft.engine.learning.evidence import Evidence
from beanft.engine.learning.guessing import GuessedClass, GuessedNumber
from beanft.engine.learning.judging.draws import Draws, clusters_of
from beanft.engine.learning.judging.intervals import spread
from beanft.engine.learning.metrics import METRIC, Metric, metrics_for
from beanft.engine.learning.reports.scores import confusion
from beanft.engine.learning.reports.shares import share_interval
from beanft.engine.learning.truth_words import in_stored_words
from beanft.engine.tables.columns import Column
from beanft.engine.tables.connection import literal, quote, reading
from beanft.engine.tables.kinds.forms import BLANKS
from beanft.engine.tables.wording import counted, shown

FEWEST_ROWS = 10
"""Rows with a true value below which no score is given."""

_MOST_ROWS = 200_000  # of longer tables so many rows, drawn at random, are scored
_MOST_CELLS = 8_000_000
_DRAWN_ROWS = 20_000  # rows that the bootstrap draws from; the spread is scaled to all
_FEWEST_UNITS = 2  # groups or blocks of time that tell chance from what is not chance
_MOST_CLASSES = 12  # of a table of true against predicted classes
_BY_ANSWER = ("accuracy", "balanced_accuracy", "f1", "f1_macro", "matthews")
_SHOWN = {
    "classification": ("accuracy", "balanced_accuracy", "roc_auc", "log_loss"),
    "regression": ("rmse", "mae", "r2"),
}
_READ_S, _MEMORY_MB = 300.0, 512


_WHOLE, _EITHER = r"^[+-]?[0-9]+$", r"^[+-]?[0-9]{1,3}[.,][0-9]{3}$"
_TWO_WAYS = (
    "The true values are not compared: {target} can be read in two ways. A value such as {cell} may be a "
    "thousand times larger, as this file writes other numbers in another way than the training table. Write "
    "them with digits and a decimal point only, or bring the file as a dataset and predict that."
)


@dataclass(frozen=True)
class _Rows:
    """The rows that have a true value."""

    y: np.ndarray
    predicted: np.ndarray
    answered: np.ndarray
    low: np.ndarray | None
    high: np.ndarray | None
    sets: list[Any] | None
    n_without: int
    n_unread: int
    n_read: int
    unclear: str
    """A true value that may mean two numbers, where none tells which is meant; empty where they are clear."""
    note: str
    """How true values are read that are written in another way than in training; else empty."""


def score(
    path: Path,
    facts: Mapping[str, Any],
    *,
    target: Column,
    labels: Sequence[str],
    evidence: Evidence | None,
) -> dict[str, Any]:
    """Score the predictions of a table on its own true values.

    Parameters
    ----------
    path : Path
        The file of predictions.
    facts : mapping
        What `run.predict_file` gave: added, truth, n_rows, level and plain_first.
    target : Column
        The target as the profile of the training table has it.
    labels : sequence of str
        The classes; empty for numbers.
    evidence : Evidence or None
        The rows of the experiment, from which the baseline guesses and which say which metric ranks.

    Returns
    -------
    dict
        n_rows scored, note (how the true values are read, if not as in training), n_without a true value,
        n_unread (true values that are no class, or no number),
        sampled (rows read, 0 for all), headline (key of a metric), metrics {key: value, low, high}, guess
        {key: value of the guess that is best by this metric}, guessed_each (True; earlier releases had one
        guess, that of the headline, for all), difference {value, low, high} (positive is better than
        guessing), confusion, covered (value, low, high, level, n: how often interval or set held the truth;
        beside: fewer or more than the level beyond what chance allows, else as promised, empty where nobody
        can tell), verdict; why_not instead of metrics where there are too few rows.
    """
    task = "classification" if labels else "regression"
    rows = _read(path, facts, target, labels)
    counts = {
        "n_rows": len(rows.y),
        "n_without": rows.n_without,
        "n_unread": rows.n_unread,
        "sampled": rows.n_read if rows.n_read < facts["n_rows"] else 0,
        "truth": facts["truth"],
        "note": rows.note,
    }
    if facts.get("restyled") and rows.unclear:  # a wrong guess would be wrong a thousand times
        said = _TWO_WAYS.format(target=shown(target.name), cell=shown(rows.unclear))
        return counts | {"why_not": said}
    if len(rows.y) < FEWEST_ROWS:
        few = f"Only {counted(len(rows.y), 'row')} with a true {shown(target.name)} can be compared"
        unread = (
            f" {counted(rows.n_unread, 'row has', 'rows have')} one that cannot be read."
            if rows.n_unread
            else ""
        )
        return counts | {"why_not": f"{few}; for a score it takes {FEWEST_ROWS}.{unread}"}
    metrics = _metrics(task, len(labels), evidence)
    found = _scored(rows, metrics, labels, evidence)
    return (
        counts
        | found
        | {
            "why_not": "",
            "confusion": _confusion(rows, labels),
            "covered": _covered(rows, labels, facts.get("level"), evidence),
            "verdict": _verdict(metrics[0], found, guessed=evidence is not None),
        }
    )


def _metrics(task: str, n_classes: int, evidence: Evidence | None) -> list[Metric]:
    """The metric that ranks the experiment, then the usual ones."""
    fitting = {metric.key: metric for metric in metrics_for(task, n_classes)}
    first = evidence.metric if evidence is not None and evidence.metric in fitting else next(iter(fitting))
    keys = dict.fromkeys((first, *_SHOWN[task]))
    return [METRIC[key] for key in keys if key in fitting]


def _read(path: Path, facts: Mapping[str, Any], target: Column, labels: Sequence[str]) -> _Rows:
    """Truth and predictions of the rows that have both; of a long table of a random part."""
    added, n_rows = facts["added"], facts["n_rows"]
    most = min(_MOST_ROWS, _MOST_CELLS // max(1, len(labels)))
    some = f" WHERE hash({quote(added['row_number'])}) % {n_rows} < {most}" if n_rows > most else ""
    names = [added["prediction"], *(added["probabilities"] if labels else [])]
    bounds = [added.get(name) for name in (("set",) if labels else ("low", "high"))]
    wanted = [quote(name) for name in names] + [quote(name) if name else "NULL" for name in bounds]
    own, table = Spellings(schema=[_described(target, labels)]), f"read_parquet({literal(str(path))})"
    with reading(path, memory_mb=_MEMORY_MB, timeout_s=_READ_S) as database:
        found = database.sql(
            f"SELECT {quote(facts['truth'])} AS t, "  # noqa: S608 -- quoted names
            f"{', '.join(f'{name} AS c{at}' for at, name in enumerate(wanted))} "
            f"FROM {table}{some}"
        ).to_arrow_table()
        is_text = not labels and not facts["plain_first"] and pa.types.is_string(found["t"].type)
        if is_text:
            own = spelled_column(database, table, quote(facts["truth"]), own.schema[0])
    truth, unread = _truths(found["t"], own.schema[0], labels, plain_first=facts["plain_first"])
    kept = np.isfinite(truth)
    seen = found.filter(pa.array(kept))
    predicted = [_floats(seen[f"c{at}"]) for at in range(1, len(names))]
    ends = [seen[f"c{len(names) + at}"] for at in range(len(bounds))]
    return _Rows(
        y=truth[kept].astype(np.int64) if labels else truth[kept],
        predicted=np.column_stack(predicted) if labels else _floats(seen["c0"]),
        answered=_coded(seen["c0"].to_pylist(), labels) if labels else np.zeros(0),
        low=None if labels else _known(ends[0]),
        high=None if labels else _known(ends[1]),
        sets=ends[0].to_pylist() if labels else None,
        n_without=int((~kept & ~unread).sum()),
        n_unread=int((~kept & unread).sum()),
        n_read=len(truth),
        unclear=_unclear(found["t"]) if is_text and not own.notes else "",
        note=" ".join(own.notes),
    )


def _unclear(cells: pa.ChunkedArray) -> str:
    """A cell such as 1.700, where all are whole or have three digits behind their only point or comma."""
    texts = pc.utf8_trim(pc.drop_null(cells), characters=BLANKS)
    either, whole = (pc.match_substring_regex(texts, one) for one in (_EITHER, _WHOLE))
    if not pc.all(pc.or_(either, whole)).as_py() or not pc.any(either).as_py():
        return ""
    return str(texts.filter(either)[0].as_py())


def _floats(cells: pa.ChunkedArray) -> np.ndarray:
    """Numbers, NaN where there is none."""
    numbers: np.ndarray = pc.cast(cells, pa.float64()).to_numpy()
    return numbers


def _known(cells: pa.ChunkedArray) -> np.ndarray | None:
    """The ends of intervals; None where there are none."""
    numbers = _floats(cells)
    return numbers if np.isfinite(numbers).any() else None


def _described(target: Column, labels: Sequence[str]) -> dict[str, Any]:
    """The target as the checker needs it, like the columns of a model."""
    return {
        "name": target.name,
        "kind": "category" if labels else "number",
        "stored": target.stored,
        "format": target.format,
        "unit": target.unit,
        "spellings": None if target.spellings is None else list(target.spellings),
        "known": [in_stored_words(label, target.labels) for label in labels] or None,
        "missing": True,
    }


def _truths(
    cells: pa.ChunkedArray, column: Mapping[str, Any], labels: Sequence[str], *, plain_first: bool
) -> tuple[np.ndarray, np.ndarray]:
    """The true values as codes or numbers, read as the columns of a model are, and which are none of these.

    NaN where there is none, or none that can be read.
    """
    name, codes = column["name"], {word: float(code) for code, word in enumerate(column["known"] or ())}
    table = pa.table({name: cells})
    checked = check_table(table, [column], plain_first=plain_first, unreadable_as_missing=True)
    values, unread = checked.columns[name], np.zeros(len(cells), dtype=bool)
    for marked in (checked.unknown, checked.unreadable):
        unread = unread | marked.get(name, unread)
    if not labels:
        return values.astype(float), unread
    return np.array([codes.get(value, np.nan) for value in values], dtype=float), unread


def _coded(answers: Sequence[str | None], labels: Sequence[str]) -> np.ndarray:
    codes = {label: code for code, label in enumerate(labels)}
    return np.array([codes.get(answer or "", 0) for answer in answers], dtype=np.int64)


def _scored(
    rows: _Rows, metrics: Sequence[Metric], labels: Sequence[str], evidence: Evidence | None
) -> dict[str, Any]:
    """Every metric with its interval, beside what the guess that is best by it gets on the same rows."""
    draws = Draws(rows.y, seed=0, max_rows=_DRAWN_ROWS)
    found: dict[str, Any] = {"headline": metrics[0].key, "metrics": {}, "guess": {}, "difference": None}
    found["guessed_each"] = True
    for metric in metrics:
        predicted = _as_answered(rows, labels) if metric.key in _BY_ANSWER else rows.predicted
        value, drawn = draws.scores(metric, predicted)
        found["metrics"][metric.key] = draws.interval(metric, value, drawn)
        if evidence is None:
            continue
        guess = _guess(metric, labels, evidence, len(rows.y))
        base = metric.of(rows.y, guess)
        found["guess"][metric.key] = base if math.isfinite(base) else None
        if metric is metrics[0]:
            others = draws.scores(metric, guess)[1]
            sign = 1 if metric.greater_is_better else -1
            apart = draws.pairing(metric, predicted, drawn) - draws.pairing(metric, guess, others)
            found["difference"] = spread(sign * (value - base), sign * apart, draws.n_units)
    return found


def _as_answered(rows: _Rows, labels: Sequence[str]) -> np.ndarray:
    """The answers as probabilities of 0 and 1: a threshold may have decided against the largest one."""
    answered: np.ndarray = np.eye(len(labels))[rows.answered]
    return answered


def _guess(metric: Metric, labels: Sequence[str], evidence: Evidence, n_rows: int) -> np.ndarray:
    nothing = np.zeros((n_rows, 1))
    if not labels:
        return GuessedNumber(metric.guess).fit(evidence.y, evidence.y).predict(nothing)
    guessed = GuessedClass(metric.guess).fit(evidence.y, evidence.y)
    chances = np.zeros((n_rows, len(labels)))
    chances[:, guessed.classes_.astype(int)] = guessed.predict_proba(nothing)
    return chances


def _confusion(rows: _Rows, labels: Sequence[str]) -> dict[str, Any] | None:
    if not labels or len(labels) > _MOST_CLASSES:
        return None
    return confusion(rows.y, _as_answered(rows, labels), labels)


def _covered(
    rows: _Rows, labels: Sequence[str], level: float | None, evidence: Evidence | None
) -> dict[str, Any] | None:
    """How often the interval or the set held the truth, over the rows that have one."""
    if labels:
        sets = rows.sets or []
        inside = [labels[code] in json.loads(one) for code, one in zip(rows.y, sets, strict=True) if one]
        n, held = len(inside), sum(inside)
    elif rows.low is None or rows.high is None:
        return None
    else:
        there = np.isfinite(rows.low) & np.isfinite(rows.high)
        n = int(there.sum())
        held = int(((rows.low <= rows.y) & (rows.y <= rows.high) & there).sum())
    if not n:
        return None
    n_units, beside = _n_units(n, evidence), _beside(held / n, n, level, evidence)
    found = share_interval(held, n)
    if n_units < n:
        low, high = wilson(held / n, n_units)
        found |= {"low": max(0.0, low), "high": min(1.0, high)}
    return {**found, "n": n, "level": level, "beside": beside}


def _beside(share: float, n: int, level: float | None, evidence: Evidence | None) -> str:
    """Whether intervals held the truth as often as they promise, as far as chance goes.

    They rest on rows of the experiment, and which these were is chance, too: both samples count. Of hardly
    more than one group, or moment, nothing can be said.
    """
    n_units = _n_units(n, evidence)
    if level is None or n_units < min(n, _FEWEST_UNITS):
        return ""
    n_known = math.inf if evidence is None else _n_units(max(1, len(evidence.y)), evidence)
    low, high = wilson(share, 1 / (1 / n_units + 1 / n_known))
    if high < level:
        return "fewer"
    return "more" if low > level else "as promised"


def _n_units(n: int, evidence: Evidence | None) -> float:
    """Of so many rows, how many say something of their own: groups or blocks of time, where rows were cut so.

    Groups and moments of a batch are not known. They are taken to be as large as those of the experiment, as
    a row meets them, which counts rather too few than too many.
    """
    if evidence is None or evidence.order is None or not evidence.by:
        return n
    sizes = np.unique(evidence.order, return_counts=True)[1].astype(float)
    n_apart = max(1.0, n * sizes.sum() / (sizes**2).sum())
    blocks = clusters_of(evidence.by, np.arange(round(n_apart))) if evidence.by == "time" else None
    return n_apart if blocks is None else len(np.unique(blocks))


def _verdict(metric: Metric, found: Mapping[str, Any], *, guessed: bool) -> str:
    difference = found["difference"] or {}
    if not guessed or difference.get("low") is None:
        return ""
    if difference["low"] > 0:
        return f"By {shown(metric.title)} it is better than guessing, beyond what chance explains."
    if difference["high"] < 0:
        return f"By {shown(metric.title)} it is worse than guessing, beyond what chance explains."
    return f"By {shown(metric.title)} it cannot be told apart from guessing on these rows."
