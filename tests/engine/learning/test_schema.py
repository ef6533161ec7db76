"""The schema tells a form what to ask for."""

import json

import pandas as pd
import pytest

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
