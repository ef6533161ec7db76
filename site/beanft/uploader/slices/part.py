"""The file of an upload that arrives in slices: written in place, locked, flushed and hashed on the way."""

import fcntl
import hashlib
import os
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import IO, Any

from beanft import storage

_PART = "upload.part"
_ORIGINAL = "original"
_PIECE_BYTES = 1 << 20
_HASHES_KEPT = 64  # uploads at once; one that falls out is hashed from the disk at the end


class BusyError(Exception):
    """Another request is writing to the same upload."""


@contextmanager
def opened(key: str) -> Iterator[IO[bytes]]:
    """Open the part file of an upload for one writer.

    Raises
    ------
    BusyError
        When another request has it open: the connection was lost, and the first one is still at work.
    """
    descriptor = os.open(storage.folder(key) / _PART, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BusyError from error
        yield file


def write(
    key: str,
    file: IO[bytes],
    *,
    offset: int,
    chunks: Iterable[bytes],
    limit: int,
    arrived: Callable[[int], None],
) -> None:
    """Write `chunks` at `offset`, at most `limit` bytes, flush, and tell `arrived` how many came.

    What arrived before a connection broke is kept: `arrived` is called then, too.
    """
    file.seek(offset)
    digest, n_written = _hashes.take(key, offset), 0
    try:
        for chunk in chunks:
            piece = chunk[: limit - n_written]
            n_written += file.write(piece)
            if digest:
                digest.update(piece)
    finally:
        file.flush()
        os.fsync(file.fileno())
        _hashes.keep(key, offset + n_written, digest)
        arrived(n_written)


def complete(key: str, size_bytes: int) -> str:
    """Give the whole file its final name and return its SHA-256; a second call does no harm."""
    part, original = storage.folder(key) / _PART, storage.folder(key) / _ORIGINAL
    digest = _hashes.take(key, size_bytes)
    with suppress(FileNotFoundError):  # published before, or just now by the other request of a double click
        os.truncate(part, size_bytes)
        storage.publish(part, original)
    return digest.hexdigest() if digest else storage.sha256(original)


def pieces(stream: IO[bytes]) -> Iterator[bytes]:
    """The bytes of a stream as they come, a MiB at a time."""
    return iter(lambda: stream.read(_PIECE_BYTES), b"")


def original(key: str) -> Path:
    """The file as it was brought."""
    return storage.folder(key) / _ORIGINAL


class _Hashes:
    """SHA-256 of uploads under way in this process, so that a large file is not read again at its end."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: OrderedDict[str, tuple[int, Any]] = OrderedDict()

    def take(self, key: str, offset: int) -> Any:
        """The hash of the first `offset` bytes, or None when this process did not see them all."""
        with self._lock:
            at, digest = self._known.pop(key, (-1, None))
        if offset == 0:
            return hashlib.sha256()
        return digest if at == offset else None

    def keep(self, key: str, offset: int, digest: Any) -> None:
        if digest is None:
            return
        with self._lock:
            self._known[key] = (offset, digest)
            while len(self._known) > _HASHES_KEPT:
                self._known.popitem(last=False)


_hashes = _Hashes()
