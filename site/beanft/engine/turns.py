"""Work of which only so much may be done at once: the rest waits, no longer than others can bear."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from beanft.engine.errors import BusyError


class Turns:
    """Places for work in this process, and for those who wait for one.

    Who waits keeps a thread of the web server: more than a few of them would keep everybody else waiting.

    Examples
    --------
    >>> with Turns(at_once=1, waiting=0, wait_s=1.0, sentence="Busy.").taken():
    ...     "done"
    'done'
    """

    def __init__(self, *, at_once: int, waiting: int, wait_s: float, sentence: str) -> None:
        self._places = threading.BoundedSemaphore(at_once)
        self._waiting = threading.BoundedSemaphore(at_once + waiting)
        self._wait_s = wait_s
        self._sentence = sentence

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Hold a place for a block.

        Raises
        ------
        BusyError
            At once when enough others wait, or after the wait when none of the places became free.
        """
        if not self._waiting.acquire(blocking=False):
            raise BusyError(self._sentence)
        try:
            if not self._places.acquire(timeout=self._wait_s):
                raise BusyError(self._sentence)
            try:
                yield
            finally:
                self._places.release()
        finally:
            self._waiting.release()
