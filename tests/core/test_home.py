"""The front page: the same scores and the same verdicts as on the page of the experiment."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient

from beanft.extensions import db
from beanft.models import Experiment, Run, User
from train.shown_models import ready, sales


def _ready(app: Flask, alice: User) -> int:
    with app.app_context():
        return ready(alice, sales(alice), {"boosting": 0.5, "baseline": 9.0}).id


def _page(client: FlaskClient) -> str:
    return " ".join(client.get("/").text.split())


def test_a_model_has_one_score(app: Flask, as_alice: FlaskClient, alice: User) -> None:
    """It was the mean of the folds, and another number than on the leaderboard."""
    number = _ready(app, alice)
    with app.app_context():
        boosting, baseline = db.session.get_one(Experiment, number).runs
        pooled = {"value": 0.8765, "low": 0.8123, "high": 0.9234}
        boosting.facts = boosting.facts | {"interval": pooled, "mean": 0.1111, "sd": 0.2222}
        baseline.facts = baseline.facts | {"interval": {"value": 0.4321, "low": 0.4, "high": 0.5}}
        db.session.commit()
    page, board = _page(as_alice), " ".join(as_alice.get(f"/experiments/{number}").text.split())
    for score in ("0.876", "0.812 to 0.923"):
        assert score in page
        assert score in board
    assert "guessing 0.432" in page
    assert "0.111" not in page


def test_a_model_of_old_has_mean_and_spread(app: Flask, as_alice: FlaskClient, alice: User) -> None:
    number = _ready(app, alice)
    with app.app_context():
        for run in db.session.get_one(Experiment, number).runs:
            facts = {name: value for name, value in run.facts.items() if name != "interval"}
            run.facts = facts | {"mean": 0.75 if run.learner == "boosting" else 0.25, "sd": 0.05}
        db.session.commit()
    page = _page(as_alice)
    assert "0.750 ± 0.050" in page
    assert "guessing 0.250" in page


def test_a_model_without_its_baseline_is_shown(app: Flask, as_alice: FlaskClient, alice: User) -> None:
    number = _ready(app, alice)
    with app.app_context():
        gone = db.session.get_one(Experiment, number).runs[1]
        assert isinstance(gone, Run)
        db.session.delete(gone)
        db.session.commit()
    page = _page(as_alice)
    assert 'data-name="models"' in page
    assert "guessing" not in page.split('data-name="models"')[1].split("</table>")[0]


def test_an_experiment_without_a_verdict_says_none(app: Flask, as_alice: FlaskClient, alice: User) -> None:
    number = _ready(app, alice)
    with app.app_context():
        db.session.get_one(Experiment, number).result_json = None
        db.session.commit()
    assert "Predicting paid in sales" in _page(as_alice)
    assert "Better than guessing." not in _page(as_alice)
