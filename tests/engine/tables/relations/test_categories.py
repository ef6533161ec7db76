"""Correlation ratio and Cramér's V against numbers by hand, and their intervals against the truth."""

import math

import numpy as np
import pytest

from beanft.engine.tables.relations.categories import category_pair, mixed_pair
from beanft.engine.tables.relations.numbers import scaled
from beanft.engine.tables.relations.pairs import Pair


def ratio(values: np.ndarray | list[float], codes: np.ndarray) -> Pair:
    one = mixed_pair(("v", scaled(values)), ("g", codes))
    assert one is not None
    return one


def cramer(left: np.ndarray, right: np.ndarray) -> Pair:
    one = category_pair(("a", left), ("b", right))
    assert one is not None
    return one


def test_the_correlation_ratio_by_hand():
    # 30 rows of 1, 2, 3 in group a and 30 of 5, 6, 7 in b: total 280, between 240;
    # with Kelley's correction 1 - (40/280) * 59/58
    one = ratio([1.0, 2.0, 3.0] * 10 + [5.0, 6.0, 7.0] * 10, np.repeat([0, 1], 30))
    assert (one.a, one.b, one.measure, one.n_rows) == ("v", "g", "eta", 60)
    assert one.value == pytest.approx(math.sqrt(1 - 40 / 280 * 59 / 58))
    assert (one.low, one.high) == (None, None)  # tenths of so few rows tell nothing


def test_cramers_v_by_hand():
    # 2 x 2 of 40, 10, 10, 40: chi-squared 36 of 100; phi2 0.36 - 1/99, sides 2 - 1/99 less 1
    one = cramer(np.repeat([0, 0, 1, 1], [40, 10, 10, 40]), np.repeat([0, 1, 0, 1], [40, 10, 10, 40]))
    assert (one.measure, one.n_rows) == ("cramer", 100)
    assert one.value == pytest.approx(math.sqrt((0.36 - 1 / 99) / (1 - 1 / 99)))


def test_rows_without_one_of_the_two_do_not_count():
    codes = np.arange(200) % 2
    values = np.where(np.arange(200) < 20, np.nan, codes + np.arange(200) / 1000)
    assert ratio(values, np.where(np.arange(200) >= 150, -1, codes)).n_rows == 130
    assert cramer(codes, np.where(np.arange(200) >= 150, -1, codes)).n_rows == 150


def test_what_cannot_be_measured_gives_no_pair():
    codes, same = np.arange(60) % 2, np.zeros(60, dtype=np.int64)
    few = np.where(np.arange(60) < 9, codes, -1)
    values = scaled(np.arange(60.0))
    for other in (same, few, np.arange(60)):
        assert mixed_pair(("v", values), ("g", other)) is None
    assert mixed_pair(("v", scaled(np.full(60, 7.0))), ("g", codes)) is None
    for other in (same, few):
        assert category_pair(("a", codes), ("b", other)) is None


def test_chance_alone_shows_no_relation_with_many_groups():
    rng = np.random.default_rng(3)
    assert ratio(rng.normal(size=400), rng.integers(0, 40, 400)).value < 0.2  # uncorrected about 0.31


def test_intervals_cover_the_truth():
    rng = np.random.default_rng(4)
    hits = 0
    for _ in range(100):
        group = rng.integers(0, 2, 500)
        one = ratio(group * 1.0 + rng.normal(size=500), group)
        hits += one.low <= math.sqrt(0.25 / 1.25) <= one.high  # share of the variance between the groups
    assert hits >= 85


def test_intervals_of_unrelated_columns_reach_from_none_to_what_chance_may_do():
    rng = np.random.default_rng(6)
    hits = 0
    for _ in range(60):
        group = rng.integers(0, 4, 400)
        for one in (ratio(rng.normal(size=400), group), cramer(rng.integers(0, 2, 400), group)):
            assert one.low <= one.value <= one.high
            hits += one.low == 0
            assert one.high > 0.03  # ten parts that all show nothing do not mean that nothing is there
            assert one.high < 0.4
    assert hits >= 104  # of 120
