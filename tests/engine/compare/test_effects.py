"""Effects and intervals equal those of scipy, or hold what they promise in simulations."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.special import ndtr

from beanft.engine.compare import effects

RNG = np.random.default_rng(11)


def test_means_have_the_intervals_of_scipy():
    one, two = RNG.normal(5, 2, 12), RNG.normal(4, 1, 30)
    n, mean, sd = ([f(group) for group in (one, two)] for f in (len, np.mean, lambda x: x.std(ddof=1)))
    wanted = stats.ttest_ind(one, two, equal_var=False).confidence_interval()
    assert effects.mean_difference(n, mean, sd)[1:] == pytest.approx(tuple(wanted))
    alone = stats.ttest_1samp(one, 0).confidence_interval()
    assert effects.mean_interval(n[0], mean[0], sd[0])[1:] == pytest.approx(tuple(alone))
    assert effects.mean_interval(1, 3.0, None) == (3.0, None, None)
    assert effects.mean_difference([3, 3], [2.0, 1.0], [0.0, 0.0]) == (1.0, None, None)
    assert effects.hedges_g([3, 3], [2.0, 1.0], [0.0, 0.0]) is None


@pytest.mark.parametrize(
    ("m", "n", "sd", "shift"), [(8, 8, 1.0, 1.0), (10, 30, 3.0, 1.0), (40, 20, 1.0, 0.0)]
)
def test_intervals_of_two_groups_cover(m: int, n: int, sd: float, shift: float):
    pooled = ((m - 1) + (n - 1) * sd**2) / (m + n - 2)
    g, over, rounds = shift / pooled**0.5, float(ndtr(shift / np.hypot(1, sd))), 400
    hits = np.zeros(2)
    for _ in range(rounds):
        one, two = RNG.normal(shift, 1, m), RNG.normal(0, sd, n)
        found = effects.hedges_g([m, n], [one.mean(), two.mean()], [one.std(ddof=1), two.std(ddof=1)])
        _, low, high = effects.superiority(one, two)
        hits += (found[1] <= g <= found[2], low <= over <= high)
    assert (hits / rounds >= 0.92).all()


def test_superiority_counts_pairs():
    one, two = RNG.integers(0, 6, 25).astype(float), RNG.integers(1, 7, 31).astype(float)
    pairs = (one[:, None] > two).mean() + (one[:, None] == two).mean() / 2
    assert effects.superiority(one, two)[0] == pytest.approx(pairs)
    value, low, high = effects.superiority(np.arange(5.0), np.arange(5.0) + 10)
    assert (value, low) == (0.0, 0.0)
    assert 0.2 < high < 0.6


def test_shares_have_newcombes_interval():
    # Newcombe 1998, table II, method 10: 56/70 and 48/80, 9/10 and 3/10
    assert effects.share_difference([56, 48], [70, 80]) == pytest.approx((0.2, 0.0524, 0.3339), abs=1e-4)
    assert effects.share_difference([9, 3], [10, 10])[1:] == pytest.approx((0.1705, 0.8090), abs=1e-4)
    wanted = stats.binomtest(7, 20).proportion_ci(method="wilson")
    assert effects.wilson(7 / 20, 20) == pytest.approx(tuple(wanted))


def test_explained_covers_nothing_and_all():
    value, low, high = effects.explained(0.8, 3, 90)
    assert (value, low) == (0.0, 0.0)
    assert high > 0
    assert effects.explained(500.0, 3, 90)[0] > 0.9
