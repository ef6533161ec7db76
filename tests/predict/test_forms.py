"""The fields of a row's form."""

from __future__ import annotations

from typing import Any

from beanft.engine.learning.inputs import check_records
from beanft.predict.forms import AT_ONCE, fields_of, layout_of


def column(name: str = "a", kind: str = "category", **facts: Any) -> dict[str, Any]:
    of = {"stored": "DATE" if kind == "date" else "DOUBLE", "format": ""}
    empty = dict.fromkeys(("minimum", "maximum", "median", "example", "known"))
    return {"name": name, "kind": kind, "choices": [], "n_choices": 0, "missing": True, **empty, **of} | facts


def test_a_number_holds_the_example_and_says_what_training_saw():
    (field,) = fields_of(
        [column(kind="number", minimum=32.1, maximum=59.6, median=44.5, example=44.0)], {}, {}
    )
    assert (field.kind, field.value, field.hint) == ("number", "44", "Seen 32.1 to 59.6, typically 44.")


def test_numbers_are_written_without_thousands_separators():
    (field,) = fields_of(
        [column(kind="number", minimum=1900.0, maximum=123456789.0, median=2000.5, example=1950.0)], {}, {}
    )
    assert field.hint == "Seen 1900 to 123456789, typically 1950."


def test_a_number_with_a_decimal_comma_is_read_back_as_it_was():
    schema = [
        column(
            kind="number", minimum=-1.125, maximum=29.999, median=7.506, example=7.506, format="decimal comma"
        )
    ]
    (field,) = fields_of(schema, {}, {})
    assert (field.value, field.typical) == ("7,506", "7,506")
    assert field.hint == "Seen -1,125 to 29,999, typically 7,506."
    assert check_records([{"a": field.value}], schema).columns["a"].tolist() == [7.506]
    (typed,) = fields_of(schema, {"a": "7.506"}, {})
    assert typed.value == "7.506"  # what somebody typed stays, and is read as at ingest
    assert typed.slider
    assert typed.slider.place == 400


def test_the_hint_names_the_value_that_stands_in_the_field():
    facts = {"minimum": 1.5, "maximum": 90000.0, "median": 28803.7, "example": 28803.19}
    (field,) = fields_of([column(kind="number", format="decimal comma", **facts)], {}, {})
    assert field.value == "28803,19"
    assert field.hint == "Seen 1,5 to 90000, typically 28803,19."


def test_a_typical_row_is_empty_where_most_rows_were():
    choice = column(choices=["Shed"], n_choices=1, example="Shed", mostly_missing=True)
    number = column("n", "number", minimum=1.0, maximum=9.0, median=4.0, example=4.0, mostly_missing=True)
    fields = fields_of([choice, number], {}, {})
    assert [(field.value, field.typical) for field in fields] == [("", ""), ("", "")]
    assert [field.hint for field in fields] == [
        "Missing in most rows.",
        "Seen 1 to 9. Missing in most rows.",
    ]
    assert fields_of([choice], {"a": "Shed"}, {})[0].value == "Shed"


def test_a_category_offers_its_choices_another_and_none():
    (field,) = fields_of([column(choices=["x", "(other)"], n_choices=2, example="x")], {}, {})
    assert [value for value, _ in field.options] == ["x", "(other)", "(other)…", ""]
    assert field.value == "x"


def test_a_value_that_is_no_choice_is_kept():
    (field,) = fields_of([column(choices=["x"], n_choices=1, example="x")], {"a": "dodo"}, {})
    assert field.options[-1] == ("dodo", "“dodo” (not seen in training)")


def test_many_levels_are_suggestions():
    (field,) = fields_of([column(choices=["x"], n_choices=60, example="x")], {}, {})
    assert (field.kind, field.options) == ("suggest", (("x", "x"),))


def test_a_boolean_has_no_other():
    (field,) = fields_of(
        [column(kind="boolean", choices=["true", "false"], n_choices=2, example="true")], {}, {}
    )
    assert [value for value, _ in field.options] == ["true", "false", ""]


def test_dates_and_moments():
    day = column(
        kind="date", minimum="2025-01-01", maximum="2025-12-31", median="2025-06-01", example="2025-06-01"
    )
    moment = day | {"example": "2025-06-01 10:00:00"}
    assert [field.kind for field in fields_of([day, moment], {}, {})] == ["date", "time"]


def test_an_empty_value_is_not_replaced_by_the_example():
    (field,) = fields_of([column(kind="number", example=1.0)], {"a": ""}, {"a": "wrong"})
    assert (field.value, field.error) == ("", "wrong")


def test_a_short_form_stays_in_the_order_of_the_table():
    fields = fields_of([column(f"n{i}") for i in range(AT_ONCE)], {}, {})
    layout = layout_of(fields, {"n5": 1.0})
    assert (list(layout.first), layout.folded, layout.ranked) == (fields, (), False)


def test_a_long_form_shows_first_what_matters_most_and_folds_the_rest():
    fields = fields_of([column(f"n{i}") for i in range(200)], {}, {"n7": "wrong"})
    layout = layout_of(fields, {"n150": 2.0, "n9": 1.0})
    assert [field.name for field in layout.first[:3]] == ["n150", "n9", "n0"]
    assert layout.ranked
    assert len(layout.fields) == 200
    assert [field.name for field in layout.folded[:2]] == ["n11", "n12"]
    assert not layout.is_open  # the wrong one is among the first


def test_a_column_that_was_not_measured_never_stands_before_one_that_was():
    fields = fields_of([column(f"n{i}") for i in range(20)], {}, {})
    layout = layout_of(fields, {"n18": 2.0, "n19": 0.0})
    assert [field.name for field in layout.first[:3]] == ["n18", "n19", "n0"]
    assert (layout.ranked, layout.n_measured) == (True, 2)


def test_a_wrong_field_opens_the_fold_and_without_weights_nothing_is_ranked():
    layout = layout_of(fields_of([column(f"n{i}") for i in range(20)], {}, {"n19": "wrong"}))
    assert layout.is_open
    assert not layout.ranked


def test_a_number_has_a_slider_and_its_typical_value():
    facts = {"minimum": 0.0, "maximum": 10.0, "median": 4.0, "example": 4.0, "stored": "DOUBLE", "unit": "kg"}
    (field,) = fields_of([column(kind="number", **facts)], {"a": "5"}, {}, {"a": ([0, 5, 10], [1, 2])})
    assert field.slider
    assert (field.slider.place, len(field.slider.bars)) == (200, 2)
    assert (field.typical, field.unit) == ("4", "kg")
