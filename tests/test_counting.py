"""Counters of requests: they end with their window, are shared by processes, and take a fixed room."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest
import time_machine
from flask import Flask

from beanft import counting
from beanft.counting import Counting

_ROOT = Path(__file__).resolve().parents[1]
_COUNT = """
import sys
from beanft.counting import Counting
requests = Counting(sys.argv[1])
for _ in range(500):
    requests.incr("alice", 3600)
"""


@pytest.fixture
def uri(tmp_path: Path) -> str:
    return f"counting://{tmp_path / 'limits'}"


@pytest.fixture
def requests(uri: str) -> Counting:
    return Counting(uri)


def test_a_window_begins_with_the_first_request_and_ends_after_its_seconds(requests: Counting) -> None:
    with time_machine.travel(1_000.0, tick=False) as clock:
        assert requests.incr("alice", 60) == 1
        clock.shift(59)
        assert requests.incr("alice", 60) == 2
        assert requests.get("alice") == 2
        assert requests.get_expiry("alice") == 1_060.0
        clock.shift(1)
        assert requests.get("alice") == 0
        assert requests.incr("alice", 60) == 1


def test_counters_whose_window_has_ended_make_room(
    requests: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "_BUCKETS", 1)  # all stand in the same eight slots
    with time_machine.travel(1_000.0, tick=False) as clock:
        for n in range(8):
            requests.incr(f"visitor {n}", 60 + n)
        assert [requests.get(f"visitor {n}") for n in range(8)] == [1] * 8
        requests.incr("alice", 3_600)  # in the place of the one that ends first
        assert requests.get("visitor 0") == 0
        assert requests.get("visitor 1") == 1
        clock.shift(61)
        requests.incr("bob", 3_600)
        assert (requests.get("alice"), requests.get("bob")) == (1, 1)
        requests.clear("nobody")
        assert requests.reset() == 8
    assert requests.get("alice") == 0


def test_requests_of_many_threads_and_processes_are_all_counted(requests: Counting, uri: str) -> None:
    def ask() -> None:
        for _ in range(500):
            requests.incr("alice", 3_600)

    command = [sys.executable, "-c", _COUNT, uri]
    others = [subprocess.Popen(command, env={"PYTHONPATH": str(_ROOT / "site")}) for _ in range(2)]
    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [other.wait(60) for other in others] == [0, 0]
    assert requests.get("alice") == 3_000
    requests.clear("alice")
    assert requests.get("alice") == 0


def test_counters_outlive_their_process_and_are_the_owners_alone(uri: str, tmp_path: Path) -> None:
    Counting(uri).incr("alice", 3_600)
    assert Counting(uri).get("alice") == 1
    assert (tmp_path / "limits").stat().st_mode & 0o777 == 0o600
    assert b"alice" not in (tmp_path / "limits").read_bytes()


def test_the_largest_counts_stay_and_nobody_can_aim_at_them(
    requests: Counting, uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "_BUCKETS", 1)
    requests.incr("alice", 60, amount=9)
    for n in range(100):
        requests.incr(f"visitor {n}", 3_600)
    assert requests.get("alice") == 9
    marks = {Counting(uri, secret=secret)._mark_of("alice") for secret in ("", "0a" * 32, "0b" * 32)}
    assert len(marks) == 3


def test_a_clock_that_was_wrong_shuts_nobody_out(requests: Counting) -> None:
    with time_machine.travel(90_000_000.0, tick=False):
        requests.incr("alice", 60, amount=9)
    with time_machine.travel(1_000.0, tick=False):
        assert requests.incr("alice", 60) == 1


def test_without_a_file_each_process_counts_for_itself(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = Counting(f"counting://{tmp_path}")  # a folder cannot be written to
    assert [alone.incr("alice", 60) for _ in range(2)] == [1, 2]
    assert "requests are counted for each process alone" in caplog.text

    def full(*_values: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(counting.os, "posix_fallocate", full)
    before = len(list(Path("/proc/self/fd").iterdir()))
    assert Counting(f"counting://{tmp_path / 'limits'}").incr("alice", 60) == 1
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_the_site_counts_with_it_and_starts_no_thread_for_a_request(app: Flask) -> None:
    storages = [one.storage for one in app.extensions["limiter"]]
    assert all(isinstance(storage, Counting) and len(storage._secret) == 32 for storage in storages)
