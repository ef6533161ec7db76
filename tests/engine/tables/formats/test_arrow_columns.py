"""Columns of Arrow: every type becomes one of six, and nothing is rounded in silence."""

import datetime as dt
import random
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from beanft.engine.tables.formats.arrow_columns import conversions

STORED = (pa.int64(), pa.float64(), pa.bool_(), pa.date32(), pa.timestamp("us"), pa.string())


def column(values: Any, kind: pa.DataType | None = None) -> tuple[pa.DataType, list, str]:
    array = values if isinstance(values, pa.Array) else pa.array(values, kind)
    batch = pa.record_batch([array], names=["x"])
    (found,) = conversions(batch.schema, ["x"], [batch.slice(0, 1), batch.slice(1)])
    stored = found(array)
    assert stored.type == found.stored
    assert found.stored in STORED
    return found.stored, stored.to_pylist(), found.note


@pytest.mark.parametrize("kind", [pa.int8(), pa.int64(), pa.uint8(), pa.uint32(), pa.uint64()])
def test_whole_numbers(kind):
    assert column([1, None, 100], kind) == (pa.int64(), [1, None, 100], "")


def test_unsigned_numbers_beyond_64_bits_stay_exact():
    stored, values, note = column([1, None, 2**64 - 1], pa.uint64())
    assert (stored, values) == (pa.string(), ["1", None, "18446744073709551615"])
    assert note == "whole numbers beyond 64 bits, stored as text so that none is rounded"


def test_fractions():
    assert column([1.5, None], pa.float32()) == (pa.float64(), [1.5, None], "")
    assert column(np.array([1.5, 2], "float16"), pa.float16()) == (pa.float64(), [1.5, 2], "")


def test_decimals_that_a_double_gives_back_are_numbers():
    chance = random.Random(2)
    values = [Decimal(chance.randrange(-(10**15) + 1, 10**15)).scaleb(-7) for _ in range(2000)]
    stored, found, note = column([*values, None], pa.decimal128(38, 7))
    assert (stored, note) == (pa.float64(), "")
    assert found == [*map(float, values), None]


def test_longer_decimals_stay_text():
    stored, found, note = column([Decimal("12345678901234567.25"), Decimal("-0.50")], pa.decimal256(40, 2))
    assert (stored, found) == (pa.string(), ["12345678901234567.25", "-0.50"])
    assert note == "numbers of more than 15 digits, stored as text so that none is rounded"


def test_decimals_without_fraction_are_whole():
    assert column([Decimal(10**17), None], pa.decimal128(20, 0))[:2] == (pa.int64(), [10**17, None])
    assert column([Decimal(10**30)], pa.decimal128(38, 0))[:2] == (pa.string(), [str(10**30)])


def test_dates_and_moments():
    day, moment = dt.date(1066, 10, 14), dt.datetime(2024, 5, 1, 12, 30, 0, 250)
    assert column([day, None], pa.date64())[:2] == (pa.date32(), [day, None])
    assert column([moment, None], pa.timestamp("us")) == (pa.timestamp("us"), [moment, None], "")
    _, values, note = column([1_000, 1_001], pa.timestamp("ns"))
    assert values == [dt.datetime(1970, 1, 1, 0, 0, 0, 1)] * 2
    assert note == "parts of a microsecond, left out"


def test_moments_of_a_zone_become_utc():
    stored, values, note = column([0, None], pa.timestamp("ms", "America/New_York"))
    assert (stored, values) == (pa.timestamp("us"), [dt.datetime(1970, 1, 1), None])
    assert note == "moments of the time zone “America/New_York”, stored as UTC"


def test_durations_times_and_bytes():
    assert column([1500, None], pa.duration("ms"))[:2] == (pa.float64(), [1.5, None])
    assert column([dt.time(9, 5), None], pa.time64("us"))[1] == ["09:05:00.000000", None]
    assert column([b"a\xff", None], pa.binary())[1] == ["61ff", None]
    assert column(["é".encode(), None], pa.large_binary())[1:] == (["é", None], "")


def test_texts_however_they_are_kept():
    texts = ["x", None, "", "y\0z"]
    for kind in (pa.string(), pa.large_string(), pa.string_view()):
        assert column(texts, kind)[1] == ["x", None, "", "yz"]
    assert column(pa.array(texts).dictionary_encode())[1] == ["x", None, "", "yz"]
    assert column([None, None], pa.null())[:2] == (pa.string(), [None, None])


def test_dictionaries_of_numbers_are_numbers():
    assert column(pa.array([5, None, 5]).dictionary_encode())[:2] == (pa.int64(), [5, None, 5])


def test_nested_values_become_json():
    _, values, note = column([{"a": [1, None], "d": dt.date(2024, 1, 2)}, None])
    assert values == ['{"a":[1,null],"d":"2024-01-02"}', None]
    assert note == "nested values, stored as JSON text"
    assert column([[("k", 1)], None], pa.map_(pa.string(), pa.int8()))[1] == ['[["k",1]]', None]
