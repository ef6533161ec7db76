"""Fits a model once more from its recipe: the same rows, folds, settings, seeds and numbers of trees."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf
from typing import Any

import numpy as np
import pandas as pd

from beanft.engine.learning.calibration import Calibration
from beanft.engine.learning.cutting import (
    ALL,
    DEVELOPMENT,
    FOLDS,
    cut_again,
    cut_development,
    is_checked,
    rounds_again,
)
from beanft.engine.learning.exports.data import Data
from beanft.engine.learning.metrics import METRIC
from beanft.engine.learning.prepare import Feature, Plan
from beanft.engine.learning.search.bag import Bag, Fold
from beanft.engine.learning.search.fitting import Fitted, Terms, fit_fold
from beanft.engine.learning.search.material import Material

Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Judged:
    """The models of the search, fitted again."""

    bag: Bag
    """What was judged on the locked rows."""
    unseen: tuple[np.ndarray, ...]
    """What each run said of each development row while it was unseen; NaN where it never was."""
    scores: tuple[float, ...]
    """Mean score of each run over the folds."""


def fit_judged(recipe: Mapping[str, Any], data: Data, say: Say) -> Judged:
    """Fit every run in every fold again, as the search did.

    Parameters
    ----------
    recipe : mapping
        See `recipe.recipe_of`.
    data : Data
        The rows.
    say : callable
        Told what is done.

    Returns
    -------
    Judged
        For steps in time that are each learned from all rows before, the bag is the last step's.
    """
    y, classes = data.y[data.train], bool(recipe["labels"])
    order = None if data.order is None else data.order.at(data.train)
    asked = recipe["cut"]["n_folds"]
    folds = cut_development(y, order, classes=classes, seed=recipe["seed"], n_folds=asked)
    material = _material(recipe, data.X.iloc[data.train], y, folds.parts)
    fitted: dict[tuple[int, int], Fitted] = {}
    for place, run in enumerate(recipe["runs"]):
        say(f"{run['title']}: {len(folds.parts)} fits")
        for i in range(len(folds.parts)):
            fitted[place, i] = _fit(recipe, material, run, i, run["fold_rounds"][i], repeated=True)
    unseen = tuple(
        _unseen(recipe, len(y), folds.parts, [fitted[place, i] for i in range(len(folds.parts))])
        for place in range(len(recipe["runs"]))
    )
    which = [len(folds.parts) - 1] if folds.growing else list(range(len(folds.parts)))
    return Judged(
        bag=_bag(recipe, material, fitted, which),
        unseen=unseen,
        scores=tuple(score_of(recipe, y, said, folds.parts) for said in unseen),
    )


def fit_more(recipe: Mapping[str, Any], data: Data, rows: str, say: Say) -> Bag:
    """Fit the runs once more, on all development rows or on all rows.

    Parameters
    ----------
    recipe : mapping
        See `recipe.recipe_of`.
    data : Data
        The rows.
    rows : str
        DEVELOPMENT or ALL.
    say : callable
        Told what is done.

    Returns
    -------
    Bag
    """
    chosen = data.train if rows == DEVELOPMENT else np.arange(len(data.y))
    y, order = data.y[chosen], None if data.order is None else data.order.at(chosen)
    cut = recipe["cut"]
    parts = cut_again(
        y,
        order,
        classes=bool(recipe["labels"]),
        seed=recipe["seed"],
        n_folds=cut["found_folds"],
        growing=cut["growing"],
    )
    material = _material(recipe, data.X.iloc[chosen], y, parts)
    known = recipe["again"]["rounds"] if recipe["again"] and recipe["again"]["rows"] == rows else None
    checked = is_checked(len(y), growing=cut["growing"])
    fitted, n_folds = {}, len(known or parts)  # fewer where time ended before all were fitted
    for place, run in enumerate(recipe["runs"]):
        say(f"{run['title']}, once more on {len(y):,} rows: {n_folds} fits")
        for i in range(n_folds):
            usual = rounds_again(run["learner"], run["rounds"], checked=checked, joint=recipe["joint"])
            rounds = known[i][place] if known else usual
            fitted[place, i] = _fit(recipe, material, run, i, rounds, repeated=known is not None)
    return _bag(recipe, material, fitted, list(range(n_folds)))


def remake(recipe: Mapping[str, Any], data: Data, say: Say) -> tuple[Bag, Judged | None]:
    """Fit the model of a recipe again.

    Parameters
    ----------
    recipe : mapping
        See `recipe.recipe_of`.
    data : Data
        The rows.
    say : callable
        Told what is done.

    Returns
    -------
    bag : Bag
        What the model's file holds.
    judged : Judged or None
        The models of the search, where these are what the file holds.
    """
    rows = recipe["again"]["rows"] if recipe["again"] else FOLDS
    if rows == FOLDS:
        judged = fit_judged(recipe, data, say)
        return judged.bag, judged
    return fit_more(recipe, data, rows, say), None


def judged_bag(recipe: Mapping[str, Any], data: Data, judged: Judged, say: Say) -> Bag:
    """Give what was judged on the locked rows: it learned from the newest development rows, too.

    Parameters
    ----------
    recipe : mapping
        See `recipe.recipe_of`.
    data : Data
        The rows.
    judged : Judged
        What `fit_judged` gave.
    say : callable
        Told what is done.

    Returns
    -------
    Bag
    """
    is_refitted = recipe["cut"]["growing"] and recipe["again"]
    return fit_more(recipe, data, DEVELOPMENT, say) if is_refitted else judged.bag


def content_of(recipe: Mapping[str, Any], bag: Bag) -> dict[str, Any]:
    """Put a model together as a model file holds it.

    Parameters
    ----------
    recipe : mapping
        See `recipe.recipe_of`.
    bag : Bag
        What was fitted.

    Returns
    -------
    dict
        What `serving.rows.predict_rows` takes.
    """
    calibration = recipe["calibration"]
    return {
        "estimator": bag,
        "schema": recipe["schema"],
        "target": recipe["target"],
        "task": recipe["task"],
        "labels": tuple(recipe["labels"]),
        "learner": recipe["learner"],
        "title": recipe["title"],
        "seed": recipe["seed"],
        "calibration": None if calibration is None else _calibration(calibration),
    } | ({"all_rows": True} if recipe["again"] and recipe["again"]["rows"] == ALL else {})


def _calibration(values: Mapping[str, Any]) -> Calibration:
    tupled: dict[str, Any] = {
        name: tuple(part) if isinstance(part, list) else part for name, part in values.items()
    }
    return Calibration(**tupled)


def score_of(
    recipe: Mapping[str, Any],
    y: np.ndarray,
    said: np.ndarray,
    parts: tuple[tuple[np.ndarray, np.ndarray], ...],
) -> float:
    """Score what was said of the rows of each fold.

    Parameters
    ----------
    recipe : mapping
        Its metric and labels.
    y : array of shape (n_rows,)
        Class codes or numbers.
    said : array of shape (n_rows, n_classes) or (n_rows,)
        Predictions.
    parts : tuple of (array, array)
        Positions of the rows learned from and of the rows tested, for each fold.

    Returns
    -------
    float
        The mean over the folds with more than one class.
    """
    metric, classes = METRIC[recipe["metric"]], bool(recipe["labels"])
    tests = [test for _, test in parts if not classes or len(np.unique(y[test])) > 1]
    return float(np.mean([metric.of(y[test], said[test]) for test in tests]))


def _material(
    recipe: Mapping[str, Any],
    X: pd.DataFrame,
    y: np.ndarray,
    parts: tuple[tuple[np.ndarray, np.ndarray], ...],
) -> Material:
    plan = Plan(features=tuple(Feature(**one) for one in recipe["plan"]), notes=())
    n_classes = len(recipe["labels"])
    made = Material(X.reset_index(drop=True), y, plan, parts, n_classes=n_classes, seed=recipe["seed"])
    made.encode_here()
    return made


def _fit(
    recipe: Mapping[str, Any],
    material: Material,
    run: Mapping[str, Any],
    i: int,
    rounds: int | None,
    *,
    repeated: bool,
) -> Fitted:
    terms = Terms(
        task=recipe["task"],
        n_classes=len(recipe["labels"]),
        n_native=material.n_native,
        n_days=material.n_days,
        balanced=recipe["balanced"],
        n_folds=len(material.parts),
        joint=recipe["joint"],
    )
    return fit_fold(
        run["learner"],
        run["settings"],
        terms,
        material.rows(i),
        seed=recipe["seed"] + i,
        slice_s=inf,
        rounds=rounds or None,
        repeated=repeated,
    )


def _bag(
    recipe: Mapping[str, Any], material: Material, fitted: Mapping[tuple[int, int], Fitted], which: list[int]
) -> Bag:
    folds = tuple(
        Fold(
            encoder=material.encoders[i],
            members=tuple(
                (run["weight"], fitted[place, i].member) for place, run in enumerate(recipe["runs"])
            ),
        )
        for i in which
    )
    return Bag(coder=material.coder, layout=material.layout, folds=folds)


def _unseen(
    recipe: Mapping[str, Any],
    n_rows: int,
    parts: tuple[tuple[np.ndarray, np.ndarray], ...],
    fitted: list[Fitted],
) -> np.ndarray:
    """Mean over the repeats of what was said of each row; NaN where nothing was."""
    n_classes = len(recipe["labels"])
    total, n = np.zeros((n_rows, n_classes) if n_classes else n_rows), np.zeros(n_rows)
    for (_, test), one in zip(parts, fitted, strict=True):
        total[test] += one.predicted
        n[test] += 1
    with np.errstate(invalid="ignore"):
        made: np.ndarray = total / (n[:, None] if n_classes else n)
    return made
