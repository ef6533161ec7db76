"""What is kept in memory because it is asked for again: bounded by bytes, what was not used longest goes."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from beanft.engine.learning.serving.doors import Doors


@dataclass(frozen=True)
class _Kept:
    value: Any
    mark: Hashable
    size: int


class Shelf:
    """Things that threads share, each made by one of them while the others wait.

    Parameters
    ----------
    limit : int
        Bytes that all may take together. The newest stays even where it alone takes more: it would have to
        be made again for each request.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()
        self._doors = Doors()
        self._lock = threading.Lock()

    @property
    def size(self) -> int:
        """Bytes that it holds."""
        with self._lock:
            return sum(one.size for one in self._kept.values())

    def resize(self, limit: int) -> None:
        """Change the limit; what no longer has room goes."""
        with self._lock:
            self._limit = limit
            self._make_room()

    def get(self, key: Hashable, mark: Hashable, make: Callable[[], tuple[Any, int]]) -> Any:
        """Give what is kept under a key, or make it.

        Parameters
        ----------
        key : hashable
            Its name.
        mark : hashable
            Tells whether what is kept is still right; with another mark it is made again.
        make : callable
            Gives it and its bytes; called once, however many threads ask at the same time.

        Returns
        -------
        object
        """
        found = self._find(key, mark)
        if found is not None:
            return found.value
        with self._doors.through(key):
            found = self._find(key, mark)
            if found is None:
                self.drop(key)
                value, size = make()
                found = _Kept(value, mark, size)
                with self._lock:
                    self._kept[key] = found
                    self._make_room()
        return found.value

    def drop(self, key: Hashable) -> None:
        """Keep something no longer."""
        with self._lock:
            self._kept.pop(key, None)

    def clear(self) -> None:
        """Keep nothing."""
        with self._lock:
            self._kept.clear()

    def _find(self, key: Hashable, mark: Hashable) -> _Kept | None:
        with self._lock:
            found = self._kept.get(key)
            if found is None or found.mark != mark:
                return None
            self._kept.move_to_end(key)
            return found

    def _make_room(self) -> None:
        total = sum(one.size for one in self._kept.values())
        while total > self._limit and len(self._kept) > 1:
            _, gone = self._kept.popitem(last=False)
            total -= gone.size
