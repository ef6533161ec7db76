"""The report on the hold-out: intervals that do not feign certainty."""

from __future__ import annotations

import numpy as np
import pytest

from beanft.engine.learning.metrics import METRIC
from beanft.engine.learning.report import holdout_scores, least_share

SHARES = (METRIC["balanced_accuracy"], METRIC["accuracy"])


def _scores(y: np.ndarray, chosen: np.ndarray) -> dict[str, dict[str, float | None]]:
    predicted, baseline = np.eye(2)[chosen], np.eye(2)[np.zeros_like(y)]
    made = holdout_scores(y, predicted, baseline, SHARES, SHARES[0], seed=0)
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


def test_a_rare_class_makes_balanced_accuracy_less_sure_than_accuracy() -> None:
    y = np.repeat([0, 1], [90, 10])
    scores = _scores(y, y)
    assert scores["accuracy"]["low"] == pytest.approx(0.05 ** (1 / 100))
    assert scores["balanced_accuracy"]["low"] == pytest.approx((1 + 0.05 ** (1 / 10)) / 2)


def test_one_mistake_leaves_the_bootstrap_its_say() -> None:
    y = np.repeat([0, 1], 35)
    chosen = y.copy()
    chosen[0] = 1
    for score in _scores(y, chosen).values():
        assert score["low"] is not None
        assert score["high"] is not None
        assert score["low"] < 69 / 70 <= score["high"] <= 1


@pytest.mark.parametrize("counts", [(3, 50), (10, 12), (20, 20), (1, 1)])
def test_the_bound_is_the_worst_of_all_chances_that_fit(counts: tuple[int, int]) -> None:
    first = np.linspace(1e-4, 1, 20_000)
    second = (0.05 / first ** counts[0]) ** (1 / counts[1])  # so that all right has a chance of 1 in 20
    worst = ((first + second) / 2)[second <= 1].min()
    assert least_share(counts) == pytest.approx(worst, abs=1e-4)
