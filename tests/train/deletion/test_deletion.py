"""A model is deleted with what hangs on it; its run keeps its place, and nobody else can do it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from beanft import storage
from beanft.engine.learning.search.agenda import Agenda
from beanft.engine.learning.search.ledger import Ledger
from beanft.extensions import db
from beanft.jobs.kinds import kind_of
from beanft.models import (
    AuditEvent,
    Batch,
    Champion,
    Experiment,
    Explanation,
    Job,
    ModelFile,
    Run,
    TrainedModel,
    User,
)
from beanft.train.champions.services import crown
from beanft.train.deletion.services import DELETED
from factories import make_job
from train.shown_models import model_ids, ready, sales
from train.stage import JSON


class Stage:
    """An ensemble of two runs and the baseline; the boosting model is the champion."""

    def __init__(self, app: Flask, alice: User) -> None:
        with app.app_context():
            noise = {"boosting": 0.5, "boosting-2": 0.6, "baseline": 2.0, "ensemble": 0.4}
            experiment = ready(alice, sales(alice), noise, opened=("boosting",))
            self.experiment, self.owner = experiment.id, alice.id
            self.folder = storage.folder(experiment.key)
            self.boosting, self.other, self.baseline, self.ensemble = model_ids(experiment)
            weighing = next(run for run in experiment.runs if run.key == "ensemble")
            weighing.facts = weighing.facts | {
                "settings": {"weights": {"boosting": 0.75, "boosting-2": 0.25}}
            }
            experiment.result_json = (experiment.result_json or {}) | {"final": "boosting"}
            crown(model=db.session.get_one(TrainedModel, self.boosting), user=alice, note="", over=None)


@pytest.fixture
def stage(app: Flask, alice: User) -> Stage:
    return Stage(app, alice)


def _batch(stage: Stage, *, state: str = "ready") -> tuple[int, Path]:
    job = make_job(db.session.get_one(User, stage.owner), kind="predict", state=state, subject="batch")
    batch = Batch(
        owner_id=stage.owner,
        model_id=stage.boosting,
        key=storage.new_key(),
        original_name="new.csv",
        original_sha256="0" * 64,
        job=job,
    )
    db.session.add(batch)
    db.session.flush()
    job.subject_id = batch.id
    folder = storage.make_folder(batch.key)
    (folder / "original").write_bytes(b"a\n1\n")
    db.session.commit()
    return batch.id, folder


def _explanation(stage: Stage, *, state: str) -> int:
    job = make_job(db.session.get_one(User, stage.owner), kind="explain", state=state, subject="explanation")
    made = Explanation(owner_id=stage.owner, model_id=stage.boosting, job=job, kind="overview", asked=state)
    db.session.add(made)
    db.session.commit()
    return job.id


def _export(stage: Stage, *, state: str) -> Job:
    owner = db.session.get_one(User, stage.owner)
    job = make_job(owner, kind="export", state=state, subject="model", subject_id=stage.boosting)
    model = db.session.get_one(TrainedModel, stage.boosting)
    file = ModelFile(owner_id=stage.owner, model=model, kind="onnx", model_sha256=model.sha256, job=job)
    db.session.add(file)
    db.session.commit()
    return job


def _count(table: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_the_page_says_what_depends_on_the_model(app: Flask, as_alice: FlaskClient, stage: Stage) -> None:
    with app.app_context():
        _batch(stage)
        _explanation(stage, state="ready")
    page = as_alice.get(f"/models/{stage.boosting}/delete")
    assert page.status_code == 200
    for words in ("1 batch of predictions", "1 explanation", "champion", "final model", "75 %", "1.0 kB"):
        assert words in page.text, words
    facts = as_alice.get(f"/models/{stage.boosting}/delete", headers=JSON).get_json()
    assert (facts["n_batches"], facts["n_explanations"], facts["n_models"]) == (1, 1, 3)
    assert (facts["is_champion"], facts["role"], facts["ensemble_share"]) == (True, "final", 0.75)
    assert facts["size_bytes"] == 1000 + 4


def test_a_model_that_nothing_hangs_on_says_so(as_alice: FlaskClient, stage: Stage) -> None:
    assert "Nothing: no prediction file" in as_alice.get(f"/models/{stage.ensemble}/delete").text
    baseline = as_alice.get(f"/models/{stage.baseline}/delete").text
    assert "It is the <strong>baseline</strong>" in baseline
    assert "Training on makes it again." in baseline


def test_deleting_removes_files_and_rows_and_keeps_the_board(
    app: Flask, as_alice: FlaskClient, stage: Stage
) -> None:
    with app.app_context():
        _, batch = _batch(stage)
        _explanation(stage, state="ready")
        report = make_job(db.session.get_one(User, stage.owner), kind="report", subject="model")
        report.subject_id = stage.boosting
        db.session.commit()
        n_jobs = _count(Job)
        mine = {f"boosting.{end}" for end in ("more.joblib", "uncertainty.npz", "vectors.npz", "export.zip")}
        for name in mine:
            (stage.folder / name).write_bytes(b"x")
    answer = as_alice.post(f"/models/{stage.boosting}/delete")
    assert answer.location == f"/experiments/{stage.experiment}"
    left = {path.name for path in stage.folder.iterdir()}
    assert not left & (mine | {"boosting.joblib"})
    assert {"boosting-2.joblib", "ensemble.joblib", "boosting.oof.npy", "boosting.holdout.npy"} <= left
    assert not batch.exists()
    assert as_alice.get(f"/models/{stage.boosting}").status_code == 404
    board = as_alice.get(f"/experiments/{stage.experiment}")
    assert "(model deleted)" in board.text
    assert "The final model, Boosting, was deleted." in board.text
    with app.app_context():
        assert (_count(Batch), _count(Explanation), _count(TrainedModel)) == (0, 0, 3)
        assert _count(Job) == n_jobs - 3
        run = db.session.scalars(select(Run).where(Run.key == "boosting")).one()
        assert (run.model, run.state, DELETED in run.facts) == (None, "ready", True)
        champion = db.session.scalars(select(Champion)).one()
        assert (champion.model_id, champion.title) == (None, "Boosting for paid")
        event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "model-delete")).one()
        assert (event.user_id, event.subject) == (stage.owner, f"model {stage.boosting}")


def test_training_on_does_not_use_a_deleted_model(
    app: Flask, as_alice: FlaskClient, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_alice.post(f"/models/{stage.other}/delete")
    with app.app_context():
        job = db.session.get_one(Experiment, stage.experiment).job
        assert job is not None
        done = {facts["key"]: facts for facts in kind_of("train").prepare(job)["done"]}
    assert (done["boosting"]["state"], done["boosting-2"]["state"]) == ("ready", "deleted")
    ledger, agenda = Ledger.__new__(Ledger), Agenda([], own=(), n_variations=0, seed=0)
    ledger.runs, deleted = {}, done["boosting-2"] | {"learner": "boosting"}
    ledger.take_over(deleted)
    agenda.take_over(deleted)
    assert ledger.runs["boosting-2"]["state"] == "deleted"
    assert [one.key for one in agenda.tried] == ["boosting-2"]


def test_a_prediction_under_way_has_to_end_first(app: Flask, as_alice: FlaskClient, stage: Stage) -> None:
    with app.app_context():
        _batch(stage, state="running")
    assert "Cancel it" in as_alice.get(f"/models/{stage.boosting}/delete").text
    answer = as_alice.post(f"/models/{stage.boosting}/delete", headers=JSON)
    assert answer.status_code == 409
    assert "still under way" in answer.get_json()["error"]
    assert (stage.folder / "boosting.joblib").exists()


def test_a_model_in_training_is_not_deleted(app: Flask, as_alice: FlaskClient, stage: Stage) -> None:
    with app.app_context():
        job = db.session.get_one(Experiment, stage.experiment).job
        assert job is not None
        job.state = "running"
        db.session.commit()
    assert as_alice.post(f"/models/{stage.boosting}/delete").status_code == 409


def test_side_work_under_way_is_ended(app: Flask, as_alice: FlaskClient, stage: Stage) -> None:
    with app.app_context():
        explaining = _explanation(stage, state="running")
        queued = _export(stage, state="queued").id
    assert as_alice.post(f"/models/{stage.boosting}/delete").status_code == 302
    with app.app_context():
        running = db.session.get_one(Job, explaining)
        assert (running.cancel, running.state, running.subject_id) == (True, "running", None)
        assert db.session.get(Job, queued) is None
        assert _count(ModelFile) == 0


def test_an_export_that_runs_has_stopped_before_its_model_goes(
    app: Flask, as_alice: FlaskClient, stage: Stage
) -> None:
    with app.app_context():
        number = _export(stage, state="running").id
    refused = as_alice.post(f"/models/{stage.boosting}/delete", headers=JSON)
    assert refused.status_code == 409
    assert "has been told to end" in refused.get_json()["error"]
    assert (stage.folder / "boosting.joblib").exists()
    (stage.folder / "boosting.onnx").write_bytes(b"written before the job heard of it")
    with app.app_context():
        job = db.session.get_one(Job, number)
        assert (job.cancel, job.state, job.subject_id) == (True, "running", stage.boosting)
        job.state = "cancelled"
        db.session.commit()
    assert as_alice.post(f"/models/{stage.boosting}/delete").status_code == 302
    assert not (stage.folder / "boosting.onnx").exists()
    with app.app_context():
        assert db.session.get(Job, number) is None


def test_nobody_else_can_do_it(
    app: Flask, as_charlie: FlaskClient, visitor: FlaskClient, stage: Stage
) -> None:
    address = f"/models/{stage.boosting}/delete"
    assert as_charlie.get(address).status_code == as_charlie.post(address).status_code == 404
    assert visitor.get(address).location.startswith("/login")
    assert visitor.post(address).status_code in (302, 401)
    with app.app_context():
        assert _count(TrainedModel) == 4


def test_a_second_click_finds_nothing(as_alice: FlaskClient, stage: Stage) -> None:
    assert as_alice.post(f"/models/{stage.other}/delete").status_code == 302
    assert as_alice.post(f"/models/{stage.other}/delete").status_code == 404
