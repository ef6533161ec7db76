"""Training: honest scores, failures in words, budgets, seeds, and files that can be opened again."""

import dataclasses
import hashlib
import json

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from sklearn.naive_bayes import GaussianNB

from beanft.engine.errors import EngineError
from beanft.engine.learning import estimators, files, learners, train
from beanft.engine.learning.learners import LEARNERS, learners_for
from beanft.engine.learning.verdict import judge


def noise(seed: int, n_rows: int = 320) -> pd.DataFrame:
    """Eight columns that know nothing of the label, one of them with a level for nearly every row."""
    random = np.random.default_rng(seed)
    table = pd.DataFrame(random.normal(size=(n_rows, 6)), columns=list("abcdef"))
    table["colour"] = random.choice(["red", "green", "blue"], n_rows)
    table["code"] = [f"c{n}" for n in random.integers(0, n_rows, n_rows)]
    table["label"] = random.choice(["yes", "no"], n_rows)
    return table


@pytest.fixture
def quick_trees(monkeypatch):
    monkeypatch.setattr(estimators, "_TREES", 15)


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


def test_the_baseline_comes_first_and_is_beaten_on_flowers(flower_models):
    assert flower_models.listener.runs[0]["learner"] == "baseline"
    assert flower_models.listener.runs[0]["title"] == "Baseline (always guesses the most frequent class)"
    assert flower_models.result["verdict"]["code"] == "better"
    assert flower_models.listener.run("logistic")["better"]["better"] is True
    assert flower_models.listener.run("logistic")["mean"] > 0.85


def test_the_identifier_is_left_out_with_a_note(flower_models):
    assert any(
        note.startswith("“sample” only tells the rows apart") for note in flower_models.result["notes"]
    )
    assert "sample" not in [
        column["name"] for column in flower_models.listener.run("baseline")["schema"]["columns"]
    ]


def test_progress_rises_to_its_end_and_names_learner_and_fold(flower_models):
    shares = [share for share, _ in flower_models.listener.calls]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert "Support vectors, fold 3 of 5" in [message for _, message in flower_models.listener.calls]


def test_the_verdict_can_be_given_again_from_stored_facts(flower_models):
    stored = json.loads(json.dumps(flower_models.listener.runs))
    assert judge(stored).facts() == flower_models.result["verdict"]


@pytest.mark.parametrize("seed", range(3))
def test_random_labels_are_called_guessing_by_every_learner(trained, quick_trees, seed):
    every = [learner.key for learner in learners_for("classification")]
    outcome = trained(noise(seed), "label", learners=every, seed=seed, kinds={"code": "category"})
    assert outcome.result["verdict"]["code"] == "guessing"
    assert not any(outcome.result["verdict"]["better"].values())
    assert {run["learner"] for run in outcome.listener.runs} == set(every)
    for run in outcome.listener.runs:
        assert abs(run["mean"] - 0.5) < 0.15


def test_random_numbers_are_called_guessing_by_every_learner(trained, quick_trees):
    table = noise(5).drop(columns="label")
    every = [learner.key for learner in learners_for("regression")]
    outcome = trained(table, "a", learners=every, task="regression")
    assert outcome.result["verdict"]["code"] == "guessing"


def test_a_level_for_nearly_every_row_does_not_leak_the_label(trained):
    """With the encoding fitted before the split, the code alone would tell most labels."""
    table = noise(1, 600)[["code", "label"]]
    outcome = trained(table, "label", learners=["logistic", "boosting"], kinds={"code": "category"})
    assert abs(outcome.listener.run("logistic")["mean"] - 0.5) < 0.1
    assert abs(outcome.listener.run("boosting")["mean"] - 0.5) < 0.1
    assert outcome.listener.run("boosting")["report"]["holdout"]["metrics"]["roc_auc"]["low"] < 0.5


def test_the_preparation_never_sees_the_rows_it_is_tested_on(trained, monkeypatch):
    seen = []
    original = train.evaluate.Preparation.fit_transform

    def spy(self, X, y, **more):
        seen.append(set(X.index))
        return original(self, X, y, **more)

    monkeypatch.setattr(train.evaluate.Preparation, "fit_transform", spy)
    outcome = trained(noise(0, 200), "label")
    content = files.load(outcome.folder / "naive_bayes.joblib", outcome.listener.run("naive_bayes")["sha256"])
    hold_out = set(content["holdout"].tolist())
    assert len(hold_out) == 40
    assert sorted(map(len, seen)) == [128] * 5 + [160]
    assert all(not rows & hold_out for rows in seen)


def test_all_regression_learners_beat_the_mean_on_diabetes(trained, quick_trees):
    table = load_diabetes(as_frame=True).frame
    every = [learner.key for learner in learners_for("regression")]
    outcome = trained(table, "target", task="regression", learners=every, kinds={"sex": "category"})
    assert [run["state"] for run in outcome.listener.runs] == ["ready"] * len(every)
    assert all(outcome.result["verdict"]["better"].values())
    report = outcome.listener.run("ridge")["report"]
    assert report["importance"]["columns"][0]["name"] in ("s5", "bmi", "s1")
    assert report["points"]["n"] == report["points"]["of"] == 88
    assert report["residuals"]["0.05"] < 0 < report["residuals"]["0.95"]


def test_all_classifiers_run_on_two_and_on_three_classes(trained, quick_trees):
    every = [learner.key for learner in learners_for("classification")]
    for source in (load_breast_cancer, load_wine):
        loaded = source(as_frame=True)
        table = loaded.data.iloc[:, :6].assign(kind=loaded.target_names[loaded.target])
        outcome = trained(table, "kind", learners=every)
        assert [run["error"] for run in outcome.listener.runs] == [None] * len(every)
        assert all(outcome.result["verdict"]["better"].values())


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


def test_the_same_seed_gives_the_same_scores(trained, quick_trees):
    choices = {"learners": ["extra_trees", "support_vectors"], "seed": 4}
    first, second = (trained(noise(0, 120), "label", **choices) for _ in range(2))
    other = trained(noise(0, 120), "label", **(choices | {"seed": 5}))
    for one, two in zip(first.listener.runs, second.listener.runs, strict=True):
        assert one | {"seconds": 0} == two | {"seconds": 0}
    assert first.result["split"] == second.result["split"]
    assert first.result["split"]["hash"] != other.result["split"]["hash"]


def test_slow_learners_are_fitted_on_a_sample_and_say_so(trained, monkeypatch):
    small = dataclasses.replace(learners.LEARNER["neighbours"], max_rows=50)
    replaced = tuple(small if one.key == "neighbours" else one for one in LEARNERS)
    monkeypatch.setattr(learners, "LEARNERS", replaced)
    outcome = trained(noise(0, 120), "label", learners=["neighbours"])
    assert outcome.listener.run("neighbours")["notes"] == [
        "Fitted on a sample of at most 50 rows, because it is slow on more."
    ]


def test_large_tables_are_sampled_and_say_so(trained):
    outcome = trained(noise(0, 300), "label", max_rows=120)
    assert outcome.result["notes"][0].startswith("Trained on 120 of 300 rows")
    assert outcome.result["n_rows"] == 120


def test_one_feature_is_enough_and_none_is_refused(trained):
    table = noise(0, 60)
    assert trained(table[["a", "label"]], "label").listener.run("naive_bayes")["state"] == "ready"
    with pytest.raises(EngineError, match="No column is left to learn from"):
        trained(table.assign(one="x")[["one", "label"]], "label")


def test_a_column_without_values_is_dropped_with_a_note(trained):
    outcome = trained(noise(0, 60).assign(empty=None), "label")
    assert "“empty” has no values and was left out." in outcome.result["notes"]


def test_a_small_table_is_cut_three_times(trained):
    outcome = trained(noise(0, 40), "label")
    assert len(outcome.listener.run("naive_bayes")["scores"]) == 9


def test_the_metric_can_be_chosen(trained):
    outcome = trained(noise(0, 60), "label", metric="log_loss")
    run = outcome.listener.run("naive_bayes")
    assert run["metric"] == "log_loss"
    assert run["mean"] == run["metrics"]["log_loss"]["mean"]


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"metric": "rmse"}, "no metric “rmse” for classification"),
        ({"learners": ["lasso"]}, "no learner “lasso” for classification"),
        ({"features": ["a", "zebra"]}, "no column “zebra”"),
        ({"table_sha256": "0" * 64}, "damaged"),
    ],
)
def test_wrong_choices_are_refused(trained, choice, message):
    with pytest.raises(EngineError, match=message):
        trained(noise(0, 60), "label", **choice)


def test_extreme_numbers_do_not_stop_the_learners(trained, quick_trees):
    table = noise(0, 100)
    table.loc[3, "a"] = 1e300
    table.loc[4, "b"] = -1e40
    every = [learner.key for learner in learners_for("classification")]
    outcome = trained(table, "label", learners=every)
    assert [run["error"] for run in outcome.listener.runs] == [None] * len(every)


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
