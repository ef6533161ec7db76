"""Fits that are made again: in their time, and kept where they have about as many trees as before."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from beanft.engine.learning.search.crew import Done, OutOfTimeError
from beanft.engine.learning.search.refit import Again, Allowance, Refit

SLOW = Refit(learner="lightgbm", settings={}, weight=0.5, rounds=100, seconds=20.0)
QUICK = Refit(learner="ridge", settings={}, weight=0.5, rounds=0, seconds=1.0)


def again(left_s: float = 60.0, spare_s: float = 0.0, *, growing: bool = False) -> Again:
    question = SimpleNamespace(folds=SimpleNamespace(growing=growing))
    search: Any = SimpleNamespace(clock=SimpleNamespace(left=left_s), question=question, is_joint=False)
    material: Any = SimpleNamespace(parts=range(3), y=np.zeros(10))
    allowance = Allowance(more=1.25, n_before=5, plenty=0.5, spare_s=spare_s)
    return Again(search, [QUICK, SLOW], material, fewest=2, allowance=allowance)


def ended(place: int, i: int, **facts: Any) -> Done:
    result = SimpleNamespace(**({"was_cut": False, "rounds": 100} | facts))
    return Done(key=(place, i), result=result, error=None, memory_mb=1)


def test_the_longest_of_each_fold_comes_first():
    assert [task.key for task in again().tasks()] == [(1, 0), (0, 0), (1, 1), (0, 1), (1, 2), (0, 2)]


@pytest.mark.parametrize(
    ("left_s", "spare_s", "wanted"), [(60.0, 0.0, True), (4.9, 0.0, False), (60.0, 55.5, False)]
)
def test_a_fit_that_time_cannot_end_does_not_begin_nor_does_any_after_it(left_s, spare_s, wanted):
    tasks = again(left_s, spare_s).tasks()  # 20 s for five folds, 1.25 times the rows: 5 s
    assert tasks[0].is_wanted() is wanted
    assert tasks[1].is_wanted() is wanted


@pytest.mark.parametrize(
    ("rounds", "growing", "kept"),
    [(96, False, True), (94, False, False), (104, True, False), (105, True, True)],
)
def test_one_that_was_cut_counts_where_it_has_about_as_many_trees_as_it_should(rounds, growing, kept):
    found = again(growing=growing)  # where nothing can be checked a tenth more trees are asked for
    found.tasks()[0].take(ended(1, 0, was_cut=True, rounds=rounds))
    assert found.tasks()[1].is_wanted() is kept


@pytest.mark.parametrize(("plenty", "trees", "seconds"), [(0.5, 111, 7.5), (3.0, 300, 15.0)])
def test_trees_that_the_search_cut_short_do_not_go_on_without_an_end(plenty, trees, seconds):
    allowance = Allowance(more=1.25, n_before=5, plenty=plenty, spare_s=0.0)
    assert allowance.settings(SLOW) == {"trees": trees}
    assert allowance.settings(QUICK) == {}
    assert allowance.of(SLOW) == seconds


@pytest.mark.parametrize("error", [OutOfTimeError(), MemoryError()])
def test_none_stands_where_too_few_are_whole_or_one_failed(error):
    found = again()
    for i in range(1 if isinstance(error, OutOfTimeError) else 2):
        for place in range(2):
            found.tasks()[0].take(ended(place, i))
    found.tasks()[0].take(Done(key=(1, 2), result=None, error=error, memory_mb=0))
    assert found.bag() is None
    assert not found.tasks()[0].is_wanted()
