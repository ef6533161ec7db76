"""Small and skewed groups: chance is not called a difference, and few rows are not judged at all."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from beanft.engine.compare.chance import mann_whitney, welch
from beanft.engine.compare.columns import compare_columns
from beanft.engine.compare.contrast import contrast_missing, contrast_numbers, contrast_ranks
from beanft.engine.compare.groups import compare_two_groups
from beanft.engine.compare.reading import Measure
from beanft.engine.compare.trust import needs_ranks, skewness
from beanft.engine.tables.columns import Column

X = Column(name="x", kind="number", stored="DOUBLE", n_missing=0, n_distinct=9)
PLAIN = Measure("", 0.0, 1.0, "")


def contrast(one: np.ndarray, two: np.ndarray):
    """The column as the comparison of two groups makes it."""
    moments = [
        [f(group) for group in (one, two)] for f in (len, np.mean, lambda group: np.std(group, ddof=1))
    ]
    return contrast_ranks(contrast_numbers(X, PLAIN, *moments), one, two)


def test_skewness_is_scipys():
    values = np.random.default_rng(0).lognormal(size=200)
    assert skewness(values) == pytest.approx(stats.skew(values))
    assert skewness(values * 1e300) == pytest.approx(stats.skew(values))
    assert skewness(np.full(9, 3.0)) == skewness(np.array([])) == 0


@pytest.mark.parametrize("n", [5, 10, 50])
def test_equal_skewed_groups_seldom_differ_however_small_one_is(n):
    draw = np.random.default_rng(1)
    n_welch = n_said = 0
    for _ in range(400):
        one, two = draw.lognormal(size=n), draw.lognormal(size=300)
        found = contrast(one, two)
        n_said += found.p < 0.05
        n_welch += stats.ttest_ind(one, two, equal_var=False).pvalue < 0.05
    assert n_said / 400 < 0.075
    assert n_said < n_welch, "the means alone would say it too often"


def test_skewed_numbers_are_tested_by_their_order_and_others_by_their_means():
    draw = np.random.default_rng(2)
    skewed = contrast(one := draw.lognormal(size=12), two := draw.lognormal(1, size=200))
    assert (skewed.is_ranked, skewed.p) == (
        True,
        pytest.approx(stats.mannwhitneyu(one, two).pvalue, rel=1e-6),
    )
    assert "Mann-Whitney" in skewed.remark
    normal = contrast(one := draw.uniform(size=40), two := draw.uniform(size=200))
    assert not normal.is_ranked
    assert normal.p == pytest.approx(stats.ttest_ind(one, two, equal_var=False).pvalue)
    assert not needs_ranks(draw.lognormal(size=600), draw.lognormal(size=600)), "the means of many are normal"


def test_fewer_than_five_rows_are_not_judged(load):
    t = pd.DataFrame(
        {"g": ["u"] * 3 + ["v"] * 60, "x": [90.5, 91.25, 92.125, *np.linspace(0, 5, 60).round(3)]}
    )
    t["c"] = ["p"] * 3 + ["p", *["q"] * 59]
    t["empty"] = [np.nan] * 3 + [1.5, 2.5] * 30
    table = load(t, g="category", c="category")
    found = compare_two_groups(*table, "g", "u", "v")
    assert {(one.p, one.size, one.strength) for one in found.columns} == {(None, "", 0.0)}
    assert found.columns[0].mean_one == pytest.approx(t.x[:3].mean())
    assert found.verdict == (
        "Whether “u” and “v” differ cannot be said: one of them has only 3 rows, and at least 5 are needed."
    )
    two = compare_columns(*table, "x", "g")
    assert two.tests == ()
    assert "hedges_g" not in {one.code for one in two.effects}
    assert two.verdict.startswith("Too few rows to say whether “x” differs between “u” and “v”")
    assert contrast_missing([3, 0], (3, 60)).p is None


def test_two_groups_of_a_table_are_ranked_where_they_must_be(load):
    draw = np.random.default_rng(3)
    t = pd.DataFrame(
        {"g": ["u"] * 20 + ["v"] * 400, "x": draw.lognormal(size=420), "y": draw.uniform(size=420)}
    )
    t.loc[::9, "x"] = np.nan
    t.loc[5, "x"] = np.inf
    table = load(t, g="category")
    by = {one.name: one for one in compare_two_groups(*table, "g", "u", "v").columns}
    used = t.replace(np.inf, np.nan).dropna()
    wanted = stats.mannwhitneyu(used.x[used.g == "u"], used.x[used.g == "v"])
    assert (by["x"].is_ranked, by["x"].p) == (True, pytest.approx(wanted.pvalue))
    assert (by["y"].is_ranked, by["y"].p) == (
        False,
        pytest.approx(stats.ttest_ind(t.y[t.g == "u"], t.y[t.g == "v"], equal_var=False).pvalue),
    )
    two = compare_columns(*table, "x", "g")
    assert [one.code for one in two.tests] == ["mann_whitney"]
    assert any("too skewed" in note for note in two.notes)


def test_the_simulation_of_the_review_was_right():
    draw = np.random.default_rng(4)
    small = [(draw.lognormal(size=2), draw.lognormal(size=300)) for _ in range(300)]
    p = [
        welch([2, 300], [one.mean(), two.mean()], [one.std(ddof=1), two.std(ddof=1)])[2] for one, two in small
    ]
    assert np.mean(np.array(p) < 0.05) > 0.12
    assert all(contrast(one, two).p is None for one, two in small)
    assert np.mean([mann_whitney(one, two)[1] < 0.05 for one, two in small]) < 0.08
