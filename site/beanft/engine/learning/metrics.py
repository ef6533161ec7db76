"""All scores: which there are, in which order they are shown, and which fit a task."""

from beanft.engine.learning.scoring.chances import BRIER, LOG_LOSS
from beanft.engine.learning.scoring.classes import ACCURACY, BALANCED_ACCURACY, F1, F1_MACRO, MATTHEWS
from beanft.engine.learning.scoring.metric import Metric
from beanft.engine.learning.scoring.numbers import MAE, MAPE, MEDIAN_ERROR, R2, RMSE
from beanft.engine.learning.scoring.ranks import AVERAGE_PRECISION, ROC_AUC

__all__ = ["METRIC", "METRICS", "Metric", "metrics_for"]

METRICS = (
    ROC_AUC,
    BALANCED_ACCURACY,
    ACCURACY,
    LOG_LOSS,
    AVERAGE_PRECISION,
    F1,
    F1_MACRO,
    BRIER,
    MATTHEWS,
    RMSE,
    MAE,
    R2,
    MEDIAN_ERROR,
    MAPE,
)
"""All metrics, the headline of each task first."""

METRIC = {metric.key: metric for metric in METRICS}
"""Metrics by their key."""


def metrics_for(task: str, n_classes: int = 0) -> tuple[Metric, ...]:
    """Give the metrics that fit, the headline first.

    Parameters
    ----------
    task : str
        classification or regression.
    n_classes : int, default 0
        Classes of the target, 0 for regression; some metrics need exactly two.

    Returns
    -------
    tuple of Metric
        Empty when there is no such task.

    Examples
    --------
    >>> [metric.key for metric in metrics_for("regression")]
    ['rmse', 'mae', 'r2', 'median_error', 'mape']
    """
    return tuple(
        metric for metric in METRICS if task in metric.tasks and (n_classes == 2 or not metric.binary_only)
    )
