"""Trees answer as scikit-learn's do, one by one or all in one call, to the last bit."""

import numpy as np
import pytest

from beanft.engine.learning.search.boosting import fit_histogram
from beanft.engine.learning.search.given import Given
from beanft.engine.learning.serving import trees
from beanft.engine.learning.serving.evaluators import evaluator_of
from beanft.engine.learning.serving.threads import one_thread
from beanft.engine.learning.serving.trees import Histogram


def boosted(n_classes=0, n_native=2, n_trees=10, **settings):
    one_thread()
    random = np.random.default_rng(0)
    X = np.column_stack([random.normal(size=(250, 3)), random.integers(0, 30, (250, 2))]).astype(np.float32)
    X[::7, 1] = np.nan
    X[::9, 4] = np.nan
    signal = X[:, 0] + X[:, 3] % 3 + np.nan_to_num(X[:, 4]) % 2
    y = np.exp(signal)
    if n_classes:
        y = np.digitize(signal, np.quantile(signal, np.arange(1, n_classes) / n_classes))
    more = {"n_classes": n_classes, "settings": settings, "n_native": n_native, "rounds": n_trees}
    return grown(X, y, 50, **more)


def grown(X, y, n_checked, **more):
    check = {"X_check": X[:n_checked], "y_check": y[:n_checked]}
    return fit_histogram(Given(X=X, y=y, seed=0, deadline=float("inf"), **check, **more)).model


def strangers():
    """Rows with levels that training did not have, gaps everywhere and numbers far away."""
    random = np.random.default_rng(1)
    X = np.column_stack([random.normal(size=(60, 3)) * 9, random.integers(0, 249, (60, 2))])
    X[random.random(X.shape) < 0.2] = np.nan
    X[0], X[1, :3] = np.nan, 1e30
    return X.astype(np.float32)


def own(model, X):
    return model.predict_proba(X) if hasattr(model, "predict_proba") else model.predict(X)


@pytest.mark.parametrize("n_native", [0, 2])
@pytest.mark.parametrize("n_classes", [0, 2, 9])
def test_joined_trees_say_what_scikit_learn_says(n_classes, n_native, monkeypatch):
    model, X = boosted(n_classes, n_native), strangers()
    ready = Histogram(model)
    assert ready(X) == pytest.approx(own(model, X), rel=1e-13)  # many rows: tree by tree
    alone = np.concatenate([ready(X[i : i + 1]) for i in range(len(X))])  # one row: all trees at once
    assert alone.tobytes() == ready(X).tobytes()
    monkeypatch.setattr(trees, "_MOST_CELLS", 0)
    assert np.concatenate([ready(X[i : i + 1]) for i in range(len(X))]).tobytes() == alone.tobytes()


@pytest.mark.parametrize("n_trees", [1, 2, 3, 5, 33])
def test_any_number_of_trees_can_be_joined(n_trees):
    model, X = boosted(n_trees=n_trees), strangers()
    assert Histogram(model)(X[:4]).tobytes() == own(model, X)[:4].tobytes()


@pytest.mark.parametrize("loss", ["absolute_error", "poisson", "gamma"])
def test_other_losses_have_their_own_link(loss):
    model, X = boosted(loss=loss), strangers()
    assert Histogram(model)(X) == pytest.approx(own(model, X), rel=1e-13)


def test_a_part_without_any_value_and_a_tree_of_one_leaf_are_no_harm():
    X, y = np.full((60, 2), np.nan, dtype=np.float32), np.arange(60.0)
    model = grown(X, y, 20, n_classes=0, settings={}, n_native=1, rounds=4)
    assert evaluator_of(model)(X[:1]).tobytes() == own(model, X)[:1].tobytes()
