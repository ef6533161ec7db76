"""Draws pair, long tables are drawn from in part, and perfect scores are not certain."""

import numpy as np
import pytest
from scipy.special import logit

from beanft.engine.learning.judging.draws import Draws, clusters_of
from beanft.engine.learning.judging.few import pull_of_few
from beanft.engine.learning.metrics import METRIC
from beanft.engine.learning.resampling import draw_counts, time_blocks

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


def _ranked(n_first, places):
    """Rows of the second class among rows of the first in order, each above so many of these."""
    y = np.r_[np.zeros(n_first, dtype=int), np.ones(len(places), dtype=int)]
    score = np.r_[np.arange(n_first), np.array(places) - 0.5] / n_first
    return y, np.column_stack([1 - score, score])


def test_the_interval_of_five_rows_lies_around_their_score():
    """The newcomer read 0.551 (0.430 to 0.956) and 0.453 (0.0395 to 0.580) of 80 rows with 5 to be found."""
    for places in ([15, 30, 41, 55, 65], [5, 20, 35, 50, 60]):
        y, predicted = _ranked(75, places)
        found = Draws(y, seed=0).scored(METRIC["roc_auc"], predicted)
        value, low, high = (found[name] for name in ("value", "low", "high"))
        assert value == pytest.approx(sum(places) / 375)
        below, above = (abs(logit(end) - logit(value)) for end in (low, high))
        assert below == pytest.approx(above)
        assert 0.15 < low < value < high < 0.85


def test_the_error_of_few_rows_is_mostly_that_of_delong():
    """By hand: 2 rows above 1 and 3 of 4; those below 2, 1, 1 and 0 of 2. At 0.5, 7/96 are supposed."""
    y, predicted = _ranked(4, [1, 3])
    pull = pull_of_few(METRIC["roc_auc"], y, predicted)
    of_second, of_first = 0.125 / 2, np.var([1, 0.5, 0.5, 0], ddof=1) / 4
    assert pull.error**2 == pytest.approx(0.85 * (of_second + of_first) + 0.15 * 7 / 96)
    assert pull.freedom == pytest.approx(1.5 * (of_second + of_first) ** 2 / (of_second**2 + of_first**2 / 3))
    alone = pull_of_few(METRIC["roc_auc"], y, predicted, np.arange(6))
    assert (alone.error, alone.freedom) == pytest.approx((pull.error, pull.freedom))


def test_groups_of_rows_make_the_error_larger():
    y, predicted = (np.repeat(one, 3, axis=0) for one in _ranked(12, [3, 5, 9, 11]))
    one_by_one = pull_of_few(METRIC["roc_auc"], y, predicted)
    together = pull_of_few(METRIC["roc_auc"], y, predicted, np.repeat(np.arange(16), 3))
    single = pull_of_few(METRIC["roc_auc"], *_ranked(12, [3, 5, 9, 11]))
    assert one_by_one.error < 0.7 * together.error
    assert together.error == pytest.approx(single.error)


@pytest.mark.parametrize(
    ("key", "n_first", "places"),
    [
        ("roc_auc", 75, list(range(10, 70, 2))),
        ("roc_auc", 75, [3]),
        ("roc_auc", 75, [75, 75, 75]),
        ("log_loss", 75, [10, 20, 30]),
    ],
    ids=["enough", "one", "perfect", "another score"],
)
def test_elsewhere_the_draws_tell_the_error(key, n_first, places):
    assert pull_of_few(METRIC[key], *_ranked(n_first, places)) is None
