"""Training: honest scores and verdicts, seeds, and choices that are refused."""

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine

from beanft.engine.errors import EngineError
from beanft.engine.learning.learners import learners_for
from engine.learning.conftest import noise, train_frame

pytestmark = pytest.mark.slow


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


def test_random_labels_are_called_guessing_by_every_learner(trained, one_each):
    every = [learner.key for learner in learners_for("classification")]
    outcome = trained(noise(0), "label", learners=every, kinds={"code": "category"})
    assert outcome.result["verdict"]["code"] in ("guessing", "unconfirmed")
    assert {run["learner"] for run in outcome.listener.runs} - {"ensemble"} == set(every)
    for run in outcome.listener.runs:
        assert abs(run["mean"] - 0.5) < 0.15


def test_random_numbers_are_called_guessing_by_every_learner(trained, one_each):
    table = noise(5).drop(columns="label")
    every = [learner.key for learner in learners_for("regression")]
    outcome = trained(table, "a", learners=every, task="regression")
    assert outcome.result["verdict"]["code"] in ("guessing", "unconfirmed")


def test_labels_by_chance_are_hardly_ever_called_more(tmp_path):
    """With every learner and 100 seeds: `make bench ARGS="honesty"`."""
    codes = []
    for seed in range(8):
        (tmp_path / str(seed)).mkdir()
        table = noise(seed, 150).drop(columns="code")
        learners = ["logistic", "naive_bayes", "lightgbm"]
        outcome = train_frame(table, tmp_path / str(seed), "label", learners=learners, seed=seed)
        codes.append(outcome.result["verdict"]["code"])
    assert codes.count("better") == 0, codes
    assert set(codes) <= {"guessing", "unconfirmed"}


def test_a_level_for_nearly_every_row_does_not_leak_the_label(trained):
    """With the encoding fitted before the split, the code alone would tell most labels."""
    table = noise(1, 600)[["code", "label"]]
    outcome = trained(table, "label", learners=["logistic", "boosting"], kinds={"code": "category"})
    assert abs(outcome.listener.run("logistic")["mean"] - 0.5) < 0.1
    assert abs(outcome.listener.run("boosting")["mean"] - 0.5) < 0.1
    final = outcome.listener.run(outcome.result["final"])
    assert final["report"]["holdout"]["metrics"]["roc_auc"]["low"] < 0.5


def test_all_regression_learners_beat_the_mean_on_diabetes(trained, one_each):
    table = load_diabetes(as_frame=True).frame
    every = [learner.key for learner in learners_for("regression")]
    outcome = trained(table, "target", task="regression", learners=every, kinds={"sex": "category"})
    assert {run["learner"] for run in outcome.listener.runs} - {"ensemble"} == set(every)
    assert {run["state"] for run in outcome.listener.runs} == {"ready"}
    assert all(outcome.result["verdict"]["better"].values())
    chosen = {key for key in (outcome.result["final"], outcome.result["simple"]) if key}
    assert {run["key"] for run in outcome.listener.runs if run["report"]} == chosen
    report = outcome.listener.run(outcome.result["final"])["report"]
    assert report["importance"]["columns"][0]["name"] in ("s5", "bmi", "s1")
    assert report["points"]["n"] == report["points"]["of"] == 354  # each row while it was unseen
    assert report["residuals"]["0.05"] < 0 < report["residuals"]["0.95"]


def test_all_classifiers_run_on_two_and_on_three_classes(trained, one_each):
    every = [learner.key for learner in learners_for("classification")]
    for source in (load_breast_cancer, load_wine):
        loaded = source(as_frame=True)
        table = (
            loaded.data.iloc[:, :6]
            .assign(kind=loaded.target_names[loaded.target])
            .sample(170, random_state=0)
        )
        outcome = trained(table, "kind", learners=every)
        assert {run["learner"] for run in outcome.listener.runs} >= set(every)
        assert {run["error"] for run in outcome.listener.runs} == {None}
        assert all(outcome.result["verdict"]["better"].values())


def test_the_same_seed_gives_the_same_scores(trained, one_each):
    choices = {"learners": ["extra_trees", "support_vectors"], "seed": 4}
    first, second = (trained(noise(0, 120), "label", **choices) for _ in range(2))
    other = trained(noise(0, 120), "label", **(choices | {"seed": 5}))
    for one, two in zip(first.listener.runs, second.listener.runs, strict=True):
        assert _lasting(one) == _lasting(two)
    assert first.result["split"] == second.result["split"]
    assert first.result["split"]["hash"] != other.result["split"]["hash"]


def _lasting(facts):
    """What does not depend on the machine and the moment."""
    passing = (
        "seconds",
        "row_s",
        "started_s",
        "ended_s",
        "memory_mb",
        "file",
        "sha256",
        "unseen_model",
        "report",
    )
    return {key: value for key, value in facts.items() if key not in passing}


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
    outcome = trained(noise(0, 40), "label", choices={})
    assert len(outcome.listener.run("naive_bayes")["scores"]) == 9


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


def test_extreme_numbers_do_not_stop_the_learners(trained, one_each):
    table = noise(0, 100)
    table.loc[3, "a"] = 1e300
    table.loc[4, "b"] = -1e40
    every = [learner.key for learner in learners_for("classification")]
    outcome = trained(table, "label", learners=every)
    assert {run["learner"] for run in outcome.listener.runs} >= set(every)
    assert {run["error"] for run in outcome.listener.runs} == {None}


def test_the_class_to_be_found_is_what_recall_is_about_and_repeated_rows_count_once(trained):
    table = noise(4, 200)
    table["label"] = np.where(table["a"] > 0.8, "ill", "well")
    table = pd.concat([table, table.iloc[:50]], ignore_index=True)
    chosen = {"validation": {"folds": 3}, "positive": "ill", "distinct": True}
    once = trained(table, "label", choices=chosen)
    assert once.result["labels"] == ["well", "ill"]
    assert once.result["n_rows"] == 200
    assert any(note.startswith("50 rows repeat another one") for note in once.result["notes"])
