"""Processes that fit: their results, their failures, their end."""

import multiprocessing
import os
import signal
import time
from functools import partial

import numpy as np
import psutil
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


# Tasks that share processes


def known(what):
    if what == "fail":
        raise EngineError("No rows.")
    if what == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "stay":
        time.sleep(600)
    return os.getpid(), what


def said(crew, what, limit_s=60.0):
    crew.begin("a", partial(known, what), limit_s=limit_s)
    return ended(crew)["a"]


def test_tasks_of_a_known_function_share_a_process(crew):
    crew.learn(known)
    (first, one), (second, two) = (said(crew, n).result for n in (1, 2))
    assert (one, two) == (1, 2)
    assert first == second != os.getpid()
    crew.begin("other", os.getpid, limit_s=60)
    assert ended(crew)["other"].result not in (first, os.getpid())


def test_two_at_a_time_have_a_process_each(crew):
    crew.learn(known)
    for _ in range(3):
        for key in "ab":
            crew.begin(key, partial(known, key), limit_s=60)
        found = ended(crew)
        assert {key: found[key].result[1] for key in "ab"} == {"a": "a", "b": "b"}
    processes = {found[key].result[0] for key in "ab"}
    assert {child.pid for child in psutil.Process().children()} >= processes
    crew.forget()
    assert not processes & {child.pid for child in psutil.Process().children()}


def test_a_failure_does_not_end_a_shared_process(crew):
    crew.learn(known)
    first = said(crew, 1).result[0]
    assert str(said(crew, "fail").error) == "No rows."
    assert said(crew, 2).result == (first, 2)


@pytest.mark.parametrize(("what", "error"), [("die", LostError), ("stay", OutOfTimeError)])
def test_after_the_end_of_a_shared_process_there_is_another(crew, what, error):
    crew.learn(known)
    first = said(crew, 1).result[0]
    assert isinstance(said(crew, what, limit_s=1.0 if what == "stay" else 60.0).error, error)
    second = said(crew, 2).result
    assert second[1] == 2
    assert second[0] != first


def test_a_shared_process_that_is_killed_while_it_waits_is_replaced(crew):
    crew.learn(known)
    first = psutil.Process(said(crew, 1).result[0])
    first.kill()
    while first.status() != psutil.STATUS_ZOMBIE:  # the crew itself fetches it
        time.sleep(0.01)
    assert said(crew, 2).result[1] == 2


def test_shared_processes_stop_when_the_end_is_brought_forward(crew):
    def growing(_):
        return grow()

    crew.learn(growing)
    crew.end_within(3600)
    crew.begin("a", partial(growing, 0), limit_s=60)
    assert crew.ended(0.3) == []
    crew.end_within(0.1)
    assert ended(crew)["a"].result > 5
    crew.begin("a", partial(growing, 0), limit_s=60)
    assert ended(crew)["a"].result == 0


def test_shared_processes_end_with_their_parent(tmp_path):
    """Also where the parent is killed, and each of the processes holds what those before it listen to."""
    door, inside = multiprocessing.get_context("fork").Pipe()

    def parent():
        crew = Crew(2, tmp_path)
        crew.learn(known)
        for key in "ab":
            crew.begin(key, partial(known, key), limit_s=60)
        inside.send([done.result[0] for done in ended(crew).values()])
        time.sleep(600)

    process = multiprocessing.get_context("fork").Process(target=parent)
    process.start()
    found = [psutil.Process(pid) for pid in door.recv()]
    assert len(found) == 2
    process.kill()
    process.join()
    assert psutil.wait_procs(found, timeout=30)[1] == []
