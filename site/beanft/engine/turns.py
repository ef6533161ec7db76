"""Work of which only so much may be done at once: the rest waits, no longer than others can bear."""

import threading
from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager

from beanft.engine.errors import BusyError


class Turns:
    """Places for work in this process, and for those who wait for one.

    Who waits keeps a thread of the web server: more than a few of them would keep everybody else waiting.
    With `each`, one key (such as a user) holds at most so many places, and waits for `each_waiting` more.

    Examples
    --------
    >>> with Turns(at_once=1, waiting=0, wait_s=1.0, sentence="Busy.").taken():
    ...     "done"
    'done'
    """

    def __init__(
        self,
        *,
        at_once: int,
        waiting: int,
        wait_s: float,
        sentence: str,
        each: int = 0,
        each_waiting: int = 1,
    ) -> None:
        self._at_once, self._most = at_once, at_once + waiting
        self._each = each or at_once
        self._each_most = each + each_waiting if each else self._most
        self._wait_s, self._sentence = wait_s, sentence
        self._changed = threading.Condition()
        self._working: Counter[Hashable] = Counter()
        self._here: Counter[Hashable] = Counter()  # those who wait, too

    @contextmanager
    def taken(self, key: Hashable = None) -> Iterator[None]:
        """Hold a place for a block.

        Raises
        ------
        BusyError
            At once when enough others wait or the key has enough, or after the wait when no place became
            free.
        """
        self._come(key)
        try:
            self._begin(key)
            try:
                yield
            finally:
                self._leave(self._working, key)
        finally:
            self._leave(self._here, key)

    def _come(self, key: Hashable) -> None:
        with self._changed:
            if self._here.total() >= self._most or self._here[key] >= self._each_most:
                raise BusyError(self._sentence)
            self._here[key] += 1

    def _begin(self, key: Hashable) -> None:
        with self._changed:
            if not self._changed.wait_for(lambda: self._is_free(key), self._wait_s):
                raise BusyError(self._sentence)
            self._working[key] += 1

    def _is_free(self, key: Hashable) -> bool:
        return self._working.total() < self._at_once and self._working[key] < self._each

    def _leave(self, places: Counter[Hashable], key: Hashable) -> None:
        """Give a place back; keys without any are forgotten, or there would be ever more of them."""
        with self._changed:
            places[key] -= 1
            if not places[key]:
                del places[key]
            self._changed.notify_all()
