"""Explanations of a model that was really trained, asked for and answered as users do."""

from __future__ import annotations

import json
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from beanft.extensions import db
from beanft.models import Experiment, Explanation, TrainedModel
from beanft.train.explain import services
from factories import run_job
from train.stage import FEATURES


def _answer(model: TrainedModel, kind: str, params: dict[str, Any]) -> dict[str, Any]:
    made = services.ask(model=model, kind=kind, params=params)
    assert made.job is not None
    run_job(made.job)
    assert made.state == "ready", made.job.error
    assert made.result_json is not None
    assert len(json.dumps(made.result_json)) < 200_000
    return made.result_json


def test_a_trained_model_is_explained(app: Flask, as_alice: FlaskClient, trained: int) -> None:
    with app.app_context():
        experiment = db.session.get_one(Experiment, trained)
        model = next(run.model for run in experiment.runs if run.model and run.learner == "discriminant")
        overview = _answer(model, "overview", {"label": None})
        assert {part["columns"][0] for part in overview["importance"]["columns"]} == set(FEATURES)
        assert overview["importance"]["columns"][0]["columns"][0].startswith("petal")
        importance = overview["importance"]
        assert importance["unseen"] == (not importance["all_rows"])
        assert overview["effects"]
        case = services.cases_of(model=model)[0]
        row = _answer(model, "row", {"row": case.row, "label": None})
        total = sum(share["value"] for share in row["shares"])
        assert abs(total - (row["prediction"] - row["base"])) < 1e-9
        assert row["known"]["truth"] == case.truth
        assert len(row["similar"]) == 5
        assert case.row not in {one["row"] for one in row["similar"]}
        counter = _answer(model, "counter", {"row": case.row, "locked": ["petal_width"], "wanted": None})
        assert counter["changes"][0]["predicted"] != row["predicted"]
        changed = {step["column"] for change in counter["changes"] for step in change["steps"]}
        assert "petal_width" not in changed
        _answer(model, "effect", {"column": "petal_length", "label": "setosa"})
        _answer(model, "pair", {"columns": ["petal_length", "petal_width"], "label": None})
        numbers = [one.id for one in db.session.query(Explanation)]
        address = f"/models/{model.id}/explain"
    for number in numbers:
        assert as_alice.get(f"/explanations/{number}").status_code in (200, 302)
    assert "matters most" in as_alice.get(address).text
    assert f'value="{case.row + 1}"' in as_alice.get(f"{address}/rows").text
