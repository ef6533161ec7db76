"""One checker for form, CSV and JSON: repairs are listed, errors name row and column."""

import numpy as np
import pandas as pd
import pytest

from beanft.engine.learning.inputs import check

AGE = {"name": "age", "kind": "number", "stored": "BIGINT", "format": "", "minimum": 18, "maximum": 90}
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
        ("maybe", WET, None, "unknown", "Unknown category “maybe”"),
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
        == "These columns are missing: city, day, wet. The model needs the columns: age, city, day, wet."
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
