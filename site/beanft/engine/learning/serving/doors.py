"""One door for each thing that threads make: one of them is in it while the others wait."""

import threading
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class _Door:
    lock: threading.Lock = field(default_factory=threading.Lock)
    n_before: int = 0  # threads that are in it or wait before it


class Doors:
    """Locks by key, there only while a thread needs them.

    Examples
    --------
    >>> doors = Doors()
    >>> with doors.through("a"):
    ...     len(doors)
    1
    >>> len(doors)
    0
    """

    def __init__(self) -> None:
        self._doors: dict[Hashable, _Door] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Count the doors that are in use."""
        return len(self._doors)

    @contextmanager
    def through(self, key: Hashable) -> Iterator[None]:
        """Wait until no other thread is in the door of a key, and be in it meanwhile.

        Parameters
        ----------
        key : hashable
            Name of what is made.
        """
        with self._lock:
            door = self._doors.setdefault(key, _Door())
            door.n_before += 1
        try:
            with door.lock:
                yield
        finally:
            with self._lock:
                door.n_before -= 1
                if not door.n_before:
                    del self._doors[key]
