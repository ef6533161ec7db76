"""The learners of one question: out-of-fold scores, failures in words, budgets, files that open again."""

import dataclasses
import hashlib
import json

import numpy as np
import pytest
from sklearn.naive_bayes import GaussianNB

from beanft.engine.learning import estimators, evaluate, files, learners
from beanft.engine.learning.learners import LEARNERS
from engine.learning.conftest import noise


def test_every_run_is_plain_json_with_its_scores_and_its_file(flower_models):
    json.dumps(flower_models.result, allow_nan=False)
    for run in flower_models.listener.runs:
        json.dumps(run, allow_nan=False)
        assert run["state"] == "ready"
        assert len(run["scores"]) == 5
        assert run["mean"] == pytest.approx(np.mean(run["scores"]))
        content = (flower_models.folder / run["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == run["sha256"]
    assert not list(flower_models.folder.glob("*.part"))


def test_progress_rises_to_its_end_and_names_learner_and_fold(flower_models):
    shares = [share for share, _ in flower_models.listener.calls]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert "Support vectors, fold 3 of 5" in [message for _, message in flower_models.listener.calls]


def test_the_preparation_never_sees_the_rows_it_is_tested_on(trained, monkeypatch):
    seen = []
    original = evaluate.Preparation.fit_transform

    def spy(self, X, y, **more):
        seen.append(set(X.index))
        return original(self, X, y, **more)

    monkeypatch.setattr(evaluate.Preparation, "fit_transform", spy)
    outcome = trained(noise(0, 200), "label")
    content = files.load(outcome.folder / "naive_bayes.joblib", outcome.listener.run("naive_bayes")["sha256"])
    hold_out = set(content["holdout"].tolist())
    assert len(hold_out) == 40
    assert sorted(map(len, seen)) == [128] * 5 + [160]
    assert all(not rows & hold_out for rows in seen)


def test_a_failing_learner_keeps_one_sentence_and_the_others_go_on(trained, monkeypatch):
    class Broken(GaussianNB):
        def fit(self, X, y):
            raise ValueError("shapes (3,) and (4,) not aligned")

    monkeypatch.setattr(estimators, "GaussianNB", Broken)
    outcome = trained(noise(0, 100), "label", learners=["naive_bayes", "logistic"])
    failed = outcome.listener.run("naive_bayes")
    assert failed["state"] == "failed"
    assert failed["error"].startswith("Naive Bayes could not be fitted on this table")
    assert "aligned" not in failed["error"]
    assert failed["file"] is None
    assert outcome.listener.run("logistic")["state"] == "ready"


def test_a_spent_budget_leaves_the_baseline_and_says_what_was_not_started(trained):
    outcome = trained(noise(0, 100), "label", learners=["logistic", "boosting"], budget_s=0)
    assert outcome.listener.run("baseline")["state"] == "ready"
    for key in ("logistic", "boosting"):
        assert outcome.listener.run(key)["state"] == "cancelled"
        assert outcome.listener.run(key)["error"] == (
            "Not started: the time budget of 0 s was spent. Raise the budget to include it."
        )
    assert outcome.result["verdict"]["code"] == "baseline_only"


def test_what_an_earlier_attempt_recorded_is_skipped(trained):
    outcome = trained(
        noise(0, 100), "label", learners=["logistic", "naive_bayes"], done=["baseline", "logistic"]
    )
    assert [run["learner"] for run in outcome.listener.runs] == ["naive_bayes"]
    assert outcome.listener.run("naive_bayes")["better"] is not None


def test_slow_learners_are_fitted_on_a_sample_and_say_so(trained, monkeypatch):
    small = dataclasses.replace(learners.LEARNER["neighbours"], max_rows=50)
    replaced = tuple(small if one.key == "neighbours" else one for one in LEARNERS)
    monkeypatch.setattr(learners, "LEARNERS", replaced)
    outcome = trained(noise(0, 120), "label", learners=["neighbours"])
    assert outcome.listener.run("neighbours")["notes"] == [
        "Fitted on a sample of at most 50 rows, because it is slow on more."
    ]


def test_the_metric_can_be_chosen(trained):
    outcome = trained(noise(0, 60), "label", metric="log_loss")
    run = outcome.listener.run("naive_bayes")
    assert run["metric"] == "log_loss"
    assert run["mean"] == run["metrics"]["log_loss"]["mean"]


def test_the_confusion_counts_the_hold_out(flower_models):
    report = flower_models.listener.run("logistic")["report"]
    counts = np.array(report["confusion"]["counts"])
    assert counts.sum() == report["holdout"]["n_rows"] == 30
    assert counts.sum(axis=1).tolist() == [10, 10, 10]
    assert report["confusion"]["labels"] == ["setosa", "versicolor", "virginica"]
    score = report["holdout"]["metrics"]["accuracy"]
    assert score["value"] == pytest.approx(np.trace(counts) / 30)
    assert score["low"] <= score["value"] <= score["high"]


def test_importance_is_told_for_the_original_columns(flower_models):
    facts = flower_models.listener.run("random_forest")["report"]["importance"]
    names = [column["name"] for column in facts["columns"]]
    assert set(names) == {
        column["name"] for column in flower_models.listener.run("baseline")["schema"]["columns"]
    }
    assert set(names[:2]) == {"petal length", "petal width"}
    assert facts["repeats"] == 5
