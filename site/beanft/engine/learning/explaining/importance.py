"""Which columns a model needs: what shuffling a column, or a group of columns, does to its predictions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from beanft.engine.learning.explaining.function import (
    ROWS_AT_ONCE,
    Deadline,
    Predict,
    names_of,
    replaced,
    spread,
)
from beanft.engine.learning.metrics import Metric
from beanft.engine.learning.resampling import draw_counts
from beanft.engine.progress import Progress

_REPEATS = 5  # shuffles of each column; all columns get their first one before any gets its second
_DRAWS = 200  # resamples of the rows for the intervals, which cover rows and shuffles


@dataclass(frozen=True, kw_only=True)
class Part:
    """A column, or columns that were shuffled together."""

    columns: tuple[str, ...]
    """Their names."""
    value: float
    """Mean over the shuffles; about 0 where the model does without."""
    low: float | None
    """Lower end of the 95 % interval over shuffles and resampled rows."""
    high: float | None
    """Upper end."""


@dataclass(frozen=True, kw_only=True)
class Importance:
    """The importance of columns and of groups of them."""

    metric: str
    """Key of the metric that gets worse; empty where it is the mean change of the predictions."""
    n_rows: int
    """Rows that were predicted."""
    repeats: int
    """Shuffles of each part; the last may lack for some where time ran out."""
    columns: tuple[Part, ...]
    """Single columns, the most important first."""
    groups: tuple[Part, ...]
    """Groups, the most important first."""
    n_skipped: int
    """Columns and groups that were not measured because time ran out."""


def permutation_importance(
    predict: Predict,
    X: pd.DataFrame,
    y: np.ndarray | None = None,
    *,
    metric: Metric | None = None,
    groups: Sequence[tuple[str, ...]] = (),
    clusters: np.ndarray | None = None,
    seed: int = 0,
    limit_s: float = 60.0,
    progress: Progress | None = None,
) -> Importance:
    """Shuffle each column among rows and measure what it does to the predictions.

    Parameters
    ----------
    predict : callable
        The model.
    X : DataFrame of shape (n_rows, n_columns)
        Rows that it did not learn from.
    y : array of shape (n_rows,), optional
        Their truth. With it the importance is how much worse the metric gets; without it, how far the
        predictions move: mean distance of numbers, or the share of probability that goes to other classes.
    metric : Metric, optional
        The score; needed with `y`.
    groups : sequence of tuple of str
        Columns that are also shuffled together.
    clusters : array of shape (n_rows,), optional
        Rows with equal codes are resampled together, as in `draw_counts`.
    seed : int
        The same seed gives the same result, as long as time suffices.
    limit_s : float
        Seconds after which no further shuffle is begun; the first one always is.
    progress : Progress, optional
        Listener.

    Returns
    -------
    Importance

    Notes
    -----
    Breiman, Random Forests (2001); Fisher, Rudin and Dominici (2019) for any model.

    Examples
    --------
    >>> X = pd.DataFrame({"a": [0.0, 1, 2, 3], "b": [5.0, 6, 7, 8]})
    >>> made = permutation_importance(lambda X: X["a"].to_numpy(), X)
    >>> [part.columns for part in made.columns], made.columns[1].value
    ([('a',), ('b',)], 0.0)
    """
    deadline, told = Deadline(limit_s), progress or Progress()
    parts = [*((name,) for name in names_of(X)), *groups]
    draws = draw_counts(len(X), _DRAWS, seed, clusters)
    judge = _Judge(predict, X, y, metric, draws)
    costs: list[list[np.ndarray]] = [[] for _ in parts]
    for done, (place, shuffle) in enumerate(_shuffles(len(parts), len(X), _REPEATS, seed)):
        if done and deadline.passed:
            break
        told(done / (len(parts) * _REPEATS), "Shuffling columns")
        costs[place].append(judge.cost(replaced(X, parts[place], X, shuffle)))
    made = [
        _part(columns, np.array(found), seed) for columns, found in zip(parts, costs, strict=True) if found
    ]
    made.sort(key=lambda part: -part.value)
    grouped = set(groups)
    return Importance(
        metric=metric.key if metric else "",
        n_rows=len(X),
        repeats=max(map(len, costs)),
        columns=tuple(part for part in made if part.columns not in grouped),
        groups=tuple(part for part in made if part.columns in grouped),
        n_skipped=len(parts) - len(made),
    )


class _Judge:
    """What a shuffle costs: first on the rows as they are, then on each resample of them."""

    def __init__(
        self,
        predict: Predict,
        X: pd.DataFrame,
        y: np.ndarray | None,
        metric: Metric | None,
        draws: Sequence[np.ndarray],
    ) -> None:
        self._predict, self._y, self._metric = predict, y, metric
        self._counts = [np.ones((1, len(X)), dtype=np.uint16), *draws]
        self._before = np.asarray(predict(X), dtype=np.float64)
        self._score = None if metric is None else self._scores(self._before)

    def cost(self, X: pd.DataFrame) -> np.ndarray:
        """Give the cost in an array of shape (1 + _DRAWS,)."""
        after = np.asarray(self._predict(X), dtype=np.float64)
        if self._metric is None or self._score is None:
            moved = _distance(self._before, after)
            means: np.ndarray = np.concatenate(
                [counts @ moved / counts.sum(axis=1) for counts in self._counts]
            )
            return means
        worse: np.ndarray = self._score - self._scores(after)
        return worse if self._metric.greater_is_better else -worse

    def _scores(self, predicted: np.ndarray) -> np.ndarray:
        assert self._metric is not None  # noqa: S101  # for mypy
        assert self._y is not None  # noqa: S101  # for mypy
        parts = [self._metric.score(self._y, predicted, counts) for counts in self._counts]
        scores: np.ndarray = np.concatenate(parts).astype(np.float64)
        return scores


def quick_weights(predict: Predict, X: pd.DataFrame, *, seed: int = 0, limit_s: float = 10.0) -> np.ndarray:
    """Measure how far one shuffle of each column moves the predictions, many columns in one go.

    Parameters
    ----------
    predict : callable
        The model.
    X : DataFrame of shape (n_rows, n_columns)
        A few hundred real rows.
    seed : int
        Decides the shuffle.
    limit_s : float
        Seconds after which the columns left get the mean of the others.

    Returns
    -------
    array of shape (n_columns,)
        0 or more; all 0 for a model that looks at nothing.

    Examples
    --------
    >>> X = pd.DataFrame({"a": [0.0, 1, 2, 3], "b": [5.0, 6, 7, 8]})
    >>> (quick_weights(lambda X: X["a"].to_numpy(), X) > 0).tolist()
    [True, False]
    """
    deadline, shuffle = Deadline(limit_s), np.random.default_rng(seed).permutation(len(X))
    before = np.asarray(predict(X), dtype=np.float64)
    weights = np.full(X.shape[1], np.nan)
    at_once = max(1, ROWS_AT_ONCE // len(X))
    for start in range(0, X.shape[1], at_once):
        if start and deadline.passed:
            break
        names = names_of(X)[start : start + at_once]
        shuffled = [replaced(X, [name], X, shuffle) for name in names]
        after = np.asarray(predict(pd.concat(shuffled, ignore_index=True)), dtype=np.float64)
        for i, one in enumerate(np.split(after, len(names))):
            weights[start + i] = _distance(before, one).mean()
    return np.where(np.isnan(weights), np.nanmean(weights), weights)


def _distance(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """How far the prediction of each row moved; probabilities by the share that changed its class."""
    moved: np.ndarray = np.abs(after - before)
    if moved.ndim == 2:
        moved = moved.sum(axis=1) / 2
    return moved


def _shuffles(n_parts: int, n_rows: int, repeats: int, seed: int) -> Iterator[tuple[int, np.ndarray]]:
    """Go round the parts once for each repeat, with the same shuffle of the rows for all of them."""
    random = np.random.default_rng(seed)
    for _ in range(repeats):
        shuffle = random.permutation(n_rows)
        for place in range(n_parts):
            yield place, shuffle


def _part(columns: tuple[str, ...], costs: np.ndarray, seed: int) -> Part:
    """Put shuffles of shape (n_repeats, 1 + n_draws) together; each draw also draws its shuffles anew."""
    plain, draws = costs[:, 0], costs[:, 1:]
    random = np.random.default_rng(seed)
    chosen = random.integers(0, len(draws), draws.shape)
    low, high = spread(np.take_along_axis(draws, chosen, axis=0).mean(axis=0))
    known = plain[np.isfinite(plain)]
    return Part(columns=columns, value=float(known.mean()) if len(known) else 0.0, low=low, high=high)
