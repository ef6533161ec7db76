"""Bytes packed block by block as they come, so that a model is never in memory once more as its own bytes."""

import io
import struct
from collections.abc import Callable
from typing import Any

import pyarrow as pa

_BLOCK = 1 << 20
_HEAD = struct.Struct("<II")  # bytes of a block as it is, and packed
_CODEC = pa.Codec("zstd", compression_level=1)  # a fifth of the time of zlib, and no larger


class _Packing(io.RawIOBase):
    def __init__(self, write: Callable[[bytes], Any]) -> None:
        self._write = write

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        plain = memoryview(data).cast("B")
        for start in range(0, len(plain), _BLOCK):
            block = plain[start : start + _BLOCK]
            packed = _CODEC.compress(block, asbytes=True)
            self._write(_HEAD.pack(len(block), len(packed)) + packed)
        return len(plain)


class _Unpacking(io.RawIOBase):
    def __init__(self, packed: memoryview) -> None:
        self._packed, self._block = packed, memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._block and self._packed:
            size, n = _HEAD.unpack_from(self._packed)
            end = _HEAD.size + n
            block = _CODEC.decompress(self._packed[_HEAD.size : end], decompressed_size=size)
            self._block, self._packed = memoryview(block).cast("B"), self._packed[end:]
        n = min(len(buffer), len(self._block))
        buffer[:n] = self._block[:n]
        self._block = self._block[n:]
        return n


def packing(write: Callable[[bytes], Any]) -> io.BufferedWriter:
    """Open a stream whose bytes are packed.

    Parameters
    ----------
    write : callable
        Gets packed bytes, a block at a time; the last one when the stream is closed.

    Returns
    -------
    BufferedWriter

    Examples
    --------
    >>> packed = bytearray()
    >>> with packing(packed.extend) as stream:
    ...     n = stream.write(b"a" * 3_000_000)
    >>> len(packed) < 1_000, unpacking(packed).read() == b"a" * 3_000_000, size_of(packed)
    (True, True, 3000000)
    """
    return io.BufferedWriter(_Packing(write), _BLOCK)


def unpacking(packed: Any) -> io.BufferedReader:
    """Open packed bytes as a stream of what they were.

    Parameters
    ----------
    packed : bytes-like
        What `packing` gave, in one piece.

    Returns
    -------
    BufferedReader
        It unpacks a block at a time.
    """
    return io.BufferedReader(_Unpacking(memoryview(packed)), _BLOCK)


def size_of(packed: Any) -> int:
    """Tell how many bytes packed ones were.

    Parameters
    ----------
    packed : bytes-like
        What `packing` gave, in one piece.

    Returns
    -------
    int
    """
    size = at = 0
    while at < len(packed):
        plain, n = _HEAD.unpack_from(packed, at)
        size, at = size + plain, at + _HEAD.size + n
    return size
