"""Rows of a batch that stand in the training table."""

import numpy as np
import pandas as pd
import pytest

from beanft.engine.learning.batches import known
from beanft.engine.learning.batches.known import Known, marks_of_rows

SCHEMA = [
    {"name": "a", "kind": "number", "stored": "DOUBLE", "format": ""},
    {"name": "b", "kind": "category", "stored": "VARCHAR", "format": "", "known": ["x", "y"]},
]


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "table.parquet"
    pd.DataFrame({"b": ["x", None, "y", "x"], "other": range(4), "a": [1.0, 2.0, None, 1.0]}).to_parquet(path)
    return path


def checked(a, b):
    return {"a": np.array(a, dtype=float), "b": np.array(b, dtype=object)}


def test_rows_are_known_by_all_their_values_and_nothing_else(table):
    seen = Known()
    seen.add(checked([1.0, 2.0, np.nan, 1.0], ["x", None, "y", "y"]))
    seen.add(checked([1.0], ["x"]))
    assert seen.found(table, SCHEMA, 4) == {"n": 4, "of": 5, "share_distinct": 0.75}


def test_of_many_rows_the_first_are_looked_for(table, monkeypatch):
    monkeypatch.setattr(known, "_MOST_ROWS", 2)
    seen = Known()
    for _ in range(3):
        seen.add(checked([1.0, 5.0], ["x", "x"]))
    assert seen.found(table, SCHEMA, 4) == {"n": 1, "of": 2, "share_distinct": 0.75}


def test_values_do_not_pass_from_one_column_to_another():
    one = marks_of_rows({"a": np.array(["x"], dtype=object), "b": np.array(["y"], dtype=object)})
    other = marks_of_rows({"a": np.array(["y"], dtype=object), "b": np.array(["x"], dtype=object)})
    assert one[0] != other[0]


def test_a_table_of_too_many_cells_is_not_looked_through(table, monkeypatch):
    monkeypatch.setattr(known, "_MOST_CELLS", 7)
    seen = Known()
    seen.add(checked([1.0], ["x"]))
    assert seen.found(table, SCHEMA, 4) is None
