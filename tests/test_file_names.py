"""Names of files as browsers send them."""

from __future__ import annotations

import pytest

from beanft.file_names import file_name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\r\nX-Evil: 1.csv", "a X-Evil: 1.csv"),
        ("../../etc/passwd", "passwd"),
        ("C:\\fakepath\\a.csv", "a.csv"),
        ("..", "table.csv"),
        ("", "table.csv"),
        ('quo"te.csv', 'quo"te.csv'),
        ("данные.csv", "данные.csv"),
        ("\udcff.csv", "?.csv"),
        ("a\x00b.csv", "a b.csv"),
        ("gpj.\u202efdp.csv", "gpj.fdp.csv"),
    ],
)
def test_file_names_become_one_line_without_folders(text: str, expected: str) -> None:
    assert file_name(text) == expected


def test_a_long_file_name_keeps_its_ending() -> None:
    name = file_name("x" * 300 + ".csv")
    assert len(name) == 255
    assert name.endswith("x.csv")


def test_a_very_long_ending_is_cut_too() -> None:
    assert len(file_name("a." + "x" * 400)) == 255
