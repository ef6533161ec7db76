"""The quick importance of columns: how much worse the score gets when the values of one are shuffled."""

import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from beanft.engine.learning.metrics import Metric
from beanft.engine.learning.predict import predict_rows
from beanft.engine.plain import number

ROWS = 2_000
"""Most rows that are predicted for each shuffle."""
COLUMNS = 50
"""Most columns that are shuffled."""
REPEATS = 3
"""Shuffles of each column."""

_FEWEST_ROWS = 170  # with fewer the drops are chance, and hardly quicker
_SLACK = 0.7  # share of the time that the plan may fill
_SHORTEST_S = 1e-6


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
        Seconds that it may take: slow models are measured on fewer rows. When they are over, the columns
        measured so far stand, one at least.
    rows : str, default "locked"
        Which rows these are: locked, or learned for rows that the model has learned from.

    Returns
    -------
    dict
        metric, repeats, rows, n_rows of of_rows, n_columns of of_columns, stopped (whether the time ran
        out), and columns sorted by falling mean, each with name, mean and sd over the repeats. Positive: the
        model needs the column.
    """
    random, names = np.random.default_rng(seed), list(X.columns[:COLUMNS])
    order = random.permutation(len(y))[:ROWS]
    part, truth = X.iloc[order].reset_index(drop=True), y[order]
    began = time.monotonic()
    whole = metric.of(truth, predict_rows(model, part))
    n_rows = _affordable(len(order), len(names), time.monotonic() - began, limit_s)
    if n_rows < len(order):
        part, truth = part.iloc[:n_rows], truth[:n_rows]
        whole = metric.of(truth, predict_rows(model, part))
    orders = [random.permutation(n_rows) for _ in range(REPEATS)]
    columns: list[dict[str, Any]] = []
    for name in names:
        if columns and time.monotonic() - began >= limit_s:
            break
        columns.append({"name": name} | _shuffled(model, part, truth, name, metric, whole, orders))
    return {
        "metric": metric.key,
        "repeats": REPEATS,
        "rows": rows,
        "n_rows": n_rows,
        "of_rows": len(y),
        "n_columns": len(columns),
        "of_columns": X.shape[1],
        "stopped": len(columns) < min(COLUMNS, X.shape[1]),
        "columns": sorted(columns, key=lambda column: -(column["mean"] or 0.0)),
    }


def _affordable(n_rows: int, n_columns: int, seconds: float, limit_s: float) -> int:
    """Rows that allow all columns to be measured in time, where so many rows take so many seconds."""
    n_predictions = n_columns * REPEATS
    affordable = limit_s * _SLACK / max(seconds, _SHORTEST_S) / n_predictions * n_rows
    return n_rows if affordable >= n_rows else max(min(n_rows, _FEWEST_ROWS), int(affordable))


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
    shuffled = pd.concat([X] * len(orders), ignore_index=True)
    shuffled[name] = pd.concat([X[name].iloc[order] for order in orders], ignore_index=True)
    predicted = np.split(predict_rows(model, shuffled), len(orders))
    drops = [sign * (whole - metric.of(y, one)) for one in predicted]
    return {"mean": number(float(np.mean(drops))), "sd": number(float(np.std(drops, ddof=1)))}
