"""The quick importance of columns: how much worse the score gets when the values of one are shuffled."""

import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from beanft.engine.learning.metrics import Metric
from beanft.engine.learning.predict import predict_rows
from beanft.engine.learning.reports.scores import number

ROWS = 2_000
"""Most rows that are predicted for each shuffle."""
COLUMNS = 50
"""Most columns that are shuffled."""
REPEATS = 3
"""Shuffles of each column."""


def quick_importance(
    model: Mapping[str, Any],
    X: pd.DataFrame,
    y: np.ndarray,
    *,
    metric: Metric,
    seed: int = 0,
    limit_s: float = 10.0,
    rows: str = "locked",
) -> dict[str, Any]:
    """Measure how much worse the score gets when the values of one column are shuffled.

    Parameters
    ----------
    model : mapping
        What a model file holds.
    X : DataFrame of shape (n_rows, n_columns)
        Raw columns, as `evidence.read_rows` gives them.
    y : array of shape (n_rows,)
        Class codes or numbers of these rows.
    metric : Metric
        The score.
    seed : int, default 0
        Seed of the sample of rows and of the shuffles.
    limit_s : float, default 10
        Seconds after which no further column is begun; those measured so far stand, one at least.
    rows : str, default "locked"
        Which rows these are: locked, or learned for rows that the model has learned from.

    Returns
    -------
    dict
        metric, repeats, rows, n_rows of of_rows, n_columns of of_columns, stopped (whether the time ran
        out), and columns sorted by falling mean, each with name, mean and sd over the repeats. Positive: the
        model needs the column.
    """
    began, random = time.monotonic(), np.random.default_rng(seed)
    chosen = np.sort(random.choice(len(y), ROWS, replace=False)) if len(y) > ROWS else np.arange(len(y))
    part, truth = X.iloc[chosen].reset_index(drop=True), y[chosen]
    orders = [random.permutation(len(chosen)) for _ in range(REPEATS)]
    whole = metric.of(truth, predict_rows(model, part))
    columns: list[dict[str, Any]] = []
    for name in part.columns[:COLUMNS]:
        if columns and time.monotonic() - began >= limit_s:
            break
        columns.append({"name": name} | _shuffled(model, part, truth, name, metric, whole, orders))
    return {
        "metric": metric.key,
        "repeats": REPEATS,
        "rows": rows,
        "n_rows": len(chosen),
        "of_rows": len(y),
        "n_columns": len(columns),
        "of_columns": X.shape[1],
        "stopped": len(columns) < min(COLUMNS, X.shape[1]),
        "columns": sorted(columns, key=lambda column: -(column["mean"] or 0.0)),
    }


def _shuffled(
    model: Mapping[str, Any],
    X: pd.DataFrame,
    y: np.ndarray,
    name: str,
    metric: Metric,
    whole: float,
    orders: list[np.ndarray],
) -> dict[str, Any]:
    sign = 1 if metric.greater_is_better else -1
    drops = []
    for order in orders:
        changed = X.copy(deep=False)
        changed[name] = X[name].take(order).set_axis(X.index)
        drops.append(sign * (whole - metric.of(y, predict_rows(model, changed))))
    return {"mean": number(float(np.mean(drops))), "sd": number(float(np.std(drops, ddof=1)))}
