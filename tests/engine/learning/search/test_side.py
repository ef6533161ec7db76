"""Tasks side by side: their order, their results, and those that nobody wants any more."""

from functools import partial
from pathlib import Path

import pytest

from beanft.engine.learning.search.crew import Crew, Done
from beanft.engine.learning.search.side import Task, side_by_side


@pytest.fixture
def crew(tmp_path: Path):
    made = Crew(2, tmp_path)
    yield made
    made.dismiss()


def task(key: str, work, took: list[Done], **more) -> Task:
    return Task(key=key, work=work, limit_s=lambda: 60.0, take=took.append, **more)


def test_each_is_done_once_and_a_failure_stops_no_other(crew: Crew):
    took: list[Done] = []
    works = {"a": partial(int, "1"), "b": partial(int, "no number"), "c": partial(int, "3")}
    side_by_side(crew, [task(key, work, took) for key, work in works.items()])
    assert {done.key: done.result for done in took} == {"a": 1, "b": None, "c": 3}
    assert [done.key for done in took if done.error is not None] == ["b"]
    assert crew.is_idle


def test_one_that_an_earlier_one_made_needless_never_begins(crew: Crew):
    took: list[Done] = []
    tasks = [task(str(i), partial(int, i), took, is_wanted=lambda: len(took) < 2) for i in range(9)]
    side_by_side(crew, tasks)
    assert 2 <= len(took) <= 3  # the third may be under way when the second ends
    assert crew.is_idle


def test_nothing_to_do_is_done_at_once(crew: Crew):
    side_by_side(crew, [])
    assert crew.is_idle
