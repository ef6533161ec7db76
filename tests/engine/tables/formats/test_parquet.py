"""Parquet files: read batch by batch, whatever their row groups; damage is named."""

import random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from beanft.engine.errors import EngineError
from beanft.engine.tables.formats.arrow import write_typed
from beanft.engine.tables.formats.parquet import open_parquet

TABLE = pa.table(
    {"n": range(5000), "t": [f"name {n % 97}" for n in range(5000)], "f": [n / 7 for n in range(5000)]}
)


@pytest.mark.parametrize("codec", ["none", "snappy", "gzip", "zstd", "brotli", "lz4"])
def test_all_codecs(tmp_path, codec):
    pq.write_table(TABLE, tmp_path / "in", compression=codec, row_group_size=700)
    with open_parquet(tmp_path / "in") as table:
        found = write_typed(table, tmp_path / "out")
    assert found.n_rows == table.n_rows == 5000
    assert pq.read_table(tmp_path / "out").equals(TABLE)


def test_one_large_row_group_comes_in_small_batches(tmp_path):
    wide = pa.table({f"c{n}": range(3000) for n in range(800)})
    pq.write_table(wide, tmp_path / "in")
    with open_parquet(tmp_path / "in") as table:
        assert max(batch.num_rows for batch in table.batches()) <= 1250
        write_typed(table, tmp_path / "out")
    assert pq.read_table(tmp_path / "out").equals(wide)


def test_only_the_first_rows_for_a_look(tmp_path):
    pq.write_table(TABLE, tmp_path / "in")
    with open_parquet(tmp_path / "in") as table:
        assert write_typed(table, tmp_path / "out", max_rows=10).n_rows == 10
    assert pq.read_table(tmp_path / "out").equals(TABLE.slice(0, 10))


def test_the_promised_rows_count_before_any_is_read(tmp_path):
    pq.write_table(TABLE, tmp_path / "in")
    with (
        pytest.raises(EngineError, match=r"^The Parquet file has more than the 9,999 cells allowed\."),
        open_parquet(tmp_path / "in") as table,
    ):
        write_typed(table, tmp_path / "out", max_cells=9_999)
    assert not (tmp_path / "out").exists()


def test_truncated_and_mutated_files_give_rows_or_a_sentence(tmp_path):
    pq.write_table(TABLE.slice(0, 200), tmp_path / "in")
    content, chance, n_refused = (tmp_path / "in").read_bytes(), random.Random(7), 0
    for number in range(250):
        broken = bytearray(content)
        for _ in range(chance.randrange(1, 6)):
            broken[chance.randrange(4, len(broken) - 4)] = chance.randrange(256)
        (tmp_path / "in").write_bytes(broken[: chance.randrange(len(broken))] if number % 10 == 0 else broken)
        try:
            with open_parquet(tmp_path / "in") as table:
                write_typed(table, tmp_path / "out")
        except EngineError:
            n_refused += 1
    assert n_refused > 100
