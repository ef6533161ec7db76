"""A look at a file before it is read: the same reading, on its first rows."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from beanft.engine.tables.found import Preview
from beanft.engine.tables.preview import preview


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    return scratch


def look(folder: Path, content: bytes, **wishes: Any) -> Preview:
    """The preview as it arrives at the page: through JSON."""
    source = folder.parent / "original"
    source.write_bytes(content)
    found = preview(source=str(source), original_name="table.csv", wishes=wishes, folder=str(folder))
    assert source.read_bytes() == content
    return Preview.from_dict(json.loads(json.dumps(found, allow_nan=False)))


def kinds(found: Preview) -> list[str]:
    assert found.profile is not None
    return [column.kind for column in found.profile.columns]


def test_what_was_found_and_the_first_rows_as_they_will_be_stored(folder: Path) -> None:
    found = look(folder, b"day;price;ok\n31.01.2024;1,5;yes\n01.02.2024;;no\n02.02.2024;2,5;no\n")
    assert (found.source, found.is_text, found.encoding, found.delimiter) == ("CSV", True, "utf-8", ";")
    assert (found.has_header, found.n_skipped, found.is_whole, found.error) == (True, 0, True, "")
    assert kinds(found) == ["date", "number", "boolean"]
    assert found.rows[:2] == (("2024-01-31", 1.5, True), ("2024-02-01", None, False))


def test_of_a_long_file_only_the_beginning_is_read(folder: Path) -> None:
    rows = b"".join(b"%d,x\n" % number for number in range(200_000))
    found = look(folder, b"a,b\n" + rows)
    assert not found.is_whole
    assert found.profile is not None
    assert 900 <= found.profile.n_rows <= 1100
    assert (len(found.rows), found.rows[-1]) == (20, (19, "x"))


def test_a_cut_within_a_quoted_cell_leaves_whole_rows(folder: Path) -> None:
    row = b'1,"' + b"line\n" * 500 + b'"\n'
    found = look(folder, b"a,b\n" + row * 1000)
    assert (found.error, found.is_whole) == ("", False)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-32"])
def test_a_long_file_of_wide_characters_is_cut_between_them(folder: Path, encoding: str) -> None:
    text = "a,b\n" + "1,ä\n" * 400_000
    found = look(folder, text.encode(encoding))
    assert found.error == ""
    assert found.rows[0] == (1, "ä")


def test_settings_change_what_is_seen(folder: Path) -> None:
    content = b"a,b\n1,x\n3,y\n"
    assert look(folder, content, header="no").rows[0] == ("a", "b")
    assert look(folder, content, skip=1, header="yes").rows == ((3, "y"),)
    assert look(folder, content, delimiter=";").rows == (("1,x",), ("3,y",))
    typed = look(folder, content, columns={"a": {"kind": "text"}})
    assert (kinds(typed)[0], typed.rows[0]) == ("text", ("1", "x"))


def test_an_uncertain_encoding_comes_with_lines_to_choose_from(folder: Path) -> None:
    content = "name,n\nMüller,1\n".encode("mac-roman")
    found = look(folder, content)
    assert len(found.candidates) == 3
    assert ("mac-roman", "Mac Roman", "Müller,1") in found.candidates
    assert look(folder, content, encoding="mac-roman").rows[0] == ("Müller", 1)
    assert look(folder, "name,n\nŁódź,1\nżółw,2\n".encode("cp1250")).candidates == ()
    assert look(folder, "name,n\nŁódź,1\n".encode()).candidates == ()


def test_what_cannot_be_read_says_why_and_what_was_found(folder: Path) -> None:
    content = b"a;b\n1;2\n3\n4;5;6\n7;8\n9;0\n"
    found = look(folder, content)
    assert "line 3" in found.error.lower()
    assert (found.remedies, found.is_unseen) == (("set-aside",), False)
    assert (found.profile, found.rows) == (None, ())
    assert (found.is_text, found.encoding, found.delimiter) == (True, "utf-8", ";")
    aside = look(folder, content, bad_rows="aside")
    assert (aside.error, aside.remedies, aside.rows) == ("", (), ((1, 2), (7, 8), (9, 0)))
    assert aside.profile is not None
    assert aside.profile.n_rejected == 2


@pytest.mark.parametrize("content", [b"", b"\n\n", b"a,b\n", b"\x89PNG\r\n\x1a\n" + bytes(64), b"%PDF-1.7\n"])
def test_what_is_no_table_has_a_sentence_and_no_rows(folder: Path, content: bytes) -> None:
    found = look(folder, content)
    assert found.error.endswith(".")
    assert found.rows == ()


def test_wishes_for_columns_that_are_not_there_any_more_are_dropped(folder: Path) -> None:
    wishes = {"columns": {"gone": {"kind": "text"}, "a": {"kind": "text"}}}
    found = look(folder, b"a,b\n1,2\n", **wishes)
    assert (found.error, found.rows) == ("", (("1", 2),))
    assert list(found.wishes.columns) == ["a"]


def test_a_wish_that_cannot_be_fulfilled_leaves_something_to_choose_from(folder: Path) -> None:
    found = look(folder, b"a,b\n1,2\n", columns={"a": {"kind": "nonsense"}})
    assert "nonsense" in found.error
    assert kinds(found) == ["constant", "constant"]
    assert found.rows == ()


def test_an_archive_and_json_are_looked_into(folder: Path) -> None:
    found = look(folder, gzip.compress(b"a,b\n" + b"1,x\n2,y\n" * 300_000))
    assert (found.source, found.is_text, found.error) == ("CSV in a gzip archive", True, "")
    assert (found.rows[0], found.is_whole) == ((1, "x"), False)
    found = look(folder, b'{"a": 1, "b": "x"}\n{"a": 2}\n')
    assert (found.source, found.is_text, found.rows) == ("JSON lines", False, ((1, "x"), (2, None)))


def test_numbers_that_json_does_not_know_arrive_as_words(folder: Path) -> None:
    found = look(folder, b"a,b\n1.5,x\ninf,y\n-inf,z\n", columns={"a": {"kind": "number"}})
    assert [row[0] for row in found.rows] in ([1.5, "inf", "-inf"], [1.5, None, None])


def test_long_cells_are_cut(folder: Path) -> None:
    found = look(folder, b"a,b\n" + b"x" * 5000 + b",1\ny,2\n")
    assert len(found.rows[0][0]) == 200
