"""The page of a model."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from flask import Flask
from flask.testing import FlaskClient

from beanft import storage
from beanft.engine.learning.reports import importance
from beanft.extensions import db
from beanft.models import Experiment, Job, TrainedModel, User
from engine.learning.reports.stage import chances
from train.reports.reported import make_experiment, model_of, report_on
from train.stage import JSON


def _predict(model: dict[str, Any], frame: pd.DataFrame) -> np.ndarray:
    """What a model file would say: nothing that depends on the columns."""
    return chances(np.zeros(len(frame))) if model["labels"] else np.full(len(frame), 100.0)


@pytest.fixture(autouse=True)
def _no_estimator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importance, "predict_rows", _predict)


@pytest.fixture
def plain(app: Flask, alice: User) -> int:
    """Number of a model without a report."""
    with app.app_context():
        return model_of(make_experiment(alice)).id


@pytest.fixture
def reported(app: Flask, plain: int) -> int:
    """The same with its report."""
    with app.app_context():
        job = report_on(db.session.get_one(TrainedModel, plain))
        assert (job.state, job.error) == ("ready", None)
    return plain


def _change(app: Flask, number: int, **values: Any) -> None:
    with app.app_context():
        model = db.session.get_one(TrainedModel, number)
        for name, value in values.items():
            setattr(model, name, value)
        db.session.commit()


# The report is made when somebody asks


def test_a_model_without_a_report_offers_to_make_it(as_alice: FlaskClient, plain: int) -> None:
    page = as_alice.get(f"/models/{plain}")
    assert page.status_code == 200
    assert f'data-object="model" data-id="{plain}" data-state="ready"' in page.text
    assert "The report is made when you ask." in page.text
    assert "How it was made" in page.text
    assert 'id="holdout"' not in page.text
    asked = as_alice.post(f"/models/{plain}/report")
    assert asked.location == f"/models/{plain}"
    waiting = as_alice.get(asked.location)
    assert "hx-get" in waiting.text
    assert "The report is being made." in waiting.text
    assert "Make the report" not in waiting.text


def test_a_report_is_asked_for_once(app: Flask, as_alice: FlaskClient, plain: int) -> None:
    first = as_alice.post(f"/models/{plain}/report", headers=JSON).get_json()
    assert as_alice.post(f"/models/{plain}/report", headers=JSON).get_json() == first
    with app.app_context():
        assert db.session.query(Job).filter_by(kind="report").count() == 1


def test_a_report_that_is_there_is_not_made_again(app: Flask, as_alice: FlaskClient, reported: int) -> None:
    as_alice.post(f"/models/{reported}/report")
    with app.app_context():
        assert db.session.query(Job).filter_by(kind="report").count() == 1


def test_a_report_that_failed_says_why_and_can_be_asked_for_again(
    app: Flask, as_alice: FlaskClient, plain: int
) -> None:
    with app.app_context():
        model = db.session.get_one(TrainedModel, plain)
        (storage.folder(model.run.experiment.key) / "rows.npz").unlink()
        assert report_on(model).state == "failed"
    page = as_alice.get(f"/models/{plain}")
    assert "The files of this experiment are missing or damaged. Train it again." in page.text
    assert "Make the report" in page.text


def test_the_job_leads_to_the_model(app: Flask, as_alice: FlaskClient, reported: int) -> None:
    with app.app_context():
        job = db.session.query(Job).filter_by(kind="report").one().id
    assert f'href="/models/{reported}"' in as_alice.get(f"/jobs/{job}").text


# The page


def test_a_report_shows_what_was_said_of_unseen_rows(as_alice: FlaskClient, reported: int) -> None:
    page = as_alice.get(f"/models/{reported}")
    assert page.status_code == 200
    for name in ("unseen", "confusion", "importance"):
        assert f'data-name="{name}"' in page.text
    assert "on 160 rows while they were unseen" in page.text
    assert "Locked rows are opened only for the model that was chosen" in page.text
    assert 'data-name="holdout"' not in page.text
    assert "kinds of rows were looked at" in page.text
    assert "rows that it has learned from" in page.text
    for section in ("unseen", "holdout", "confusion", "slices", "groups", "importance", "made"):
        assert f'href="#{section}"' in page.text
        assert f'id="{section}"' in page.text


def test_locked_rows_that_were_opened_are_shown(app: Flask, as_alice: FlaskClient, reported: int) -> None:
    with app.app_context():
        report = dict(db.session.get_one(TrainedModel, reported).report_json)
    _change(app, reported, report_json=report | {"holdout": report["unseen"]})
    page = as_alice.get(f"/models/{reported}")
    assert 'data-name="holdout"' in page.text
    assert "locked away before training" in page.text
    assert "Locked rows are opened only" not in page.text


def test_rows_left_out_of_the_importances_have_a_reason(
    app: Flask, as_alice: FlaskClient, reported: int
) -> None:
    assert "left out to save time" not in as_alice.get(f"/models/{reported}").text
    with app.app_context():
        report = dict(db.session.get_one(TrainedModel, reported).report_json)
    fewer = report["importance"] | {"n_rows": 30, "of_rows": 40}
    _change(app, reported, report_json=report | {"importance": fewer})
    assert "The other 10 were left out to save time." in as_alice.get(f"/models/{reported}").text


def test_reports_from_before_are_still_shown(app: Flask, as_alice: FlaskClient, reported: int) -> None:
    with app.app_context():
        report = dict(db.session.get_one(TrainedModel, reported).report_json)
    holdout = {key: value for key, value in report["unseen"].items() if key not in ("guess", "sampled")}
    old = {"holdout": holdout} | {key: report[key] for key in ("confusion", "importance")}
    old["importance"] = {key: one for key, one in old["importance"].items() if key not in ("rows", "stopped")}
    _change(app, reported, report_json=old)
    page = as_alice.get(f"/models/{reported}")
    assert page.status_code == 200
    assert 'data-name="holdout"' in page.text
    assert 'data-name="unseen"' not in page.text
    assert "locked rows are told right" in page.text


def test_numbers_show_errors_by_range(app: Flask, as_alice: FlaskClient, alice: User) -> None:
    with app.app_context():
        model = model_of(make_experiment(alice, task="regression"))
        assert report_on(model).state == "ready"
        number = model.id
    page = as_alice.get(f"/models/{number}")
    assert 'data-name="errors-by-predicted"' in page.text
    assert 'data-name="errors-by-true"' in page.text
    assert "Half of the true values of “spent” lie between" in page.text
    for name in ("predicted", "errors", "importance"):
        assert as_alice.get(f"/models/{number}/figures/{name}").get_json()["series"]
    assert as_alice.get(f"/models/{number}/figures/confusion").status_code == 404


def test_a_weak_kind_of_rows_leads_to_its_rows(app: Flask, as_alice: FlaskClient, reported: int) -> None:
    with app.app_context():
        report = dict(db.session.get_one(TrainedModel, reported).report_json)
    report["slices"] = report["slices"] | {"found": [_weak()]}
    _change(app, reported, report_json=report)
    page = as_alice.get(f"/models/{reported}")
    assert "“town” is “Leeds” and “age” is missing" in page.text
    address = next(
        part for part in page.text.split('"') if part.startswith("/datasets/") and "operator=" in part
    )
    rows = as_alice.get(address.replace("&amp;", "&"), headers=JSON)
    assert rows.status_code == 200
    assert rows.get_json()["n_matching"] == 0


def _weak() -> dict[str, Any]:
    interval = {"value": 0.4, "low": 0.3, "high": 0.5}
    return {
        "words": "“town” is “Leeds” and “age” is missing",
        "filters": [["town", "equals", "Leeds"], ["age", "is-missing", None]],
        "n_rows": 60,
        "error": interval,
        "elsewhere": 0.1,
        "score": interval,
        "score_elsewhere": 0.9,
        "p": 0.001,
    }


# Groups


def test_groups_of_a_column_that_took_no_part_are_compared(as_alice: FlaskClient, reported: int) -> None:
    page = as_alice.get(f"/models/{reported}?by=sex")
    assert page.status_code == 200
    assert 'data-name="groups"' in page.text
    assert "160 rows while they were unseen" in page.text
    facts = as_alice.get(f"/models/{reported}?by=sex", headers=JSON).get_json()
    assert [group["label"] for group in facts["groups"]["groups"]] == ["f", "m"]
    assert sum(group["n_rows"] for group in facts["groups"]["groups"]) == 160
    assert facts["groups"]["of_rows"] == 160


def test_the_chosen_threshold_counts_for_groups(app: Flask, as_alice: FlaskClient, reported: int) -> None:
    _change(app, reported, threshold_json={"threshold": 0.999})
    facts = as_alice.get(f"/models/{reported}?by=sex", headers=JSON).get_json()
    assert {group["figures"]["positive"]["value"] for group in facts["groups"]["groups"]} == {0.0}


def test_a_column_without_groups_gets_a_sentence(as_alice: FlaskClient, reported: int) -> None:
    for column in ("age", "bought", "nonsense", "<script>"):
        page = as_alice.get(f"/models/{reported}", query_string={"by": column})
        assert page.status_code == 422
        assert "makes no groups to compare. Choose a column with 2 to 20 values." in page.text
        assert "<script>”" not in page.text


def test_groups_say_when_the_evidence_is_gone(app: Flask, as_alice: FlaskClient, reported: int) -> None:
    with app.app_context():
        experiment: Experiment = db.session.get_one(TrainedModel, reported).run.experiment
        (storage.folder(experiment.key) / "boosting.oof.npy").unlink()
    page = as_alice.get(f"/models/{reported}?by=sex")
    assert page.status_code == 422
    assert "missing or damaged" in page.text


# Others


def test_the_page_as_facts(as_alice: FlaskClient, reported: int) -> None:
    facts = as_alice.get(f"/models/{reported}", headers=JSON).get_json()
    assert facts["report"]["unseen"]["n_rows"] == 160
    assert facts["groups"] is None
    assert len(json.dumps(facts)) < 300_000


def test_strangers_and_visitors_see_nothing(
    as_charlie: FlaskClient, visitor: FlaskClient, reported: int
) -> None:
    for address in (
        f"/models/{reported}",
        f"/models/{reported}?by=sex",
        f"/models/{reported}/figures/confusion",
    ):
        assert as_charlie.get(address).status_code == 404
        assert "/login" in visitor.get(address).location
    assert as_charlie.post(f"/models/{reported}/report").status_code == 404
    assert "/login" in visitor.post(f"/models/{reported}/report").location


def test_the_baseline_has_a_page_too(app: Flask, as_alice: FlaskClient, alice: User) -> None:
    with app.app_context():
        number = model_of(make_experiment(alice), "baseline").id
    assert "This is the baseline itself" in as_alice.get(f"/models/{number}").text
