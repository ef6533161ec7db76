"""Records of a quick copy: every cell comes back as what the table holds, or is fetched from its column."""

import random
from datetime import date

import duckdb
import pytest

from beanft.engine.tables import connection
from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.connection import reading, table
from beanft.engine.tables.files import copies_of, copy_of, sha256_of
from beanft.engine.tables.queries import marked, paging
from beanft.engine.tables.queries.pages import Sort, page
from beanft.engine.tables.quoting import quote
from beanft.engine.tables.records import choosing, marks, writing
from beanft.engine.tables.records.reading import Records, known_records, read_records
from beanft.engine.tables.store import copy_table

N = 5000


def stored(tmp_path, columns, n=N, copied=True):
    """A table whose columns are SQL of i, with its quick copy."""
    path = tmp_path / "table.parquet"
    wanted = ", ".join(f"{sql} AS {quote(name)}" for name, sql in columns.items())
    with connection.connect(folders=[tmp_path]) as database:
        database.execute(f"COPY (SELECT {wanted} FROM range({n}) t(i)) TO '{path}'")
    if copied:
        copy_table(path=str(path), sha256=sha256_of(path))
    return path


def records_in(path):
    with reading(path, copy=copy_of(path)) as database:
        return known_records(database, table(database, path))


def both(path, names, numbers):
    """Cells from the records, and those of the Parquet file."""
    with reading(path, copy=copy_of(path)) as database:
        source = table(database, path)
        read = read_records(database, source, known_records(database, source), names, numbers)
    with reading(path) as database:
        wanted = ", ".join(map(quote, names))
        rows = database.execute(
            f"SELECT file_row_number, {wanted} FROM {table(database, path)} ORDER BY 1"
        ).fetchall()
    return read, {row[0]: row[1:] for row in rows if row[0] in set(numbers)}


EXACT = {
    "id": "i + 1",
    "big": "9007199254740993 + (i * 7919) % 1000",
    "negative": "-(i * 31) % 77",
    "far": "CASE WHEN i % 2 = 0 THEN -2000000000000000000 ELSE 2000000000000000000 END",
    "price": "((i * 7919) % 100000) / 100.0::DOUBLE",
    "rare digits": "CASE WHEN i = 4321 THEN 0.001234 ELSE (i % 90) / 100.0::DOUBLE END",
    "odd": "(['1.25', 'nan', 'inf', '-inf', '-0.0', '0', '-7'])[1 + (i * 7919) % 7]::DOUBLE",
    "zero": "'-0.0'::DOUBLE",
    "good": "i % 3 = 0",
    "day": "DATE '1969-12-30' + (i % 40)::INTEGER",
    "old": "DATE '0001-01-02' + (i % 3)::INTEGER",
    "seen": "TIMESTAMP '1969-12-31 23:59:58' + INTERVAL (i * 3) SECOND",
    "precise": "TIMESTAMP '2024-02-29 10:00:00.123456' + INTERVAL (i * 17) MICROSECOND",
    "place": "(['', 'Straße', 'x\\y', 'a''b', '50%', '東京', 'new\nline', chr(0) || 'a'])[1 + (i * 31) % 8]",
    "code": "printf('C%05x', (i * 104729) % 1048576)",
    "lengths": "repeat('ab', (i % 5)::INTEGER) || printf('%x', i)",
    "one": "'K1'",
    "constant": "42::BIGINT",
}


@pytest.mark.parametrize("missing", [False, True])
def test_every_cell_of_every_type_comes_back_as_it_was(tmp_path, monkeypatch, missing):
    monkeypatch.setattr(choosing, "_FEW", 100)
    monkeypatch.setattr(choosing, "_LISTED", 1000)
    columns = {
        name: f"CASE WHEN hash(i, {at}) % 5 <> 0 THEN {sql} END" if missing else sql
        for at, (name, sql) in enumerate(EXACT.items())
    } | {"nothing": "NULL::VARCHAR", "no number": "NULL::BIGINT"}
    path = stored(tmp_path, columns)
    names = list(columns)
    found = records_in(path)
    assert set(found.fields) == set(names)
    assert {name for name, one in found.fields.items() if one.letters} >= {"code", "lengths"}
    read, rows = both(path, names, list(range(N)))
    assert list(map(repr, sorted(read.items()))) == list(map(repr, sorted(rows.items())))


@pytest.mark.parametrize(
    "sql",
    [
        "CASE WHEN i = 4000 THEN 1e300 ELSE 1.5 END",
        "sqrt(i + 2)",
        "CASE WHEN i = 4000 THEN 'infinity'::DATE ELSE DATE '2024-02-29' END",
        "CASE WHEN i = 4000 THEN '-infinity'::TIMESTAMP ELSE TIMESTAMP '2024-02-29' END",
        "CASE WHEN i = 4000 THEN -9223372036854775808 ELSE i END",
        "md5(i::VARCHAR)",
    ],
)
def test_a_column_that_cannot_be_held_exactly_is_left_to_its_cells(tmp_path, monkeypatch, sql):
    monkeypatch.setattr(choosing, "_LISTED", 100)
    path = stored(tmp_path, {"odd": sql, "id": "i"})
    assert set(records_in(path).fields) == {"id"}
    kind = Column(name="odd", kind="text", stored="VARCHAR", n_missing=0, n_distinct=2)
    profile = Profile(n_rows=N, columns=(kind,))
    quick = page(path, profile, offset=3990, limit=20)
    copy_of(path).unlink()
    assert repr(quick) == repr(page(path, profile, offset=3990, limit=20))


@pytest.mark.parametrize(
    ("room", "names"),
    [
        (0, ""),
        (9, "one place zero good"),
        (70, "one place zero good old day negative big odd seen"),
        (130, "one place zero good old day negative big odd seen code"),
    ],
)
def test_what_has_no_room_is_left_out_and_texts_come_first(tmp_path, room, names):
    path = stored(tmp_path, EXACT, copied=False)
    with connection.connect(folders=[tmp_path]) as database:
        database.execute(f"CREATE TABLE rows AS SELECT file_row_number, * FROM read_parquet('{path}')")
        fields = choosing.choose_fields(database, "rows", room_bits=room)
    assert sum(one.bits for one in fields) <= room
    assert {one.name for one in fields} == {"constant", "id", *names.split()}


def test_without_any_room_rows_come_from_the_columns_and_orders_keep_their_marks(tmp_path, monkeypatch):
    monkeypatch.setattr("beanft.engine.tables.store._SMALL_BYTES", 0)
    path = stored(tmp_path, {"a": "i * 3", "b": "'x' || i"})
    assert records_in(path).fields == {}
    assert set(records_in(path).orders) == {"a"}
    columns = tuple(
        Column(name=name, kind="number", stored=kind, n_missing=0, n_distinct=N)
        for name, kind in (("a", "BIGINT"), ("b", "VARCHAR"))
    )
    got = page(
        path, Profile(n_rows=N, columns=columns), sorts=[Sort("a", descending=True)], offset=2000, limit=1
    )
    assert got.rows == ((8997, "x2999"),)


def test_fields_never_share_bits():
    chance = random.Random(2)
    fields = [
        choosing.Field(name=str(at), stored=chance.choice(["BIGINT", "VARCHAR"]), bits=chance.randint(0, 63))
        for at in range(80)
    ]
    taken = set()
    for field in choosing._placed(iter(fields)):
        bits = {(field.place, field.shift + at) for at in range(field.bits)}
        assert not taken & bits
        assert field.is_text or all(at < choosing.WORD_BITS for _, at in bits)
        taken |= bits


ORDERS = [
    [Sort("price")],
    [Sort("price", descending=True), Sort("id", descending=True)],
    [Sort("code")],
    [Sort("code", descending=True), Sort("day")],
    [Sort("place", descending=True), Sort("price"), Sort("id")],
    [Sort("day", descending=True)],
    [Sort("seen"), Sort("place")],
    [Sort("code"), Sort("constant")],
    [Sort("place"), Sort("constant", descending=True), Sort("nothing"), Sort("day")],
]


@pytest.mark.parametrize("missing", [False, True])
def test_pages_of_any_order_are_found_between_marks(tmp_path, monkeypatch, missing):
    monkeypatch.setattr(choosing, "_LISTED", 1000)
    monkeypatch.setattr(choosing, "_FEW", 100)
    monkeypatch.setattr(paging, "_memory", paging.Memory())
    names = ["price", "code", "place", "day", "seen", "id", "constant"]
    columns = {"nothing": "NULL::BIGINT"} | {
        name: f"CASE WHEN hash(i, {at}) % 5 <> 0 THEN {EXACT[name]} END" if missing else EXACT[name]
        for at, name in enumerate(names)
    }
    path = stored(tmp_path, columns)
    looked_for: list[bool] = []
    whole = paging._find_page
    monkeypatch.setattr(paging, "_find_page", lambda *asked: looked_for.append(True) or whole(*asked))
    profile = Profile(
        n_rows=N,
        columns=tuple(
            Column(name=name, kind="text", stored=one.stored, n_missing=0, n_distinct=2)
            for name, one in records_in(path).fields.items()
        ),
    )
    for sorts in ORDERS:
        keys = "".join(f'"{s.column}" {"DESC" if s.descending else "ASC"} NULLS LAST, ' for s in sorts)
        with reading(path) as database:
            asked = f"SELECT file_row_number + 1 FROM {table(database, path)} ORDER BY {keys}file_row_number"
            expected = [row[0] for row in database.execute(asked).fetchall()]
            counted = f'SELECT count("{sorts[0].column}") FROM {table(database, path)}'
            n_valued = database.execute(counted).fetchone()[0]
        for offset in (0, 50, 2000, 2050, 3200, n_valued - 20, 4900, 4950, 4990):
            got = page(path, profile, sorts=sorts, offset=offset, limit=50)
            assert list(got.row_numbers) == expected[offset : offset + 50], (sorts, offset)
    assert looked_for == []


def test_an_order_of_what_has_no_marks_is_sorted_as_before(tmp_path, monkeypatch):
    monkeypatch.setattr(choosing, "_LISTED", 100)
    path = stored(tmp_path, {"odd": "md5(i::VARCHAR)", "code": EXACT["code"], "id": "i"})
    assert set(records_in(path).orders) == {"code", "id"}
    columns = tuple(
        Column(name=name, kind="text", stored="VARCHAR", n_missing=0, n_distinct=2)
        for name in ("odd", "code")
    )
    profile = Profile(n_rows=N, columns=columns)
    for sorts in ([Sort("odd")], [Sort("code"), Sort("odd")], [Sort("odd"), Sort("code")]):
        quick = page(path, profile, sorts=sorts, offset=100)
        rows = [(row[0], row[1]) for row in quick.rows]
        assert rows == sorted(rows, key=lambda row: row[0 if sorts[0].column == "odd" else 1])


def test_records_that_do_not_read_back_are_dropped_and_rows_come_from_the_columns(tmp_path, monkeypatch):
    monkeypatch.setattr(writing, "code_sql", lambda _field: "1")
    path = stored(tmp_path, {"a": "i * 3", "b": "'x' || i"})
    assert len(copies_of(path)) == 1
    assert records_in(path).fields == {}
    columns = tuple(
        Column(name=name, kind="number", stored=kind, n_missing=0, n_distinct=N)
        for name, kind in (("a", "BIGINT"), ("b", "VARCHAR"))
    )
    got = page(path, Profile(n_rows=N, columns=columns), sorts=[Sort("a", descending=True)], limit=2)
    assert got.rows == ((14997, "x4999"), (14994, "x4998"))


FAR = "CASE WHEN i = 0 THEN -4611686018427387903 WHEN i < 2990 THEN i ELSE 4611686018427387902 + i END"


def found_with_and_without(path, sorts):
    """A page of an order from the quick copy, and from the Parquet file once there is no copy."""
    with reading(path) as database:
        described = database.execute(f"DESCRIBE SELECT * FROM {table(database, path)}").fetchall()
    columns = tuple(
        Column(name=name, kind="text", stored=kind, n_missing=0, n_distinct=2)
        for name, kind, *_ in described
        if name != "file_row_number"
    )
    profile, copy = Profile(n_rows=3000, columns=columns), copy_of(path)
    quick = page(path, profile, sorts=sorts, offset=100, limit=20)
    assert copy.exists()
    copy.unlink()
    return quick, page(path, profile, sorts=sorts, offset=100, limit=20)


def test_numbers_from_which_a_row_number_was_taken_never_overflow_in_a_sort(tmp_path, monkeypatch):
    monkeypatch.setattr(paging, "_memory", paging.Memory())
    path = stored(tmp_path, {"far": FAR, "t": "'k' || (i % 9)"}, n=3000)
    monkeypatch.setattr("beanft.engine.tables.queries.pages._OF_RECORDS", (), raising=False)
    quick, plain = found_with_and_without(path, [Sort("t"), Sort("far", descending=True)])
    assert quick == plain


@pytest.mark.parametrize("key", ["9223372036854775807 + 1 + file_row_number", "no_such_column"])
def test_records_that_cannot_be_sorted_are_left_for_the_columns(tmp_path, monkeypatch, key):
    monkeypatch.setattr(paging, "_memory", paging.Memory())
    path = stored(tmp_path, {"t": "'k' || (i % 9)", "id": "(i * 7919) % 1000"}, n=3000)
    monkeypatch.setattr(marked, "key_sql", lambda _field: key)
    quick, plain = found_with_and_without(path, [Sort("t"), Sort("id")])
    assert quick == plain


@pytest.mark.parametrize(
    "wrong", ["n_upto = n_upto + 1", "n_upto = 2 * n_upto", "n_upto = 3 WHERE n_upto BETWEEN 2000 AND 2100"]
)
def test_marks_that_were_counted_wrong_are_not_kept(tmp_path, monkeypatch, wrong):
    def miscount(database, source, fields, **options):
        found = marks.write_marks(database, source, fields, **options)
        database.execute(f"UPDATE {source.rpartition('.')[0]}.marks SET {wrong}")
        return found

    monkeypatch.setattr(writing, "write_marks", miscount)
    path = stored(tmp_path, {"a": "i // 2 * 3"})
    assert len(copies_of(path)) == 1
    assert records_in(path) == Records()


def test_texts_whose_numbers_sort_otherwise_are_not_kept(tmp_path, monkeypatch):
    path = stored(tmp_path, {"t": "'k' || (i % 9)"})
    assert set(records_in(path).orders) == {"t"}
    monkeypatch.setattr(marks, "key_sql", lambda field: f"-{field.column}")
    copy_of(path).unlink()
    copy_table(path=str(path), sha256=sha256_of(path))
    assert records_in(path) == Records()


def test_letters_are_asked_of_one_column_at_a_time_and_of_a_sample_first(tmp_path, monkeypatch):
    monkeypatch.setattr(choosing, "_FEW", 100)
    monkeypatch.setattr(choosing, "_LISTED", 100)
    monkeypatch.setattr(choosing, "_FEWER", 500)
    columns = {f"t{at}": f"md5('{at}' || i) || 'abcdefgh'" for at in range(9)} | {"code": EXACT["code"]}
    path, asked = stored(tmp_path, columns, copied=False), []
    with connection.connect(folders=[tmp_path]) as database:
        database.execute(f"CREATE TABLE rows AS SELECT file_row_number, * FROM read_parquet('{path}')")

        class Told:
            def execute(self, sql):
                asked.append(sql)
                return database.execute(sql)

        assert [one.name for one in choosing.choose_fields(Told(), "rows", room_bits=500)] == ["code"]
    assert max(sql.count("bit_or") for sql in asked) == 80
    assert sum("bit_or" in sql for sql in asked) == 11
    assert ["code" in sql for sql in asked if sql.endswith("FROM rows)") and "bit_or" in sql] == [True]


def test_a_copy_made_before_there_were_records_is_read_as_it_is(tmp_path, monkeypatch):
    monkeypatch.setattr("beanft.engine.tables.store.write_records", lambda *_, **__: False)
    path = stored(tmp_path, {"a": "i * 3"})
    assert records_in(path).fields == {}
    column = Column(name="a", kind="number", stored="BIGINT", n_missing=0, n_distinct=N)
    assert page(path, Profile(n_rows=N, columns=(column,)), offset=7, limit=1).rows == ((21,),)


def test_records_of_another_form_are_not_read(tmp_path):
    path = stored(tmp_path, {"a": "i * 3"})
    connection._engines.close_idle()
    with duckdb.connect(str(copy_of(path))) as database:
        database.execute("UPDATE about SET facts = replace(facts, '\"form\": 1', '\"form\": 0')")
    assert records_in(path).fields == {}


def test_long_texts_are_cut_and_other_types_too(tmp_path):
    path = stored(tmp_path, {"place": "(['Straße', NULL])[1 + i % 2]", "day": "DATE '2024-02-29'"})
    columns = tuple(
        Column(name=name, kind="text", stored=kind, n_missing=0, n_distinct=2)
        for name, kind in (("place", "VARCHAR"), ("day", "DATE"))
    )
    got = page(path, Profile(n_rows=N, columns=columns), limit=2, longest={"place": 5, "day": 4})
    assert got.rows == (("Straß", "2024"), (None, "2024"))
    assert page(path, Profile(n_rows=N, columns=columns), limit=1).rows[0][1] == date(2024, 2, 29)
