"""Turns: so many at once, a few who wait, and the rest refused at once."""

import threading
from contextlib import ExitStack

import pytest

from beanft.engine.errors import BusyError
from beanft.engine.turns import Turns


def test_who_finds_all_places_taken_and_nobody_may_wait_is_refused_at_once() -> None:
    turns = Turns(at_once=2, waiting=0, wait_s=60.0, sentence="Busy.")
    with ExitStack() as stack:
        stack.enter_context(turns.taken())
        stack.enter_context(turns.taken())
        with pytest.raises(BusyError, match=r"Busy\."):
            stack.enter_context(turns.taken())
    with turns.taken():
        pass  # the places are free again


def test_one_who_waits_gets_the_place_that_becomes_free() -> None:
    turns = Turns(at_once=1, waiting=1, wait_s=60.0, sentence="Busy.")
    first, done = ExitStack(), threading.Event()
    first.enter_context(turns.taken())

    def wait() -> None:
        with turns.taken():
            done.set()

    thread = threading.Thread(target=wait)
    thread.start()
    first.close()
    assert done.wait(60)
    thread.join()


def test_a_wait_ends() -> None:
    turns = Turns(at_once=1, waiting=1, wait_s=0.01, sentence="Busy.")
    with turns.taken(), pytest.raises(BusyError), turns.taken():
        pass


def test_one_key_leaves_places_to_others() -> None:
    turns = Turns(at_once=2, waiting=1, wait_s=0.01, sentence="Busy.", each=1)
    with turns.taken("alice"):
        with pytest.raises(BusyError), turns.taken("alice"):
            pass
        with turns.taken("bob"), pytest.raises(BusyError), turns.taken("carol"):
            pass
    with turns.taken("alice"):
        pass  # her place is free again


def test_one_key_waits_for_one_place_at_most_and_gets_it() -> None:
    turns = Turns(at_once=2, waiting=1, wait_s=60.0, sentence="Busy.", each=1)
    first, begun, done = ExitStack(), threading.Event(), threading.Event()
    first.enter_context(turns.taken("alice"))

    def wait() -> None:
        begun.set()
        with turns.taken("alice"):
            done.set()

    thread = threading.Thread(target=wait)
    thread.start()
    assert begun.wait(60)
    with turns.taken("bob"):
        assert not done.is_set()
    first.close()
    assert done.wait(60)
    thread.join()


def test_keys_that_left_are_forgotten() -> None:
    turns = Turns(at_once=1, waiting=1, wait_s=0.01, sentence="Busy.", each=1)
    for key in range(9):
        with turns.taken(key), pytest.raises(BusyError), turns.taken("late"):
            pass
    assert not turns._here
    assert not turns._working
