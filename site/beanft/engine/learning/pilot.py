"""What a time budget buys: a few small fits are timed before a training, and carried on to its size."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil

from beanft.engine.errors import EngineError
from beanft.engine.learning.asking import check_question
from beanft.engine.learning.budget.costs import Size, carried_on, cost
from beanft.engine.learning.budget.timing import CHECKED, MOST_ROWS, Sample, Times, time_fits
from beanft.engine.learning.expectation import expect
from beanft.engine.learning.order import columns_in
from beanft.engine.learning.prepare import plan
from beanft.engine.learning.question import chosen_learners
from beanft.engine.learning.sizes import locked_share, n_locked, sizes
from beanft.engine.learning.target import Target, check_target
from beanft.engine.learning.wish import Wish, read_wish
from beanft.engine.progress import Progress
from beanft.engine.tables.queries.pages import frame

_SECONDS = 4.0  # for all fits together; a page waits for them
_FEWEST = 2  # rows of a class in a sample, to be learned from it


def estimate(
    *,
    table: str,
    budget_s: float,
    cores: int = 1,
    memory_mb: int = 3072,
    seconds: float = _SECONDS,
    progress: Progress | None = None,
    **wish: Any,
) -> dict[str, Any]:
    """Time small fits on a sample and say what a training would be likely to do.

    Parameters
    ----------
    table : str
        The stored table.
    budget_s : float
        Seconds of the training.
    cores : int
        Fits at the same time.
    memory_mb : int
        Memory of the training, in MiB.
    seconds : float
        Seconds for all small fits together.
    progress : Progress, optional
        Listener.
    **wish : object
        What is to be learned, as `read_wish` takes it.

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
    wanted = read_wish(**wish)
    check_question(wanted.profile, wanted.target, wanted.task, wanted.choices)
    names = wanted.names(_groups(wanted))
    columns = [*names, wanted.target]
    data = frame(Path(table), wanted.profile, columns=columns, limit=MOST_ROWS + 1, seed=wanted.seed)
    sample = _sample(data, names, wanted)
    keys = [one.key for one in chosen_learners(wanted.task, wanted.learners)]
    times = time_fits(sample, keys, seconds=seconds)
    size = _size(data[names], wanted, sample, times, cores=cores)
    (progress or Progress())(1.0, "Done")
    costs = [cost(key, wanted.task, size, timed) for key, timed in times.learners.items()]
    return expect(costs, size, wanted, sample.plan, budget_s=budget_s, memory_mb=memory_mb)


def _groups(wish: Wish) -> list[str]:
    """Columns that group the rows: they are not learned from."""
    validation = wish.choices.validation
    return [*columns_in(wish.profile, "group"), *([validation.column] if validation.by == "group" else [])]


def _cut_by(wish: Wish) -> str:
    """How the rows will be cut: chance, group or time."""
    return wish.choices.validation.by or next(
        (role for role in ("time", "group") if columns_in(wish.profile, role)), "chance"
    )


def _sample(data: pd.DataFrame, names: list[str], wish: Wish) -> Sample:
    """The rows that can be learned from, and how."""
    answer = _target(data[wish.target], wish)
    planned = plan(
        wish.columns(names),
        n_rows=wish.profile.n_rows,
        n_classes=len(answer.labels),
        by_time=_cut_by(wish) == "time",
    )
    if not planned.features:
        raise EngineError(
            " ".join(["No column is left to learn from.", *planned.notes, "Choose other columns."])
        )
    return Sample(
        X=data.iloc[answer.rows],
        y=answer.y,
        n_classes=len(answer.labels),
        plan=planned,
        task=wish.task,
        choices=wish.choices,
        seed=wish.seed,
    )


def _target(values: pd.Series, wish: Wish) -> Target:
    """The checked target; in a sample a class may have few rows without being rare in the table."""
    column = wish.answer
    if len(values) == wish.profile.n_rows or wish.task == "regression":
        return check_target(values, column.kind, wish.task, column.labels)
    counts = values.value_counts()
    rows = np.flatnonzero(values.isin(counts[counts >= _FEWEST].index).to_numpy())
    codes, labels = pd.factorize(values.iloc[rows], sort=True)
    if len(labels) < _FEWEST:  # the full check finds the words for it
        return check_target(values, column.kind, wish.task, column.labels)
    return Target(rows=rows, y=codes, labels=tuple(str(label) for label in labels), notes=())


def _size(features: pd.DataFrame, wish: Wish, sample: Sample, times: Times, *, cores: int) -> Size:
    """How large the training will be: it takes the rows with a target, as many as memory bears."""
    n_rows = min(wish.row_limit(list(features.columns)), wish.profile.n_rows - wish.answer.n_missing)
    validation, by = wish.choices.validation, _cut_by(wish)
    proposed = sizes(n_rows, by)
    folds = validation.folds or proposed.folds
    locked = n_locked(n_rows, locked_share(n_rows, by, validation.holdout))
    n_fits = folds * (1 if validation.folds else proposed.repeats)
    coding, folding = (
        carried_on(one.rows, one.seconds, n_rows) or 0.0 for one in (times.coding, times.folding)
    )
    return Size(
        n_rows=n_rows,
        of_rows=wish.profile.n_rows,
        n_locked=locked,
        folds=folds,
        n_fits=n_fits,
        n_fit=round((n_rows - locked) * (1 - 1 / folds if folds > 1 else 1 - CHECKED)),
        width=sample.plan.width,
        shown_width=sample.plan.shown_width,
        n_classes=sample.n_classes,
        row_bytes=float(features.memory_usage(index=False, deep=True).sum() / max(1, len(features))),
        base_mb=psutil.Process().memory_info().rss >> 20,
        encoding_s=coding + folding * n_fits / cores,
        cores=cores,
    )
