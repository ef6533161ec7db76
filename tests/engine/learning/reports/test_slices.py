"""Where a model fails: a planted weak slice is found, and noise gives none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from beanft.engine.learning.metrics import METRIC
from beanft.engine.learning.reports.slices import find_slices
from beanft.engine.tables.columns import Column, Profile

_STORED = {"number": "DOUBLE", "category": "VARCHAR", "date": "DATE", "text": "VARCHAR"}


def _profile(**kinds: str) -> Profile:
    columns = [
        Column(name=name, kind=kind, stored=_STORED[kind], n_missing=0, n_distinct=9)
        for name, kind in kinds.items()
    ]
    return Profile(n_rows=1, columns=tuple(columns))


PROFILE = _profile(town="category", age="number", day="date", income="number")


def _table(n: int, random: np.random.Generator) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "town": random.choice(["Leeds", "York", "Hull", "Bath"], n).astype(object),
            "age": random.uniform(18, 90, n),
            "day": np.datetime64("2024-01-01", "us") + random.integers(0, 300, n).astype("timedelta64[D]"),
            "income": random.lognormal(10, 1, n),
        }
    )
    table.loc[random.random(n) < 0.1, "income"] = np.nan
    return table


def _classes(wrong: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Truth and probabilities that are wrong where they are told to be."""
    y = random.integers(0, 2, len(wrong))
    second = np.where(wrong, 1 - y, y) * 0.8 + 0.1
    return y, np.column_stack([1 - second, second])


def _find(X: pd.DataFrame, y: np.ndarray, predicted: np.ndarray, **values: Any) -> dict[str, Any]:
    metric = METRIC["accuracy"] if predicted.ndim == 2 else METRIC["rmse"]
    return find_slices(X, y, predicted, profile=PROFILE, metric=metric, **values)


def test_a_planted_weak_value_is_found_with_its_rows() -> None:
    random = np.random.default_rng(1)
    X = _table(800, random)
    in_leeds = (X["town"] == "Leeds").to_numpy()
    y, predicted = _classes(random.random(800) < np.where(in_leeds, 0.4, 0.1), random)
    found = _find(X, y, predicted)
    first = found["found"][0]
    assert first["filters"] == [["town", "equals", "Leeds"]]
    assert first["n_rows"] == in_leeds.sum()
    wrong = predicted.argmax(axis=1) != y
    assert first["error"]["value"] == wrong[in_leeds].mean()
    assert first["elsewhere"] == wrong[~in_leeds].mean()
    assert first["error"]["low"] < first["error"]["value"] < first["error"]["high"]
    assert first["score"]["value"] == 1 - wrong[in_leeds].mean()
    assert first["sentence"].startswith("Where “town” is “Leeds”, ")
    assert "are told wrong (95 % interval" in first["sentence"]
    assert found["looked"] > 10


def test_a_planted_weak_range_and_missing_values_are_found_in_numbers() -> None:
    random = np.random.default_rng(2)
    X = _table(1_000, random)
    old, unknown = (X["age"] > 75).to_numpy(), X["income"].isna().to_numpy()
    y = random.normal(size=1_000)
    predicted = y + random.normal(size=1_000) * np.where(old | unknown, 4.0, 1.0)
    filters = [one["filters"] for one in _find(X, y, predicted)["found"]]
    assert ["income", "is-missing", None] in [link[0] for link in filters]
    assert "age" in [link[0][0] for link in filters]


def test_a_pair_is_told_when_only_both_together_are_weak() -> None:
    random = np.random.default_rng(3)
    n = 4_000
    X = _table(n, random)
    both = ((X["town"] == "Leeds") & (X["age"] > 75.6)).to_numpy()
    y, predicted = _classes(random.random(n) < np.where(both, 0.6, 0.1), random)
    first = _find(X, y, predicted)["found"][0]
    assert {one[0] for one in first["filters"]} == {"town", "age"}
    assert " and “" in first["words"]


def test_noise_gives_none_in_at_least_95_of_100_seeds() -> None:
    n_told = 0
    for seed in range(100):
        random = np.random.default_rng(seed)
        X = _table(300, random)
        if seed % 2:
            y, predicted = _classes(random.random(300) < 0.3, random)
        else:
            y, predicted = random.standard_t(2, 300), np.zeros(300)
        n_told += bool(_find(X, y, predicted)["found"])
    assert n_told <= 5


def test_groups_that_differ_by_themselves_are_no_weak_slice() -> None:
    """Every row of a group errs alike: 20 groups are 20 rows, not 2,000."""
    n_told = 0
    for seed in range(40):
        random = np.random.default_rng(seed)
        groups = np.repeat(np.arange(20), 100)
        X = _table(2_000, random)
        X["town"] = np.where(groups % 3 == 0, "Leeds", "York")
        y, predicted = _classes(random.random(2_000) < random.uniform(0, 0.6, 20)[groups], random)
        found = _find(X[["town"]], y, predicted, clusters=groups)
        n_told += bool(found["found"])
    assert n_told <= 4


def test_small_tables_and_perfect_models_have_no_weak_slice() -> None:
    random = np.random.default_rng(4)
    X = _table(40, random)
    y, predicted = _classes(np.zeros(40, dtype=bool), random)
    assert _find(X, y, predicted)["found"] == []
    assert _find(X[:2], y[:2], predicted[:2])["found"] == []
