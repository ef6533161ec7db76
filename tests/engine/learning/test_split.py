"""The hold-out is locked by the seed, the folds fit small tables."""

import numpy as np
import pytest

from beanft.engine.learning.sizes import sizes
from beanft.engine.learning.split import cut_folds, hold_out, sample_rows


def test_classes_keep_their_shares_in_the_hold_out():
    y = np.repeat([0, 1, 2], [100, 40, 10])
    split = hold_out(y, classes=True, seed=3)
    assert np.bincount(y[split.holdout]).tolist() == [20, 8, 2]
    assert split.stratified
    assert sorted([*split.train, *split.holdout]) == list(range(150))


def test_the_same_seed_locks_the_same_rows():
    y = np.arange(200.0)
    assert hold_out(y, classes=False, seed=1).facts() == hold_out(y, classes=False, seed=1).facts()
    assert (
        hold_out(y, classes=False, seed=1).facts()["hash"]
        != hold_out(y, classes=False, seed=2).facts()["hash"]
    )


def test_small_tables_get_three_folds_drawn_three_times():
    folds = cut_folds(np.arange(40.0), classes=False, seed=0)
    assert (folds.n_folds, folds.n_repeats, len(folds.parts)) == (3, 3, 9)
    assert folds.test_to_train == pytest.approx((13 / 27 + 13 / 27 + 14 / 26) / 3)


@pytest.mark.parametrize(("n_rows", "n_folds"), [(60, 8), (100, 8), (3_000, 8), (3_002, 5), (60_000, 5)])
def test_larger_tables_get_fewer_folds_and_every_row_is_tested_once(n_rows, n_folds):
    folds = cut_folds(np.repeat([0, 1], n_rows // 2), classes=True, seed=0)
    tested = np.concatenate([test for _, test in folds.parts])
    assert sorted(tested) == list(range(n_rows))
    assert (len(folds.parts), folds.n_folds, folds.n_repeats) == (n_folds, n_folds, 1)


@pytest.mark.parametrize(("n_rows", "n_checked"), [(60_002, 12_000), (400_000, 40_000)])
def test_large_tables_are_checked_on_one_part(n_rows, n_checked):
    folds = cut_folds(np.repeat([0, 1], n_rows // 2), classes=True, seed=0)
    ((train, test),) = folds.parts
    assert folds.n_folds == 1
    assert len(test) == pytest.approx(n_checked, abs=2)
    assert sorted([*train, *test]) == list(range(n_rows))


@pytest.mark.parametrize("n_rows", [40, 70, 75, 3_000, 3_800, 10_000, 70_000, 80_000, 1_000_000])
def test_what_is_proposed_is_what_is_done(n_rows):
    said = sizes(n_rows)
    y = np.arange(float(n_rows))
    split = hold_out(y, classes=False, seed=0, share=said.holdout)
    assert len(split.holdout) == round(n_rows * said.holdout)
    folds = cut_folds(y[split.train], classes=False, seed=0)
    assert (folds.n_folds, folds.n_repeats) == (said.folds, said.repeats)


def test_rare_classes_are_shared_out_together_and_lower_no_number_of_folds():
    y = np.repeat([0, 1, 2, 3], [100, 60, 5, 4])
    folds = cut_folds(y, classes=True, seed=0)
    assert folds.n_folds == 8
    rare = [int((y[test] > 1).sum()) for _, test in folds.parts]
    assert max(rare) - min(rare) <= 1


def test_a_sample_holds_every_class():
    codes = np.repeat([0, 1], [10_000, 3])
    rows = sample_rows(codes, 100, 0, n_rows=len(codes))
    assert np.bincount(codes[rows]).tolist() == [99, 1]
