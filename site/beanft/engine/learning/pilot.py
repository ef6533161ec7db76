"""What a time budget buys: a few small fits are timed before a training, and carried on to its size."""

import logging
import pickle
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil
from threadpoolctl import threadpool_limits

from beanft.engine.errors import EngineError
from beanft.engine.learning import expectation
from beanft.engine.learning.asking import check_question
from beanft.engine.learning.choices import Choices
from beanft.engine.learning.expectation import Size
from beanft.engine.learning.learners import BASELINE, LEARNER
from beanft.engine.learning.prepare import Plan, plan
from beanft.engine.learning.question import check_choice, chosen_learners, row_limit, without_role
from beanft.engine.learning.search.coding import Coder
from beanft.engine.learning.search.fitting import Terms, fit_fold
from beanft.engine.learning.search.folds import FoldEncoder, assemble, layout_of
from beanft.engine.learning.sizes import sizes
from beanft.engine.learning.task import Target, check_target
from beanft.engine.progress import Progress
from beanft.engine.tables.columns import Profile
from beanft.engine.tables.queries.pages import frame

_WARMING = 100  # rows of fits that are not counted: they load what later ones find loaded
_SIZES = (_WARMING, 1_000, 6_000)  # rows of the fits, the next size only while there is time for it
_FIRST = ("logistic", "ridge", "boosting", "lightgbm", "extra_trees", "network", "random_forest")
_SHARE = 2.0  # a learner may take so many equal shares of the time that is left
_SECONDS = 4.0  # for all fits together; a page waits for them
_CHECK = 0.2
_FEWEST = 2  # rows of a class in a sample, to be learned from it
_GROWTH = 1.2  # how the time of a fit grows with its rows at worst, as long as nothing is known

_log = logging.getLogger(__name__)


@dataclass
class _Timed:
    """What the fits of one learner took."""

    rows: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    size_bytes: list[int] = field(default_factory=list)
    was_cut: bool = False

    def note(self, n_rows: int, seconds: float, size_bytes: int = 0) -> None:
        """Keep one measurement; the last list tells that it is whole."""
        self.seconds.append(seconds)
        self.size_bytes.append(size_bytes)
        self.rows.append(n_rows)

    def copy(self) -> "_Timed":
        """What is whole, while the thread may still be at work."""
        n = len(self.rows)
        return _Timed(self.rows[:n], self.seconds[:n], self.size_bytes[:n])

    def soon(self, n_rows: int) -> float:
        """Seconds that a fit on so many rows may take."""
        if not self.rows:
            return 0.0
        return float(self.seconds[-1] * (n_rows / self.rows[-1]) ** _GROWTH)


def estimate(
    *,
    table: str,
    profile: dict[str, Any],
    target: str,
    features: list[str],
    task: str,
    learners: list[str],
    budget_s: float,
    choices: dict[str, Any] | None = None,
    metric: str = "",
    max_rows: int = 200_000,
    cores: int = 1,
    memory_mb: int = 3072,
    seed: int = 0,
    seconds: float = _SECONDS,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Time small fits on a sample and say what a training would be likely to do.

    Parameters
    ----------
    table : str
        The stored table.
    profile : dict
        Its profile as JSON, its columns in their roles.
    target, features, task, learners
        As `train` takes them.
    budget_s : float
        Seconds of the training.
    choices : dict, optional
        Choices.to_dict: validation, class weights and settings of learners.
    metric : str
        As `train` takes it.
    max_rows : int
        Rows trained on at most.
    cores : int
        Fits at the same time.
    memory_mb : int
        Memory of the training, in MiB.
    seed : int
        As `train` takes it.
    seconds : float
        Seconds for all small fits together.
    progress : Progress, optional
        Listener.

    Returns
    -------
    dict
        sentence, n_runs, n_missed, rows, of_rows, locked, folds, width, memory_mb, learners (key, title,
        seconds of one run over all folds or None where it was not timed, memory_mb, rows) and warnings.

    Raises
    ------
    EngineError
        A choice is not to be had, or nothing can be learned from the target or the columns.
    """
    known = without_role(Profile.from_dict(profile), target)
    chosen = Choices.from_dict(choices or {})
    check_choice(known, target, features, task, metric, learners)
    check_question(known, target, task, chosen)
    names = _names(known, target, features, chosen)
    by = chosen.validation.by or _role(known)
    n_rows = row_limit(known, names, task, target, max_rows)
    n_rows = min(n_rows, known.n_rows - known.column(target).n_missing)
    data = frame(Path(table), known, columns=[*names, target], limit=max(_SIZES) + 1, seed=seed)
    answer = _target(data[target], known, target, task)
    planned = plan(
        [known.column(name) for name in names],
        n_rows=known.n_rows,
        n_classes=len(answer.labels),
        by_time=by == "time",
    )
    if not planned.features:
        raise EngineError(
            " ".join(["No column is left to learn from.", *planned.notes, "Choose other columns."])
        )
    keys = [one.key for one in chosen_learners(task, learners)]
    timed, encoded = _time_all(data.iloc[answer.rows], answer, planned, keys, task, chosen, seed, seconds)
    size = _size(
        n_rows, known, planned, data[names], chosen, encoded, n_classes=len(answer.labels), cores=cores
    )
    (progress or Progress())(1.0, "Done")
    costs = [
        expectation.cost(key, task, size, one.rows, one.seconds, one.size_bytes) for key, one in timed.items()
    ]
    return expectation.expect(
        costs,
        size,
        task=task,
        own=chosen.settings,
        metric=metric,
        column=known.column(target),
        plan=planned,
        columns=[known.column(name) for name in names],
        budget_s=budget_s,
        memory_mb=memory_mb,
    )


def _names(profile: Profile, target: str, features: Sequence[str], chosen: Choices) -> list[str]:
    """The columns to learn from: neither the target nor what groups the rows."""
    groups = {one.name for one in profile.columns if one.role == "group"}
    if chosen.validation.by == "group":
        groups.add(chosen.validation.column)
    return [name for name in dict.fromkeys(features) if name != target and name not in groups]


def _role(profile: Profile) -> str:
    roles = [one.role for one in profile.columns]
    return next((role for role in ("time", "group") if role in roles), "")


def _target(values: pd.Series, profile: Profile, target: str, task: str) -> Target:
    """The checked target; in a sample a class may have few rows without being rare in the table."""
    column = profile.column(target)
    if len(values) == profile.n_rows or task == "regression":
        return check_target(values, column.kind, task, column.labels)
    counts = values.value_counts()
    rows = np.flatnonzero(values.isin(counts[counts >= _FEWEST].index).to_numpy())
    codes, labels = pd.factorize(values.iloc[rows], sort=True)
    if len(labels) < _FEWEST:  # the full check finds the words for it
        return check_target(values, column.kind, task, column.labels)
    return Target(rows=rows, y=codes, labels=tuple(str(label) for label in labels), notes=())


def _size(
    n_rows: int,
    profile: Profile,
    planned: Plan,
    data: pd.DataFrame,
    chosen: Choices,
    encoded: tuple[_Timed, _Timed],
    *,
    n_classes: int,
    cores: int,
) -> Size:
    """How large the training will be."""
    validation = chosen.validation
    proposed = sizes(n_rows, validation.by or _role(profile) or "chance")
    default = validation.holdout == type(validation)().holdout
    holdout = proposed.holdout if default else validation.holdout
    folds = validation.folds or proposed.folds
    n_locked = max(1, round(n_rows * holdout))
    per_row = data.memory_usage(index=False, deep=True).sum() / max(1, len(data))
    n_fits = folds * (proposed.repeats if not validation.folds else 1)
    coding, folding = (expectation.carried_on(one.rows, one.seconds, n_rows) or 0.0 for one in encoded)
    return Size(
        n_rows=n_rows,
        of_rows=profile.n_rows,
        n_locked=n_locked,
        folds=folds,
        n_fits=n_fits,
        n_fit=round((n_rows - n_locked) * (1 - 1 / folds if folds > 1 else 1 - _CHECK)),
        width=planned.width,
        shown_width=planned.shown_width,
        n_classes=n_classes,
        row_bytes=float(per_row),
        base_mb=psutil.Process().memory_info().rss >> 20,
        encoding_s=coding + folding * n_fits / cores,
        cores=cores,
    )


def _time_all(
    data: pd.DataFrame,
    answer: Target,
    planned: Plan,
    keys: Sequence[str],
    task: str,
    chosen: Choices,
    seed: int,
    seconds: float,
) -> tuple[dict[str, _Timed], tuple[_Timed, _Timed]]:
    """Time the learners in a thread: what is not done in time is left behind, with its process."""
    timed = {key: _Timed() for key in _in_order(keys)}
    coding, folding = _Timed(), _Timed()
    deadline = time.monotonic() + seconds
    order = np.random.default_rng(seed).permutation(len(answer.y))

    failed: list[Exception] = []

    def work() -> None:
        try:
            with threadpool_limits(limits=1):
                for n_rows in _rounds(len(order)):
                    rows, n_classes = order[:n_rows], len(answer.labels)
                    fits = _Fits(data.iloc[rows], answer.y[rows], planned, task, chosen, n_classes, seed)
                    coding.note(n_rows, fits.coding_s)
                    folding.note(n_rows, fits.folding_s)
                    if n_rows == _WARMING:
                        for key in _warming(timed):
                            fits.take(key, _Timed(), deadline, share=_SHARE / len(timed))
                        continue
                    for n_done, (key, one) in enumerate(timed.items()):
                        fits.take(key, one, deadline, share=_SHARE / (len(timed) - n_done))
        except Exception as error:
            failed.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    if failed:
        raise failed[0]
    return {key: one.copy() for key, one in timed.items()}, (coding.copy(), folding.copy())


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

    def __init__(
        self,
        data: pd.DataFrame,
        y: np.ndarray,
        planned: Plan,
        task: str,
        chosen: Choices,
        n_classes: int,
        seed: int,
    ) -> None:
        n_check = max(1, round(_CHECK * len(y)))
        train, check = np.arange(n_check, len(y)), np.arange(n_check)
        started = time.thread_time()
        coder = Coder(planned).fit(data)
        coded = coder.transform(data)
        self.coding_s = time.thread_time() - started
        layout = layout_of(planned, coder.n_levels_, n_classes)
        encoder = FoldEncoder(layout, seed)
        learned = encoder.fit_transform(coded.at(train), y[train])
        self.rows = (
            assemble(coded.at(train), learned, layout),
            y[train],
            assemble(coded.at(check), encoder.transform(coded.at(check)), layout),
            y[check],
        )
        self.folding_s = time.thread_time() - started - self.coding_s
        self.terms = Terms(
            task=task,
            n_classes=n_classes,
            n_native=len(layout.native),
            balanced=chosen.class_weights == "balanced",
            n_folds=5,
        )
        self.settings, self.seed = chosen.settings, seed

    def take(self, key: str, timed: _Timed, deadline: float, *, share: float) -> None:
        """Fit a learner, if it is likely to be done before the deadline, and note what it took.

        One that grows step by step stops after its share of the time that is left.
        """
        n_rows, left = len(self.rows[1]), deadline - time.monotonic()
        limit = LEARNER[key].max_rows
        if timed.soon(n_rows) > left or timed.was_cut or (limit and timed.rows and timed.rows[-1] >= limit):
            return
        started = time.thread_time()  # its own work: others may use the machine just now
        try:
            fitted = fit_fold(
                key,
                self.settings.get(key, {}),
                self.terms,
                self.rows,
                seed=self.seed,
                slice_s=max(0.2, min(1.0, share) * left),
            )
        except Exception:
            _log.info("%s could not be timed", key, exc_info=True)
            timed.was_cut = True  # a small sample may lack what the table has: it stays without an estimate
            return
        timed.was_cut = fitted.was_cut
        took = time.thread_time() - started
        timed.note(n_rows, took, len(pickle.dumps(fitted.member)))
