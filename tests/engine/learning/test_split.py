"""The hold-out is locked by the seed, the folds fit small tables."""

import numpy as np

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
    assert (folds.n_folds, folds.n_repeats, len(folds.parts), folds.test_to_train) == (3, 3, 9, 0.5)


def test_larger_tables_get_five_folds_and_every_row_is_tested_once():
    folds = cut_folds(np.repeat([0, 1], 50), classes=True, seed=0)
    tested = np.concatenate([test for _, test in folds.parts])
    assert sorted(tested) == list(range(100))
    assert len(folds.parts) == 5


def test_a_rare_class_lowers_the_number_of_folds():
    assert cut_folds(np.repeat([0, 1], [97, 4]), classes=True, seed=0).n_folds == 4


def test_a_sample_holds_every_class():
    codes = np.repeat([0, 1], [10_000, 3])
    rows = sample_rows(codes, 100, 0, n_rows=len(codes))
    assert np.bincount(codes[rows]).tolist() == [99, 1]
