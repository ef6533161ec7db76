"""The page of a model that a real training made."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient

from beanft.extensions import db
from beanft.models import TrainedModel
from train.stage import FEATURES


def test_a_model_that_was_chosen_has_its_report_from_training(
    app: Flask, as_alice: FlaskClient, trained: int
) -> None:
    with app.app_context():
        number = db.session.query(TrainedModel).filter_by(role="final").one().id
    page = as_alice.get(f"/models/{number}")
    assert page.status_code == 200
    assert "Better than guessing: Balanced accuracy" in page.text
    for name in ("unseen", "holdout", "confusion", "importance"):
        assert f'data-name="{name}"' in page.text
    for feature in FEATURES:
        assert f'<th scope="row">{feature}</th>' in page.text
