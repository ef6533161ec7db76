"""A process that is kept alive: started again when it dies, also when that fails once, and stopped once."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from beanft import children
from beanft.children import Child


def test_one_that_dies_is_started_again_after_a_start_that_failed_too(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(children, "_PAUSE_S", 0.01)
    programs = ["raise SystemExit(3)", "", "import sys; sys.stdin.read()"]
    made: list[subprocess.Popen[bytes]] = []
    lost: list[int] = []
    lives = threading.Event()

    def spawn() -> subprocess.Popen[bytes]:
        program = programs.pop(0)
        if not program:
            raise OSError(11, "Resource temporarily unavailable")
        made.append(subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE))
        if not programs:
            lives.set()
        return made[-1]

    child = Child("helper", spawn, lost.append)
    child.start()
    assert lives.wait(60)
    assert lost[0] == made[0].pid
    assert "the helper ended with code 3" in caplog.text
    assert "the helper cannot be started now" in caplog.text
    child.stop()
    assert made[1].poll() is not None
    assert programs == []


def test_one_that_was_never_started_stops_at_once() -> None:
    def spawn() -> subprocess.Popen[bytes]:
        raise AssertionError

    Child("helper", spawn).stop()
