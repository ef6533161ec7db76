"""Counters of requests: they end with their window, and are not kept for ever."""

from __future__ import annotations

import threading

import time_machine
from flask import Flask

from beanft import counting
from beanft.counting import Counting


def test_a_window_begins_with_the_first_request_and_ends_after_its_seconds() -> None:
    requests = Counting()
    with time_machine.travel(1_000.0, tick=False) as clock:
        assert requests.incr("alice", 60) == 1
        clock.shift(59)
        assert requests.incr("alice", 60) == 2
        assert requests.get_expiry("alice") == 1_060.0
        clock.shift(1)
        assert requests.get("alice") == 0
        assert requests.incr("alice", 60) == 1


def test_counters_whose_window_has_ended_leave_the_memory(monkeypatch) -> None:
    monkeypatch.setattr(counting, "_KEPT", 10)
    requests = Counting()
    with time_machine.travel(1_000.0, tick=False) as clock:
        for n in range(10):
            requests.incr(f"visitor {n}", 60)
        clock.shift(60)
        requests.incr("alice", 60)
        assert requests.reset() == 1
    assert requests.get("alice") == 0


def test_requests_of_many_threads_are_all_counted() -> None:
    requests = Counting()

    def ask() -> None:
        for _ in range(2_000):
            requests.incr("alice", 3_600)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert requests.get("alice") == 8_000
    requests.clear("alice")
    assert requests.get("alice") == 0


def test_the_site_counts_with_it_and_starts_no_thread_for_a_request(app: Flask) -> None:
    assert all(isinstance(one.storage, Counting) for one in app.extensions["limiter"])
