"""What the rows of a table lack, as a quick copy counts it."""

import random
from collections import Counter

import duckdb
import pytest

from beanft.engine.tables.records import lacking
from beanft.engine.tables.records.lacking import read_slices, sets_sql, write_lacking
from beanft.engine.tables.records.reading import Records

SOURCE = "made.main.rows"
N = 1050


@pytest.fixture
def database():
    with duckdb.connect() as database:
        database.execute("ATTACH ':memory:' AS made")
        yield database


def written(database, columns, n=N):
    """A table in whose columns so large a share of the values is missing; gives its rows."""
    draw = random.Random(0)
    rows = [tuple(None if draw.random() < share else 1.5 for share in columns.values()) for _ in range(n)]
    names = ", ".join(f'"{name}" DOUBLE' for name in columns)
    database.execute(f"CREATE TABLE {SOURCE} (file_row_number BIGINT, {names})")
    database.executemany(
        f"INSERT INTO {SOURCE} VALUES (?{', ?' * len(columns)})", [(at, *row) for at, row in enumerate(rows)]
    )
    return rows


def test_slices_and_sets_are_what_the_rows_lack(database):
    rows = written(database, {"some": 0.3, "full": 0.0, "none": 1.0, "slice": 0.1})
    names = write_lacking(database, SOURCE)
    assert names == ("some", "none", "slice")
    lacks = [(row[3] is None, row[0] is None) for row in rows]
    slices = [lacks[first : first + 11] for first in range(0, N, 11)]
    wanted = [(sum(one for one, _ in part), sum(one for _, one in part)) for part in slices]
    assert read_slices(database, SOURCE, names, ["slice", "some"]) == wanted
    found = Counter()
    for columns, n in database.execute(sets_sql(SOURCE, names, ["slice", "some"])).fetchall():
        found[columns] += n
    assert found == Counter(one + 2 * other for one, other in lacks)


def test_where_nothing_is_missing_nothing_is_written(database):
    written(database, {"full": 0.0})
    assert write_lacking(database, SOURCE) == ()
    assert [name for (name,) in database.execute("SELECT table_name FROM duckdb_tables()").fetchall()] == [
        "rows"
    ]


def test_of_many_columns_those_that_lack_most_are_counted(database, monkeypatch):
    monkeypatch.setattr(lacking, "MOST_LACKING", 2)
    written(database, {"few": 0.1, "many": 0.6, "some": 0.3})
    assert write_lacking(database, SOURCE) == ("many", "some")


def test_sixty_columns_have_a_bit_each(database):
    rows = written(database, {f"c{at}": 0.02 for at in range(60)})
    names = write_lacking(database, SOURCE)
    sets = database.execute(f"SELECT p, sum(n) FROM ({sets_sql(SOURCE, names, names)}) GROUP BY p").fetchall()
    assert dict(sets) == Counter(sum((cell is None) << at for at, cell in enumerate(row)) for row in rows)


def test_too_many_sets_are_not_kept_but_the_slices_are(database, monkeypatch):
    monkeypatch.setattr(lacking, "_MOST_SETS", 3)
    rows = written(database, {"a": 0.5, "b": 0.5, "c": 0.5})
    names = write_lacking(database, SOURCE)
    assert database.execute(sets_sql(SOURCE, names, ["a"])).fetchall() == []
    assert sum(n for (n,) in read_slices(database, SOURCE, names, ["a"])) == sum(
        row[0] is None for row in rows
    )


@pytest.mark.parametrize(
    "wrong",
    ["UPDATE made.main.lacking SET n1 = n1 + 1", "DELETE FROM made.main.lacking_together WHERE lacks = 3"],
)
def test_what_does_not_add_up_is_not_trusted(database, monkeypatch, caplog, wrong):
    written(database, {"a": 0.5, "b": 0.5})
    write = lacking._write_sets

    def harmed(*parts):
        write(*parts)
        database.execute(wrong)

    monkeypatch.setattr(lacking, "_write_sets", harmed)
    assert write_lacking(database, SOURCE) == ()
    assert "do not add up" in caplog.text


def test_copies_that_did_not_count_it_are_read_as_before():
    facts = Records(lacking=("a",)).to_dict()
    assert Records.from_dict(facts).lacking == ("a",)
    del facts["lacking"]
    assert Records.from_dict(facts) == Records()
