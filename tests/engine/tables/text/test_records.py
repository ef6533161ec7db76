"""Text tables: every cell as it stands, in order, with its physical line."""

import duckdb
import pytest

from beanft.engine.errors import EngineError
from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.files import sha256_of, verify
from beanft.engine.tables.kinds.cells import DATES, forms_of, missing, value_of
from beanft.engine.tables.queries.pages import page
from beanft.engine.tables.read import ingest
from beanft.engine.tables.text.records import open_table


def test_text_is_kept_exactly_with_lines(tmp_path):
    (tmp_path / "t.csv").write_bytes(b'a,b\r\n007, x \r\n"1\r\n2",NA\r\n\r\n,"q""q"\r\n')
    table = open_table(str(tmp_path / "t.csv"))
    batches = list(table)
    assert table.names == ("a", "b")
    assert batches[0].lines == [2, 3, 6]
    assert batches[0].rows == [["007", " x "], ["1\r\n2", "NA"], ["", 'q"q']]
    assert list(table) == batches


def test_batches_keep_all_rows_in_order(tmp_path):
    (tmp_path / "t.csv").write_text("a;b\n" + "".join(f"{n};x\n" for n in range(2500)), encoding="utf-16")
    table = open_table(str(tmp_path / "t.csv"))
    assert (table.encoding, table.delimiter, table.has_header) == ("utf-16", ";", True)
    assert [row[0] for batch in table for row in batch.rows] == [str(n) for n in range(2500)]


def test_ragged_rows_are_named_after_the_others(tmp_path):
    (tmp_path / "t.csv").write_text("a,b\n1,2\n3\n4,5\n")
    with pytest.raises(
        EngineError, match=r"1 row does not have the 2 cells of the header \(a, b\): line 3 has 1"
    ):
        list(open_table(str(tmp_path / "t.csv")))


def test_text_and_ingest_read_the_same_rows(tmp_path):
    body = "".join(f'{n},"word {n}\nof ""two"" lines, {n}",{n / 4}\n' for n in range(5000))
    (tmp_path / "t.csv").write_text("a,b,c\n" + body)
    result = ingest(source=str(tmp_path / "t.csv"), target=str(tmp_path / "t.parquet"), original_name="t")
    profile = Profile.from_dict(result["profile"])
    texts = [row for batch in open_table(str(tmp_path / "t.csv")) for row in batch.rows]
    for offset in range(0, 5000, 1000):
        shown = page(tmp_path / "t.parquet", profile, offset=offset, limit=1000).rows
        assert len(shown) == 1000
        for row, cells in zip(shown, texts[offset : offset + 1000], strict=True):
            assert row == tuple(map(value_of, profile.columns, cells))


CELLS = (
    """
5|-5|+5|007|5.5|.5|5.|1e3|1e400|-1e400|inf|-Infinity|1,5|1.234,5|1.234|12,|1_000|0x10|9223372036854775808
true|Yes|T|y|1|x|٣|2024-01-31|2024-02-31|2024-1-1|2024-01-31T10:00:05.25+02:00|31.01.2024|1/2/24|31-jan-2024
0000-00-00|1900-01-00|1500-01-01|12345678901234567890|9007199254740993|2024-01-31 10:00|2024-01-31 10:00Z
2024-01-31 25:00|31 Jan 2024|Jan 31, 2024|1 2
""".strip()
    .replace("\n", "|")
    .split("|")
)


@pytest.mark.parametrize("stored", ["BIGINT", "DOUBLE", "DOUBLE,", "BOOLEAN", "date"])
def test_python_and_sql_read_cells_alike(stored):
    forms = (
        DATES if stored == "date" else forms_of(stored.rstrip(","), "decimal comma" if "," in stored else "")
    )
    database = duckdb.connect()
    database.execute("CREATE TABLE t AS SELECT unnest(?::VARCHAR[]) AS v", [CELLS])
    for form in forms:
        rows = database.execute(f"SELECT v, {form.expression('v')} FROM t").fetchall()
        assert [(v, form.value(v)) for v, _ in rows] == rows


def test_missing_spellings():
    assert all(
        missing(text) for text in (None, "", "  ", "NA", "N/A", "NaN", "null", "NULL", "None", "?", "-", "\t")
    )
    assert not any(missing(text) for text in ("0", "no", "none", "Na", "NAN1", "unknown", "false"))


def test_value_of_tells_what_cannot_be_read():
    day = Column(name="d", kind="date", stored="DATE", n_missing=0, n_distinct=3, format="%d.%m.%Y")
    assert str(value_of(day, " 1.2.2024 ")) == "2024-02-01"
    assert value_of(day, "2024-02-01") is None
    whole = Column(name="n", kind="number", stored="BIGINT", n_missing=0, n_distinct=3)
    assert [value_of(whole, text) for text in ("7", "2.5", "NA", "x")] == [7, 2.5, None, None]


def test_damage_is_named(tmp_path):
    path = tmp_path / "t.parquet"
    path.write_bytes(b"whole")
    digest = sha256_of(path)
    verify(path, digest)
    path.write_bytes(b"whale")
    with pytest.raises(EngineError, match="is damaged"):
        verify(path, digest)
    path.unlink()
    with pytest.raises(EngineError, match="is lost"):
        verify(path, digest)
