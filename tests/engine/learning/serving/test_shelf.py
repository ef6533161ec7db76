"""What is kept in memory: within its bytes, made once, and made again when it changed."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from beanft.engine.learning.serving.shelf import Shelf


def made(value, size=10):
    return lambda: (value, size)


def test_what_is_kept_is_not_made_again():
    shelf = Shelf(100)
    assert shelf.get("a", 1, made("first")) == "first"
    assert shelf.get("a", 1, made("second")) == "first"
    assert shelf.get("a", 2, made("third")) == "third"
    assert shelf.size == 10


def test_what_was_not_used_longest_goes_first():
    shelf = Shelf(30)
    for name in "abc":
        shelf.get(name, 0, made(name))
    shelf.get("a", 0, made("again"))
    shelf.get("d", 0, made("d"))
    assert shelf.size == 30
    assert [shelf.get(name, 0, made("again")) for name in "acd"] == ["a", "c", "d"]
    assert shelf.get("b", 0, made("again")) == "again"


def test_the_newest_stays_also_where_it_is_too_large():
    shelf = Shelf(30)
    shelf.get("a", 0, made("a"))
    shelf.get("large", 0, made("large", 99))
    assert shelf.size == 99
    assert shelf.get("large", 0, made("again")) == "large"
    shelf.get("b", 0, made("b"))
    assert shelf.size == 10


def test_a_smaller_limit_makes_room_at_once_and_nothing_is_kept_when_cleared():
    shelf = Shelf(100)
    for name in "abc":
        shelf.get(name, 0, made(name))
    shelf.resize(20)
    assert shelf.size == 20
    shelf.clear()
    assert shelf.size == 0


def test_what_cannot_be_made_is_not_kept_and_may_be_asked_again():
    shelf = Shelf(100)
    with pytest.raises(ZeroDivisionError):
        shelf.get("a", 0, lambda: (1 // 0, 1))
    assert shelf.get("a", 0, made("a")) == "a"


def test_threads_that_ask_at_once_wait_for_the_one_that_makes_it():
    shelf, begin, calls = Shelf(100), threading.Barrier(6), []

    def make():
        calls.append(1)
        threading.Event().wait(0.02)  # the others ask meanwhile
        return object(), 1

    def ask(_):
        begin.wait()
        return shelf.get("a", 0, make)

    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(ask, range(6)))
    assert len(calls) == 1
    assert len(set(map(id, found))) == 1


def test_nothing_stays_of_keys_that_went():
    shelf = Shelf(10)
    for key in range(50):
        shelf.get(key, 0, made("a"))
    with pytest.raises(ZeroDivisionError):
        shelf.get("b", 0, lambda: (1 // 0, 1))
    assert len(shelf._doors) == 0
