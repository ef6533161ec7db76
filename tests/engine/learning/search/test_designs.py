"""What learners other than trees are given: no gaps, one scale, a part for each level."""

import numpy as np
import pytest

from beanft.engine.learning.search.designs import FARTHEST, Carried, Filled, Plain, Scaled, Undated
from beanft.engine.learning.search.slopes import slopes_of


def rows(seed=0, n=200):
    random = np.random.default_rng(seed)
    X = np.column_stack([random.lognormal(size=n) * 1e6, random.normal(size=n), random.integers(0, 3, n)])
    X[::7, 1] = np.nan
    X[::11, 2] = np.nan
    return X.astype(np.float32)


@pytest.mark.parametrize("n_rows", [1, 4, 5, 200])
def test_ranks_are_bent_as_scikit_learn_bends_them(n_rows):
    X = rows().round(1)  # repeated values have ranks of their own
    X[:60, 0] = 3.0
    design = Scaled().fit(X, n_native=1)
    others = np.vstack([rows(seed=1).round(1), X])[np.arange(0, n_rows) * 2]
    filled = np.where(np.isnan(others[:, :2]), design.medians_, others[:, :2].astype(float))
    expected = np.clip(design.quantiles_.transform(filled[:, design.bent_]), -FARTHEST, FARTHEST)
    assert np.array_equal(design.transform(others)[:, 2 : 2 + len(design.bent_)], expected)


def test_everything_is_finite_and_within_bounds_also_for_rows_far_away():
    X = rows()
    design = Scaled().fit(X, n_native=1)
    far = np.array([[1e30, -1e30, 7], [np.nan, np.nan, np.nan]], dtype=np.float32)
    for found in (design.transform(X), design.transform(far)):
        assert np.isfinite(found).all()
        assert np.abs(found).max() <= 5


def test_numbers_come_twice_gaps_are_marked_and_levels_have_their_parts():
    X = rows()
    found = Scaled().fit(X, n_native=1).transform(X)
    assert found.shape == (200, 2 + 2 + 1 + 3)
    assert found[:, 4].sum() == np.isnan(X[:, 1]).sum()
    levels = found[:, 5:]
    assert levels.sum(axis=1).tolist() == (~np.isnan(X[:, 2])).astype(float).tolist()


def test_rare_levels_and_unknown_ones_have_no_part():
    X = np.zeros((1_000, 1), dtype=np.float32)
    X[:500, 0], X[0, 0] = 1, 9
    design = Scaled().fit(X, n_native=1)
    assert design.transform(X).shape[1] == 2
    assert design.transform(np.array([[9.0]], dtype=np.float32)).tolist() == [[0, 0]]


def test_gaps_lie_below_everything_for_forests():
    X = rows()
    found = Filled().fit(X, n_native=1).transform(X)
    gaps = np.isnan(X[:, 1])
    assert found[gaps, 1].max() < found[~gaps, 1].min()


def test_trees_get_the_rows_as_they_are():
    X = rows()
    assert Plain().fit(X, n_native=1).transform(X) is X


def test_a_column_without_any_value_is_no_harm():
    X = np.full((20, 2), np.nan, dtype=np.float32)
    for design in (Scaled(), Filled()):
        assert np.isfinite(design.fit(X, n_native=1).transform(X)).all()


def dated(seed=0, n=730):
    """Two years of days before the other parts, some of them unknown."""
    days = np.arange(8_000, 8_000 + n, dtype=np.float32)
    days[::50] = np.nan
    return np.column_stack([days, rows(seed, n)])


@pytest.mark.parametrize("inner", [Plain, Filled, Scaled])
def test_what_cannot_carry_a_trend_on_does_not_see_the_days(inner):
    X = dated()
    design = Undated(1, inner()).fit(X, n_native=1)
    moved = np.column_stack([X[:, 0] + 9_999, X[:, 1:]])
    expected = inner().fit(X[:, 1:], n_native=1).transform(X[:, 1:])
    for found in (design.transform(X), design.transform(moved)):
        assert np.array_equal(found, expected, equal_nan=True)
        assert found.flags.c_contiguous
        assert found.dtype == expected.dtype


def test_days_are_carried_as_a_line_as_far_as_rows_reach_back():
    X = dated()
    design = Carried(1, Scaled()).fit(X, n_native=1)
    later = np.repeat(X[1:2], 5, axis=0)
    later[:, 0] = [8_010, 8_010 + 365, 8_010 + 3 * 365, 8_729 + 728, 8_729 + 100_000]
    found = design.transform(later)
    assert found.shape[1] == Scaled().fit(X[:, 1:], n_native=1).transform(X[:1, 1:]).shape[1] + 1
    assert (found[:, :-1] == found[0, :-1]).all()  # no bent copy of it, no mark of its gaps
    line = found[:, -1]
    assert line[2] - line[0] == pytest.approx(3 * (line[1] - line[0]))  # a year beyond two years
    assert line[2] < line[3] == line[4]
    later[:, 0] = [7_000, 7_990, 8_000, 8_004, 8_006]
    before = design.transform(later)[:, -1]
    assert before[0] == before[1] == before[2] <= before[3] < before[4]  # and not before the first day
    unknown = np.array([[np.nan, 1.0, 1.0, 0.0]], dtype=np.float32)
    assert design.transform(unknown)[0, -1] == 0.0


@pytest.mark.parametrize("years", [-55, 55])
@pytest.mark.parametrize("n", [60, 400])
def test_one_odd_date_neither_flattens_a_trend_nor_removes_its_stop(n, years):
    random = np.random.default_rng(0)
    days = np.arange(19_000, 19_000 + n, dtype=np.float32)
    X = np.column_stack([days, random.normal(size=n)]).astype(np.float32)
    y = 0.0495 * days + random.normal(0, 0.1, n)
    odd = np.array([[19_000 + n / 2 + 365 * years, 0.0]], dtype=np.float32)
    X, y = np.vstack([X, odd]), np.append(y, y.mean())
    design = Carried(1, Scaled()).fit(X, n_native=0)
    assert design.first_[0] == pytest.approx(19_000, abs=3)
    assert design.last_[0] == pytest.approx(19_000 + 2 * n, abs=8)
    slopes = slopes_of(X, y, design, 0, 0)
    assert slopes / design.spread_ == pytest.approx([0.0495], rel=0.08)
    assert np.abs(design.days(odd)).max() <= 1.5 * n / design.spread_[0]


@pytest.mark.parametrize("days", [[np.nan, np.nan], [8_000.0, 8_000.0]])
def test_days_that_tell_nothing_are_no_harm(days):
    X = np.column_stack([days, [1.0, 2.0]]).astype(np.float32)
    design = Carried(1, Plain()).fit(X, n_native=0)
    later = np.array([[9_000.0, 1.0]], dtype=np.float32)
    assert design.transform(X)[:, 1].tolist() == [0.0, 0.0]
    assert np.isfinite(design.transform(later)).all()
