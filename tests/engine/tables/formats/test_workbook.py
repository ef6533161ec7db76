"""Workbooks: the sheet is found, every cell keeps its meaning, and what is no sheet is refused."""

import random
import zipfile
from pathlib import Path

import pytest

from beanft.engine.errors import EngineError
from beanft.engine.tables.formats.workbook import convert
from workbooks import ods, xlsx

TABLE: list[list[object]] = [["id", "name"], [1, "ann"], [2, "bob"]]


def text_of(tmp_path: Path, workbook: Path, **options) -> str:
    convert(workbook, tmp_path / "out.csv", **options)
    return (tmp_path / "out.csv").read_text(encoding="utf-8")


def test_cells_keep_their_meaning(tmp_path):
    table = [
        ["text", "whole", "part", "date", "time", "long", "flag", "error", "moment"],
        [
            "007",
            5,
            0.1,
            ("date", 45000),
            ("time", 0.5),
            ("duration", 1.5),
            True,
            ("error", "#N/A"),
            ("moment", 45000.25),
        ],
        [
            " =1+1 ",
            -3,
            1e300,
            ("date", 1),
            ("time", 0.25),
            ("duration", 0.25),
            False,
            None,
            ("moment", 45001),
        ],
    ]
    assert text_of(tmp_path, xlsx(tmp_path / "a.xlsx", {"Data": table})) == (
        "text,whole,part,date,time,long,flag,error,moment\n"
        "007,5,0.1,2023-03-15,12:00:00,36:00:00,true,,2023-03-15 06:00:00\n"
        " =1+1 ,-3,1e+300,1900-01-01,06:00:00,06:00:00,false,,2023-03-16 00:00:00\n"
    )


def test_day_zero_of_excel_does_not_crash(tmp_path):
    table = [["d"], [("date", 0)], [("date", 60)], [("date", -4)], [("date", 99999999)]]
    lines = text_of(tmp_path, xlsx(tmp_path / "a.xlsx", {"Data": table})).splitlines()
    assert len(lines) == 5


def test_numbers_of_more_than_fifteen_digits_are_noted(tmp_path):
    found = convert(xlsx(tmp_path / "a.xlsx", {"D": [["n"], [12345678901234567890]]}), tmp_path / "out.csv")
    assert found.notes == ("1 number with more than 15 digits: workbooks do not keep such numbers exactly.",)


def test_the_first_sheet_that_holds_a_table_is_read(tmp_path):
    book = xlsx(tmp_path / "a.xlsx", {"Empty": [], "Cover": [["Report"]], "Data": TABLE, "More": TABLE})
    found = convert(book, tmp_path / "out.csv")
    assert (found.sheet, found.sheets) == ("Data", ("Empty", "Cover", "Data", "More"))
    assert found.notes == (
        "The workbook has 4 sheets; “Data” was read. The others: “Empty”, “Cover”, “More”.",
    )


def test_a_page_of_notes_is_no_table(tmp_path):
    notes = [["How these figures were made"], ["They were counted."], ["Then added up."]]
    book = xlsx(tmp_path / "a.xlsx", {"Read me": notes, "Data": [["a", "b"], [1, 2]]})
    assert text_of(tmp_path, book) == "a,b\n1,2\n"


def test_a_hidden_sheet_comes_last_and_is_said(tmp_path):
    book = xlsx(tmp_path / "a.xlsx", {"Secret": TABLE, "Data": TABLE}, hidden=("Secret",))
    assert convert(book, tmp_path / "out.csv").sheet == "Data"
    assert (
        "The sheet “Secret” is hidden in the workbook."
        in convert(book, tmp_path / "out.csv", sheet="Secret").notes
    )


def test_the_wished_sheet_is_read_or_missed(tmp_path):
    book = xlsx(tmp_path / "a.xlsx", {"Data": TABLE, "Müller & <Co>": [["x"], [9]], "Empty": []})
    assert text_of(tmp_path, book, sheet="Müller & <Co>") == "x\n9\n"
    with pytest.raises(EngineError) as refused:
        convert(book, tmp_path / "out.csv", sheet="Other")
    assert str(refused.value) == (
        "The workbook has no sheet “Other”. Its sheets are “Data”, “Müller & <Co>”, “Empty”."
    )
    with pytest.raises(EngineError, match="The sheet “Empty” is empty"):
        convert(book, tmp_path / "out.csv", sheet="Empty")


def test_a_workbook_without_cells_is_refused(tmp_path):
    with pytest.raises(EngineError, match="no sheet with cells"):
        convert(xlsx(tmp_path / "a.xlsx", {"Empty": []}), tmp_path / "out.csv")


def test_a_title_becomes_a_line_of_its_own(tmp_path):
    table = [["Sales of 2024"], [], ["id", "name"], [1, "ann"], [], [2, None]]
    found = convert(xlsx(tmp_path / "a.xlsx", {"Data": table}), tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == "Sales of 2024\nid,name\n1,ann\n2,\n"
    assert found.notes == ("2 empty rows of the sheet left out.",)


def test_merged_cells_count_for_each_of_their_rows(tmp_path):
    table = [
        [None, "2024"],
        [None, "Branch", "Month"],
        [None, "A", 1],
        [None, None, 2],
        [None, "B", 1],
        [None, None, 2],
    ]
    merged = ("B1:C1", "B3:B4", "B5:B6")
    found = convert(xlsx(tmp_path / "a.xlsx", {"Data": table}, merged=merged), tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == "2024\nBranch,Month\nA,1\nA,2\nB,1\nB,2\n"
    assert "Merged cells: their value was written into 2 rows below." in found.notes


def test_titles_headings_and_notes_of_double_height_are_no_further_rows(tmp_path):
    table = [["Sales"], [], ["Branch", "Month"], [], ["A", 1], [None, 2], ["Source: us"], [], [None, " "]]
    merged = ("A1:B2", "A3:A4", "B3:B4", "A5:A6", "A7:A8")
    found = convert(xlsx(tmp_path / "a.xlsx", {"Data": table}, merged=merged), tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text().startswith("Sales\nBranch,Month\nA,1\nA,2\nSource: us,\n")
    assert "Merged cells: their value was written into 1 row below." in found.notes


def test_rows_of_two_merged_columns_count_once(tmp_path):
    table = [["a", "b", "c"], ["x", "y", 1], [None, None, 2], [None, None, 3]]
    found = convert(
        xlsx(tmp_path / "a.xlsx", {"Data": table}, merged=("A2:A4", "B2:B4", "C2:C9")), tmp_path / "out.csv"
    )
    assert (tmp_path / "out.csv").read_text() == "a,b,c\nx,y,1\nx,y,2\nx,y,3\n"
    assert "Merged cells: their value was written into 2 rows below." in found.notes


def test_a_merged_area_outside_the_table_or_over_full_cells_changes_nothing(tmp_path):
    table = [["a", "b"], [1, 2], [3, 4]]
    found = convert(
        xlsx(tmp_path / "a.xlsx", {"Data": table}, merged=("A2:A3", "Z2:Z9", "B2:B900")), tmp_path / "out.csv"
    )
    assert (tmp_path / "out.csv").read_text() == "a,b\n1,2\n3,4\n"
    assert not any("Merged" in note for note in found.notes)


def test_empty_columns_before_the_table_are_left_out(tmp_path):
    table = [[], [None, None, "id", "name"], [None, None, 1, 'a "b", c\nd']]
    found = convert(xlsx(tmp_path / "a.xlsx", {"Data": table}), tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == 'id,name\n1,"a ""b"", c\nd"\n'
    assert "2 empty columns before the table left out." in found.notes


def test_opendocument_sheets_are_read(tmp_path):
    book = ods(tmp_path / "a.ods", {"Data": [["id", "name"], [1, "007"], [2.5, None]], "More": TABLE})
    found = convert(book, tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == "id,name\n1,007\n2.5,\n"
    assert found.sheets == ("Data", "More")


def test_only_the_first_rows_for_a_look(tmp_path):
    book = xlsx(tmp_path / "a.xlsx", {"Data": [["n"], *([n] for n in range(50))]})
    found = convert(book, tmp_path / "out.csv", max_rows=10)
    assert (tmp_path / "out.csv").read_text().split() == ["n", *map(str, range(10))]
    assert not found.is_whole
    assert convert(book, tmp_path / "out.csv", max_rows=50).is_whole


def test_too_many_columns_or_cells_are_refused(tmp_path):
    book = xlsx(tmp_path / "a.xlsx", {"Data": [["a", "b", "c"], [1, 2, 3]]})
    with pytest.raises(EngineError, match="“Data” has 3 columns; 2 are allowed"):
        convert(book, tmp_path / "out.csv", max_columns=2)
    with pytest.raises(EngineError, match="“Data” has 6 cells; 5 are allowed"):
        convert(book, tmp_path / "out.csv", max_cells=5)


def test_a_sheet_of_seventeen_billion_cells_in_a_kilobyte_is_refused(tmp_path):
    far = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    with pytest.raises(EngineError) as refused:
        convert(xlsx(tmp_path / "a.xlsx", {"Data": far}), tmp_path / "out.csv", memory_mb=512)
    assert str(refused.value) == (
        "The sheet is too large to be read in the 512 MB of memory allowed, which hold about 7 million "
        "cells. Save the sheet as CSV and upload that: a CSV of any size is read in little memory."
    )


def test_the_limit_of_a_look_beforehand_is_not_told_as_that_of_the_file(tmp_path):
    far = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    with pytest.raises(
        EngineError, match=r"too large for a look beforehand\. It may still be read without\."
    ):
        convert(xlsx(tmp_path / "a.xlsx", {"Data": far}), tmp_path / "out.csv", memory_mb=512, max_rows=100)


def test_a_workbook_that_unpacks_to_more_than_allowed_is_refused(tmp_path):
    book = xlsx(tmp_path / "a.xlsx", {"Data": " " * 3_000_000})
    with pytest.raises(EngineError, match=r"unpacks to 2 MB; 1 MB are allowed\."):
        convert(book, tmp_path / "out.csv", unpacked_mb=1)


def test_an_opendocument_bomb_of_repeats_is_refused(tmp_path):
    cell = (
        '<table:table-cell table:number-columns-repeated="16384" office:value-type="float" office:value="1"/>'
    )
    bomb = f'<table:table-row table:number-rows-repeated="1048576">{cell}</table:table-row>'
    with pytest.raises(EngineError, match=r"too large|damaged|columns"):
        convert(ods(tmp_path / "a.ods", {"Data": bomb}), tmp_path / "out.csv", memory_mb=512)


def test_a_workbook_whose_parts_are_a_bomb_is_refused(tmp_path):
    book = xlsx(tmp_path / "a.xlsx", {"Data": " " * 30_000_000})
    with pytest.raises(
        EngineError, match=r"unpacks to 28 MB, more than 100 times its size, as no table does"
    ):
        convert(book, tmp_path / "out.csv")


@pytest.mark.parametrize("entities", ["<!ENTITY x SYSTEM 'file:///etc/passwd'>", "<!ENTITY x 'yyyy'>"])
def test_entities_are_not_resolved(tmp_path, entities):
    book = xlsx(tmp_path / "a.xlsx", {"Data": TABLE})
    sheet = (
        f'<?xml version="1.0"?><!DOCTYPE w [{entities}]><worksheet><sheetData><row r="1">'
        '<c r="A1" t="inlineStr"><is><t>a&x;b</t></is></c></row><row r="2"><c r="A2"><v>1</v></c></row>'
        "</sheetData></worksheet>"
    )
    replaced = tmp_path / "b.xlsx"
    with zipfile.ZipFile(book) as old, zipfile.ZipFile(replaced, "w") as new:
        for name in old.namelist():
            new.writestr(name, sheet if "worksheets" in name else old.read(name))
    try:
        convert(replaced, tmp_path / "out.csv")
        content = (tmp_path / "out.csv").read_text()
    except EngineError:
        content = ""
    assert "root:" not in content
    assert "yyyy" not in content


def test_damaged_workbooks_give_a_sentence(tmp_path):
    content = xlsx(tmp_path / "a.xlsx", {"Data": TABLE}).read_bytes()
    chance, outcomes = random.Random(3), set()
    for _ in range(25):
        broken = bytearray(content)
        broken[chance.randrange(len(broken))] = chance.randrange(256)
        (tmp_path / "b.xlsx").write_bytes(broken)
        try:
            convert(tmp_path / "b.xlsx", tmp_path / "out.csv")
            outcomes.add("read")
        except EngineError as error:
            outcomes.add(str(error)[:12])
    assert len(outcomes) > 1
