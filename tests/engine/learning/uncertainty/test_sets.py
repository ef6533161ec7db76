import numpy as np
import pytest

from beanft.engine.learning.uncertainty.quantiles import LEVELS
from beanft.engine.learning.uncertainty.sets import ALL, OWN, RARE, fit_sets


def rows(random: np.random.Generator, n: int, shares: list[float]) -> tuple[np.ndarray, np.ndarray]:
    """Classes, and calibrated probabilities of them."""
    margins = 1.2 * random.normal(size=(n, len(shares))) + np.log(shares)
    chances = np.exp(margins) / np.exp(margins).sum(axis=1, keepdims=True)
    y = (chances.cumsum(axis=1) < random.random(size=(n, 1))).sum(axis=1)
    return np.minimum(y, len(shares) - 1), chances


@pytest.mark.parametrize("shares", [[0.5, 0.5], [0.3, 0.3, 0.4], [0.85, 0.15]])
def test_each_class_is_in_its_sets_as_often_as_said(shares: list[float]) -> None:
    random = np.random.default_rng(0)
    y, chances = rows(random, 3000, shares)
    sets = fit_sets(y, chances).sets
    new_y, new_chances = rows(random, 20_000, shares)
    for level in LEVELS[:3]:
        found = sets.of(new_chances, level)
        assert found.any(axis=1).all()
        for code in range(len(shares)):
            own = new_y == code
            alone = (new_chances.argmax(axis=1) == code)[own].mean()
            share = found[own, code].mean()
            assert level - 0.04 < share < max(level, alone) + 0.04


def test_classes_that_are_told_well_stand_alone() -> None:
    y = np.tile([0, 1], 200)
    chances = np.column_stack([1 - 0.8 * y - 0.1, 0.8 * y + 0.1])
    found = fit_sets(y, chances).sets.of(chances, 0.95)
    assert (found.sum(axis=1) == 1).all()


def test_a_set_holds_the_answer_even_where_a_threshold_gave_it() -> None:
    y = np.tile([0, 1], 200)
    sets = fit_sets(y, np.column_stack([1 - 0.8 * y - 0.1, 0.8 * y + 0.1])).sets
    assert sets.of(np.array([[0.7, 0.3]]), 0.9, np.array([1])).tolist() == [[True, True]]


def test_rare_classes_share_a_bound_and_the_rarest_take_that_of_all() -> None:
    random = np.random.default_rng(1)
    y, chances = rows(random, 2000, [0.5, 0.4, 0.05, 0.05])
    few = np.concatenate([np.flatnonzero(y < 2), np.flatnonzero(y == 2)[:30], np.flatnonzero(y == 3)[:30]])
    basis = fit_sets(y[few], chances[few]).sets.basis[1]
    assert basis.tolist() == [OWN, OWN, RARE, RARE]
    fewer = np.concatenate([np.flatnonzero(y < 2), np.flatnonzero(y >= 2)[:6]])
    assert fit_sets(y[fewer], chances[fewer]).sets.basis[1].tolist() == [OWN, OWN, ALL, ALL]


def test_too_few_rows_rule_nothing_out() -> None:
    y = np.tile([0, 1, 2], 2)
    chances = np.full((6, 3), 1 / 3)
    assert fit_sets(y, chances).sets.of(np.array([[1.0, 0.0, 0.0]]), 0.9).all()


def test_ties_in_32_bits_stay_in_the_set() -> None:
    y = np.repeat([0, 1, 2], [60, 30, 10])
    chances = np.tile(np.array([0.6, 0.3, 0.1]), (100, 1)).astype(np.float32).astype(float)
    found = fit_sets(y, chances).sets.of(np.array([[0.6, 0.3, 0.1]]), 0.8)
    assert found[0].tolist() == [True, True, False]


def test_what_is_measured_of_a_row_was_set_without_it() -> None:
    y = np.repeat([0, 1], [150, 150])
    chances = np.tile([0.2, 0.8], (300, 1))
    chances[:150] = [0.8, 0.2]
    chances[7] = [0.001, 0.999]
    fitted = fit_sets(y, chances)
    assert not fitted.unseen[1, 7, 0]


def test_groups_are_counted_instead_of_rows() -> None:
    y = np.tile([0, 1], 300)
    groups = np.repeat(np.arange(6), 100)  # fewer than a level of 90 % needs
    chances = np.column_stack([np.where(y, 0.3, 0.7), np.where(y, 0.7, 0.3)])
    chances[::7] = chances[::7, ::-1]
    assert fit_sets(y, chances, clusters=groups).sets.of(np.array([[0.99, 0.01]]), 0.9).all()
    assert not fit_sets(y, chances).sets.of(np.array([[0.99, 0.01]]), 0.9).all()
