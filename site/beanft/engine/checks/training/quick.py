"""Small models that tell within moments what columns know of a target."""

from typing import Any

import numpy as np
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
)
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from beanft.engine.checks.training.coding import Coded

Parts = list[tuple[np.ndarray, np.ndarray]]
"""Folds as pairs of (train, test) positions."""

_FOLDS = 3
_ROUNDS, _LEAVES = 60, 15
_BOOSTED_CLASSES = 3  # of more a forest is quicker, because boosting grows trees for each class
_TREES = 30
_LEAVES_OF_ONE = 64  # of the tree on a single column
_FEWEST_IN_LEAF = 5


def parts_by_chance(y: np.ndarray, n_classes: int, seed: int) -> Parts:
    """Cut rows into three folds by chance, each class by its share where it has rows enough.

    Parameters
    ----------
    y : array of shape (n_rows,)
        Class codes or numbers.
    n_classes : int
        Number of classes, 0 for numbers.
    seed : int
        Seed of the draw.

    Returns
    -------
    list of (train, test)
    """
    counts = np.bincount(y.astype(int)) if n_classes else np.array([0])
    stratified = n_classes and counts[counts > 0].min() >= _FOLDS
    kind: Any = StratifiedKFold if stratified else KFold
    return list(kind(_FOLDS, shuffle=True, random_state=seed).split(np.zeros((len(y), 1)), y))


def predict_unseen(X: Coded, y: np.ndarray, n_classes: int, parts: Parts, seed: int) -> np.ndarray:
    """Predict each row by a small boosted model of all columns that was not trained on it.

    Parameters
    ----------
    X : Coded
        The rows.
    y : array of shape (n_rows,)
        Class codes or numbers.
    n_classes : int
        Number of classes, 0 for numbers.
    parts : list of (train, test)
        The folds.
    seed : int
        Seed of the models.

    Returns
    -------
    array of shape (n_rows, n_classes) or (n_rows,)
        Probabilities or numbers; nan for rows that no fold tests.
    """
    answers = _empty(len(y), n_classes)
    for train, test in parts:
        model = _small(X, n_classes, len(train), seed) if X.values.shape[1] else None
        answers[test] = _answer(model, X.values, y, n_classes, train, test)
    return answers


def predict_by_one(
    values: np.ndarray, *, is_category: bool, y: np.ndarray, n_classes: int, parts: Parts
) -> np.ndarray:
    """Predict each row by a small tree of one column that was not grown on it.

    Parameters
    ----------
    values : array of shape (n_rows,)
        A coded column.
    is_category : bool
        Whether its numbers have no order.
    y : array of shape (n_rows,)
        Class codes or numbers.
    n_classes : int
        Number of classes, 0 for numbers.
    parts : list of (train, test)
        The folds.

    Returns
    -------
    array of shape (n_rows, n_classes) or (n_rows,)
        Probabilities or numbers.
    """
    answers = _empty(len(y), n_classes)
    kind: Any = DecisionTreeClassifier if n_classes else DecisionTreeRegressor
    for train, test in parts:
        shown = _by_mean(values, y, train) if is_category and n_classes in (0, 2) else values
        tree = kind(
            max_leaf_nodes=_LEAVES_OF_ONE,
            min_samples_leaf=max(_FEWEST_IN_LEAF, len(train) // 400),
            random_state=0,
        )
        answers[test] = _answer(tree, shown[:, None], y, n_classes, train, test)
    return answers


def _small(X: Coded, n_classes: int, n_rows: int, seed: int) -> Any:
    if n_classes > _BOOSTED_CLASSES:
        return RandomForestClassifier(_TREES, min_samples_leaf=3, random_state=seed, n_jobs=1)
    kind: Any = HistGradientBoostingClassifier if n_classes else HistGradientBoostingRegressor
    return kind(
        max_iter=_ROUNDS,
        max_leaf_nodes=_LEAVES,
        min_samples_leaf=max(_FEWEST_IN_LEAF, min(20, n_rows // 50)),
        categorical_features=X.is_category,
        early_stopping=False,
        random_state=seed,
    )


def _answer(
    model: Any, X: np.ndarray, y: np.ndarray, n_classes: int, train: np.ndarray, test: np.ndarray
) -> np.ndarray:
    """Fit and predict; where there is nothing to fit, give the mean or the shares of the training rows."""
    if model is None or not len(test) or (y[train] == y[train][0]).all():
        shares = np.bincount(y[train].astype(int), minlength=n_classes) / len(train) if n_classes else None
        constant = np.tile(y[train].mean() if shares is None else shares, (len(test), 1))
        answer: np.ndarray = constant if n_classes else constant.ravel()
        return answer
    model.fit(X[train], y[train])
    if not n_classes:
        numbers: np.ndarray = model.predict(X[test])
        return numbers
    chances = np.zeros((len(test), n_classes))
    chances[:, model.classes_.astype(int)] = model.predict_proba(X[test])
    return chances


def _by_mean(codes: np.ndarray, y: np.ndarray, train: np.ndarray) -> np.ndarray:
    """Codes in the order of the target's mean among the training rows, shrunk where rows are few."""
    places = codes.astype(int)
    n = np.bincount(places[train], minlength=places.max() + 1)
    sums = np.bincount(places[train], weights=y[train], minlength=len(n))
    means: np.ndarray = (sums + y[train].mean()) / (n + 1)
    shown: np.ndarray = means[places]
    return shown


def _empty(n_rows: int, n_classes: int) -> np.ndarray:
    return np.full((n_rows, n_classes) if n_classes else n_rows, np.nan)
