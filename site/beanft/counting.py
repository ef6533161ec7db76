"""Counts requests for the limits on them, in the memory of this process."""

import threading
import time

from limits.storage import Storage

_KEPT = 10_000  # counters after which those whose window has ended are looked for


class Counting(Storage):
    """Counters that end with their window.

    The storage of `limits` itself starts a thread for each request to find what has ended, and that request
    waits for the thread to get its turn: under load that took longer than all else about limits.

    Examples
    --------
    >>> counting = Counting()
    >>> counting.incr("alice", 60), counting.incr("alice", 60), counting.get("bob")
    (1, 2, 0)
    """

    STORAGE_SCHEME = ["counting"]

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **options: str) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions, **options)
        self._lock = threading.Lock()
        self._counters: dict[str, tuple[int, float]] = {}  # how many, and until when
        self._room = _KEPT

    @property
    def base_exceptions(self) -> type[Exception]:
        """What a storage elsewhere would raise; here nothing can fail."""
        return OSError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count, in a window of `expiry` seconds that begins with the first; return the sum."""
        now = time.time()
        with self._lock:
            n, end = self._counters.get(key, (0, 0.0))
            if end <= now:
                n, end = 0, now + expiry
            self._counters[key] = (n + amount, end)
            if len(self._counters) > self._room:
                self._counters = {one: kept for one, kept in self._counters.items() if kept[1] > now}
                self._room = max(_KEPT, 2 * len(self._counters))
        return n + amount

    def get(self, key: str) -> int:
        """The sum of the window at hand."""
        n, end = self._counters.get(key, (0, 0.0))
        return n if end > time.time() else 0

    def get_expiry(self, key: str) -> float:
        """When the window ends, in seconds since 1970."""
        return self._counters.get(key, (0, time.time()))[1]

    def check(self) -> bool:
        """Whether it can be used."""
        return True

    def clear(self, key: str) -> None:
        """Forget a counter."""
        with self._lock:
            self._counters.pop(key, None)

    def reset(self) -> int:
        """Forget all counters; return how many there were."""
        with self._lock:
            n = len(self._counters)
            self._counters.clear()
        return n
