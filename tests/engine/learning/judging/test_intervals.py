"""Draws pair, long tables are drawn from in part, and perfect scores are not certain."""

import numpy as np
import pytest

from beanft.engine.learning.judging.intervals import Draws, clusters_of
from beanft.engine.learning.metrics import METRIC, draw_counts, time_blocks

RANDOM = np.random.default_rng(0)
Y = RANDOM.normal(size=2_000)
SAID = Y + RANDOM.normal(size=2_000)


def test_a_part_of_a_long_table_says_nearly_the_same():
    whole, part = (Draws(Y, seed=1, max_rows=most).scored(METRIC["rmse"], SAID) for most in (2_000, 500))
    assert whole["value"] == part["value"]
    widths = [one["high"] - one["low"] for one in (whole, part)]
    assert widths[1] == pytest.approx(widths[0], rel=0.3)


def test_a_part_takes_whole_groups():
    groups = np.repeat(np.arange(200), 10)
    draws = Draws(Y, clusters=groups, seed=1, max_rows=600)
    assert (np.bincount(groups[draws.rows])[np.unique(groups[draws.rows])] == 10).all()
    assert draws.n_units == 200
    assert draws.shrink == pytest.approx(np.sqrt(0.3))


def test_few_groups_all_stay():
    groups = np.repeat(np.arange(10), 200)
    assert len(np.unique(groups[Draws(Y, clusters=groups, seed=1, max_rows=600).rows])) == 10


def test_rows_left_out_are_those_not_drawn():
    draws = Draws(Y[:5], seed=3, n_draws=4)
    (counts,) = draw_counts(5, 4, 3)
    expected = [np.abs(Y[:5] - SAID[:5])[counts[i] == 0].mean() for i in range(4)]
    assert draws.left_out(METRIC["mae"], SAID[:5]) == pytest.approx(expected)


def test_one_row_has_no_spread():
    found = Draws(np.array([1.0]), seed=0).scored(METRIC["mae"], np.array([2.0]))
    assert found == {"value": 1.0, "low": 1.0, "high": 1.0}


def test_rows_of_neighbouring_moments_are_one_block():
    blocks = time_blocks(np.repeat(np.arange(1_000), 2))
    assert blocks.max() + 1 == 100
    assert (np.diff(blocks) >= 0).all()
    assert (blocks[::2] == blocks[1::2]).all()
    assert clusters_of("time", np.array([5, 1, 3])).tolist() == [2, 0, 1]


@pytest.mark.parametrize("key", ["accuracy", "balanced_accuracy", "roc_auc", "matthews"])
def test_a_perfect_score_has_a_bound(key):
    y = np.array([0, 1] * 20)
    found = Draws(y, seed=0).scored(METRIC[key], np.column_stack([1 - y, y]).astype(float))
    assert found["value"] == found["high"] == 1
    assert 0.8 < found["low"] < 1
