"""Every kind of column becomes numbers, learned from the training rows alone."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from beanft.engine.learning.prepare import Preparation, plan
from beanft.engine.tables.columns import Column


def column(name="x", kind="number", n_distinct=10, n_missing=0, stored="", top=()):
    types = {"number": "DOUBLE", "date": "TIMESTAMP"}
    return Column(
        name=name,
        kind=kind,
        stored=stored or types.get(kind, "VARCHAR"),
        n_missing=n_missing,
        n_distinct=n_distinct,
        top=top,
    )


def prepared(of, train, test, y=None, n_classes=0):
    made = Preparation(plan([of], n_rows=len(train), n_classes=n_classes), n_classes=n_classes, seed=0)
    y = np.zeros(len(train)) if y is None else y
    return made.fit_transform(pd.DataFrame({of.name: train}), y), made.transform(
        pd.DataFrame({of.name: test})
    )


def test_missing_numbers_become_the_training_median_and_are_marked():
    train, test = prepared(column(), [1.0, np.nan, 3.0, 8.0], [np.nan, 100.0, np.inf])
    assert train.tolist() == [[1, 0], [3, 1], [3, 0], [8, 0]]
    assert test.tolist() == [[3, 1], [100, 0], [3, 1]]


def test_numbers_without_gaps_take_one_part():
    train, test = prepared(column(), [1.0, 2.0], [np.nan])
    assert train.shape == (2, 1)
    assert test.tolist() == [[1.5]]


def test_a_column_without_values_in_training_stays_harmless():
    train, test = prepared(column(), [np.nan, np.nan], [5.0])
    assert np.isfinite(train).all()
    assert np.isfinite(test).all()


def test_unseen_levels_count_as_missing_without_a_warning():
    words = pd.Series(["a", "b", None, "a", "b"], dtype=object)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        train, test = prepared(column(kind="category"), words, pd.Series(["a", "new", None], dtype=object))
    assert train.tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0], [0, 1, 0]]
    assert test[1].tolist() == test[2].tolist() == [0, 0, 1]


def test_rare_levels_share_one_part():
    train, _ = prepared(column(kind="category"), ["a"] * 5 + ["b", "c", "d"], ["a"])
    assert train.shape == (8, 2)
    assert train[5:].tolist() == [[0, 1]] * 3


def test_dates_become_their_parts():
    when = pd.to_datetime(pd.Series(["2000-01-03 00:00", "2024-02-29 12:30", None]))
    train, _ = prepared(column(kind="date"), when, when)
    assert train[0].tolist() == [2, 2000, 1, 0, 0, 0]
    assert train[1].tolist() == [8825, 2024, 2, 3, 12.5, 0]
    assert train[2, -1] == 1


def test_dates_without_hours_have_no_hour():
    when = pd.to_datetime(pd.Series(["2000-01-03", "2024-02-29"]))
    assert prepared(column(kind="date"), when, when)[0].shape == (2, 4)


def test_text_becomes_a_few_numbers():
    texts = pd.Series([f"word{i % 30} and word{i % 17} tree" for i in range(200)], dtype=object)
    texts[3] = None
    top = (("word1 and word2 tree", 3),)
    train, test = prepared(column(kind="text", n_distinct=200, top=top), texts, texts)
    assert train.shape == (200, 17)
    assert train == pytest.approx(test)


def test_text_whose_words_never_repeat_keeps_its_length():
    texts = pd.Series([f"a{i}x b{i}x" for i in range(60)], dtype=object)
    train, _ = prepared(column(kind="text", n_distinct=60), texts, texts)
    assert train.shape == (60, 1)


def test_many_levels_are_encoded_by_the_target_of_other_rows():
    """A level of its own for each row tells nothing of its own target: that would be the leak."""
    random = np.random.default_rng(0)
    y = random.integers(0, 2, 400)
    own = pd.Series([f"id{i}" for i in range(400)], dtype=object)
    train, _ = prepared(column(kind="category", n_distinct=400), own, own, y=y, n_classes=2)
    assert train.shape == (400, 1)
    assert abs(np.corrcoef(train[:, 0], y)[0, 1]) < 0.35  # fitted without cross-fitting it is 1.0


def test_many_levels_become_their_means_for_new_rows():
    levels = pd.Series([f"c{i % 50}" for i in range(2000)], dtype=object)
    y = np.array([float(i % 50) for i in range(2000)])
    new = pd.Series(["c0", "c49", "unknown"], dtype=object)
    _, test = prepared(column(kind="category", n_distinct=50), levels, new, y=y)
    assert test[:, 0] == pytest.approx([0, 49, 24.5], abs=0.5)


def test_left_out_columns_are_named():
    made = plan(
        [
            column("id", "identifier"),
            column("one", "constant", n_distinct=1),
            column("none", "constant", n_distinct=0, n_missing=9),
            column("x"),
        ],
        n_rows=9,
        n_classes=0,
    )
    assert made.names == ["x"]
    assert [note.split("”")[0] for note in made.notes] == ["“id", "“one", "“none"]


def test_a_value_that_is_only_sometimes_there_takes_part():
    made = plan([column("one", "constant", 1, 4, "BIGINT")], n_rows=9, n_classes=0)
    assert [feature.role for feature in made.features] == ["number"]


def test_many_categories_stay_narrow():
    made = plan([column(f"c{i}", "category", 40) for i in range(300)], n_rows=1000, n_classes=2)
    assert made.max_levels == 6
    assert made.width <= 300 * 8
    assert "6 commonest levels" in made.notes[-1]


def test_the_preparation_can_be_cloned_and_pickled():
    made = Preparation(plan([column()], n_rows=3, n_classes=0), n_classes=0, seed=0)
    X = pd.DataFrame({"x": [1.0, 2.0, 3.0]})
    again = pickle.loads(pickle.dumps(clone(made).fit(X, np.zeros(3))))
    assert isinstance(again, Preparation)
    assert again.transform(X).tolist() == [[1], [2], [3]]
