"""Scores with intervals that do not feign certainty."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix

from beanft.engine.learning.metrics import METRIC
from beanft.engine.learning.reports.scores import confusion, mean_interval, score_interval, scored
from beanft.engine.learning.reports.shares import share_interval

SHARES = (METRIC["balanced_accuracy"], METRIC["accuracy"])


def _scores(y: np.ndarray, chosen: np.ndarray) -> dict[str, dict[str, float | None]]:
    predicted, baseline = np.eye(2)[chosen], np.eye(2)[np.zeros_like(y)]
    made = scored(y, predicted, baseline, SHARES, SHARES[0], seed=0)
    scores: dict[str, dict[str, float | None]] = made["metrics"]
    return scores


def test_all_rows_right_is_no_proof_of_perfection() -> None:
    y = np.repeat([0, 1], 35)
    for score in _scores(y, y).values():
        assert (score["value"], score["high"]) == (1.0, 1.0)
        assert score["low"] == pytest.approx(0.05 ** (1 / 70))


def test_all_rows_wrong_is_no_proof_either() -> None:
    y = np.repeat([0, 1], 35)
    for score in _scores(y, 1 - y).values():
        assert (score["value"], score["low"]) == (0.0, 0.0)
        assert score["high"] == pytest.approx(1 - 0.05 ** (1 / 70))


def test_one_mistake_leaves_the_bootstrap_its_say() -> None:
    y = np.repeat([0, 1], 35)
    chosen = y.copy()
    chosen[0] = 1
    for score in _scores(y, chosen).values():
        assert score["low"] is not None
        assert score["high"] is not None
        assert score["low"] < 69 / 70 <= score["high"] <= 1


def test_a_difference_pairs_the_same_draws() -> None:
    """A baseline that is the model itself differs by exactly nothing."""
    y = np.random.default_rng(0).normal(size=200)
    made = scored(y, y + 1, y + 1, (METRIC["rmse"],), METRIC["rmse"], seed=0)
    assert made["difference"] == {"metric": "rmse", "value": 0.0, "low": 0.0, "high": 0.0}
    better = scored(y, y + 1, y + 3, (METRIC["rmse"],), METRIC["rmse"], seed=0)["difference"]
    assert better["value"] == pytest.approx(2)
    assert better["low"] > 0


def test_more_rows_are_resampled_in_part_with_the_spread_of_all() -> None:
    values = np.random.default_rng(1).normal(size=40_000)
    made = mean_interval(values, max_rows=2_000)
    width = (made["high"] or 0) - (made["low"] or 0)
    assert width == pytest.approx(2 * 1.96 / np.sqrt(40_000), rel=0.15)


def test_a_mean_over_some_rows() -> None:
    values, among = np.array([1.0, 0.0, 1.0, 0.0] * 30), np.array([True, True, False, False] * 30)
    made = mean_interval(values, among=among)
    assert made["value"] == 0.5
    assert made["low"] < 0.5 < made["high"]
    assert mean_interval(values, among=np.zeros(120, dtype=bool))["value"] is None


def test_a_score_that_is_not_defined_is_none() -> None:
    y, chance = np.zeros(50, dtype=int), np.linspace(0.1, 0.9, 50)
    made = score_interval(METRIC["roc_auc"], y, np.column_stack([1 - chance, chance]))
    assert made == {"value": None, "low": None, "high": None}


def test_the_confusion_matrix_is_that_of_scikit_learn() -> None:
    random = np.random.default_rng(2)
    y, predicted = random.integers(0, 3, 90), random.dirichlet([1, 1, 1], 90)
    made = confusion(y, predicted, ("a", "b", "c"))
    assert made["counts"] == confusion_matrix(y, predicted.argmax(axis=1)).tolist()


@pytest.mark.parametrize(("n_yes", "n_rows", "low", "high"), [(8, 40, 0.1050, 0.3476), (15, 15, 0.7961, 1.0)])
def test_shares_have_wilsons_interval(n_yes: int, n_rows: int, low: float, high: float) -> None:
    made = share_interval(n_yes, n_rows)
    assert made["value"] == n_yes / n_rows
    assert (made["low"], made["high"]) == pytest.approx((low, high), abs=1e-4)
    assert share_interval(0, 0) == {"value": None, "low": None, "high": None}
