"""Good files: encodings, dialects, kinds, order and what is noted."""

import json
from pathlib import Path

import duckdb
import pytest

from beanft.engine.errors import EngineError
from beanft.engine.progress import Progress
from beanft.engine.tables.columns import Profile
from beanft.engine.tables.files import sha256_of
from beanft.engine.tables.queries.pages import page
from beanft.engine.tables.read import ingest


def read(folder: Path, content: str | bytes, kinds: dict[str, str] | None = None, **options) -> Profile:
    if kinds:
        options["wishes"] = {"columns": {name: {"kind": kind} for name, kind in kinds.items()}}
    source = folder / "upload.csv"
    source.write_bytes(content.encode() if isinstance(content, str) else content)
    result = ingest(
        source=str(source), target=str(folder / "out.parquet"), original_name="upload.csv", **options
    )
    json.dumps(result)
    assert result["parquet_sha256"] == sha256_of(folder / "out.parquet")
    assert result["parquet_bytes"] == (folder / "out.parquet").stat().st_size
    assert sorted(path.name for path in folder.iterdir()) == ["out.parquet", "upload.csv"]
    return Profile.from_dict(json.loads(json.dumps(result["profile"])))


def rows(folder: Path, profile: Profile) -> list[tuple]:
    return list(page(folder / "out.parquet", profile, limit=1000).rows)


def column_of(values: list[str], name: str = "v") -> str:
    return f"{name},other\n" + "".join(f"{value},x{n % 3}\n" for n, value in enumerate(values))


@pytest.mark.parametrize(
    ("values", "kind", "stored", "form"),
    [
        (["3", "5", "3", "8"], "number", "BIGINT", ""),
        (["0", "1", "0", "1"], "number", "BIGINT", ""),
        (["3", "5.5", "1e3", "-.5"], "number", "DOUBLE", ""),
        (["007", "123", "456", "007"], "category", "VARCHAR", ""),
        (["12345678901234567890", "1", "2", "2"], "category", "VARCHAR", ""),
        (["9007199254740993", "1.5", "2", "2"], "category", "VARCHAR", ""),
        (["1e400", "1.5", "2.5", "2.5"], "category", "VARCHAR", ""),
        (["true", "False", "TRUE", ""], "boolean", "BOOLEAN", ""),
        (["Yes", "no", "no", "yes"], "boolean", "BOOLEAN", ""),
        (["2024-01-31", "2024-02-29", "2023-12-01", "NA"], "date", "DATE", ""),
        (["2024-01-31", "2024-01-31 10:00", "2024-01-31T10:00:05.5Z", ""], "date", "TIMESTAMP", ""),
        (["31.01.2024", "1.2.2024", "05.03.2024", ""], "date", "DATE", "%d.%m.%Y"),
        (["31/01/2024", "01/02/2024", "05/03/2024", ""], "date", "DATE", "%d/%m/%Y"),
        (["01/31/2024", "02/01/2024", "03/05/2024", ""], "date", "DATE", "%m/%d/%Y"),
        (["31 Jan 2024", "1 Feb 2024", "5 Mar 2024", ""], "date", "DATE", "%d %b %Y"),
        (["31.01.2024 07:30", "1.2.2024 8:00", "1.2.2024 8:01", ""], "date", "TIMESTAMP", "%d.%m.%Y %H:%M"),
        (["31.02.2024", "30.02.2024", "1.2.2024", ""], "category", "VARCHAR", ""),
        (["red", "blue", "red", "blue"], "category", "VARCHAR", ""),
        (["same", "same", "", "same"], "constant", "VARCHAR", ""),
        (["", "NA", "?", "-"], "constant", "VARCHAR", ""),
        (["1_000", "2_000", "3_000", "1_000"], "category", "VARCHAR", ""),
    ],
)
def test_kind_is_found(tmp_path, values, kind, stored, form):
    column = read(tmp_path, column_of(values)).column("v")
    assert (column.kind, column.stored, column.format) == (kind, stored, form)


def test_identifiers_are_sequences_named_keys_and_different_words(tmp_path):
    lines = [f"{n + 1},{900 - n * 7},ref{n:03d},{n * 3},a text of {n} words" for n in range(40)]
    profile = read(tmp_path, "row,order_id,ref,size,note\n" + "\n".join(lines))
    kinds = [column.kind for column in profile.columns]
    assert kinds == ["identifier", "identifier", "identifier", "number", "text"]


def test_many_different_texts_are_text_and_few_are_categories(tmp_path):
    lines = [f"word {n % 150},word {n % 90}" for n in range(1000)]
    profile = read(tmp_path, "many,few\n" + "\n".join(lines))
    assert [column.kind for column in profile.columns] == ["text", "category"]


def test_national_dates_mean_the_day_written(tmp_path):
    profile = read(tmp_path, "a;b\n31.01.2024;7\n1.2.2024;8\n5.3.24;9\n")
    assert profile.column("a").kind == "category"
    profile = read(tmp_path, "a;b\n31.01.69;7\n1.2.68;8\n5.3.24;9\n")
    assert [str(row[0]) for row in rows(tmp_path, profile)] == ["1969-01-31", "2068-02-01", "2024-03-05"]


def test_dates_of_either_order_are_noted(tmp_path):
    profile = read(tmp_path, "a,b\n01/02/2024,7\n03/04/2024,8\n")
    assert str(rows(tmp_path, profile)[0][0]) == "2024-01-02"
    assert any("fit day/month and month/day; they were read as month/day" in note for note in profile.notes)
    profile = read(tmp_path, "a;b\n01/02/2024;7\n03/04/2024;8\n")
    assert str(rows(tmp_path, profile)[0][0]) == "2024-02-01"


def test_zones_become_utc(tmp_path):
    profile = read(tmp_path, "a,b\n2024-01-01T10:00:00+02:00,1\n2024-01-01T10:00:00Z,3\n")
    assert [row[0].hour for row in rows(tmp_path, profile)] == [8, 10]


def test_decimal_comma_with_semicolons(tmp_path):
    profile = read(tmp_path, "name;price\na;1,5\nb;1.234,75\na;3\n")
    assert profile.delimiter == ";"
    assert profile.column("price").format == "decimal comma"
    assert [row[1] for row in rows(tmp_path, profile)] == [1.5, 1234.75, 3.0]


_POINTS = ["8.359", "24.094", "17.386"] * 4
_SOME = ["950", "1.234", "12.500"] * 4
_COMMAS = ["950", "1,234", "12,500"] * 4


@pytest.mark.parametrize(
    ("delimiter", "cells", "beside", "second", "other"),
    [
        ("\t", _POINTS, "996.10", 24.094, ()),  # another column shows which sign stands before decimals
        (";", _SOME, "2.25", 1.234, ()),
        (";", _POINTS, "1,5", 24094, ()),
        (";", _COMMAS, "2,25", 1.234, ()),
        (";", _COMMAS, "2.25", 1234, ()),
        ("\t", _POINTS, "x", 24.094, ("decimal comma",)),  # all cells have a point: so do decimals
        (";", _POINTS, "x", 24.094, ("decimal comma",)),
        ("|", _SOME, "x", 1234, ("",)),  # some are below a thousand
    ],
)
def test_three_digits_after_every_point_are_not_made_thousands_in_silence(
    tmp_path, delimiter, cells, beside, second, other
):
    profile = read(tmp_path, f"n{delimiter}m\n" + "".join(f"{one}{delimiter}{beside}\n" for one in cells))
    assert rows(tmp_path, profile)[1][0] == second
    assert profile.column("n").other_formats == other
    codes = {found.code for found in profile.findings if "n" in found.columns}
    assert ("ambiguous-form" in codes) is bool(other)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_endings(tmp_path, delimiter, ending):
    lines = [f"{n}{delimiter}red{delimiter}{n}.5" for n in (5, 3, 4)]
    profile = read(tmp_path, ending.join([delimiter.join("abc"), *lines]))
    assert profile.delimiter == delimiter
    assert rows(tmp_path, profile) == [(5, "red", 5.5), (3, "red", 3.5), (4, "red", 4.5)]


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("latin-1", "cp1252"),
    ],
)
def test_encodings(tmp_path, encoding, found):
    text = "name;city\nJosé;Málaga\nMüller;Köln\nÅsa;Malmö\n"
    profile = read(tmp_path, text.encode(encoding))
    assert profile.encoding == found
    assert rows(tmp_path, profile) == [("José", "Málaga"), ("Müller", "Köln"), ("Åsa", "Malmö")]
    assert [column.name for column in profile.columns] == ["name", "city"]


def test_windows_1252_and_cyrillic(tmp_path):
    profile = read(tmp_path, "name,note\nRenée,“smart” – €5\nZoë,ok\n".encode("cp1252"))
    assert rows(tmp_path, profile)[0] == ("Renée", "“smart” – €5")
    assert "The file was read as Windows-1252 (Western Europe), not UTF-8." in profile.notes
    profile = read(tmp_path, ("имя;город\n" + "Иван;Москва\nПётр;Казань\n" * 5).encode("cp1251"))
    assert rows(tmp_path, profile)[0] == ("Иван", "Москва")


def test_mixed_line_endings_are_noted(tmp_path):
    profile = read(tmp_path, "a,b\r\n1,x\r\n2,y\n3,x\n")
    assert profile.n_rows == 3
    assert any("The lines end in different ways (LF, CRLF)" in note for note in profile.notes)


def test_quoted_newlines_stay_in_the_cell_and_lines_stay_physical(tmp_path):
    body = 'a,b\n1,"x\ny"\n2,"say ""hi"", then"\n' + "".join(f"{n},z\n" for n in range(3, 90)) + "oops,z\n"
    profile = read(tmp_path, body)
    assert rows(tmp_path, profile)[:2] == [(1, "x\ny"), (2, 'say "hi", then')]
    assert profile.column("a").unreadable == ((92, "oops"),)
    assert body.splitlines()[91] == "oops,z"


def test_a_late_cell_of_another_type_becomes_missing_and_is_shown(tmp_path):
    lines = [f"{n * 2},x" for n in range(3000)]
    lines[2500] = "oops,x"
    profile = read(tmp_path, "a,b\n" + "\n".join(lines))
    column = profile.column("a")
    assert (column.kind, column.n_unreadable, column.n_missing) == ("number", 1, 1)
    assert column.unreadable == ((2502, "oops"),)
    assert "“a”: 1 cell is no number and became missing: line 2,502 (“oops”)." in profile.notes


def test_too_many_cells_of_another_type_keep_the_text(tmp_path):
    lines = [f"{n * 2},x" for n in range(2900)] + ["oops,x"] * 101
    column = read(tmp_path, "a,b\n" + "\n".join(lines)).column("a")
    assert (column.kind, column.stored, column.n_unreadable, column.n_missing) == ("text", "VARCHAR", 101, 0)
    assert column.almost == "number"
    assert column.unreadable == tuple((line, "oops") for line in range(2902, 2907))


def test_missing_spellings_are_noted(tmp_path):
    profile = read(tmp_path, "a,b\n1,x\nNA,y\n?,null\n , y\n4,None\n")
    assert rows(tmp_path, profile) == [
        (1, "x"),
        (None, "y"),
        (None, None),
        (None, "y"),
        (4, None),
    ]
    assert "“?” was read as missing in “a” (1)." in profile.notes
    assert "“NA” was read as missing in “a” (1)." in profile.notes


def test_headers_are_made_unique_and_noted(tmp_path):
    long = "n" * 5000
    profile = read(tmp_path, f"a,A,a,,{long},file_row_number\n1,2,3,4,5,6\n2,3,4,5,6,8\n")
    names = [column.name for column in profile.columns]
    assert names == ["a", "A (2)", "a (3)", "column 4", "n" * 200, "file_row_number (2)"]
    assert rows(tmp_path, profile)[1] == (2, 3, 4, 5, 6, 8)
    assert any("column 4" in note for note in profile.notes)
    assert any("5,000 characters" in note for note in profile.notes)


@pytest.mark.parametrize(
    "name",
    ['a"; drop table x--', "it's", "[x]", "<script>alert(1)</script>", "`", "\\", "{v}", "%s", "ünï ‮ x", "?"],
)
def test_hostile_names_work(tmp_path, name):
    quoted = '"' + name.replace('"', '""') + '"'
    profile = read(tmp_path, f"{quoted},other\n1.5,x\n2.5,y\n", kinds={})
    expected = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    assert profile.columns[0].name == expected
    assert rows(tmp_path, profile) == [(1.5, "x"), (2.5, "y")]


def test_title_lines_are_left_out(tmp_path):
    profile = read(tmp_path, "Report of sales\n# exported\n\na,b\n1,x\n2,y\n4,oops\n")
    assert [column.name for column in profile.columns] == ["a", "b"]
    assert profile.n_rows == 3
    assert "2 lines before the table left out: “Report of sales”, “# exported”." in profile.notes


def test_a_file_without_header_is_noticed(tmp_path):
    profile = read(tmp_path, "5,1.5,red\n7,2.5,blue\n6,3.5,red\n")
    assert not profile.has_header
    assert [column.name for column in profile.columns] == ["column 1", "column 2", "column 3"]
    assert profile.n_rows == 3


def test_years_are_a_header(tmp_path):
    profile = read(tmp_path, "country,2019,2020,2021\nFrance,1,2,3\nSpain,4,5,6\n")
    assert profile.has_header


def test_a_delimiter_at_the_end_of_rows_makes_no_column(tmp_path):
    profile = read(tmp_path, "a,b\n1,x,\n2,y,\n")
    assert rows(tmp_path, profile) == [(1, "x"), (2, "y")]
    assert any("ends with a delimiter" in note for note in profile.notes)


def test_one_column_and_blank_lines(tmp_path):
    profile = read(tmp_path, "x\n5\n\n7\n\n\n")
    assert rows(tmp_path, profile) == [(5,), (7,)]


def test_blanks_before_quotes(tmp_path):
    profile = read(tmp_path, 'a, b\n1, "x, y"\n2, "z"\n')
    assert rows(tmp_path, profile) == [(1, "x, y"), (2, "z")]


def test_formulas_and_markup_stay_text(tmp_path):
    cells = [
        "=cmd|' /C calc'!A0",
        "+1+2",
        "@SUM(A1)",
        "<img src=x onerror=alert(1)>",
        "{{7*7}}",
        "'; DROP TABLE user;--",
    ]
    profile = read(tmp_path, "v,w\n" + "".join(f"{cell},1\n" for cell in cells))
    assert [row[0] for row in rows(tmp_path, profile)] == cells


def test_rows_keep_their_order(tmp_path):
    values = [(n * 7919) % 200_003 for n in range(200_000)]
    profile = read(tmp_path, "v,w\n" + "".join(f"{value},{value % 7}\n" for value in values))
    stored = (
        duckdb.connect().execute(f"SELECT v FROM read_parquet('{tmp_path}/out.parquet')").fetchnumpy()["v"]
    )
    assert stored.tolist() == values
    assert profile.n_rows == 200_000


KINDS_WISHED = {
    ("number", "1,2,x"): ("BIGINT", [1, 2, None], 1),
    ("number", "007,12,13"): ("BIGINT", [7, 12, 13], 0),
    ("number", "1.5,x,yes"): ("DOUBLE", [1.5, None, None], 2),
    ("number", "red,blue,green"): ("BIGINT", [None, None, None], 3),
    ("category", "1,2,2"): ("BIGINT", [1, 2, 2], 0),
    ("text", "1,2,2"): ("VARCHAR", ["1", "2", "2"], 0),
    ("boolean", "1,0,2"): ("BOOLEAN", [True, False, None], 1),
    ("boolean", "yes,no,x"): ("BOOLEAN", [True, False, None], 1),
    ("date", "red,2024-01-31,x"): ("DATE", [None, "2024-01-31", None], 2),
    ("identifier", "5,5,6"): ("BIGINT", [5, 5, 6], 0),
    ("constant", "a,b,a"): ("VARCHAR", ["a", "b", "a"], 0),
}


@pytest.mark.parametrize(("kind", "cells"), KINDS_WISHED)
def test_the_owners_kind_wins(tmp_path, kind, cells):
    stored, values, n_unreadable = KINDS_WISHED[kind, cells]
    profile = read(tmp_path, column_of(cells.split(",")), kinds={"v": kind})
    column = profile.column("v")
    assert (column.kind, column.stored, column.n_unreadable) == (kind, stored, n_unreadable)
    shown = [str(row[0]) if kind == "date" and row[0] else row[0] for row in rows(tmp_path, profile)]
    assert shown == values
    assert len(column.unreadable) == n_unreadable


def test_unknown_kinds_are_named(tmp_path):
    with pytest.raises(EngineError, match="“money” is no kind of column"):
        read(tmp_path, "a,b\n1,2\n", kinds={"a": "money"})


def test_wishes_for_columns_that_are_not_there_are_left_out_with_a_note(tmp_path):
    profile = read(tmp_path, "a,b\n1,2\n3,4\n", kinds={"z": "text", "a": "text"})
    assert profile.column("a").kind == "text"
    assert "The table has no column “z”; what was asked for it was left out." in profile.notes
    profile = read(tmp_path, "a,b\n1,2\n3,4\n", kinds={"z": "text", "y": "money"})
    assert "The table has no columns “z”, “y”; what was asked for them was left out." in profile.notes


def test_progress_rises_to_the_end(tmp_path):
    heard = []

    class Listener(Progress):
        def __call__(self, share: float, message: str = "") -> None:
            heard.append((share, message))

    read(tmp_path, "a,b\n1,2\n3,4\n", progress=Listener())
    shares = [share for share, _ in heard]
    assert shares == sorted(shares)
    assert 0 <= shares[0] <= shares[-1] <= 1
    assert {"Reading rows", "Describing columns"} <= {message for _, message in heard}


def test_the_upload_may_lie_in_another_folder(tmp_path):
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    source, target = tmp_path / "here" / "it's.csv", tmp_path / "there" / "out.parquet"
    source.write_text("a,b\n1,x\n3,y\n")
    ingest(source=str(source), target=str(target), original_name="it's.csv")
    assert [path.name for path in target.parent.iterdir()] == ["out.parquet"]
    assert [path.name for path in source.parent.iterdir()] == ["it's.csv"]


def test_a_header_over_two_lines(tmp_path):
    body = '"size\nin cm","say ""x"""\n' + "".join(f"{n},z{n % 2}\n" for n in range(5, 90)) + "oops,z0\n"
    profile = read(tmp_path, body)
    assert [column.name for column in profile.columns] == ["size in cm", 'say "x"']
    assert rows(tmp_path, profile)[0] == (5, "z1")
    assert profile.column("size in cm").unreadable == ((88, "oops"),)


@pytest.mark.parametrize(
    "cells", ["1.7976931348623157e+308 1 2 3", "-1.7e308 1.7e308 0 5", "1e308 1e308 2e307 1e-300"]
)
def test_the_largest_numbers_are_read_without_arithmetic_that_overflows(tmp_path, cells):
    column = read(tmp_path, column_of(cells.split() * 5)).column("v")
    assert (column.kind, column.n_missing, column.maximum) == ("number", 0, max(map(float, cells.split())))
