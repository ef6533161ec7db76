"""The quick copy: the same rows, never the truth, and no harm when it is stale, damaged or absent."""

import duckdb
import pytest

from beanft.engine.errors import EngineError
from beanft.engine.progress import Progress
from beanft.engine.tables import connection
from beanft.engine.tables.connection import ask, connect, reading, table
from beanft.engine.tables.files import copies_of, copy_name, copy_of, sha256_of
from beanft.engine.tables.records import marks
from beanft.engine.tables.records.reading import known_records
from beanft.engine.tables.store import copy_table


def write(path, n_rows=3000):
    with connect(folders=[path.parent]) as database:
        database.execute(f"COPY (SELECT range AS a, 'x' || range AS b FROM range({n_rows})) TO '{path}'")
    return sha256_of(path)


@pytest.fixture
def stored(tmp_path):
    """A table with its quick copy."""
    path = tmp_path / "table.parquet"
    copy_table(path=str(path), sha256=write(path))
    return path


def total(path):
    """The sum of a column, and whether the quick copy was asked."""

    def question(database):
        source = table(database, path)
        return database.execute(f"SELECT sum(a) FROM {source}").fetchone()[0], "quick" in source

    return ask(path, question, memory_mb=100, timeout_s=10)


def test_the_copy_holds_the_same_rows_with_their_numbers(stored):
    asked = "SELECT file_row_number, a, b FROM {} ORDER BY file_row_number"
    with reading(stored) as database:
        rows = database.execute(asked.format(table(database, stored))).fetchall()
    copy = copy_of(stored)
    with reading(stored, copy=copy) as database:
        assert database.execute(asked.format(table(database, stored))).fetchall() == rows
    assert len(rows) == 3000
    assert {path.name for path in stored.parent.glob("table*")} == {copy.name, "table.parquet"}


def test_questions_go_to_the_copy_where_there_is_one(stored):
    assert total(stored) == (4498500, True)
    copy_of(stored).unlink()
    assert total(stored) == (4498500, False)


def test_nothing_can_be_written_into_a_copy(stored):
    with (
        pytest.raises(duckdb.InvalidInputException, match="read-only"),
        connection._engines.cursor(connection._Key((stored.parent,), 100, 1, copy_of(stored))) as database,
    ):
        database.execute(f"DELETE FROM {table(database, stored)}")


def test_a_copy_of_what_the_table_was_before_is_not_read_and_goes_with_the_next(stored):
    stale = copy_of(stored)
    sha256 = write(stored, 10)
    assert copy_of(stored) is None
    assert total(stored) == (45, False)
    copy_table(path=str(stored), sha256=sha256)
    assert copies_of(stored) == [copy_name(stored, sha256)]
    assert not stale.exists()
    assert total(stored) == (45, True)


@pytest.mark.parametrize("harm", [b"", b"no database", None])
def test_a_damaged_copy_is_removed_and_the_table_answers(stored, harm):
    copy = copy_of(stored)
    content = bytearray(copy.read_bytes())
    for place in range(0, len(content), 5):
        content[place] ^= 0xFF
    copy.write_bytes(content if harm is None else harm)
    assert total(stored) == (4498500, False)
    assert copies_of(stored) == []
    assert total(stored) == (4498500, False)


def test_a_table_that_is_not_what_was_written_is_not_copied(stored):
    copy_of(stored).unlink()
    stored.write_bytes(stored.read_bytes()[:-1])
    with pytest.raises(EngineError, match="damaged"):
        copy_table(path=str(stored), sha256="0" * 64)
    assert copies_of(stored) == []


def test_a_failed_copy_leaves_nothing_and_the_table_answers(stored, monkeypatch):
    copy_of(stored).unlink()

    def full(_part, _target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("beanft.engine.tables.store.publish", full)
    with pytest.raises(OSError, match="No space left"):
        copy_table(path=str(stored), sha256=sha256_of(stored))
    assert [path.name for path in stored.parent.glob("table*")] == ["table.parquet"]
    assert total(stored) == (4498500, False)


def test_what_an_earlier_attempt_left_is_no_obstacle(stored):
    copy = copy_of(stored)
    copy.unlink()
    for ending in (".part", ".part.wal"):
        copy.with_name(copy.name + ending).write_bytes(b"half")
    assert copy_table(path=str(stored), sha256=sha256_of(stored)) == {"bytes": copy.stat().st_size}
    assert total(stored) == (4498500, True)


def test_a_lost_table_is_named_although_there_is_a_copy(stored):
    stored.unlink()
    with pytest.raises(EngineError, match="lost or damaged"):
        total(stored)


def test_a_deleted_copy_gives_back_its_disk_once_its_engine_is_idle(stored):
    assert total(stored)[1]
    assert connection._engines.n_open
    connection._engines.close_idle()
    assert connection._engines.n_open == 0


def limits_asked(path, n_failing):
    """Memory limits of the engines that one question is asked of, of which the first ones have too little."""
    asked = []

    def question(database):
        asked.append(database.execute("SELECT current_setting('memory_limit')").fetchone()[0])
        if len(asked) <= n_failing:
            raise duckdb.OutOfMemoryException("too little")
        return asked

    return ask(path, question, memory_mb=200, timeout_s=60)


def test_a_copy_is_asked_with_the_least_memory_first_and_no_larger_engine_is_kept(stored):
    connection._engines.close_idle()
    limits = ["22.8 MiB", "122.0 MiB", "190.7 MiB"]
    for n_failing in range(3):
        assert limits_asked(stored, n_failing) == limits[: n_failing + 1]
        assert connection._engines.n_open == 1
    copy_of(stored).unlink()
    assert limits_asked(stored, 0) == ["122.0 MiB"]


def test_a_wide_copy_is_asked_with_more_memory_and_that_is_final(tmp_path):
    path = tmp_path / "table.parquet"
    with connect(folders=[tmp_path]) as database:
        columns = ", ".join(f"range AS c{number}" for number in range(99))  # the copy has one more
        database.execute(f"COPY (SELECT {columns} FROM range(20)) TO '{path}' (FORMAT parquet)")
    copy_table(path=str(path), sha256=sha256_of(path))
    assert limits_asked(path, 0) == ["47.6 MiB"]

    def raise_limit(database):
        with pytest.raises(duckdb.InvalidInputException, match="locked"):
            database.execute("SET memory_limit = '9GB'")

    ask(path, raise_limit, memory_mb=200, timeout_s=60)


def test_where_there_is_no_room_there_is_simply_no_copy(stored):
    copy = copy_of(stored)
    n_bytes = copy.stat().st_size
    copy.unlink()
    stale = copy.with_name(copy_name(stored, "0" * 64).name)
    stale.write_bytes(b"of a table that was")
    asked = {"path": str(stored), "sha256": sha256_of(stored)}
    assert copy_table(**asked, room_bytes=10) == {"bytes": 0}
    assert [path.name for path in stored.parent.glob("table*")] == ["table.parquet"]
    assert total(stored) == (4498500, False)
    assert copy_table(**asked, room_bytes=n_bytes) == {"bytes": n_bytes}
    assert total(stored) == (4498500, True)


def has_records(path):
    with reading(path, copy=copy_of(path)) as database:
        return bool(known_records(database, table(database, path)).orders)


def test_without_room_for_the_packed_rows_the_copy_has_its_columns(stored):
    asked = {"path": str(stored), "sha256": sha256_of(stored)}
    n_bytes = copy_of(stored).stat().st_size
    assert has_records(stored)
    assert 0 < copy_table(**asked, room_bytes=n_bytes - 1)["bytes"] < n_bytes
    assert total(stored) == (4498500, True)


def test_packed_rows_that_turn_out_too_large_are_left_out(stored, monkeypatch):
    def write_much(database, source, **_):
        place = source.rpartition(".")[0]
        database.execute(f"CREATE TABLE {place}.records AS SELECT random() FROM range(500000)")

    monkeypatch.setattr("beanft.engine.tables.store.write_records", write_much)
    made = copy_table(path=str(stored), sha256=sha256_of(stored), room_bytes=1_000_000)
    assert 0 < made["bytes"] < 1_000_000
    assert total(stored) == (4498500, True)
    assert not has_records(stored)


@pytest.mark.parametrize("error", [duckdb.IOException, duckdb.InternalException, duckdb.OperationalError])
def test_packing_that_fails_leaves_a_copy_of_the_columns(stored, monkeypatch, error):
    def fill(database, source, fields, **options):
        marks.write_marks(database, source, fields, **options)
        raise error("No space left on device")

    copy_of(stored).unlink()
    monkeypatch.setattr("beanft.engine.tables.records.writing.write_marks", fill)
    assert copy_table(path=str(stored), sha256=sha256_of(stored))["bytes"] > 0
    assert {path.name for path in stored.parent.glob("table*")} == {copy_of(stored).name, "table.parquet"}
    assert total(stored) == (4498500, True)
    assert not has_records(stored)


def test_a_copy_tells_how_far_it_is_while_it_packs(stored):
    told = []

    class Told(Progress):
        def __call__(self, share, message=""):
            told.append((share, message))

    copy_table(path=str(stored), sha256=sha256_of(stored), progress=Told())
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert shares[-1] < 1
    assert len({share for share in shares if share >= 0.4}) >= 4
    assert told[-1][1] == "Packing rows: order of column 2 of 2"
