"""Fits what was chosen once more on more rows: the settings stay, and nothing is scored."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from beanft.engine.errors import EngineError
from beanft.engine.learning.cutting import cut_again, is_checked, rounds_again
from beanft.engine.learning.search.bag import Bag, Fold
from beanft.engine.learning.search.fitting import Fitted, Terms, fit_fold
from beanft.engine.learning.search.material import Material, Parts

if TYPE_CHECKING:
    from beanft.engine.learning.search.search import Search

_WAIT_S = 0.2
_LATE = 0.04  # of the budget, by which the end may be late for a model that knows all rows

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Refit:
    """A run that is fitted again."""

    learner: str
    """Key of its learner."""
    settings: Mapping[str, Any]
    """Values of its settings."""
    weight: float
    """Its weight in the model."""
    rounds: int
    """Trees or rounds that it had, the mean over its folds."""
    seconds: float
    """Time that its folds took together."""


def expected_s(
    wanted: Sequence[Refit], more: float, *, n_before: int, n_after: int, n_processes: int
) -> float:
    """Estimate how long the fits take.

    Parameters
    ----------
    wanted : sequence of Refit
        What is fitted again.
    more : float
        Rows now for each row that a fold learned from before.
    n_before, n_after : int
        Folds before, and now.
    n_processes : int
        Fits at the same time.

    Returns
    -------
    float
        Seconds.

    Examples
    --------
    >>> run = Refit(learner="ridge", settings={}, weight=1.0, rounds=0, seconds=4.0)
    >>> expected_s([run], 1.5, n_before=4, n_after=4, n_processes=2)
    3.0
    """
    each = [one.seconds / n_before * more for one in wanted]
    return max(max(each), sum(each) * n_after / n_processes)


def refit(
    search: "Search", wanted: Sequence[Refit], rows: np.ndarray, *, say: Callable[[], None]
) -> Bag | None:
    """Fit runs again.

    Parameters
    ----------
    search : Search
        Ended; gives the question, the crew and the clock.
    wanted : sequence of Refit
        What is fitted, with weights that add up to 1.
    rows : array of shape (n_rows,)
        Positions in the question of the rows to learn from.
    say : callable
        Called when it begins, because the time suffices.

    Returns
    -------
    Bag or None
        None when the time left does not suffice, or a fit failed: the model of the folds stays then.
    """
    question, crew, clock = search.question, search.crew, search.clock
    checked = is_checked(len(rows), growing=question.folds.growing)
    parts = _parts(search, rows)
    before = question.folds.parts
    expected = expected_s(
        wanted,
        len(parts[0][0]) / float(np.mean([len(train) for train, _ in before])),
        n_before=len(before),
        n_after=len(parts),
        n_processes=crew.n,
    )
    if expected > clock.left + _LATE * clock.budget_s:
        return None
    say()
    X, y = question.X.iloc[rows].reset_index(drop=True), question.y[rows]
    material = Material(X, y, question.plan, parts, n_classes=len(question.labels), seed=question.seed)
    try:
        material.encode(crew, limit_s=max(1.0, clock.left))
        fitted = _fit_all(search, material, wanted, checked=checked)
    except Exception as error:  # whatever it is, the model that was judged stands
        _log.warning("no model of all rows: %r", error)
        crew.dismiss()
        return None
    folds = tuple(
        Fold(
            encoder=material.encoders[i],
            members=tuple((one.weight, fitted[place, i].member) for place, one in enumerate(wanted)),
        )
        for i in range(len(material.parts))
    )
    return Bag(coder=material.coder, layout=material.layout, folds=folds)


def _parts(search: "Search", rows: np.ndarray) -> Parts:
    question = search.question
    return cut_again(
        question.y[rows],
        None if question.order is None else question.order.at(rows),
        classes=question.task == "classification",
        seed=question.seed,
        n_folds=question.folds.n_folds,
        growing=question.folds.growing,
    )


def _fit_all(
    search: "Search", material: Material, wanted: Sequence[Refit], *, checked: bool
) -> dict[tuple[int, int], Fitted]:
    question, crew, clock = search.question, search.crew, search.clock
    terms = Terms(
        task=question.task,
        n_classes=len(question.labels),
        n_native=material.n_native,
        n_days=material.n_days,
        balanced=search.asked.choices.class_weights == "balanced",
        n_folds=len(material.parts),
        joint=search.is_joint,
    )
    waiting = [(place, i) for place in range(len(wanted)) for i in range(len(material.parts))]
    made: dict[tuple[int, int], Fitted] = {}
    while waiting or not crew.is_idle:
        while waiting and crew.is_free:
            place, i = waiting.pop(0)
            one = wanted[place]
            rounds = rounds_again(one.learner, one.rounds, checked=checked, joint=search.is_joint)
            work = partial(_fit, material, one, terms, i, question.seed + i, clock.left, rounds)
            crew.begin((place, i), work, limit_s=clock.left + 1.0)
        for done in crew.ended(_WAIT_S):
            if done.error is not None:
                raise done.error
            made[done.key] = done.result
    return made


def _fit(
    material: Material, one: Refit, terms: Terms, i: int, seed: int, slice_s: float, rounds: int | None
) -> Fitted:
    fitted = fit_fold(
        one.learner, one.settings, terms, material.rows(i), seed=seed, slice_s=slice_s, rounds=rounds
    )
    if fitted.was_cut:
        raise EngineError("The time ended before it was done.")
    return fitted


def rounds_in(bag: Bag) -> list[list[int]]:
    """Read how many trees or rounds the learners of a model have, so that it can be fitted once more.

    Parameters
    ----------
    bag : Bag
        The model.

    Returns
    -------
    list of list of int
        For each fold, of each learner in it; 0 where it has none.
    """
    return [[member.made.rounds if member.made else 0 for _, member in fold.members] for fold in bag.folds]
