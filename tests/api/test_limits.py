"""What limits a model's score is told to programs, too: at once when it is decided, and without more work."""

from __future__ import annotations

import io

import pytest
from flask import Flask

from api.conftest import Program
from beanft.extensions import db
from beanft.models import Experiment, TrainedModel, User
from beanft.train.sentinel import services
from factories import make_job
from predict.birds import FEATURES, table
from test_statements import statements

ROWS = {"rows": [{name: table()[0][name] for name in FEATURES}]}
LIMIT = "Good only for rows of a “island” that it knows."
FOUND = {
    "code": "same-entity",
    "severity": "warning",
    "columns": ["island"],
    "sentence": "Rows of one “island” are on both sides of the split.",
    "figure": 0.6,
}


def _experiment(model: int) -> Experiment:
    return db.session.get_one(TrainedModel, model).run.experiment


@pytest.fixture
def limited(app: Flask, species_model: int) -> int:
    """A model of an experiment with an open finding."""
    with app.app_context():
        experiment = _experiment(species_model)
        experiment.findings_json = [FOUND]
        assert experiment.job is not None
        experiment.job.state = "ready"
        db.session.commit()
    return species_model


def _said(program: Program, model: int) -> list[str]:
    """What a prediction tells; the details of the model tell the same."""
    answer = program.post(f"/models/{model}/predictions", json=ROWS)
    assert answer.status_code == 200, answer.text
    said: list[str] = answer.json["limits"]
    assert program.get(f"/models/{model}").json["limits"] == said
    return said


def test_a_reason_that_is_given_shows_at_once(app: Flask, program: Program, limited: int) -> None:
    assert _said(program, limited) == [LIMIT]
    with app.app_context():
        experiment = _experiment(limited)
        (finding,) = services.findings_of(experiment)
        owner = experiment.owner_id
        services.keep(experiment=experiment, finding=finding, reason="Always known.", user_id=owner)
    assert _said(program, limited) == []


def test_a_training_that_answers_shows_once_it_is_ready(app: Flask, program: Program, limited: int) -> None:
    assert _said(program, limited) == [LIMIT]
    with app.app_context():
        experiment = _experiment(limited)
        (finding,) = services.findings_of(experiment)
        made = services.retrain(experiment=experiment, finding=finding, user_id=experiment.owner_id).id
    assert _said(program, limited) == [LIMIT]
    with app.app_context():
        again = db.session.get_one(Experiment, made)
        assert again.job is not None
        again.job.state = "ready"
        db.session.commit()
    answered = "Trained again with the rows of one “island” kept together as experiment"
    assert _said(program, limited) == [f"{answered} {made}: go by that one."]
    with app.app_context():
        db.session.delete(db.session.get_one(Experiment, made))
        db.session.commit()
    assert _said(program, limited) == [LIMIT]


def test_a_continued_training_that_finds_nothing_lifts_it(app: Flask, program: Program, limited: int) -> None:
    assert _said(program, limited) == [LIMIT]
    with app.app_context():
        experiment = _experiment(limited)
        owner = db.session.get_one(User, experiment.owner_id)
        experiment.job = make_job(owner, kind="train", subject="experiment", subject_id=experiment.id)
        experiment.job.state = "ready"
        experiment.findings_json = []
        db.session.commit()
    assert _said(program, limited) == []


def test_remembered_limits_ask_the_database_nothing(app: Flask, program: Program, limited: int) -> None:
    _said(program, limited)
    with statements(app) as asked:
        answer = program.post(f"/models/{limited}/predictions", json=ROWS)
    assert answer.json["limits"] == [LIMIT]
    assert not [one for one in asked if "findings_json" in one or "result_json" in one]
    assert len([one for one in asked if "FROM trained_model" in one]) == 1


def test_a_batch_tells_it_too(program: Program, limited: int) -> None:
    rows = (io.BytesIO(b"bill_length\n39.1\n"), "birds.csv")
    made = program.post(f"/models/{limited}/batches", data={"file": rows})
    assert made.status_code == 202, made.text
    assert made.json["limits"] == program.get(f"/batches/{made.json['id']}").json["limits"] == [LIMIT]
    (listed,) = program.get("/batches").json["items"]
    assert "limits" not in listed
