"""Correlations of numbers against pandas and scipy."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import pearsonr, spearmanr

from beanft.engine.tables.relations import ranks
from beanft.engine.tables.relations.numbers import fisher, number_pairs, scaled
from beanft.engine.tables.relations.pairs import Pair


def pair(x: np.ndarray, y: np.ndarray) -> Pair:
    (one,) = number_pairs({"x": scaled(x), "y": scaled(y)})
    return one


def test_numbers_agree_with_pandas_and_scipy():
    rng = np.random.default_rng(0)
    x = rng.normal(1e9, 1, 500)  # far from 0, where naive sums lose their digits
    for y in (x - 1e9 + rng.normal(size=500), np.exp(x - 1e9)):
        one = pair(x, y)
        assert one.value == pytest.approx(pd.Series(x).corr(pd.Series(y)), abs=1e-6)
        assert one.spearman == pytest.approx(spearmanr(x, y).statistic, abs=1e-9)
    assert one.spearman == pytest.approx(1.0)


def test_ranks_of_equal_numbers_are_shared():
    rng = np.random.default_rng(2)
    x, y = rng.integers(0, 5, 200), rng.integers(0, 4, 200)
    assert pair(x, y).spearman == pytest.approx(spearmanr(x, y).statistic, abs=1e-9)


def test_the_interval_is_fishers():
    rng = np.random.default_rng(1)
    x = rng.normal(size=103)
    one = pair(x, x + rng.normal(size=103))
    half = 1.959964 / math.sqrt(100)
    assert one.low == pytest.approx(math.tanh(math.atanh(one.value) - half), abs=1e-6)
    assert one.high == pytest.approx(math.tanh(math.atanh(one.value) + half), abs=1e-6)
    wider = half * math.sqrt(1.06)
    assert one.spearman_low == pytest.approx(math.tanh(math.atanh(one.spearman) - wider), abs=1e-6)
    assert one.n_rows == 103


def test_what_cannot_be_measured_gives_no_pair():
    x = scaled(np.arange(20.0))
    few = scaled(np.where(np.arange(20) < 9, 1.5 * np.arange(20), np.nan))
    assert number_pairs({"x": x, "few": few}) == []
    assert number_pairs({"x": x, "same": scaled(np.full(20, 3.0))}) == []
    assert number_pairs({"x": x}) == number_pairs({}) == []
    assert np.isnan(scaled([np.nan, np.inf, -np.inf])).all()


def holed(n: int = 400) -> pd.DataFrame:
    """Numbers whose missing values depend on the other column, as money is known of well-known films only."""
    rng = np.random.default_rng(7)
    x = np.round(np.exp(rng.normal(size=n)), 1)
    t = pd.DataFrame({"x": x, "y": np.round(x * np.exp(rng.normal(size=n)), 1), "z": rng.integers(0, 4, n)})
    t.loc[rng.random(n) < 0.7 * (t.x < 1), "y"] = np.nan
    t.loc[rng.random(n) < 0.5, "x"] = np.nan
    t["whole"] = np.arange(n) ** 2
    t["like x"] = np.where(t.x.isna(), np.nan, rng.normal(size=n))
    return t


def test_ranks_are_those_of_the_rows_that_both_have():
    t = holed()
    found = number_pairs({name: scaled(t[name]) for name in t})
    assert len(found) == 10
    for one in found:
        both = t[[one.a, one.b]].dropna()
        assert one.spearman == pytest.approx(spearmanr(both[one.a], both[one.b]).statistic, abs=1e-9)
        assert one.spearman == pytest.approx(t[one.a].corr(t[one.b], method="spearman"), abs=1e-9)
        assert (one.n_rows, one.n_ranked) == (len(both), 0)


def test_of_very_many_pairs_ranks_come_from_fewer_rows_and_that_is_kept(monkeypatch):
    monkeypatch.setattr(ranks, "_RANKED_ROWS", 500)
    monkeypatch.setattr(ranks, "_FEWEST_RANKED", 300)
    monkeypatch.setattr(ranks, "_FEWEST_BOTH", 60)
    t = holed(1000)
    t["once"] = np.where(np.arange(1000) == 999, 1.0, 0.0)
    t.loc[3, "once"] = np.nan
    found = number_pairs({name: scaled(t[name]) for name in t})
    assert all(60 <= one.n_ranked <= 300 for one in found if one.n_ranked)
    assert sum(one.n_ranked > 0 for one in found) > 5
    for one in found:
        both = t[[one.a, one.b]].dropna()
        exact = spearmanr(both[one.a], both[one.b]).statistic
        assert one.n_ranked < one.n_rows == len(both)
        n = one.n_ranked or one.n_rows
        assert abs(one.spearman - exact) < 3 / math.sqrt(n)
        half = 1.959964 * math.sqrt(1.06 / (n - 3))
        assert one.spearman_high == pytest.approx(math.tanh(math.atanh(one.spearman) + half), abs=1e-6)


@pytest.mark.parametrize("r", [1.0, 0.9999999999999999, -1.0, -0.9999999999999999, 0.3])
def test_a_correlation_lies_within_its_interval(r):
    low, high = fisher(r, 5000)
    assert low <= r <= high


def test_correlations_have_the_interval_of_scipy():
    x = np.random.default_rng(8).normal(size=40)
    found = pearsonr(x, x + np.random.default_rng(9).normal(size=40))
    assert fisher(found.statistic, 40) == pytest.approx(tuple(found.confidence_interval()))
    assert np.ptp(fisher(0.5, 40, ranks=True)) > np.ptp(fisher(0.5, 40))
