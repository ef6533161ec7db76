"""Scores of predicted numbers: how large their errors are."""

import numpy as np

from beanft.engine.learning.scoring.metric import Metric
from beanft.engine.learning.scoring.weighted import mean, ratio, total


def _rmse(y: np.ndarray, p: np.ndarray, counts: np.ndarray) -> np.ndarray:
    result: np.ndarray = np.sqrt(mean((y - p) ** 2, counts))
    return result


RMSE = Metric(
    key="rmse",
    title="RMSE",
    sentence="The typical error in the target's unit, with large errors weighing most.",
    greater_is_better=False,
    tasks=("regression",),
    binary_only=False,
    score=_rmse,
)


def _mae(y: np.ndarray, p: np.ndarray, counts: np.ndarray) -> np.ndarray:
    return mean(np.abs(y - p), counts)


MAE = Metric(
    key="mae",
    title="Mean absolute error",
    sentence="The mean error in the target's unit.",
    greater_is_better=False,
    tasks=("regression",),
    binary_only=False,
    score=_mae,
    guess="median",
)


def _r2(y: np.ndarray, p: np.ndarray, counts: np.ndarray) -> np.ndarray:
    centred = y - y.mean()  # the sums of squares would cancel badly far from 0
    n = total(np.ones(len(y)), counts)
    spread = total(centred**2, counts) - total(centred, counts) ** 2 / n
    result: np.ndarray = 1 - ratio(total((y - p) ** 2, counts), spread)
    return result


def _r2_paired(y: np.ndarray, p: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """R² with the variation of all rows in each draw: what both models share moves no difference then."""
    variation = float(y.var())
    errors = mean((y - p) ** 2, counts)
    return 1 - ratio(errors, np.full(len(errors), variation))


R2 = Metric(
    key="r2",
    title="R²",
    sentence="The share of the target's variation explained; 0 is guessing the mean, 1 is perfect.",
    greater_is_better=True,
    tasks=("regression",),
    binary_only=False,
    score=_r2,
    paired=_r2_paired,
)


def _median_error(y: np.ndarray, p: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Median of the errors of a draw, the mean of the middle two for an even number."""
    error = np.abs(y - p)
    order = np.argsort(error, kind="stable")
    drawn = np.cumsum(counts.T[order], axis=0, dtype=np.int64)
    n = drawn[-1]
    lower, upper = (drawn >= (n + 1) // 2).argmax(axis=0), (drawn >= n // 2 + 1).argmax(axis=0)
    result: np.ndarray = (error[order[lower]] + error[order[upper]]) / 2
    return result


MEDIAN_ERROR = Metric(
    key="median_error",
    title="Median absolute error",
    sentence="The middle error in the target's unit: half of the rows are nearer.",
    greater_is_better=False,
    tasks=("regression",),
    binary_only=False,
    score=_median_error,
    guess="median",
)


def _mape(y: np.ndarray, p: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Mean error as a share of the true number; nan where a draw holds only zeros."""
    known = y != 0
    share = np.divide(np.abs(y - p), np.abs(y), out=np.zeros(len(y)), where=known)
    return ratio(total(share, counts), total(known, counts))


MAPE = Metric(
    key="mape",
    title="Mean absolute percentage error",
    sentence="The mean error as a share of the true number, 0.1 is 10 %; rows whose true number is "
    "0 are left out.",
    greater_is_better=False,
    tasks=("regression",),
    binary_only=False,
    score=_mape,
    guess="relative_median",
)
