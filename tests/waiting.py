"""Waiting for what comes about in another process or thread: with a deadline, never for a fixed time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
_PAUSE_S = 0.05


def wait_for(what: Callable[[], T], *, within_s: float = 40.0) -> T:
    """Ask again and again until the answer is true; fail at the deadline."""
    deadline = time.monotonic() + within_s
    while not (answer := what()):
        assert time.monotonic() < deadline, f"not within {within_s} s"
        time.sleep(_PAUSE_S)
    return answer
