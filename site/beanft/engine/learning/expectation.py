"""From the times of small fits to what is likely in a training: seconds, memory, runs, and words for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from beanft.engine.learning.learners import BASELINE, LEARNER, title_of
from beanft.engine.learning.prepare import Plan
from beanft.engine.learning.search.clock import (
    GRACE,
    SHORTEST_S,
    SLICE,
    WEIGHED,
    most_variations,
    search_end,
)
from beanft.engine.learning.search.portfolio import TUNED, portfolio
from beanft.engine.tables.columns import Column
from beanft.engine.tables.wording import counted

_LOOK_SHARE, _LOOK_MOST_S = 0.1, 6.0  # of the budget, and seconds, for the checks before the search
_SLOPE = (0.3, 2.0)  # exponents of rows that a time can have; noise gives others
_LINEAR = 1.0
_FARTHEST = 50  # times the rows of a single small fit that its time is carried on to
_FIT_SHARE = 0.75  # of a job's memory, shared among the fits under way and the rest of the program
_MOST_LISTED = 8
_COPIES = {"boosting": 12.0, "lightgbm": 8.0, "extra_trees": 12.0, "random_forest": 12.0}
"""Bytes that a fit takes for each cell of its matrix."""
_COPIES_LINEAR = 40.0
_USUAL = {
    "naive_bayes": 0.15, "discriminant": 0.2, "logistic": 0.3, "linear": 0.2, "ridge": 0.25, "lasso": 0.8,
    "elastic_net": 2.0, "boosting": 1.0, "lightgbm": 0.7, "neighbours": 0.4, "extra_trees": 1.0,
    "random_forest": 1.2, "network": 1.0, "support_vectors": 1.5,
}  # fmt: skip
"""Time of a learner beside that of boosting, as it was on twelve tables: for those that were not timed."""


@dataclass(frozen=True, kw_only=True)
class Size:
    """How large a training will be."""

    n_rows: int
    """Rows that take part."""
    of_rows: int
    """Rows of the table."""
    n_locked: int
    """Rows locked away."""
    folds: int
    """Parts; 1 for one part of 20 %."""
    n_fits: int
    """Fits of one run."""
    n_fit: int
    """Rows of one fit."""
    width: int
    """Columns of the encoded table, at most."""
    shown_width: int
    """Columns of a linear learner's table, at most."""
    n_classes: int
    """Classes of the target, 0 for regression."""
    row_bytes: float
    """Bytes of a row of the table as it is read."""
    base_mb: int
    """Memory of the programs alone."""
    encoding_s: float
    """Seconds for reading and encoding the table."""
    cores: int
    """Fits at the same time."""


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What one run of a learner is likely to cost."""

    key: str
    """Key of the learner."""
    title: str
    """Its name."""
    rows: int
    """Rows of one of its fits."""
    cpu_s: float | None
    """Of one run over all folds, in seconds of one core; None where nothing is known."""
    seconds: float | None
    """The same with the cores at hand."""
    is_guess: bool
    """Whether it was not timed, and its time follows from that of the others."""
    fit_mb: float
    """Of one fit, in MiB."""
    memory_mb: int
    """At its peak, with what all learners share, in MiB."""

    def facts(self) -> dict[str, Any]:
        """Plain values for JSON."""
        seconds = None if self.seconds is None else float(f"{self.seconds:.2g}")
        return {
            "key": self.key,
            "title": self.title,
            "rows": self.rows,
            "seconds": seconds,
            "is_guess": self.is_guess,
            "memory_mb": self.memory_mb,
        }


def cost(
    key: str, task: str, size: Size, rows: Sequence[int], seconds: Sequence[float], size_bytes: Sequence[int]
) -> Cost:
    """Carry the small fits of a learner on to the size of the training.

    Parameters
    ----------
    key : str
        Key of the learner.
    task : str
        classification or regression.
    size : Size
        How large the training will be.
    rows, seconds, size_bytes : sequence
        Rows, seconds and bytes of the model of each small fit, smallest first; empty without any.

    Returns
    -------
    Cost
    """
    limit = LEARNER[key].max_rows
    n_fit = min(size.n_fit, limit) if limit else size.n_fit
    too_small = len(rows) == 1 and n_fit > _FARTHEST * rows[0]  # what it costs anyhow would be multiplied
    one = None if too_small else carried_on(rows, seconds, n_fit)
    model = carried_on(rows, [float(n) for n in size_bytes], n_fit) or 0.0
    fit_mb = _matrix_bytes(key, size, n_fit) / 2**20
    at_once = min(size.cores, size.n_fits)
    made = Cost(
        key=key,
        title=title_of(key, task),
        rows=n_fit,
        cpu_s=None,
        seconds=None,
        is_guess=False,
        fit_mb=fit_mb,
        memory_mb=round(shared_mb(size) + fit_mb * at_once + model * size.n_fits / 2**20),
    )
    return made if one is None else _timed(made, one * size.n_fits, size)


def with_guesses(costs: Sequence[Cost], size: Size) -> list[Cost]:
    """Guess the time of learners that were not timed from those that were.

    Parameters
    ----------
    costs : sequence of Cost
        Timed and not.
    size : Size
        How large the training will be.

    Returns
    -------
    list of Cost
        The same; without time only where none was timed.
    """
    known = [one.cpu_s / _USUAL[one.key] / one.rows for one in costs if one.cpu_s is not None]
    if not known:
        return list(costs)
    unit = float(np.median(known))  # seconds of boosting for a row
    return [
        one
        if one.cpu_s is not None
        else replace(_timed(one, unit * _USUAL[one.key] * one.rows, size), is_guess=True)
        for one in costs
    ]


def _timed(made: Cost, cpu_s: float, size: Size) -> Cost:
    return replace(made, cpu_s=cpu_s, seconds=cpu_s / min(size.cores, size.n_fits))


def carried_on(rows: Sequence[int], values: Sequence[float], n_rows: int) -> float | None:
    """Carry measured values on to more rows, along the line between their logarithms or between themselves.

    The larger of the two: what each fit costs anyhow bends the first one too flat, squares the second one.

    Parameters
    ----------
    rows : sequence of int
        Rows of each measurement, ascending.
    values : sequence of float
        What was measured, each above 0.
    n_rows : int
        Rows wanted.

    Returns
    -------
    float or None
        None where nothing was measured.

    Examples
    --------
    >>> round(carried_on([1_000, 2_000], [1.0, 2.0], 8_000), 6), carried_on([], [], 100)
    (8.0, None)
    """
    if not rows:
        return None
    times = max(1, n_rows) / max(1, rows[-1])
    if len(rows) < 2 or rows[-1] <= rows[-2] or min(values[-2:]) <= 0:
        return float(values[-1] * times**_LINEAR)
    slope = np.log(values[-1] / values[-2]) / np.log(rows[-1] / rows[-2])
    bent = values[-1] * times ** float(np.clip(slope, *_SLOPE))
    straight = values[-1] + (values[-1] - values[-2]) / (rows[-1] - rows[-2]) * (n_rows - rows[-1])
    return float(max(bent, straight))


def shared_mb(size: Size) -> float:
    """Memory of what all learners work on, in MiB.

    Parameters
    ----------
    size : Size
        How large the training will be.

    Returns
    -------
    float
        The programs, the table as it was read, and its encoded matrix with a copy for a fold; and the
        predictions that are kept of every row.
    """
    matrix = 2 * 4 * size.width
    predictions = 4 * max(1, size.n_classes) * 4
    return size.base_mb + size.n_rows * (size.row_bytes + matrix + predictions) / 2**20


def _matrix_bytes(key: str, size: Size, n_fit: int) -> float:
    """Copies that one fit of a learner makes of its rows."""
    if key in _COPIES:
        return _COPIES[key] * size.width * n_fit
    return _COPIES_LINEAR * size.shown_width * n_fit


def expect(
    costs: Sequence[Cost],
    size: Size,
    *,
    task: str,
    own: Mapping[str, Mapping[str, Any]],
    metric: str,
    column: Column,
    plan: Plan,
    columns: Sequence[Column],
    budget_s: float,
    memory_mb: int,
) -> dict[str, Any]:
    """Say what is likely to be done within the budget.

    Parameters
    ----------
    costs : sequence of Cost
        What one run of each learner costs.
    size : Size
        How large the training will be.
    task : str
        classification or regression.
    own : mapping
        Settings that the owner chose.
    metric : str
        Key of the metric that ranks.
    column : Column
        The target.
    plan : Plan
        Columns and roles.
    columns : sequence of Column
        The columns to learn from.
    budget_s : float
        Seconds of the training.
    memory_mb : int
        Memory of the training, in MiB.

    Returns
    -------
    dict
        Plain values, see `pilot.estimate`.
    """
    candidates = portfolio(
        task,
        [BASELINE, *(one.key for one in costs)],
        own,
        metric=metric,
        n_rows=size.n_rows,
        n_classes=size.n_classes,
        skew=column.skewness or 0.0,
        least=column.minimum if isinstance(column.minimum, int | float) else -1.0,
    )
    order = [one.learner for one in candidates if one.learner != BASELINE]
    costs = with_guesses(costs, size)
    n_runs, reached = _runs(order, {one.key: one for one in costs}, size, budget_s, own)
    missed = [one for one in costs if one.key not in reached]
    peak = max([one.memory_mb for one in costs], default=round(shared_mb(size)))
    return {
        "sentence": _sentence(n_runs, len(costs), missed, costs, budget_s),
        "n_runs": n_runs,
        "n_missed": len(missed),
        "rows": size.n_rows,
        "of_rows": size.of_rows,
        "locked": size.n_locked,
        "folds": size.folds,
        "width": size.width,
        "memory_mb": peak,
        "learners": [one.facts() for one in costs],
        "warnings": _warnings(costs, size, plan, columns, peak, memory_mb),
    }


def _runs(
    order: Sequence[str], costs: Mapping[str, Cost], size: Size, budget_s: float, own: Mapping[str, Any]
) -> tuple[int, set[str]]:
    """Go through the candidates as the search does: runs that end in time, and the learners among them."""
    clock = min(_LOOK_SHARE * budget_s, _LOOK_MOST_S) + size.encoding_s
    end, n_runs, reached = _end(costs, budget_s), 0, set[str]()
    for key in order:
        if clock >= end:
            break
        took, is_done = _takes(costs[key], end - clock, size.cores)
        clock += took
        n_runs += is_done
        if is_done:
            reached.add(key)
    tuned = [costs[key] for key in TUNED if key in reached and key not in own]
    for i in range(most_variations(budget_s) if tuned else 0):
        if clock >= end:
            break
        clock += _takes(tuned[i % len(tuned)], end - clock, size.cores)[0]
        n_runs += 1
    return n_runs, reached


def _end(costs: Mapping[str, Cost], budget_s: float) -> float:
    """Seconds at which the search ends, so that the rest finds its time."""
    seconds = sorted(one.seconds for one in costs.values() if one.seconds is not None)
    return search_end(budget_s, sum(seconds[-WEIGHED:]))


def _takes(cost: Cost, left: float, cores: int) -> tuple[float, bool]:
    """Seconds that a run takes of what is left, and whether it is done; what grows step by step always is."""
    share = max(SHORTEST_S, SLICE * left)
    if cost.cpu_s is None or cost.seconds is None:
        return share / cores, False
    if cost.seconds <= share or cost.key in TUNED:
        return min(cost.cpu_s / cores, share), True
    longest = share * GRACE[0] + GRACE[1]
    return min(longest, cost.seconds), cost.seconds <= longest


def _sentence(
    n_runs: int, n_learners: int, missed: Sequence[Cost], costs: Sequence[Cost], budget_s: float
) -> str:
    time = duration(budget_s)
    if not n_runs:
        least = min([one.seconds for one in costs if one.seconds is not None], default=None)
        remedy = f" Give at least {duration(max(2 * budget_s, 3 * least))}." if least else ""
        return f"In {time} no learner is likely to be done, only the baseline.{remedy}"
    likely = f"In {time} about {counted(n_runs, 'run')} {'is' if n_runs == 1 else 'are'} likely"
    if missed:
        names = ", ".join(one.title for one in missed[:_MOST_LISTED])
        more = f" and {len(missed) - _MOST_LISTED} more" if len(missed) > _MOST_LISTED else ""
        return f"{likely}, without {names}{more}: there is no time for them."
    if n_runs <= n_learners:
        return f"{likely}: every learner once."
    return f"{likely}: every learner once, and {n_runs - n_learners:,} more with other settings."


def duration(seconds: float) -> str:
    """Write a time in words, rounded up to something easy to read.

    Parameters
    ----------
    seconds : float
        0 or more.

    Returns
    -------
    str
        Seconds, minutes or hours.

    Examples
    --------
    >>> duration(30), duration(120), duration(400), duration(9000)
    ('30 seconds', '2 minutes', '7 minutes', '2.5 hours')
    """
    if seconds < 90:
        return counted(max(1, int(np.ceil(seconds))), "second")
    if seconds < 5_400:
        return counted(int(np.ceil(seconds / 60)), "minute")
    return f"{seconds / 3_600:.2g} hours"


def _warnings(
    costs: Sequence[Cost],
    size: Size,
    plan: Plan,
    columns: Sequence[Column],
    peak: int,
    memory_mb: int,
) -> list[str]:
    said = []
    room = memory_mb * _FIT_SHARE / (size.cores + 1)
    too_large = [one for one in costs if one.fit_mb > room]
    if too_large:
        names = ", ".join(f"{one.title} ({one.fit_mb:,.0f} MB)" for one in too_large)
        said.append(f"One fit may use {room:,.0f} MB, so these will be left out: {names}.")
    peak = max([one.memory_mb for one in costs if one not in too_large], default=peak)
    if peak > memory_mb:
        said.append(
            f"This will not fit into {memory_mb:,} MB: about {peak:,} MB are needed. "
            "Choose fewer columns, or leave out the learners that need most."
        )
    if size.n_rows < size.of_rows:
        said.append(f"Learning will use {size.n_rows:,} of {size.of_rows:,} rows.")
    said += _condensed(plan, {one.name: one for one in columns})
    for one in costs:
        if one.rows < size.n_fit:
            said.append(f"{one.title} will use {one.rows:,} of {size.n_fit:,} rows in each fit.")
    untimed = [one.title for one in costs if one.seconds is None or one.is_guess]
    if untimed:
        said.append(f"Not timed here, only guessed from the others: {', '.join(untimed)}.")
    said += plan.notes
    hidden = len(said) - 2 * _MOST_LISTED
    return said if hidden <= 0 else [*said[: 2 * _MOST_LISTED], f"And {hidden:,} more like these."]


def _condensed(plan: Plan, columns: Mapping[str, Column]) -> list[str]:
    """Columns of many values, and what becomes of them."""
    said = []
    for feature in plan.features:
        n = columns[feature.name].n_distinct
        if feature.role == "text":
            said.append(
                f"Text column “{feature.name}” has {n:,} different values: "
                f"it becomes {counted(feature.n_parts, 'number')}."
            )
        elif feature.role == "target":
            said.append(
                f"“{feature.name}” has {n:,} different values: each becomes what the target is like in its "
                f"rows, {counted(feature.n_parts, 'number')} in all."
            )
    return said
