"""Arrow files: every type becomes one of six, nothing is rounded in silence, damage is named."""

import datetime as dt
import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from beanft.engine.errors import EngineError
from beanft.engine.tables.formats.arrow import Typed, open_arrow, write_typed

STORED = (pa.int64(), pa.float64(), pa.bool_(), pa.date32(), pa.timestamp("us"), pa.string())


def written(tmp_path: Path, table: pa.Table, *, is_stream: bool = False, **options) -> tuple[pa.Table, Typed]:
    path = tmp_path / "in.arrow"
    with (pa.ipc.new_stream if is_stream else pa.ipc.new_file)(path, table.schema) as file:
        file.write_table(table)
    with open_arrow(path, is_stream=is_stream) as opened:
        found = write_typed(opened, tmp_path / "out.parquet", **options)
    return pq.read_table(tmp_path / "out.parquet"), found


def column(tmp_path: Path, values: Any, kind: pa.DataType | None = None) -> tuple[pa.DataType, list, tuple]:
    array = values if isinstance(values, pa.Array) else pa.array(values, kind)
    table, found = written(tmp_path, pa.table({"x": array}))
    assert table.schema.types[0] in STORED
    return table.schema.types[0], table["x"].to_pylist(), found.notes


@pytest.mark.parametrize("kind", [pa.int8(), pa.int64(), pa.uint8(), pa.uint32(), pa.uint64()])
def test_whole_numbers(tmp_path, kind):
    assert column(tmp_path, [1, None, 100], kind) == (pa.int64(), [1, None, 100], ())


def test_unsigned_numbers_beyond_64_bits_stay_exact(tmp_path):
    stored, values, notes = column(tmp_path, [1, None, 2**64 - 1], pa.uint64())
    assert (stored, values) == (pa.string(), ["1", None, "18446744073709551615"])
    assert notes == ("x: whole numbers beyond 64 bits, stored as text so that none is rounded.",)


def test_fractions(tmp_path):
    assert column(tmp_path, [1.5, None], pa.float32()) == (pa.float64(), [1.5, None], ())
    assert column(tmp_path, np.array([1.5, 2], "float16"), pa.float16()) == (pa.float64(), [1.5, 2], ())


def test_decimals_that_a_double_gives_back_are_numbers(tmp_path):
    chance = random.Random(2)
    values = [Decimal(chance.randrange(-(10**15) + 1, 10**15)).scaleb(-7) for _ in range(2000)]
    stored, found, notes = column(tmp_path, [*values, None], pa.decimal128(38, 7))
    assert (stored, notes) == (pa.float64(), ())
    assert found == [*map(float, values), None]


def test_longer_decimals_stay_text(tmp_path):
    stored, found, notes = column(
        tmp_path, [Decimal("12345678901234567.25"), Decimal("-0.50")], pa.decimal256(40, 2)
    )
    assert (stored, found) == (pa.string(), ["12345678901234567.25", "-0.50"])
    assert notes == ("x: numbers of more than 15 digits, stored as text so that none is rounded.",)


def test_decimals_without_fraction_are_whole(tmp_path):
    assert column(tmp_path, [Decimal(10**17), None], pa.decimal128(20, 0))[:2] == (pa.int64(), [10**17, None])
    assert column(tmp_path, [Decimal(10**30)], pa.decimal128(38, 0))[:2] == (pa.string(), [str(10**30)])


def test_dates_and_moments(tmp_path):
    day, moment = dt.date(1066, 10, 14), dt.datetime(2024, 5, 1, 12, 30, 0, 250)
    assert column(tmp_path, [day, None], pa.date64())[:2] == (pa.date32(), [day, None])
    assert column(tmp_path, [moment, None], pa.timestamp("us")) == (pa.timestamp("us"), [moment, None], ())
    _, values, notes = column(tmp_path, [1_000, 1_001], pa.timestamp("ns"))
    assert values == [dt.datetime(1970, 1, 1, 0, 0, 0, 1)] * 2
    assert notes == ("x: parts of a microsecond, left out.",)


def test_moments_of_a_zone_become_utc(tmp_path):
    stored, values, notes = column(tmp_path, [0, None], pa.timestamp("ms", "America/New_York"))
    assert (stored, values) == (pa.timestamp("us"), [dt.datetime(1970, 1, 1), None])
    assert notes == ("x: moments of the time zone “America/New_York”, stored as UTC.",)


def test_durations_times_and_bytes(tmp_path):
    assert column(tmp_path, [1500, None], pa.duration("ms"))[:2] == (pa.float64(), [1.5, None])
    assert column(tmp_path, [dt.time(9, 5), None], pa.time64("us"))[1] == ["09:05:00.000000", None]
    assert column(tmp_path, [b"a\xff", None], pa.binary())[1] == ["61ff", None]
    assert column(tmp_path, ["é".encode(), None], pa.large_binary())[1:] == (["é", None], ())


def test_texts_however_they_are_kept(tmp_path):
    texts = ["x", None, "", "y\0z"]
    for kind in (pa.string(), pa.large_string(), pa.string_view()):
        assert column(tmp_path, texts, kind)[1] == ["x", None, "", "yz"]
    assert column(tmp_path, pa.array(texts).dictionary_encode())[1] == ["x", None, "", "yz"]
    assert column(tmp_path, [None, None], pa.null())[:2] == (pa.string(), [None, None])


def test_dictionaries_of_numbers_are_numbers(tmp_path):
    assert column(tmp_path, pa.array([5, None, 5]).dictionary_encode())[:2] == (pa.int64(), [5, None, 5])


def test_nested_values_become_json(tmp_path):
    _, values, notes = column(tmp_path, [{"a": [1, None], "d": dt.date(2024, 1, 2)}, None])
    assert values == ['{"a":[1,null],"d":"2024-01-02"}', None]
    assert notes == ("x: nested values, stored as JSON text.",)
    assert column(tmp_path, [[("k", 1)], None], pa.map_(pa.string(), pa.int8()))[1] == ['[["k",1]]', None]


def test_names_are_made_unique(tmp_path):
    table = pa.table([[1], [2], [3], [4]], names=["a", "A", "", "b\n\0c"])
    read, found = written(tmp_path, table)
    assert read.column_names == ["a", "A (2)", "column 3", "b c"]
    assert len(found.notes) == 3
    assert found.notes[2] == "The line breaks in the name of column 4 became blanks: “b c”."


@pytest.mark.parametrize("is_stream", [True, False])
def test_many_batches_keep_their_order(tmp_path, is_stream):
    whole = pa.table({"n": range(200_000), "t": pa.array(map(str, range(200_000)))})
    read, found = written(tmp_path, pa.concat_tables([whole, whole]), is_stream=is_stream)
    assert found.n_rows == read.num_rows == 400_000
    assert read["n"].to_pylist() == [*range(200_000), *range(200_000)]


def test_limits(tmp_path):
    table = pa.table({"a": [1, 2, 3], "b": [1, 2, 3]})
    with pytest.raises(EngineError, match=r"^The Arrow file has 2 columns; 1 are allowed\."):
        written(tmp_path, table, max_columns=1)
    with pytest.raises(EngineError, match=r"^The Arrow file has more than the 5 cells allowed\."):
        written(tmp_path, table, max_cells=5)
    with pytest.raises(EngineError, match=r"^The Arrow file has 2 columns \(a, b\) but no rows\."):
        written(tmp_path, table.slice(0, 0))
    with pytest.raises(EngineError, match=r"^The Arrow file has no columns\."):
        written(tmp_path, pa.table({}))
    assert written(tmp_path, table, max_rows=2)[1].n_rows == 2


def test_texts_that_are_no_text_are_refused(tmp_path):
    broken = pa.StringArray.from_buffers(
        1, pa.py_buffer(np.array([0, 2], "int32")), pa.py_buffer(b"\xff\xfe")
    )
    with pytest.raises(EngineError, match=r"^The Arrow file is damaged or not whole"):
        written(tmp_path, pa.table({"x": broken}))
