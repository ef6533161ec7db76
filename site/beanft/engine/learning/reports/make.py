"""The report of one trained model: what it said of rows while they were unseen, and of the locked rows."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from beanft.engine.learning import files
from beanft.engine.learning.calibration import Calibration
from beanft.engine.learning.evidence import Evidence, open_evidence, read_rows
from beanft.engine.learning.judging.draws import clusters_of
from beanft.engine.learning.judging.guess import pooled_guess
from beanft.engine.learning.learners import BASELINE
from beanft.engine.learning.metrics import METRIC, metrics_for
from beanft.engine.learning.reports.curves import class_curves
from beanft.engine.learning.reports.importance import quick_importance
from beanft.engine.learning.reports.residuals import residuals
from beanft.engine.learning.reports.scores import confusion, scored
from beanft.engine.learning.reports.slices import find_slices
from beanft.engine.learning.reports.thresholds import threshold_table
from beanft.engine.progress import Progress
from beanft.engine.tables.columns import Profile
from beanft.engine.tables.files import verify


def make_report(
    evidence: Evidence,
    key: str,
    X: pd.DataFrame,
    *,
    title: str,
    profile: Profile,
    model: Mapping[str, Any] | None = None,
    locked: pd.DataFrame | None = None,
    importance_s: float = 10.0,
) -> dict[str, Any]:
    """Make the report of a model from what it said of rows that it had not learned from.

    Parameters
    ----------
    evidence : Evidence
        What its experiment left.
    key : str
        Key of its run; its out-of-fold predictions and the baseline's must be saved.
    X : DataFrame of shape (n_tested, n_features)
        Raw columns of the rows evidence.rows[evidence.tested], in that order.
    title : str
        Name of the model.
    profile : Profile
        The profile of the table.
    model : mapping, optional
        What the model file holds; without it no importance is measured.
    locked : DataFrame of shape (n_holdout, n_features), optional
        Raw columns of the locked rows. The importance is measured on them if they were opened for this
        model, else on rows that it has learned from.
    importance_s : float, default 10
        Seconds that the importance may take.

    Returns
    -------
    dict
        Plain JSON: title, unseen and, where they were opened for this model, holdout (see
        `scores.scored`); for classification confusion, curves, calibration and, of two classes, threshold;
        for regression points, residuals and errors; slices, and importance.

    Raises
    ------
    EngineError
        The evidence is missing or damaged.
    """
    y, predicted = evidence.y[evidence.tested], evidence.oof(key)
    order = None if evidence.order is None else evidence.order[evidence.tested]
    groups = clusters_of(evidence.by, order)
    report: dict[str, Any] = {
        "title": title,
        "unseen": _scores(evidence, y, predicted, _guess(evidence), groups),
        "slices": find_slices(
            X,
            y,
            predicted,
            profile=profile,
            metric=METRIC[evidence.metric],
            seed=evidence.seed,
            clusters=groups,
        ),
    }
    if evidence.labels:
        report |= _of_classes(evidence, y, predicted, groups)
    else:
        report |= residuals(y, predicted, evidence.seed)
    report |= _on_holdout(evidence, key)
    if model is not None:
        report |= _calibration(model)
        report["importance"] = _importance(evidence, key, model, X, locked, importance_s)
    return report


def describe_model(
    *,
    table: str,
    table_sha256: str,
    profile: Mapping[str, Any],
    folder: str,
    file: str,
    sha256: str,
    key: str,
    title: str,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Make the report of a model that has none yet: the work of the job “report”.

    Parameters
    ----------
    table, table_sha256 : str
        The version's Parquet file and its hash.
    profile : mapping
        The version's profile (Profile.to_dict).
    folder : str
        The experiment's folder with its evidence.
    file, sha256 : str
        The model file within the folder, and its hash.
    key, title : str
        Key of its run, and its name.
    progress : Progress, optional
        Listener.

    Returns
    -------
    dict
        See `make_report`.

    Raises
    ------
    EngineError
        The table, the evidence or the model file is missing or damaged.
    """
    told = progress or Progress()
    verify(table, table_sha256)
    known, evidence = Profile.from_dict(profile), open_evidence(Path(folder))
    model = files.load(Path(folder) / file, sha256)
    told(0.1, "Reading the rows")
    X = read_rows(Path(table), known, evidence.features, evidence.rows[evidence.tested])
    locked = None
    if evidence.holdout(key) is not None:
        locked = read_rows(Path(table), known, evidence.features, evidence.rows_holdout)
    told(0.3, "Measuring where it errs")
    return make_report(evidence, key, X, title=title, profile=known, model=model, locked=locked)


def _scores(
    evidence: Evidence,
    y: np.ndarray,
    predicted: np.ndarray,
    baseline: np.ndarray | None,
    groups: np.ndarray | None,
) -> dict[str, Any]:
    return scored(
        y,
        predicted,
        baseline,
        metrics_for(evidence.task, len(evidence.labels)),
        METRIC[evidence.metric],
        seed=evidence.seed,
        clusters=groups,
    )


def _guess(evidence: Evidence) -> np.ndarray:
    """The baseline's guess, one for all rows as the leaderboard has it."""
    return pooled_guess(evidence, evidence.oof(BASELINE))


def _of_classes(
    evidence: Evidence, y: np.ndarray, predicted: np.ndarray, groups: np.ndarray | None
) -> dict[str, Any]:
    labels, seed = evidence.labels, evidence.seed
    found: dict[str, Any] = {
        "confusion": confusion(y, predicted, labels),
        "curves": class_curves(y, predicted, labels, groups=groups, seed=seed),
    }
    table = threshold_table(y, predicted, labels, groups=groups, seed=seed)
    return found if table is None else found | {"threshold": table}


def _on_holdout(evidence: Evidence, key: str) -> dict[str, Any]:
    """The scores on the locked rows, if they were opened for this model."""
    predicted = evidence.holdout(key)
    if predicted is None:
        return {}
    groups = clusters_of(evidence.by, evidence.order_holdout)
    return {"holdout": _scores(evidence, evidence.y_holdout, predicted, evidence.holdout(BASELINE), groups)}


def _calibration(model: Mapping[str, Any]) -> dict[str, Any]:
    """What the model does to its probabilities; its out-of-fold predictions are mended already."""
    kept = model.get("calibration")
    if kept is None:
        return {}
    return {"calibration": (Calibration(**kept) if isinstance(kept, Mapping) else kept).facts()}


def _importance(
    evidence: Evidence,
    key: str,
    model: Mapping[str, Any],
    X: pd.DataFrame,
    locked: pd.DataFrame | None,
    limit_s: float,
) -> dict[str, Any]:
    """The quick importance, on locked rows that were opened for this model anyway, else on learned ones.

    A model that has learned once more from all rows has learned from the locked ones too.
    """
    rows, y, which = X, evidence.y[evidence.tested], "learned"
    if locked is not None and evidence.holdout(key) is not None and not model.get("all_rows"):
        rows, y, which = locked, evidence.y_holdout, "locked"
    return quick_importance(
        model,
        rows,
        y,
        metric=METRIC[evidence.metric],
        seed=evidence.seed,
        limit_s=limit_s,
        rows=which,
    )
