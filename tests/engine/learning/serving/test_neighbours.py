"""Nearest rows are those that scikit-learn finds, also where several are equally near."""

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.svm import NuSVR

from beanft.engine.learning.serving import neighbours
from beanft.engine.learning.serving.evaluators import evaluator_of
from beanft.engine.learning.serving.neighbours import _least, sliced


@pytest.mark.parametrize("n_columns", [3, 40])  # a tree of rows is asked, or all rows are
@pytest.mark.parametrize("kind", [KNeighborsClassifier, KNeighborsRegressor])
def test_neighbours_vote_as_in_scikit_learn(n_columns, kind, monkeypatch):
    random = np.random.default_rng(0)
    X, y = random.integers(0, 3, (300, n_columns)).astype(float), random.integers(0, 10, 300)
    model, others = kind(9).fit(X, y), random.integers(0, 3, (70, n_columns)) + 0.25
    assert model._fit_method == ("brute" if n_columns > 15 else "kd_tree")
    own = model.predict_proba(others) if hasattr(model, "predict_proba") else model.predict(others)
    assert evaluator_of(model)(others) == pytest.approx(own, rel=1e-13)
    whole = evaluator_of(model)(others)
    monkeypatch.setattr(neighbours, "_CELLS", 7 * 300)
    assert evaluator_of(model)(others).tobytes() == whole.tobytes()
    alone = np.concatenate([evaluator_of(model)(others[i : i + 1]) for i in range(9)])
    assert alone.tobytes() == whole[:9].tobytes()


def test_as_many_neighbours_as_there_are_rows_are_all_of_them():
    X = np.random.default_rng(0).normal(size=(12, 40))
    model = KNeighborsRegressor(12).fit(X, np.arange(12.0))
    assert evaluator_of(model)(X) == pytest.approx(np.full(12, 5.5))


@pytest.mark.parametrize("n_wanted", [1, 4, 30])
def test_the_least_are_found_in_order(n_wanted, monkeypatch):
    monkeypatch.setattr(neighbours, "_FIRST", 5)
    distances = np.random.default_rng(0).integers(0, 12, (25, 200)).astype(float)
    distances[3] = 7.0
    expected = np.argsort(distances, axis=1, kind="stable")[:, :n_wanted]
    assert np.array_equal(_least(distances, n_wanted), expected)


def test_an_estimator_without_a_ready_form_answers_in_slices():
    sizes = []

    def answer(X):
        sizes.append(len(X))
        return X[:, 0]

    X = np.arange(37.0)[:, None]
    assert sliced(answer)(X).tolist() == X[:, 0].tolist()
    assert set(sizes) == {16}
    model = NuSVR().fit(X, X[:, 0])
    assert evaluator_of(model)(X) == pytest.approx(model.predict(X))
