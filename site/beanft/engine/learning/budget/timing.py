"""Times small fits on a sample, as an experiment would make them, for as long as a page can wait."""

import logging
import pickle
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from beanft.engine.learning.budget.costs import Timed
from beanft.engine.learning.choices import Choices
from beanft.engine.learning.learners import BASELINE, LEARNER
from beanft.engine.learning.prepare import Plan
from beanft.engine.learning.search.coding import Coder
from beanft.engine.learning.search.fitting import Terms, fit_fold
from beanft.engine.learning.search.folds import FoldEncoder, assemble, layout_of

_WARMING = 100  # rows of fits that are not counted: they load what later ones find loaded
_SIZES = (_WARMING, 1_000, 6_000)  # rows of the fits, the next size only while there is time for it
MOST_ROWS = _SIZES[-1]
"""Rows of the largest fit."""
CHECKED = 0.2
"""Share of the rows that is checked on."""
_FIRST = ("logistic", "ridge", "boosting", "lightgbm", "extra_trees", "network", "random_forest")
_SHARE = 2.0  # a learner may take so many equal shares of the time that is left
_N_FOLDS = 5  # that a fit thinks its model will have

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Rows to be fitted on."""

    X: pd.DataFrame
    """Raw columns of shape (n_rows, n_columns), those of the plan among them."""
    y: np.ndarray
    """Class codes or numbers of shape (n_rows,)."""
    n_classes: int
    """Classes among them, 0 for regression."""
    plan: Plan
    """Columns and roles."""
    task: str
    """classification or regression."""
    choices: Choices
    """Class weights and settings."""
    seed: int
    """Seed of the order of the rows, and of the fits."""


@dataclass(frozen=True)
class Times:
    """What the small fits took."""

    learners: Mapping[str, Timed]
    """By the key of the learner, in the order in which they were timed."""
    coding: Timed = field(default_factory=Timed)
    """Turning the rows into arrays."""
    folding: Timed = field(default_factory=Timed)
    """Encoding them for one fold."""

    def copy(self) -> "Times":
        """What is whole, while the thread may still be at work."""
        learners = {key: timed.copy() for key, timed in self.learners.items()}
        return Times(learners, self.coding.copy(), self.folding.copy())


def time_fits(sample: Sample, learners: Sequence[str], *, seconds: float) -> Times:
    """Time learners in a thread: what is not done in time is left behind, with its process.

    Parameters
    ----------
    sample : Sample
        Rows to be fitted on.
    learners : sequence of str
        Their keys; the baseline is passed over.
    seconds : float
        Seconds for all fits together.

    Returns
    -------
    Times
    """
    times = Times({key: Timed() for key in _in_order(learners)})
    deadline = time.monotonic() + seconds
    failed: list[Exception] = []

    def work() -> None:
        try:
            with threadpool_limits(limits=1):
                _time_all(sample, times, deadline)
        except Exception as error:
            failed.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    if failed:
        raise failed[0]
    return times.copy()


def _time_all(sample: Sample, times: Times, deadline: float) -> None:
    order = np.random.default_rng(sample.seed).permutation(len(sample.y))
    for n_rows in _rounds(len(order)):
        fits = _Fits(sample, order[:n_rows])
        times.coding.note(n_rows, fits.coding_s)
        times.folding.note(n_rows, fits.folding_s)
        if n_rows == _WARMING:
            for key in _warming(times.learners):
                fits.take(key, Timed(), deadline, share=_SHARE / len(times.learners))
            continue
        for n_done, (key, timed) in enumerate(times.learners.items()):
            fits.take(key, timed, deadline, share=_SHARE / (len(times.learners) - n_done))


def _in_order(keys: Sequence[str]) -> list[str]:
    """What is tried first is timed first."""
    first = [key for key in _FIRST if key in keys]
    return [*first, *(key for key in keys if key not in (*first, BASELINE))]


def _warming(keys: Iterable[str]) -> list[str]:
    """A few learners that load what the others need too."""
    return [key for key in keys if key in _FIRST][:3]


def _rounds(n_rows: int) -> list[int]:
    smaller = [size for size in _SIZES if size < n_rows]
    return smaller if n_rows >= _SIZES[-1] else [*smaller, n_rows - (n_rows == _WARMING)]


class _Fits:
    """Small fits on the same rows: the one place that knows how an experiment fits."""

    def __init__(self, sample: Sample, rows: np.ndarray) -> None:
        self._sample = sample
        data, y = sample.X.iloc[rows], sample.y[rows]
        started = time.thread_time()
        coder = Coder(sample.plan).fit(data)
        coded = coder.transform(data)
        self.coding_s = time.thread_time() - started
        n_check = max(1, round(CHECKED * len(y)))
        train, check = np.arange(n_check, len(y)), np.arange(n_check)
        layout = layout_of(sample.plan, coder.n_levels_, sample.n_classes)
        encoder = FoldEncoder(layout, sample.seed)
        learned = encoder.fit_transform(coded.at(train), y[train])
        self._rows = (
            assemble(coded.at(train), learned, layout),
            y[train],
            assemble(coded.at(check), encoder.transform(coded.at(check)), layout),
            y[check],
        )
        self.folding_s = time.thread_time() - started - self.coding_s
        self._terms = Terms(
            task=sample.task,
            n_classes=sample.n_classes,
            n_native=len(layout.native),
            n_days=len(coder.day_names),
            balanced=sample.choices.class_weights == "balanced",
            n_folds=_N_FOLDS,
        )

    def take(self, key: str, timed: Timed, deadline: float, *, share: float) -> None:
        """Fit a learner, if it is likely to be done before the deadline, and note what it took.

        One that grows step by step stops after its share of the time that is left.
        """
        n_rows, left = len(self._rows[1]), deadline - time.monotonic()
        limit = LEARNER[key].max_rows
        if timed.soon(n_rows) > left or timed.was_cut or (limit and timed.rows and timed.rows[-1] >= limit):
            return
        started = time.thread_time()  # its own work: others may use the machine just now
        try:
            fitted = fit_fold(
                key,
                self._sample.choices.settings.get(key, {}),
                self._terms,
                self._rows,
                seed=self._sample.seed,
                slice_s=max(0.2, min(1.0, share) * left),
            )
        except Exception:
            _log.info("%s could not be timed", key, exc_info=True)
            timed.was_cut = True  # a small sample may lack what the table has: it stays without an estimate
            return
        timed.was_cut = fitted.was_cut
        took = time.thread_time() - started
        timed.note(n_rows, took, len(pickle.dumps(fitted.member)))
