"""The tests give the numbers of scipy.stats."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from beanft.engine.compare import chance

RNG = np.random.default_rng(7)


@pytest.mark.parametrize(("m", "n", "spread"), [(2, 3, 1.0), (8, 8, 2.0), (5, 40, 0.3), (300, 200, 5.0)])
def test_welch(m: int, n: int, spread: float):
    one, two = RNG.normal(1, 1, m), RNG.normal(0, spread, n)
    found = chance.welch([m, n], [one.mean(), two.mean()], [one.std(ddof=1), two.std(ddof=1)])
    wanted = stats.ttest_ind(one, two, equal_var=False)
    assert found == pytest.approx((wanted.statistic, wanted.df, wanted.pvalue))


def test_welch_anova():
    groups = [RNG.normal(i / 3, 1 + i, 10 + 5 * i) for i in range(4)]
    n, mean, sd = (
        np.array([f(one) for one in groups], dtype=float) for f in (len, np.mean, lambda one: one.std(ddof=1))
    )
    wanted = stats.f_oneway(*groups, equal_var=False)
    assert chance.welch_anova(n, mean, sd) == pytest.approx((wanted.statistic, wanted.pvalue))


@pytest.mark.parametrize(
    ("m", "n", "digits"), [(1, 2, 6), (3, 3, 6), (8, 30, 6), (5, 5, 0), (9, 9, 6), (40, 60, 1), (400, 300, 1)]
)
def test_mann_whitney(m: int, n: int, digits: int):
    one, two = RNG.normal(0.5, 1, m).round(digits), RNG.normal(0, 1, n).round(digits)
    wanted = stats.mannwhitneyu(one, two)
    assert chance.mann_whitney(one, two) == pytest.approx((wanted.statistic, wanted.pvalue))


def test_kruskal_with_ties_and_an_empty_code():
    values = RNG.integers(0, 5, 90).astype(float)
    codes = RNG.choice([0, 1, 3], 90)
    wanted = stats.kruskal(*(values[codes == code] for code in (0, 1, 3)))
    assert chance.kruskal(values, codes) == pytest.approx((wanted.statistic, wanted.pvalue))


def test_correlation_p():
    x = RNG.normal(size=30)
    y = x + RNG.normal(size=30)
    for wanted in (stats.pearsonr(x, y), stats.spearmanr(x, y)):
        assert chance.correlation_p(wanted.statistic, 30) == pytest.approx(wanted.pvalue)
    assert chance.correlation_p(1.0, 30) == 0


def test_chi_squared_and_fisher():
    counts = RNG.integers(1, 30, (4, 3))
    wanted = stats.chi2_contingency(counts, correction=False)
    assert chance.chi_squared(counts) == pytest.approx((wanted.statistic, wanted.dof, wanted.pvalue))
    assert chance.expected(counts) == pytest.approx(wanted.expected_freq)
    for table in ([[8, 2], [1, 5]], [[0, 7], [6, 1]], [[3, 3], [3, 3]], [[1, 900], [4, 300]]):
        assert chance.fisher_exact(np.array(table)) == pytest.approx(stats.fisher_exact(table).pvalue)


def test_monte_carlo_is_near_the_exact_p_and_repeats():
    table = np.array([[3, 0, 2], [0, 4, 1], [1, 1, 3]])
    p, n_tables = chance.monte_carlo(table)
    drawn = stats.random_table(table.sum(axis=1), table.sum(axis=0), seed=1).rvs(20_000)
    shares = chance.expected(table)
    statistic = ((drawn - shares) ** 2 / shares).sum(axis=(1, 2))
    wanted = (statistic >= ((table - shares) ** 2 / shares).sum() - 1e-9).mean()
    assert p == pytest.approx(wanted, abs=0.02)
    assert n_tables == 9_999
    assert chance.monte_carlo(table) == (p, n_tables)


def test_sparse_tables_are_told():
    assert chance.is_sparse(np.array([[8, 2], [1, 5]]))
    assert not chance.is_sparse(np.array([[80, 20], [10, 50]]))
