"""One learner on the folds and on the hold-out: fitting, scoring, and what went wrong in words."""

import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.exceptions import ConvergenceWarning

from beanft.engine.errors import EngineError
from beanft.engine.learning.answers import predict
from beanft.engine.learning.estimators import build
from beanft.engine.learning.learners import Learner
from beanft.engine.learning.metrics import METRIC, Metric, metrics_for
from beanft.engine.learning.prepare import Plan, Preparation
from beanft.engine.learning.split import Folds, Split, sample_rows

_CACHED_CELLS = 20_000_000  # prepared matrices kept for the next learner: 160 MB


@dataclass(frozen=True, kw_only=True)
class Question:
    """One experiment made ready: the rows that take part, their target, and how they are cut."""

    X: pd.DataFrame
    """Features of shape (n_rows, n_features)."""
    y: np.ndarray
    """Class codes or numbers of shape (n_rows,)."""
    labels: tuple[str, ...]
    """The classes in the order of their codes; empty for regression."""
    task: str
    """classification or regression."""
    metric: str
    """Key of the metric that ranks."""
    plan: Plan
    """Roles of the columns."""
    split: Split
    """Development rows and hold-out."""
    folds: Folds
    """Folds of the development rows."""
    seed: int
    """Seed of everything random."""

    @property
    def headline(self) -> Metric:
        """The metric that ranks."""
        return METRIC[self.metric]

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """All metrics that fit."""
        return metrics_for(self.task, len(self.labels))

    @property
    def y_train(self) -> np.ndarray:
        """Target of the development rows."""
        values: np.ndarray = self.y[self.split.train]
        return values

    @property
    def y_holdout(self) -> np.ndarray:
        """Target of the hold-out."""
        values: np.ndarray = self.y[self.split.holdout]
        return values


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A preparation fitted on some rows, with the matrices of these and of others."""

    preparation: Preparation
    """Fitted on the training rows only."""
    train: np.ndarray
    """Matrix of the training rows."""
    test: np.ndarray
    """Matrix of the other rows."""


class Matrices:
    """Prepared matrices by fold; fitted on the training rows of the fold only, and shared by the learners."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self._kept: dict[int, Prepared] = {}
        n_cells = len(question.split.train) * max(1, question.plan.width) * (len(question.folds.parts) + 1)
        self._keeps = n_cells <= _CACHED_CELLS

    def fold(self, i: int) -> Prepared:
        """Matrices of fold `i`."""
        rows = self.question.split.train
        train, test = self.question.folds.parts[i]
        return self._get(i, rows[train], rows[test])

    def whole(self) -> Prepared:
        """Matrices of all development rows and the hold-out."""
        return self._get(-1, self.question.split.train, self.question.split.holdout)

    def _get(self, key: int, train: np.ndarray, test: np.ndarray) -> Prepared:
        if key in self._kept:
            return self._kept[key]
        asked = self.question
        preparation = Preparation(asked.plan, n_classes=len(asked.labels), seed=asked.seed)
        made = Prepared(
            preparation=preparation,
            train=preparation.fit_transform(asked.X.iloc[train], asked.y[train]),
            test=preparation.transform(asked.X.iloc[test]),
        )
        if self._keeps:
            self._kept[key] = made
        return made


def fit(learner: Learner, X: np.ndarray, y: np.ndarray, question: Question, notes: list[str]) -> Any:
    """Fit a learner on a matrix, on a sample when it does not scale; warnings become notes.

    Parameters
    ----------
    learner : Learner
        What to fit.
    X : array of shape (n_rows, n_parts)
        Prepared rows.
    y : array of shape (n_rows,)
        Class codes or numbers.
    question : Question
        Gives task and seed.
    notes : list of str
        Gets what the user should know, each sentence once.

    Returns
    -------
    estimator
        Fitted.
    """
    limit = learner.max_rows
    if limit is not None and len(y) > limit:
        codes = y if question.task == "classification" else None
        rows = sample_rows(codes, limit, question.seed, n_rows=len(y))
        X, y = X[rows], y[rows]
        _note(notes, f"Fitted on a sample of at most {limit:,} rows, because it is slow on more.")
    model = build(learner.key, question.task, seed=question.seed, n_rows=len(y))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(X, y)
    for warning in caught:
        if issubclass(warning.category, ConvergenceWarning):
            _note(notes, "It stopped before it had settled, so a longer search might score a little better.")
        elif issubclass(warning.category, RuntimeWarning):
            _note(notes, "Some of its sums became too large or undefined, so take its scores with care.")
    return model


def cross_validate(
    learner: Learner, matrices: Matrices, notes: list[str]
) -> Iterator[Callable[[], dict[str, float]]]:
    """Give one function a fold; called, it fits there and returns all metrics by key."""
    question = matrices.question

    def scored(i: int) -> dict[str, float]:
        train, test = question.folds.parts[i]
        prepared, y = matrices.fold(i), question.y_train
        model = fit(learner, prepared.train, y[train], question, notes)
        predicted = predict(model, prepared.test, len(question.labels))
        return {metric.key: metric.of(y[test], predicted) for metric in question.metrics}

    for i in range(len(question.folds.parts)):
        yield lambda i=i: scored(i)  # type: ignore[misc]


def plain_error(title: str, error: Exception) -> str:
    """Say in one or two sentences why a learner failed and what to do; never the text of a traceback."""
    if isinstance(error, EngineError):
        return f"{title} failed. {error}"
    if isinstance(error, MemoryError):
        return f"{title} needed more memory than there is. Choose fewer columns, or leave it out."
    if isinstance(error, np.linalg.LinAlgError):
        return f"{title} failed: columns repeat each other. Drop those that say the same, or leave it out."
    return (
        f"{title} could not be fitted on this table ({type(error).__name__}). Choose fewer or other columns, "
        "or leave it out; the other learners are not affected."
    )


class Clock:
    """The time budget of an experiment."""

    def __init__(self, budget_s: float) -> None:
        self.budget_s = budget_s
        self._end = time.monotonic() + budget_s

    @property
    def spent(self) -> bool:
        """Whether nothing is left."""
        return time.monotonic() >= self._end


def _note(notes: list[str], sentence: str) -> None:
    if sentence not in notes:
        notes.append(sentence)
