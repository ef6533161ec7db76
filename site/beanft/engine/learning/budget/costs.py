"""From the times of small fits to what one run of a learner costs in a training: seconds and memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from beanft.engine.learning.learners import LEARNER, title_of

_GROWTH = 1.2  # how the time of a fit grows with its rows at worst, as long as nothing is known
_SLOPE = (0.3, 2.0)  # exponents of rows that a time can have; noise gives others
_LINEAR = 1.0
_FARTHEST = 50  # times the rows of a single small fit that its time is carried on to
_COPIES = {"boosting": 12.0, "lightgbm": 8.0, "extra_trees": 12.0, "random_forest": 12.0}
"""Bytes that a fit takes for each cell of its matrix."""
_COPIES_LINEAR = 40.0
_USUAL = {
    "naive_bayes": 0.15, "discriminant": 0.2, "logistic": 0.3, "linear": 0.2, "ridge": 0.25, "lasso": 0.8,
    "elastic_net": 2.0, "boosting": 1.0, "lightgbm": 0.7, "neighbours": 0.4, "extra_trees": 1.0,
    "random_forest": 1.2, "network": 1.0, "support_vectors": 1.5,
}  # fmt: skip
"""Time of a learner beside that of boosting, as it was on twelve tables: for those that were not timed."""


@dataclass
class Timed:
    """What the fits of one learner took."""

    rows: list[int] = field(default_factory=list)
    """Rows of each fit, ascending."""
    seconds: list[float] = field(default_factory=list)
    """What it took."""
    size_bytes: list[int] = field(default_factory=list)
    """How large its model is."""
    was_cut: bool = False
    """Whether no further fit is to be tried."""

    def note(self, n_rows: int, seconds: float, size_bytes: int = 0) -> None:
        """Keep one measurement; the last list tells that it is whole."""
        self.seconds.append(seconds)
        self.size_bytes.append(size_bytes)
        self.rows.append(n_rows)

    def copy(self) -> "Timed":
        """What is whole, while the thread may still be at work."""
        n = len(self.rows)
        return Timed(self.rows[:n], self.seconds[:n], self.size_bytes[:n])

    def soon(self, n_rows: int) -> float:
        """Seconds that a fit on so many rows may take."""
        if not self.rows:
            return 0.0
        return float(self.seconds[-1] * (n_rows / self.rows[-1]) ** _GROWTH)


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

    @property
    def n_learned(self) -> int:
        """Rows that are not locked away: by them the search chooses what it tries."""
        return self.n_rows - self.n_locked


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


def cost(key: str, task: str, size: Size, timed: Timed) -> Cost:
    """Carry the small fits of a learner on to the size of the training.

    Parameters
    ----------
    key : str
        Key of the learner.
    task : str
        classification or regression.
    size : Size
        How large the training will be.
    timed : Timed
        What its small fits took.

    Returns
    -------
    Cost
    """
    limit = LEARNER[key].max_rows
    n_fit = min(size.n_fit, limit) if limit else size.n_fit
    # one fit alone does not tell what it costs anyhow, and that would be multiplied
    too_small = len(timed.rows) == 1 and n_fit > _FARTHEST * timed.rows[0]
    one = None if too_small else carried_on(timed.rows, timed.seconds, n_fit)
    model = carried_on(timed.rows, [float(n) for n in timed.size_bytes], n_fit) or 0.0
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
    return made if one is None else _with_time(made, one * size.n_fits, size)


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
        else replace(_with_time(one, unit * _USUAL[one.key] * one.rows, size), is_guess=True)
        for one in costs
    ]


def _with_time(made: Cost, cpu_s: float, size: Size) -> Cost:
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
