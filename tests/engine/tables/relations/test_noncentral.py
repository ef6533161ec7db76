"""The approximation of noncentral distributions against scipy."""

import math

import pytest
from scipy.special import chndtr, ncfdtr

from beanft.engine.tables.relations.noncentral import noncentrality


@pytest.mark.parametrize(("statistic", "df", "df_error"), [(20.0, 1, 98), (2.5, 4, 395), (60.0, 39, 5000)])
def test_the_ends_are_those_of_the_noncentral_f(statistic: float, df: int, df_error: int):
    low, high = noncentrality(statistic, df, df_error)
    assert ncfdtr(df, df_error, high, statistic) == pytest.approx(0.025, abs=0.015)
    assert low == 0 or ncfdtr(df, df_error, low, statistic) == pytest.approx(0.975, abs=0.015)


@pytest.mark.parametrize(("statistic", "df"), [(9.0, 1), (3.0, 6), (40.0, 9)])
def test_the_ends_are_those_of_the_noncentral_chi_squared(statistic: float, df: int):
    low, high = noncentrality(statistic, df, math.inf)
    assert chndtr(statistic * df, df, high) == pytest.approx(0.025, abs=0.015)
    assert chndtr(statistic * df, df, low) == pytest.approx(0.975, abs=0.015)


def test_no_statistic_at_all():
    assert noncentrality(0.0, 3, 100) == (0.0, 0.0)
