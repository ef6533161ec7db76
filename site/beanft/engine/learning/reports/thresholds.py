"""From which probability a row counts as the second class: counts, costs, and the best threshold."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from beanft.engine.learning.reports.draws import DRAWS, LEVELS, wilson

MOST = 400
"""Thresholds in a table; with more distinct probabilities those in between are left out."""
USUAL = 0.5
"""The threshold of the most likely class."""
_DIGITS = 16  # decimals tried for a threshold that people can read
_HALF = 0.5  # rows added to each outcome for the interval, so that no rows seen does not mean never
_Z = 1.96
_PEAKED = 1.4  # around its best point a sample's curve bends more than the true one: measured, 1.0 to 1.6
_SEED = 0  # of the draws behind the best threshold for some costs
_COUNTS = ("tp", "fp", "fn", "tn")

Counts = Mapping[str, np.ndarray]
"""tp, fp, fn and tn, each of shape (n_thresholds,) or (n_draws, n_thresholds)."""


@dataclass(frozen=True, kw_only=True)
class Costs:
    """What the four outcomes of a row cost or bring, in the owner's unit."""

    false_positive: float = 1.0
    """Cost of a row wrongly taken for the positive class, 0 or more."""
    false_negative: float = 1.0
    """Cost of a row of the positive class that is missed, 0 or more."""
    true_positive: float = 0.0
    """Benefit of a row of the positive class that is found, 0 or more."""
    true_negative: float = 0.0
    """Benefit of a row rightly left alone, 0 or more."""

    def of(self, counts: Counts) -> np.ndarray:
        """Mean cost of a row; negative where the benefits are larger."""
        n = counts["tp"] + counts["fp"] + counts["fn"] + counts["tn"]
        paid = self.false_positive * counts["fp"] + self.false_negative * counts["fn"]
        brought = self.true_positive * counts["tp"] + self.true_negative * counts["tn"]
        mean: np.ndarray = (paid - brought) / n
        return mean

    @property
    def right_threshold(self) -> float:
        """Where both answers cost the same if the probabilities are exactly right."""
        if_wrong = self.false_positive + self.true_negative
        total = if_wrong + self.false_negative + self.true_positive
        return if_wrong / total if total else USUAL

    def facts(self) -> dict[str, float]:
        """Plain values for JSON."""
        return asdict(self)


def threshold_table(
    y: np.ndarray,
    predicted: np.ndarray,
    labels: Sequence[str],
    groups: np.ndarray | None = None,
    seed: int = 0,
) -> dict[str, Any] | None:
    """Count right and wrong rows at up to `MOST` thresholds.

    Parameters
    ----------
    y : array of shape (n_rows,)
        True class codes, 0 or 1.
    predicted : array of shape (n_rows, 2)
        Out-of-fold probabilities; a row counts as positive where that of class 1 is the threshold or more.
    labels : sequence of str
        The two classes in the order of their codes.
    groups : array of shape (n_rows,), optional
        Group of each row; intervals then allow for rows of a group being alike.
    seed : int, default 0
        Seed of the draws behind the intervals.

    Returns
    -------
    dict or None
        positive, negative (labels), n_rows, inflation (how much wider than for single rows a variance is);
        and ascending lists: thresholds (short numbers), scores (the lowest probability that counts as
        positive at each), tp, fp, fn, tn; then f1 and balanced_accuracy: the threshold at which each is
        highest, with low and high of its 95 % interval, and score (value, low, high; luck taken out).
        None when there are not exactly two classes with rows of both.

    Examples
    --------
    >>> p = np.array([0.1, 0.4, 0.6, 0.9])
    >>> table = threshold_table(np.array([0, 1, 0, 1]), np.column_stack([1 - p, p]), ["no", "yes"])
    >>> table["thresholds"], table["tp"]
    ([0.0, 0.2, 0.5, 0.8, 1.0], [2, 2, 1, 1, 0])
    """
    y = np.asarray(y)
    if len(labels) != 2 or len(np.unique(y)) != 2:
        return None
    p = np.asarray(predicted, dtype=float)[:, 1]
    table: dict[str, Any] = {
        "positive": labels[1],
        "negative": labels[0],
        "n_rows": len(y),
        "inflation": _inflation((p >= USUAL) != y, groups),
        **_counted(y, p),
    }
    for key, goal in _GOALS.items():
        found = _best(table, goal, -1, USUAL, seed)
        table[key] = found | {"score": _without_luck(found["score"], found.pop("luck"))}
    return table


def at_threshold(table: Mapping[str, Any], threshold: float, costs: Costs) -> dict[str, Any]:
    """Say what a threshold means on the rows of a table.

    Parameters
    ----------
    table : mapping
        What `threshold_table` gives.
    threshold : float
        Probability from which a row counts as positive, 0..1.
    costs : Costs
        What the outcomes cost.

    Returns
    -------
    dict
        threshold, tp, fp, fn, tn; cost, precision and recall, each with value, low and high (95 %
        intervals); value is None where no row is in question. The interval of the cost adds half a row to
        each outcome, as Jeffreys did, so that a mistake never seen is not one that never comes.

    Examples
    --------
    >>> p = np.array([0.1, 0.4, 0.6, 0.9])
    >>> table = threshold_table(np.array([0, 1, 0, 1]), np.column_stack([1 - p, p]), ["no", "yes"])
    >>> at_threshold(table, 0.3, Costs())["cost"]["value"]
    0.25
    """
    place = min(int(np.searchsorted(table["scores"], threshold)), len(table["scores"]) - 1)
    counts = {name: table[name][place] for name in _COUNTS}
    inflation = table["inflation"]
    return {
        "threshold": threshold,
        **counts,
        "cost": _cost(counts, costs, inflation),
        "precision": _share(counts["tp"], counts["tp"] + counts["fp"], inflation),
        "recall": _share(counts["tp"], counts["tp"] + counts["fn"], inflation),
    }


def best_threshold(table: Mapping[str, Any], costs: Costs) -> dict[str, Any]:
    """Find the threshold with the lowest expected cost.

    The lowest of many costs is low partly by luck. How much, is measured on draws of the rows: the threshold
    that is best in a draw is looked up on all rows. The mean difference, times `_PEAKED`, is added to the
    cost, and the interval is widened by as much, so that both hold for rows to come.

    Parameters
    ----------
    table : mapping
        What `threshold_table` gives.
    costs : Costs
        What the outcomes cost.

    Returns
    -------
    dict
        threshold with low and high (95 % interval of where the best one lies); cost with value, low and high
        (mean cost of a row, luck taken out).

    References
    ----------
    Efron (1983), “Estimating the error rate of a prediction rule”, for the correction.

    Examples
    --------
    >>> p = np.linspace(0.01, 0.99, 99)
    >>> table = threshold_table(np.arange(99) > 30, np.column_stack([1 - p, p]), ["no", "yes"])
    >>> best_threshold(table, Costs())["threshold"]
    0.32
    """
    found = _best(table, costs.of, 1, costs.right_threshold, _SEED)
    plain = at_threshold(table, found["threshold"], costs)["cost"]
    found["cost"] = _without_luck(found.pop("score") | plain, found.pop("luck"))
    return found


def _counted(y: np.ndarray, p: np.ndarray) -> dict[str, list[Any]]:
    """The four counts at each threshold, ascending."""
    scores, place = np.unique(p, return_inverse=True)
    positive = np.bincount(place, weights=y == 1, minlength=len(scores))
    negative = np.bincount(place, weights=y == 0, minlength=len(scores))
    # What lies below each cut; the last cut is above every row.
    fn, tn = (np.concatenate([[0.0], np.cumsum(counts)]) for counts in (positive, negative))
    below = np.concatenate([[-np.inf], scores])
    above = np.concatenate([scores, [1.0]])
    if scores[-1] >= 1:  # a probability of 1 counts as positive at every threshold
        below, above, fn, tn = below[:-1], above[:-1], fn[:-1], tn[:-1]
    kept = _spread(fn / positive.sum() + tn / negative.sum(), int(np.searchsorted(above, USUAL)))
    fn, tn = fn[kept], tn[kept]
    counts = {"tp": positive.sum() - fn, "fp": negative.sum() - tn, "fn": fn, "tn": tn}
    return {
        "thresholds": _readable(below[kept], above[kept]).tolist(),
        "scores": above[kept].tolist(),
        **{name: values.astype(np.int64).tolist() for name, values in counts.items()},
    }


def _spread(passed: np.ndarray, usual: int) -> np.ndarray:
    """At most `MOST` places that are evenly spread over what has passed, the ends and the usual one kept."""
    if len(passed) <= MOST:
        return np.arange(len(passed))
    wanted = np.linspace(passed[0], passed[-1], MOST - 2)
    places = np.searchsorted(passed, wanted).clip(0, len(passed) - 1)
    return np.unique([*places, 0, len(passed) - 1, min(usual, len(passed) - 1)])[:MOST]


def _readable(below: np.ndarray, above: np.ndarray) -> np.ndarray:
    """The shortest number in each gap (below, above], 0.5 where it lies in it, 0 where all is above."""
    middle = (np.maximum(below, 0) + above) / 2
    chosen = above.copy()
    for digits in range(_DIGITS, 0, -1):
        short = np.round(middle, digits)
        fits = (below < short) & (short <= above)
        chosen[fits] = short[fits]
    chosen[(below < USUAL) & (above >= USUAL)] = USUAL
    chosen[np.isneginf(below)] = 0.0
    return chosen


def _inflation(wrong: np.ndarray, groups: np.ndarray | None) -> float:
    """How many times larger the variance of the share of mistakes is because rows of a group are alike."""
    if groups is None:
        return 1.0
    codes = np.unique(groups, return_inverse=True)[1]
    share, n = float(wrong.mean()), len(wrong)
    if share in (0, 1):  # nothing to measure it by: as if the rows of a group were copies
        return float((np.bincount(codes) ** 2).sum() / n)
    off = np.bincount(codes, weights=wrong - share)
    return max(1.0, float((off**2).sum() / (n * share * (1 - share))))


def _best(
    table: Mapping[str, Any], score: Callable[[Counts], np.ndarray], sign: int, wanted: float, seed: int
) -> dict[str, Any]:
    """The threshold with the lowest (sign 1) or highest (-1) score; of equal ones the nearest to `wanted`."""
    counts = {name: np.array(table[name], dtype=float) for name in _COUNTS}
    thresholds = np.array(table["thresholds"])
    order = np.argsort(np.abs(thresholds - wanted), kind="stable")
    thresholds = thresholds[order]
    plain = sign * score(counts)[order]
    drawn = sign * score(_drawn(counts, table["inflation"], seed))[:, order]
    place, places = int(plain.argmin()), drawn.argmin(axis=1)
    hidden = plain[places] - drawn[np.arange(DRAWS), places]  # what the choice in a draw hides
    chosen = float(thresholds[place])
    low, high = np.percentile(thresholds[places], LEVELS)
    ends = np.percentile(sign * drawn[:, place], LEVELS)
    value = {"value": float(sign * plain[place]), "low": float(ends[0]), "high": float(ends[1])}
    luck = sign * _PEAKED * max(0.0, float(hidden.mean()))
    return {
        "threshold": chosen,
        "low": min(float(low), chosen),
        "high": max(float(high), chosen),
        "score": value,
        "luck": luck,
    }


def _without_luck(score: Mapping[str, float], luck: float) -> dict[str, float]:
    """Move a score by its luck, and widen its interval by as much."""
    middle, half = (score["low"] + score["high"]) / 2 + luck, (score["high"] - score["low"]) / 2
    reach = float(np.hypot(half, luck))
    return {"value": score["value"] + luck, "low": middle - reach, "high": middle + reach}


def _drawn(counts: Counts, inflation: float, seed: int) -> dict[str, np.ndarray]:
    """The four counts of draws of the rows, each of shape (DRAWS, n_thresholds)."""
    random = np.random.default_rng(seed)

    def passed(below: np.ndarray, total: float) -> tuple[np.ndarray, np.ndarray]:
        cells = np.diff(below, append=total) / inflation
        drawn = random.gamma(cells, size=(DRAWS, len(cells)))
        after = drawn[:, ::-1].cumsum(axis=1)[:, ::-1]
        return drawn.cumsum(axis=1) - drawn, after

    fn, tp = passed(counts["fn"], float(counts["fn"][0] + counts["tp"][0]))
    tn, fp = passed(counts["tn"], float(counts["tn"][0] + counts["fp"][0]))
    return {"tp": tp, "fp": fp, "fn": fn, "tn": tn}


def _f1(counts: Counts) -> np.ndarray:
    f1: np.ndarray = 2 * counts["tp"] / (2 * counts["tp"] + counts["fp"] + counts["fn"])
    return f1


def _balanced(counts: Counts) -> np.ndarray:
    found = counts["tp"] / (counts["tp"] + counts["fn"])
    left = counts["tn"] / (counts["tn"] + counts["fp"])
    mean: np.ndarray = (found + left) / 2
    return mean


def _cost(counts: Mapping[str, int], costs: Costs, inflation: float) -> dict[str, float]:
    """Mean cost of a row with its 95 % interval."""
    n = np.array([counts[name] for name in _COUNTS], dtype=float)
    each = np.array(
        [-costs.true_positive, costs.false_positive, costs.false_negative, -costs.true_negative], dtype=float
    )
    rows = n / inflation + _HALF
    share = rows / rows.sum()
    mean = float(share @ each)
    half = _Z * float(np.sqrt(max(0.0, share @ each**2 - mean**2) / (rows.sum() + 1)))
    value = float(n @ each / n.sum())
    return {
        "value": value,
        "low": max(float(each.min()), min(value, mean - half)),
        "high": min(float(each.max()), max(value, mean + half)),
    }


def _share(hits: int, n: int, inflation: float) -> dict[str, float | None]:
    low, high = wilson(hits / inflation, n / inflation)
    return {"value": hits / n if n else None, "low": low, "high": high}


_GOALS = {"f1": _f1, "balanced_accuracy": _balanced}
