import numpy as np
import pytest

from beanft.engine.learning.uncertainty.quantiles import (
    LEVELS,
    fewest,
    parts_of,
    quarters,
    share_between,
    tails,
    upper_quantile,
    weights_of,
)


@pytest.mark.parametrize("n", [9, 19, 57])
def test_one_more_row_lies_below_with_at_least_the_level_and_hardly_more(n: int) -> None:
    random = np.random.default_rng(n)
    below = [random.normal() <= upper_quantile(random.normal(size=n), 0.9) for _ in range(4000)]
    share, error = np.mean(below), 3 * np.sqrt(0.09 / 4000)
    assert 0.9 - error < share < 0.9 + 1 / (n + 1) + error


def test_too_few_rows_have_no_bound() -> None:
    for level in LEVELS:
        n = fewest(level)
        assert np.isfinite(upper_quantile(np.arange(float(n)), level))
        assert np.isinf(upper_quantile(np.arange(float(n - 1)), level))
    assert np.isinf(upper_quantile(np.zeros(0), 0.8))


def test_ties_never_take_from_the_share() -> None:
    scores = np.repeat([0.0, 1.0], [95, 5])
    assert upper_quantile(scores, 0.9) == 0.0
    assert upper_quantile(np.repeat([0.0, 1.0], [80, 20]), 0.9) == 1.0


def test_groups_count_the_same_however_many_rows_they_have() -> None:
    weights, rest = weights_of(12, np.repeat([3, 8], [10, 2]))
    assert weights[:10].sum() == pytest.approx(weights[10:].sum()) == pytest.approx(rest)
    many = np.concatenate([np.zeros(1000), np.arange(1.0, 20)])
    groups = np.concatenate([np.zeros(1000), np.arange(1, 20)]).astype(int)
    assert upper_quantile(many, 0.9, groups) == 18.0
    assert upper_quantile(many, 0.9) == 0.0


def test_a_row_of_a_new_group_lies_below_with_at_least_the_level() -> None:
    random, held = np.random.default_rng(0), []
    for _ in range(1500):
        sizes = 1 + random.geometric(0.2, size=30)
        groups = np.repeat(np.arange(30), sizes)
        scores = 3 * random.normal(size=30)[groups] + random.normal(size=len(groups))
        held.append(3 * random.normal() + random.normal() <= upper_quantile(scores, 0.9, groups))
    assert 0.9 - 0.024 < np.mean(held) < 0.9 + 1 / 31 + 0.024


def test_tails_leave_half_out_on_either_side() -> None:
    low, high = tails(np.arange(99.0), 0.8)
    assert (low, high) == (9.0, 89.0)
    assert tails(np.arange(10.0), 0.9) == (-np.inf, np.inf)


def test_shares_have_the_interval_of_clopper_and_pearson() -> None:
    # 81 of 263: 0.2520 to 0.3676, Newcombe (1998), Statistics in Medicine 17, table I, method 5
    _, low, high = share_between(np.arange(263) < 81)
    assert (round(low, 4), round(high, 4)) == (0.2527, 0.3676)
    assert share_between(np.ones(10, dtype=bool))[1:] == (pytest.approx(0.6915, abs=1e-4), 1.0)
    assert share_between(np.zeros(10, dtype=bool))[1:] == (0.0, pytest.approx(0.3085, abs=1e-4))


def test_rows_that_go_together_tell_less() -> None:
    held = np.repeat([True, True, True, False, True], 200)
    share, low, high = share_between(held, np.repeat(np.arange(5), 200))
    _, low_alone, high_alone = share_between(held)
    assert share == pytest.approx(0.8)
    assert low < 0.5 < low_alone
    assert high > high_alone
    all_held = share_between(np.ones(1000, dtype=bool), np.repeat(np.arange(5), 200))
    assert all_held[1] == pytest.approx(share_between(np.ones(5, dtype=bool))[1])


def test_parts_keep_clusters_whole() -> None:
    clusters = np.random.default_rng(0).integers(0, 30, 300)
    part = parts_of(300, clusters, seed=1)
    assert all(len(set(part[clusters == one])) == 1 for one in range(30))
    assert set(part) == {0, 1, 2, 3, 4}


def test_bounds_of_parts_differ() -> None:
    assert quarters(np.repeat([1.0, 2.0], [90, 10])) == [1.0]
