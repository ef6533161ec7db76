"""Blank lines between rows are counted, those inside cells and at the end are not."""

import pytest

from beanft.engine.tables.text import blanks
from beanft.engine.tables.text.blanks import blank_lines, blank_notes, empty_last_rows, empty_notes
from beanft.engine.tables.text.division import Division


@pytest.mark.parametrize("chunk", [1, 2, 3, 5, 1 << 20])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize(
    ("text", "skipped", "expected"),
    [
        (b"a\n1\n2\n", 1, (0, ())),
        (b"a\n1\n\n2\n\n\n3", 1, (3, (3, 5, 6))),
        (b"a\n1\n\n\n\n\n2\n", 1, (4, (3, 4, 5))),
        (b"\n1\n\n2", 0, (2, (1, 3))),
        (b"\n1\n\n2", 1, (1, (3,))),
        (b"a\n1\n\n\n", 1, (0, ())),
        (b"a\n1\n\n2\n\n", 1, (1, (3,))),
        (b'a,b\n1,"x\n\n\ny"\n\n2,"u ""\n\n"""\n\n3,z', 1, (2, (6, 10))),
    ],
)
def test_blank_lines_outside_of_cells_are_counted(tmp_path, monkeypatch, chunk, end, text, skipped, expected):
    monkeypatch.setattr(blanks, "_CHUNK", chunk)
    (tmp_path / "t.csv").write_bytes(text.replace(b"\n", end))
    assert blank_lines(tmp_path / "t.csv", '"', skipped=skipped, n_left=99) == expected


def test_without_quotes_no_cell_holds_a_line_break(tmp_path):
    (tmp_path / "t.csv").write_bytes(b'a\n5"\n\n6"\n\n')
    assert blank_lines(tmp_path / "t.csv", "", skipped=1, n_left=9) == (1, (3,))


def test_where_all_lines_without_rows_are_blank_a_quote_inside_a_cell_opens_none(tmp_path):
    (tmp_path / "t.csv").write_bytes(b'a,b\n1,5" wide\n\n2,y\n\n3,z\n\n')
    assert blank_lines(tmp_path / "t.csv", '"', skipped=1, n_left=3) == (2, (3, 5))


def test_the_note_lists_the_first_and_says_when_there_are_more():
    assert blank_notes(0, [], n_columns=1) == ()
    assert blank_notes(4, [3, 5, 7], n_columns=2) == (
        "4 blank lines between rows were left out: line 3, line 5, line 7, ….",
    )
    assert blank_notes(1, [3], n_columns=1)[0].endswith("line 3. Where a missing cell was meant, write NA.")


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize(
    ("text", "n"),
    [
        (b"a,b\n1,2\n,\n,\n", 2),
        (b"a,b\n1,2\n,\n \n, \n\n,", 3),
        (b'a,b\n1,2\n"",""\n,\n', 2),
        (b"a,b\n1,2\n,\n3,4\n", 0),
        (b"a,b\n,\n1,\n", 0),
        (b'a,b\n1,"x\n,\n"\n', 0),
        (b'a,b\n1,"x\n,"\n', 0),
        (b'a,b\n1,2\n"""",\n', 0),
        (b"a,b\n1,2\n,,\n", 0),
        (b"a,b\n", 0),
    ],
)
def test_rows_of_empty_cells_at_the_end_are_counted(tmp_path, text, n, end):
    (tmp_path / "t.csv").write_bytes(text.replace(b"\n", end))
    assert empty_last_rows(tmp_path / "t.csv", Division(delimiter=","), n_columns=2) == n


def test_only_the_end_of_a_large_file_is_looked_at(tmp_path):
    (tmp_path / "t.csv").write_bytes(b"a,b\n" + b"1,2\n" * 10 + b",\n" * 50_000)
    n = empty_last_rows(tmp_path / "t.csv", Division(delimiter=","), n_columns=2)
    assert 30_000 < n < 50_000


def test_empty_rows_at_the_end_are_told():
    assert empty_notes(0, 5) == ()
    assert empty_notes(1, 5) == (
        "The last row holds no value in any column; it was kept. If it is no row, remove it from the file.",
    )
    assert empty_notes(3, 5)[0].startswith("The last 3 rows hold no value in any column; they were kept. ")
    assert empty_notes(5, 5) == ()
