"""One learner on the folds and on the hold-out: fitting, scoring, and what went wrong in words."""

import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from beanft.engine.errors import EngineError
from beanft.engine.learning.answers import predict
from beanft.engine.learning.estimators import build
from beanft.engine.learning.learners import Learner
from beanft.engine.learning.prepare import Preparation
from beanft.engine.learning.question import Question
from beanft.engine.learning.split import sample_rows

_CACHED_CELLS = 20_000_000  # prepared matrices kept for the next learner: 160 MB


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


class Unseen:
    """What is said of the development rows while they are not trained on; the mean where folds repeat."""

    def __init__(self, question: Question) -> None:
        n_rows, n_classes = len(question.split.train), len(question.labels)
        self._sum = np.zeros((n_rows, n_classes) if n_classes else n_rows)
        self._n = np.zeros(n_rows)

    def add(self, rows: np.ndarray, predicted: np.ndarray) -> None:
        """Note the predictions of one fold, for positions in the development rows."""
        self._sum[rows] += predicted
        self._n[rows] += 1

    def mean(self) -> np.ndarray:
        """Predictions of the rows that were tested, in their order."""
        tested = self._n > 0
        total, n = self._sum[tested], self._n[tested]
        result: np.ndarray = total / (n[:, None] if total.ndim == 2 else n)
        return result


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
    learner: Learner, matrices: Matrices, notes: list[str], unseen: Unseen
) -> Iterator[Callable[[], dict[str, float]]]:
    """Give one function for each fold, which fits and scores there when it is called.

    Parameters
    ----------
    learner : Learner
        What to fit.
    matrices : Matrices
        Prepared matrices of the question; a fold's preparation never sees the rows it is tested on.
    notes : list of str
        Gets what the user should know, each sentence once.
    unseen : Unseen
        Gets what is said of the rows of each fold.

    Yields
    ------
    callable
        Takes nothing and returns a dict of metric key to score; nan where a score is not defined.
    """
    question = matrices.question

    def scored(i: int) -> dict[str, float]:
        train, test = question.folds.parts[i]
        prepared, y = matrices.fold(i), question.y_train
        model = fit(learner, prepared.train, y[train], question, notes)
        predicted = predict(model, prepared.test, len(question.labels))
        unseen.add(test, predicted)
        return {metric.key: metric.of(y[test], predicted) for metric in question.metrics}

    for i in range(len(question.folds.parts)):
        yield lambda i=i: scored(i)  # type: ignore[misc]  # mypy cannot infer it


def plain_error(title: str, error: Exception) -> str:
    """Say in one or two sentences why a learner failed and what to do.

    Parameters
    ----------
    title : str
        Name of the learner as shown.
    error : Exception
        What it raised.

    Returns
    -------
    str
        Plain words; only the text of an EngineError is repeated, that of any other error never.

    Examples
    --------
    >>> plain_error("Ridge regression", MemoryError())
    'Ridge regression needed more memory than there is. Choose fewer columns, or leave it out.'
    """
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
