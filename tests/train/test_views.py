"""The pages of training."""

from __future__ import annotations

import random

from flask import Flask
from flask.testing import FlaskClient

from beanft.extensions import db
from beanft.models import Dataset, Job, Run, TrainedModel, User
from factories import make_dataset, make_job, run_job
from train.stage import JSON, ask, make_run

HTMX = {"HX-Request": "true"}
ANSWERS = {"target": "species", "features": ["petal_length"], "learners": ["naive_bayes"]}


def _half_done(app: Flask, alice: User, iris: int, *, state: str) -> int:
    """An experiment of which the baseline and one learner are done and one has failed."""
    with app.app_context():
        learners = ["baseline", "naive_bayes", "logistic", "boosting", "neighbours"]
        experiment = ask(alice, db.session.get_one(Dataset, iris), learners=learners)
        experiment.runs = [
            make_run("baseline", [0.3, 0.33, 0.36], metric="balanced_accuracy"),
            make_run("naive_bayes", [0.9, 0.91, 0.92], metric="balanced_accuracy"),
            make_run(
                "logistic",
                [0.9, 0.9],
                state="failed",
                error="Logistic regression failed. Choose fewer columns.",
            ),
        ]
        experiment.runs[1].model = TrainedModel(
            owner_id=alice.id, file="x.joblib", sha256="0" * 64, schema_json={}, report_json={}
        )
        assert experiment.job is not None
        experiment.job.state = state
        experiment.job.lease_until = 4e9
        sentence = "Naive Bayes is better than guessing."
        verdict = {
            "code": "better",
            "sentence": sentence,
            "best": "naive_bayes",
            "better": {"naive_bayes": True},
        }
        experiment.result_json = {"verdict": verdict}
        db.session.commit()
        return experiment.id


# An experiment


def test_an_experiment_shows_verdict_leaderboard_and_method(as_alice: FlaskClient, trained: int) -> None:
    page = as_alice.get(f"/experiments/{trained}")
    assert page.status_code == 200
    assert f'data-object="experiment" data-id="{trained}" data-state="ready"' in page.text
    assert "Predicting species in iris" in page.text
    assert "a difference too large to be chance" in page.text
    assert 'data-name="leaderboard"' in page.text
    assert "this is guessing" in page.text
    assert "150 rows took part" in page.text
    assert "hx-get" not in page.text


def test_an_experiment_as_facts(as_alice: FlaskClient, trained: int) -> None:
    facts = as_alice.get(f"/experiments/{trained}", headers=JSON).get_json()
    assert (facts["id"], facts["state"], facts["target"], facts["task"]) == (
        trained, "ready", "species", "classification",
    )  # fmt: skip
    assert facts["verdict"]["code"] == "better"
    assert [run["learner"] for run in facts["runs"]][-1] == "baseline"
    assert all(run["model"] for run in facts["runs"])
    assert facts["split"]["n_holdout"] == 30


def test_a_running_experiment_updates_itself(
    app: Flask, as_alice: FlaskClient, alice: User, iris: int
) -> None:
    number = _half_done(app, alice, iris, state="running")
    page = as_alice.get(f"/experiments/{number}")
    assert 'hx-trigger="every 2s"' in page.text
    assert "So far: " in page.text
    fragment = as_alice.get(f"/experiments/{number}", headers=HTMX)
    assert "<html" not in fragment.text
    assert fragment.text.lstrip().startswith("<div")
    assert 'data-state="running"' in fragment.text
    assert "Stop now, keep the best so far" in fragment.text
    assert "Waits for its turn" in fragment.text


def test_a_failed_run_shows_its_sentence_and_the_others_stay(
    app: Flask, as_alice: FlaskClient, alice: User, iris: int
) -> None:
    page = as_alice.get(f"/experiments/{_half_done(app, alice, iris, state='ready')}")
    assert "Logistic regression failed. Choose fewer columns." in page.text
    assert "better than guessing" in page.text


def test_cancel_keeps_what_is_done(app: Flask, as_alice: FlaskClient, alice: User, iris: int) -> None:
    page = as_alice.get(f"/experiments/{_half_done(app, alice, iris, state='cancelled')}")
    assert "The training was cancelled. The 1 model that was ready is kept." in page.text
    assert "were not tried: " in page.text
    assert "hx-get" not in page.text


def test_a_failed_training_shows_why(app: Flask, as_alice: FlaskClient, alice: User, iris: int) -> None:
    with app.app_context():
        experiment = ask(alice, db.session.get_one(Dataset, iris))
        assert experiment.job is not None
        experiment.job.state, experiment.job.error = "failed", "The table is damaged."
        db.session.commit()
        number = experiment.id
    page = as_alice.get(f"/experiments/{number}")
    assert "The table is damaged. The training stopped early before any model was ready." in page.text


def test_random_labels_are_called_guessing(app: Flask, as_alice: FlaskClient, alice: User) -> None:
    draw = random.Random(3)
    rows = "\n".join(f"{draw.random():.4f},{draw.random():.4f},{draw.choice('ab')}" for _ in range(200))
    with app.app_context():
        table = make_dataset(alice, name="noise", csv=f"x,y,label\n{rows}\n")
        learners = ["baseline", "naive_bayes", "discriminant", "logistic", "neighbours"]
        experiment = ask(
            alice, table, target="label", features=["x", "y"], metric="roc_auc", learners=learners
        )
        assert experiment.job is not None
        assert run_job(experiment.job).state == "ready"
        number = experiment.id
    page = as_alice.get(f"/experiments/{number}")
    assert "No learner does better than guessing" in page.text
    facts = as_alice.get(f"/experiments/{number}", headers=JSON).get_json()
    assert facts["verdict"]["code"] == "guessing"
    standings = {run["standing"] for run in facts["runs"] if run["learner"] != "baseline"}
    assert standings <= {"within noise of guessing", "worse than guessing"}


# Lists


def test_lists_are_empty_with_a_next_step(as_alice: FlaskClient) -> None:
    for address in ("/experiments", "/models"):
        page = as_alice.get(address)
        assert page.status_code == 200
        assert "Go to your datasets" in page.text


def test_lists_name_what_there_is(as_alice: FlaskClient, trained: int) -> None:
    assert "Predicting species" in as_alice.get("/experiments").text
    models = as_alice.get("/models?page=nonsense")
    assert "Naive Bayes" in models.text
    facts = as_alice.get("/models", headers=JSON).get_json()
    assert facts["total"] == 3
    assert facts["items"][0]["metric"] == "balanced_accuracy"
    assert as_alice.get("/experiments", headers=JSON).get_json()["items"][0]["id"] == trained


def test_long_lists_have_pages(app: Flask, as_alice: FlaskClient, alice: User, iris: int) -> None:
    with app.app_context():
        for _ in range(27):
            ask(alice, db.session.get_one(Dataset, iris))
    assert "Page 2 of 2" in as_alice.get("/experiments?page=2").text
    assert as_alice.get("/experiments?page=1").text.count("Predicting species") == 25


# A model


def _model(app: Flask, learner: str) -> int:
    with app.app_context():
        query = db.session.query(TrainedModel).join(Run).filter(Run.learner == learner)
        return int(query.one().id)


# Deleting


def test_deleting_asks_first_and_then_deletes(app: Flask, as_alice: FlaskClient, trained: int) -> None:
    asked = as_alice.get(f"/experiments/{trained}/delete")
    assert asked.status_code == 200
    assert "its 3 models" in asked.text
    assert as_alice.post(f"/experiments/{trained}/delete").location == "/experiments"
    assert as_alice.get(f"/experiments/{trained}").status_code == 404


def test_a_running_experiment_is_not_deleted(
    app: Flask, as_alice: FlaskClient, alice: User, iris: int
) -> None:
    number = _half_done(app, alice, iris, state="running")
    assert "Cancel it" in as_alice.get(f"/experiments/{number}/delete").text
    answer = as_alice.post(f"/experiments/{number}/delete")
    assert answer.status_code == 409
    assert "Cancel it first" in answer.text
    assert as_alice.get(f"/experiments/{number}").status_code == 200


# Who may see what


def _addresses(app: Flask, iris: int, trained: int) -> list[str]:
    model = _model(app, "naive_bayes")
    return [
        f"/datasets/{iris}/train",
        f"/experiments/{trained}",
        f"/experiments/{trained}/delete",
        f"/models/{model}",
        f"/models/{model}/figures/importance",
    ]


def test_a_stranger_finds_nothing(app: Flask, as_charlie: FlaskClient, iris: int, trained: int) -> None:
    for address in _addresses(app, iris, trained):
        assert as_charlie.get(address).status_code == 404, address
    assert as_charlie.post(f"/datasets/{iris}/train", data=ANSWERS).status_code == 404
    assert as_charlie.post(f"/experiments/{trained}/delete").status_code == 404
    assert as_charlie.get("/models", headers=JSON).get_json()["total"] == 0
    assert as_charlie.get("/experiments", headers=JSON).get_json()["total"] == 0


def test_a_visitor_is_sent_to_the_login(app: Flask, visitor: FlaskClient, iris: int, trained: int) -> None:
    for address in [*_addresses(app, iris, trained), "/experiments", "/models"]:
        answer = visitor.get(address)
        assert answer.status_code == 302, address
        assert answer.location.startswith("/login"), address


def test_what_is_not_there_is_not_found(as_alice: FlaskClient) -> None:
    for address in ("/experiments/999", "/experiments/x", "/models/999", "/models/999/figures/importance"):
        assert as_alice.get(address).status_code == 404


def test_the_job_of_another_kind_changes_nothing(
    app: Flask, as_alice: FlaskClient, alice: User, trained: int
) -> None:
    with app.app_context():
        make_job(alice, kind="predict", state="running")
        db.session.commit()
        assert db.session.query(Job).count() == 3
    assert 'data-state="ready"' in as_alice.get(f"/experiments/{trained}").text


# Roles


def give_roles(app: Flask, dataset_id: int, roles: dict[str, str]) -> None:
    with app.app_context():
        db.session.get_one(Dataset, dataset_id).latest.roles = roles
        db.session.commit()


def test_roles_are_said_and_decide_what_is_ticked(app: Flask, as_alice: FlaskClient, iris: int) -> None:
    give_roles(app, iris, {"site": "group", "petal_width": "ignore"})
    page = as_alice.get(f"/datasets/{iris}/train").text
    assert "Rows with the same “site” stay together" in page
    facts = as_alice.get(f"/datasets/{iris}/train", headers=JSON).get_json()
    warnings = {one["name"]: one["warning"] for one in facts["features"]}
    assert "belong together" in warnings["site"]
    assert "Tick it to use it all the same" in warnings["petal_width"]


def test_an_ignored_column_can_be_ticked_and_a_group_alone_cannot(
    app: Flask, as_alice: FlaskClient, iris: int
) -> None:
    give_roles(app, iris, {"sepal_width": "group", "petal_width": "ignore"})
    address = f"/datasets/{iris}/train"
    refused = as_alice.post(address, data={"target": "species", "features": ["sepal_width"]})
    assert refused.status_code == 422
    assert "belong together" in refused.text
    assert as_alice.post(address, data={"target": "species", "features": ["petal_width"]}).status_code == 302


def test_an_experiment_says_by_what_its_rows_were_cut(
    app: Flask, as_alice: FlaskClient, alice: User, iris: int
) -> None:
    for roles, words in (
        ({"day": "time"}, "the latest ones by “day”, all later than every row learned from"),
        ({"day": "group"}, "rows with the same “day” are all on the same side"),
    ):
        give_roles(app, iris, roles)
        with app.app_context():
            experiment = ask(alice, db.session.get_one(Dataset, iris), learners=["baseline"])
            assert experiment.job is not None
            assert run_job(experiment.job).error is None
            number = experiment.id
        assert words in as_alice.get(f"/experiments/{number}").text
