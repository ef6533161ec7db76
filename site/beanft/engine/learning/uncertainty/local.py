"""Learns from the columns how large an error is to be expected: a few small boosted trees, kept as arrays."""

from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits

from beanft.engine.learning.uncertainty.scales import ByColumns, lowest_of

_TREES, _DEPTH, _RATE = 24, 3, 0.15
_LEAF_ROWS, _LEAF_SHARE = 25, 0.01  # rows of a leaf at least: the mean error of fewer follows chance
_MOST_ROWS = 20_000  # that the trees learn from


def fit_by_columns(
    predicted: np.ndarray, matrix: np.ndarray, errors: np.ndarray, *, seed: int = 0
) -> ByColumns:
    """Learn the mean size of the errors from the prediction and the columns.

    Parameters
    ----------
    predicted : array of shape (n_rows,)
        What was predicted.
    matrix : array of shape (n_rows, n_parts)
        Numbers of the columns, missing ones as NaN.
    errors : array of shape (n_rows,)
        Sizes of the errors of rows while they were unseen, 0 or more.
    seed : int
        Decides which rows are left out where there are very many.

    Returns
    -------
    ByColumns
    """
    lowest = lowest_of(errors)
    chosen = np.sort(np.random.default_rng(seed).permutation(len(errors))[:_MOST_ROWS])
    model = HistGradientBoostingRegressor(
        loss="gamma",
        max_iter=_TREES,
        max_depth=_DEPTH,
        learning_rate=_RATE,
        min_samples_leaf=int(max(_LEAF_ROWS, _LEAF_SHARE * len(chosen))),
        early_stopping=False,
        random_state=seed,
    )
    X = np.column_stack([predicted, matrix])[chosen]
    unit = float(errors.mean()) or 1.0  # the size of the errors in any unit must do
    with threadpool_limits(limits=1):  # for so few rows threads only wait for each other
        model.fit(X, np.maximum(errors[chosen], lowest) / unit)
    trees = [_complete(one[0].nodes) for one in model._predictors]  # it has no public form
    start = float(np.log(unit) + np.ravel(model._baseline_prediction)[0])
    columns, bounds, lefts, leaves = (np.array(part) for part in zip(*trees, strict=True))
    return ByColumns(
        column=columns.astype(np.int16),
        bound=bounds.astype(np.float64),
        missing_left=lefts.astype(bool),
        leaf=leaves.astype(np.float64),
        start=start,
        lowest=lowest,
    )


def _complete(nodes: Any) -> tuple[list[int], list[float], list[bool], list[float]]:
    """Lay a tree out by levels; what ends early is asked on with both sides alike."""
    n_inner = 2**_DEPTH - 1
    column, bound, left = [0] * n_inner, [np.inf] * n_inner, [True] * n_inner
    leaf = [0.0] * (n_inner + 1)
    todo = [(0, 0)]
    while todo:
        place, at = todo.pop()
        node = nodes[at]
        if place >= n_inner:
            leaf[place - n_inner] = float(node["value"])
            continue
        if not node["is_leaf"]:
            column[place], bound[place] = int(node["feature_idx"]), float(node["num_threshold"])
            left[place] = bool(node["missing_go_to_left"])
        sides = (at, at) if node["is_leaf"] else (int(node["left"]), int(node["right"]))
        todo += [(2 * place + 1, sides[0]), (2 * place + 2, sides[1])]
    return column, bound, left, leaf
