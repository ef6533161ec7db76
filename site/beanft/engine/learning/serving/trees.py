"""Trees as they answer: many rows tree by tree, a few rows through all trees of a model in one call."""

from typing import Any

import numpy as np
from sklearn.ensemble._hist_gradient_boosting.predictor import TreePredictor

from beanft.engine.learning.serving.formulas import Evaluator
from beanft.engine.learning.serving.sums import softmax, two_chances

_AT_ONCE = 8  # rows up to which one call through the joined trees is quicker than a call for each tree
_MOST_CELLS = 2_000_000  # rows times trees times parts that such a call may take
_LEVELS = 256  # that scikit-learn's histograms can tell apart


class Histogram:
    """scikit-learn's histogram boosting, its checks and its table of categories taken out of the way.

    The trees of a model are joined below a few nodes that lead to each by its number, so that all of them
    are walked in one call. Leaves are found by scikit-learn's own routine and added in its order: the sums
    are the same to the last bit. `_predictors` and `_preprocessor` are private, so the release is pinned and
    tests compare.

    Parameters
    ----------
    model : HistGradientBoostingClassifier or HistGradientBoostingRegressor
        Fitted.
    """

    def __init__(self, model: Any) -> None:
        self._trees = [tree for grown in model._predictors for tree in grown]
        self._n_sums = int(model.n_trees_per_iteration_)
        self._start = np.ravel(model._baseline_prediction).astype(float)
        self._known, self._places = model._bin_mapper.make_known_categories_bitsets()
        self._places_at_once = np.append(self._places, np.uint32(0))  # no category: the number of the tree
        is_native, self._codes = _categories(model)
        self._natives, self._others = np.flatnonzero(is_native), np.flatnonzero(~is_native)
        self._each = np.arange(len(self._natives))
        self._link = _link_of(model)
        self._joined: TreePredictor | None = None

    def __call__(self, X: np.ndarray) -> np.ndarray:
        """Give probabilities of shape (n_rows, n_classes), or numbers of shape (n_rows,)."""
        ready = self._ready(X)
        few = len(X) <= _AT_ONCE and ready.size * len(self._trees) <= _MOST_CELLS
        return self._link(self._at_once(ready) if few else self._one_by_one(ready))

    def _ready(self, X: np.ndarray) -> np.ndarray:
        """The parts in the order of the trees, categories first, as numbers that the trees know."""
        n_native = len(self._natives)
        if not n_native:
            return X.astype(np.float64)
        ready = np.empty((len(X), X.shape[1]))
        ready[:, n_native:] = X.take(self._others, axis=1)
        levels = X.take(self._natives, axis=1)
        known = np.where(np.isnan(levels), _LEVELS, levels).astype(np.intp)
        ready[:, :n_native] = self._codes[self._each, known]
        return ready

    def _one_by_one(self, X: np.ndarray) -> np.ndarray:
        sums = np.empty((self._n_sums, len(X)))
        sums[:] = self._start[:, None]
        for i, tree in enumerate(self._trees):
            sums[i % self._n_sums] += tree.predict(X, self._known, self._places, 1)
        return np.ascontiguousarray(sums.T)

    def _at_once(self, X: np.ndarray) -> np.ndarray:
        if self._joined is None:
            self._joined = _join(self._trees, X.shape[1])
        n_rows, n_trees = len(X), len(self._trees)
        asked = np.empty((n_rows, n_trees, X.shape[1] + 1))
        asked[:, :, :-1] = X[:, None, :]
        asked[:, :, -1] = np.arange(n_trees)
        flat = asked.reshape(n_rows * n_trees, -1)
        leaves = self._joined.predict(flat, self._known, self._places_at_once, 1)
        terms = np.empty((n_rows, n_trees // self._n_sums + 1, self._n_sums))
        terms[:, 0], terms[:, 1:] = self._start, leaves.reshape(n_rows, -1, self._n_sums)
        return np.ascontiguousarray(np.add.accumulate(terms, axis=1)[:, -1])  # one after another


def _categories(model: Any) -> tuple[np.ndarray, np.ndarray]:
    """Which parts are categories, and for each the number of every level in the trees, NaN where unknown."""
    if model.is_categorical_ is None:
        return np.zeros(model.n_features_in_, dtype=bool), np.empty((0, _LEVELS + 1))
    encoder = model._preprocessor.named_transformers_["encoder"]
    tables = np.full((len(encoder.categories_), _LEVELS + 1), np.nan)
    for table, levels in zip(tables, encoder.categories_, strict=True):
        known = levels[~np.isnan(levels)].astype(np.intp)
        table[known] = np.arange(len(known))
    return np.asarray(model.is_categorical_, dtype=bool), tables


def _link_of(model: Any) -> Evaluator:
    """From sums to answers."""
    if hasattr(model, "classes_"):
        return _chances
    name = type(model._loss.link).__name__
    return {"IdentityLink": _numbers, "LogLink": _exponents}[name]


def _chances(sums: np.ndarray) -> np.ndarray:
    if sums.shape[1] > 1:
        return softmax(sums)
    return two_chances(sums[:, 0])


def _numbers(sums: np.ndarray) -> np.ndarray:
    return sums[:, 0]


def _exponents(sums: np.ndarray) -> np.ndarray:
    result: np.ndarray = np.exp(np.ascontiguousarray(sums[:, 0]))
    return result


def _join(trees: list[TreePredictor], n_features: int) -> TreePredictor:
    """One tree of all: its upper nodes ask for the number of the tree, a feature after the others."""
    guides = _guides([tree.nodes for tree in trees], n_features)
    parts, at, sets_at = [guides], len(guides), 0
    for tree in trees:
        nodes = tree.nodes.copy()
        inner = nodes["is_leaf"] == 0
        nodes["left"][inner] += at
        nodes["right"][inner] += at
        nodes["bitset_idx"] += sets_at
        parts.append(nodes)
        at, sets_at = at + len(nodes), sets_at + len(tree.raw_left_cat_bitsets)
    sets = np.concatenate([tree.raw_left_cat_bitsets for tree in trees])
    return TreePredictor(np.concatenate(parts), sets[:0], sets)


def _guides(trees: list[np.ndarray], n_features: int) -> np.ndarray:
    """Nodes that lead to the root of each tree by halving the numbers of the trees."""
    n = len(trees)
    roots = n - 1 + np.cumsum([0, *(len(nodes) for nodes in trees[:-1])])
    guides = np.zeros(n - 1, dtype=trees[0].dtype)
    guides["feature_idx"] = n_features
    waiting: list[tuple[int, int, int | None, str]] = [(0, n, None, "")]
    made = 0
    while waiting:
        low, high, parent, side = waiting.pop()
        at = int(roots[low]) if high - low == 1 else made
        if parent is not None:
            guides[parent][side] = at
        if high - low > 1:
            middle = (low + high) // 2
            guides[at]["num_threshold"] = middle - 0.5
            made += 1
            waiting += [(low, middle, at, "left"), (middle, high, at, "right")]
    return guides


def forest(model: Any) -> Evaluator:
    """Make a forest ready.

    Parameters
    ----------
    model : ForestClassifier or ForestRegressor
        Fitted; trees are added one after another, as scikit-learn adds them with one thread.

    Returns
    -------
    callable
        Probabilities of shape (n_rows, n_classes), or numbers of shape (n_rows,).
    """
    trees = [tree.tree_ for tree in model.estimators_]
    n_classes = len(model.classes_) if hasattr(model, "classes_") else 0

    def answers(X: np.ndarray) -> np.ndarray:
        total = np.zeros((len(X), max(1, n_classes)))
        for tree in trees:
            total += tree.predict(X)
        total /= len(trees)
        return total if n_classes else total[:, 0]

    return answers
