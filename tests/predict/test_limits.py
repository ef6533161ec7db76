"""What limits a model's score stands where the model is used."""

from __future__ import annotations

import io

import pytest
from flask import Flask
from flask.testing import FlaskClient

from beanft.extensions import db
from beanft.models import TrainedModel
from predict.birds import FEATURES, table, written

ROW = {name: table()[0][name] for name in FEATURES}
LIMIT = "Good only if “mass” is known before “species” is."


@pytest.fixture
def limited(app: Flask, species_model: int) -> int:
    """A model of an experiment with an open finding."""
    with app.app_context():
        experiment = db.session.get_one(TrainedModel, species_model).run.experiment
        about = {"sentence": "“mass” alone tells “species”.", "figure": 0.99}
        experiment.findings_json = [
            {"code": "leak-column", "severity": "warning", "columns": ["mass"]} | about
        ]
        db.session.commit()
    return species_model


def _decide(app: Flask, model: int) -> None:
    with app.app_context():
        experiment = db.session.get_one(TrainedModel, model).run.experiment
        experiment.decisions_json = {"leak-column:mass": {"decision": "kept", "why": "It is."}}
        db.session.commit()


@pytest.mark.parametrize("page", ["predict", "batches/new"])
def test_the_note_stands_until_something_is_decided(
    app: Flask, as_alice: FlaskClient, limited: int, page: str
) -> None:
    text = as_alice.get(f"/models/{limited}/{page}").text
    assert text.count(LIMIT) == text.count('data-name="limits"') == 1
    assert "#findings" in text
    _decide(app, limited)
    assert LIMIT not in as_alice.get(f"/models/{limited}/{page}").text


def test_the_note_stands_on_the_page_of_a_batch(as_alice: FlaskClient, limited: int) -> None:
    sent = {"file": (io.BytesIO(written(table()[:3])), "new.csv")}
    made = as_alice.post(f"/models/{limited}/batches/new", data=sent)
    assert made.status_code == 302
    assert LIMIT in as_alice.get(made.location).text


def test_the_answer_of_the_form_tells_programs(app: Flask, as_alice: FlaskClient, limited: int) -> None:
    def said() -> list[str]:
        answer = as_alice.post(f"/models/{limited}/predict", data=ROW, headers={"Accept": "application/json"})
        limits: list[str] = answer.get_json()["limits"]
        return limits

    assert said() == [LIMIT]
    _decide(app, limited)
    assert said() == []
