"""Checks are asked for once, kept with the model and shown on its page; the command asks for all."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from beanft import storage
from beanft.engine.errors import EngineError
from beanft.engine.learning.libraries import versions_now
from beanft.extensions import db
from beanft.jobs.kinds import kind_of
from beanft.models import AuditEvent, Experiment, Job, TrainedModel, User
from beanft.train.verification import services
from factories import run_job
from train.shown_models import model_ids, ready, sales
from train.stage import JSON

OLD = versions_now() | {"numpy": "1.0"}


@pytest.fixture
def models(app: Flask, alice: User) -> list[int]:
    """Two models of alice's that were trained with an older numpy."""
    with app.app_context():
        experiment = ready(alice, sales(alice), {"boosting": 0.5, "baseline": 2.0})
        experiment.result_json = (experiment.result_json or {}) | {"versions": OLD}
        db.session.commit()
        return model_ids(experiment)


def finding(**values: Any) -> dict[str, Any]:
    found = {"code": "same", "sentence": "All is well.", "versions": versions_now()}
    return found | {"largest": 0.0, "file": None, "sha256": None} | values


def _checks() -> list[Job]:
    return list(db.session.scalars(select(Job).where(Job.kind == "verify").order_by(Job.id)))


def _store(job: Job, found: dict[str, Any]) -> None:
    """Keep what a check of the model's file of today found."""
    model = db.session.get_one(TrainedModel, job.subject_id)
    kind_of("verify").finish(job, {"checked_sha256": model.sha256} | found)


def _train(state: str) -> None:
    job = db.session.scalars(select(Experiment)).one().job
    assert job is not None
    job.state = state
    db.session.commit()


def _finish(found: dict[str, Any]) -> None:
    (job,) = _checks()
    _store(job, found)
    job.state = "ready"
    db.session.commit()


def test_the_page_names_the_upgrade_and_offers_the_check(as_alice: FlaskClient, models: list[int]) -> None:
    page = as_alice.get(f"/models/{models[0]}").text
    assert "It was not checked since it was trained." in page
    assert f"numpy 1.0 → {versions_now()['numpy']}" in page
    assert f'action="/models/{models[0]}/verify"' in page


def test_a_check_is_asked_for_once(app: Flask, as_alice: FlaskClient, models: list[int]) -> None:
    for _ in range(2):
        assert as_alice.post(f"/models/{models[0]}/verify").location == f"/models/{models[0]}#verified"
    with app.app_context():
        (job,) = _checks()
        assert (job.subject, job.subject_id) == ("model", models[0])
        assert db.session.scalar(select(func.count()).where(AuditEvent.action == "model-verify")) == 1
        number = job.id
    assert "Waiting for a free worker" in as_alice.get(f"/models/{models[0]}").text
    assert as_alice.post(f"/models/{models[0]}/verify", headers=JSON).get_json()["job"] == number


def test_what_was_found_stays_with_the_model(app: Flask, as_alice: FlaskClient, models: list[int]) -> None:
    as_alice.post(f"/models/{models[0]}/verify")
    with app.app_context():
        given = kind_of("verify").prepare(_checks()[0])
        assert (given["key"], given["file"]) == ("boosting", "boosting.joblib")
        assert set(given["runs"]) == {"boosting", "baseline"}
        _finish(finding(sentence="The predictions of 50 stored rows are the same."))
    page = as_alice.get(f"/models/{models[0]}").text
    assert "The predictions of 50 stored rows are the same." in page
    assert "numpy 1.0 →" not in page
    facts = as_alice.get(f"/models/{models[0]}/verified").get_json()
    assert (facts["is_wrong"], facts["upgrade"], facts["versions"]) == (False, "", versions_now())


def test_a_model_that_was_made_again_gets_its_new_file(
    app: Flask, as_alice: FlaskClient, models: list[int]
) -> None:
    as_alice.post(f"/models/{models[0]}/verify")
    with app.app_context():
        model = db.session.get_one(TrainedModel, models[0])
        model.run.facts = model.run.facts | {"file": model.file, "sha256": model.sha256}
        _finish(finding(code="refitted", file="boosting.again1.joblib", sha256="f" * 64))
        db.session.refresh(model)
        assert (model.file, model.sha256) == ("boosting.again1.joblib", "f" * 64)
        assert model.run.facts["file"] == "boosting.again1.joblib"


def test_trouble_is_shown(app: Flask, as_alice: FlaskClient, models: list[int]) -> None:
    as_alice.post(f"/models/{models[0]}/verify")
    with app.app_context():
        _finish(finding(code="broken", sentence="The model file is damaged & lost."))
    page = as_alice.get(f"/models/{models[0]}").text
    assert "The model file is damaged &amp; lost." in page
    assert 'class="prose text-bad" data-name="verified"' in page


def test_a_model_without_its_table_says_what_is_lost(
    app: Flask, as_alice: FlaskClient, models: list[int]
) -> None:
    as_alice.post(f"/models/{models[0]}/verify")
    with app.app_context():
        job = run_job(_checks()[0])
        assert job.state == "ready", job.error
        found = db.session.get_one(TrainedModel, models[0]).verified_json
        assert found is not None
        assert found["code"] == "broken"
        assert "could not be fitted again" in found["sentence"]


def test_the_command_asks_for_all_that_were_not_seen_since(
    app: Flask, as_alice: FlaskClient, models: list[int]
) -> None:
    run = app.test_cli_runner().invoke
    told = run(args=["beanft", "verify-models"])
    assert "Models: 2. Checks that wait for the workers now: 2." in told.output
    with app.app_context():
        assert [job.subject_id for job in _checks()] == models
        _store(_checks()[0], finding())
        _store(_checks()[1], finding(code="different", sentence="It differs."))
        for job in _checks():
            job.state = "ready"
        db.session.commit()
    told = run(args=["beanft", "verify-models"])
    assert "Checks that wait for the workers now: 0." in told.output
    assert f"Model {models[1]}: It differs." in told.output
    assert "now: 2." in run(args=["beanft", "verify-models", "--all"]).output


def test_models_in_training_are_passed_over(app: Flask, as_alice: FlaskClient, models: list[int]) -> None:
    with app.app_context():
        _train("running")
    assert "now: 0." in app.test_cli_runner().invoke(args=["beanft", "verify-models", "--all"]).output


def test_the_button_is_refused_while_the_experiment_trains(
    app: Flask, as_alice: FlaskClient, models: list[int]
) -> None:
    with app.app_context():
        _train("queued")
    for accept in ("application/json", "text/html"):
        refused = as_alice.post(f"/models/{models[0]}/verify", headers={"Accept": accept})
        assert refused.status_code == 409
        assert "is not checked while its experiment trains" in refused.text
    with app.app_context():
        assert _checks() == []


def test_a_check_that_waited_until_a_training_began_does_not_start(
    app: Flask, as_alice: FlaskClient, models: list[int]
) -> None:
    as_alice.post(f"/models/{models[0]}/verify")
    with app.app_context():
        _train("running")
        assert "while its experiment trains" in (run_job(_checks()[0]).error or "")


@pytest.mark.parametrize("is_over", [False, True])
def test_what_was_found_of_a_model_that_was_trained_on_is_dropped(
    app: Flask, as_alice: FlaskClient, models: list[int], is_over: bool
) -> None:
    as_alice.post(f"/models/{models[0]}/verify")
    with app.app_context():
        model = db.session.get_one(TrainedModel, models[0])
        made = storage.folder(model.run.experiment.key) / "boosting.again1.joblib"
        made.write_bytes(b"of the old recipe")
        found = finding(code="refitted", file=made.name, sha256="f" * 64, checked_sha256=model.sha256)
        _train("ready" if is_over else "running")
        if is_over:
            model.sha256 = "e" * 64
            db.session.commit()
        before = model.file, model.sha256
        with pytest.raises(EngineError, match="trained on while it was checked"):
            kind_of("verify").finish(_checks()[0], found)
        db.session.rollback()
        assert (model.file, model.sha256, model.verified_json) == (*before, None)
        assert not made.exists()


def test_what_was_found_is_not_said_of_a_model_that_was_trained_on_since(
    app: Flask, as_alice: FlaskClient, models: list[int]
) -> None:
    as_alice.post(f"/models/{models[0]}/verify")
    with app.app_context():
        _finish(finding(code="broken", sentence="The model file is damaged."))
        assert len(services.in_trouble()) == 1
        db.session.get_one(TrainedModel, models[0]).sha256 = "e" * 64
        db.session.commit()
        assert services.in_trouble() == []
    assert "The model file is damaged." not in as_alice.get(f"/models/{models[0]}").text


def test_a_check_that_waits_goes_with_its_model(app: Flask, as_alice: FlaskClient, models: list[int]) -> None:
    as_alice.post(f"/models/{models[0]}/verify")
    assert as_alice.post(f"/models/{models[0]}/delete").status_code == 302
    with app.app_context():
        assert _checks() == []


def test_nobody_else_can_do_it(
    app: Flask, as_charlie: FlaskClient, visitor: FlaskClient, models: list[int]
) -> None:
    assert as_charlie.post(f"/models/{models[0]}/verify").status_code == 404
    assert as_charlie.get(f"/models/{models[0]}/verified").status_code == 404
    assert visitor.get(f"/models/{models[0]}/verified").location.startswith("/login")
    with app.app_context():
        assert _checks() == []
