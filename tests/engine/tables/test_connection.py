"""The locked connection: nothing outside its folders, nothing for ever."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import duckdb
import pytest

import beanft
from beanft.engine.errors import BusyError, EngineError
from beanft.engine.tables import connection
from beanft.engine.tables.connection import connect, reading
from beanft.engine.turns import Turns
from waiting import wait_for

FORBIDDEN = [
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM sniff_csv('/etc/passwd')",
    "SELECT * FROM glob('/etc/*')",
    "SELECT * FROM read_text('{folder}/../outside.txt')",
    "SELECT * FROM read_text('{folder}/link.txt')",
    "COPY (SELECT 1) TO '/tmp/beanft-outside.csv'",
    "COPY (SELECT 1) TO '{folder}/../outside.csv'",
    "ATTACH '/tmp/beanft-outside.db'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "EXPORT DATABASE '/tmp/beanft-outside'",
    "SET memory_limit = '9GB'",
    "SET enable_external_access = true",
    "SET allowed_directories = ['/']",
    "SELECT * FROM read_csv('http://127.0.0.1:1/a.csv')",
]


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_nothing_outside_the_folder_is_reached(tmp_path, statement):
    folder = tmp_path / "inside"
    folder.mkdir()
    (tmp_path / "outside.txt").write_text("secret")
    (folder / "link.txt").symlink_to("/etc/passwd")
    with connect(folders=[folder]) as database, pytest.raises(duckdb.Error):
        database.execute(statement.format(folder=folder)).fetchall()
    assert not Path("/tmp/beanft-outside.csv").exists()
    assert not (tmp_path / "outside.csv").exists()


def test_files_inside_the_folder_are_read_and_written(tmp_path):
    with connect(folders=[tmp_path]) as database:
        database.execute(f"COPY (SELECT 7 AS a) TO '{tmp_path}/a.parquet'")
        assert database.execute(f"SELECT a FROM read_parquet('{tmp_path}/a.parquet')").fetchall() == [(7,)]
    assert [path.name for path in tmp_path.iterdir()] == ["a.parquet"]


def test_python_variables_are_no_tables(tmp_path):
    frame = [1, 2, 3]
    with connect(folders=[tmp_path]) as database, pytest.raises(duckdb.Error):
        database.execute("SELECT * FROM frame")
    assert frame


def test_what_takes_too_long_is_stopped(tmp_path):
    with (
        pytest.raises(EngineError, match=r"took longer than 0\.2 seconds"),
        connect(folders=[tmp_path], timeout_s=0.2) as database,
    ):
        database.execute("SELECT sum(a.range * b.range) FROM range(1000000) a, range(1000000) b").fetchall()


def test_what_needs_too_much_memory_is_stopped(tmp_path):
    with (
        pytest.raises(EngineError, match="more memory than the 50 MB"),
        connect(folders=[tmp_path], memory_mb=50, timeout_s=60) as database,
    ):
        database.execute("SELECT list(range) FROM range(100000000)").fetchall()


def test_rows_keep_their_order_under_a_long_list_of_values(tmp_path):
    with connect(folders=[tmp_path]) as database:
        database.execute(f"COPY (SELECT range AS a FROM range(500000)) TO '{tmp_path}/a.parquet'")
        found = database.execute(
            f"SELECT a FROM read_parquet('{tmp_path}/a.parquet') WHERE a % 9 IN (8, 1, 5, 2, 7, 3)"
        ).fetchnumpy()["a"]
    assert (found[1:] > found[:-1]).all()


def test_only_one_file_opens_connections():
    sources = Path(beanft.__file__).parent.rglob("*.py")
    assert [path.name for path in sources if "duckdb.connect(" in path.read_text()] == ["connection.py"]


def test_an_engine_kept_for_a_folder_sees_a_file_that_was_written_anew(tmp_path):
    source = tmp_path / "table.csv"
    for n_rows in (2, 3):
        source.write_text("a\n" + "1\n" * n_rows)
        with connect(folders=[tmp_path]) as database:
            assert database.execute("SELECT count(*) FROM read_csv(?)", [str(source)]).fetchone() == (n_rows,)


def test_connections_to_one_folder_share_no_tables(tmp_path):
    with connect(folders=[tmp_path]) as one, connect(folders=[tmp_path]) as other:
        one.execute("CREATE TEMP TABLE mine AS SELECT 1")
        with pytest.raises(duckdb.CatalogException):
            other.execute("SELECT * FROM mine")


@pytest.fixture
def stored(tmp_path):
    """A small Parquet file."""
    path = tmp_path / "table.parquet"
    with connect(folders=[tmp_path]) as database:
        database.execute(f"COPY (SELECT range AS a FROM range(20000)) TO '{path}'")
    return path


def ask(path):
    with reading(path) as database:
        return database.execute(f"SELECT sum(a) FROM read_parquet('{path}')").fetchone()


def cut(path):
    path.write_bytes(path.read_bytes()[:5000])


def flipped(path):
    content = bytearray(path.read_bytes())
    for place in range(4, len(content) - 8, 7):
        content[place] ^= 0xFF
    path.write_bytes(content)


@pytest.mark.parametrize("harm", [Path.unlink, cut, flipped, lambda path: path.write_bytes(b"")])
def test_a_lost_or_damaged_table_is_named(stored, harm):
    assert ask(stored) == (199990000,)
    harm(stored)
    with pytest.raises(EngineError, match="stored table is lost or damaged"):
        ask(stored)


@pytest.mark.parametrize("statement", ["SELEC 1", "SELECT nothing", "SELECT * FROM nowhere"])
def test_our_own_mistakes_are_not_called_damage(stored, statement):
    with pytest.raises(duckdb.ProgrammingError), reading(stored) as database:
        database.execute(statement)


def test_six_questions_of_one_page_are_answered_and_leave_a_place_to_other_tables(stored, tmp_path):
    other = tmp_path / "other" / stored.name
    other.parent.mkdir()
    other.write_bytes(stored.read_bytes())
    with ThreadPoolExecutor(3) as pool, ExitStack() as three:
        for _ in range(3):
            three.enter_context(reading(stored))
        waiting = [pool.submit(ask, stored) for _ in range(3)]
        wait_for(lambda: connection._turns._here[stored.parent] == 6)
        assert ask(other) == (199990000,)
        with pytest.raises(BusyError):
            ask(stored)
        three.close()
        assert [one.result() for one in waiting] == [(199990000,)] * 3


def test_only_a_few_questions_are_asked_at_once(stored, monkeypatch):
    turns = Turns(at_once=4, waiting=0, wait_s=0.01, sentence="The server is busy.")
    monkeypatch.setattr(connection, "_turns", turns)
    with ExitStack() as stack:
        for _ in range(4):
            stack.enter_context(reading(stored))
        with pytest.raises(BusyError, match="server is busy"):
            ask(stored)
    assert ask(stored) == (199990000,)
