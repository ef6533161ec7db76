"""What learners other than trees are given: no gaps, one scale, a part for each level."""

import numpy as np
import pytest

from beanft.engine.learning.search.designs import FARTHEST, Filled, Plain, Scaled


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
