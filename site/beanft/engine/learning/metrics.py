"""Scores: what each one says, and one definition that serves the plain score and the bootstrap alike."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Score = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
"""(y, predicted, counts of shape (n_draws, n_rows)) -> score of each draw."""

_CHUNK_CELLS = 4_000_000  # counts held at once: 32 MB
_SMALLEST_P = 1e-15  # a probability of exactly 0 would make the log loss infinite


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One score."""

    key: str
    """Word in files and addresses."""
    title: str
    """Name shown."""
    sentence: str
    """What it says, one plain sentence."""
    greater_is_better: bool
    """Direction."""
    tasks: tuple[str, ...]
    """Tasks it fits."""
    binary_only: bool
    """Whether it needs exactly two classes."""
    score: Score
    """The definition, weighted by counts."""

    def of(self, y: np.ndarray, predicted: np.ndarray) -> float:
        """Score predictions.

        Parameters
        ----------
        y : array of shape (n_rows,)
            Class codes or numbers.
        predicted : array of shape (n_rows, n_classes) or (n_rows,)
            Probabilities or numbers.

        Returns
        -------
        float
            The score; nan where it is not defined.
        """
        return float(self.score(y, predicted, np.ones((1, len(y))))[0])


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
    ['rmse', 'mae', 'r2']
    """
    return tuple(
        metric for metric in METRICS if task in metric.tasks and (n_classes == 2 or not metric.binary_only)
    )


def draw_counts(n_rows: int, n_draws: int, seed: int) -> list[np.ndarray]:
    """Draw rows with replacement, as the bootstrap does, and count how often each one was drawn.

    Parameters
    ----------
    n_rows : int
        Rows to draw from, and rows in each draw; 1 or more.
    n_draws : int
        Number of draws.
    seed : int
        The same seed gives the same draws.

    Returns
    -------
    list of array of shape (up to n_draws, n_rows)
        Chunks that together hold all draws; whole counts from 0, each draw adding up to `n_rows`.

    Examples
    --------
    >>> (counts,) = draw_counts(4, 3, seed=0)
    >>> counts.shape, counts.sum(axis=1).tolist()
    ((3, 4), [4, 4, 4])
    """
    random = np.random.default_rng(seed)
    chunk = max(1, _CHUNK_CELLS // n_rows)
    sizes = [min(chunk, n_draws - start) for start in range(0, n_draws, chunk)]
    return [
        np.stack([np.bincount(random.integers(0, n_rows, n_rows), minlength=n_rows) for _ in range(size)])
        for size in sizes
    ]


def _accuracy(y: np.ndarray, p: np.ndarray, counts: np.ndarray) -> np.ndarray:
    result: np.ndarray = counts @ (p.argmax(axis=1) == y).astype(float) / counts.sum(axis=1)
    return result


def _balanced_accuracy(y: np.ndarray, p: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Mean recall of the classes that a draw holds."""
    member, chosen = _one_hot(y, p.shape[1]), _one_hot(p.argmax(axis=1), p.shape[1])
    return _mean_known(counts @ (member * chosen), counts @ member)


def _f1_macro(y: np.ndarray, p: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Mean F1 of the classes that a draw holds or that were predicted in it."""
    member, chosen = _one_hot(y, p.shape[1]), _one_hot(p.argmax(axis=1), p.shape[1])
    return _mean_known(2 * (counts @ (member * chosen)), counts @ (member + chosen))


def _log_loss(y: np.ndarray, p: np.ndarray, counts: np.ndarray) -> np.ndarray:
    chance = np.clip(p[np.arange(len(y)), y], _SMALLEST_P, 1.0)
    result: np.ndarray = counts @ -np.log(chance) / counts.sum(axis=1)
    return result


def _roc_auc(y: np.ndarray, p: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Share of (negative, positive) pairs put in the right order, ties counting half."""
    order = np.argsort(p[:, 1], kind="stable")
    score = p[order, 1]
    starts = np.flatnonzero(np.r_[True, score[1:] != score[:-1]])
    drawn = counts[:, order].astype(float)
    positive = np.add.reduceat(drawn * (y[order] == 1), starts, axis=1)
    negative = np.add.reduceat(drawn * (y[order] == 0), starts, axis=1)
    below = np.cumsum(negative, axis=1) - negative
    pairs = positive.sum(axis=1) * negative.sum(axis=1)
    right = (positive * (below + negative / 2)).sum(axis=1)
    result: np.ndarray = np.divide(right, pairs, out=np.full(len(pairs), np.nan), where=pairs > 0)
    return result


def _rmse(y: np.ndarray, p: np.ndarray, counts: np.ndarray) -> np.ndarray:
    result: np.ndarray = np.sqrt(counts @ (y - p) ** 2 / counts.sum(axis=1))
    return result


def _mae(y: np.ndarray, p: np.ndarray, counts: np.ndarray) -> np.ndarray:
    result: np.ndarray = counts @ np.abs(y - p) / counts.sum(axis=1)
    return result


def _r2(y: np.ndarray, p: np.ndarray, counts: np.ndarray) -> np.ndarray:
    centred = y - y.mean()  # the sums of squares would cancel badly far from 0
    n = counts.sum(axis=1)
    spread = counts @ centred**2 - (counts @ centred) ** 2 / n
    left = counts @ (y - p) ** 2
    share = np.divide(left, spread, out=np.full(len(n), np.nan), where=spread > 0)
    result: np.ndarray = 1 - share
    return result


def _one_hot(codes: np.ndarray, n_classes: int) -> np.ndarray:
    member: np.ndarray = np.eye(n_classes)[codes]
    return member


def _mean_known(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """Mean over the columns whose denominator is not 0."""
    known = below > 0
    share = np.divide(above, below, out=np.zeros_like(below), where=known)
    result: np.ndarray = share.sum(axis=1) / known.sum(axis=1)
    return result


METRICS = (
    Metric(
        key="roc_auc",
        title="ROC AUC",
        sentence="The chance that a row of the second class gets a higher probability than one of the first; "
        "0.5 is guessing, 1 is perfect.",
        greater_is_better=True,
        tasks=("classification",),
        binary_only=True,
        score=_roc_auc,
    ),
    Metric(
        key="balanced_accuracy",
        title="Balanced accuracy",
        sentence="The share of rows told right, averaged over the classes, so that rare ones count as much.",
        greater_is_better=True,
        tasks=("classification",),
        binary_only=False,
        score=_balanced_accuracy,
    ),
    Metric(
        key="accuracy",
        title="Accuracy",
        sentence="The share of rows told right.",
        greater_is_better=True,
        tasks=("classification",),
        binary_only=False,
        score=_accuracy,
    ),
    Metric(
        key="log_loss",
        title="Log loss",
        sentence="How far the probabilities are from the truth; sure and wrong costs most, 0 is perfect.",
        greater_is_better=False,
        tasks=("classification",),
        binary_only=False,
        score=_log_loss,
    ),
    Metric(
        key="f1_macro",
        title="F1 (macro)",
        sentence="Finding the rows of a class against naming it wrongly, averaged over the classes.",
        greater_is_better=True,
        tasks=("classification",),
        binary_only=False,
        score=_f1_macro,
    ),
    Metric(
        key="rmse",
        title="RMSE",
        sentence="The typical error in the target's unit, with large errors weighing most.",
        greater_is_better=False,
        tasks=("regression",),
        binary_only=False,
        score=_rmse,
    ),
    Metric(
        key="mae",
        title="Mean absolute error",
        sentence="The mean error in the target's unit.",
        greater_is_better=False,
        tasks=("regression",),
        binary_only=False,
        score=_mae,
    ),
    Metric(
        key="r2",
        title="R²",
        sentence="The share of the target's variation explained; 0 is guessing the mean, 1 is perfect.",
        greater_is_better=True,
        tasks=("regression",),
        binary_only=False,
        score=_r2,
    ),
)
"""All metrics, the headline of each task first."""

METRIC = {metric.key: metric for metric in METRICS}
"""Metrics by their key."""
