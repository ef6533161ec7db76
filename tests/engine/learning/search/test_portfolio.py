"""What is tried and in which order."""

from dataclasses import replace

import pytest

from beanft.engine.learning.learners import LEARNER, learners_for
from beanft.engine.learning.search.portfolio import Candidate, portfolio, variation


def listed(task="classification", learners=None, own=None, **more):
    keys = [one.key for one in learners_for(task)] if learners is None else learners
    told = {"metric": "roc_auc", "n_rows": 1000, "n_classes": 2, "skew": 0.0, "least": 0.0} | more
    return portfolio(task, keys, own or {}, **told)


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_every_learner_asked_for_is_tried_the_baseline_first(task):
    found = listed(task, n_classes=2 if task == "classification" else 0)
    assert found[0].learner == "baseline"
    assert {one.learner for one in found} == {one.key for one in learners_for(task)}
    keys = [one.key for one in found]
    assert len(keys) == len(set(keys))
    for one in found:
        known = {setting.key for setting in LEARNER[one.learner].settings}
        assert set(one.settings) <= known | {"extra", "log", "loss", "trend"}


def test_own_settings_are_tried_alone_and_first():
    found = listed(own={"boosting": {"leaves": 7}})
    assert [one.settings for one in found if one.learner == "boosting"] == [{"leaves": 7}]
    assert found[1].learner == "boosting"


def test_only_what_was_asked_for_is_tried():
    assert {one.learner for one in listed(learners=["naive_bayes"])} == {"baseline", "naive_bayes"}


@pytest.mark.parametrize(
    ("skew", "least", "expected"), [(3.0, 0.0, True), (3.0, -1.0, False), (0.2, 0.0, False)]
)
def test_a_long_tail_brings_logarithms(skew, least, expected):
    found = listed("regression", metric="rmse", n_classes=0, skew=skew, least=least)
    assert any(one.settings.get("log") for one in found) is expected


def test_rows_cut_by_time_bring_trees_beside_a_trend_each_after_its_like():
    found = listed("regression", metric="rmse", n_classes=0, by_time=True)
    places = [i for i, one in enumerate(found) if "trend" in one.settings]
    assert [(found[i].learner, found[i].settings["trend"]) for i in places] == [
        ("ridge", False),
        ("boosting", True),
        ("boosting", True),
        ("lightgbm", True),
    ]
    for i in places:
        assert found[i].settings == found[i - 1].settings | {"trend": found[i].settings["trend"]}
    varied = [variation(n, [found[places[1]]], found, seed=0).settings for n in range(9)]
    assert all(settings["trend"] for settings in varied)


def test_classes_by_time_bring_a_line_without_a_trend_and_rows_by_chance_bring_none():
    tried = [(one.learner, one.settings) for one in listed(by_time=True) if "trend" in one.settings]
    assert tried == [("logistic", {"trend": False})]
    assert not any("trend" in one.settings for one in listed("regression", metric="rmse", n_classes=0))


def test_an_absolute_error_asks_for_medians():
    found = listed("regression", metric="mae", n_classes=0)
    assert all(one.settings["loss"] == "absolute_error" for one in found if one.learner == "boosting")


@pytest.mark.parametrize(("n_rows", "leaves"), [(99_999, 31), (100_000, 127)])
def test_many_rows_get_large_trees_early(n_rows, leaves):
    trees = [one for one in listed(n_rows=n_rows) if one.learner in ("boosting", "lightgbm")]
    assert trees[0].settings["leaves"] == 31
    first = next(one for one in trees if one.learner == "lightgbm")
    assert first.settings["leaves"] == leaves
    assert listed(n_rows=n_rows, learners=["naive_bayes"])[-1].learner == "naive_bayes"


def test_many_classes_begin_with_what_does_not_grow_a_tree_for_each():
    found = listed(n_classes=26)
    assert [one.learner for one in found[1:5]] == ["network", "network", "lightgbm", "extra_trees"]
    assert found[3].settings["learning_rate"] == 0.1
    assert len({(one.learner, str(one.settings)) for one in found}) == len(found)


def test_variations_are_the_same_for_the_same_seed_and_stay_within_bounds():
    ranked = [
        Candidate(key="lightgbm", learner="lightgbm", settings={"leaves": 31, "log": True}),
        Candidate(key="network", learner="network", settings={}),
    ]
    for number in range(30):
        made = variation(number, ranked, ranked, seed=3)
        assert made == variation(number, ranked, ranked, seed=3)
        for setting in LEARNER[made.learner].settings:
            if setting.key in made.settings:
                setting.check(made.settings[setting.key], "")
        if made.learner == "lightgbm":
            assert made.settings["log"] is True
    assert variation(0, [], [], seed=0) is None


def test_a_variation_is_named_after_those_before():
    ranked = [Candidate(key="boosting", learner="boosting", settings={})]
    tried = [replace(ranked[0], key=f"boosting-{i}") for i in range(1, 5)]
    assert variation(0, ranked, tried, seed=0).key == "boosting-5"
