"""Simple guesses that a model has to beat: the best single column, and a rule of two questions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from beanft.engine.learning.judging.raw import Raw, fit_raw
from beanft.engine.learning.judging.sayings import Tree, tell
from beanft.engine.tables.wording import shown

_MOST_ROWS = 20_000
_CHOOSING_ROWS = 4_000
_FOLDS = 3
_COLUMN_LEAVES = 8
_RULE_DEPTH = 2
_LEAF_SHARE = 0.01
_FEWEST_IN_LEAF = 5
_ROUNDING = 1e-9
_MOST_COLUMNS = 200  # a very wide table is looked through in part


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A simple guess, fitted on the development rows."""

    name: str
    """best_column or rule."""
    sentence: str
    """What it does, in words."""
    predict: Callable[[pd.DataFrame], np.ndarray]
    """Raw frame -> probabilities of shape (n_rows, n_classes) or numbers of shape (n_rows,)."""


def best_column(
    X: pd.DataFrame,
    y: np.ndarray,
    task: str,
    n_classes: int,
    seed: int,
) -> Reference:
    """Find the one column that tells the target best on its own.

    Each column gets a tree of at most 8 leaves; cross-validation on the rows given decides.

    Parameters
    ----------
    X : DataFrame of shape (n_rows, n_columns)
        Raw columns of the development rows, as `read_rows` gives them.
    y : array of shape (n_rows,)
        Class codes or numbers.
    task : str
        classification or regression.
    n_classes : int
        Classes of the target, 0 for regression.
    seed : int
        Seed of the folds, and of the sample of long tables.

    Returns
    -------
    Reference

    Examples
    --------
    >>> X = pd.DataFrame({"noise": [1, 2] * 30, "told": [0] * 30 + [1] * 30})
    >>> best_column(X, np.array([0] * 30 + [1] * 30), "classification", 2, 0).sentence
    'The single column “told”.'
    """
    classes = task == "classification"
    X, y = _some(X, y, _MOST_ROWS, seed)
    few, truth = _some(X, y, _CHOOSING_ROWS, seed)
    names = list(X.columns[:_MOST_COLUMNS])
    losses = [_loss(few[[name]], truth, classes, n_classes, seed) for name in names]
    name = names[int(np.argmin(losses))]
    fitted = _Fitted(X[[name]], y, classes, n_classes, leaves=_COLUMN_LEAVES)
    sentence = f"The single column {shown(str(name))}."
    if _helps_none(min(losses), truth, classes, n_classes, seed):
        sentence = f"No single column does better than guessing; {shown(str(name))} comes nearest."
    return Reference(name="best_column", sentence=sentence, predict=fitted.predict)


def rule(
    X: pd.DataFrame,
    y: np.ndarray,
    task: str,
    n_classes: int,
    seed: int,
    labels: Sequence[str] = (),
    words: Mapping[str, Sequence[str]] | None = None,
) -> Reference:
    """Fit a tree of two questions, such as a person would write on a card.

    Parameters
    ----------
    X : DataFrame of shape (n_rows, n_columns)
        Raw columns of the development rows, as `read_rows` gives them.
    y : array of shape (n_rows,)
        Class codes or numbers.
    task : str
        classification or regression.
    n_classes : int
        Classes of the target, 0 for regression.
    seed : int
        Seed of the sample of long tables.
    labels : sequence of str
        The classes in the order of their codes, for the sentence.
    words : mapping of str to sequence of str, optional
        The owner's words for false and true, by column (see `truth_words`).

    Returns
    -------
    Reference

    Examples
    --------
    >>> X = pd.DataFrame({"fare": [10.0] * 30 + [50.0] * 30})
    >>> y = np.array([0] * 30 + [1] * 30)
    >>> rule(X, y, "classification", 2, 0, ("no", "yes")).sentence
    'Chance of “yes”: if “fare” ≤ 30: 0; if “fare” > 30: 1.'
    """
    X, y = _some(X, y, _MOST_ROWS, seed)
    X = X.iloc[:, :_MOST_COLUMNS]
    fitted = _Fitted(X, y, task == "classification", n_classes, depth=_RULE_DEPTH)
    return Reference(
        name="rule",
        sentence=tell(fitted.tree, fitted.columns, n_classes, labels, words or {}),
        predict=fitted.predict,
    )


class _Fitted:
    """A small tree on raw columns."""

    def __init__(
        self,
        X: pd.DataFrame,
        y: np.ndarray,
        classes: bool,
        n_classes: int,
        *,
        leaves: int | None = None,
        depth: int | None = None,
    ) -> None:
        self.n_classes = n_classes
        target = y.astype(float)
        if classes:
            counts = np.bincount(y, minlength=n_classes)
            target = (y == (1 if n_classes == 2 else counts.argmax())).astype(float)
        fewest = _FEWEST_IN_LEAF if depth is None else max(_FEWEST_IN_LEAF, int(len(y) * _LEAF_SHARE))
        self.columns: list[Raw] = [fit_raw(X[name], target, fewest) for name in X.columns]
        kind = DecisionTreeClassifier if classes else DecisionTreeRegressor
        smallest = max(_FEWEST_IN_LEAF, int(len(y) * _LEAF_SHARE))
        smallest = min(smallest, max(1, len(y) // 4))
        self.tree: Tree = kind(
            max_leaf_nodes=leaves, max_depth=depth, min_samples_leaf=smallest, random_state=0
        )
        self.tree.fit(self._matrix(X), y)

    def predict(self, frame: pd.DataFrame) -> np.ndarray:
        """Probabilities or numbers for raw rows."""
        X = self._matrix(frame)
        if not self.n_classes:
            numbers: np.ndarray = self.tree.predict(X)
            return numbers
        chances = np.zeros((len(X), self.n_classes))
        chances[:, self.tree.classes_.astype(int)] = self.tree.predict_proba(X)
        return chances

    def _matrix(self, frame: pd.DataFrame) -> np.ndarray:
        return np.column_stack([column.of(frame) for column in self.columns])


def _loss(X: pd.DataFrame, y: np.ndarray, classes: bool, n_classes: int, seed: int) -> float:
    """Squared error of a column's tree on rows that it was not fitted on."""
    if len(y) < 2 * _FOLDS:
        return 0.0
    total = 0.0
    for train, test in _parts(y, classes, seed):
        fitted = _Fitted(X.iloc[train], y[train], classes, n_classes, leaves=_COLUMN_LEAVES)
        predicted = fitted.predict(X.iloc[test])
        truth = np.eye(n_classes)[y[test]] if classes else y[test]
        total += float(((truth - predicted) ** 2).sum())
    return total


def _helps_none(least: float, y: np.ndarray, classes: bool, n_classes: int, seed: int) -> bool:
    """Whether the best column errs as much, on rows that it was not fitted on, as the mean of the others."""
    if len(y) < 2 * _FOLDS:
        return False
    truth = np.eye(n_classes)[y] if classes else y
    guessed = sum(
        float(((truth[test] - truth[train].mean(axis=0)) ** 2).sum())
        for train, test in _parts(y, classes, seed)
    )
    return least >= guessed * (1 - _ROUNDING)


def _parts(y: np.ndarray, classes: bool, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    kind = StratifiedKFold if classes and np.bincount(y).max() >= _FOLDS else KFold
    return list(kind(n_splits=_FOLDS, shuffle=True, random_state=seed).split(np.zeros((len(y), 1)), y))


def _some(X: pd.DataFrame, y: np.ndarray, most: int, seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    if len(y) <= most:
        return X.reset_index(drop=True), y
    rows = np.sort(np.random.default_rng(seed).choice(len(y), most, replace=False))
    return X.iloc[rows].reset_index(drop=True), y[rows]
