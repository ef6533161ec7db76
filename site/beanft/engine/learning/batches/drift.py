"""How far the columns of a table to predict moved from the table that the model was trained on."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from beanft.engine.compare.bins import Wanted, count, cuts_of, labels_of
from beanft.engine.compare.contrast import contrast_missing
from beanft.engine.compare.drift import Drift, drift
from beanft.engine.compare.effects import mean_difference
from beanft.engine.compare.reading import OTHER, part_of
from beanft.engine.plain import finite, percent
from beanft.engine.tables.columns import Column
from beanft.engine.tables.wording import counted, listed, shown

MOST_COLUMNS = 200
"""Columns that are watched; of wider tables the first ones."""
FEWEST_ROWS = 30
"""Rows below which nothing is said: a few rows are never like a whole table."""

_DRAWN = 25  # columns whose bars are kept, those that moved most
_COARSE = 0.5  # share of the rows in one bin, from which the histogram hides what moves within it
_CUT = 200  # characters, as the profile cuts its most frequent values
_MISSING_MATTERS = 0.05  # of the rows
_LOST = 0.5  # by so much the share of missing values must have grown
_UNMEASURED = "How good the model is on such rows was not measured: lean less on these predictions."
_MEASURED = "What was measured in training says little of such rows: go by the score on their true values."
_UNKNOWN_MATTERS = 0.01
_HUGE = 1e100
_COUNT_S, _MEMORY_MB = 60.0, 512  # to count some columns of the training table
_ORDER = {"strong": 0, "slight": 1, "none": 2, "none that shows": 3}


@dataclass
class _Watched:
    """One column as it passes."""

    column: Column
    part: str
    wanted: Wanted
    before: tuple[int, ...]
    after: np.ndarray
    n_rows: int = 0
    n_missing: int = 0
    n_unknown: int = 0
    n_beyond: int = 0
    n: int = 0
    mean: float = 0.0
    squares: float = 0.0


class Watcher:
    """Counts the columns of a table, block by block, in the bins and values of the training table.

    Parameters
    ----------
    columns : sequence of Column
        The columns that the model needs, as the profile of its training table has them.
    n_rows : int
        Rows of that table.
    table : Path
        Its Parquet file: columns whose histogram hides what moves in them are counted between quantiles.
    """

    def __init__(self, columns: Sequence[Column], n_rows: int, table: Path) -> None:
        self.n_columns, self.n_rows = len(columns), n_rows
        plans = [_plan(column, n_rows) for column in columns[:MOST_COLUMNS]]
        self._watched = {one.column.name: one for one in plans if one is not None}
        coarse = [one.wanted for one in self._watched.values() if not one.before]
        counts = count(table, coarse, n_rows=n_rows, timeout_s=_COUNT_S, memory_mb=_MEMORY_MB)
        for name, before in counts.items():
            self._watched[name].before = before

    def add(self, columns: Mapping[str, Any], unknown: Mapping[str, np.ndarray]) -> None:
        """Count a block of checked rows.

        Parameters
        ----------
        columns : mapping of str to array of shape (n_rows,)
            The values of each training column, as `inputs.Checked.columns` has them.
        unknown : mapping of str to bool array of shape (n_rows,)
            Rows whose category training never saw, which are missing among the values.
        """
        for name, one in self._watched.items():
            _ADD[one.part](one, columns[name], unknown.get(name))

    def found(self, *, is_scored: bool = False) -> dict[str, Any]:
        """Say how far the columns moved.

        Parameters
        ----------
        is_scored : bool
            Whether the predictions were compared with true values that the table itself holds.

        Returns
        -------
        dict
            columns (those that moved most first: name, kind, words, psi, chance, js, bars, missing,
            mean_old, mean_new, difference, low, high, unknown (share of the rows), beyond (share of the
            values outside of all in the training table), sentences), n_compared, n_left_out, verdict (one
            or more sentences) and level (strong, slight, none or unknown).
        """
        moved = [_facts(one, self.n_rows) for one in self._watched.values()]
        moved.sort(key=lambda one: (_ORDER.get(one["words"], 4), -(one["psi"] or 0.0)))
        for one in moved[_DRAWN:]:
            one["bars"] = []
        n_new = max((one.n_rows for one in self._watched.values()), default=0)
        return {
            "columns": moved,
            "n_compared": len(moved),
            "n_left_out": self.n_columns - len(moved),
            "n_rows_before": self.n_rows,
        } | _verdict(moved, n_new, _MEASURED if is_scored else _UNMEASURED)


def _plan(column: Column, n_rows: int) -> _Watched | None:
    """None for what has no distribution to compare: free text, or a column without values."""
    part = part_of(column)
    if part == "category" and column.top:
        values = tuple(value for value, _ in column.top)
        rest = n_rows - column.n_missing - sum(n for _, n in column.top)
        before = (*(n for _, n in column.top), max(0, rest))
        return _Watched(column, part, Wanted(column, values=values), before, np.zeros(len(before), np.int64))
    if part not in ("number", "date") or not column.edges or not sum(column.counts):
        return None
    wanted, before = Wanted(column, column.edges, part == "number"), (0, *column.counts, 0)
    if part == "number" and max(column.counts) > _COARSE * sum(column.counts):
        cuts = cuts_of(column)
        if len(cuts) > 2:
            return _Watched(column, part, Wanted(column, cuts), (), np.zeros(len(cuts) + 1, np.int64))
    return _Watched(column, part, wanted, before, np.zeros(len(before), np.int64))


def _add_numbers(one: _Watched, values: Any, _unknown: np.ndarray | None) -> None:
    numbers = np.asarray(values, dtype=np.float64)
    present = numbers[np.isfinite(numbers)]
    _count(one, len(numbers), len(present))
    one.after += np.bincount(_places(present, one.wanted), minlength=len(one.after))
    _count_beyond(one, present)
    _spread(one, present)


def _add_dates(one: _Watched, values: Any, _unknown: np.ndarray | None) -> None:
    moments = np.asarray(values, dtype="datetime64[us]")
    known = moments[~np.isnat(moments)]
    present = known.astype(np.int64) / 1e6
    _count(one, len(moments), len(present))
    one.after += np.bincount(_places(present, one.wanted), minlength=len(one.after))
    _count_beyond(one, known)


def _add_levels(one: _Watched, values: Any, unknown: np.ndarray | None) -> None:
    counts = pd.Series(np.asarray(values, dtype=object)).value_counts()
    n_unknown = 0 if unknown is None else int(np.count_nonzero(unknown))
    _count(one, len(values), int(counts.sum()) + n_unknown)
    one.n_unknown += n_unknown
    place = {value: at for at, value in enumerate(one.wanted.values)}
    for level, n in counts.items():
        one.after[place.get(str(level)[:_CUT], -1)] += int(n)
    one.after[-1] += n_unknown


_ADD = {"number": _add_numbers, "date": _add_dates, "category": _add_levels}


def _count(one: _Watched, n_rows: int, n_present: int) -> None:
    one.n_rows += n_rows
    one.n_missing += n_rows - n_present


def _count_beyond(one: _Watched, values: np.ndarray) -> None:
    """Count what lies below or above all that training saw: bins reach further, and quantiles less far."""
    low, high = (_end(one, side) for side in (one.column.minimum, one.column.maximum))
    if low is not None and high is not None:
        one.n_beyond += int(np.count_nonzero((values < low) | (values > high)))


def _end(one: _Watched, side: str | float | None) -> Any:
    return np.datetime64(str(side), "us") if one.part == "date" and side is not None else side


def _places(values: np.ndarray, wanted: Wanted) -> np.ndarray:
    """The place of each value: 0 below the first edge, then the bins, and above the last edge."""
    edges = np.array(wanted.edges)
    if wanted.is_even:  # as the profile reckons it, so that equal tables have equal counts
        n, first, last = len(edges) - 1, edges[0], edges[-1]
        width = (last - first) / n or 1.0
        inside = np.clip(np.floor((values - first) / width), 0, n - 1)
        found = np.where(values > last, n, np.where(values < first, -1, inside)) + 1
        return np.asarray(found, dtype=np.int64)
    found = np.searchsorted(edges, values, side="right")
    found[values == edges[-1]] = len(edges) - 1
    return np.asarray(found, dtype=np.int64)


def _spread(one: _Watched, values: np.ndarray) -> None:
    """Add a block to mean and squares, without losing digits (Chan)."""
    small = values[np.abs(values) < _HUGE]
    if not len(small):
        return
    mean, n = float(small.mean()), len(small)
    apart, total = mean - one.mean, one.n + n
    one.squares += float(((small - mean) ** 2).sum()) + apart * apart * one.n * n / total
    one.mean += apart * n / total
    one.n = total


def _facts(one: _Watched, n_before: int) -> dict[str, Any]:
    column, after = one.column, [int(n) for n in one.after]
    moved = drift(one.before, after, in_order=one.part != "category")
    missing = contrast_missing([one.n_missing, column.n_missing], (one.n_rows, n_before))
    facts = {
        "name": column.name,
        "kind": column.kind,
        "unit": column.unit,
        "words": moved.words if moved else "nothing to compare",
        "psi": moved.psi if moved else None,
        "chance": moved.chance if moved else None,
        "js": moved.js if moved else None,
        "bars": _bars(one, after),
        "missing": None if missing is None else asdict(missing),
        "unknown": one.n_unknown / one.n_rows if one.n_rows else 0.0,
        "beyond": one.n_beyond / sum(after) if sum(after) else 0.0,
    } | _means(one)
    return facts | {"sentences": _sentences(facts, moved)}


def _bars(one: _Watched, after: Sequence[int]) -> list[dict[str, Any]]:
    n, m = sum(one.before) or 1, sum(after) or 1
    outside = (len(after) - 1,) if one.wanted.values else (0, len(after) - 1)
    return [
        {"label": label, "old": old / n, "new": new / m}
        for place, (label, old, new) in enumerate(
            zip(labels_of(one.column, one.wanted), one.before, after, strict=True)
        )
        if old or new or place not in outside
    ]


def _means(one: _Watched) -> dict[str, float | None]:
    column = one.column
    n_before = sum(column.counts)
    means: dict[str, float | None] = dict.fromkeys(("mean_old", "mean_new", "difference", "low", "high"))
    if one.part != "number" or column.mean is None or not one.n:
        return means
    means |= {"mean_old": column.mean, "mean_new": finite(one.mean)}
    sd = math.sqrt(one.squares / (one.n - 1)) if one.n > 1 else 0.0
    if min(one.n, n_before) < 2 or column.sd is None or max(column.sd, sd) > _HUGE:
        return means
    difference, low, high = mean_difference([one.n, n_before], [one.mean, column.mean], [sd, column.sd])
    return means | {"difference": difference, "low": low, "high": high}


def _sentences(facts: Mapping[str, Any], moved: Drift | None) -> list[str]:
    """What moved in a column, in plain words; nothing where nothing did."""
    said = []
    if moved and moved.words in ("slight", "strong") and (words := _moved_words(facts)):
        said.append(words)
    if facts["unknown"] >= _UNKNOWN_MATTERS:
        said.append(f"{percent(facts['unknown'])} of the rows hold a category that training never saw.")
    if facts["beyond"] >= _UNKNOWN_MATTERS:
        said.append(f"{percent(facts['beyond'])} of the values lie beyond the range seen in training.")
    missing = facts["missing"]
    if missing and abs(missing["difference"]) >= _MISSING_MATTERS and missing["low"] * missing["high"] > 0:
        said.append(f"{percent(missing['one'])} are missing; in training {percent(missing['other'])} were.")
    return said


def _moved_words(facts: Mapping[str, Any]) -> str:
    low, high = facts["low"], facts["high"]
    if low is not None and low * high > 0:
        way = "higher" if facts["difference"] > 0 else "lower"
        unit = f" {facts['unit']}" if facts["unit"] else ""
        means = f"{facts['mean_new']:.4g}{unit} on average, {facts['mean_old']:.4g} in training"
        return f"Values are {way}: {means}."
    bar = max(facts["bars"], key=lambda one: abs(one["new"] - one["old"]))
    if bar["label"] == OTHER and facts["unknown"] >= _UNKNOWN_MATTERS:
        return ""  # what is said of unseen categories says it
    return f"{shown(bar['label'], 40)} makes up {percent(bar['new'])}; in training {percent(bar['old'])}."


def _verdict(moved: Sequence[Mapping[str, Any]], n_rows: int, advice: str) -> dict[str, str]:
    if not moved:
        return {"level": "unknown", "verdict": "No column has a distribution that could be compared."}
    if n_rows < FEWEST_ROWS:
        few = f"{counted(n_rows, 'row')} {'is' if n_rows == 1 else 'are'} too few to say whether the table"
        return {"level": "unknown", "verdict": f"{few} differs from the one that the model was trained on."}
    by_words = {word: [one["name"] for one in moved if one["words"] == word] for word in ("strong", "slight")}
    lost = [one for one in moved if _is_lost(one)]
    n_compared = sum(one["psi"] is not None for one in moved)
    parts = [f"{len(names):,} moved {word}ly ({listed(names)})" for word, names in by_words.items() if names]
    said = [
        f"Most rows have no value for {listed([one['name'] for one in lost])}, unlike in training."
        if lost
        else "",
        f"Of {counted(n_compared, 'column')} that can be compared with the training table, "
        f"{' and '.join(parts) or 'none moved enough to matter'}.",
        advice if lost or by_words["strong"] else "",
        _elsewhere([one for one in moved if one not in lost]),
    ]
    level = "strong" if lost or by_words["strong"] else "slight" if by_words["slight"] else "none"
    return {"level": level, "verdict": " ".join(filter(None, said))}


def _is_lost(one: Mapping[str, Any]) -> bool:
    """Whether a column lacks its values in far more rows than in training."""
    missing = one["missing"]
    return bool(missing) and missing["one"] - missing["other"] >= _LOST and missing["low"] > 0


def _elsewhere(moved: Sequence[Mapping[str, Any]]) -> str:
    """Columns that did not move as a whole, but hold what training never saw."""
    names = [one["name"] for one in moved if one["sentences"] and one["words"] not in ("strong", "slight")]
    return f"Look at {listed(names)}, too: they hold or lack what training did not." if names else ""
