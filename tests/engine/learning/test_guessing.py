"""Guessing is the best that can be done without looking, score by score."""

import numpy as np
import pytest

from beanft.engine.learning.estimators import build
from beanft.engine.learning.learners import title_of
from beanft.engine.learning.metrics import METRIC, METRICS
from beanft.engine.learning.search.portfolio import portfolio

RANDOM = np.random.default_rng(0)
CLASSES = (RANDOM.random(2_000) < 0.3).astype(int)
NUMBERS = np.exp(1.2 * RANDOM.normal(size=2_000))


def _guessed(metric, y):
    task = metric.tasks[0]
    (candidate,) = portfolio(task, [], {}, metric=metric.key, n_rows=100, n_classes=2, skew=0.0, least=0.0)
    model = build("baseline", task, settings=candidate.settings, seed=0, n_rows=len(y)).fit(y, y)
    return model.predict_proba(y) if task == "classification" else model.predict(y)


@pytest.mark.parametrize("key", ["rmse", "r2", "mae", "mape"])
def test_no_other_number_guesses_better(key):
    metric = METRIC[key]
    sign = 1 if metric.greater_is_better else -1
    best = sign * metric.of(NUMBERS, _guessed(metric, NUMBERS))
    for number in np.quantile(NUMBERS, np.linspace(0, 1, 101)):
        assert sign * metric.of(NUMBERS, np.full(len(NUMBERS), number)) <= best + 1e-9


@pytest.mark.parametrize(
    "metric", [one for one in METRICS if "classification" in one.tasks], ids=lambda m: m.key
)
def test_no_other_way_to_name_classes_guesses_better(metric):
    """Naming the second class by chance, in any share of the rows; a little luck is in a deal."""
    sign = 1 if metric.greater_is_better else -1
    best = sign * metric.of(CLASSES, _guessed(metric, CLASSES))
    for share in np.linspace(0, 1, 11):
        named = (np.random.default_rng(1).random(len(CLASSES)) < share).astype(int)
        assert sign * metric.of(CLASSES, np.eye(2)[named] * 0.2 + 0.4) <= best + 0.03


def test_zeros_do_not_count_in_percentages():
    y = np.array([0.0, 0.0, 2.0, 4.0, -8.0])
    assert (
        build("baseline", "regression", settings={"guess": "relative_median"}, seed=0, n_rows=5)
        .fit(y, y)
        .number
        == 2.0
    )
    zeros = np.zeros(3)
    model = build("baseline", "regression", settings={"guess": "relative_median"}, seed=0, n_rows=3)
    assert model.fit(zeros, zeros).predict(zeros).tolist() == [0, 0, 0]


def test_a_fold_of_one_class_is_guessed_too():
    y = np.ones(5, dtype=int)
    for guess in ("", "second", "dealt"):
        model = build("baseline", "classification", settings={"guess": guess}, seed=0, n_rows=5).fit(y, y)
        assert model.predict_proba(y).tolist() == [[1.0]] * 5


def test_the_title_says_what_is_guessed():
    assert title_of("baseline", "regression", "median") == "Baseline (always guesses the median)"
    assert title_of("baseline", "classification", "second") == "Baseline (always guesses the second class)"
    assert title_of("baseline", "classification") == "Baseline (always guesses the most frequent class)"
