"""Sets the intervals or sets of a run on its unseen predictions, and measures them on the locked rows."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from beanft.engine.learning.evidence import Evidence
from beanft.engine.learning.resampling import count_units
from beanft.engine.learning.uncertainty.measured import Hits, ranges_of
from beanft.engine.learning.uncertainty.numbers import Bands
from beanft.engine.learning.uncertainty.quantiles import LEVELS, fewest, tails
from beanft.engine.learning.uncertainty.sayings import in_percent
from beanft.engine.learning.uncertainty.sets import RARE, Sets, fit_sets
from beanft.engine.learning.uncertainty.setting import Apart, FitColumns, fit_bands

_FEWEST_APART = 60  # rows; below, folds are drawn several times and each row is told by several models
_ROWS = 50_000  # unseen rows that are used at most: more would not move a quantile


@dataclass(frozen=True, kw_only=True)
class Made:
    """Intervals or sets of a run, and what was measured of them."""

    rule: Bands | Sets
    """What makes them."""
    facts: dict[str, Any]
    """Plain JSON: kind, by, n_calibration, n_units, and for each level what was measured."""


def make(
    evidence: Evidence,
    key: str,
    *,
    matrix: np.ndarray | None = None,
    matrix_locked: np.ndarray | None = None,
    apart: Apart | None = None,
    fit_columns: FitColumns | None = None,
) -> Made:
    """Set intervals or sets of a run and measure them.

    Parameters
    ----------
    evidence : Evidence
        Rows, truth and what the run said of them unseen.
    key : str
        Key of the run.
    matrix : array of shape (n_tested, n_parts), optional
        Numbers of the columns of the tested rows.
    matrix_locked : array of shape (n_holdout, n_parts), optional
        The same of the locked rows.
    apart : Apart, optional
        What the folds' models say of the locked rows.
    fit_columns : callable, optional
        Learns the size of the errors from them.

    Returns
    -------
    Made

    Raises
    ------
    EngineError
        The run left no predictions of unseen rows.
    """
    said, tested = evidence.oof(key).astype(np.float64), evidence.tested
    some = _sampled(len(tested), evidence.seed)
    rows = _Rows(
        y=evidence.y[tested][some],
        said=said[some],
        clusters=_clusters(evidence, evidence.order, tested[some]),
        matrix=None if matrix is None else matrix[some],
        moments=evidence.order[tested[some]]
        if evidence.by == "time" and evidence.order is not None
        else None,
        apart=apart if len(tested) >= _FEWEST_APART else None,
    )
    holdout = evidence.holdout(key)
    locked = None
    if holdout is not None and (matrix is None or matrix_locked is not None):
        locked = _Rows(
            y=evidence.y_holdout,
            said=holdout.astype(np.float64),
            clusters=_clusters(evidence, evidence.order_holdout, np.arange(len(evidence.y_holdout))),
            matrix=matrix_locked,
        )
    make_one = _sets if evidence.labels else partial(_bands, fit_columns=fit_columns)
    rule, facts = make_one(evidence, rows, locked)
    return Made(
        rule=rule,
        facts=facts
        | {"by": evidence.by, "n_calibration": len(rows.y), "n_units": rows.n_units, "of_rows": len(tested)},
    )


@dataclass(frozen=True, kw_only=True)
class _Rows:
    """Rows, their truth and what was said of them."""

    y: np.ndarray
    said: np.ndarray
    clusters: np.ndarray | None
    matrix: np.ndarray | None
    moments: np.ndarray | None = None
    apart: Apart | None = None

    @property
    def n_units(self) -> int:
        return count_units(len(self.y), self.clusters)


def _sampled(n_rows: int, seed: int) -> np.ndarray:
    return np.sort(np.random.default_rng(seed).permutation(n_rows)[:_ROWS])


def _clusters(evidence: Evidence, order: np.ndarray | None, rows: np.ndarray) -> np.ndarray | None:
    """Groups whose rows hang together; with time nothing is drawn anew, so rows count one by one."""
    return order[rows] if evidence.by == "group" and order is not None else None


def _bands(
    evidence: Evidence, rows: _Rows, locked: _Rows | None, fit_columns: FitColumns | None
) -> tuple[Bands, dict[str, Any]]:
    fitted = fit_bands(
        rows.y,
        rows.said,
        matrix=rows.matrix,
        clusters=rows.clusters,
        moments=rows.moments,
        apart=rows.apart,
        seed=evidence.seed,
        fit_columns=None if rows.matrix is None else fit_columns,
    )
    bounds, names = ranges_of(rows.said)

    def hits(of: _Rows, low: np.ndarray, high: np.ndarray) -> Hits:
        every = Hits(
            held=(of.y >= low) & (of.y <= high),
            size=high - low,
            groups=np.searchsorted(bounds, of.said, side="right"),
            clusters=of.clusters,
        )
        return every.at(np.isfinite(every.size))  # none without the rows of its own part, or of earlier ones

    levels = {}
    for i, level in enumerate(LEVELS):
        unseen = hits(rows, fitted.low[i], fitted.high[i])
        if not np.isfinite(fitted.bands.bounds[i]).all():
            levels[str(level)] = _none(rows, level)
            continue
        other = None
        if locked is not None:
            matrix = np.zeros((len(locked.y), 0)) if locked.matrix is None else locked.matrix
            other = hits(locked, *fitted.bands.around(locked.said, matrix, level))
        levels[str(level)] = _measured(unseen, other, names) | {
            "plain_width": _plain_width(rows, level),
            "widened": fitted.widened[i],
        }
    facts = {
        "kind": "numbers",
        "levels": levels,
        "scale": fitted.bands.scale.kind,
        "shape": fitted.bands.shape,
        "whole": fitted.bands.whole,
    }
    return fitted.bands, facts


def _sets(evidence: Evidence, rows: _Rows, locked: _Rows | None) -> tuple[Sets, dict[str, Any]]:
    fitted = fit_sets(rows.y, rows.said, clusters=rows.clusters, moments=rows.moments, seed=evidence.seed)
    names = list(evidence.labels)

    def hits(of: _Rows, sets: np.ndarray) -> Hits:
        held = sets[np.arange(len(of.y)), of.y]
        return Hits(held=held, size=sets.sum(axis=1).astype(float), groups=of.y, clusters=of.clusters)

    levels = {}
    for i, level in enumerate(LEVELS):
        if rows.n_units < fewest(level):
            levels[str(level)] = _none(rows, level)
            continue
        other = None if locked is None else hits(locked, fitted.sets.of(locked.said, level))
        basis = fitted.sets.basis[i]
        unseen = fitted.unseen[i][fitted.measured]
        levels[str(level)] = _measured(hits(rows, fitted.unseen[i]).at(fitted.measured), other, names) | {
            "single": float((unseen.sum(axis=1) == 1).mean()),
            "whole": float(unseen.all(axis=1).mean()),
            "pooled": [names[code] for code in np.flatnonzero(basis >= RARE)],
        }
    return fitted.sets, {"kind": "classes", "levels": levels}


def _measured(unseen: Hits, locked: Hits | None, names: list[str]) -> dict[str, Any]:
    return {
        "available": True,
        "measured": {"locked": None if locked is None else locked.facts(), "unseen": unseen.facts()},
        "groups": unseen.by_group(names) if len(unseen.held) else [],
        "groups_locked": locked.by_group(names) if locked is not None else [],
        "clusters": unseen.by_cluster(),
    }


def _none(rows: _Rows, level: float) -> dict[str, Any]:
    what = "rows" if rows.clusters is None else "groups"
    return {
        "available": False,
        "why_not": f"{rows.n_units:,} {what} are too few for a level of {in_percent(level)}: at least "
        f"{fewest(level):,} are needed. Choose a lower level.",
    }


def _plain_width(rows: _Rows, level: float) -> float | None:
    """Width of the interval that looks at no column; None where there is none."""
    low, high = tails(rows.y.astype(np.float64), level)
    width = high - low if np.isfinite(high - low) else float(np.ptp(rows.y))
    return float(width) if width > 0 else None
