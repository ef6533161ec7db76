"""Names of datasets and files."""

from __future__ import annotations

import pytest

from beanft.uploader.names import NAME_LENGTH, file_name, free_name, is_id_like, name_of_file, tidy


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


@pytest.mark.parametrize(
    ("text", "expected"), [("a.b.csv", "a.b"), ("123.csv", "table 123"), ("   .csv", "csv"), ("٣٤.csv", "٣٤")]
)
def test_a_dataset_is_named_after_its_file(text: str, expected: str) -> None:
    assert name_of_file(file_name(text)) == expected


def test_names_stay_within_their_length() -> None:
    long = "y" * 300
    assert len(name_of_file(long)) == NAME_LENGTH
    assert len(name_of_file("1" * 300)) == NAME_LENGTH
    taken = {long[:NAME_LENGTH]}
    new = free_name(long[:NAME_LENGTH], taken)
    assert len(new) == NAME_LENGTH
    assert new not in taken


def test_digits_alone_look_like_an_id() -> None:
    assert is_id_like("12")
    assert not is_id_like("12a")
    assert not is_id_like("")


def test_tidy_keeps_other_scripts_and_direction_marks() -> None:
    assert tidy("أسعار\u202e.csv") == "أسعار\u202e.csv"
