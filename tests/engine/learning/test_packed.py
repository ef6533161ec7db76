"""Packed bytes come back as they were, in whatever pieces they are written and read."""

import io

import numpy as np
import pytest

from beanft.engine.learning.packed import packing, size_of, unpacking

LENGTHS = (0, 1, 999, 1 << 20, (1 << 20) + 1, 5_000_000)


def packed(pieces) -> bytes:
    made = bytearray()
    with packing(made.extend) as stream:
        for piece in pieces:
            assert stream.write(piece) == memoryview(piece).nbytes
    return bytes(made)


@pytest.mark.parametrize("length", LENGTHS)
def test_bytes_come_back(length):
    plain = np.random.default_rng(0).integers(0, 9, length, dtype=np.uint8).tobytes()
    pieces = [plain[start : start + 70_001] for start in range(0, length, 70_001)]
    for made in (packed([plain]), packed(pieces)):
        assert unpacking(made).read() == plain
        assert size_of(made) == length
        stream = unpacking(made)
        assert b"".join(iter(lambda: stream.read(33_333), b"")) == plain  # noqa: B023 -- called here


def test_arrays_are_packed_as_they_lie_in_memory():
    numbers = np.arange(300_000, dtype=np.float64).reshape(3, -1)
    assert np.array_equal(np.frombuffer(unpacking(packed([numbers])).read()).reshape(3, -1), numbers)


def test_what_repeats_takes_less_room():
    assert len(packed([b"tree" * 1_000_000])) < 10_000


def test_bytes_that_were_cut_off_are_not_taken_for_a_whole():
    whole = packed([np.random.default_rng(0).bytes(3_000_000)])
    with pytest.raises((OSError, ValueError)):
        io.BufferedReader(unpacking(whole[:-100])).read()
