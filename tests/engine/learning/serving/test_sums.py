"""Sums and products whose last digit does not depend on the rows around a row."""

import numpy as np
import pytest
from scipy.special import expit

from beanft.engine.learning.serving.sums import aligned, product, softmax, two_chances


@pytest.mark.parametrize(("n_parts", "n_outputs"), [(1, 1), (60, 1), (60, 4), (7, 5), (60, 96), (333, 26)])
def test_a_product_has_the_same_bits_at_every_place(n_parts, n_outputs):
    random = np.random.default_rng(0)
    X, weights = random.normal(size=(53, n_parts)), aligned(random.normal(size=(n_parts, n_outputs)))
    whole = product(X, weights)
    assert whole == pytest.approx(X @ weights)
    assert whole.flags.c_contiguous
    order = random.permutation(53)
    assert product(X[order], weights).tobytes() == whole[order].tobytes()
    for i in range(53):
        assert product(X[i : i + 1], weights).tobytes() == whole[i].tobytes()


def test_weights_of_one_output_may_come_as_a_row():
    assert aligned(np.array([1, 2])).tolist() == [[1.0], [2.0]]
    assert aligned(np.asfortranarray(np.eye(3, 2))).flags.c_contiguous


def test_probabilities_add_up_however_far_the_margins():
    chances = softmax(np.array([[1e4, 0.0, -1e4], [1.0, 1.0, 1.0]]))
    assert chances.tolist() == [[1.0, 0.0, 0.0], [1 / 3, 1 / 3, 1 / 3]]
    margins = np.array([-800.0, 0.0, 3.0])
    assert two_chances(margins)[:, 1].tolist() == expit(margins).tolist()


@pytest.mark.parametrize("n_classes", [2, 8, 9, 26])
def test_probabilities_have_the_same_bits_whatever_the_layout(n_classes):
    margins = np.random.default_rng(0).normal(size=(20, n_classes)) * 9
    whole = softmax(margins)
    assert softmax(np.asfortranarray(margins)).tobytes() == whole.tobytes()
    assert softmax(np.asfortranarray(margins[3:4])).tobytes() == whole[3:4].tobytes()
