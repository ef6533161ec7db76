"""Weights of runs: what helps together, and nothing that harms."""

import numpy as np
import pytest

from beanft.engine.learning.metrics import METRIC
from beanft.engine.learning.search.ensemble import weigh


def numbers(seed=0, n=2_000):
    random = np.random.default_rng(seed)
    y = random.normal(size=n)
    return y, {
        "good": y + random.normal(0, 0.5, n),
        "other": y + random.normal(0, 0.5, n),
        "bad": random.normal(0, 3, n),
    }


def test_two_that_err_differently_share_the_weight():
    y, said = numbers()
    weights = weigh(y, said, metric="rmse", task="regression", seed=0)
    assert sum(weights.values()) == pytest.approx(1)
    assert weights["good"] == pytest.approx(0.5, abs=0.1)
    assert weights["other"] == pytest.approx(0.5, abs=0.1)


def test_together_they_are_no_worse_than_the_best_alone():
    y, said = numbers(1)
    weights = weigh(y, said, metric="r2", task="regression", seed=0)
    mixed = sum(weight * said[key] for key, weight in weights.items())
    assert METRIC["rmse"].of(y, mixed) <= min(METRIC["rmse"].of(y, one) for one in said.values())


def test_copies_are_not_needed_twice():
    y, said = numbers(2)
    weights = weigh(y, {"a": said["good"], "b": said["good"]}, metric="rmse", task="regression", seed=0)
    assert weights == {"a": 1.0}


def test_no_run_has_no_weights():
    assert weigh(np.zeros(3), {}, metric="rmse", task="regression", seed=0) == {}


def test_a_count_of_right_rows_is_weighed_by_probabilities():
    random = np.random.default_rng(0)
    y = random.integers(0, 2, 500)
    p = np.clip(y * 0.4 + 0.3 + random.normal(0, 0.2, 500), 0.01, 0.99)
    said = {"a": np.column_stack([1 - p, p]), "b": np.full((500, 2), 0.5)}
    assert next(iter(weigh(y, said, metric="accuracy", task="classification", seed=0))) == "a"


def test_runs_of_hardly_any_weight_are_left_out():
    random = np.random.default_rng(5)
    y = random.normal(size=400)
    unseen = {f"run-{i}": y + random.normal(scale=0.5 + 0.1 * i, size=400) for i in range(20)}
    weights = weigh(y, unseen, metric="rmse", task="regression", seed=0)
    assert 1 < len(weights) < 20
    assert min(weights.values()) >= 0.05
    assert sum(weights.values()) == pytest.approx(1)
