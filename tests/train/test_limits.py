"""What limits a score stands wherever the score is praised or its model used, until something is decided."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from beanft.agreed import answered_of, limits_of_experiment, limits_of_model
from beanft.extensions import db
from beanft.models import Experiment, TrainedModel, User
from beanft.train.sentinel import services
from train.shown_models import model_ids, ready, sales
from train.stage import JSON

FOUND: list[dict[str, Any]] = [
    {
        "code": "same-entity",
        "severity": "warning",
        "columns": ["town"],
        "sentence": "Rows of one “town” are on both sides of the split.",
        "figure": 0.6,
    }
]
LIMIT = "Good only for rows of a “town” that it knows."
SENTENCE = (
    "Boosting scores 0.9 against 0.5 for guessing. On the 40 locked rows it scores 0.91, which confirms it."
)


class Stage:
    """A praised model with an open finding, and its baseline."""

    def __init__(self, alice: User) -> None:
        noise = {"boosting": 0.5, "ridge": 0.6, "baseline": 9.0}
        experiment = ready(alice, sales(alice), noise, opened=("boosting", "baseline"))
        verdict = {"code": "better", "sentence": SENTENCE, "best": "boosting", "better": {"boosting": True}}
        experiment.result_json = {
            **(experiment.result_json or {}),
            "verdict": verdict,
            "final": "boosting",
            "simple": "ridge",
            "judged": {"final": {"key": "boosting"}},
        }
        experiment.findings_json = FOUND
        db.session.commit()
        self.experiment, self.owner = experiment.id, alice.id
        self.model, self.simple, self.baseline = model_ids(experiment)


@pytest.fixture
def stage(app: Flask, alice: User) -> Stage:
    with app.app_context():
        return Stage(alice)


def _decide(app: Flask, stage: Stage, *, again: str = "") -> int:
    """Accept the finding, or train again in answer to it; the number of that experiment in a state."""
    with app.app_context():
        experiment = db.session.get_one(Experiment, stage.experiment)
        (finding,) = services.findings_of(experiment)
        if not again:
            services.keep(experiment=experiment, finding=finding, reason="No others.", user_id=stage.owner)
            return 0
        made = services.retrain(experiment=experiment, finding=finding, user_id=stage.owner)
        assert made.job is not None
        made.job.state = again
        db.session.commit()
        return made.id


def _verdict(client: FlaskClient, stage: Stage) -> str:
    facts = client.get(f"/experiments/{stage.experiment}", headers=JSON).get_json()
    said: str = facts["verdict"]["sentence"]
    return said


def _text(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(answer.text.split())


def test_the_verdict_and_the_cards_begin_with_the_limit(as_alice: FlaskClient, stage: Stage) -> None:
    said = _verdict(as_alice, stage)
    assert said.startswith("Good only for rows of a “town” that it knows: Boosting scores 0.9")
    assert said.endswith("which confirms it within that limit.")
    page = _text(as_alice, f"/experiments/{stage.experiment}")
    final, simple = page.split('data-card="final"')[1].split('data-card="simple"')
    assert f"It scores best on the rows while they were unseen. {LIMIT}" in final
    assert "Take it when" not in final + simple
    assert "The same holds for it." in simple
    facts = as_alice.get(f"/experiments/{stage.experiment}", headers=JSON).get_json()
    assert facts["limits"] == [LIMIT]
    assert "which confirms it within that limit" in _text(as_alice, "/")
    card = as_alice.get(f"/models/{stage.model}/card").text
    assert "Of the whole experiment: Good only for rows of a “town” that it knows: Boosting" in card


def test_what_was_accepted_limits_no_longer(app: Flask, as_alice: FlaskClient, stage: Stage) -> None:
    _decide(app, stage)
    assert _verdict(as_alice, stage) == SENTENCE
    page = _text(as_alice, f"/experiments/{stage.experiment}")
    assert "Take it when the score is all that counts." in page
    assert 'data-name="limits"' not in _text(as_alice, f"/models/{stage.model}")


@pytest.mark.parametrize("state", ["queued", "running", "failed", "cancelled"])
def test_an_answer_that_is_not_there_yet_leaves_the_limit(
    app: Flask, as_alice: FlaskClient, stage: Stage, state: str
) -> None:
    _decide(app, stage, again=state)
    assert _verdict(as_alice, stage).startswith("Good only for rows of a “town” that it knows: ")


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_an_answer_that_failed_can_be_asked_for_again(
    app: Flask, as_alice: FlaskClient, stage: Stage, state: str
) -> None:
    made = _decide(app, stage, again=state)
    page = as_alice.get(f"/experiments/{stage.experiment}").text
    assert 'data-decided="no"' in page
    assert "Keep it, I know why" in page
    assert f"/experiments/{stage.experiment}/findings/0/retrain" in page
    assert _decide(app, stage, again="queued") != made
    assert 'data-decided="yes"' in as_alice.get(f"/experiments/{stage.experiment}").text


def test_a_number_that_was_used_again_for_another_finding_answers_nothing(
    app: Flask, as_alice: FlaskClient, stage: Stage
) -> None:
    made = _decide(app, stage, again="ready")
    with app.app_context():
        other = db.session.get_one(Experiment, made)
        origin = dict(other.origin_json or {})
        other.origin_json = origin | {"finding": {**origin["finding"], "key": "leak-column:size"}}
        db.session.commit()
    assert _verdict(as_alice, stage).startswith("Good only for rows of a “town” that it knows: ")
    assert 'data-decided="no"' in as_alice.get(f"/experiments/{stage.experiment}").text


def test_an_answer_that_is_ready_is_pointed_to_until_it_is_deleted(
    app: Flask, as_alice: FlaskClient, stage: Stage
) -> None:
    made = _decide(app, stage, again="ready")
    go = f"Trained again with the rows of one “town” kept together as experiment {made}: go by that one."
    assert _verdict(as_alice, stage).startswith(f"{go} Boosting scores 0.9")
    assert "confirms" not in _verdict(as_alice, stage)
    assert go in _text(as_alice, f"/models/{stage.model}")
    with app.app_context():
        other = db.session.get_one(Experiment, made)
        other.origin_json = {}  # a number is used again: this is another one now
        db.session.commit()
    assert _verdict(as_alice, stage).startswith("Good only for rows of a “town” that it knows: ")
    with app.app_context():
        db.session.delete(db.session.get_one(Experiment, made))
        db.session.commit()
    assert _verdict(as_alice, stage).startswith("Good only for rows of a “town” that it knows: ")


def test_the_note_stands_on_the_page_of_the_model(as_alice: FlaskClient, stage: Stage) -> None:
    page = _text(as_alice, f"/models/{stage.model}")
    assert page.count('data-name="limits"') == 1
    assert f'{LIMIT} <a href="/experiments/{stage.experiment}#findings">' in page
    assert 'data-name="limits"' not in _text(as_alice, f"/models/{stage.baseline}")


def test_locked_rows_are_not_called_honest_where_they_share_the_limit(
    app: Flask, as_alice: FlaskClient, stage: Stage
) -> None:
    with app.app_context():
        model = db.session.get_one(TrainedModel, stage.model)
        figures = {
            "metrics": {"roc_auc": {"value": 0.9, "low": 0.8, "high": 1.0}},
            "n_rows": 40,
            "draws": 400,
        }
        difference = {"metric": "roc_auc", "value": 0.4, "low": 0.3, "high": 0.5}
        model.report_json = {"holdout": figures | {"difference": difference}}
        db.session.commit()
    page = _text(as_alice, f"/models/{stage.model}")
    assert "but what limits the score above limits these, too." in page
    assert "honest ones" not in page
    assert as_alice.get(f"/models/{stage.model}", headers=JSON).get_json()["limits"] == [LIMIT]
    _decide(app, stage)
    assert "so these scores are the honest ones." in _text(as_alice, f"/models/{stage.model}")


def test_only_the_final_model_was_compared_with_simple_guesses(app: Flask, stage: Stage) -> None:
    with app.app_context():
        experiment = db.session.get_one(Experiment, stage.experiment)
        rule = {"title": "a rule of two questions", "difference": {"high": -0.1}}
        judged = {"final": {"key": "boosting"}, "references": {"rule": rule}}
        split = {"by": "time"}
        experiment.result_json = {**(experiment.result_json or {}), "judged": judged, "split": split}
        beaten = limits_of_experiment(experiment).beaten
        assert beaten.endswith("keep it as a plain rule, train for longer, or bring later rows.")
        final, simple = (db.session.get_one(TrainedModel, one) for one in (stage.model, stage.simple))
        assert limits_of_model(final).sentences == (LIMIT, beaten)
        assert limits_of_model(simple).sentences == (LIMIT,)


def test_no_decision_needs_no_question(app: Flask) -> None:
    assert answered_of(1, None) == answered_of(1, {}) == ()
    kept = {"b:x": {"decision": "kept", "why": "w", "at": "t"}, "a:": {"decision": "kept"}}
    assert answered_of(1, kept) == (("a:", ""), ("b:x", ""))


def test_what_could_not_be_checked_stands_where_limits_stand(
    app: Flask, as_alice: FlaskClient, stage: Stage
) -> None:
    note = {"code": "checks-skipped", "severity": "note", "columns": [], "figure": 1.0}
    note["sentence"] = "Time was too short to look for: rare classes, entities on both sides (limit 1.2 s)."
    with app.app_context():
        experiment = db.session.get_one(Experiment, stage.experiment)
        experiment.findings_json = [note]
        db.session.commit()
    unchecked = (
        "Not checked, as time was too short: whether rows of the same person or thing were both learned from "
        "and scored; give more time."
    )
    assert _verdict(as_alice, stage) == f"{SENTENCE[:-1]} as far as was checked. {unchecked}"
    for address in (
        f"/experiments/{stage.experiment}",
        f"/models/{stage.model}",
        f"/models/{stage.model}/card",
    ):
        assert unchecked in _text(as_alice, address), address
    facts = as_alice.get(f"/models/{stage.model}", headers=JSON).get_json()
    assert facts["limits"] == [unchecked]
    with app.app_context():
        experiment = db.session.get_one(Experiment, stage.experiment)
        experiment.findings_json = [*FOUND, note]
        db.session.commit()
    said = _verdict(as_alice, stage)
    assert said.startswith("Good only for rows of a “town” that it knows: Boosting scores 0.9")
    assert said.endswith(f"which confirms it within that limit. {unchecked}")
