"""Correlations of numbers against pandas and scipy."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from beanft.engine.tables.relations.numbers import number_pairs, scaled
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
