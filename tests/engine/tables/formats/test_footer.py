"""Columns taken out of Parquet files: all readers find the others as they were, and nothing of those."""

import random
from contextlib import suppress

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beanft.engine.tables.formats.footer import keep_columns
from beanft.engine.tables.formats.thrift import read_struct, write_struct

N_ROWS = 3000
TABLE = pa.table(
    {
        "id": range(N_ROWS),
        "Größe": [n / 7 if n % 5 else None for n in range(N_ROWS)],
        "is so": [n % 3 == 0 for n in range(N_ROWS)],
        "gone": pa.nulls(N_ROWS, pa.string()),
        "text": [f"name {n % 97}" for n in range(N_ROWS)],
        "beside": [f"x{n}" if n % 100 == 0 else None for n in range(N_ROWS)],
        "beside too": pa.nulls(N_ROWS, pa.string()),
        "list beside": [["a", None, f"{n}"] if n % 50 == 0 else None for n in range(N_ROWS)],
    }
)


def write_with_arrow(path):
    pq.write_table(TABLE, path, row_group_size=700, store_schema=False, write_page_index=True)


def write_with_duckdb(path):
    with duckdb.connect() as database:
        database.register("rows", TABLE)
        database.execute(
            f"COPY (FROM rows) TO '{path}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 2048)"
        )


@pytest.mark.parametrize("write", [write_with_arrow, write_with_duckdb])
@pytest.mark.parametrize("n", [1, 4, 5, 7])
def test_what_is_kept_is_read_as_before(tmp_path, write, n):
    whole, path = tmp_path / "whole.parquet", tmp_path / "t.parquet"
    write(whole)
    n_groups = pq.read_metadata(whole).num_row_groups
    assert n_groups > 1
    keep_columns(whole, path, n)
    kept = TABLE.select(range(n))
    assert pq.read_table(path).equals(kept)
    with duckdb.connect() as database:
        found = database.read_parquet(str(path))
        assert found.columns == kept.column_names
        assert found.fetchall() == [tuple(row.values()) for row in kept.to_pylist()]
        counted = database.execute(f"SELECT count(*) FROM '{path}' WHERE id >= 2900").fetchone()
        assert counted == (100,)
    facts = pq.read_metadata(path)
    assert (facts.num_row_groups, facts.num_columns, facts.num_rows) == (n_groups, n, N_ROWS)
    assert all(
        facts.row_group(group).total_byte_size
        == sum(facts.row_group(group).column(one).total_uncompressed_size for one in range(n))
        for group in range(n_groups)
    )


@pytest.mark.parametrize("write", [write_with_arrow, write_with_duckdb])
def test_nothing_of_the_others_is_in_the_copy(tmp_path, write):
    whole, path = tmp_path / "whole.parquet", tmp_path / "t.parquet"
    write(whole)
    keep_columns(whole, path, 4)
    secrets = (b"x0", b"x100", b"x1400", b"beside", b"name ")
    assert len({one for one in secrets if one in whole.read_bytes()}) > 2  # names, and statistics
    assert not {one for one in secrets[1:] if one in path.read_bytes()}
    facts = pq.read_metadata(path)
    chunks = [facts.row_group(group).column(one) for group in range(facts.num_row_groups) for one in range(4)]
    stored = sum(chunk.total_compressed_size for chunk in chunks)
    assert stored < path.stat().st_size < stored + 20_000  # filters and footer


def test_filters_find_what_they_found(tmp_path):
    whole, path = tmp_path / "whole.parquet", tmp_path / "t.parquet"
    write_with_duckdb(whole)
    keep_columns(whole, path, 5)
    with duckdb.connect() as database:
        places = f"SELECT bloom_filter_offset, bloom_filter_length FROM parquet_metadata('{path}')"
        assert any(place for place, _ in database.execute(places).fetchall())
        probe = f"SELECT bloom_filter_excludes FROM parquet_bloom_probe('{path}', 'text', ?)"
        assert not any(one for (one,) in database.execute(probe, ["name 5"]).fetchall())
        assert all(one for (one,) in database.execute(probe, ["nobody is called this"]).fetchall())


def test_a_copy_of_a_copy_is_the_same(tmp_path):
    whole, path, again = (tmp_path / f"{name}.parquet" for name in ("whole", "t", "again"))
    write_with_duckdb(whole)
    keep_columns(whole, path, 4)
    keep_columns(path, again, 4)
    assert again.read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    "content",
    [b"", b"PAR1", b"id,name\n1,Ada\n2,Bo\n", b"\x1c" * 3000 + b"\xb8\x0b\0\0PAR1", b"\0\1\0\0\0PAR1"],
)
def test_files_of_other_kinds_are_refused(tmp_path, content):
    path = tmp_path / "t.parquet"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="this is no Parquet file"):
        keep_columns(path, tmp_path / "copy.parquet", 1)


@pytest.mark.parametrize(("n", "words"), [(2, "a column to keep holds others"), (0, "no 0"), (5, "no 5")])
def test_columns_that_cannot_be_kept_are_refused(tmp_path, n, words):
    path = tmp_path / "t.parquet"
    kinds = {"a": [1], "b": [{"c": 2}] if n == 2 else [2], "d": [3]}
    pq.write_table(pa.table(kinds), path)
    with pytest.raises(ValueError, match=words):
        keep_columns(path, tmp_path / "copy.parquet", n)


_WHOLE = st.tuples(st.sampled_from([4, 5, 6]), st.integers(-(2**63), 2**63 - 1))
_PLAIN = [
    _WHOLE,
    st.tuples(st.just(8), st.binary(max_size=200)),
    st.tuples(st.just(7), st.binary(min_size=8, max_size=8)),
    st.tuples(st.just(3), st.integers(0, 255)),
    st.booleans().map(lambda value: (1 if value else 2, value)),
]
_STRUCTS = st.recursive(
    st.dictionaries(st.integers(1, 40), st.one_of(_PLAIN), max_size=6),
    lambda inner: st.dictionaries(
        st.integers(1, 32767),
        st.one_of(
            *_PLAIN,
            inner.map(lambda value: (12, value)),
            st.tuples(st.sampled_from([9, 10]), st.lists(inner, max_size=20).map(lambda some: (12, some))),
            st.lists(st.booleans().map(lambda one: 1 if one else 2), max_size=20).map(
                lambda some: (9, (1, some))
            ),
            st.dictionaries(st.binary(max_size=3), st.integers(-9, 9), max_size=3).map(
                lambda pairs: (11, ((8, 5) if pairs else (0, 0), list(pairs.items())))
            ),
        ),
        max_size=6,
    ),
    max_leaves=8,
)


def _sorted(value):
    if isinstance(value, dict):
        return {number: (kind, _sorted(one)) for number, (kind, one) in sorted(value.items())}
    return (
        tuple(map(_sorted, value))
        if isinstance(value, tuple)
        else (list(map(_sorted, value)) if isinstance(value, list) else value)
    )


@settings(max_examples=200, derandomize=True, deadline=None, database=None)
@given(fields=_STRUCTS.map(_sorted))
def test_any_struct_is_read_as_it_was_written(fields):
    assert read_struct(write_struct(fields)) == fields


def test_damaged_structs_are_told():
    written = write_struct({1: (8, b"some text"), 2: (9, (5, [1, 2, 3])), 3: (12, {1: (7, b"8 bytes!")})})
    for end in range(len(written)):
        with pytest.raises(ValueError):
            read_struct(written[:end])
    chance = random.Random(3)
    for _ in range(300):  # whatever the byte, there is a struct or a ValueError, and it ends
        broken = bytearray(written)
        broken[chance.randrange(len(broken))] = chance.randrange(256)
        with suppress(ValueError):
            assert isinstance(read_struct(bytes(broken)), dict)
