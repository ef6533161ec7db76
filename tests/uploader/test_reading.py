"""How a file is to be read, as it travels in addresses."""

from __future__ import annotations

import pytest
from werkzeug.datastructures import MultiDict

from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.found import Preview
from beanft.engine.tables.wishes import ColumnWish, Wishes
from beanft.uploader.reading import fields
from beanft.uploader.reading.choices import parse, written

NONE = Wishes()


def test_nothing_asks_for_nothing() -> None:
    asked = parse({}, NONE)
    assert (asked.wishes, asked.errors) == (NONE, ())


def test_what_is_not_there_is_as_before_and_what_is_empty_is_found_out_anew() -> None:
    base = Wishes(header="no", skip=2, columns={"a": ColumnWish(kind="text")})
    assert parse({}, base).wishes == base
    assert parse({"header": "", "skip": "", "kind.a": ""}, base).wishes == NONE


@pytest.mark.parametrize(
    ("values", "name", "value"),
    [
        ({"encoding": "cp1252"}, "encoding", "cp1252"),
        ({"delimiter": "tab"}, "delimiter", "\t"),
        ({"delimiter": ";"}, "delimiter", ";"),
        ({"delimiter": "comma", "other": "§"}, "delimiter", "§"),
        ({"quote": "none"}, "quote", "none"),
        ({"escape": "backslash"}, "escape", "backslash"),
        ({"header": "no"}, "header", "no"),
        ({"skip": " 3 "}, "skip", 3),
        ({"sheet": "März"}, "sheet", "März"),
        ({"bad_rows": "aside"}, "bad_rows", "aside"),
        ({"bad_bytes": "replace"}, "bad_bytes", "replace"),
    ],
)
def test_each_setting_is_read_and_written_alike(values: dict[str, str], name: str, value: object) -> None:
    asked = parse(values, NONE)
    assert asked.errors == ()
    assert getattr(asked.wishes, name) == value
    assert parse(dict(written(asked.wishes, NONE)), NONE).wishes == asked.wishes


HOSTILE = [
    ({"encoding": "rot13"}, "no such encoding"),
    ({"encoding": "\0"}, "no such encoding"),
    ({"encoding": "x" * 10_000}, "no such encoding"),
    ({"delimiter": "x" * 10_000}, "one character"),
    ({"delimiter": "\0"}, "one character"),
    ({"delimiter": "\n"}, "one character"),
    ({"delimiter": '"'}, "one character"),
    ({"quote": "'; DROP TABLE"}, "quote"),
    ({"escape": "\\"}, "inside a quoted cell"),
    ({"header": "maybe"}, "header"),
    ({"skip": "-1"}, "whole number"),
    ({"skip": "9" * 5_000}, "whole number"),
    ({"skip": "٣"}, "whole number"),
    ({"skip": "10001"}, "whole number"),
    ({"sheet": "a\0"}, "no such sheet"),
    ({"sheet": "x" * 300}, "no such sheet"),
    ({"bad_rows": "drop"}, "set aside"),
    ({"bad_bytes": "drop"}, "replaced"),
    ({"kind.a": "drop table"}, "no such kind"),
    ({"kind.a": "constant"}, "no such kind"),
    ({f"kind.{'x' * 201}": "text"}, "at most 200 characters"),
    ({f"format.{'x' * 201}": "%Y"}, "at most 200 characters"),
    ({"format.a": "%Y" * 200}, "at most 255 characters"),
    ({"format.a": "%Y\0"}, "at most 255 characters"),
]


@pytest.mark.parametrize(("values", "words"), HOSTILE, ids=range(len(HOSTILE)))
def test_what_cannot_be_used_is_said_and_counts_as_nothing(values: dict[str, str], words: str) -> None:
    asked = parse(values, NONE)
    assert asked.wishes == NONE
    assert len(asked.errors) == 1
    assert words in asked.errors[0]


def test_kinds_travel_by_the_name_of_their_column_whatever_it_is() -> None:
    name = "a=b&c.kind.ü"
    asked = parse({f"kind.{name}": "date", f"format.{name}": "%d.%m.%Y"}, NONE)
    assert asked.wishes.columns == {name: ColumnWish(kind="date", format="%d.%m.%Y")}
    assert parse(dict(written(asked.wishes, NONE)), NONE).wishes == asked.wishes


def test_another_kind_forgets_the_form_but_not_what_means_missing() -> None:
    base = Wishes(columns={"a": ColumnWish(kind="date", format="%d.%m.%Y", missing=("x",))})
    asked = parse({"kind.a": "text"}, base)
    assert asked.wishes.columns == {"a": ColumnWish(kind="text", missing=("x",))}
    assert written(asked.wishes, base) == [("kind.a", "text")]


@pytest.mark.parametrize(
    ("kind", "form", "kept"),
    [
        ("text", "%d.%m.%Y", ""),
        ("number", "%d.%m.%Y", ""),
        ("date", "decimal comma", ""),
        ("date", "%d.%m.%Y", "%d.%m.%Y"),
        ("number", "decimal comma", "decimal comma"),
        ("number", "plain", "plain"),
        ("", "%d.%m.%Y", "%d.%m.%Y"),
    ],
)
def test_a_form_still_shown_of_the_kind_before_is_not_asked_for(kind: str, form: str, kept: str) -> None:
    asked = parse({"kind.a": kind, "format.a": form}, NONE)
    assert asked.wishes.columns == {"a": ColumnWish(kind=kind, format=kept)}


def test_the_first_of_two_equal_fields_counts() -> None:
    assert parse(MultiDict([("header", "no"), ("header", "yes")]), NONE).wishes.header == "no"


def _found(**values: object) -> Preview:
    column = Column(name="day", kind="date", stored="DATE", n_missing=0, n_distinct=2, format="%d.%m.%Y")
    profile = Profile(n_rows=2, columns=(column,))
    return Preview(profile=profile, encoding="utf-8", delimiter=";", **values)


def test_fields_show_what_was_found_until_something_is_asked_for() -> None:
    shown = {field.name: field for field in fields.setting_fields(_found())}
    assert shown["delimiter"].options[0] == ("", "As found: Semicolon ;")
    assert shown["encoding"].options[0] == ("", "As found: UTF-8")
    assert "sheet" not in shown
    asked = {
        field.name: field for field in fields.setting_fields(_found(wishes=Wishes(delimiter="§", skip=4)))
    }
    assert (asked["delimiter"].value, asked["skip"].value) == ("§", "4")
    assert asked["delimiter"].options[0] == ("", "Find out")
    assert ("§", "§") in asked["delimiter"].options


def test_a_file_that_is_no_text_has_no_fields_for_one() -> None:
    names = [field.name for field in fields.setting_fields(_found(is_text=False))]
    assert names == []
    names = [field.name for field in fields.setting_fields(_found(is_text=False, sheets=("A", "B")))]
    assert names == ["sheet", "header", "skip"]


def test_a_column_offers_its_kinds_and_the_forms_of_its_kind() -> None:
    [one] = fields.column_fields(_found())
    assert one.kind.options[0] == ("", "date (found)")
    assert one.form is not None
    assert one.form.options[0] == ("", "31.12.2024 (day.month.year) (found)")
    assert "%d.%m.%Y" not in dict(one.form.options)  # the form that was found stands first, once
    [one] = fields.column_fields(_found(wishes=Wishes(columns={"day": ColumnWish(format="%d %m %Y")})))
    assert one.form is not None
    assert (one.form.value, one.form.options[-1]) == ("%d %m %Y", ("%d %m %Y", "%d %m %Y"))


def test_no_more_columns_can_be_wished_for_than_a_table_may_have() -> None:
    base = Wishes(columns={"a": ColumnWish(kind="text")})
    more = {"kind.b": "text", "format.c": "%Y"}
    assert list(parse(more, base, max_columns=3).wishes.columns) == ["a", "b", "c"]
    refused = parse(more, base, max_columns=2)
    assert refused.wishes == base
    assert refused.errors == (
        "Kinds or forms of 3 columns were asked for, and a table has at most 2. Open the page of the file "
        "again and choose there.",
    )
    assert not parse({"kind.a": "", "kind.b": "text", "kind.c": "text"}, base, max_columns=2).errors
