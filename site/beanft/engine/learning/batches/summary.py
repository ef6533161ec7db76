"""What was predicted for a table, beside what was predicted and true of the training rows."""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from beanft.engine.compare.drift import drift
from beanft.engine.errors import EngineError
from beanft.engine.learning.evidence import Evidence
from beanft.engine.learning.predict import named

_SHOWN = 20  # classes named; the others are added up
_BINS = 24
_FINEST = 1e-9  # of the largest number
_TAIL = 0.001  # of the training rows' predictions on each side that the bins leave out


class Summer:
    """Counts predictions, block by block, in the classes or in bins that fit the training rows.

    Parameters
    ----------
    labels : sequence of str
        The classes; empty for numbers.
    evidence : Evidence or None
        The rows of the experiment; None where they are not kept: then nothing stands beside.
    key : str
        Key of the model's run.
    threshold : mapping or None
        The one that the model's owner chose.
    """

    def __init__(
        self,
        labels: Sequence[str],
        evidence: Evidence | None,
        key: str,
        threshold: Mapping[str, Any] | None = None,
    ) -> None:
        self.labels, self.evidence, self.threshold = labels, evidence, threshold
        self._sure = 0.0
        self._unseen = _unseen(evidence, key)
        self._edges = np.zeros(0) if self.labels else _edges_of(self._unseen, self.evidence)
        self._counts = np.zeros(len(self.labels) or len(self._edges) + 1, dtype=np.int64)

    def add(self, predicted: np.ndarray) -> None:
        """Count a block.

        Parameters
        ----------
        predicted : array of shape (n_rows, n_classes) or (n_rows,)
            As `predict_rows` gives it.
        """
        if not self.labels and not len(self._edges):
            self._edges = _bins(predicted)
            self._counts = np.zeros(len(self._edges) + 1, dtype=np.int64)
        self._counts += self._counted(predicted)
        if self.labels:
            self._sure += float(self._sureness(predicted).sum())

    def found(self) -> dict[str, Any]:
        """Sum up.

        Returns
        -------
        dict
            kind (classes or numbers), bars (label, n, share; before: share among what was predicted for
            training rows unseen; truth: share of what was true of them; None where not known), edges (of
            numbers), n_before, drift (words, psi, chance) or None, sure and sure_before (mean probability
            of the class that was named), sentence.
        """
        before = None if self._unseen is None else self._counted(self._unseen)
        bars = self._bars(before)
        moved = (
            None
            if before is None
            else drift(before.tolist(), self._counts.tolist(), in_order=not self.labels)
        )
        n = int(self._counts.sum())
        facts: dict[str, Any] = {
            "kind": "classes" if self.labels else "numbers",
            "bars": bars[:_SHOWN] + _rest(bars[_SHOWN:]) if self.labels else bars,
            "edges": self._edges.tolist(),
            "n_before": 0 if self._unseen is None else len(self._unseen),
            "drift": moved and {"words": moved.words, "psi": moved.psi, "chance": moved.chance},
            "sure": self._sure / n if self.labels and n else None,
            "sure_before": None,
        }
        if self.labels and self._unseen is not None:
            facts["sure_before"] = float(self._sureness(self._unseen).mean())
        return facts | {"sentence": _sentence(facts)}

    def _counted(self, predicted: np.ndarray) -> np.ndarray:
        if not self.labels:
            places = np.searchsorted(self._edges, predicted, side="right")
            places[predicted == self._edges[-1]] -= 1
            return np.bincount(places, minlength=len(self._edges) + 1)
        return np.bincount(named(predicted, self.labels, self.threshold), minlength=len(self.labels))

    def _sureness(self, predicted: np.ndarray) -> np.ndarray:
        """The probability of the class that is named for each row."""
        codes = named(predicted, self.labels, self.threshold)
        found: np.ndarray = predicted[np.arange(len(predicted)), codes]
        return found

    def _bars(self, before: np.ndarray | None) -> list[dict[str, Any]]:
        truth = self._truth()
        shares = [_shares(one) for one in (self._counts, before, truth)]
        bars = [
            {"label": label, "n": int(n)}
            | {
                name: None if share is None else float(share[place])
                for name, share in zip(("share", "before", "truth"), shares, strict=True)
            }
            for place, (label, n) in enumerate(zip(self._names(), self._counts, strict=True))
        ]
        return sorted(bars, key=lambda bar: -bar["n"]) if self.labels else bars

    def _truth(self) -> np.ndarray | None:
        if self.evidence is None:
            return None
        if self.labels:
            return np.bincount(self.evidence.y.astype(np.int64), minlength=len(self.labels))
        return self._counted(self.evidence.y.astype(float)) if len(self._edges) else None

    def _names(self) -> list[str]:
        if self.labels:
            return list(self.labels)
        edges = [f"{edge:.6g}" for edge in self._edges]
        if not edges:
            return [""]
        inner = [f"{low} to {high}" for low, high in pairwise(edges)]
        return [f"below {edges[0]}", *inner, f"above {edges[-1]}"]


def _unseen(evidence: Evidence | None, key: str) -> np.ndarray | None:
    """What the model said of training rows while they were unseen, if that was kept."""
    if evidence is None:
        return None
    try:
        found = evidence.oof(key).astype(float)
    except EngineError:
        return None
    return found if len(found) else None


def _edges_of(unseen: np.ndarray | None, evidence: Evidence | None) -> np.ndarray:
    known = [one for one in (unseen, None if evidence is None else evidence.y) if one is not None]
    return _bins(np.concatenate(known).astype(float)) if known else np.zeros(0)


def _bins(values: np.ndarray) -> np.ndarray:
    """Edges of even bins that hold nearly all of some numbers."""
    values = values[np.isfinite(values)]
    if not len(values):
        return np.array([0.0, 1.0])
    low, high = (float(end) for end in np.quantile(values, [_TAIL, 1 - _TAIL]))
    step = _round_step((high - low) / _BINS)
    if not step or step < abs(high) * _FINEST:  # all alike, or too near to each other for round edges
        return (
            np.linspace(low - 0.5, high + 0.5, _BINS + 1)
            if low == high
            else np.linspace(low, high, _BINS + 1)
        )
    first, last = math.floor(low / step), max(math.ceil(high / step), math.floor(low / step) + 1)
    return np.array([float(f"{place * step:.12g}") for place in range(first, last + 1)])


def _round_step(wanted: float) -> float:
    """The next larger of 1, 2, 2.5 and 5 times a power of ten."""
    if wanted <= 0:
        return 0.0
    power = 10.0 ** math.floor(math.log10(wanted))
    return next((factor * power for factor in (1, 2, 2.5, 5) if factor * power >= wanted), 10 * power)


def _shares(counts: np.ndarray | None) -> np.ndarray | None:
    if counts is None:
        return None
    shares: np.ndarray = counts / max(1, counts.sum())
    return shares


def _rest(bars: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rare classes as one bar."""
    if not bars:
        return []
    summed = {
        name: None if any(bar[name] is None for bar in bars) else sum(bar[name] for bar in bars)
        for name in ("n", "share", "before", "truth")
    }
    return [{"label": f"{len(bars):,} other classes", **summed}]


def _sentence(facts: Mapping[str, Any]) -> str:
    """Whether the predictions as a whole are like those for the training rows."""
    moved = facts["drift"]
    if moved is None:
        return ""
    beside = "what it predicted for the training rows while they were unseen"
    if moved["words"] == "none that shows":
        return f"Taken together, the predictions are like {beside}."
    if moved["words"] == "none":
        return (
            f"Taken together, the predictions differ from {beside} by more than chance alone explains, but "
            f"only a little (population stability index {moved['psi']:.2g})."
        )
    how = "far from" if moved["words"] == "strong" else "somewhat different from"
    return (
        f"Taken together, the predictions are {how} {beside} (population stability index "
        f"{moved['psi']:.2f}). Either these rows are others, or something in the table changed its meaning."
    )
