"""Processes that fit: their results, their failures, their end."""

import os
import signal
import time

import numpy as np
import pytest

from beanft.engine.errors import EngineError
from beanft.engine.learning.search.crew import Crew, LostError, OutOfTimeError
from beanft.engine.learning.search.stopping import is_over


@pytest.fixture
def crew(tmp_path):
    made = Crew(2, tmp_path)
    yield made
    made.dismiss()
    assert not list(tmp_path.iterdir())


def ended(crew):
    found = []
    while not crew.is_idle:
        found += crew.ended(5.0)
    return {done.key: done for done in found}


def test_results_come_back_whole(crew):
    crew.begin("a", lambda: np.arange(5), limit_s=60)
    crew.begin("b", lambda: {"x": os.getpid()}, limit_s=60)
    assert not crew.is_free
    found = ended(crew)
    assert found["a"].result.tolist() == [0, 1, 2, 3, 4]
    assert found["b"].result["x"] != os.getpid()
    assert found["a"].error is None
    assert found["a"].memory_mb > 0


def raising(error):
    def work():
        raise error

    return work


@pytest.mark.parametrize("error", [EngineError("No rows."), MemoryError()])
def test_what_can_be_said_comes_back_as_it_is(crew, error):
    crew.begin("a", raising(error), limit_s=60)
    found = ended(crew)["a"]
    assert type(found.error) is type(error)
    assert str(found.error) == str(error)


def test_errors_of_libraries_come_back_as_words(crew):
    crew.begin("a", raising(ValueError("shapes differ")), limit_s=60)
    assert "shapes differ" in repr(ended(crew)["a"].error)


def grow():
    n = 0
    while not is_over(float("inf")):
        n += 1
        time.sleep(0.01)
    return n


def test_what_grows_stops_with_what_it_has_when_the_end_is_brought_forward(crew):
    crew.end_within(3600)
    crew.begin("a", grow, limit_s=60)
    assert crew.ended(0.3) == []
    crew.end_within(0.1)
    assert ended(crew)["a"].result > 5
    crew.begin("b", grow, limit_s=60)  # one that begins after the end stops at once
    assert ended(crew)["b"].result == 0


def test_one_that_does_not_end_is_ended(crew):
    crew.begin("a", lambda: time.sleep(600), limit_s=0.2)
    assert isinstance(ended(crew)["a"].error, OutOfTimeError)


def test_one_that_is_killed_is_told_so(crew):
    crew.begin("a", lambda: os.kill(os.getpid(), signal.SIGKILL), limit_s=60)
    assert isinstance(ended(crew)["a"].error, LostError)


def test_all_are_dismissed_at_once(crew):
    crew.begin("a", lambda: time.sleep(600), limit_s=600)
    crew.dismiss()
    assert crew.is_idle
