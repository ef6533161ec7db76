"""Curves of a classifier, one class against the others: ROC, precision-recall, calibration, gain."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from beanft.engine.learning.reports.draws import LEVELS, draw_cells, sure_share, wilson

MOST_CLASSES = 12
"""Classes that get curves; of more, the most frequent ones."""
POINTS = 200
"""Points of a curve at most."""
BINS = 10
"""Equal-count bins of the calibration."""
HISTOGRAM = 20
"""Bars of the histogram of probabilities, each as wide."""
_STEPS = 500  # groups of scores behind the intervals; finer ones move no interval that anyone could see
_BAND = np.unique(np.concatenate([np.linspace(0, 0.1, 21), np.linspace(0.1, 1, 37)]))
_FALSE_ALARMS = (0.01, 0.05, 0.1, 0.2, 0.5)
_RECALLS = (0.1, 0.25, 0.5, 0.75, 0.9)
_SHARES = (0.01, 0.05, 0.1, 0.2, 0.3, 0.5)
_CHANCE_DRAWS = 1_000
_DIGITS = 6


@dataclass(frozen=True)
class _Sorted:
    """The rows by falling score: what has passed after each distinct score, from nothing to all."""

    hits: np.ndarray
    """Weight of the rows of the class, shape (..., n_steps + 1)."""
    others: np.ndarray
    """Weight of the other rows, the same shape."""

    @property
    def found(self) -> np.ndarray:
        """Share of the class's rows that have passed: recall."""
        return _divided(self.hits, self.hits[..., -1:])

    @property
    def alarms(self) -> np.ndarray:
        """Share of the other rows that have passed: false alarms."""
        return _divided(self.others, self.others[..., -1:])

    @property
    def share(self) -> np.ndarray:
        """Share of all rows that have passed."""
        passed = self.hits + self.others
        return _divided(passed, passed[..., -1:])

    @property
    def precision(self) -> np.ndarray:
        """Share of the class among the rows that have passed; before the first as at the first."""
        precision = _divided(self.hits, self.hits + self.others)
        precision[..., 0] = precision[..., 1]
        return precision

    def area(self) -> np.ndarray:
        """Area under the ROC curve, ties counting half."""
        area: np.ndarray = np.trapezoid(self.found, self.alarms, axis=-1)
        return area

    def average_precision(self) -> np.ndarray:
        """Precision averaged over the steps of the recall."""
        mean: np.ndarray = (np.diff(self.found, axis=-1) * self.precision[..., 1:]).sum(axis=-1)
        return mean


def class_curves(
    y: np.ndarray,
    predicted: np.ndarray,
    labels: Sequence[str],
    weights: np.ndarray | None = None,
    groups: np.ndarray | None = None,
    seed: int = 0,
) -> dict[str, Any]:
    """Make the curves of each class, or of the second of two.

    Parameters
    ----------
    y : array of shape (n_rows,)
        True class codes.
    predicted : array of shape (n_rows, n_classes)
        Out-of-fold probabilities.
    labels : sequence of str
        The classes in the order of their codes.
    weights : array of shape (n_rows,), optional
        Weight of each row, above 0.
    groups : array of shape (n_rows,), optional
        Group of each row; rows of a group are drawn together for the intervals.
    seed : int, default 0
        Seed of the draws.

    Returns
    -------
    dict
        n_rows, n_classes, and classes: for the second of two classes, or each of the `MOST_CLASSES` most
        frequent ones, label, n (its rows), base (its share), roc, precision_recall, calibration and gain.
        Where no row or every row is of the class, these four are None. Intervals hold value, low and high
        (95 %, 400 draws); curves hold at most `POINTS` points.

    Examples
    --------
    >>> p = np.array([0.1, 0.4, 0.35, 0.8])
    >>> made = class_curves(np.array([0, 0, 1, 1]), np.column_stack([1 - p, p]), ["no", "yes"])
    >>> made["classes"][0]["roc"]["area"]["value"], made["classes"][0]["label"]
    (0.75, 'yes')
    """
    y, p = np.asarray(y), np.asarray(predicted, dtype=float)
    w = np.ones(len(y)) if weights is None else np.asarray(weights, dtype=float)
    counts = np.bincount(y, minlength=len(labels))
    shown = [1] if len(labels) == 2 else np.sort(np.argsort(-counts, kind="stable")[:MOST_CLASSES]).tolist()
    return {
        "n_rows": len(y),
        "n_classes": len(labels),
        "classes": [
            {"label": labels[code], "n": int(counts[code]), "base": float(w[y == code].sum() / w.sum())}
            | _one_class(y == code, p[:, code], w, groups, seed)
            for code in shown
        ],
    }


def _one_class(
    is_hit: np.ndarray, score: np.ndarray, w: np.ndarray, groups: np.ndarray | None, seed: int
) -> dict[str, Any]:
    if is_hit.all() or not is_hit.any():
        return {"roc": None, "precision_recall": None, "calibration": None, "gain": None}
    values, place = np.unique(-score, return_inverse=True)
    whole = _sorted(np.bincount(2 * place + is_hit, weights=w, minlength=2 * len(values)))
    step = _steps(whole)[place]
    n_steps = int(step.max()) + 1
    cell = 2 * step + is_hit
    coarse = _sorted(np.bincount(cell, weights=w, minlength=2 * n_steps))
    drawn = _sorted(draw_cells(cell, 2 * n_steps, weights=w, groups=groups, seed=seed))
    return {
        "roc": _roc(whole, coarse, drawn, int(min(is_hit.sum(), (~is_hit).sum()))),
        "precision_recall": _precision_recall(whole, coarse, drawn),
        "calibration": _calibration(is_hit, score, w, groups, seed),
        "gain": _gain(whole, drawn),
    }


def _sorted(cells: np.ndarray) -> _Sorted:
    """Add up cells (others and hits in turn, by falling score) of shape (..., 2 * n_steps)."""
    start = np.zeros((*cells.shape[:-1], 1))
    others, hits = (np.concatenate([start, cells[..., i::2].cumsum(axis=-1)], axis=-1) for i in (0, 1))
    return _Sorted(hits, others)


def _steps(whole: _Sorted) -> np.ndarray:
    """The group of each distinct score: at most `_STEPS`, each about as large in hits and others together."""
    passed = (whole.found + whole.alarms)[1:] / 2
    codes: np.ndarray = np.unique(np.ceil(passed * _STEPS - 1e-9), return_inverse=True)[1]
    return codes


def _roc(whole: _Sorted, coarse: _Sorted, drawn: _Sorted, n_rarer: int) -> dict[str, Any]:
    area = _shifted(whole.area(), coarse.area(), drawn.area())
    if area["value"] in (
        0.0,
        1.0,
    ):  # every draw agrees; the rarer class's rows say how far that can be trusted
        least = sure_share(n_rarer)
        area |= {"low": least} if area["value"] else {"high": 1 - least}
    curves = zip(drawn.alarms, drawn.found, strict=True)
    at_band = np.array([np.interp(_BAND, alarms, found) for alarms, found in curves])
    low, high = np.percentile(at_band, LEVELS, axis=0)
    exact = np.interp(_BAND, whole.alarms, whole.found)
    return {
        "area": area,
        "points": _thinned(whole.alarms, whole.found),
        "band": _pairs(_BAND, np.minimum(low, exact), np.maximum(high, exact)),
        "rows": _rows_at(_FALSE_ALARMS, whole.alarms, whole.found, drawn.alarms, drawn.found),
    }


def _precision_recall(whole: _Sorted, coarse: _Sorted, drawn: _Sorted) -> dict[str, Any]:
    average = _shifted(whole.average_precision(), coarse.average_precision(), drawn.average_precision())
    return {
        "average": average,
        "points": _thinned(whole.found, whole.precision),
        "rows": [
            {"x": recall} | _between(_first_at(whole, recall), _first_at(drawn, recall))
            for recall in _RECALLS
        ],
    }


def _first_at(ranked: _Sorted, recall: float) -> np.ndarray:
    """Precision at the first score at which the recall is reached."""
    place = (ranked.found >= recall - 1e-12).argmax(axis=-1)[..., None]
    found: np.ndarray = np.take_along_axis(ranked.precision, place, axis=-1)[..., 0]
    return found


def _gain(whole: _Sorted, drawn: _Sorted) -> dict[str, Any]:
    return {
        "points": _thinned(whole.share, whole.found),
        "rows": _rows_at(_SHARES, whole.share, whole.found, drawn.share, drawn.found),
    }


def _rows_at(
    places: Sequence[float], x: np.ndarray, y: np.ndarray, x_drawn: np.ndarray, y_drawn: np.ndarray
) -> list[dict[str, float]]:
    """Height of a curve at some places, with the interval that its draws give."""
    heights = np.array([np.interp(places, *curve) for curve in zip(x_drawn, y_drawn, strict=True)])
    exact = np.interp(places, x, y)
    return [{"x": place} | _between(exact[i], heights[:, i]) for i, place in enumerate(places)]


def _calibration(
    is_hit: np.ndarray, score: np.ndarray, w: np.ndarray, groups: np.ndarray | None, seed: int
) -> dict[str, Any]:
    bin_of = _equal_bins(score, w)
    n_bins = int(bin_of.max()) + 1
    total = np.bincount(bin_of, weights=w, minlength=n_bins)
    said = np.bincount(bin_of, weights=w * score, minlength=n_bins) / total
    came = np.bincount(bin_of, weights=w * is_hit, minlength=n_bins) / total
    n_single = total**2 / np.bincount(bin_of, weights=w * w, minlength=n_bins)  # rows of equal weight
    low, high = np.array([wilson(share * n, n) for share, n in zip(came, n_single, strict=True)]).T
    if groups is not None:
        drawn = draw_cells(2 * bin_of + is_hit, 2 * n_bins, weights=w, groups=groups, seed=seed)
        spread = np.percentile(_divided(drawn[:, 1::2], drawn[:, ::2] + drawn[:, 1::2]), LEVELS, axis=0)
        low, high = np.minimum(low, spread[0]), np.maximum(high, spread[1])
    rows = np.bincount(bin_of, minlength=n_bins)
    return {
        "bins": [
            {"said": said[i], "came": came[i], "low": low[i], "high": high[i], "n": int(rows[i])}
            for i in range(n_bins)
        ],
        "error": _calibration_error(said, came, total / total.sum(), n_single, seed),
        "histogram": _histogram(is_hit, score),
    }


def _calibration_error(
    said: np.ndarray, came: np.ndarray, share: np.ndarray, n: np.ndarray, seed: int
) -> dict[str, float]:
    """Mean distance of said and true shares, and how large chance alone makes it: 95 of 100 times below."""
    random = np.random.default_rng(seed)
    size = np.maximum(1, np.round(n)).astype(int)
    by_chance = random.binomial(size, said.clip(0, 1), (_CHANCE_DRAWS, len(said))) / size
    errors = (np.abs(by_chance - said) * share).sum(axis=1)
    return {
        "value": float((np.abs(came - said) * share).sum()),
        "by_chance": float(errors.mean()),
        "most_by_chance": float(np.percentile(errors, 95)),
    }


def _equal_bins(score: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Bins of about equal weight by rising score; equal scores share one."""
    place = np.unique(score, return_inverse=True)[1]
    weight = np.bincount(place, weights=w)
    middle = (weight.cumsum() - weight / 2) / weight.sum()
    codes: np.ndarray = np.unique(np.minimum(np.floor(middle * BINS), BINS - 1), return_inverse=True)[1]
    return codes[place]


def _histogram(is_hit: np.ndarray, score: np.ndarray) -> dict[str, list[int]]:
    """Rows by probability in bars of equal width from 0 to 1."""
    bar = np.clip((score * HISTOGRAM).astype(int), 0, HISTOGRAM - 1)
    return {
        "hits": np.bincount(bar[is_hit], minlength=HISTOGRAM).tolist(),
        "others": np.bincount(bar[~is_hit], minlength=HISTOGRAM).tolist(),
    }


def _shifted(exact: np.ndarray, coarse: np.ndarray, drawn: np.ndarray) -> dict[str, float]:
    """Value and interval; what the draws lose by grouping scores is put back."""
    return _between(exact, drawn + (exact - coarse), highest=1.0)


def _between(value: np.ndarray, drawn: np.ndarray, highest: float = math.inf) -> dict[str, float]:
    low, high = np.percentile(drawn, LEVELS)
    number = float(value)
    return {"value": number, "low": float(min(low, number)), "high": float(min(max(high, number), highest))}


def _thinned(x: np.ndarray, y: np.ndarray) -> list[list[float]]:
    """At most `POINTS` points of a curve, evenly along it, the first and the last kept."""
    along = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y)))])
    if len(x) > POINTS:
        wanted = np.linspace(0, along[-1], POINTS)
        kept = np.unique(np.searchsorted(along, wanted - 1e-12).clip(0, len(x) - 1))
        x, y = x[kept], y[kept]
    return _pairs(x, y)


def _pairs(*columns: np.ndarray) -> list[list[float]]:
    pairs: list[list[float]] = np.column_stack(columns).round(_DIGITS).tolist()
    return pairs


def _divided(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """Quotient, 0 where there is nothing to divide by."""
    above, below = np.broadcast_arrays(above, below)
    share: np.ndarray = np.divide(above, below, out=np.zeros(above.shape), where=below > 0)
    return share
