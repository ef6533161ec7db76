"""The threshold of a model and its curves, as pages."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from beanft.agreed import threshold_in_use
from beanft.extensions import db
from beanft.models import TrainedModel
from train.stage import JSON

FIELDS = {
    "threshold": "0.31",
    "false_positive": "1",
    "false_negative": "5",
    "true_positive": "0",
    "true_negative": "0",
}


def saved(app: Flask, model: int) -> dict[str, object] | None:
    with app.app_context():
        return db.session.get_one(TrainedModel, model).threshold_json


def test_the_page_shows_counts_costs_and_the_cheapest(as_alice: FlaskClient, binary: int) -> None:
    page = as_alice.get(f"/models/{binary}/threshold")
    assert page.status_code == 200
    assert "When a row counts as “yes”" in page.text
    assert "Predictions name the more likely class" in page.text
    assert "With these costs" in page.text
    assert "Back to 0.5" not in page.text
    assert 'data-name="thresholds"' in page.text


def test_the_address_can_ask_for_another_threshold(as_alice: FlaskClient, binary: int) -> None:
    facts = as_alice.get(f"/models/{binary}/threshold?threshold=0&false_negative=7", headers=JSON).get_json()
    assert facts["at"]["fn"] == facts["at"]["tn"] == 0
    assert facts["costs"]["false_negative"] == 7
    assert facts["best"]["threshold"] < 0.5
    assert "is cheapest" in facts["best_sentence"]


def test_saving_keeps_threshold_costs_and_expectation(app: Flask, as_alice: FlaskClient, binary: int) -> None:
    answer = as_alice.post(f"/models/{binary}/threshold", data=FIELDS | {"action": "save"})
    assert answer.status_code == 302
    assert answer.location == f"/models/{binary}#threshold"
    kept = saved(app, binary)
    assert kept is not None
    assert (kept["threshold"], kept["positive"]) == (0.31, "yes")
    assert kept["costs"] == {
        "false_positive": 1.0,
        "false_negative": 5.0,
        "true_positive": 0.0,
        "true_negative": 0.0,
    }
    expected = kept["expected"]
    assert isinstance(expected, dict)
    assert expected["tp"] + expected["fp"] + expected["fn"] + expected["tn"] == 300
    assert expected["cost"]["value"] == pytest.approx((expected["fp"] + 5 * expected["fn"]) / 300)
    page = as_alice.get(f"/models/{binary}")
    assert "Predictions now count a probability of 0.31 or more as “yes”." in page.text
    assert "Predictions use 0.31" in page.text
    assert "Back to 0.5" in page.text


def test_back_to_the_more_likely_class(app: Flask, as_alice: FlaskClient, binary: int) -> None:
    as_alice.post(f"/models/{binary}/threshold", data=FIELDS)
    assert saved(app, binary) is not None
    assert as_alice.post(f"/models/{binary}/threshold", data={"action": "clear"}).status_code == 302
    assert saved(app, binary) is None


def test_without_a_script_its_effect_is_shown_and_nothing_kept(
    app: Flask, as_alice: FlaskClient, binary: int
) -> None:
    page = as_alice.post(f"/models/{binary}/threshold", data=FIELDS | {"action": "show", "threshold": "1"})
    assert page.status_code == 200
    assert '<span data-count="tp">0</span>' in page.text
    assert "– (no row)" in page.text
    best = as_alice.post(f"/models/{binary}/threshold", data=FIELDS | {"action": "best"}, headers=JSON)
    assert best.get_json()["at"]["threshold"] == best.get_json()["best"]["threshold"]
    assert saved(app, binary) is None


UNREADABLE = [
    ("threshold", "1.2", "A threshold lies between 0 and 1."),
    ("threshold", "-0.1", "A threshold lies between 0 and 1."),
    ("threshold", "", "Type a number"),
    ("threshold", "a lot", "Type a number"),
    ("threshold", "nan", "Type a number"),
    ("threshold", "inf", "Type a number"),
    ("false_positive", "-1", "Type an amount"),
    ("false_negative", "1e30", "Type an amount"),
    ("true_negative", "", "Type a number"),
    ("true_positive", "9" * 500, "Type a number"),
]


def test_what_cannot_be_read_is_said(app: Flask, as_alice: FlaskClient, binary: int) -> None:
    for field, text, sentence in UNREADABLE:
        page = as_alice.post(f"/models/{binary}/threshold", data=FIELDS | {field: text})
        assert page.status_code == 422, text
        assert sentence in page.text, text
        assert "Not a valid" not in page.text
    assert saved(app, binary) is None


def test_four_zeros_and_unknown_buttons_are_refused(app: Flask, as_alice: FlaskClient, binary: int) -> None:
    nothing = dict.fromkeys(FIELDS, "0")
    page = as_alice.post(f"/models/{binary}/threshold", data=nothing)
    assert page.status_code == 422
    assert "every threshold costs the same" in page.text
    assert as_alice.post(f"/models/{binary}/threshold", data=FIELDS | {"action": "x"}).status_code == 422
    assert as_alice.get(f"/models/{binary}/threshold?threshold=x").status_code == 422
    assert as_alice.get(f"/models/{binary}/threshold/figures/cost?threshold=x").status_code == 200
    assert saved(app, binary) is None


def test_others_see_nothing(app: Flask, visitor: FlaskClient, as_charlie: FlaskClient, binary: int) -> None:
    addresses = [
        f"/models/{binary}/threshold",
        f"/models/{binary}/threshold/figures/cost",
        f"/models/{binary}/curves/0/roc",
    ]
    for address in addresses:
        assert as_charlie.get(address).status_code == 404
        answer = visitor.get(address)
        assert answer.status_code in (302, 401)
    assert as_charlie.post(f"/models/{binary}/threshold", data=FIELDS).status_code == 404
    assert visitor.post(f"/models/{binary}/threshold", data=FIELDS).status_code == 302
    assert saved(app, binary) is None


def test_each_curve_has_a_picture_a_sentence_and_a_table(as_alice: FlaskClient, binary: int) -> None:
    page = as_alice.get(f"/models/{binary}")
    assert page.status_code == 200
    for name in ("roc", "precision-recall", "calibration", "gain"):
        assert f'data-name="{name}"' in page.text
        option = as_alice.get(f"/models/{binary}/curves/0/{name}").get_json()
        assert option["aria"]["label"]["description"]
        assert option["series"]


def test_unknown_pictures_are_not_found(as_alice: FlaskClient, binary: int, old: int) -> None:
    assert as_alice.get(f"/models/{binary}/curves/1/roc").status_code == 404
    assert as_alice.get(f"/models/{binary}/curves/0/pie").status_code == 404
    assert as_alice.get(f"/models/{old}/curves/0/roc").status_code == 404


def test_one_of_many_classes_can_be_chosen(as_alice: FlaskClient, species: int) -> None:
    page = as_alice.get(f"/models/{species}?class=Chinstrap")
    assert "“Chinstrap” against all others together" in page.text
    assert f"/models/{species}/curves/1/roc" in page.text
    assert "<b>Gentoo</b>" not in page.text
    assert "When a row counts" not in page.text
    assert "“Adelie” against" in as_alice.get(f"/models/{species}?class=whale").text
    assert as_alice.get(f"/models/{species}/threshold").status_code == 404
    assert as_alice.post(f"/models/{species}/threshold", data=FIELDS).status_code == 404


def test_old_reports_have_neither(as_alice: FlaskClient, old: int) -> None:
    page = as_alice.get(f"/models/{old}")
    assert page.status_code == 200
    assert 'id="threshold"' not in page.text
    assert 'id="curves"' not in page.text
    assert as_alice.get(f"/models/{old}/threshold").status_code == 404


def test_a_threshold_of_the_model_before_is_called_so(app: Flask, as_alice: FlaskClient, binary: int) -> None:
    as_alice.post(f"/models/{binary}/threshold", data=FIELDS | {"action": "save"})
    before = as_alice.get(f"/models/{binary}").text
    assert "trained further" not in before
    with app.app_context():
        model = db.session.get_one(TrainedModel, binary)
        assert model.threshold_json is not None
        assert model.threshold_json["sha256"] == model.sha256
        model.threshold_json = model.threshold_json | {"expected": {"tp": 1, "fp": 1, "fn": 1, "tn": 1}}
        model.sha256 = "9" * 64
        db.session.commit()
    page = as_alice.get(f"/models/{binary}").text
    assert "for the model before it was trained further." in page
    assert "This model was trained further" in page
    assert "the saved threshold is of the model before." in page
    with app.app_context():
        model = db.session.get_one(TrainedModel, binary)
        known = threshold_in_use(model)
        assert known is not None
        counts = [known["expected"][name] for name in ("tp", "fp", "fn", "tn")]
        assert sum(counts) == 300  # of the report as it is now
        model.report_json = {}
        without = threshold_in_use(model)
        assert without is not None
        assert without["expected"] is None
        db.session.rollback()
    card = as_alice.get(f"/models/{binary}/card").text
    assert "It was saved for the model before it was trained further." in card


def test_the_cheapest_threshold_costs_what_it_costs_without_luck(as_alice: FlaskClient, binary: int) -> None:
    told = as_alice.get(f"/models/{binary}/threshold?false_negative=7", headers=JSON).get_json()
    best = told["best"]["threshold"]
    page = as_alice.get(f"/models/{binary}/threshold?false_negative=7&threshold={best}").text
    assert f'<dd data-said="cost">{told["cheapest"]["cost"]}</dd>' in page
