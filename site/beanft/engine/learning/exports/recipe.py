"""Writes down all that is needed to fit a model again: rows, folds, settings, seeds, numbers of trees."""

import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from beanft.engine.errors import EngineError
from beanft.engine.learning.choices import Choices
from beanft.engine.learning.cutting import cut_development, is_joint
from beanft.engine.learning.evidence import Evidence, open_evidence, read_rows
from beanft.engine.learning.exports.again import content_of, remake
from beanft.engine.learning.exports.data import data_of, rows_wanted
from beanft.engine.learning.learners import ENSEMBLE
from beanft.engine.learning.order import Order, columns_in
from beanft.engine.learning.prepare import Plan, plan
from beanft.engine.learning.question import n_folds_of
from beanft.engine.learning.schema import describe
from beanft.engine.tables.columns import Profile

_OLD = "The model was trained before Beanft kept all that is needed to fit it again. Train it again."
_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Trained:
    """A finished experiment, as far as its recipe needs it; plain values."""

    folder: Path
    """Where its files lie."""
    table: Path
    """The version's Parquet file."""
    profile: Profile
    """Its profile, the columns in their roles."""
    runs: Mapping[str, Mapping[str, Any]]
    """Facts of all runs by key."""
    weights: Mapping[str, float]
    """Weights of the runs in the ensemble, in its order."""
    choices: Mapping[str, Any]
    """Choices.to_dict of the experiment."""


def recipe_of(trained: Trained, key: str, model: Mapping[str, Any] | None) -> dict[str, Any]:
    """Write the recipe of a model.

    Parameters
    ----------
    trained : Trained
        Its experiment.
    key : str
        Key of its run.
    model : mapping or None
        What the model file holds; None where it cannot be opened: probabilities are not mended then.

    Returns
    -------
    dict
        Plain JSON: target, words (the owner's for false and true), task, labels, metric, seed, plan, schema,
        cut, joint, balanced, runs (with settings, weights and numbers of trees), again, calibration, learner
        and title.

    Raises
    ------
    EngineError
        Something needed was not kept: the model is of an earlier release.
    """
    evidence, facts = open_evidence(trained.folder), trained.runs[key]
    weights = trained.weights if facts["learner"] == ENSEMBLE else {key: 1.0}
    if any("fold_rounds" not in trained.runs.get(one, {}) for one in weights) or not weights:
        raise EngineError(_OLD)
    choices, order = Choices.from_dict(trained.choices), order_of(evidence, trained.profile)
    cut = _cut(evidence, choices, order)
    plan_ = model["estimator"].coder.plan if model else _plan(trained.profile, evidence)
    calibration = model.get("calibration") if model else None
    return {
        "target": evidence.target,
        "words": list(trained.profile.column(evidence.target).labels),
        "task": evidence.task,
        "labels": list(evidence.labels),
        "metric": evidence.metric,
        "seed": evidence.seed,
        "plan": [asdict(feature) for feature in plan_.features],
        "schema": model["schema"] if model else _schema(trained, evidence, plan_),
        "cut": cut,
        "joint": is_joint(cut.pop("n_parts"), len(evidence.y)),
        "balanced": choices.class_weights == "balanced",
        "runs": [_run(trained.runs[one], weight) for one, weight in weights.items()],
        "again": facts.get("again"),
        "calibration": None if calibration is None else calibration.to_dict(),
        "learner": facts["learner"],
        "title": facts["title"],
    }


def arrays_of(evidence: Evidence) -> dict[str, np.ndarray]:
    """Give the rows of an experiment and what they were cut by, as a recipe needs them.

    Parameters
    ----------
    evidence : Evidence
        Of the experiment.

    Returns
    -------
    dict of str to array
        rows and rows_holdout; order and order_holdout where they were cut by something.
    """
    named = {name: getattr(evidence, name) for name in ("rows", "rows_holdout", "order", "order_holdout")}
    return {name: values for name, values in named.items() if values is not None}


def order_of(evidence: Evidence, profile: Profile) -> Order | None:
    """Give what the development rows were cut by.

    Parameters
    ----------
    evidence : Evidence
        Of the experiment.
    profile : Profile
        Of its table.

    Returns
    -------
    Order or None
        None for chance.
    """
    if evidence.order is None:
        return None
    column = next(iter(columns_in(profile, evidence.by)), "")
    return Order(by=evidence.by, column=column, codes=evidence.order)


def refit_model(trained: Trained, key: str, model: Mapping[str, Any] | None) -> dict[str, Any]:
    """Fit a model again in this process, from its recipe and the stored table.

    Parameters
    ----------
    trained : Trained
        Its experiment.
    key : str
        Key of its run.
    model : mapping or None
        What its file holds; None where it cannot be opened.

    Returns
    -------
    dict
        What a model file holds, for `files.save`.

    Raises
    ------
    EngineError
        Something needed was not kept, or the table is lost.
    """
    recipe = recipe_of(trained, key, model)
    arrays = arrays_of(open_evidence(trained.folder))
    data = data_of(recipe, arrays, frame_of(trained, recipe, arrays))
    bag, _ = remake(recipe, data, _log.info)
    return dict(model or {}) | content_of(recipe, bag)


def frame_of(trained: Trained, recipe: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Read features and target of all rows that take part, from the stored table.

    Parameters
    ----------
    trained : Trained
        The experiment.
    recipe : mapping
        As `recipe_of` gives it.
    arrays : mapping of str to array
        As `arrays_of` gives them.

    Returns
    -------
    DataFrame of shape (n_rows, n_columns)
        In the order of `data.rows_wanted`.
    """
    names = [*(one["name"] for one in recipe["plan"]), recipe["target"]]
    return read_rows(trained.table, trained.profile, names, rows_wanted(arrays))


def _cut(evidence: Evidence, choices: Choices, order: Order | None) -> dict[str, Any]:
    n_rows = len(evidence.y) + len(evidence.y_holdout)
    n_folds = n_folds_of(choices.validation, n_rows, ordered=order is not None)
    classes = bool(evidence.labels)
    folds = cut_development(evidence.y, order, classes=classes, seed=evidence.seed, n_folds=n_folds)
    found = np.full(len(evidence.y), -1)
    for i, (_, test) in enumerate(folds.parts):
        found[test] = i % folds.n_folds
    if not np.array_equal(found, evidence.fold):
        raise EngineError(
            "The rows cannot be cut into the same folds again: a library cuts them otherwise now. "
            "Train the model again."
        )
    return {
        "by": "" if order is None else order.by,
        "column": "" if order is None else order.column,
        "n_folds": n_folds,
        "found_folds": folds.n_folds,
        "growing": folds.growing,
        "n_parts": len(folds.parts),
    }


def _run(facts: Mapping[str, Any], weight: float) -> dict[str, Any]:
    kept = ("key", "title", "learner", "settings", "rounds", "fold_rounds", "mean")
    return {name: facts[name] for name in kept} | {"weight": weight}


def _plan(profile: Profile, evidence: Evidence) -> Plan:
    return plan(
        [profile.column(name) for name in evidence.features],
        n_rows=profile.n_rows,
        n_classes=len(evidence.labels),
        by_time=evidence.by == "time",
    )


def _schema(trained: Trained, evidence: Evidence, plan_: Plan) -> list[dict[str, Any]]:
    X = read_rows(trained.table, trained.profile, plan_.names, evidence.rows)
    order = order_of(evidence, trained.profile) if evidence.by == "time" else None
    cut_by = (Choices.from_dict(trained.choices).validation.column or order.column) if order else ""
    return describe(X, plan_.features, {one.name: one for one in trained.profile.columns}, cut_by)
