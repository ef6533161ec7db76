"""One checker for form, CSV and JSON: repairs are listed, errors name row and column."""

import numpy as np
import pandas as pd
import pytest

from beanft.engine.learning.checking.readers import readers_of
from beanft.engine.learning.inputs import check, check_records

AGE = {"name": "age", "kind": "number", "stored": "BIGINT", "format": "", "minimum": 18, "maximum": 90}
PRICE = {"name": "price", "kind": "number", "stored": "DOUBLE", "format": ""}
CITY = {"name": "city", "kind": "category", "stored": "VARCHAR", "format": "", "known": ["Bonn", "Köln"]}
DAY = {
    "name": "day",
    "kind": "date",
    "stored": "DATE",
    "format": "%d.%m.%Y",
    "minimum": "2024-01-01",
    "maximum": "2024-12-31",
}
WET = {"name": "wet", "kind": "boolean", "stored": "BOOLEAN", "format": "", "known": ["true", "false"]}
SCHEMA = [AGE, CITY, DAY, WET]
NAMES = ["age", "city", "day", "wet"]
GOOD = ["30", "Bonn", "31.03.2024", "yes"]


def one(text, column=AGE):
    return check([column["name"]], [[text]], [column])


def test_good_rows_pass_without_a_word():
    checked = check(NAMES, [GOOD], SCHEMA)
    assert checked.repairs == checked.errors == ()
    row = checked.frame.iloc[0]
    assert (row["age"], row["city"], row["wet"]) == (30.0, "Bonn", "true")
    assert row["day"] == pd.Timestamp(2024, 3, 31)


@pytest.mark.parametrize(
    ("text", "column", "value", "code", "words"),
    [
        (" 30 ", AGE, 30.0, "blanks", "Blanks around “30” were removed."),
        ("41,5", AGE, 41.5, "comma", "“41,5” was read as 41.5."),
        ("41.5", AGE, 41.5, None, ""),
        ("400", AGE, 400.0, "range", "400 lies outside the 18 to 90 seen in training."),
        ("bonn", CITY, "Bonn", "case", "“bonn” was read as “Bonn”."),
        ("Rom", CITY, None, "unknown", "Unknown category “Rom”, treated as missing."),
        ("2024-05-06", DAY, pd.Timestamp(2024, 5, 6), None, ""),
        ("2031-05-06", DAY, pd.Timestamp(2031, 5, 6), "range", "2031-05-06 lies outside"),
        ("1", WET, "true", None, ""),
        ("1.234,5", PRICE, 1234.5, "style", "“1.234,5” was read as 1234.5."),
        ("2 000", PRICE, 2000.0, "style", "“2 000” was read as 2000."),
        ("€ 100", PRICE, 100.0, "style", "“€ 100” was read as 100."),
        ("1,300.00", PRICE | {"format": "decimal comma"}, 1300.0, "style", "“1,300.00” was read as 1300."),
        ("€ 1.234", PRICE | {"format": "decimal comma"}, 1234.0, "style", "“€ 1.234” was read as 1234."),
        ("1234567,5", PRICE, 1234567.5, "comma", "“1234567,5” was read as 1234567.5."),
        ("31/12/2024", DAY, pd.Timestamp(2024, 12, 31), "style", "“31/12/2024” was read as 2024-12-31."),
    ],
)
def test_cells_are_read_and_repaired(text, column, value, code, words):
    checked = one(text, column)
    assert checked.n_errors == 0
    found = checked.frame.iloc[0, 0]
    assert (None if pd.isna(found) else found) == value
    assert [repair.code for repair in checked.repairs] == ([code] if code else [])
    assert all(repair.sentence.startswith(words) for repair in checked.repairs)


@pytest.mark.parametrize("text", [None, "", "  ", "NA", "null"])
def test_missing_cells_are_left_to_the_training_rule(text):
    checked = one(text)
    assert np.isnan(checked.frame.iloc[0, 0])
    assert checked.repair_counts == {"missing": 1}


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("abc", AGE, "“abc” is not a number."),
        ("inf", AGE, "“inf” is not a number."),
        ("__import__('os')", AGE, "is not a number."),
        ("1,234", AGE, "“1,234” could be 1.234 or 1234"),
        ("1_000", AGE, "is not a number."),
        ("32.01.2024", DAY, "is not a date."),
        ("€ 1,234", AGE, "“€ 1,234” could be 1.234 or 1234; write it as digits alone."),
        ("12 %", AGE, "“12 %” could be 0.12 or 12; write it as digits alone."),
        ("€ 5", AGE | {"unit": "$"}, "“€ 5” is not a number."),
        ("03/04/2024", DAY, "“03/04/2024” could be 2024-03-04 or 2024-04-03; write it so."),
        ("31/12/2024", DAY | {"format": "%m/%d/%Y"}, "“31/12/2024” is not a date."),
        ("maybe", WET, "“maybe” is neither yes nor no."),
        ("maybe", WET | {"labels": ["nein", "ja"]}, "“maybe” is neither ja nor nein."),
    ],
)
def test_cells_that_cannot_be_read_are_errors(text, column, words):
    (error,) = one(text, column).errors
    assert words in error.sentence
    assert error.text.startswith(f"Row 1, column “{column['name']}”: ")


def test_errors_name_row_and_column_in_order():
    rows = [GOOD, ["abc", "Bonn", "x", "yes"], GOOD, ["?", "Bonn", "31.03.2024", "yes"], ["7x", *GOOD[1:]]]
    checked = check(NAMES, rows, SCHEMA, first_line=10)
    assert [(error.row, error.column) for error in checked.errors] == [(11, "age"), (11, "day"), (14, "age")]
    assert len(checked.frame) == 5


def test_columns_in_another_order_spelling_and_company_are_put_right():
    checked = check(
        ["wet", "notes", " AGE", "day", "city"], [["no", "x", "30", "31.03.2024", "Köln"]], SCHEMA
    )
    assert checked.n_errors == 0
    assert checked.frame.columns.tolist() == NAMES
    assert checked.frame.iloc[0]["city"] == "Köln"
    assert checked.repair_counts == {"extra": 1, "header": 1, "order": 1}


def test_missing_columns_are_named_with_the_whole_list():
    (error,) = check(["age"], [["30"]], SCHEMA).errors
    assert (
        error.text
        == "These columns are missing: city, day, wet. The model needs them; add them to the table."
    )


def test_a_column_that_came_twice_is_refused():
    assert (
        check(["age", "age"], [["1", "2"]], [AGE]).errors[0].sentence.startswith("The column “age” came more")
    )


def test_a_row_of_the_wrong_length_is_an_error():
    assert check(NAMES, [GOOD, ["30"]], SCHEMA).errors[0].text == "Row 2: It has 1 cell instead of 4."


def test_many_repairs_are_counted_and_only_the_first_kept():
    checked = check(["age"], [[" 30"]] * 1000, [AGE])
    assert checked.repair_counts == {"blanks": 1000}
    assert len(checked.repairs) == 100


def test_no_rows_are_no_error():
    assert len(check(NAMES, [], SCHEMA).frame) == 0


@pytest.mark.parametrize(
    ("text", "column", "value"),
    [
        ("unknown", AGE, None),
        (" unknown ", AGE, None),
        ("-999", AGE, None),
        ("unknown", CITY, None),
        ("", CITY, None),
        ("NA", CITY | {"known": ["Bonn", "NA"]}, "NA"),
        ("-", CITY | {"known": None}, "-"),
    ],
)
def test_what_the_owner_called_missing_is_missing_and_nothing_else(text, column, value):
    checked = one(text, column | {"spellings": ["unknown", "-999"]})
    assert checked.n_errors == 0
    found = checked.frame.iloc[0, 0]
    assert (None if pd.isna(found) else found) == value
    assert [repair.code for repair in checked.repairs] == ([] if value else ["missing"])


def test_a_word_that_is_not_missing_here_is_no_number():
    checked = one("NA", AGE | {"spellings": []})
    assert [error.sentence for error in checked.errors] == ["“NA” is not a number."]


def row_of(record, schema=SCHEMA):
    return check_records([record], schema)


def test_json_values_are_read_as_what_they_are():
    schema = [AGE | {"format": "decimal comma"}, CITY | {"known": ["7", "7.5", "true"]}, DAY, WET]
    for city, known in ((7, "7"), (7.5, "7.5"), (True, "true")):
        checked = row_of({"age": 41.234, "city": city, "day": "2024-03-31", "wet": True}, schema)
        assert (checked.n_errors, checked.repairs) == (0, ())
        row = checked.frame.iloc[0]
        assert (row["age"], row["city"], row["wet"]) == (41.234, known, "true")


def test_json_rows_may_differ_in_order_and_spelling_of_their_keys():
    one = {"age": 30, "city": "Bonn", "day": "2024-03-31", "wet": False}
    other = {"Wet": False, "DAY": "2024-03-31", "city": "Bonn", "age": 30, "note": "x"}
    checked = check_records([one, other], SCHEMA)
    assert checked.n_errors == 0
    assert checked.frame.iloc[0].tolist() == checked.frame.iloc[1].tolist()
    assert [(remark.row, remark.code) for remark in checked.repairs] == [
        (2, "header"), (2, "header"), (2, "extra"),
    ]  # fmt: skip


def test_what_a_json_row_lacks_is_its_own_error():
    full = {"age": 30, "city": "Bonn", "day": None, "wet": False}
    checked = check_records([full, {"age": 30, "wet": False}], SCHEMA)
    assert [error.text for error in checked.errors] == [
        "Row 2: These columns are missing: city, day. Send them, or null where their values are not known."
    ]
    (error,) = row_of({"age": 30, "wet": False, "day": None}).errors
    assert (error.column, error.sentence.split(".")[0]) == ("city", "The column is missing")
    assert "null" in error.sentence
    assert checked.repair_counts == {"missing": 1}
    alone = row_of({"age": 30, "wet": False})
    assert [error.sentence for error in alone.errors] == [error.sentence for error in checked.errors]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ([1], "It holds a list or an object."),
        ({"a": 1}, "It holds a list or an object."),
        (True, "“true” is not a number."),
        (float("inf"), "“inf” is not a number."),
        (10**400, "The number is too large."),
        pytest.param(10**5000, "The number is too large.", id="5001 digits"),
    ],
)
def test_json_values_that_are_no_numbers_are_errors(value, words):
    (error,) = row_of({"age": value}, [AGE]).errors
    assert error.sentence.startswith(words)
    assert (error.row, error.column) == (1, "age")


def test_a_number_that_means_missing_is_missing_in_json_too():
    column = AGE | {"spellings": ["-999", "unknown"]}
    for value in (-999, -999.0, "-999", " unknown", None, float("nan")):
        checked = row_of({"age": value}, [column])
        assert np.isnan(checked.columns["age"][0])
        assert checked.repair_counts == {"missing": 1}


def test_a_missing_value_is_told_otherwise_where_training_never_lacked_one():
    said = [one(None, AGE | {"missing": missing}).repairs[0].sentence for missing in (True, False)]
    assert said[0] != said[1]
    assert "no training row lacked" in said[1]


def test_unknown_categories_are_marked_by_row():
    checked = check(NAMES, [GOOD, ["30", "Rom", *GOOD[2:]]], SCHEMA)
    assert {name: rows.tolist() for name, rows in checked.unknown.items()} == {"city": [False, True]}


def test_a_row_of_very_many_keys_is_told_in_short():
    record = {f"k{i}": 1 for i in range(50_000)} | {"age": 30}
    (extra,) = row_of(record, [AGE]).repairs
    assert extra.text.startswith("Row 1: 50,000 columns were not needed")
    assert len(extra.text) < 200


def test_whole_decimals_are_the_same_level_as_whole_numbers():
    code = {"name": "code", "kind": "category", "stored": "BIGINT", "format": "", "known": ["7", "12"]}
    for value in (7, 7.0, "7", "7.0", "007"):
        assert row_of({"code": value}, [code]).columns["code"].tolist() == ["7"]


def test_readers_are_kept_for_a_schema_and_no_other():
    schema = [dict(AGE)]
    assert readers_of(schema) is readers_of(schema)
    assert readers_of([dict(AGE)]) is not readers_of(schema)
