"""Fits what was chosen once more on more rows: the settings stay, and nothing is scored."""

import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from beanft.engine.learning.cutting import cut_again, is_checked, rounds_again
from beanft.engine.learning.search.bag import Bag, Fold
from beanft.engine.learning.search.crew import Done, OutOfTimeError
from beanft.engine.learning.search.fitting import Fitted, Terms, fit_fold
from beanft.engine.learning.search.material import Material, Parts
from beanft.engine.learning.search.side import Task

if TYPE_CHECKING:
    from beanft.engine.learning.search.search import Search

# Folds without which a model of more rows is no better than that of the search. Of boosting, three folds of
# all rows had a lower loss than five of four fifths on all of eight tables, two on those of 15,000 and more.
_FEWEST_FOLDS, _FEWEST_OF_MANY = 3, 2
_GROWING = ("boosting", "lightgbm")
_MORE, _STRETCH = 1.1, 1.5  # at least: more rows bear more trees, and fits differ in their time
# Of the trees that it is to have: two folds with three quarters of them were worse than five with all.
_ENOUGH = 0.95
_HANDED_S = 2.0  # for a fit that was stopped to predict, and to hand its trees over
_INSTANT_S = 1e-3

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


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """The time for fits that are made again."""

    more: float
    """Rows now for each row that a fold learned from before."""
    n_before: int
    """Folds before."""
    plenty: float
    """How many times all fits could be made in the time that is left."""
    spare_s: float
    """Seconds before the end of the training in which no fit is at work any more."""

    def expected(self, one: Refit) -> float:
        """Seconds that one fold of a run will take."""
        return one.seconds / self.n_before * self.more

    def of(self, one: Refit) -> float:
        """Seconds that one fold of a run may take, for other folds are to have their turn."""
        return max(_STRETCH, self.plenty) * self.expected(one)

    def settings(self, one: Refit) -> dict[str, Any]:
        """Settings of a run; trees that the search had cut short would go on growing, and get a few more."""
        bound = {"trees": math.ceil(max(_MORE, self.plenty) * one.rounds)} if one.learner in _GROWING else {}
        return dict(one.settings) | bound


class Again:
    """Runs that are fitted once more, fold after fold, as long as the time lasts.

    Parameters
    ----------
    search : Search
        Ended; gives the question, the crew and the clock.
    wanted : sequence of Refit
        What is fitted, with weights that add up to 1.
    material : Material
        The rows to learn from, encoded.
    fewest : int
        Folds without which there is no model.
    allowance : Allowance
        Their time.
    """

    def __init__(
        self,
        search: "Search",
        wanted: Sequence[Refit],
        material: Material,
        *,
        fewest: int,
        allowance: Allowance,
    ) -> None:
        self._search, self._wanted, self._material = search, wanted, material
        self._fewest, self._allowance = fewest, allowance
        self._fitted: dict[tuple[int, int], Fitted] = {}
        self._is_over = self._has_failed = False

    def tasks(self) -> list[Task]:
        """Give the fits, those of the first fold first; once they have ended `bag` is asked."""
        longest_first = sorted(range(len(self._wanted)), key=lambda place: -self._wanted[place].seconds)
        return [self._task(place, i) for i in range(len(self._material.parts)) for place in longest_first]

    def bag(self) -> Bag | None:
        """Give the model of the folds that are whole.

        Returns
        -------
        Bag or None
            None where they are too few, or a fit failed: the model of the search's own folds stays then.
        """
        whole = whole_folds(self._fitted, len(self._wanted))
        if self._has_failed:
            return None
        if len(whole) < self._fewest:
            n_folds = len(self._material.parts)
            _log.warning("no model of all rows: time sufficed for %d of %d folds", len(whole), n_folds)
            return None
        return _bag(self._material, [one.weight for one in self._wanted], whole)

    @property
    def _left(self) -> float:
        return max(0.0, self._search.clock.left - self._allowance.spare_s)

    def _task(self, place: int, i: int) -> Task:
        return Task(
            key=(place, i),
            work=partial(self._fit, self._wanted[place], i),
            limit_s=lambda: self._left + _HANDED_S,
            take=self._take,
            is_wanted=partial(self._goes_on, self._wanted[place]),
        )

    def _goes_on(self, one: Refit) -> bool:
        """Whether a fit is begun; after one that would not end in time no fold would be whole."""
        self._is_over = self._is_over or self._left <= self._allowance.expected(one)
        return not self._is_over

    def _rounds(self, one: Refit) -> int | None:
        """Trees or rounds that are asked for; None where each fold finds its own."""
        search = self._search
        checked = is_checked(len(self._material.y), growing=search.question.folds.growing)
        return rounds_again(one.learner, one.rounds, checked=checked, joint=search.is_joint)

    def _fit(self, one: Refit, i: int) -> Fitted:
        search, question = self._search, self._search.question
        rounds = self._rounds(one)
        return fit_fold(
            one.learner,
            one.settings if rounds else self._allowance.settings(one),
            _terms(search, self._material),
            self._material.rows(i),
            seed=question.seed + i,
            slice_s=self._left if rounds else min(self._left, self._allowance.of(one)),
            rounds=rounds,
        )

    def _take(self, done: Done) -> None:
        if isinstance(done.error, OutOfTimeError) or (done.error is None and self._is_short(done)):
            self._is_over = True  # what is whole by now stays
        elif done.error is not None:
            _log.warning("a fit on all rows failed: %r", done.error)
            self._is_over = self._has_failed = True
        else:
            self._fitted[done.key] = done.result

    def _is_short(self, done: Done) -> bool:
        """Whether a fit was cut before it had about as many trees or rounds as it was to have."""
        one = self._wanted[done.key[0]]
        asked = self._rounds(one) or one.rounds
        return bool(done.result.was_cut and done.result.rounds < _ENOUGH * asked)


def begin_again(
    search: "Search",
    wanted: Sequence[Refit],
    rows: np.ndarray,
    *,
    beside_s: float = 0.0,
    spare_s: float = 0.0,
) -> Again | None:
    """Prepare to fit runs again on more rows, if the time suffices.

    Parameters
    ----------
    search : Search
        Ended; gives the question, the crew and the clock.
    wanted : sequence of Refit
        What is fitted, with weights that add up to 1.
    rows : array of shape (n_rows,)
        Positions in the question of the rows to learn from.
    beside_s : float, default 0
        Seconds of one process that other tasks take meanwhile.
    spare_s : float, default 0
        Seconds that are needed afterwards.

    Returns
    -------
    Again or None
        None where the time does not suffice, or the rows could not be encoded.
    """
    question, crew = search.question, search.crew
    parts = _parts(search, rows)
    fewest = min(len(parts), _FEWEST_FOLDS if search.is_joint else _FEWEST_OF_MANY)
    before = question.folds.parts
    more = len(parts[0][0]) / float(np.mean([len(train) for train, _ in before]))
    needed_s = expected_s(wanted, more, n_before=len(before), n_after=len(parts), n_processes=crew.n)
    taken_s = beside_s / crew.n + spare_s
    if needed_s * fewest / len(parts) > search.clock.left - taken_s:
        return None
    X, y = question.X.iloc[rows].reset_index(drop=True), question.y[rows]
    material = Material(X, y, question.plan, parts, n_classes=len(question.labels), seed=question.seed)
    try:
        material.encode(crew, limit_s=max(1.0, search.clock.left))
    except Exception as error:  # whatever it is, the model that was judged stands
        _log.warning("no model of all rows: %r", error)
        return None
    plenty = (search.clock.left - taken_s) / max(needed_s, _INSTANT_S)
    allowance = Allowance(more=more, n_before=len(before), plenty=plenty, spare_s=spare_s)
    return Again(search, wanted, material, fewest=fewest, allowance=allowance)


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


def _terms(search: "Search", material: Material) -> Terms:
    question = search.question
    return Terms(
        task=question.task,
        n_classes=len(question.labels),
        n_native=material.n_native,
        n_days=material.n_days,
        balanced=search.asked.choices.class_weights == "balanced",
        n_folds=len(material.parts),
        joint=search.is_joint,
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
