"""Findings on the page of an experiment, and the buttons beside them."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from beanft.extensions import db
from beanft.models import Dataset, Experiment, User
from train.stage import JSON, ask

LEAK = {
    "code": "leak-column",
    "severity": "warning",
    "columns": ["petal_width"],
    "sentence": "“petal_width” alone tells “species” almost perfectly.",
    "figure": 0.99,
    "remedy": "Train without it.",
}
NOTE = LEAK | {"code": "few-rows", "severity": "note", "columns": [], "sentence": "There are 5 rows."}


@pytest.fixture
def number(app: Flask, alice: User, iris: int) -> int:
    """Number of an experiment with a warning and a note."""
    with app.app_context():
        experiment = ask(alice, db.session.get_one(Dataset, iris))
        experiment.findings_json = [LEAK, NOTE]
        assert experiment.job is not None
        experiment.job.state = "ready"
        db.session.commit()
        return experiment.id


def _get(app: Flask, number: int) -> Experiment:
    with app.app_context():
        found = db.session.get_one(Experiment, number)
        assert found.decisions_json is not None
        return found


def test_warnings_stand_open_with_both_buttons(as_alice: FlaskClient, number: int) -> None:
    page = as_alice.get(f"/experiments/{number}").text
    assert 'data-name="findings"' in page
    assert "alone tells “species” almost perfectly" in page
    assert "Train again without “petal_width”" in page
    assert "Keep it, I know why" in page
    assert "1 note" in page


def test_one_click_trains_again(app: Flask, as_alice: FlaskClient, number: int) -> None:
    answer = as_alice.post(
        f"/experiments/{number}/findings/0/retrain", data={"key": "leak-column:petal_width"}
    )
    assert answer.status_code == 302
    made = int(answer.location.rsplit("/", 1)[1])
    assert made != number
    assert "petal_width" not in _get(app, made).features
    page = as_alice.get(answer.location).text
    assert "What training again changed" in page
    assert f'href="/experiments/{number}"' in page
    parent = as_alice.get(f"/experiments/{number}").text
    assert f'href="/experiments/{made}"' in parent
    assert "The checks found 2 things worth knowing" in parent


def test_keeping_needs_a_reason(app: Flask, as_alice: FlaskClient, number: int) -> None:
    address = f"/experiments/{number}/findings/0/keep"
    assert "almost perfectly" in as_alice.get(address).text
    empty = as_alice.post(address, data={"reason": "  "})
    assert empty.status_code == 422
    assert "Say in a few words why it may stay." in empty.text
    assert as_alice.post(address, data={"reason": "x" * 301}).status_code == 422
    assert _get(app, number).decisions_json == {}
    assert as_alice.post(address, data={"reason": "Measured <b>before</b>."}).status_code == 302
    page = as_alice.get(f"/experiments/{number}").text
    assert "“Measured &lt;b&gt;before&lt;/b&gt;.”" in page
    assert "Keep it, I know why" in page  # beside the note
    decision = _get(app, number).decisions_json["leak-column:petal_width"]
    assert (decision["decision"], decision["why"]) == ("kept", "Measured <b>before</b>.")


def test_a_note_that_training_cannot_answer_says_so(as_alice: FlaskClient, number: int) -> None:
    answer = as_alice.post(f"/experiments/{number}/findings/1/retrain")
    assert answer.status_code == 422
    assert "Follow its advice instead." in answer.text


def test_programs_get_facts(as_alice: FlaskClient, number: int) -> None:
    answer = as_alice.post(f"/experiments/{number}/findings/0/keep", headers=JSON)
    assert answer.status_code == 422
    assert answer.get_json()["errors"]["reason"] == ["Say in a few words why it may stay."]


def test_what_is_not_there_is_not_found(as_alice: FlaskClient, number: int) -> None:
    assert as_alice.get(f"/experiments/{number}/findings/7/keep").status_code == 404
    assert as_alice.post(f"/experiments/{number}/findings/7/retrain").status_code == 404
    gone = as_alice.post(f"/experiments/{number}/findings/0/retrain", data={"key": "gone:x"})
    assert gone.status_code == 404
    assert as_alice.get("/experiments/999/findings/0/keep").status_code == 404


def test_strangers_and_visitors_stay_out(as_charlie: FlaskClient, visitor: FlaskClient, number: int) -> None:
    for path in (f"/experiments/{number}/findings/0/keep", f"/experiments/{number}/findings/0/retrain"):
        assert as_charlie.post(path, data={"reason": "x"}).status_code == 404
        answer = visitor.post(path)
        assert answer.status_code == 302
        assert "/login" in answer.location


def test_without_findings_an_old_experiment_says_nothing(
    app: Flask, as_alice: FlaskClient, number: int
) -> None:
    with app.app_context():
        experiment = db.session.get_one(Experiment, number)
        experiment.findings_json = []
        db.session.commit()
    assert "What the checks found" not in as_alice.get(f"/experiments/{number}").text
    with app.app_context():
        experiment = db.session.get_one(Experiment, number)
        experiment.result_json = {"judged": {}}
        db.session.commit()
    page = as_alice.get(f"/experiments/{number}").text
    assert "The checks that were made found nothing that stands out.</p>" in page
    assert "shuffled dates" not in page


def test_where_nothing_was_found_only_what_was_looked_for_is_named(
    app: Flask, as_alice: FlaskClient, number: int
) -> None:
    with app.app_context():
        experiment = db.session.get_one(Experiment, number)
        experiment.findings_json = []
        experiment.result_json = {"judged": {}, "looked": ["rows on both sides", "identifiers"]}
        db.session.commit()
    page = as_alice.get(f"/experiments/{number}").text
    assert (
        "nothing that stands out. Before training they looked for rows on both sides, identifiers.</p>"
        in page
    )
    assert "shuffled dates" not in page
