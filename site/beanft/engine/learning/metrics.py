"""Scores: what each one says, and one definition that serves the plain score and the bootstrap alike."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from beanft.engine.tables.wording import shown

Score = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
"""(y, predicted, counts of shape (n_draws, n_rows)) -> score of each draw."""

_CHUNK_CELLS = 4_000_000  # counts turned to numbers at once: 32 MB
_FEWEST_BLOCKS = 10
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
    guess: str = ""
    """What guesses best without looking (see `guessing`); empty for the mean, or the share of each class."""
    paired: Score | None = None
    """The definition for the difference of two models, where another one is steadier."""

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

    def sentence_for(self, labels: Sequence[str]) -> str:
        """Say what it says, with the names of two classes in place of “the first” and “the second class”.

        Parameters
        ----------
        labels : sequence of str
            The classes; the sentence stays as it is where there are not two.

        Returns
        -------
        str
            One plain sentence.

        Examples
        --------
        >>> METRIC["roc_auc"].sentence_for(["no", "yes"])[:46]
        'The chance that a row of “yes”, the one to be '
        """
        if len(labels) != 2:
            return self.sentence
        first, second = (shown(label, 30) for label in labels)
        named = self.sentence.replace("the second class", second)
        return named.replace("one of the first;", f"one of {first};")


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


def draw_counts(n_rows: int, n_draws: int, seed: int, clusters: np.ndarray | None = None) -> list[np.ndarray]:
    """Draw rows with replacement, as the bootstrap does, and count how often each one was drawn.

    Parameters
    ----------
    n_rows : int
        Rows to draw from; 1 or more.
    n_draws : int
        Number of draws.
    seed : int
        The same seed gives the same draws.
    clusters : array of shape (n_rows,), optional
        Rows with equal codes are drawn together: groups, or blocks of time (see `time_blocks`). None draws
        single rows.

    Returns
    -------
    list of array of shape (up to n_draws, n_rows)
        Chunks that together hold all draws; small whole counts from 0. Each draw takes as many rows, or
        clusters, as there are.

    Examples
    --------
    >>> (counts,) = draw_counts(4, 3, seed=0)
    >>> counts.shape, counts.sum(axis=1).tolist()
    ((3, 4), [4, 4, 4])
    >>> (counts,) = draw_counts(4, 2, seed=0, clusters=np.array([7, 7, 9, 9]))
    >>> bool((counts[:, 0] == counts[:, 1]).all())
    True
    """
    random = np.random.default_rng(seed)
    codes = None if clusters is None else np.unique(clusters, return_inverse=True)[1]
    n_units = n_rows if codes is None else int(codes.max()) + 1
    chunk = max(1, _CHUNK_CELLS // n_rows)
    sizes = [min(chunk, n_draws - start) for start in range(0, n_draws, chunk)]
    chunks = []
    for size in sizes:
        draws = [np.bincount(random.integers(0, n_units, n_units), minlength=n_units) for _ in range(size)]
        units = np.stack(draws, axis=1).astype(
            np.uint16
        )  # a row's counts side by side: sorting rows is cheap
        chunks.append((units if codes is None else units[codes]).T)
    return chunks


def time_blocks(moments: np.ndarray) -> np.ndarray:
    """Cut rows into blocks of neighbouring moments, because what is near in time is alike.

    Parameters
    ----------
    moments : array of shape (n_rows,)
        Equal numbers are one moment; larger numbers are later.

    Returns
    -------
    array of shape (n_rows,)
        Number of the block of each row, from 0: about n ** (2 / 3) blocks for n moments, at least 10 where
        there are so many moments; the rows of one moment are in one block.

    Examples
    --------
    >>> time_blocks(np.arange(27) * 10).max() + 1
    np.int64(10)
    """
    codes = np.unique(moments, return_inverse=True)[1]
    n_moments = int(codes.max()) + 1
    n_blocks = min(n_moments, max(_FEWEST_BLOCKS, round(n_moments ** (2 / 3))))
    blocks: np.ndarray = codes * n_blocks // n_moments
    return blocks


def _accuracy(y: np.ndarray, p: np.ndarray, counts: np.ndarray) -> np.ndarray:
    return _mean(p.argmax(axis=1) == y, counts)


def _balanced_accuracy(y: np.ndarray, p: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Mean recall of the classes that a draw holds."""
    told, n_classes = p.argmax(axis=1), p.shape[1]
    return _mean_known(_by_class(y, counts, n_classes, told == y), _by_class(y, counts, n_classes))


def _f1_macro(y: np.ndarray, p: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Mean F1 of the classes that a draw holds or that were predicted in it."""
    right, true, chosen = _matches(y, p, counts)
    return _mean_known(2 * right, true + chosen)


def _f1(y: np.ndarray, p: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """F1 of the second class; nan where a draw neither holds nor names it."""
    right, true, chosen = _matches(y, p, counts)
    return _ratio(2 * right[1], (true + chosen)[1])


def _matthews(y: np.ndarray, p: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Correlation of true and predicted classes; 0 where either is always the same."""
    right, true, chosen = _matches(y, p, counts)
    n = true.sum(axis=0)
    shared = right.sum(axis=0) * n - (true * chosen).sum(axis=0)
    spread = (n**2 - (true**2).sum(axis=0)) * (n**2 - (chosen**2).sum(axis=0))
    result: np.ndarray = np.divide(shared, np.sqrt(spread), out=np.zeros(len(n)), where=spread > 0)
    return result


def _log_loss(y: np.ndarray, p: np.ndarray, counts: np.ndarray) -> np.ndarray:
    chance = np.clip(p[np.arange(len(y)), y].astype(float), _SMALLEST_P, 1.0)
    return _mean(-np.log(chance), counts)


def _brier(y: np.ndarray, p: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Squared error of the probabilities: of the second class for two, summed over the classes for more."""
    chance = p.astype(float)
    squared = (chance**2).sum(axis=1) - 2 * chance[np.arange(len(y)), y] + 1
    return _mean(squared / 2 if p.shape[1] == 2 else squared, counts)


def _roc_auc(y: np.ndarray, p: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Share of (negative, positive) pairs put in the right order, ties counting half."""
    positive, negative, below, up_to = _ranked(y, p[:, 1], counts)
    n_below = negative[below]
    ties = np.flatnonzero(up_to > below)
    n_below[ties] = (n_below[ties] + negative[up_to[ties]]) / 2
    right = np.einsum("ij,ij->j", positive, n_below)
    return _ratio(right, positive.sum(axis=0) * negative[-1])


def _average_precision(y: np.ndarray, p: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Precision at each threshold, weighted by the rows of the second class that it adds."""
    positive, negative, _, up_to = _ranked(y, -p[:, 1], counts)
    found = np.cumsum(positive, axis=0)
    score = np.sort(-p[y == 1, 1])
    last = np.searchsorted(score, score, side="right") - 1  # rows of one threshold are found together
    if (last > np.arange(len(last))).any():
        found = found[last]
    named = found + negative[up_to]
    precision = np.divide(found, named, out=np.zeros_like(found), where=named > 0)
    return _ratio(np.einsum("ij,ij->j", positive, precision), positive.sum(axis=0))


def _rmse(y: np.ndarray, p: np.ndarray, counts: np.ndarray) -> np.ndarray:
    result: np.ndarray = np.sqrt(_mean((y - p) ** 2, counts))
    return result


def _mae(y: np.ndarray, p: np.ndarray, counts: np.ndarray) -> np.ndarray:
    return _mean(np.abs(y - p), counts)


def _median_error(y: np.ndarray, p: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Median of the errors of a draw, the mean of the middle two for an even number."""
    error = np.abs(y - p)
    order = np.argsort(error, kind="stable")
    drawn = np.cumsum(counts.T[order], axis=0, dtype=np.int64)
    n = drawn[-1]
    lower, upper = (drawn >= (n + 1) // 2).argmax(axis=0), (drawn >= n // 2 + 1).argmax(axis=0)
    result: np.ndarray = (error[order[lower]] + error[order[upper]]) / 2
    return result


def _mape(y: np.ndarray, p: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Mean error as a share of the true number; nan where a draw holds only zeros."""
    known = y != 0
    share = np.divide(np.abs(y - p), np.abs(y), out=np.zeros(len(y)), where=known)
    return _ratio(_sum(share, counts), _sum(known, counts))


def _r2(y: np.ndarray, p: np.ndarray, counts: np.ndarray) -> np.ndarray:
    centred = y - y.mean()  # the sums of squares would cancel badly far from 0
    n = _sum(np.ones(len(y)), counts)
    spread = _sum(centred**2, counts) - _sum(centred, counts) ** 2 / n
    result: np.ndarray = 1 - _ratio(_sum((y - p) ** 2, counts), spread)
    return result


def _r2_paired(y: np.ndarray, p: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """R² with the variation of all rows in each draw: what both models share moves no difference then."""
    variation = float(y.var())
    errors = _mean((y - p) ** 2, counts)
    return 1 - _ratio(errors, np.full(len(errors), variation))


def _sum(values: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Sum over the rows of each draw."""
    result: np.ndarray = values.astype(float) @ counts.T.astype(float, copy=False)
    return result


def _mean(values: np.ndarray, counts: np.ndarray) -> np.ndarray:
    result: np.ndarray = _sum(values, counts) / counts.sum(axis=1)
    return result


def _matches(y: np.ndarray, p: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows told right, rows of the class and rows told to be of it: each of shape (n_classes, n_draws)."""
    told, n_classes = p.argmax(axis=1), p.shape[1]
    right = _by_class(y, counts, n_classes, told == y)
    return right, _by_class(y, counts, n_classes), _by_class(told, counts, n_classes)


def _by_class(
    codes: np.ndarray, counts: np.ndarray, n_classes: int, weight: np.ndarray | None = None
) -> np.ndarray:
    """Rows of each class in each draw: (n_classes, n_draws); sparse, for there can be 1,000 classes."""
    n = len(codes)
    weights = np.ones(n) if weight is None else weight.astype(float)
    member = csr_array((weights, (codes, np.arange(n))), shape=(n_classes, n))
    rows: np.ndarray = member @ counts.T.astype(float, copy=False)
    return rows


def _ranked(
    y: np.ndarray, score: np.ndarray, counts: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Put the rows of both classes in rising order of their scores.

    Gives how often each row of the second class was drawn (n_positive, n_draws), how many of the first are
    among the lowest 0, 1, 2 … of them (n_negative + 1, n_draws), and for each row of the second class the
    number of rows of the first that score less, and that score no more.
    """
    second, first = np.flatnonzero(y == 1), np.flatnonzero(y != 1)
    second = second[np.argsort(score[second], kind="stable")]
    first = first[np.argsort(score[first], kind="stable")]
    negative = np.zeros((len(first) + 1, len(counts)))
    np.cumsum(counts.T[first], axis=0, dtype=float, out=negative[1:])
    below = np.searchsorted(score[first], score[second], side="left")
    up_to = np.searchsorted(score[first], score[second], side="right")
    return counts.T[second].astype(float), negative, below, up_to


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """Quotient, nan where it is not defined."""
    result: np.ndarray = np.divide(above, below, out=np.full(len(below), np.nan), where=below > 0)
    return result


def _mean_known(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """Mean over the classes (the rows) whose denominator is not 0."""
    known = below > 0
    share = np.divide(above, below, out=np.zeros_like(below), where=known)
    result: np.ndarray = share.sum(axis=0) / known.sum(axis=0)
    return result


METRICS = (
    Metric(
        key="roc_auc",
        title="ROC AUC",
        sentence="The chance that a row of the second class, the one to be found, gets a higher probability "
        "than one of the first; 0.5 is guessing, 1 is perfect.",
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
        key="average_precision",
        title="Average precision",
        sentence="How pure the rows called likeliest are, over all numbers of rows called; the share "
        "of the second class, the one to be found, is guessing, 1 is perfect.",
        greater_is_better=True,
        tasks=("classification",),
        binary_only=True,
        score=_average_precision,
    ),
    Metric(
        key="f1",
        title="F1",
        sentence="Finding the rows of the second class, the one to be found, against naming it wrongly; "
        "1 is perfect.",
        greater_is_better=True,
        tasks=("classification",),
        binary_only=True,
        score=_f1,
        guess="second",
    ),
    Metric(
        key="f1_macro",
        title="F1 (macro)",
        sentence="Finding the rows of a class against naming it wrongly, averaged over the classes.",
        greater_is_better=True,
        tasks=("classification",),
        binary_only=False,
        score=_f1_macro,
        guess="dealt",
    ),
    Metric(
        key="brier",
        title="Brier score",
        sentence="The mean squared error of the probabilities; 0 is perfect.",
        greater_is_better=False,
        tasks=("classification",),
        binary_only=False,
        score=_brier,
    ),
    Metric(
        key="matthews",
        title="Matthews correlation",
        sentence="How far true and predicted classes go together; 0 is guessing, 1 is perfect, and "
        "rare classes count.",
        greater_is_better=True,
        tasks=("classification",),
        binary_only=False,
        score=_matthews,
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
        guess="median",
    ),
    Metric(
        key="r2",
        title="R²",
        sentence="The share of the target's variation explained; 0 is guessing the mean, 1 is perfect.",
        greater_is_better=True,
        tasks=("regression",),
        binary_only=False,
        score=_r2,
        paired=_r2_paired,
    ),
    Metric(
        key="median_error",
        title="Median absolute error",
        sentence="The middle error in the target's unit: half of the rows are nearer.",
        greater_is_better=False,
        tasks=("regression",),
        binary_only=False,
        score=_median_error,
        guess="median",
    ),
    Metric(
        key="mape",
        title="Mean absolute percentage error",
        sentence="The mean error as a share of the true number, 0.1 is 10 %; rows whose true number is "
        "0 are left out.",
        greater_is_better=False,
        tasks=("regression",),
        binary_only=False,
        score=_mape,
        guess="relative_median",
    ),
)
"""All metrics, the headline of each task first."""

METRIC = {metric.key: metric for metric in METRICS}
"""Metrics by their key."""
