"""Each learner on one fold: fitted within its time, its settings used, its predictions finite."""

import pickle
import time
from dataclasses import replace
from types import SimpleNamespace
from unittest.mock import patch

import numpy as np
import pytest

from beanft.engine.learning.learners import LEARNER, learners_for
from beanft.engine.learning.search import boosting, network
from beanft.engine.learning.search.fitting import Terms, fit_fold
from beanft.engine.learning.search.given import Given

CLASSIFIERS = [one.key for one in learners_for("classification")]
REGRESSORS = [one.key for one in learners_for("regression")]


def rows(n_classes=0, n=160, seed=0):
    random = np.random.default_rng(seed)
    X = np.column_stack([random.normal(size=(n, 3)), random.integers(0, 4, n)]).astype(np.float32)
    X[::9, 1] = np.nan
    signal = X[:, 0] + (X[:, 3] == 2)
    y = (
        signal
        if not n_classes
        else np.digitize(signal, np.quantile(signal, np.arange(1, n_classes) / n_classes))
    )
    cut = 3 * n // 4
    return X[:cut], y[:cut], X[cut:], y[cut:]


def terms(n_classes=0, n_native=1):
    task = "classification" if n_classes else "regression"
    return Terms(task=task, n_classes=n_classes, n_native=n_native, balanced=False, n_folds=5)


def fitted(learner, n_classes=0, settings=None, **more):
    told = {"seed": 0, "slice_s": 60.0} | more
    return fit_fold(learner, settings or {}, terms(n_classes), rows(n_classes), **told)


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("learner", CLASSIFIERS)
def test_classifiers_give_chances_and_survive_a_pickle(learner, n_classes):
    found = fitted(learner, n_classes)
    assert found.predicted.shape == (40, n_classes)
    assert found.predicted.sum(axis=1) == pytest.approx(np.ones(40))
    X_check, y_check = rows(n_classes)[2:]
    if learner != "baseline":
        assert (found.predicted.argmax(axis=1) == y_check).mean() > 1 / n_classes
    again = pickle.loads(pickle.dumps(found.member))
    assert np.array_equal(again.predict(X_check), found.predicted)


@pytest.mark.parametrize("learner", REGRESSORS)
def test_regressors_give_numbers_better_than_the_mean(learner):
    found = fitted(learner)
    y, y_check = rows()[1], rows()[3]
    error, guess = np.mean((found.predicted - y_check) ** 2), np.mean((y.mean() - y_check) ** 2)
    assert error == pytest.approx(guess) if learner == "baseline" else error < guess


@pytest.mark.parametrize("learner", ["boosting", "lightgbm"])
def test_boosting_stops_at_its_deadline_and_keeps_what_it_has(learner):
    random = np.random.default_rng(0)
    X = random.normal(size=(4_000, 30)).astype(np.float32)
    y = X[:, 0] + random.normal(size=4_000)
    begin = time.monotonic()
    settings = {"learning_rate": 0.005, "leaves": 255, "leaf_rows": 1}
    found = fit_fold(
        learner, settings, terms(0, 0), (X[:3_000], y[:3_000], X[3_000:], y[3_000:]), seed=0, slice_s=0.3
    )
    assert found.was_cut
    assert time.monotonic() - begin < 30
    assert np.isfinite(found.predicted).all()


@pytest.mark.parametrize("learner", ["boosting", "lightgbm"])
def test_trees_after_the_best_iteration_are_forgotten(learner):
    random = np.random.default_rng(0)
    X, y = random.normal(size=(300, 4)).astype(np.float32), random.normal(size=300)
    data = (X[:200], y[:200], X[200:], y[200:])
    found = fit_fold(learner, {}, terms(0, 0), data, seed=0, slice_s=60)
    assert found.rounds < 20, "noise: hardly any tree helps"


@pytest.mark.parametrize("learner", ["boosting", "lightgbm", "network"])
def test_rounds_can_be_fixed_where_nothing_is_checked(learner):
    assert fitted(learner, rounds=7).rounds == 7


@pytest.mark.parametrize("learner", ["boosting", "lightgbm", "extra_trees", "logistic"])
def test_a_class_that_a_fold_lacks_has_no_chance(learner):
    X, y, X_check, y_check = rows(3)
    known = y != 1
    found = fit_fold(learner, {}, terms(3), (X[known], y[known], X_check, y_check), seed=0, slice_s=60)
    assert found.predicted.shape == (40, 3)
    assert found.predicted[:, 1].max() < 1e-5


@pytest.mark.parametrize("learner", ["boosting", "logistic", "extra_trees", "support_vectors"])
def test_balanced_weights_raise_the_chance_of_the_rare_class(learner):
    random = np.random.default_rng(0)
    X = random.normal(size=(400, 2)).astype(np.float32)
    y = (X[:, 0] + random.normal(size=400) > 1.8).astype(int)
    data = (X[:300], y[:300], X[300:], y[300:])
    plain = Terms(task="classification", n_classes=2, n_native=0, balanced=False, n_folds=5)
    even = Terms(task="classification", n_classes=2, n_native=0, balanced=True, n_folds=5)
    means = [
        fit_fold(learner, {}, one, data, seed=0, slice_s=60).predicted[:, 1].mean() for one in (plain, even)
    ]
    assert means[1] > means[0]


def test_a_logarithm_is_undone_and_believed_only_a_little_beyond():
    X, y, X_check, y_check = rows()
    y, y_check = np.exp(3 * y), np.exp(3 * y_check)
    found = fit_fold("ridge", {"log": True}, terms(), (X, y, X_check * 100, y_check), seed=0, slice_s=60)
    assert (found.predicted >= 0).all()
    assert found.predicted.max() <= y.max() * 1.5


def test_what_does_not_scale_is_fitted_on_a_sample_and_says_so():
    n = LEARNER["support_vectors"].max_rows + 100
    random = np.random.default_rng(0)
    X, y = random.normal(size=(n, 1)).astype(np.float32), np.zeros(n)
    y[: n // 2] = 1
    found = fit_fold("support_vectors", {}, terms(0, 0), (X, y, X[:20], y[:20]), seed=0, slice_s=60)
    assert found.notes[0] == "Fitted on a sample of at most 5,000 rows, because it is slow on more."


@pytest.mark.parametrize(
    ("learner", "settings"),
    [
        ("logistic", {"penalty": 10_000}),
        ("ridge", {"penalty": 10_000}),
        ("neighbours", {"neighbours": 120}),
        ("boosting", {"trees": 1}),
        ("lightgbm", {"trees": 1}),
        ("extra_trees", {"leaf_rows": 60}),
    ],
)
def test_settings_change_what_is_predicted(learner, settings):
    n_classes = 2 if learner == "logistic" else 0
    assert not np.allclose(
        fitted(learner, n_classes).predicted, fitted(learner, n_classes, settings).predicted
    )


@pytest.mark.parametrize("learner", [*CLASSIFIERS])
def test_a_part_without_any_value_in_the_fold_is_no_harm(learner):
    X, y, X_check, y_check = rows(2)
    X = X.copy()
    X[:, 1] = np.nan
    found = fit_fold(learner, {}, terms(2), (X, y, X_check, y_check), seed=0, slice_s=60)
    assert np.isfinite(found.predicted).all()


@pytest.mark.parametrize("learner", ["boosting", "lightgbm"])
def test_every_tree_is_kept_while_the_best_number_is_found_over_all_folds_together(learner):
    together = replace(terms(), joint=True)
    found = fit_fold(learner, {}, together, rows(), seed=0, slice_s=60.0)
    model = found.member.model
    n_trees = model.n_steps if learner == "lightgbm" else model.n_iter_
    assert n_trees == len(found.losses) > found.losses.argmin() + 1


def dated(n=600):
    """Rows in the order of their days, a target that climbs with them, later days to check on."""
    random = np.random.default_rng(0)
    X = np.column_stack([np.arange(n), random.normal(size=(n, 2))]).astype(np.float32)
    y = 0.1 * X[:, 0] + 3 * (X[:, 1] > 0) * (X[:, 2] > 0) + random.normal(0, 0.3, n)
    return X[:400], y[:400], X[400:], y[400:]


def rmse(found, y_check):
    return float(np.sqrt(np.mean((found.predicted - y_check) ** 2)))


@pytest.mark.parametrize("learner", ["linear", "ridge", "lasso", "elastic_net"])
def test_lines_carry_a_trend_beyond_the_last_day(learner):
    rows = dated()
    blind = (rows[0][:, 1:], rows[1], rows[2][:, 1:], rows[3])
    seeing = replace(terms(n_native=0), n_days=1)
    assert rmse(fit_fold(learner, {}, seeing, rows, seed=0, slice_s=60), rows[3]) < 2
    without = fit_fold(learner, {}, terms(n_native=0), blind, seed=0, slice_s=60)
    assert rmse(without, rows[3]) > 20
    asked = fit_fold(learner, {"trend": False}, seeing, rows, seed=0, slice_s=60)
    assert np.array_equal(asked.predicted, without.predicted)


@pytest.mark.parametrize("learner", ["logistic", "discriminant"])
def test_chances_follow_a_trend_beyond_the_last_day(learner):
    X, _, X_check, _ = dated()
    later = np.repeat(X_check[:1], 2, axis=0)
    later[1, 0] += 100
    seeing = replace(terms(2, n_native=0), n_days=1)
    chance = 1 / (1 + np.exp((200 - X[:, 0]) / 150))
    y = (np.random.default_rng(1).random(len(X)) < chance).astype(int)
    said = fit_fold(learner, {}, seeing, (X, y, later, np.array([0, 1])), seed=0, slice_s=60).predicted
    assert said[0, 1] + 0.03 < said[1, 1] < 0.98


@pytest.mark.parametrize(
    "learner",
    ["boosting", "lightgbm", "extra_trees", "random_forest", "neighbours", "network", "support_vectors"],
)
def test_others_learn_as_if_there_were_no_days(learner):
    rows = dated()
    blind = (rows[0][:, 1:], rows[1], rows[2][:, 1:], rows[3])
    few = {"boosting": {"trees": 20}, "lightgbm": {"trees": 20}}.get(learner, {})
    found = fit_fold(learner, few, replace(terms(n_native=0), n_days=1), rows, seed=0, slice_s=60, rounds=10)
    without = fit_fold(learner, few, terms(n_native=0), blind, seed=0, slice_s=60, rounds=10)
    assert np.array_equal(found.predicted, without.predicted)


def test_naive_bayes_sees_no_days():
    X, y, X_check, _ = dated()
    later = np.repeat(X_check[:1], 2, axis=0)
    later[1, 0] += 300
    seeing = replace(terms(2, n_native=0), n_days=1)
    rows = (X, (y > np.median(y)).astype(int), later, np.array([0, 1]))
    said = fit_fold("naive_bayes", {}, seeing, rows, seed=0, slice_s=60).predicted
    assert said[1].tolist() == said[0].tolist()


@pytest.mark.parametrize("learner", ["boosting", "lightgbm"])
def test_trees_beside_a_trend_learn_what_a_line_leaves_over(learner):
    rows, seeing = dated(), replace(terms(n_native=0), n_days=1)
    whole = {"column_share": 1.0}
    plain = fit_fold(learner, whole, seeing, rows, seed=0, slice_s=60)
    beside = fit_fold(learner, whole | {"trend": True}, seeing, rows, seed=0, slice_s=60)
    line = fit_fold("linear", {}, seeing, rows, seed=0, slice_s=60)
    assert rmse(plain, rows[3]) > 20
    assert rmse(beside, rows[3]) < 0.7 < rmse(line, rows[3])
    assert np.array_equal(beside.member.predict(rows[2]), beside.predicted)


@pytest.mark.parametrize("learner", ["boosting", "lightgbm"])
def test_trees_beside_a_trend_are_cut_and_fitted_again_as_others(learner):
    rows, seeing = dated(), replace(terms(n_native=0), n_days=1, joint=True)
    settings = {"trend": True, "trees": 30}
    first = fit_fold(learner, settings, seeing, rows, seed=1, slice_s=60)
    assert len(first.losses)
    first.cut(7, rows[2])
    again = fit_fold(learner, settings, seeing, rows, seed=1, slice_s=60, rounds=first.kept, repeated=True)
    assert first.kept == again.kept == 7
    assert np.array_equal(again.member.predict(rows[2]), first.member.predict(rows[2]))


def test_without_days_nothing_is_carried():
    X, y, X_check, y_check = dated()
    rows = (X[:, 1:], y, X_check[:, 1:], y_check)
    made = fit_fold("boosting", {"trend": True, "trees": 9}, terms(n_native=0), rows, seed=0, slice_s=60)
    plain = fit_fold("boosting", {"trees": 9}, terms(n_native=0), rows, seed=0, slice_s=60)
    assert np.array_equal(made.predicted, plain.predicted)


def test_the_steps_of_a_network_become_shorter():
    """scikit-learn's optimizer takes the length from an attribute of its own: it still has to."""
    X, y, X_check, y_check = rows()
    lengths = []
    for rounds in (1, 30, 60, 80, 90):
        found = fit_fold("network", {}, terms(), (X, y, X_check, y_check), seed=0, slice_s=60, rounds=rounds)
        lengths.append(found.member.model.model._optimizer.learning_rate)
    assert lengths[1] > 2 * lengths[2] > 20 * lengths[3] > 0
    assert lengths[4] == pytest.approx(lengths[3], rel=0.1)


def test_short_steps_in_the_end_come_nearer(monkeypatch):
    random = np.random.default_rng(0)
    X = random.normal(size=(4_500, 4)).astype(np.float32)
    y = np.sin(2 * X[:, 0]) * X[:, 1] + 0.1 * random.normal(size=len(X))
    data = (X[:3_000], y[:3_000], X[3_000:], y[3_000:])
    shorter = rmse(fit_fold("network", {}, terms(n_native=0), data, seed=0, slice_s=60), data[3])
    monkeypatch.setattr(network, "_LEAST", 1.0)
    alike = rmse(fit_fold("network", {}, terms(n_native=0), data, seed=0, slice_s=60), data[3])
    assert shorter < 0.95 * alike


def test_a_network_without_time_to_learn_leaves_it_to_others(monkeypatch):
    """A quarter of its passes would teach it little: after the first one it is seen."""
    clock = iter(range(10**6))
    monkeypatch.setattr(network, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    X, y, X_check, y_check = rows()
    known = {"X": np.nan_to_num(X), "y": y, "X_check": np.nan_to_num(X_check), "y_check": y_check}
    for deadline, is_vain in ((20.0, True), (10.0**9, False)):
        with patch.object(network, "is_over", lambda _: False):
            grown = network.fit_network(Given(n_classes=0, settings={}, seed=0, deadline=deadline, **known))
        assert grown.was_cut == is_vain
        assert (grown.rounds == 1) == is_vain


@pytest.mark.parametrize(("layers", "sizes"), [(1, (12,)), (2, (12, 6)), (4, (12, 12, 12, 6))])
def test_a_network_has_the_layers_asked_for(layers, sizes):
    found = fit_fold(
        "network", {"width": 12, "layers": layers}, terms(3), rows(3), seed=0, slice_s=60, rounds=2
    )
    assert found.member.model.hidden_layer_sizes == sizes


@pytest.mark.parametrize("n_classes", [0, 2, 3])
def test_trees_added_up_a_few_at_a_time_say_what_lightgbm_says(n_classes, monkeypatch):
    monkeypatch.setattr(boosting, "_TREES_AT_ONCE", 7)
    model = fitted("lightgbm", n_classes, {"trees": 25}, rounds=25).member.model
    X = rows(n_classes)[2]
    said = model.predict_proba(X) if n_classes else model.predict(X)
    whole = model.booster.predict(X)
    assert said == pytest.approx(np.column_stack([1 - whole, whole]) if n_classes == 2 else whole, rel=1e-12)
    model.keep(5)
    kept = model.predict_proba(X)[:, -1] if n_classes else model.predict(X)
    fifth = model.booster.predict(X, num_iteration=5)
    assert kept == pytest.approx(fifth[:, -1] if n_classes == 3 else fifth, rel=1e-12)
