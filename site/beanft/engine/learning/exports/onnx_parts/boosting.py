"""Boosted trees and forests: their cuts, their leaves and their link, as scikit-learn and LightGBM use them.

Every cut is made on the same 64-bit numbers as there, so a row falls into the same leaf.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from beanft.engine.learning.exports.onnx_parts.graph import Graph, NotConvertibleError
from beanft.engine.learning.exports.onnx_parts.links import chances_of_margins
from beanft.engine.learning.exports.onnx_parts.trees import Trees
from beanft.engine.learning.search.folds import NATIVE_LEVELS

_IDENTITY = ("regression", "regression_l1", "huber", "quantile")


def histogram(graph: Graph, matrix: str, model: Any) -> str:
    """Turn scikit-learn's histogram boosting into operators.

    Parameters
    ----------
    graph : Graph
        Gets the operators.
    matrix : str
        Name of the rows, 64 bits.
    model : HistGradientBoostingClassifier or HistGradientBoostingRegressor
        Fitted.

    Returns
    -------
    str
        Name of the probabilities of the classes that it knows, or of the numbers in one column.
    """
    trees = Trees(n_targets=int(model.n_trees_per_iteration_))
    columns = _HistogramColumns(model)
    for iteration in model._predictors:
        for target, predictor in enumerate(iteration):
            trees.begin()
            _histogram_tree(trees, target, predictor, columns)
    raw = graph.shifted(trees.add_to(graph, matrix), np.ravel(model._baseline_prediction)[None, :])
    if hasattr(model, "predict_proba"):
        return chances_of_margins(graph, raw, trees.n_targets)
    return raw


class _HistogramColumns:
    """Where scikit-learn puts the columns: categories first, their codes replaced by places."""

    def __init__(self, model: Any) -> None:
        self.order = np.arange(model.n_features_in_)
        self.places: list[np.ndarray] = []
        """For each category the place of each code, -1 for one that was not seen."""
        self.known: list[np.ndarray] = []
        """For each category whether a place is known to the trees."""
        if model._preprocessor is None:
            return
        is_category = np.asarray(model.is_categorical_)
        self.order = np.concatenate([np.flatnonzero(is_category), np.flatnonzero(~is_category)])
        known, rows = model._bin_mapper.make_known_categories_bitsets()
        seen = model._preprocessor.named_transformers_["encoder"].categories_
        for column, categories in enumerate(seen):
            places = np.full(NATIVE_LEVELS, -1)
            codes = np.asarray(categories, dtype=float)
            codes = codes[~np.isnan(codes)].astype(int)
            places[codes] = np.arange(len(codes))
            self.places.append(places)
            self.known.append(_bits(known[rows[column]]))

    def left(self, node: Any, bitsets: np.ndarray) -> np.ndarray:
        """Whether each code goes to the left at a cut by category."""
        chosen, places = _bits(bitsets[node["bitset_idx"]]), self.places[node["feature_idx"]]
        is_known = (places >= 0) & (chosen | self.known[node["feature_idx"]])[places]
        result: np.ndarray = np.where(is_known, chosen[places], bool(node["missing_go_to_left"]))
        return result


def _histogram_tree(trees: Trees, target: int, predictor: Any, columns: _HistogramColumns) -> None:
    nodes = predictor.nodes
    trees.reserve(len(nodes))
    for number, node in enumerate(nodes):
        if node["is_leaf"]:
            trees.leaf(number, {target: node["value"]})
            continue
        column, gap = int(columns.order[node["feature_idx"]]), bool(node["missing_go_to_left"])
        ways = (int(node["left"]), int(node["right"]))
        if node["is_categorical"]:
            left = columns.left(node, predictor.raw_left_cat_bitsets)
            _category(trees, number, column, left, ways, gap=gap)
        else:
            trees.cut(number, "LEQ", column, node["num_threshold"], ways, gap=gap)


def lightgbm(graph: Graph, matrix: str, model: Any) -> str:
    """Turn LightGBM's trees into operators.

    Parameters
    ----------
    graph : Graph
        Gets the operators.
    matrix : str
        Name of the rows, 64 bits.
    model : Boosted
        Fitted.

    Returns
    -------
    str
        Name of the probabilities of the classes that it knows, or of the numbers in one column.

    Raises
    ------
    NotConvertibleError
        Its objective or a cut has another form than those that Beanft asks for.
    """
    told = model.booster.dump_model()
    n_targets = int(told["num_tree_per_iteration"])
    trees, base = Trees(n_targets=n_targets), np.zeros(n_targets)
    for number, tree in enumerate(told["tree_info"]):
        trees.begin()
        target = number % n_targets
        base[target] += _lightgbm_tree(trees, target, tree["tree_structure"])
    raw = graph.shifted(trees.add_to(graph, matrix), base[None, :])
    words = str(told["objective"]).split()
    if words[0] == "binary":
        slope = next((float(word.split(":")[1]) for word in words if word.startswith("sigmoid:")), 1.0)
        return chances_of_margins(graph, graph.scaled(raw, slope), 1)
    if words[0] == "multiclass":
        return chances_of_margins(graph, raw, n_targets)
    if words[0] not in _IDENTITY or "sqrt" in words:
        raise NotConvertibleError(f"LightGBM's objective “{told['objective']}” has no form in ONNX here.")
    return raw


def _lightgbm_tree(trees: Trees, target: int, root: Mapping[str, Any]) -> float:
    """Add a tree; give what was taken off every leaf, so that 32 bits hold what is left of it."""
    waiting, leaves = [(trees.reserve(), root)], []
    while waiting:
        number, node = waiting.pop()
        if "leaf_value" in node:
            leaves.append((number, float(node["leaf_value"])))
            continue
        ways = (trees.reserve(), trees.reserve())
        _lightgbm_cut(trees, number, node, ways)
        waiting += [(ways[1], node["right_child"]), (ways[0], node["left_child"])]
    shift = float(np.mean([value for _, value in leaves]))
    for number, value in leaves:
        trees.leaf(number, {target: value - shift})
    return shift


def _lightgbm_cut(trees: Trees, number: int, node: Mapping[str, Any], ways: tuple[int, int]) -> None:
    column = int(node["split_feature"])
    if node["decision_type"] == "==":  # gaps are in no set of categories
        left = np.zeros(NATIVE_LEVELS, dtype=bool)
        left[[int(code) for code in str(node["threshold"]).split("||")]] = True
        _category(trees, number, column, left, ways, gap=False)
        return
    if node["decision_type"] != "<=" or node["missing_type"] == "Zero":
        raise NotConvertibleError("LightGBM cut a column in a way that has no form in ONNX here.")
    value = float(node["threshold"])
    # a column without gaps in training: a gap counts as 0 then
    gap = bool(node["default_left"]) if node["missing_type"] == "NaN" else value >= 0
    trees.cut(number, "LEQ", column, value, ways, gap=gap)


def forest(graph: Graph, matrix: str, model: Any) -> str:
    """Turn a forest of scikit-learn into operators.

    Parameters
    ----------
    graph : Graph
        Gets the operators.
    matrix : str
        Name of the rows, 64 bits, without gaps.
    model : RandomForest or ExtraTrees, classifier or regressor
        Fitted.

    Returns
    -------
    str
        Name of the probabilities of the classes that it knows, or of the numbers in one column.
    """
    is_classifier = hasattr(model, "predict_proba")
    n_targets = len(model.classes_) if is_classifier else 1
    trees, base = Trees(n_targets=n_targets), 0.0
    for one in model.estimators_:
        trees.begin()
        base += _forest_tree(trees, one.tree_, is_classifier=is_classifier)
    total = graph.shifted(trees.add_to(graph, matrix), base)
    return graph.scaled(total, 1.0 / trees.n_trees)


def _forest_tree(trees: Trees, tree: Any, *, is_classifier: bool) -> float:
    values = tree.value[:, 0, :]
    shift = 0.0
    if is_classifier:
        values = values / values.sum(axis=1, keepdims=True)
    else:
        shift = float(values[0, 0])  # of the root: the mean
        values = values - shift
    trees.reserve(tree.node_count)
    for number in range(tree.node_count):
        left, right = int(tree.children_left[number]), int(tree.children_right[number])
        if left < 0:
            trees.leaf(number, dict(enumerate(values[number])))
        else:
            column, value = int(tree.feature[number]), float(tree.threshold[number])
            trees.cut(number, "LEQ", column, value, (left, right), gap=False)
    return shift


def _category(
    trees: Trees, number: int, column: int, left: np.ndarray, ways: tuple[int, int], *, gap: bool
) -> None:
    """Ask for the codes of the smaller side; `left` tells of each code whether it goes there."""
    if 2 * left.sum() <= len(left):
        trees.members(number, column, np.flatnonzero(left).tolist(), ways, gap=gap)
    else:
        trees.members(number, column, np.flatnonzero(~left).tolist(), (ways[1], ways[0]), gap=not gap)


def _bits(words: np.ndarray) -> np.ndarray:
    """The bits of eight words of 32 bits, lowest first."""
    return np.unpackbits(np.asarray(words, dtype="<u4").view(np.uint8), bitorder="little").astype(bool)
