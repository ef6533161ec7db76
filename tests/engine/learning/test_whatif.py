"""One value changed, all else as it is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from beanft.engine.learning import whatif
from beanft.engine.learning.inputs import check
from beanft.engine.learning.whatif import curves_of

EMPTY: dict[str, Any] = dict.fromkeys(("minimum", "median", "maximum", "known", "spellings"))
SCHEMA = [
    EMPTY
    | {"name": "a", "kind": "number", "minimum": 0.0, "median": 5.0, "maximum": 10.0, "stored": "DOUBLE"}
    | {"format": "", "choices": [], "n_choices": 0, "missing": True},
    EMPTY
    | {"name": "b", "kind": "category", "stored": "VARCHAR", "format": "", "missing": False}
    | {"choices": ["x", "y", "z"], "n_choices": 3, "known": ["x", "y", "z"]},
    EMPTY
    | {"name": "d", "kind": "date", "minimum": "2025-01-01", "median": "2025-01-02", "maximum": "2025-01-03"}
    | {"stored": "DATE", "format": "", "choices": [], "n_choices": 0, "missing": False},
    EMPTY
    | {"name": "t", "kind": "text", "stored": "VARCHAR", "format": "", "choices": [], "n_choices": 0}
    | {"missing": False},
]
DAY_US = 86_400_000_000
START = np.datetime64("2025-01-01", "us")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A model that adds its columns up; answers how many rows it was asked about, call by call."""
    counts: list[int] = []

    def predict(model: Any, rows: Any) -> np.ndarray:
        counts.append(len(rows["a"]))
        level = np.array([{"x": 0.0, "y": 100.0, "z": 200.0}.get(cell, -1.0) for cell in rows["b"]])
        days = (rows["d"] - START).astype(np.int64) / DAY_US
        number = np.where(np.isnan(rows["a"]), -50.0, rows["a"]) + level + 1000 * days
        return np.column_stack([-number, number]) if model["labels"] else number

    monkeypatch.setattr(whatif, "predict_rows", predict)
    return counts


def row(*cells: str) -> Any:
    checked = check(["a", "b", "d", "t"], [list(cells)], SCHEMA)
    assert not checked.n_errors
    return checked.columns


def test_each_column_is_tried_and_the_rest_stays(asked: list[int]):
    model = {"schema": SCHEMA, "labels": ()}
    a, b, d = curves_of(model, row("3", "y", "2025-01-02", "hello"), ["a", "b", "t", "d"])
    assert asked == [len(a.points) + 1 + len(b.points) + len(d.points)]  # all of them at once
    assert [point.said - 1100 for point in a.points] == pytest.approx([float(p.value) for p in a.points])
    assert (a.points[0].value, a.points[-1].value, a.missing) == ("0", "10", 1050.0)
    assert [(p.value, p.said, p.own) for p in b.points] == [
        ("x", 1003.0, False),
        ("y", 1103.0, True),
        ("z", 1203.0, False),
    ]
    assert b.missing is None
    assert [(p.value, p.said, p.own) for p in d.points] == [
        ("2025-01-01", 103.0, False),
        ("2025-01-02", 1103.0, True),
        ("2025-01-03", 2103.0, False),
    ]


def test_the_own_value_says_what_the_row_says(asked: list[int]):
    model = {"schema": SCHEMA, "labels": ("no", "yes")}
    (curve,) = curves_of(model, row("3.3", "y", "2025-01-02", ""), ["a"], label="yes")
    assert curve.own
    assert (curve.own.value, curve.own.said) == ("3.3", 1103.3)
    assert curve.reach == (1100.0, 1110.0)
    (other,) = curves_of(model, row("3.3", "y", "2025-01-02", ""), ["a"], label="no")
    assert other.own
    assert other.own.said == -1103.3


def test_a_value_outside_of_what_was_seen_stands_outside(asked: list[int]):
    (curve,) = curves_of({"schema": SCHEMA, "labels": ()}, row("20", "y", "2025-01-02", ""), ["a"])
    assert curve.points[-1].own
    assert curve.points[-1].place == 2.0


def test_a_missing_value_is_no_point_but_a_level_of_its_own(asked: list[int]):
    a, b = curves_of({"schema": SCHEMA, "labels": ()}, row("", "", "2025-01-02", ""), ["a", "b"])
    assert (a.own, b.own) == (None, None)
    assert (a.missing, b.missing) == (949.0, 949.0)


def test_no_more_columns_than_wanted(asked: list[int]):
    model = {"schema": SCHEMA, "labels": ()}
    found = curves_of(model, row("1", "x", "2025-01-01", ""), ["t", "b", "a", "d"], most=2)
    assert [curve.column for curve in found] == ["b", "a"]
    assert curves_of(model, row("1", "x", "2025-01-01", ""), ["t"]) == []


def test_a_selection_of_many_categories_is_known_to_be_one(asked: list[int]):
    many = [SCHEMA[0], SCHEMA[1] | {"n_choices": 28}, *SCHEMA[2:]]
    a, b = curves_of({"schema": many, "labels": ()}, row("3", "y", "2025-01-02", "hello"), ["a", "b"])
    assert (a.is_selection, b.is_selection, b.n_levels) == (False, True, 28)
