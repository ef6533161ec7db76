"""Model cards: everything that is known, what is not known said so, one file that asks nothing."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from beanft import storage
from beanft.extensions import db
from beanft.models import AuditEvent, Experiment, Explanation, TrainedModel, User
from beanft.train.cards.views import MOST_BYTES
from train.shown_models import model_ids, ready, sales
from train.stage import JSON

HOSTILE = "<script>window.__pwned=1</script>\"'><img src=//x onerror=e()>{{7*7}}&"
REPORT: dict[str, Any] = {
    "importance": {
        "metric": "roc_auc",
        "n_rows": 40,
        "columns": [{"name": "size", "mean": 0.2, "sd": 0.02}, {"name": "day", "mean": -0.01, "sd": 0.01}],
    },
    "slices": {"looked": 14, "found": [{"sentence": "Where “town” is “north”, 31 % are told wrong."}]},
}
EXPLAINED = {"columns": ["size"], "value": 0.3, "low": 0.2, "high": 0.4}


class Stage:
    """Two models of a class with a baseline, and one of a number."""

    def __init__(self, app: Flask, alice: User) -> None:
        with app.app_context():
            dataset = sales(alice)
            experiment = ready(
                alice, dataset, {"boosting": 0.5, "baseline": 9.0}, opened=("boosting", "baseline")
            )
            self.experiment, (self.model, self.baseline) = experiment.id, model_ids(experiment)
            self.price = model_ids(ready(alice, dataset, {"ridge": 0.5}, task="regression"))[0]
            self.dataset = dataset.id


@pytest.fixture
def stage(app: Flask, alice: User) -> Stage:
    return Stage(app, alice)


def _section(facts: dict[str, Any], key: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in facts["sections"] if one["key"] == key)
    return found


def _words(section: dict[str, Any]) -> str:
    cells = [cell for row in (section["table"] or {"rows": []})["rows"] for cell in row]
    pairs = [f"{name}: {value}" for name, value in section["facts"]]
    return " | ".join([*section["texts"], *section["items"], *pairs, *cells])


def test_a_card_tells_what_is_known(app: Flask, as_alice: FlaskClient, stage: Stage) -> None:
    with app.app_context():
        model = db.session.get_one(TrainedModel, stage.model)
        experiment = model.run.experiment
        model.report_json = REPORT
        model.threshold_json = {"threshold": 0.3, "costs": {"false_positive": 1, "false_negative": 5}}
        model.run.facts = model.run.facts | {"versions": {"numpy": "9.9"}}
        experiment.findings_json = [
            {
                "code": "leak-column",
                "severity": "warning",
                "columns": ["size"],
                "sentence": "“size” tells all.",
                "figure": 1.0,
            }
        ]
        experiment.decisions_json = {"leak-column:size": {"decision": "kept", "why": "Known before."}}
        explained = {"metric": "roc_auc", "n_rows": 40, "columns": [EXPLAINED]}
        asked = {"label": None, "sha256": model.sha256}
        db.session.add(
            Explanation(
                owner_id=model.owner_id,
                model_id=model.id,
                kind="overview",
                params_json=asked,
                result_json={"importance": explained},
            )
        )
        db.session.commit()
        sha256 = experiment.version.original_sha256
    facts = as_alice.get(f"/models/{stage.model}/card?groups=town", headers=JSON).get_json()
    expected = {
        "scores": ["“Boosting” is better than “guessing”: ROC AUC by", "Locked rows: 40 rows"],
        "data": ["sales, version 1", sha256, "day: 2024-01-03 to 2024-12-03", "200 rows, 5 columns"],
        "question": ["Target: paid", "160 to learn from, 40 (20 %) locked away", "“no”, “yes”", "12 rows"],
        "learner": ["Gradient boosting", "Depth: 3", "Training took: 1.5 s"],
        "threshold": ["“yes” from a probability of 0.300 on", "cost of a miss 5"],
        "reliability": ["On the diagonal a probability means what it says."],
        "limits": ["0.5 to 16.5", "east, north, south", "2024-01-03 to 2024-12-03"],
        "findings": ["Warning: “size” tells all. Decided: kept. Why: Known before."],
        "importance": ["How much worse ROC AUC gets", "0.300 (0.200 to 0.400)"],
        "failures": ["Of 14 kinds of rows", "Where “town” is “north”, 31 % are told wrong."],
        "fairness": ["Unseen rows by “town”", "north"],
        "reproduce": [f"/datasets/{stage.dataset}/train?again={stage.experiment}", "numpy 9.9", "Seed: 0"],
        "origin": ["Made by: alice"],
    }
    for key, sentences in expected.items():
        for sentence in sentences:
            assert sentence in _words(_section(facts, key)), key
    assert '"target": "paid"' in _section(facts, "reproduce")["code"]
    page = as_alice.get(f"/models/{stage.model}/card")
    assert page.status_code == 200
    assert page.text.count('<svg class="card-picture') == 2
    assert 'data-name="scores"' in page.text


def test_a_regression_and_a_baseline_have_cards_too(as_alice: FlaskClient, stage: Stage) -> None:
    price = as_alice.get(f"/models/{stage.price}/card").text
    assert "On the diagonal the predictions are right on average." in price
    assert "The locked rows were not opened for this model" in price
    assert 'id="threshold-title"' not in price
    baseline = as_alice.get(f"/models/{stage.baseline}/card").text
    assert "It is the baseline: it looks at no column and only guesses." in baseline
    assert "is better than “guessing”" not in baseline


def test_an_old_model_says_what_is_not_known(app: Flask, as_alice: FlaskClient, stage: Stage) -> None:
    with app.app_context():
        model = db.session.get_one(TrainedModel, stage.model)
        experiment = model.run.experiment
        storage.remove(experiment.key)
        model.schema_json, model.report_json, experiment.result_json = {}, {}, None
        experiment.version.profile_json = None
        model.run.facts = {"mean": 0.9, "sd": 0.1, "scores": [0.9, 0.9]}
        db.session.commit()
    for address in (f"/models/{stage.model}/card", f"/models/{stage.model}/card.html"):
        page = as_alice.get(address)
        assert page.status_code == 200
        for sentence in (
            "What its columns held is not known.",
            "It was not measured for this model.",
            "What it said of unseen rows was not kept",
            "It is not known whether the time limit cut this search.",
            "not known",
        ):
            assert sentence in page.text


def test_the_file_stands_alone(app: Flask, as_alice: FlaskClient, stage: Stage) -> None:
    _be_hostile(app, stage)
    answer = as_alice.get(f"/models/{stage.model}/card.html")
    assert answer.status_code == 200
    assert answer.mimetype == "text/html"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    text = answer.text
    assert len(answer.data) < MOST_BYTES
    assert "<script" not in text
    assert "<img" not in text
    tags = _Tags()
    tags.feed(text)
    assert not tags.names & {"script", "img", "link", "iframe", "object", "form", "a"}
    assert not [name for name in tags.attributes if name in ("src", "href", "action") or name[:2] == "on"]
    assert "url(" not in text
    assert "&lt;script&gt;window.__pwned=1" in text
    page = as_alice.get(f"/models/{stage.model}/card")
    assert "<script>window" not in page.text
    assert "<img src=//x" not in page.text


class _Tags(HTMLParser):
    """What a browser would make of a file."""

    def __init__(self) -> None:
        super().__init__()
        self.names, self.attributes = set[str](), set[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}


def _be_hostile(app: Flask, stage: Stage) -> None:
    """Put markup wherever a user can put words."""
    with app.app_context():
        model = db.session.get_one(TrainedModel, stage.model)
        experiment = model.run.experiment
        model.notes = model.run.title = experiment.target = experiment.version.dataset.name = HOSTILE
        experiment.features = [HOSTILE]
        model.schema_json = {
            "columns": [{"name": HOSTILE, "kind": "category", "choices": [HOSTILE], "n_choices": 1}],
            "labels": ["no", HOSTILE],
        }
        model.report_json = {
            "importance": {"metric": "x", "columns": [{"name": HOSTILE, "mean": 1.0, "sd": 0.1}]},
            "slices": {"looked": 1, "found": [{"sentence": HOSTILE}]},
        }
        model.run.facts = model.run.facts | {"settings": {HOSTILE: HOSTILE}, "notes": [HOSTILE]}
        experiment.findings_json = [
            dict.fromkeys(("code", "severity", "sentence"), HOSTILE) | {"columns": [HOSTILE], "figure": 1.0}
        ]
        experiment.decisions_json = {f"{HOSTILE}:{HOSTILE}": {"decision": HOSTILE, "why": HOSTILE}}
        db.session.commit()


def test_the_largest_card_stays_small_enough_to_send(app: Flask, as_alice: FlaskClient, stage: Stage) -> None:
    with app.app_context():
        model = db.session.get_one(TrainedModel, stage.model)
        names = [f"{n}" + '"' * 9_000 for n in range(1_000)]
        model.notes = '"' * 10_000
        model.schema_json = {
            "columns": [{"name": name, "kind": "category", "choices": names[:50]} for name in names[:300]],
            "labels": ["no", "yes"],
        }
        model.run.experiment.features = names
        model.run.facts = model.run.facts | {
            "notes": names[:5],
            "settings": {name: name for name in names[:9]},
        }
        db.session.commit()
    answer = as_alice.get(f"/models/{stage.model}/card.html")
    assert answer.status_code == 200
    assert len(answer.data) < MOST_BYTES
    assert "of 300 columns:" in answer.text


def test_notes_are_kept_with_their_lines(app: Flask, as_alice: FlaskClient, stage: Stage) -> None:
    answer = as_alice.post(
        f"/models/{stage.model}/notes", data={"notes": f"For planning.\r\n\r\n{HOSTILE}\0"}
    )
    assert answer.status_code == 302
    assert answer.location == f"/models/{stage.model}/card#notes"
    with app.app_context():
        assert db.session.get_one(TrainedModel, stage.model).notes == f"For planning.\n\n{HOSTILE}"
        assert "model-notes" in db.session.scalars(select(AuditEvent.action)).all()
    page = as_alice.get(f"/models/{stage.model}/card").text
    assert '<p class="card-notes">For planning.\n\n&lt;script&gt;' in page
    as_alice.post(f"/models/{stage.model}/notes", data={"notes": ""})
    assert "Nothing is written here yet." in as_alice.get(f"/models/{stage.model}/card").text


def test_notes_have_a_limit(app: Flask, as_alice: FlaskClient, stage: Stage) -> None:
    assert as_alice.post(f"/models/{stage.model}/notes", data={"notes": "ä" * 10_000}).status_code == 302
    answer = as_alice.post(f"/models/{stage.model}/notes", data={"notes": "x" * 10_001})
    assert answer.status_code == 422
    assert "The notes have at most 10,000 characters." in answer.text
    facts = as_alice.post(f"/models/{stage.model}/notes", data={"notes": "x" * 10_001}, headers=JSON)
    assert facts.get_json()["errors"] == {
        "notes": ["The notes have at most 10,000 characters. Shorten them."]
    }
    with app.app_context():
        assert db.session.get_one(TrainedModel, stage.model).notes == "ä" * 10_000


def test_the_usual_threshold_and_a_search_that_was_cut_are_said(
    app: Flask, as_alice: FlaskClient, stage: Stage
) -> None:
    with app.app_context():
        experiment = db.session.get_one(Experiment, stage.experiment)
        assert experiment.result_json is not None
        split = experiment.result_json["split"] | {"by": "time", "column": "day", "n_repeats": 3}
        experiment.result_json = experiment.result_json | {"cut_short": True, "split": split}
        experiment.origin_json = {"experiment": 7}
        db.session.commit()
    page = as_alice.get(f"/models/{stage.model}/card").text
    for sentence in (
        "The usual one: a row counts as “yes” from a probability of 0.5 on.",
        "The time limit cut this search",
        "the locked rows are the latest by “day”",
        "5, cut anew 3 times",
        "Its experiment repeats experiment 7 because of a finding.",
    ):
        assert sentence in page


def test_figures_by_group_are_put_in_for_a_column_that_makes_groups(
    as_alice: FlaskClient, stage: Stage
) -> None:
    plain = as_alice.get(f"/models/{stage.model}/card").text
    assert "This card was made without figures by group." in plain
    chosen = as_alice.get(f"/models/{stage.model}/card?groups=town").text
    assert 'data-name="groups"' in chosen
    assert f"/models/{stage.model}/card.html?groups=town" in chosen
    assert 'data-name="groups"' in as_alice.get(f"/models/{stage.model}/card.html?groups=town").text
    refused = as_alice.get(f"/models/{stage.model}/card?groups=<b>")
    assert refused.status_code == 422
    assert "makes no groups to compare." in refused.text
    assert "<b>" not in refused.text


def test_strangers_find_no_card(as_charlie: FlaskClient, stage: Stage) -> None:
    for address in ("card", "card.html"):
        assert as_charlie.get(f"/models/{stage.model}/{address}").status_code == 404
    assert as_charlie.post(f"/models/{stage.model}/notes", data={"notes": "x"}).status_code == 404


@pytest.mark.parametrize("is_measured", [True, False])
def test_a_lead_that_the_verdict_does_not_count_is_told_as_that(
    app: Flask, as_alice: FlaskClient, stage: Stage, *, is_measured: bool
) -> None:
    """One card said that nothing does better than guessing, and that it does."""
    with app.app_context():
        model = db.session.get_one(TrainedModel, stage.model)
        experiment = model.run.experiment
        said = {"code": "guessing", "sentence": "No learner does better.", "better": {"boosting": False}}
        experiment.result_json = {**(experiment.result_json or {}), "verdict": said}
        if is_measured:
            lead = {"difference": 0.153, "low": 0.0211, "high": 0.284, "p": 0.02, "better": True}
            model.run.facts = model.run.facts | {"better": lead}
        db.session.commit()
    facts = as_alice.get(f"/models/{stage.model}/card", headers=JSON).get_json()
    told = _words(_section(facts, "scores"))
    assert "ahead of guessing" in told
    assert "It does not count as better: so many runs show such a lead by chance" in told
    assert "is better than guessing" not in told
    assert "is better than “guessing”" not in told
