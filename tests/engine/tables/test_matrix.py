"""The matrix of bad and odd input: each case gives exactly this sentence, or exactly this table.

Archives, workbooks and other formats have tests of their own (test_unpack, test_workbook, …).
"""

import csv
import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from beanft.engine import errors
from beanft.engine.errors import EngineError
from beanft.engine.tables.columns import Profile
from beanft.engine.tables.queries.pages import page
from beanft.engine.tables.read import ingest

ROWS = [f"{n},{n * 1.5},name{n},2024-01-{n % 28 + 1:02d}" for n in range(1, 3001)]


def table(**rows: str) -> bytes:
    """3,000 good rows under a, b, c, d; `l17="…"` puts another text on physical line 17."""
    lines = ["a,b,c,d", *ROWS, ""]
    for line, text in rows.items():
        lines[int(line[1:]) - 1] = text
    return "\n".join(lines).encode()


def read(folder: Path, content: bytes, *, max_columns: int = 2000, **wishes: object) -> Profile:
    source, target = folder / "upload.csv", folder / "out.parquet"
    source.write_bytes(content)
    result = ingest(
        source=str(source),
        target=str(target),
        original_name="upload.csv",
        wishes=wishes,
        max_columns=max_columns,
    )
    return Profile.from_dict(result["profile"])


def refusal(folder: Path, content: bytes, **wishes: object) -> str:
    with pytest.raises(EngineError) as refused:
        read(folder, content, **wishes)
    assert [path.name for path in folder.iterdir()] == ["upload.csv"]
    return str(refused.value)


def cells(folder: Path, profile: Profile) -> list[tuple]:
    starts = range(0, profile.n_rows, 500)
    return [row for at in starts for row in page(folder / "out.parquet", profile, offset=at, limit=500).rows]


RAGGED = table(l3="2,3", l7="x", l11="1,2,3,4,5", l13="1,2", l14="1", l15="1,2,3")
REFUSED = {
    "empty file": (b"", "The file is empty. Upload a table with a header and at least one row."),
    "only newlines": (
        b"\n\n\n",
        "The file is empty: it holds only blank lines. Upload a table with a header and rows.",
    ),
    "only newlines and blanks, megabytes of them": (
        b" \r\n" * 500_000,
        "The file is empty: it holds only blank lines. Upload a table with a header and rows.",
    ),
    "header only": (
        b"a,b,c,d\n",
        "The file has a header (a, b, c, d) but no rows. Upload a table with at least one row.",
    ),
    "header only, no final newline": (
        b"a,b,c,d",
        "The file has a header (a, b, c, d) but no rows. Upload a table with at least one row.",
    ),
    "picture named .csv": (
        b"\x89PNG\r\n\x1a\n" + b"\0" * 99,
        "This is a PNG picture, not a CSV. Upload the table as CSV.",
    ),
    "program named .csv": (
        b"\x7fELF\x02\x01",
        "This is a program (ELF), not a CSV. Upload the table as CSV.",
    ),
    "bytes named .csv": (
        bytes(range(256)) * 40,
        "The file is binary: it holds 40 NUL bytes. Save the table as CSV and upload that.",
    ),
    "web page named .csv": (
        b"<!DOCTYPE html>\n<p>",
        "This is an HTML page, not a CSV. Perhaps the download gave an error page; fetch the CSV itself.",
    ),
    "unclosed quote": (
        table(l2002='2001,1.5,"never closed,2024-01-01'),
        "The quote that opens on line 2,002 is never closed: “2001,1.5,"
        '"never closed,2024-01-01”. Close or remove it. Or read the file again with this row set aside.',
    ),
    "two unclosed quotes": (
        table(l5='1,2,"x,y', l900='1,2,"z,y'),
        'The quote that opens on line 5 is never closed: “1,2,"x,y”; the same goes for line 900 '
        '(“1,2,"z,y”). Close or remove them. Or read the file again with these rows set aside.',
    ),
    "text after a closing quote": (
        table(l9='8,1.5,"a"b,2024-01-01'),
        'The quote that opens on line 9 is followed by more text after it closes: “8,1.5,"a"b,2024-01-01”. '
        "Double the quotes inside the cell, or remove them. Or read the file again with this row set aside.",
    ),
    "ragged rows": (
        RAGGED,
        "6 rows do not have the 4 cells of the header (a, b, c, d): line 3 has 2 (“2,3”), line 7 has 1 "
        "(“x”), line 11 has 5 (“1,2,3,4,5”), "
        "line 13 has 2 (“1,2”), line 14 has 1 (“1”), …. Give every row 4 cells; "
        "a cell that holds the delimiter needs quotes around it. "
        "Or read the file again with these rows set aside.",
    ),
    "NUL in a cell": (
        table(l1502="1501,1.5,na\0me,2024-01-01"),
        "The file holds 1 NUL byte, the first on line 1,502: “1501,1.5,na␀me,2024-01-01”. Text has none; "
        "remove them and upload the file again, or read it again with bad bytes replaced.",
    ),
    "invalid bytes late in UTF-8": (
        table(l7="6,1,José,2024-01-01", l2502="X").replace(b"X", b"2501,1.5,Ren\xe9,2024-01-01"),
        "Line 2,502 is not UTF-8 text at byte 13, while the rest of the file is: "
        "“2501,1.5,Ren�,2024-01-01”. Correct this line, save the whole file as UTF-8, or read it again as "
        "Windows-1252 or with bad bytes replaced.",
    ),
    "an encoding that is not clear": (
        b"a,b\n\xd8\x80\xfe\x90,1\n\x81\xf8,2\n",
        "The file is not UTF-8, and it is not clear in which encoding it was written: ",
    ),
    "one line of megabytes": (
        b"x" * 5_000_000,
        "Line 1 is longer than 4 MB. A line of a CSV is one row of a table: check that the file has line "
        "ends, and shorten or remove this cell.",
    ),
    "a cell of 5 MB": (
        b"a,b\n1,x\n2," + b"x" * 5_000_000 + b"\n3,y\n",
        "Line 3 is longer than 4 MB. A line of a CSV is one row of a table: check that the file has line "
        "ends, and shorten or remove this cell.",
    ),
    "5,000 columns above the setting": (
        ",".join(f"c{n}" for n in range(5000)).encode() + b"\n" + b",".join([b"1"] * 5000) + b"\n",
        "The file has 5,000 columns; 2,000 are allowed. "
        "Leave out columns that are not needed and upload it again.",
    ),
    "UTF-16 cut within a character": (
        "a,b\n1,2\n".encode("utf-16") + b"\0",
        "Line 3 is not UTF-16 text: “�”. Choose another encoding, or read the file again with bad bytes "
        "replaced.",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_exactly_this_sentence(tmp_path, case):
    content, sentence = REFUSED[case]
    found = refusal(tmp_path, content)
    assert found == sentence if sentence.endswith(".") else found.startswith(sentence)


REMEDIES = {
    "unclosed quote": ("set-aside",),
    "two unclosed quotes": ("set-aside",),
    "text after a closing quote": ("set-aside",),
    "ragged rows": ("set-aside",),
    "NUL in a cell": ("replace-bytes",),
    "invalid bytes late in UTF-8": ("windows-1252", "replace-bytes"),
    "an encoding that is not clear": ("choose-encoding",),
    "UTF-16 cut within a character": ("replace-bytes",),
}


@pytest.mark.parametrize("case", [*REMEDIES, "empty file", "header only", "bytes named .csv"])
def test_refused_with_these_remedies(tmp_path, case):
    with pytest.raises(EngineError) as refused:
        read(tmp_path, REFUSED[case][0])
    assert refused.value.remedies == REMEDIES.get(case, ())


WISHES_REFUSED = {
    "an encoding that does not fit": (
        {"encoding": "cp932"},
        "Line 3 is not Shift-JIS (Japanese) text at byte 6: “2,Ren�”. Choose another encoding, or read the "
        "file again with bad bytes replaced.",
    ),
    "an encoding of no name": (
        {"encoding": "klingon"},
        "“klingon” is no encoding that can be read. Choose one of the list.",
    ),
    "a delimiter of two characters": (
        {"delimiter": ";;"},
        "“;;” is no delimiter. Give one character, such as a comma, a semicolon or a tab.",
    ),
    "a quote of no sort": (
        {"quote": "x"},
        "“x” is no quote. Choose the double quote, the single one or none.",
    ),
    "an escape of no sort": (
        {"escape": "x"},
        "“x” is no way to write quotes inside cells. Choose double or backslash.",
    ),
    "delimiter and quote alike": (
        {"delimiter": "'", "quote": "'"},
        "Delimiter and quote are the same character. Choose two different ones.",
    ),
    "more lines left out than there are": (
        {"skip": 40},
        "Nothing is left of the file when 40 lines are left out at its start: it has 3 lines. "
        "Leave out fewer.",
    ),
}


@pytest.mark.parametrize("case", WISHES_REFUSED)
def test_wishes_that_cannot_be_fulfilled(tmp_path, case):
    wishes, sentence = WISHES_REFUSED[case]
    assert refusal(tmp_path, b"a,b\n1,x\n2,Ren\xe9", **wishes) == sentence


def test_rows_that_are_none_are_set_aside_on_request(tmp_path):
    content = RAGGED.replace(b"50,75.0,name50,", b'50,75.0,"name50,').replace(
        b"60,90.0,name60,", b'60,90.0,"=na"me,'
    )
    profile = read(tmp_path, content, bad_rows="aside")
    assert (profile.n_rows, profile.n_rejected) == (2992, 8)
    assert profile.rejected == (
        (3, "2 cells instead of 4", "2,3"),
        (7, "1 cell instead of 4", "x"),
        (11, "5 cells instead of 4", "1,2,3,4,5"),
        (13, "2 cells instead of 4", "1,2"),
        (14, "1 cell instead of 4", "1"),
    )
    assert (
        "8 rows were set aside into the rejects file: line 3 (2 cells instead of 4), line 7 (1 cell instead "
        "of 4), line 11 (5 cells instead of 4), line 13 (2 cells instead of 4), line 14 (1 cell instead of "
        "4), …."
    ) in profile.notes
    with (tmp_path / "rejects.csv").open(newline="") as file:
        aside = list(csv.reader(file))
    assert aside[0] == ["line", "reason", "text"]
    assert aside[-2:] == [
        ["51", "a quote is opened and never closed", '50,75.0,"name50,2024-01-23'],
        ["61", "text follows a closing quote", '60,90.0,"=na"me,2024-01-05'],
    ]
    kept = [row[0] for row in cells(tmp_path, profile)]
    assert kept == [n for n in range(1, 3001) if n not in (2, 6, 10, 12, 13, 14, 50, 60)]


def test_nothing_is_left_when_no_row_is_one(tmp_path):
    assert refusal(tmp_path, b"a,b,c\n1\n2\n", bad_rows="aside", header="yes", delimiter=",") == (
        "2 rows do not have the 3 cells of the header (a, b, c): line 2 has 1 (“1”), line 3 has 1 (“2”). "
        "Give every row 3 cells; a cell that holds the delimiter needs quotes around it. "
        "No other row is left."
    )


def test_bad_bytes_are_replaced_on_request_and_listed(tmp_path):
    content = table(l7="6,1,José,2024-01-01", l2502="X", l2600="2599,1.5,na\0me,2024-01-01")
    profile = read(tmp_path, content.replace(b"X", b"2501,1.5,Ren\xe9,2024-01-01"), bad_bytes="replace")
    assert profile.n_rows == 3000
    assert profile.notes == (
        "1 NUL byte was left out: line 2,600 (“2599,1.5,na␀me,2024-01-01”).",
        "1 piece is not UTF-8 text and became “�”: line 2,502 (“2501,1.5,Ren�,2024-01-01”).",
    )
    found = cells(tmp_path, profile)
    assert (found[2500][2], found[2598][2], found[5][2]) == ("Ren�", "name", "José")


def test_the_encoding_wished_is_taken(tmp_path):
    content = table(l7="6,1,x,2024-01-01", l2502="X").replace(b"X", b"2501,1.5,Ren\xe9,2024-01-01")
    profile = read(tmp_path, content, encoding="cp1252")
    assert profile.encoding == "cp1252"
    assert cells(tmp_path, profile)[2500][2] == "René"


def test_a_late_cell_of_another_type_is_shown(tmp_path):
    profile = read(tmp_path, table(l2702="oops,1.5,x,2024-01-01"))
    assert profile.column("a").unreadable == ((2702, "oops"),)
    assert profile.notes == ("“a”: 1 cell is no number and became missing: line 2,702 (“oops”).",)


ODD = {
    "duplicate and empty headers": (
        b"a,A,a,,rowid\n1,2,3,4,5\n2,3,4,5,7\n",
        ["a", "A (2)", "a (3)", "column 4", "rowid (2)"],
        (
            "The name “A” was taken already; column 2 was called “A (2)”.",
            "The name “a” was taken already; column 3 was called “a (3)”.",
            "Column 4 has no name and was called “column 4”.",
            "The name “rowid” is reserved; column 5 was called “rowid (2)”.",
        ),
    ),
    "a very long header": (
        b"n" * 5000 + b",b\n1,2\n2,3\n",
        ["n" * 200, "b"],
        ("The name of column 1 has 5,000 characters; 200 were kept.",),
    ),
    "hostile headers": (
        b'"a""; drop table x--",<script>alert(1)</script>,{{7*7}}\n1,2,3\n2,3,5\n',
        ['a"; drop table x--', "<script>alert(1)</script>", "{{7*7}}"],
        (),
    ),
    "no header": (
        b"5,1.5,red\n7,2.5,blue\n6,3.5,red\n",
        ["column 1", "column 2", "column 3"],
        ("The file has no header; the columns were named column 1, column 2 and so on.",),
    ),
    "titles and comments": (
        b"Report of sales\n# exported\n\na,b\n1,x\n2,y\n4,z\n",
        ["a", "b"],
        ("2 lines before the table left out: “Report of sales”, “# exported”.",),
    ),
    "titles with delimiters": (
        b"Station;Berlin\nUnit;C\na;b;c;d\n1;2;3;x\n2;3;4;y\n4;5;6;z\n",
        ["a", "b", "c", "d"],
        ("2 lines before the table left out: “Station;Berlin”, “Unit;C”.",),
    ),
    "blank lines inside": (
        b"a,b\n1,x\n\n2,y\n  \n4,z\n\n\n",
        ["a", "b"],
        ("2 blank lines between rows were left out: line 3, line 5.",),
    ),
    "empty lines inside": (
        b'a,b\n\n1,x\n\n\n2,"u\n\nv"\n4,z\n\n\n',
        ["a", "b"],
        ("3 blank lines between rows were left out: line 2, line 4, line 5.",),
    ),
    "empty lines in one column": (
        b"temp\r\n20.1\r\n\r\n19.5\r\n\r\n\r\n20.0\r\n",
        ["temp"],
        (
            "3 blank lines between rows were left out: line 3, line 5, line 6. "
            "Where a missing cell was meant, write NA.",
        ),
    ),
    "empty lines after titles": (
        b"Report\n# of sales\na,b\n1,x\n\n2,y\n4,z\n",
        ["a", "b"],
        (
            "2 lines before the table left out: “Report”, “# of sales”.",
            "1 blank line between rows was left out: line 5.",
        ),
    ),
    "a first line for Excel": (
        b"sep=;\r\na;b\r\n1,5;x\r\n2,5;y\r\n",
        ["a", "b"],
        ("The first line (“sep=;”) only names the delimiter for Excel and was left out.",),
    ),
    "a name of two lines": (
        b'"size\n(m)",b\n1,x\n2,y\n',
        ["size (m)", "b"],
        ("The line breaks in the name of column 1 became blanks: “size (m)”.",),
    ),
    "names of rows as R writes them": (
        b'"x","y"\n"r1",1,2\n"r2",3,4\n',
        ["column 1", "x", "y"],
        ("The header has one name fewer than the rows have cells; the first column was called “column 1”.",),
    ),
    "mixed line ends": (
        b'a,b\r\n1,x\n2,y\r3,"u\r\nv"\n',
        ["a", "b"],
        ("The lines end in different ways (LF, CRLF, CR); all were made equal.",),
    ),
    "every row ends with a delimiter": (
        b"a,b\n1,x,\n2,y,\n",
        ["a", "b"],
        ("Every row ends with a delimiter; the empty last cell was left out.",),
    ),
}


@pytest.mark.parametrize("case", ODD)
def test_odd_tables_are_read_and_what_was_done_is_said(tmp_path, case):
    content, names, notes = ODD[case]
    profile = read(tmp_path, content)
    assert [column.name for column in profile.columns] == names
    assert profile.notes[: len(notes)] == notes


DIALECTS = {
    "semicolon and decimal comma": (b"a;b\nx;1,5\ny;2,25\n", (";", '"', '"'), [("x", 1.5), ("y", 2.25)]),
    "decimal commas alone": (b"price\n1,5\n2,75\n3,5\n", (";", '"', '"'), [(1.5,), (2.75,), (3.5,)]),
    "bar": (b"a|b\n1|x\n2|y\n", ("|", '"', '"'), [(1, "x"), (2, "y")]),
    "caret": (b"a^b\n1^x\n2^y\n", ("^", '"', '"'), [(1, "x"), (2, "y")]),
    "unit separator": (b"a\x1fb\n1\x1fx\n2\x1fy\n", ("\x1f", '"', '"'), [(1, "x"), (2, "y")]),
    "colon": (b"a:b:c\n1:2:x\n3:4:y\n", (":", '"', '"'), [(1, 2, "x"), (3, 4, "y")]),
    "aligned with blanks": (
        b'name    size  year\nanna    1.5   2001\n"bo b"     22.5  2002\n',
        (" ", '"', '"'),
        [("anna", 1.5, 2001), ("bo b", 22.5, 2002)],
    ),
    "quotes escaped by backslash": (
        b'a,b\n1,"say \\"hi\\", then"\n2,"C:\\temp"\n3,u\\v\n',
        (",", '"', "\\"),
        [(1, 'say "hi", then'), (2, "C:\\temp"), (3, "u\\v")],
    ),
    "single quotes": (
        b"a,b\n'1','x, y'\n'2','it''s'\n'3','z'\n",
        (",", "'", "'"),
        [(1, "x, y"), (2, "it's"), (3, "z")],
    ),
}


@pytest.mark.parametrize("case", DIALECTS)
def test_dialects_are_found(tmp_path, case):
    content, dialect, rows = DIALECTS[case]
    profile = read(tmp_path, content)
    assert (profile.delimiter, profile.quote, profile.escape) == dialect
    assert cells(tmp_path, profile) == rows


def test_dialects_wished_are_taken(tmp_path):
    content = b"ignore me\nx~'1'~2\ny~'3'~4\n"
    profile = read(tmp_path, content, delimiter="~", quote="none", header="no", skip=1)
    assert profile.n_skipped == 1
    assert cells(tmp_path, profile) == [("x", "'1'", 2), ("y", "'3'", 4)]
    assert profile.notes[0] == "1 line before the table left out: “ignore me”."
    profile = read(tmp_path, b"1,2\n3,4\n5,6\n", header="yes")
    assert [column.name for column in profile.columns] == ["1", "2"]
    profile = read(tmp_path, b"a b,c d\ne f,g h\n", delimiter=" ", header="no")
    assert cells(tmp_path, profile) == [("a", "b,c", "d"), ("e", "f,g", "h")]


QUOTED_EMPTY = ["5", "2.5", "true", "2024-01-31", "31.01.2024", "$2.50", "x"]


@pytest.mark.parametrize("cell", QUOTED_EMPTY)
@pytest.mark.parametrize("rest", ["", ",7"])
def test_quoted_empty_cells_are_missing_in_columns_of_any_kind(tmp_path, cell, rest):
    head = "a,b" if rest else "aa"
    profile = read(tmp_path, f'{head}\n{cell}{rest}\n""{rest}\n{cell}{rest}\n'.encode())
    first, empty, last = (row[0] for row in cells(tmp_path, profile))
    assert empty is None
    assert first == last is not None


def test_cells_of_blanks_are_missing(tmp_path):
    profile = read(tmp_path, "a,b\nx,1\n\xa0,2\n  ,3\ny,4\n".encode())
    assert [row[0] for row in cells(tmp_path, profile)] == ["x", None, None, "y"]


def test_as_many_columns_are_read_as_the_setting_allows(tmp_path):
    head = ",".join(f"c{n}" for n in range(41)).encode()
    content = head + b"\n" + b",".join([b"1"] * 41) + b"\n"
    assert len(read(tmp_path, content, max_columns=41).columns) == 41
    with pytest.raises(EngineError, match="The file has 41 columns; 40 are allowed"):
        read(tmp_path, content, max_columns=40)


LIMITED = """
import resource, signal, sys
from beanft.engine.tables.read import ingest
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4_000, 4_000))
try:
    ingest(source=sys.argv[1], target=sys.argv[2], original_name="upload.csv", wishes={"bad_rows": "aside"})
except Exception as error:
    print(error)
"""
WRITTEN = {
    "read where it is": table(),
    "with rows to set aside": table(l3="2,3"),
    "to be written anew": table().decode().encode("utf-16"),
}


@pytest.mark.parametrize("case", WRITTEN)
def test_a_file_that_cannot_grow_leaves_nothing_half_written(tmp_path, case):
    source = tmp_path / "upload.csv"
    source.write_bytes(WRITTEN[case])
    done = program(LIMITED, str(source), str(tmp_path / "out.parquet"))
    assert os.strerror(errno.EFBIG) in done
    assert [path.name for path in tmp_path.iterdir()] == ["upload.csv"]
    assert source.read_bytes() == WRITTEN[case]


# In a name space of its own a program may mount a tiny disk, and fill it, whoever runs it.
APART = ["unshare", "--user", "--map-root-user", "--mount"]
MOUNT = ["mount", "-t", "tmpfs", "-o", "size=1m", "tiny"]
FULL = """
import json, subprocess, sys
from pathlib import Path
from beanft.jobs.child import Child
upload, folder, *mount = sys.argv[1:]
subprocess.run([*mount, folder], check=True)
source, target = Path(folder, "upload.csv"), Path(folder, "out.parquet")
source.write_bytes(Path(upload).read_bytes())
Path(folder, "filler").write_bytes(bytes(1_036_000 - source.stat().st_size))
arguments = {"source": str(source), "target": str(target), "original_name": "a"}
arguments["wishes"] = {"bad_rows": "aside"}
spec = {"work": "beanft.engine.tables.read:ingest", "folders": [], "memory_mb": 1024, "arguments": arguments}
child = Child(Path(upload).parent, spec, cores=1)
lines, code = [], None
while code is None:
    more, code = child.read(1)
    lines += more
child.end()
kept = source.read_bytes() == Path(upload).read_bytes()
print(json.dumps([lines[-1].get("error"), sorted(path.name for path in Path(folder).iterdir()), kept]))
"""


def can_mount(folder: Path) -> bool:
    if not shutil.which("unshare"):
        return False
    return subprocess.run([*APART, *MOUNT, str(folder)], capture_output=True).returncode == 0


@pytest.mark.parametrize("case", WRITTEN)
def test_a_job_on_a_disk_that_fills_up_says_so_and_leaves_nothing_half_written(tmp_path, case):
    folder = tmp_path / "disk"
    folder.mkdir()
    if not can_mount(folder):
        pytest.skip("this system lets no program mount a disk of its own")
    upload = tmp_path / "upload.csv"
    upload.write_bytes(WRITTEN[case])
    told = program(FULL, str(upload), str(folder), *MOUNT, before=APART)
    assert json.loads(told) == ["disk", ["filler", "upload.csv"], True]


def program(text: str, *arguments: str, before: Sequence[str] = ()) -> str:
    done = subprocess.run(
        [*before, sys.executable, "-c", text, *arguments],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(Path(errors.__file__).parents[2]), "PATH": os.environ["PATH"]},
        timeout=60,
    )
    return done.stdout
