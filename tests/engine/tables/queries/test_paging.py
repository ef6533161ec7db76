"""Pages of sorted and searched views: from the Parquet file and from its quick copy, near and deep."""

import math
import random
from functools import partial

import numpy as np
import pandas as pd
import pytest

from beanft.engine.errors import EngineError
from beanft.engine.tables import connection
from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.connection import connect
from beanft.engine.tables.files import copies_of, copy_name, sha256_of
from beanft.engine.tables.queries import landmarks, marked, paging, remembered, seeking
from beanft.engine.tables.queries.conditions import Filter
from beanft.engine.tables.queries.pages import Sort, page
from beanft.engine.tables.store import copy_table

N = 1200
PROFILE = Profile(
    n_rows=N,
    columns=(
        Column(name="size", kind="number", stored="DOUBLE", n_missing=0, n_distinct=9),
        Column(name="count", kind="number", stored="BIGINT", n_missing=0, n_distinct=9),
        Column(name="word", kind="text", stored="VARCHAR", n_missing=0, n_distinct=9),
        Column(name="day", kind="date", stored="DATE", n_missing=0, n_distinct=9),
        Column(name="seen", kind="date", stored="TIMESTAMP", n_missing=0, n_distinct=9),
        Column(name="good", kind="boolean", stored="BOOLEAN", n_missing=0, n_distinct=2),
    ),
)
SORTS = [
    [Sort("size")],
    [Sort("size", descending=True)],
    [Sort("word", descending=True)],
    [Sort("day"), Sort("word", descending=True)],
    [Sort("seen", descending=True), Sort("good")],
    [Sort("good", descending=True), Sort("count"), Sort("size", descending=True)],
]


@pytest.fixture(scope="module", params=["Parquet", "copy"])
def path(request, tmp_path_factory):
    """A table full of equal and missing values, infinities and odd text."""
    folder = tmp_path_factory.mktemp("paging")
    path = folder / "table.parquet"
    with connect(folders=[folder]) as database:
        database.execute(
            "COPY (SELECT"
            " (['1.5', 'nan', 'inf', '-inf', NULL, '0', '-0.0'])[1 + (i * 7919) % 7]::DOUBLE AS size,"
            " ([3, 50, NULL, -4])[1 + (i * 31) % 4]::BIGINT AS count,"
            " (['red', 'Blue', '50%', 'a_b', NULL, 'Straße', 'x\\y', ''])[1 + (i * 104729) % 8] AS word,"
            " (['2024-02-29', NULL, 'infinity', '-infinity', '1600-01-01'])[1 + (i * 13) % 5]::DATE AS day,"
            " (['2024-02-29 10:00:00.123456', NULL])[1 + (i * 17) % 2]::TIMESTAMP AS seen,"
            " ([true, false, NULL])[1 + (i * 5) % 3] AS good "
            f"FROM range({N}) t(i)) TO '{path}' (FORMAT parquet, ROW_GROUP_SIZE 2048)"
        )
    if request.param == "copy":
        copy_table(path=str(path), sha256=sha256_of(path))
        assert len(copies_of(path)) == 1
    return path


@pytest.fixture(autouse=True)
def _nothing_remembered(monkeypatch):
    monkeypatch.setattr(paging, "_memory", paging.Memory())


def numbers(path, **options):
    return list(page(path, PROFILE, **options).row_numbers)


def whole_order(path, sorts):
    """The row numbers in one plain statement, without pages."""
    keys = "".join(f'"{s.column}" {"DESC" if s.descending else "ASC"} NULLS LAST, ' for s in sorts)
    with connect(folders=[path.parent]) as database:
        found = database.execute(
            f"SELECT file_row_number + 1 FROM read_parquet('{path}') ORDER BY {keys}file_row_number"
        ).fetchall()
    return [row[0] for row in found]


@pytest.mark.parametrize("sorts", SORTS, ids=lambda sorts: "-".join(s.column for s in sorts))
def test_pages_in_any_order_are_those_of_the_whole_order(path, sorts):
    expected = whole_order(path, sorts)
    offsets = [0, 50, 100, 1150, 1100, 600, 650, 550, 1190, 1200, 1250, 600]
    offsets += random.Random(4).sample(range(0, N, 50), 6)
    for offset in offsets:
        assert numbers(path, sorts=sorts, offset=offset) == expected[offset : offset + 50], offset


@pytest.fixture
def _large(monkeypatch):
    """Every view counts as a large one, and few rows as many."""
    monkeypatch.setattr(paging, "_LARGE", 1)
    monkeypatch.setattr(paging, "_FAR", 60)
    monkeypatch.setattr(landmarks, "_ENOUGH", 1)


@pytest.mark.usefixtures("_large")
@pytest.mark.parametrize("sorts", SORTS, ids=lambda sorts: "-".join(s.column for s in sorts))
def test_pages_found_by_landmarks_are_those_of_the_whole_order(path, sorts):
    expected = whole_order(path, sorts)
    for offset in (0, 50, 600, 650, 550, 1190, 1150, 300, 900, 1000, 300):
        assert numbers(path, sorts=sorts, offset=offset) == expected[offset : offset + 50], offset
    options = {"sorts": sorts, "filters": [Filter("count", "at-least", "0")]}
    whole = numbers(path, limit=1000, **options)
    for offset in (300, 0, 550, 420):
        assert numbers(path, offset=offset, limit=50, **options) == whole[offset : offset + 50], offset


@pytest.mark.usefixtures("_large")
@pytest.mark.parametrize("wrong", [-0.2, 0.01, 0.4])
def test_landmarks_that_are_wrong_cost_time_but_change_nothing(path, monkeypatch, wrong):
    def misplaced(*args, **options):
        found = landmarks.sample_landmarks(*args, **options)
        marks = tuple((share + wrong, value) for share, value in found.marks)
        return landmarks.Landmarks(marks, max(0.0, found.share_missing + wrong))

    monkeypatch.setattr(paging, "sample_landmarks", misplaced)
    for sorts in SORTS:
        expected = whole_order(path, sorts)
        for offset in (600, 0, 1150, 250, 900):
            assert numbers(path, sorts=sorts, offset=offset) == expected[offset : offset + 50], offset


@pytest.mark.usefixtures("_large")
@pytest.mark.parametrize("seed", range(3))
def test_random_orders_of_random_tables_are_those_of_pandas(tmp_path, monkeypatch, seed):
    chance, n = np.random.default_rng(seed), 3000
    frame = pd.DataFrame(
        {
            "size": chance.choice([1.5, np.inf, -np.inf, 0.0, -7.25, *chance.normal(size=400)], n),
            "count": pd.array(chance.integers(-9, 200, n), dtype="Int64"),
            "word": chance.choice(["", "a", "B", "ß", *(f"w{i}" for i in range(300))], n).astype(object),
        }
    )
    for name in frame:
        frame.loc[chance.random(n) < chance.choice([0, 0.02, 0.6]), name] = None
    frame.to_parquet(tmp_path / "table.parquet", index=False)
    monkeypatch.setattr(landmarks, "_SAMPLED", 2048)  # a part of the table only
    profile = Profile(n_rows=n, columns=PROFILE.columns[:3])
    if seed % 2:
        path = tmp_path / "table.parquet"
        copy_table(path=str(path), sha256=sha256_of(path))
    for names in (["size"], ["count", "word"], ["word", "size", "count"]):
        sorts = [Sort(name, descending=bool(chance.integers(2))) for name in names]
        ordered = frame
        for sort in reversed(sorts):
            keys = ordered[sort.column]
            codes = keys.rank(method="dense").astype("Float64") * (-1 if sort.descending else 1)
            ordered = ordered.loc[codes.sort_values(kind="stable", na_position="last").index]
        expected = [int(number) + 1 for number in ordered.index]
        for offset in chance.integers(0, n, 6):
            got = page(tmp_path / "table.parquet", profile, sorts=sorts, offset=int(offset)).row_numbers
            assert list(got) == expected[offset : offset + 50], (sorts, offset)


def test_a_page_that_was_shown_is_not_looked_for_again(path, monkeypatch):
    first = numbers(path, sorts=[Sort("size")], offset=600)
    for module in (paging, marked):
        monkeypatch.setattr(module, "rows_from", lambda *_: pytest.fail("it was looked for"))
    assert numbers(path, sorts=[Sort("size")], offset=600) == first
    assert page(path, PROFILE, sorts=[Sort("size")], offset=600, columns=["word"]).columns == ("word",)


def test_a_copy_that_lost_the_order_of_its_rows_is_still_read_right(tmp_path):
    path = tmp_path / "table.parquet"
    pd.DataFrame({"size": np.arange(300.0)}).to_parquet(path)
    copied = copy_name(path, sha256_of(path))
    with connect(folders=[tmp_path]) as database:
        database.execute(f"ATTACH '{copied}' AS other")
        database.execute(
            "CREATE TABLE other.main.rows AS SELECT file_row_number, * "
            f"FROM read_parquet('{path}') ORDER BY size DESC"
        )
        database.execute("DETACH other")
    profile = Profile(n_rows=300, columns=PROFILE.columns[:1])
    assert page(path, profile, offset=20, limit=3).rows == ((20.0,), (21.0,), (22.0,))


def test_a_filtered_view_is_turned_page_by_page_there_and_back(path):
    options = {"sorts": [Sort("size")], "filters": [Filter("count", "at-least", "0")]}
    forth = [numbers(path, offset=offset, limit=30, **options) for offset in range(0, 630, 30)]
    back = [numbers(path, offset=offset, limit=30, **options) for offset in range(600, -30, -30)]
    assert forth == back[::-1]
    flat = [number for one in forth for number in one]
    assert len(flat) == len(set(flat)) == page(path, PROFILE, **options).n_matching == 600


def test_a_page_beside_one_that_was_shown_skips_nothing(path, monkeypatch):
    starts = []
    plain = paging._start
    monkeypatch.setattr(paging, "_start", lambda *facts: starts.append(plain(*facts)) or starts[-1])
    monkeypatch.setattr(paging, "_find_marked", lambda *_: None)  # as in Parquet and in older copies
    for offset in (500, 550, 450):
        numbers(path, sorts=[Sort("count")], offset=offset, limit=50)
    assert [start.n_skipped for start in starts] == [500, 0, 0]
    assert [start.backward for start in starts] == [False, False, True]


@pytest.mark.usefixtures("_large")
@pytest.mark.parametrize("names", [["count", "size"], ["word", "count"], ["seen", "good"]])
def test_a_page_beside_one_that_was_shown_among_many_equals_skips_nothing(path, monkeypatch, names):
    monkeypatch.setattr(paging, "_FAR", 40)
    sorts, starts, plain = [Sort(name) for name in names], [], paging.rows_from
    for module in (paging, marked):
        monkeypatch.setattr(
            module, "rows_from", lambda *asked: starts.append(asked[3].n_skipped) or plain(*asked)
        )
    expected = whole_order(path, sorts)
    for begin in (60, 1120):  # values, and where they are missing
        for offset in (begin, begin + 15, begin - 15):
            starts.clear()
            got = numbers(path, sorts=sorts, offset=offset, limit=15)
            assert got == expected[offset : offset + 15]
            assert offset == begin or starts == [0], offset


def test_what_was_learnt_is_bounded(path, monkeypatch):
    monkeypatch.setattr(remembered, "_VIEWS", 2)
    monkeypatch.setattr(remembered, "_BOOKMARKS", 3)
    monkeypatch.setattr(remembered, "_PAGES", 2)
    for column in ("size", "count", "word"):
        for offset in (0, 300, 600):
            numbers(path, sorts=[Sort(column)], offset=offset)
    views = paging._memory._views
    assert len(views) == 2
    assert all(len(one.rows) <= 3 and len(one.pages) <= 2 for one in views.values())


def test_a_view_of_a_file_that_was_written_anew_is_another(tmp_path):
    file = tmp_path / "table.parquet"
    view = seeking.View(path=file, condition="true", values=(), keys=())
    file.write_bytes(b"1")
    before = view.identity
    assert view.identity == before
    file.write_bytes(b"12")
    assert view.identity != before


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("red", lambda row: row[2] == "red"),
        ("RED", lambda row: row[2] == "red"),
        ("%", lambda row: row[2] == "50%"),
        ("_", lambda row: row[2] == "a_b"),
        ("\\", lambda row: row[2] == "x\\y"),
        ("STRAß", lambda row: row[2] == "Straße"),
        ("traß", lambda row: row[2] == "Straße"),
        (" 50 ", lambda row: row[2] == "50%" or row[1] == 50),
        ("1.5", lambda row: row[0] == 1.5),
        ("-4", lambda row: row[1] == -4),
        ("99999999999999999999", lambda row: False),
        ("nan", lambda row: False),
        ("' OR 1=1 --", lambda row: False),
        ("", lambda row: True),
    ],
)
def test_a_search_finds_text_in_any_text_column_and_equal_numbers(path, text, found):
    everything = page(path, PROFILE, limit=1000), page(path, PROFILE, offset=1000, limit=1000)
    rows = [row for one in everything for row in one.rows]
    expected = [number for number, row in enumerate(rows, 1) if found(row)]
    got = page(path, PROFILE, search=text, limit=1000)
    assert got.n_matching == len(expected)
    assert list(got.row_numbers) == expected[:1000]
    again = page(path, PROFILE, search=text, offset=20, limit=10, sorts=[Sort("count")])
    assert again.n_matching == len(expected)
    assert set(again.row_numbers) <= set(expected)


def test_search_and_filters_must_both_hold(path):
    got = page(path, PROFILE, search="50", filters=[Filter("good", "equals", "true")], limit=1000)
    assert 0 < got.n_matching < page(path, PROFILE, search="50").n_matching
    assert all(row[5] is True and (row[2] == "50%" or row[1] == 50) for row in got.rows)


def test_a_search_looks_into_the_first_columns_only(path, monkeypatch):
    monkeypatch.setattr("beanft.engine.tables.queries.search.MOST_COLUMNS", 2)
    assert page(path, PROFILE, search="red").n_matching == 0
    assert page(path, PROFILE, search="50").n_matching == 300


def test_what_no_table_can_hold_is_said(path):
    with pytest.raises(EngineError, match="is not text, so it cannot be searched for"):
        page(path, PROFILE, search="a\ud800")


def test_infinite_and_odd_values_come_as_plain_ones(path):
    sizes = {repr(row[0]) for row in page(path, PROFILE, limit=50).rows}
    assert {"inf", "-inf", "nan", "None", "1.5"} <= sizes
    last = page(path, PROFILE, sorts=[Sort("size", descending=True)], limit=1).rows[0][0]
    assert math.isnan(last)


def test_a_question_too_large_for_a_small_engine_gets_a_large_one(path, monkeypatch):
    asked = []

    def question(database):
        limit = database.execute("SELECT current_setting('memory_limit')").fetchone()[0]
        asked.append(limit)
        if len(asked) == 1:
            database.execute("SELECT list(range) FROM range(100000000)").fetchall()
        return limit

    monkeypatch.setattr(connection, "_SMALL_MB", 20)
    assert connection.ask(path, question, memory_mb=77, timeout_s=60) == asked[1] != asked[0]


def test_a_question_too_slow_for_the_smallest_engine_is_asked_of_a_larger_one_once(path):
    asked = []

    def question(database, *, is_always_slow=False):
        asked.append(database.execute("SELECT current_setting('memory_limit')").fetchone()[0])
        if len(asked) == 1 or is_always_slow:
            database.execute(
                "SELECT sum(a.range * b.range) FROM range(1000000) a, range(1000000) b"
            ).fetchall()

    n_asked = 2 if connection.copy_of(path) else 1
    if n_asked == 2:
        connection.ask(path, question, memory_mb=512, timeout_s=0.5)
        assert len(set(asked)) == 2
    asked.clear()
    with pytest.raises(EngineError, match=r"longer than 0\.5 seconds"):
        connection.ask(path, partial(question, is_always_slow=True), memory_mb=512, timeout_s=0.5)
    assert len(asked) == n_asked
