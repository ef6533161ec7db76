"""Names of datasets."""

from __future__ import annotations

import pytest

from beanft.file_names import file_name, tidy
from beanft.uploader.names import NAME_LENGTH, free_name, is_id_like, name_of_file


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


def test_tidy_keeps_other_scripts_and_direction_marks_and_drops_what_turns_text_around() -> None:
    assert tidy("أسعار\u200f.csv") == "أسعار\u200f.csv"
    assert tidy("\u202egpj.exe") == "gpj.exe"
