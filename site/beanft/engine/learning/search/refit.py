"""Fits what was chosen once more on more rows: the settings stay, and nothing is scored."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from beanft.engine.learning.cutting import cut_again, is_checked, rounds_again
from beanft.engine.learning.search.bag import Bag, Fold
from beanft.engine.learning.search.crew import OutOfTimeError
from beanft.engine.learning.search.fitting import Fitted, Terms, fit_fold
from beanft.engine.learning.search.material import Material, Parts

if TYPE_CHECKING:
    from beanft.engine.learning.search.search import Search

_WAIT_S = 0.2
# Folds without which a model of more rows is no better than that of the search. Of boosting, three folds of
# all rows had a lower loss than five of four fifths on all of eight tables, two on those of 15,000 and more.
_FEWEST_FOLDS, _FEWEST_OF_MANY = 3, 2

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
    """Fit runs again, fold after fold.

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
        As many folds, from the first on, as the time left suffices for. None when these are too few, or a fit
        failed: the model of the folds stays then.
    """
    question, crew = search.question, search.crew
    parts = _parts(search, rows)
    fewest = min(len(parts), _FEWEST_FOLDS if search.is_joint else _FEWEST_OF_MANY)
    if _expected_s(search, wanted, parts) * fewest / len(parts) > search.clock.left:
        return None
    say()
    X, y = question.X.iloc[rows].reset_index(drop=True), question.y[rows]
    material = Material(X, y, question.plan, parts, n_classes=len(question.labels), seed=question.seed)
    try:
        material.encode(crew, limit_s=max(1.0, search.clock.left))
        checked = is_checked(len(rows), growing=question.folds.growing)
        whole = whole_folds(_fit_all(search, material, wanted, checked=checked), len(wanted))
    except Exception as error:  # whatever it is, the model that was judged stands
        _log.warning("no model of all rows: %r", error)
        crew.dismiss()
        return None
    if len(whole) < fewest:
        _log.warning("no model of all rows: time ended after %d of %d folds", len(whole), len(parts))
        return None
    return _bag(material, [one.weight for one in wanted], whole)


def whole_folds(fitted: Mapping[tuple[int, int], Fitted], n_wanted: int) -> list[list[Fitted]]:
    """Give the folds in which every run was fitted, from the first on until one is missing.

    Parameters
    ----------
    fitted : mapping
        What was fitted, by the place of its run and the number of its fold.
    n_wanted : int
        Runs.

    Returns
    -------
    list of list of Fitted
        For each fold its runs, in their order.
    """
    whole: list[list[Fitted]] = []
    while all((place, len(whole)) in fitted for place in range(n_wanted)):
        whole.append([fitted[place, len(whole)] for place in range(n_wanted)])
    return whole


def _expected_s(search: "Search", wanted: Sequence[Refit], parts: Parts) -> float:
    before = search.question.folds.parts
    more = len(parts[0][0]) / float(np.mean([len(train) for train, _ in before]))
    return expected_s(wanted, more, n_before=len(before), n_after=len(parts), n_processes=search.crew.n)


def _bag(material: Material, weights: Sequence[float], fitted: Sequence[Sequence[Fitted]]) -> Bag:
    folds = tuple(
        Fold(
            encoder=material.encoders[i],
            members=tuple((weight, one.member) for weight, one in zip(weights, made, strict=True)),
        )
        for i, made in enumerate(fitted)
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
    question, crew = search.question, search.crew
    terms = Terms(
        task=question.task,
        n_classes=len(question.labels),
        n_native=material.n_native,
        n_days=material.n_days,
        balanced=search.asked.choices.class_weights == "balanced",
        n_folds=len(material.parts),
        joint=search.is_joint,
    )
    waiting = [(place, i) for i in range(len(material.parts)) for place in range(len(wanted))]
    made: dict[tuple[int, int], Fitted] = {}
    while waiting or not crew.is_idle:
        while waiting and crew.is_free:
            place, i = waiting.pop(0)
            one = wanted[place]
            rounds = rounds_again(one.learner, one.rounds, checked=checked, joint=search.is_joint)
            work = partial(_fit, material, one, terms, i, question.seed + i, search.clock.left, rounds)
            crew.begin((place, i), work, limit_s=search.clock.left + 1.0)
        for done in crew.ended(_WAIT_S):
            if isinstance(done.error, OutOfTimeError) or (done.error is None and done.result.was_cut):
                waiting.clear()  # what is whole by now stays
            elif done.error is not None:
                raise done.error
            else:
                made[done.key] = done.result
    return made


def _fit(
    material: Material, one: Refit, terms: Terms, i: int, seed: int, slice_s: float, rounds: int | None
) -> Fitted:
    return fit_fold(
        one.learner, one.settings, terms, material.rows(i), seed=seed, slice_s=slice_s, rounds=rounds
    )


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
