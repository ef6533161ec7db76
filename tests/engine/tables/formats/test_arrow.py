"""Arrow files: all rows in their order, six stored types, limits kept, damage named."""

import datetime as dt
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from beanft.engine.errors import EngineError
from beanft.engine.tables.formats.arrow import Typed, open_arrow, write_typed


def written(tmp_path: Path, table: pa.Table, *, is_stream: bool = False, **options) -> tuple[pa.Table, Typed]:
    path = tmp_path / "in.arrow"
    with (pa.ipc.new_stream if is_stream else pa.ipc.new_file)(path, table.schema) as file:
        file.write_table(table)
    with open_arrow(path, is_stream=is_stream) as opened:
        found = write_typed(opened, tmp_path / "out.parquet", **options)
    return pq.read_table(tmp_path / "out.parquet"), found


def test_only_six_types_are_stored_and_every_change_is_said(tmp_path):
    table = pa.table(
        {
            "whole": pa.array([1, None], pa.uint8()),
            "large": pa.array([1, 2**64 - 1], pa.uint64()),
            "larger": pa.array([None, 2**64 - 1], pa.uint64()),
            "true": [True, None],
            "day": pa.array([dt.date(1066, 10, 14), None], pa.date64()),
            "at": pa.array([0, None], pa.timestamp("ms", "UTC")),
            "part": pa.array([0.5, None], pa.float32()),
            "list": [[1], None],
        }
    )
    read, found = written(tmp_path, table)
    stored = [pa.int64(), pa.string(), pa.string(), pa.bool_(), pa.date32(), pa.timestamp("us"), pa.float64()]
    assert read.schema.types == [*stored, pa.string()]
    assert read["larger"].to_pylist() == [None, str(2**64 - 1)]
    assert found.notes == (
        "large, larger: whole numbers beyond 64 bits, stored as text so that none is rounded.",
        "at: moments of the time zone “UTC”, stored as UTC.",
        "list: nested values, stored as JSON text.",
    )
    assert found.zones == {"at": "UTC"}


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
