"""Formats are known by their content, whatever the name says."""

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from beanft.engine.errors import EngineError
from beanft.engine.tables.formats.magic import other_format, recognise
from workbooks import ods, xlsx

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


def kind_of(tmp_path: Path, content: bytes, name: str = "") -> str:
    (tmp_path / "upload").write_bytes(content)
    return recognise(tmp_path / "upload", original_name=name)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"a,b\n1,2\n", "text"),
        (b"PARK,b\n1,2\n", "text"),
        (b"BZh,b\n1,2\n", "text"),
        (b"[note],b\n1,2\n", "text"),
        (b"{x},b\n1,2\n", "text"),
        (b'{"a": 1}\n', "json"),
        (b'\xef\xbb\xbf \n[ {"a": 1}]', "json"),
        (b"[]", "json"),
        (b"[" * 1000, "json"),
        (b"[\n[1, 2]]", "json"),
        ("[[1, 2]]".encode("utf-16"), "json"),
        ('{"a": 1}'.encode("utf-16"), "json"),
        (gzip.compress(b"a"), "gzip"),
        (OLE + "Workbook".encode("utf-16-le"), "excel"),
    ],
)
def test_recognised(tmp_path, content, kind):
    assert kind_of(tmp_path, content) == kind


def test_workbooks_and_typed_files(tmp_path):
    assert recognise(xlsx(tmp_path / "a.csv", {"D": [["a"]]})) == "excel"
    assert recognise(ods(tmp_path / "b.csv", {"D": [["a"]]})) == "opendocument"
    table = pa.table({"a": [1]})
    pq.write_table(table, tmp_path / "c.csv")
    assert recognise(tmp_path / "c.csv") == "parquet"
    for name, writer in (("arrow", pa.ipc.new_file), ("arrow-stream", pa.ipc.new_stream)):
        with writer(tmp_path / "d.csv", table.schema) as file:
            file.write_table(table)
        assert recognise(tmp_path / "d.csv") == name


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (OLE + "WordDocument".encode("utf-16-le"), "This is an old Word document, not a CSV."),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
        (OLE, "This is an old Office document"),
        (b"RDX3\nX\n", "This is an R data file, not a CSV. Write the table in R with write.csv"),
        (b"$FL2@(#) SPSS DATA FILE", "This is an SPSS file"),
        (b"<stata_dta><header>", "This is a Stata file"),
        (
            bytes(12) + b"\xc2\xea\x81\x60\xb3\x14\x11\xcf\xbd\x92\x08\0\x09\xc7\x31\x8c",
            "This is a SAS table",
        ),
        (b"PARE" + bytes(9), "This is an encrypted Parquet file"),
        (b"FEA1" + bytes(9), "This is a Feather file of the first version"),
        (b"x" * 257 + b"ustar" + bytes(300), "This is a tar archive"),
        (b"\x93NUMPY\x01\0", "This is a NumPy array"),
        (
            b"PK\x03\x04" + bytes(50),
            "a workbook (.xlsx, .ods) or a zip archive, but it is damaged or not whole",
        ),
        (
            b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">',
            "Excel 2003",
        ),
    ],
)
def test_refused_with_its_name(tmp_path, content, sentence):
    with pytest.raises(EngineError) as refused:
        kind_of(tmp_path, content)
    assert sentence in str(refused.value)


def test_a_page_named_as_a_workbook(tmp_path):
    with pytest.raises(EngineError) as refused:
        kind_of(tmp_path, b"<html><table><tr><td>1</td></tr></table></html>", "Report.XLS")
    assert str(refused.value) == (
        "This is an HTML page with the name of a workbook (.xls). "
        "Open it in Excel or LibreOffice, save it as .xlsx or CSV and upload that."
    )


def test_a_word_document_is_no_workbook(tmp_path):
    book = xlsx(tmp_path / "a.xlsx", {"D": [["a"]]}).read_bytes().replace(b"xl/work", b"word/wo")
    with pytest.raises(EngineError, match=r"a Word document|damaged"):
        kind_of(tmp_path, book.replace(b"xl/", b"wo/"))


def test_texts_alone_stay_readable_for_batches():
    assert other_format(json.dumps([{"a": 1}]).encode()).startswith("This is a JSON file, not a CSV.")
