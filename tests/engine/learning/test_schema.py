"""The schema tells a form what to ask for."""

import json

import pandas as pd
import pyarrow as pa
import pytest

from beanft.engine.learning.checking.ranges import ahead_of, measured_until, range_of, until
from beanft.engine.learning.checking.tables import check_table
from beanft.engine.learning.inputs import check_records
from beanft.engine.learning.prepare import Feature
from beanft.engine.learning.schema import describe
from beanft.engine.tables.columns import Column


def column(trained, name):
    return next(
        column for column in trained.listener.run("baseline")["schema"]["columns"] if column["name"] == name
    )


def test_numbers_have_a_range_and_a_real_example(flower_models):
    found = column(flower_models, "sepal width")
    assert (found["kind"], found["missing"]) == ("number", True)
    assert found["minimum"] < found["median"] < found["maximum"]
    assert round(found["example"], 1) == found["example"]


def test_categories_have_choices_the_most_frequent_first(flower_models, flower_table):
    found = column(flower_models, "city")
    assert set(found["choices"]) == set(flower_table["city"].dropna())
    assert found["example"] == found["choices"][0]
    assert found["n_choices"] == 3


def test_truth_values_and_dates_are_told(flower_models):
    assert column(flower_models, "wet")["choices"] in (["true", "false"], ["false", "true"])
    day = column(flower_models, "day")
    assert day["kind"] == "date"
    assert day["minimum"] >= "2024-01-01"


def test_the_stored_schema_is_json_without_the_long_lists(flower_models):
    text = json.dumps(flower_models.listener.run("baseline")["schema"]["columns"], allow_nan=False)
    assert '"known"' not in text


@pytest.mark.parametrize(("n_missing", "mostly"), [(0, False), (2, False), (3, True)])
def test_a_column_that_most_rows_lack_is_said_to_be_one(n_missing, mostly):
    shed = Column(name="misc", kind="category", stored="VARCHAR", n_missing=n_missing, n_distinct=1)
    rows = pd.DataFrame({"misc": ["Shed"] * (4 - n_missing) + [None] * n_missing})
    (found,) = describe(rows, (Feature(name="misc", role="category", n_parts=1, n_shown=1),), {"misc": shed})
    assert (found["mostly_missing"], found["example"]) == (mostly, "Shed")


def _days(*, by_time: bool, last: str = "2023-12-31") -> dict:
    """A column of the days of 2022 to June 2023, which a table has up to a last day."""
    day = Column(name="day", kind="date", stored="DATE", n_missing=0, n_distinct=700, maximum=last)
    rows = pd.DataFrame({"day": pd.date_range("2022-01-01", "2023-06-30")})
    feature = Feature(name="day", role="date", n_parts=6, n_shown=18, cyclic=by_time)
    (found,) = describe(rows, (feature,), {"day": day}, "day" if by_time else "")
    return found


def test_later_days_are_no_surprise_as_far_as_a_model_of_rows_cut_by_time_was_measured():
    column = _days(by_time=True)
    assert column["later"] == "2024-07-02 00:00:00"  # the locked rows reach 184 days beyond June
    assert column["measured"] == "2023-12-31 00:00:00"
    assert ahead_of(column) == "184 days"
    asked = ["2022-01-01", "2023-12-31", "2024-07-02", "2024-07-03", "2021-12-31"]
    outside = [False, False, False, True, True]
    records = check_records([{"day": one} for one in asked], [column])
    table = check_table(pa.table({"day": asked}), [column])  # the form, the API and batches agree
    for checked in (records, table):
        assert checked.outside["day"].tolist() == outside
        assert checked.repair_counts["range"] == 2
    assert range_of(column).words == "2022-01-01 to 2023-06-30"


def test_later_days_are_outside_where_rows_were_cut_by_chance():
    column = _days(by_time=False)
    assert column["later"] is column["measured"] is None
    checked = check_records([{"day": "2023-06-30"}, {"day": "2023-07-01"}], [column])
    assert checked.outside["day"].tolist() == [False, True]


def test_without_locked_rows_a_fifth_of_the_time_is_how_far_it_was_measured():
    column = _days(by_time=True, last="2023-06-30")
    assert column["later"] == column["measured"] == "2023-10-17 00:00:00"


@pytest.mark.parametrize("last", ["2005-12-01", "2005-12-31"])
def test_only_of_the_date_that_rows_were_cut_by_is_it_told_how_far_it_was_measured(last):
    dates = {
        "birth": (pd.date_range("1950-01-01", "2005-12-01", periods=500).normalize(), last),
        "when": (pd.date_range("2022-01-01", "2023-06-30", periods=500).normalize(), "2023-12-31"),
    }
    columns = {
        name: Column(name=name, kind="date", stored="DATE", n_missing=0, n_distinct=500, maximum=end)
        for name, (_, end) in dates.items()
    }
    features = tuple(Feature(name=name, role="date", n_parts=6, n_shown=18, cyclic=True) for name in dates)
    rows = pd.DataFrame({name: moments for name, (moments, _) in dates.items()})
    birth, when = schema = describe(rows, features, columns, "when")
    assert measured_until(schema) == (
        "Errors were measured up to “when” 2023-12-31, at most 184 days after the rows learned from.",
    )
    assert birth["measured"] is None
    assert until(birth, all_rows=True) is until(birth, all_rows=False) is None
    assert range_of(birth).high <= pd.Timestamp("2006-01-30")  # as far as the locked rows show, no further
    (said,) = check_records([{"birth": "2015-01-01", "when": "2023-07-01"}], schema).repairs
    assert "outside the 1950-01-01 to 2005-12-01 seen in training" in said.sentence
    # of before: both were said to be measured, and nobody knows which one the rows were cut by
    assert measured_until([birth | {"measured": "2017-03-13"}, when]) == ()
