"""The threshold that a model's owner saved, where predictions are made."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient

from beanft.extensions import db
from beanft.models import TrainedModel
from predict.birds import FEATURES, table, written
from predict.test_batches import AS_JSON, Do, predicted
from predict.test_views import EXAMPLE

RULE = "or more counts as “Gentoo”, as chosen on the model&#39;s page."


def save(app: Flask, model: int, threshold: float) -> None:
    """Save a threshold that nothing but its number matters of."""
    with app.app_context():
        db.session.get_one(TrainedModel, model).threshold_json = {
            "threshold": threshold,
            "positive": "Gentoo",
            "costs": {},
            "expected": {"tp": 30, "fp": 10, "fn": 1, "tn": 60},
        }
        db.session.commit()


def test_a_row_and_a_file_follow_it(
    app: Flask, as_alice: FlaskClient, do_batch: Do, species_model: int
) -> None:
    before = as_alice.post(f"/models/{species_model}/predict", data=EXAMPLE)
    assert RULE not in before.text
    save(app, species_model, 0.0)
    page = as_alice.post(f"/models/{species_model}/predict", data=EXAMPLE)
    assert RULE in page.text
    assert "rows that it took for “Gentoo” while they were unseen" in page.text
    assert "Of 40 rows" not in page.text  # the report as it is now says it, not what was stored
    facts = as_alice.post(f"/models/{species_model}/predict", data=EXAMPLE, headers=AS_JSON).get_json()
    assert facts["prediction"] == "Gentoo"
    _, *rows = predicted(as_alice, do_batch, species_model, written(table(8)))
    assert {row[len(FEATURES)] for row in rows} == {"Gentoo"}
    save(app, species_model, 1.0)
    _, *rows = predicted(as_alice, do_batch, species_model, written(table(8)))
    assert {row[len(FEATURES)] for row in rows} == {"Adelie"}


def test_the_page_of_a_file_says_it(
    app: Flask, as_alice: FlaskClient, do_batch: Do, species_model: int
) -> None:
    save(app, species_model, 0.25)
    predicted(as_alice, do_batch, species_model, written(table(3)))
    assert "A probability of 0.25 " + RULE in as_alice.get("/batches/1").text
