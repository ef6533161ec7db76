"""Small models of every learner, on a table with every kind of column, fitted without a search."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from beanft.engine.learning.calibration import Calibration
from beanft.engine.learning.prepare import Feature, Plan
from beanft.engine.learning.search.bag import Bag, Fold, blend
from beanft.engine.learning.search.coding import Coder
from beanft.engine.learning.search.fitting import Terms, fit_fold
from beanft.engine.learning.search.folds import FoldEncoder, assemble, layout_of

ROLES = {
    "size": "number",
    "price": "number",
    "shop": "code",
    "colour": "levels",
    "town": "target",
    "when": "date",
    "note": "text",
    "day": "date",
}
CARRIED = {"day"}
"""A date whose number linear learners get."""
N_FOLDS = 2
_FEW_TREES = {"boosting", "lightgbm", "extra_trees", "random_forest"}


def table(n_rows: int = 180, seed: int = 0) -> pd.DataFrame:
    """Rows with gaps; another seed brings levels, words and numbers that seed 0 does not have."""
    random = np.random.default_rng(seed)
    words = ["calm", "loud", "old", "young", "near", "far", *([f"new{seed}"] if seed else [])]
    X = pd.DataFrame(
        {
            "size": random.normal(size=n_rows).round(3) * (1 + 9 * seed),
            "price": random.lognormal(size=n_rows).round(2),
            "shop": random.integers(0, 25 + 5 * seed, n_rows).astype(float),
            "colour": random.choice(["red", "green", "blue", *(["pink"] if seed else [])], n_rows),
            "town": [f"t{n}" for n in random.integers(0, 60, n_rows)],
            "when": pd.Timestamp("1968-03-01") + pd.to_timedelta(random.integers(0, 5_000_000, n_rows), "m"),
            "note": [" ".join(random.choice(words, random.integers(1, 7))) for _ in range(n_rows)],
            "day": pd.Timestamp("2023-05-01") + pd.to_timedelta(random.permutation(n_rows) * (1 + seed), "D"),
        }
    )
    for step, name in enumerate(X.columns, start=5):
        X.loc[:: 2 * step, name] = None
    return X


def target(X: pd.DataFrame, n_classes: int) -> np.ndarray:
    """Codes of classes or a positive number, which follow the columns."""
    filled = X["size"].fillna(0) + (X["colour"] == "red") + X["note"].fillna("").str.contains("calm")
    signal = filled.to_numpy(dtype=float) + X["shop"].fillna(0).to_numpy() % 5 / 3
    if not n_classes:
        return np.exp(signal)
    return np.digitize(signal, np.quantile(signal, np.arange(1, n_classes) / n_classes))


@cache
def _prepared(n_classes: int, names: tuple[str, ...]) -> tuple[Any, ...]:
    X = table()
    features = [
        Feature(
            name=name, role=ROLES[name], n_parts=3, n_shown=9, cyclic=name in CARRIED, carried=name in CARRIED
        )
        for name in names
    ]
    plan = Plan(features=tuple(features), notes=())
    coder = Coder(plan).fit(X)
    coded, y = coder.transform(X), target(X, n_classes)
    layout = layout_of(plan, coder.n_levels_, n_classes)
    folds = []
    for i in range(N_FOLDS):
        train, check = np.flatnonzero(np.arange(len(X)) % 3 != i), np.flatnonzero(np.arange(len(X)) % 3 == i)
        encoder = FoldEncoder(layout, seed=i)
        block = encoder.fit_transform(coded.at(train), y[train])
        held = coded.at(check)
        rows = (
            assemble(coded.at(train), block, layout),
            y[train],
            assemble(held, encoder.transform(held), layout),
            y[check],
        )
        folds.append((encoder, rows))
    return coder, layout, folds


@cache
def bag(learner: str, n_classes: int, *, names: tuple[str, ...] = tuple(ROLES), **settings: Any) -> Bag:
    """A model of one learner."""
    coder, layout, folds = _prepared(n_classes, names)
    task = "classification" if n_classes else "regression"
    terms = Terms(
        task=task,
        n_classes=n_classes,
        n_native=len(layout.native),
        n_days=len(coder.day_names),
        balanced=False,
        n_folds=N_FOLDS,
    )
    few = {"trees": 12} if learner in _FEW_TREES else {}
    made = []
    for encoder, rows in folds:
        fitted = fit_fold(learner, few | settings, terms, rows, seed=0, slice_s=60.0, rounds=12)
        made.append(Fold(encoder=encoder, members=((1.0, fitted.member),)))
    return Bag(coder=coder, layout=layout, folds=tuple(made))


def model(estimator: Bag, n_classes: int, calibration: Calibration | None = None) -> dict[str, Any]:
    """What a model file holds, as far as predictions go."""
    labels = tuple(f"c{code}" for code in range(n_classes))
    return {"estimator": estimator, "labels": labels, "calibration": calibration}


def ensemble(learners: list[str], n_classes: int) -> Bag:
    """All of them with other weights."""
    weights = np.arange(1, len(learners) + 1) / sum(range(1, len(learners) + 1))
    return blend([(float(w), bag(learner, n_classes)) for w, learner in zip(weights, learners, strict=True)])


def arrays(X: pd.DataFrame) -> dict[str, np.ndarray]:
    """The columns as the checker of inputs gives them."""
    plain = {}
    for name, role in ROLES.items():
        if role in ("number", "code"):
            plain[name] = X[name].to_numpy(dtype=float)
        elif role == "date":
            plain[name] = X[name].to_numpy(dtype="datetime64[us]")
        else:
            plain[name] = X[name].astype(object).where(X[name].notna(), None).to_numpy(dtype=object)
    return plain
