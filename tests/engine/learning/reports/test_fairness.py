"""Figures of groups: counted by hand, their differences covered and put into words."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from beanft.engine.learning.metrics import METRIC
from beanft.engine.learning.reports.fairness import by_group, groupings
from beanft.engine.tables.columns import Column, Profile


def _column(name: str, kind: str, n_distinct: int, n_missing: int = 0) -> Column:
    return Column(name=name, kind=kind, stored="VARCHAR", n_missing=n_missing, n_distinct=n_distinct)


def test_columns_of_few_values_can_be_chosen() -> None:
    columns = (
        _column("sex", "category", 2),
        _column("town", "category", 21),
        _column("asked", "boolean", 1, n_missing=3),
        _column("one", "constant", 1),
        _column("id", "identifier", 5),
        _column("bought", "boolean", 2),
    )
    assert groupings(Profile(n_rows=9, columns=columns), without="bought") == ["sex", "asked"]


def _two_groups() -> tuple[np.ndarray, np.ndarray, pd.Series]:
    """60 men: 30 yes, 24 found, 6 false alarms; 40 women: 20 yes, 4 found, 1 false alarm."""
    sex = pd.Series(["m"] * 60 + ["w"] * 40, dtype=object)
    y = np.array([1] * 30 + [0] * 30 + [1] * 20 + [0] * 20)
    said = np.array([1] * 24 + [0] * 6 + [1] * 6 + [0] * 24 + [1] * 4 + [0] * 16 + [1] + [0] * 19)
    second = np.where(said, 0.8, 0.2) + np.linspace(0, 0.1, 100)
    return y, np.column_stack([1 - second, second]), sex


def test_rates_are_those_counted_by_hand() -> None:
    y, predicted, sex = _two_groups()
    made = by_group(y, predicted, sex, column="sex", metric=METRIC["roc_auc"], labels=("no", "yes"))
    men, women = made["groups"]
    assert (men["label"], men["n_rows"], men["small"]) == ("m", 60, False)
    assert (women["label"], women["n_rows"], women["small"]) == ("w", 40, True)
    assert men["figures"]["hit"]["value"] == 24 / 30
    assert men["figures"]["alarm"]["value"] == 6 / 30
    assert men["figures"]["positive"]["value"] == 0.5
    assert women["figures"]["hit"]["value"] == 4 / 20
    assert women["figures"]["actual"]["value"] == 0.5
    assert men["figures"]["score"]["value"] == pytest.approx(roc_auc_score(y[:60], predicted[:60, 1]))
    difference = women["differences"]["hit"]
    assert difference["value"] == pytest.approx(-0.6)
    assert difference["low"] < -0.6 < difference["high"] < 0
    assert difference["clear"]
    assert any(
        "the share of true “yes” that is found is lower by 60 percentage points" in s
        for s in made["sentences"]
    )


def test_a_chosen_threshold_is_used() -> None:
    y, predicted, sex = _two_groups()
    made = by_group(
        y, predicted, sex, column="sex", metric=METRIC["accuracy"], labels=("no", "yes"), threshold=0.95
    )
    assert made["groups"][0]["figures"]["positive"]["value"] == 0.0
    assert "from a probability of 95 % on" in made["measures"][1]["sentence"]


def test_the_error_of_numbers_is_true_minus_predicted() -> None:
    y, town = np.r_[np.full(80, 10.0), np.full(60, 20.0)], pd.Series([1.0] * 80 + [np.nan] * 60)
    predicted = y + np.r_[np.zeros(80), np.full(60, 5.0)] + np.random.default_rng(0).normal(size=140) * 0.1
    made = by_group(y, predicted, town, column="town", metric=METRIC["rmse"])
    assert [group["label"] for group in made["groups"]] == ["1", "no value"]
    assert made["groups"][1]["figures"]["bias"]["value"] == pytest.approx(-5, abs=0.1)
    assert made["groups"][1]["figures"]["score"]["value"] == pytest.approx(5, abs=0.1)
    assert "the mean error is lower by" in " ".join(made["sentences"])


def test_three_classes_give_the_share_told_right() -> None:
    y = np.tile([0, 1, 2], 40)
    made = by_group(
        y,
        np.eye(3)[y],
        pd.Series(["a"] * 60 + ["b"] * 60),
        column="g",
        metric=METRIC["balanced_accuracy"],
        labels=("x", "y", "z"),
    )
    assert [measure["key"] for measure in made["measures"]] == ["score", "right"]
    assert made["groups"][1]["figures"]["right"]["value"] == 1.0
    assert made["groups"][1]["figures"]["right"]["low"] < 1
    assert made["sentences"][0].startswith("No figure of any group differs from that of “a”")


def test_equal_groups_are_seldom_told_apart() -> None:
    n_told = 0
    for seed in range(60):
        random = np.random.default_rng(seed)
        y = random.integers(0, 2, 400)
        second = random.random(400)
        made = by_group(
            y,
            np.column_stack([1 - second, second]),
            pd.Series(random.choice(list("abc"), 400)),
            column="g",
            metric=METRIC["accuracy"],
            labels=("no", "yes"),
        )
        n_told += any(
            one["clear"]
            for group in made["groups"]
            for one in [group["differences"].get("hit", {"clear": False})]
        )
    assert n_told <= 7


def test_whole_groups_are_resampled_where_rows_were_cut_by_groups() -> None:
    """Ten people of 40 equal rows each say as much as ten rows."""
    person = np.repeat(np.arange(10), 40)
    random = np.random.default_rng(0)
    right = np.repeat(random.random(10) < 0.5, 40)
    y = random.integers(0, 2, 400)
    second = np.where(right, y, 1 - y) * 0.8 + 0.1
    given = (y, np.column_stack([1 - second, second]), pd.Series(["a"] * 200 + ["b"] * 200))
    asked = {"column": "g", "metric": METRIC["accuracy"], "labels": ("no", "yes")}
    alone = by_group(*given, **asked)["groups"][0]["figures"]["hit"]
    grouped = by_group(*given, **asked, clusters=person)["groups"][0]["figures"]["hit"]
    assert grouped["value"] == alone["value"]
    assert grouped["high"] - grouped["low"] > 2 * (alone["high"] - alone["low"])
