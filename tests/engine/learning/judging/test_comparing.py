"""The paired t-test of fold scores, corrected for training rows that the folds share."""

import pytest

from beanft.engine.learning.judging.comparing import compare


def test_the_interval_is_nadeau_and_bengios():
    """Mean 0.3, variance 0.025, error sqrt((1/5 + 1/4) * 0.025) = 0.106066, t(0.975, 4) = 2.776445."""
    found = compare([0.6, 0.7, 0.8, 0.9, 1.0], [0.5] * 5, greater_is_better=True, test_to_train=0.25)
    assert found.difference == pytest.approx(0.3)
    assert found.low == pytest.approx(0.3 - 2.776445 * 0.106066, abs=1e-5)
    assert found.clear


def test_smaller_errors_are_better():
    found = compare([1.0, 1.1, 1.0], [9.0, 9.2, 9.1], greater_is_better=False, test_to_train=0.5)
    assert found.difference > 8


def test_equal_scores_on_every_fold_are_no_difference():
    found = compare([0.5] * 5, [0.5] * 5, greater_is_better=True, test_to_train=0.25)
    assert (found.difference, found.p, found.clear) == (0.0, 1.0, False)
