"""Bad files: each is refused with a sentence that says what, where and what to do; nothing is left."""

import random
from pathlib import Path

import pytest

from beanft.engine.errors import EngineError
from beanft.engine.tables.read import ingest
from beanft.engine.tables.text.records import open_table

ROWS = [f"{n},{n * 1.5},name{n},2024-01-{n % 28 + 1:02d}" for n in range(1, 3001)]
HEAD = "a,b,c,d"


def table(*, at: int | None = None, row: str = "", head: str = HEAD) -> bytes:
    lines = list(ROWS)
    if at is not None:
        lines[at] = row
    return "\n".join([head, *lines, ""]).encode()


BAD = {
    "empty": (b"", ["The file is empty."]),
    "only newlines": (b"\n\n\n", ["The file is empty", "blank lines"]),
    "only newlines, CRLF and blanks": (b"\r\n  \r\n", ["The file is empty"]),
    "header only": (b"a,b,c,d\n", ["The file has a header (a, b, c, d) but no rows."]),
    "header only, no newline": (b"a,b,c,d", ["The file has a header (a, b, c, d) but no rows."]),
    "PNG": (b"\x89PNG\r\n\x1a\n" + b"\0" * 99, ["a PNG picture", "not a CSV"]),
    "ELF": (b"\x7fELF\x02\x01", ["a program"]),
    "PDF": (b"%PDF-1.7\n", ["a PDF document"]),
    "a broken gzip archive": (b"\x1f\x8b\x08\0\0", ["gzip archive"]),
    "a broken zip archive": (b"PK\x03\x04" + b"x" * 50, ["zip archive"]),
    "a broken workbook": (b"PK\x03\x04\x14\0[Content_Types].xml", ["workbook"]),
    "a broken Parquet file": (b"PAR1\x15\x04", ["Parquet file"]),
    "pickle": (b"\x80\x04\x95\x10", ["a Python pickle"]),
    "HTML": (b"<!DOCTYPE html>\n<p>", ["an HTML page"]),
    "random bytes": (random.Random(1).randbytes(9000).replace(b"\x89", b"x"), ["binary", "NUL bytes"]),
    "NUL in a cell": (
        table(at=1500, row="1501,1.5,na\0me,2024-01-01"),
        ["1 NUL byte", "line 1,502", "“1501,1.5,na␀me,2024-01-01”"],
    ),
    "ragged": (
        table(at=1234, row="1235,1.5").replace(b"2001,3001.5,", b"2001,3001.5,EXTRA,"),
        [
            "2 rows do not have the 4 cells of the header (a, b, c, d)",
            "line 1,236 has 2 (“1235,1.5”)",
            "line 2,002 has 5",
        ],
    ),
    "one short row": (table(at=9, row="10,x"), ["1 row does not have the 4 cells", "line 11 has 2 (“10,x”)"]),
    "unclosed quote": (
        table(at=2000, row='2001,1.5,"never closed,2024-01-01'),
        ["The quote that opens on line 2,002 is never closed", '“2001,1.5,"never closed,2024-01-01”'],
    ),
    "text after a quote": (
        table(at=7, row='8,1.5,"a"b,2024-01-01'),
        ["opens on line 9", "more text after it closes"],
    ),
    "invalid bytes": (
        table().replace(b"name2500", b"na\xff\xfem\xe9"),
        ["Line 2,501 is not UTF-8 text at byte 15"],
    ),
    "invalid bytes in a UTF-8 file": (
        "a,b\nJosé,1\nMüller,2\n".encode() + b"Ren\xe9,3\n",
        ["Line 4 is not UTF-8 text at byte 4"],
    ),
    "too many columns": (
        ",".join(f"c{n}" for n in range(2001)).encode() + b"\n1\n",
        ["2,001 columns", "2,000 are allowed"],
    ),
    "giant line": (b"a,b\n1," + b"x" * 5_000_000 + b"\n2,y\n", ["Line 2 is longer than 4 MB"]),
    "giant quoted cell": (
        b'a,b\n1,"' + b"xxxxxxx\n" * 700_000 + b'"\n2,y\n',
        ["The quote that opens on line 2 is never closed"],
    ),
    "UTF-16 cut in a character": ("a,b\n1,2\n".encode("utf-16") + b"\0", ["not UTF-16 text"]),
}


@pytest.mark.parametrize("case", BAD)
def test_ingest_refuses_and_leaves_nothing(tmp_path: Path, case):
    content, parts = BAD[case]
    source = tmp_path / "upload.csv"
    source.write_bytes(content)
    with pytest.raises(EngineError) as refused:
        ingest(source=str(source), target=str(tmp_path / "out.parquet"), original_name="upload.csv")
    for part in parts:
        assert part in str(refused.value)
    assert str(tmp_path) not in str(refused.value)
    assert [path.name for path in tmp_path.iterdir()] == ["upload.csv"]
    assert source.read_bytes() == content


@pytest.mark.parametrize("case", BAD)
def test_text_tables_are_refused_with_the_same_sentence(tmp_path: Path, case):
    content, parts = BAD[case]
    source = tmp_path / "upload.csv"
    source.write_bytes(content)
    with pytest.raises(EngineError) as refused:
        list(open_table(str(source)))
    for part in parts:
        assert part in str(refused.value)


def test_an_old_target_stays_when_the_new_file_is_bad(tmp_path):
    source, target = tmp_path / "upload.csv", tmp_path / "out.parquet"
    target.write_bytes(b"the one before")
    source.write_bytes(b"a,b\n1\n")
    with pytest.raises(EngineError):
        ingest(source=str(source), target=str(target), original_name="upload.csv")
    assert target.read_bytes() == b"the one before"
