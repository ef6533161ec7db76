"""Calibration: what is wrong is mended, what is right is left alone."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pytest
from scipy.special import expit, softmax

from beanft.engine.learning.calibration import Calibration, choose_calibration, mend_unseen


def binary(n: int, seed: int, *, factor: float = 1.0, shift: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Truth drawn from right probabilities, and what a model says whose log-odds are off."""
    random = np.random.default_rng(seed)
    odds = random.normal(0, 1.5, n)
    y = (random.random(n) < expit(odds)).astype(int)
    said = expit(factor * odds + shift)
    return y, np.column_stack([1 - said, said])


def log_loss(y: np.ndarray, p: np.ndarray) -> float:
    return float(-np.log(p[np.arange(len(y)), y]).mean())


@pytest.mark.parametrize("factor", [3.0, 0.3])
def test_sure_and_cautious_ones_are_mended(factor: float) -> None:
    calibration = choose_calibration(*binary(1_500, 1, factor=factor), seed=0)
    assert calibration.kind == "temperature"
    assert calibration.numbers[0] == pytest.approx(factor, rel=0.2)
    assert calibration.gain is not None
    assert calibration.gain[1] > 0
    y, fresh = binary(20_000, 2, factor=factor)
    _, right = binary(20_000, 2)
    assert log_loss(y, calibration.apply(fresh)) < log_loss(y, right) + 0.003 < log_loss(y, fresh)


def test_shifted_ones_are_mended_by_a_curve() -> None:
    calibration = choose_calibration(*binary(6_000, 3, shift=1.5), seed=0)
    assert calibration.kind == "sigmoid"
    slope, shift = calibration.numbers
    assert slope == pytest.approx(1, abs=0.15)
    assert shift == pytest.approx(-1.5, abs=0.2)


def test_bent_ones_are_mended_by_steps_when_rows_are_many() -> None:
    random = np.random.default_rng(4)
    said = random.random(6_000)
    y = (random.random(6_000) < np.where(said < 0.5, 0.1, 0.6)).astype(int)
    predicted = np.column_stack([1 - said, said])
    calibration = choose_calibration(y, predicted, seed=0)
    assert calibration.kind == "isotonic"
    mended = calibration.apply(np.array([[0.75, 0.25], [0.25, 0.75]]))[:, 1]
    assert mended == pytest.approx([0.1, 0.6], abs=0.05)
    assert choose_calibration(y[:900], predicted[:900], seed=0).kind != "isotonic"


def test_right_ones_are_left_alone() -> None:
    kinds = [choose_calibration(*binary(400, seed), seed=0).kind for seed in range(60)]
    assert kinds.count("none") >= 56


def test_a_map_of_none_changes_nothing() -> None:
    _, predicted = binary(5, 0)
    assert Calibration(kind="none").apply(predicted) is not None
    np.testing.assert_array_equal(Calibration(kind="none").apply(predicted), predicted)


@pytest.mark.parametrize(("factor", "shift"), [(3.0, 0.0), (1.0, 1.5)])
def test_ranks_are_kept(factor: float, shift: float) -> None:
    y, predicted = binary(1_000, 5, factor=factor, shift=shift)
    mended = choose_calibration(y, predicted, seed=0).apply(predicted)[:, 1]
    np.testing.assert_array_equal(
        np.argsort(mended, kind="stable"), np.argsort(predicted[:, 1], kind="stable")
    )


def test_steps_never_turn_an_order_round() -> None:
    calibration = Calibration(kind="isotonic", numbers=(0.2, 0.4, 0.6), heights=(0.1, 0.5, 0.5))
    mended = calibration.apply(np.column_stack([np.linspace(1, 0, 50), np.linspace(0, 1, 50)]))
    assert (np.diff(mended[:, 1]) >= 0).all()
    assert mended[0, 1] == 0.1


def test_many_classes_get_one_factor() -> None:
    random = np.random.default_rng(6)
    scores = random.normal(0, 1.5, (2_000, 5))
    y = np.array([random.choice(5, p=row) for row in softmax(scores, axis=1)])
    calibration = choose_calibration(y, softmax(3 * scores, axis=1), seed=0)
    assert calibration.kind == "temperature"
    assert calibration.numbers[0] == pytest.approx(3, rel=0.15)
    mended = calibration.apply(softmax(3 * scores, axis=1))
    np.testing.assert_allclose(mended.sum(axis=1), 1)
    np.testing.assert_array_equal(mended.argmax(axis=1), scores.argmax(axis=1))


def test_a_class_that_never_comes_is_no_obstacle() -> None:
    random = np.random.default_rng(7)
    y, predicted = random.integers(0, 2, 300), softmax(random.normal(0, 2, (300, 3)), axis=1)
    calibration = choose_calibration(y, predicted, seed=0)
    assert calibration.kind == "temperature"
    assert log_loss(y, calibration.apply(predicted)) < log_loss(y, predicted)


def test_zeros_that_came_true_lose_their_certainty() -> None:
    y = np.tile([0, 1, 1, 1], 100)
    predicted = np.tile([[0.0, 1.0]], (400, 1))
    mended = choose_calibration(y, predicted, seed=0).apply(predicted)
    assert mended[0] == pytest.approx([0.25, 0.75], abs=0.02)


def test_rows_that_are_all_told_right_do_not_make_it_certain() -> None:
    y = np.tile([0, 1], 100)
    said = np.where(y == 1, 0.8, 0.2)
    mended = choose_calibration(y, np.column_stack([1 - said, said]), seed=0).apply(np.array([[0.2, 0.8]]))
    assert 0.9 < mended[0, 1] < 1 - 1e-4


def test_few_rows_or_one_class_are_left_alone() -> None:
    y, predicted = binary(30, 8, factor=5)
    assert choose_calibration(y, predicted, seed=0).kind == "none"
    assert "too few" in choose_calibration(y, predicted, seed=0).sentence
    assert (
        choose_calibration(np.zeros(200, dtype=int), np.tile([[0.5, 0.5]], (200, 1)), seed=0).kind == "none"
    )


def test_rows_of_a_group_count_once() -> None:
    """One row said three hundred times is one observation: no map can be shown to help."""
    y, predicted = binary(12, 9, factor=4)
    groups = np.repeat(np.arange(12), 300)
    again = choose_calibration(np.repeat(y, 300), np.repeat(predicted, 300, axis=0), seed=0)
    assert again.kind != "none"
    grouped = choose_calibration(np.repeat(y, 300), np.repeat(predicted, 300, axis=0), seed=0, order=groups)
    assert grouped.gain is not None
    assert again.gain is not None
    assert grouped.gain[2] - grouped.gain[1] > 5 * (again.gain[2] - again.gain[1])


def test_very_many_rows_are_sampled() -> None:
    y, predicted = binary(120_000, 10, factor=2)
    calibration = choose_calibration(y, predicted, seed=0)
    assert calibration.n_rows == 100_000
    assert calibration.kind == "temperature"


def test_plain_values_travel() -> None:
    y, predicted = binary(800, 11, factor=3)
    calibration = choose_calibration(y, predicted, seed=0)
    again = Calibration(**json.loads(json.dumps(calibration.to_dict())))
    np.testing.assert_array_equal(again.apply(predicted), calibration.apply(predicted))
    assert pickle.loads(pickle.dumps(calibration)) == calibration  # our own bytes
    facts = json.loads(json.dumps(calibration.facts()))
    assert facts["kind"] == "temperature"
    assert facts["after"] < facts["before"]
    assert "mended with one factor" in facts["sentence"]


def test_each_row_is_mended_by_a_map_that_did_not_see_it() -> None:
    """The log loss of these is the one that was measured, to the last digit."""
    y, predicted = binary(600, 13, factor=3)
    groups = np.arange(600) // 3
    for order in (None, groups):
        calibration = choose_calibration(y, predicted, seed=2, order=order)
        mended = mend_unseen(calibration, y, predicted, seed=2, order=order)
        assert log_loss(y, mended) == pytest.approx(calibration.after)
        assert log_loss(y, calibration.apply(predicted)) < log_loss(y, mended) < log_loss(y, predicted)


def test_the_same_seed_gives_the_same_map() -> None:
    y, predicted = binary(700, 12, factor=2)
    assert choose_calibration(y, predicted, seed=3) == choose_calibration(y, predicted, seed=3)
