"""The page that puts models side by side."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from beanft import storage
from beanft.extensions import db
from beanft.models import Dataset, Experiment, Run, TrainedModel, User, Version
from factories import make_job
from train.shown_models import model_ids, ready, sales
from train.stage import JSON

HOSTILE = "<script>window.__pwned=1</script>\"'{{7*7}}"


class Stage:
    """Alice's dataset with two experiments on one column and one on another."""

    def __init__(self, app: Flask, alice: User) -> None:
        with app.app_context():
            dataset = sales(alice)
            noise = {"boosting": 0.5, "logistic": 0.9, "naive_bayes": 0.5001}
            self.experiment = ready(alice, dataset, noise, opened=("boosting",)).id
            other = ready(alice, dataset, {"extra_trees": 0.6}, seed=1, features=["size"])
            prices = ready(alice, dataset, {"ridge": 0.5, "linear": 0.9}, task="regression")
            self.dataset = dataset.id
            self.paid = model_ids(db.session.get_one(Experiment, self.experiment))
            self.other, self.prices = model_ids(other), model_ids(prices)

    def address(self, *models: object, **more: str) -> str:
        args = [f"models={model}" for model in models] + [f"{key}={text}" for key, text in more.items()]
        return f"/datasets/{self.dataset}/compare-models?{'&'.join(args)}"


@pytest.fixture
def stage(app: Flask, alice: User) -> Stage:
    return Stage(app, alice)


def test_the_list_shows_experiments_with_their_models(as_alice: FlaskClient, stage: Stage) -> None:
    page = as_alice.get(stage.address())
    assert page.status_code == 200
    assert page.text.count('type="checkbox"') == 6
    assert "Predicting price" in page.text
    assert "checked" not in page.text


def test_a_dataset_without_experiments_says_what_to_do(
    app: Flask, as_alice: FlaskClient, alice: User
) -> None:
    with app.app_context():
        number = sales(alice).id
    page = as_alice.get(f"/datasets/{number}/compare-models")
    assert "No experiment yet" in page.text


def test_models_stand_side_by_side(as_alice: FlaskClient, stage: Stage) -> None:
    page = as_alice.get(stage.address(*stage.paid, *stage.other))
    assert page.status_code == 200
    for words in (
        "“Boosting” is better than “Logistic”: ROC AUC by",
        "They were tested on different rows, because the rows were cut differently",
        "Tested on rows of its own: “Extra_trees”.",
        "not opened for it",
        "Without these, which another one has",
        "“town”, “day”",
        "/compare-models/figures/roc?models=",
    ):
        assert words in page.text
    assert page.text.count(" checked") == 4


def test_the_comparison_as_facts(as_alice: FlaskClient, stage: Stage) -> None:
    facts = as_alice.get(stage.address(*stage.paid[:2]), headers=JSON).get_json()
    assert facts["models"] == stage.paid[:2]
    assert facts["metric"] == "roc_auc"
    assert facts["headline"] == "“Boosting” is the best of these two by ROC AUC."
    (pair,) = facts["pairs"]
    assert pair["told_apart"] is True
    assert 0 < pair["difference"]["low"] < pair["difference"]["value"] < pair["difference"]["high"]
    assert facts["unseen"][0]["n_rows"] == 160
    assert facts["locked"][0]["n_rows"] == 40
    assert facts["locked"][1] is None
    lines = {line["title"]: line["cells"] for line in facts["lines"]}
    assert lines["Depth"] == ["3", "4"]
    assert lines["Size of its file"] == ["1.0 kB", "1.0 kB"]


def test_models_that_cannot_be_told_apart_are_a_tie(as_alice: FlaskClient, stage: Stage) -> None:
    facts = as_alice.get(stage.address(stage.paid[0], stage.paid[2]), headers=JSON).get_json()
    assert facts["headline"] == "“Boosting” and “Naive_bayes” cannot be told apart by ROC AUC."


def test_another_score_can_be_chosen(as_alice: FlaskClient, stage: Stage) -> None:
    facts = as_alice.get(stage.address(*stage.prices, metric="mae"), headers=JSON).get_json()
    assert facts["metric"] == "mae"
    assert "Mean absolute error" in facts["pairs"][0]["sentence"]


def test_what_cannot_be_compared_is_refused_in_words(as_alice: FlaskClient, stage: Stage) -> None:
    # One test for all: each would have to make the models anew.
    first, gone = stage.paid[0], "Some of the models asked for are not there any more"
    refused = [
        (stage.address(first, first), "Tick 2 to 6 models: only 1 is ticked."),
        (stage.address(*range(1, 8)), "Tick 2 to 6 models: 7 are ticked."),
        (
            stage.address(first, stage.prices[0]),
            "These models predict different columns: “paid” and “price”.",
        ),
        (stage.address(first, 999), gone),
        (stage.address(first, "%C2%B2%00x"), gone),
        (stage.address(first, "9" * 40), gone),
        (stage.address(*stage.paid, metric="rmse"), "These models cannot be compared by that score."),
    ]
    for address, sentence in refused:
        page = as_alice.get(address)
        assert page.status_code == 422, address
        assert sentence in page.text, address
        assert as_alice.get(address, headers=JSON).get_json()["error"].startswith(sentence), address


def test_the_models_of_others_are_as_if_they_were_not_there(
    app: Flask, as_charlie: FlaskClient, charlie: User, stage: Stage
) -> None:
    with app.app_context():
        own = sales(charlie)
        mine, number = model_ids(ready(charlie, own, {"boosting": 0.5})), own.id
    for model in (stage.paid[0], 999):
        page = as_charlie.get(f"/datasets/{number}/compare-models?models={mine[0]}&models={model}")
        assert page.status_code == 422
        assert "Some of the models asked for are not there" in page.text


def test_the_dataset_of_somebody_else_is_not_found(as_charlie: FlaskClient, stage: Stage) -> None:
    assert as_charlie.get(stage.address(*stage.paid)).status_code == 404
    figure = f"/datasets/{stage.dataset}/compare-models/figures/roc?models=1&models=2"
    assert as_charlie.get(figure).status_code == 404


def test_curves_stand_over_each_other(as_alice: FlaskClient, stage: Stage) -> None:
    for name, models in (("roc", stage.paid), ("calibration", stage.paid), ("errors", stage.prices)):
        lines = [
            one["name"]
            for one in as_alice.get(_figure(stage, name, models)).get_json()["series"]
            if one["type"] == "line"
        ]
        assert lines == (["Ridge", "Linear"] if name == "errors" else ["Boosting", "Logistic", "Naive_bayes"])
    assert as_alice.get(_figure(stage, "truth", stage.prices)).status_code == 200
    for name, models in (("errors", stage.paid), ("x", stage.paid), ("roc", stage.prices)):
        assert as_alice.get(_figure(stage, name, models)).status_code == 404, name
    assert as_alice.get(_figure(stage, "roc", stage.paid[:1])).status_code == 422


def _figure(stage: Stage, name: str, models: list[int]) -> str:
    return stage.address(*models).replace("compare-models?", f"compare-models/figures/{name}?")


def test_a_model_without_evidence_stands_in_the_table_only(
    app: Flask, as_alice: FlaskClient, stage: Stage
) -> None:
    with app.app_context():
        run = db.session.get_one(TrainedModel, stage.paid[1]).run
        (storage.folder(run.experiment.key) / f"{run.key}.oof.npy").unlink()
    page = as_alice.get(stage.address(*stage.paid[:2]))
    assert page.status_code == 200
    assert "“Logistic” stands only in the table below" in page.text
    assert "(mean and spread of the folds)" in page.text
    assert as_alice.get(_figure(stage, "roc", stage.paid[:2])).status_code == 200


def test_experiments_without_any_evidence_still_show_their_settings(
    app: Flask, as_alice: FlaskClient, stage: Stage
) -> None:
    with app.app_context():
        experiment = db.session.get_one(Experiment, stage.experiment)
        storage.remove(experiment.key)
        experiment.result_json = None
        db.session.commit()
    page = as_alice.get(stage.address(*stage.paid))
    assert page.status_code == 200
    assert "None of these models left what a comparison needs." in page.text
    assert "data-figure" not in page.text


def test_models_of_two_versions_stand_side_by_side(
    app: Flask, as_alice: FlaskClient, alice: User, stage: Stage
) -> None:
    with app.app_context():
        newer = _second_version(db.session.get_one(Dataset, stage.dataset), alice)
        later = model_ids(ready(alice, newer, {"boosting": 0.4}))
    facts = as_alice.get(stage.address(stage.paid[0], later[0]), headers=JSON).get_json()
    assert "one on version 2 of the table, the other on version 1" in facts["pairs"][0]["sentence"]
    assert "No two of these models were tested on the same rows" in facts["headline"]
    names = [line["cells"] for line in facts["lines"] if line["title"] == "Version of the data"]
    assert names == [["1 (200 rows)", "2 (200 rows)"]]


def _second_version(dataset: Dataset, owner: User) -> Dataset:
    """The same table once more as another version."""
    first = dataset.versions[0]
    names = ("original_name", "original_bytes", "original_sha256", "n_rows", "n_columns", "profile_json")
    values: dict[str, Any] = {name: getattr(first, name) for name in names}
    version = Version(number=2, key=storage.new_key(), job=make_job(owner), parquet_sha256="f" * 64, **values)
    dataset.versions.append(version)
    db.session.commit()
    return dataset


def test_hostile_names_are_only_names(app: Flask, as_alice: FlaskClient, stage: Stage) -> None:
    with app.app_context():
        experiment = db.session.get_one(Experiment, stage.experiment)
        experiment.features = [HOSTILE, "size"]
        for run in experiment.runs:
            run.title = HOSTILE
            run.facts = run.facts | {"settings": {HOSTILE: HOSTILE, "deep": {"a": [HOSTILE, None]}}}
        db.session.commit()
    page = as_alice.get(stage.address(*stage.paid, *stage.other))
    assert page.status_code == 200
    assert "<script>window" not in page.text
    assert "&lt;script&gt;window.__pwned=1" in page.text
    assert as_alice.get(_figure(stage, "roc", stage.paid)).is_json


def test_models_of_the_same_name_are_told_apart(app: Flask, as_alice: FlaskClient, stage: Stage) -> None:
    with app.app_context():
        for run in db.session.query(Run):
            run.title = "Trees"
        db.session.commit()
    facts = as_alice.get(stage.address(*stage.paid[:2], *stage.other), headers=JSON).get_json()
    said = " ".join(pair["sentence"] for pair in facts["pairs"])
    for name in (
        f"“Trees (experiment {stage.experiment}) boosting”",
        f"(experiment {stage.experiment}) logistic",
    ):
        assert name in said


def test_settings_are_plain_words(app: Flask, as_alice: FlaskClient, stage: Stage) -> None:
    with app.app_context():
        first, second, _ = db.session.get_one(Experiment, stage.experiment).runs
        first.title, second.title = "Logistic regression", "Gradient boosting 2"
        weights = {second.key: 0.43333333333333335, first.key: 0.5666666666666667}
        first.facts = first.facts | {"settings": {"weights": weights, "calibration": None}}
        second.facts = second.facts | {"settings": {"layers": [64, 32], "leaf_rows": 5, "log": True}}
        db.session.commit()
    facts = as_alice.get(stage.address(*stage.paid[:2]), headers=JSON).get_json()
    lines = {line["title"]: line["cells"] for line in facts["lines"]}
    assert lines["Weights"][0] == "56.7 % Logistic regression, 43.3 % Gradient boosting 2"
    assert lines["Calibration"] == ["not calibrated", "–"]
    assert "{" not in str(lines["Weights"])
    assert lines["Layers"][1] == "64, 32"


def test_old_settings_are_one_text(app: Flask, as_alice: FlaskClient, stage: Stage) -> None:
    with app.app_context():
        for run in db.session.query(Run):
            run.facts = run.facts | {"settings": f"Estimator({run.key})"}
            run.facts = {
                key: value for key, value in run.facts.items() if key not in ("interval", "memory_mb")
            }
        db.session.commit()
    page = as_alice.get(stage.address(*stage.paid))
    assert "Estimator(boosting)" in page.text
