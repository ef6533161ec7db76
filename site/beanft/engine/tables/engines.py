"""Engines kept for the next question: a few, and only for seconds, so that what they hold is given back."""

import atexit
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

import duckdb

Key = TypeVar("Key")


class Engines(Generic[Key]):
    """A bounded store of open engines, by what they may touch.

    Making one takes some 20 ms, most of the time of a page of rows. One that is in use is never closed; one
    that is idle is closed after some seconds, which gives back its memory and the disk of deleted files.
    """

    def __init__(
        self, make: Callable[[Key], duckdb.DuckDBPyConnection], *, most_idle: int, idle_s: float
    ) -> None:
        self._make = make
        self._most_idle = most_idle
        self._idle_s = idle_s
        self._lock = threading.Lock()
        self._held: dict[Key, _Held] = {}  # the one used longest ago first
        self._timer: threading.Timer | None = None
        atexit.register(self._end)

    @contextmanager
    def cursor(self, key: Key) -> Iterator[duckdb.DuckDBPyConnection]:
        """Lend a connection of its own to the engine of `key`, made when it is missing."""
        with self._lock:
            held = self._held.pop(key, None) or _Held(self._make(key))
            self._held[key] = held
            held.n_users += 1
            cursor = held.engine.cursor()
        try:
            yield cursor
        finally:
            cursor.close()
            with self._lock:
                held.n_users -= 1
                held.idle_since = time.monotonic()
                if held.forgotten and not held.n_users:
                    held.engine.close()
                self._close_some()

    def forget(self, key: Key) -> None:
        """Let nobody have this engine any more; it is closed when its last user is done."""
        with self._lock:
            held = self._held.pop(key, None)
            if held is not None:
                held.forgotten = True
                if not held.n_users:
                    held.engine.close()

    def close_idle(self) -> None:
        """Close every engine that nobody uses."""
        with self._lock:
            self._close_some(idle_s=0.0)

    @property
    def n_open(self) -> int:
        """How many engines there are."""
        return len(self._held)

    def _close_some(self, idle_s: float | None = None) -> None:
        """Close what is idle for too long, or is one too many; look again later while some are left."""
        limit = time.monotonic() - (self._idle_s if idle_s is None else idle_s)
        idle = [(key, held) for key, held in self._held.items() if not held.n_users]
        for place, (key, held) in enumerate(reversed(idle)):
            if held.idle_since <= limit or place >= self._most_idle:
                del self._held[key]
                held.engine.close()
        waiting = [held.idle_since for held in self._held.values() if not held.n_users]
        if waiting and self._timer is None:
            self._timer = threading.Timer(max(0.01, min(waiting) - limit), self._wake)
            self._timer.daemon = True
            self._timer.start()

    def _end(self) -> None:
        """Close what is left in good order; a thread that waits would keep the engine's library alive."""
        timer = self._timer
        if timer is not None:
            timer.cancel()
            timer.join()
        self.close_idle()

    def _wake(self) -> None:
        with self._lock:
            self._timer = None
            self._close_some()


class _Held:
    """An engine and who uses it."""

    def __init__(self, engine: duckdb.DuckDBPyConnection) -> None:
        self.engine = engine
        self.n_users = 0
        self.idle_since = 0.0
        self.forgotten = False
