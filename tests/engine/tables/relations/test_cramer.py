"""Cramér's V against scipy, and its interval against the truth."""

import math

import numpy as np
import pytest
from scipy import stats

from beanft.engine.tables.relations.cramer import cramers_v


def test_cramers_v_is_that_of_scipy_less_its_bias():
    counts = np.random.default_rng(1).integers(50, 300, (3, 4))
    value, low, high = cramers_v(counts)
    assert value == pytest.approx(stats.contingency.association(counts, method="cramer"), abs=0.02)
    assert low <= value <= high


def test_the_ends_of_the_scale():
    assert cramers_v(np.array([[50, 0], [0, 50]]))[0] == pytest.approx(1.0)
    value, low, high = cramers_v(np.array([[50, 50], [50, 50]]))
    assert (value, low) == (0.0, 0.0)
    assert 0 < high < 0.3


def test_empty_rows_and_columns_do_not_count():
    counts = np.array([[30, 0, 10], [0, 0, 0], [10, 0, 30]])
    assert cramers_v(counts) == cramers_v(np.array([[30, 10], [10, 30]]))
    assert cramers_v(np.array([[30, 10], [0, 0]])) is None
    assert cramers_v(np.eye(60, dtype=np.int64)) is None


@pytest.mark.parametrize("strength", [0.0, 0.15, 0.4, 0.8])
def test_intervals_cover_the_truth(strength):
    draw, shape, hits, n_tables = np.random.default_rng(2), (3, 4), 0, 200
    down, across = draw.dirichlet(np.ones(3) * 3), draw.dirichlet(np.ones(4) * 3)
    tied = np.zeros(shape)
    tied[np.arange(4) % 3, np.arange(4)] = across
    shares = (1 - strength) * np.outer(down, across) + strength * tied
    ratio = shares**2 / np.outer(shares.sum(axis=1), shares.sum(axis=0))
    truth = math.sqrt(max(0.0, ratio.sum() - 1) / 2)
    for _ in range(n_tables):
        _, low, high = cramers_v(draw.multinomial(400, shares.ravel()).reshape(shape))
        hits += low <= truth <= high
    assert hits >= 0.91 * n_tables
