"""Counts requests for the limits on them, in a small file that all processes of a site share."""

import fcntl
import logging
import mmap
import os
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from urllib.parse import unquote, urlsplit

from limits.storage import Storage

_SLOT = struct.Struct("<QdQ")  # whose counter it is, until when, how many
_MARK_BYTES = 8
_WAYS = 8  # slots in which a counter may stand
_BUCKETS = 8_192
_ROW = _WAYS * _SLOT.size
_BYTES = _BUCKETS * _ROW  # 1.5 MiB: 65,536 counters at a time

_log = logging.getLogger(__name__)


class Counting(Storage):
    """Counters that end with their window, in a table of fixed size.

    The storage of `limits` itself counts for one process, and starts a thread for each request to find what
    has ended. Here whoever counts writes over what has ended; where nothing has, over the smallest count.

    Parameters
    ----------
    uri : str
        counting:// and the path of the file, which is made when it is missing. Where it cannot be, on a full
        disk for one, this process counts for itself.
    secret : str
        Hexadecimal digits that only the site knows: nobody can find names that write over another's counter.
    """

    STORAGE_SCHEME = ["counting"]

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **options: str) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions, **options)
        self._path = unquote(urlsplit(uri or "").path)
        self._secret = bytes.fromhex(options.get("secret", ""))
        self._lock = threading.Lock()
        self._descriptor: int | None = None
        self._table: mmap.mmap | None = None

    @property
    def base_exceptions(self) -> type[Exception]:
        """What can go wrong: the file."""
        return OSError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count, in a window of `expiry` seconds that begins with the first; return the sum."""
        now, mark = time.time(), self._mark_of(key)
        with self._held() as table:
            at, end, n = _find(table, mark, now)
            if not now < end <= now + expiry:  # beyond it only where the clock was wrong once
                end, n = now + expiry, 0
            _SLOT.pack_into(table, at, mark, end, n + amount)
        return n + amount

    def get(self, key: str) -> int:
        """The sum of the window at hand."""
        return self._looked_up(key)[1]

    def get_expiry(self, key: str) -> float:
        """When the window ends, in seconds since 1970."""
        return self._looked_up(key)[0]

    def check(self) -> bool:
        """Whether it can be used."""
        with self._held():
            return True

    def clear(self, key: str) -> None:
        """Forget a counter."""
        with self._held() as table:
            at, end, _ = _find(table, self._mark_of(key), time.time())
            if end:
                _SLOT.pack_into(table, at, 0, 0.0, 0)

    def reset(self) -> int:
        """Forget all counters; return how many had not ended."""
        now = time.time()
        with self._held() as table:
            n = sum(1 for _, end, _ in _SLOT.iter_unpack(table[:]) if end > now)
            table[:] = bytes(_BYTES)
        return n

    def _looked_up(self, key: str) -> tuple[float, int]:
        now = time.time()
        with self._held() as table:
            _, end, n = _find(table, self._mark_of(key), now)
        return (end, n) if end > now else (now, 0)

    @contextmanager
    def _held(self) -> Iterator[mmap.mmap]:
        """The table, while no other thread or process looks at it; the system frees it from who dies."""
        with self._lock:
            table = self._table or self._opened()
            if self._descriptor is None:
                yield table
                return
            fcntl.lockf(self._descriptor, fcntl.LOCK_EX)
            try:
                yield table
            finally:
                fcntl.lockf(self._descriptor, fcntl.LOCK_UN)

    def _opened(self) -> mmap.mmap:
        descriptor = -1
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            os.posix_fallocate(descriptor, 0, _BYTES)  # a hole that a full disk cannot fill would kill us
            self._descriptor, self._table = descriptor, mmap.mmap(descriptor, _BYTES)
        except OSError:
            if descriptor >= 0:
                os.close(descriptor)
            _log.exception("requests are counted for each process alone: %s cannot be used", self._path)
            self._table = mmap.mmap(-1, _BYTES)
        return self._table

    def _mark_of(self, key: str) -> int:
        """A number that stands for a key; keys hold addresses, which stay out of the file."""
        return int.from_bytes(blake2b(key.encode(), digest_size=_MARK_BYTES, key=self._secret).digest()) or 1


def _find(table: mmap.mmap, mark: int, now: float) -> tuple[int, float, int]:
    """Where a counter stands, until when and how many; where it could, 0 and 0 when there is none."""
    start = mark % _BUCKETS * _ROW
    slots = list(_SLOT.iter_unpack(table[start : start + _ROW]))
    for i, (whose, end, n) in enumerate(slots):
        if whose == mark:
            return start + i * _SLOT.size, (end if end > now else 0.0), n
    free = min(range(_WAYS), key=lambda i: (slots[i][1] > now, slots[i][2], slots[i][1]))
    return start + free * _SLOT.size, 0.0, 0
