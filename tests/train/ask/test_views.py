"""The form that asks a question of a dataset."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from beanft.engine.learning.choices import Choices
from beanft.engine.learning.learners import LEARNERS, learners_for
from beanft.engine.learning.metrics import METRICS
from beanft.extensions import db
from beanft.models import Dataset, Experiment, User
from factories import make_dataset
from train.stage import FEATURES, JSON, ask


def _answers(**values: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "target": "species",
        "features": FEATURES,
        "task": "classification",
        "budget": "30",
    }
    return given | values


def _last(app: Flask) -> Experiment:
    with app.app_context():
        experiment = db.session.query(Experiment).order_by(Experiment.id.desc()).first()
        assert experiment is not None
        return experiment


def test_the_form_proposes_a_task_and_ticks_what_can_help(as_alice: FlaskClient, iris: int) -> None:
    page = as_alice.get(f"/datasets/{iris}/train?target=species")
    assert page.status_code == 200
    assert "“species” holds 3 different words, so this is multiclass classification." in page.text
    assert 'value="petal_width" id="feature-5" checked' in page.text
    assert 'value="id" id="feature-1"  aria-describedby' in page.text
    assert "Only tells the rows apart" in page.text
    assert 'value="species" id="feature-8"  ' in page.text


def test_the_form_opens_without_a_target(as_alice: FlaskClient, iris: int) -> None:
    page = as_alice.get(f"/datasets/{iris}/train")
    assert page.status_code == 200
    for name in ("target", "features", "task", "budget", "metric", "learners", "seed"):
        assert f'name="{name}"' in page.text


def test_nothing_is_said_of_the_rows_before_a_target_is_chosen(as_alice: FlaskClient, iris: int) -> None:
    assert "data-needs-target hidden>" in as_alice.get(f"/datasets/{iris}/train").text
    page = as_alice.get(f"/datasets/{iris}/train?target=species").text
    assert "data-needs-target hidden>" not in page
    assert "cut into 8 folds because they are no more than 3,000 rows;" in page


def test_that_all_learners_run_is_said_only_where_none_is_ticked(as_alice: FlaskClient, iris: int) -> None:
    ticked = as_alice.get(f"/datasets/{iris}/train?target=species").text
    assert "<span data-none-ticked hidden>" in ticked
    answer = as_alice.post(f"/datasets/{iris}/train", data=_answers(budget="0"))
    assert answer.status_code == 422
    assert "<span data-none-ticked > With none ticked, all run.</span>" in answer.text


def test_no_training_begins_or_goes_on_without_room_for_its_models(
    app: Flask, as_alice: FlaskClient, alice: User, iris: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        number = ask(alice, db.session.get_one(Dataset, iris)).id
    known = app.config["BEANFT"]
    monkeypatch.setitem(app.config, "BEANFT", replace(known, storage_per_user_mb=1))
    asked = as_alice.post(f"/datasets/{iris}/train", data=_answers())
    more = as_alice.post(f"/experiments/{number}/continue", data={"seconds": "60"})
    for answer in (asked, more):
        assert answer.status_code in (409, 422)
        assert "There is no room for this: it needs 10.0 MB more" in answer.text
    assert _last(app).id == number


def test_train_again_shows_the_question_that_was_asked(
    app: Flask, as_alice: FlaskClient, alice: User, iris: int
) -> None:
    with app.app_context():
        asked = ask(alice, db.session.get_one(Dataset, iris), features=["petal_width"], budget_s=77, seed=5)
        number = asked.id
    page = as_alice.get(f"/datasets/{iris}/train?again={number}").text
    assert 'value="petal_width" id="feature-5" checked' in page
    assert 'value="sepal_width" id="feature-3" checked' not in page
    assert 'value="77"' in page
    assert 'value="5"' in page
    assert 'value="logistic" id="learner-logistic"  ' in page


def test_the_question_of_somebody_else_cannot_be_asked_again(
    app: Flask, as_charlie: FlaskClient, charlie: User, trained: int
) -> None:
    with app.app_context():
        own = make_dataset(charlie, name="own", csv="a,b\n1,x\n2,y\n").id
    assert as_charlie.get(f"/datasets/{own}/train?again={trained}").status_code == 404


def test_the_form_as_facts(as_alice: FlaskClient, iris: int) -> None:
    facts = as_alice.get(f"/datasets/{iris}/train", headers=JSON).get_json()
    tasks = {one["name"]: one["task"] for one in facts["targets"]}
    assert tasks["species"] == "classification"
    assert tasks["petal_width"] == "regression"
    assert tasks["day"] is None
    assert [one["name"] for one in facts["features"] if one["warning"]] == ["id", "site"]


def test_a_question_is_queued_and_shown(app: Flask, as_alice: FlaskClient, iris: int) -> None:
    answer = as_alice.post(
        f"/datasets/{iris}/train", data=_answers(seed="7", metric="accuracy", learners=["boosting"])
    )
    asked = _last(app)
    assert answer.status_code == 302
    assert answer.location == f"/experiments/{asked.id}"
    assert (asked.target, asked.features, asked.task) == ("species", FEATURES, "classification")
    assert (asked.metric, asked.budget_s, asked.seed) == ("accuracy", 30, 7)
    assert asked.learners == ["baseline", "boosting"]
    assert as_alice.get(answer.location).status_code == 200


def test_what_is_left_out_is_settled(app: Flask, as_alice: FlaskClient, iris: int) -> None:
    answer = as_alice.post(
        f"/datasets/{iris}/train", data={"target": "petal_width", "features": ["sepal_width"]}
    )
    assert answer.status_code == 302
    asked = _last(app)
    assert (asked.task, asked.metric, asked.budget_s) == ("regression", "rmse", 120)
    assert asked.learners == [learner.key for learner in learners_for("regression")]


def test_the_task_can_be_changed(app: Flask, as_alice: FlaskClient, alice: User) -> None:
    with app.app_context():
        rows = "\n".join(f"{n % 5},{n * 7 % 31}" for n in range(100))
        number = make_dataset(alice, name="stars", csv=f"stars,price\n{rows}\n").id
    data = {"target": "stars", "features": ["price"], "budget": "10"}
    as_alice.post(f"/datasets/{number}/train", data=data)
    assert _last(app).task == "classification"
    as_alice.post(f"/datasets/{number}/train", data=data | {"task": "regression"})
    assert _last(app).task == "regression"


def test_learners_of_the_other_task_are_left_out(app: Flask, as_alice: FlaskClient, iris: int) -> None:
    as_alice.post(f"/datasets/{iris}/train", data=_answers(learners=["ridge", "logistic", "boosting"]))
    assert _last(app).learners == ["baseline", "logistic", "boosting"]


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"target": ""}, "Choose the column to predict."),
    ({"target": "wings"}, "There is no column “wings” in this dataset."),
    ({"target": "day"}, "dates cannot be forecast"),
    ({"target": "site"}, "same in every row"),
    ({"features": []}, "Tick at least one column to learn from."),
    ({"features": ["wings"]}, "There is no column “wings” in this dataset."),
    ({"features": [*FEATURES, "species"]}, "cannot be predicted from itself"),
    ({"features": ["id"]}, "Tick at least one other column."),
    ({"task": "regression"}, "“species” holds words"),
    ({"task": "clustering"}, "There is no task “clustering”."),
    ({"metric": "rmse"}, "This metric does not fit"),
    ({"metric": "roc_auc"}, "This metric does not fit"),
    ({"learners": ["ridge"]}, "None of the ticked learners does classification."),
    ({"learners": ["oracle"]}, "There is no learner “oracle”."),
    ({"budget": "0"}, "Give a time from 1 to 3,600 seconds."),
    ({"budget": "99999"}, "Give a time from 1 to 3,600 seconds."),
    ({"budget": "soon"}, "Give a whole number."),
    ({"budget": ""}, "Give a whole number"),
    ({"seed": "-1"}, "Give a whole number from 0"),
    ({"seed": "x"}, "Give a whole number."),
]


def test_a_bad_question_is_refused_in_words(app: Flask, as_alice: FlaskClient, iris: int) -> None:
    # One test for all: each would have to read the table and log in anew.
    for changed, sentence in REFUSED:
        answer = as_alice.post(f"/datasets/{iris}/train", data=_answers(**changed))
        assert answer.status_code == 422, changed
        assert sentence in answer.text, changed
    with app.app_context():
        assert db.session.query(Experiment).count() == 0


def test_a_refused_question_keeps_its_choices(as_alice: FlaskClient, iris: int) -> None:
    answer = as_alice.post(
        f"/datasets/{iris}/train", data=_answers(features=["sepal_width"], budget="0", seed="42")
    )
    assert re.findall(r'value="([^"]*)" id="feature-\d+" checked', answer.text) == ["sepal_width"]
    assert 'value="42"' in answer.text
    facts = as_alice.post(f"/datasets/{iris}/train", data=_answers(budget="0"), headers=JSON)
    assert facts.status_code == 422
    assert list(facts.get_json()["errors"]) == ["budget"]


def test_without_javascript_the_form_can_follow_the_target(
    app: Flask, as_alice: FlaskClient, iris: int
) -> None:
    answer = as_alice.post(f"/datasets/{iris}/train", data={"target": "petal_width", "update": "yes"})
    assert answer.status_code == 200
    assert "so this is regression" in answer.text
    assert 'value="petal_width" id="feature-5"  ' in answer.text


def test_names_with_markup_and_line_ends_are_only_names(
    app: Flask, as_alice: FlaskClient, alice: User
) -> None:
    rows = "\n".join(f"{n * 7 % 31},{n % 2}" for n in range(60))
    with app.app_context():
        number = make_dataset(alice, name="odd", csv=f'"<b>x\n1</b>",y\n{rows}\n').id
    page = as_alice.get(f"/datasets/{number}/train?target=y")
    assert "<b>x" not in page.text
    name = as_alice.get(f"/datasets/{number}/train", headers=JSON).get_json()["features"][0]["name"]
    sent = name.replace("\n", "\r\n")
    answer = as_alice.post(f"/datasets/{number}/train", data={"target": "y", "features": [sent]})
    assert answer.status_code == 302, answer.text
    assert _last(app).features == [name]
    assert "<b>x" not in as_alice.get(answer.location).text


def test_a_table_that_is_not_ready_cannot_be_trained_on(app: Flask, as_alice: FlaskClient, iris: int) -> None:
    with app.app_context():
        job = db.session.get_one(Dataset, iris).latest.job
        assert job is not None
        job.state = "running"
        db.session.commit()
    page = as_alice.get(f"/datasets/{iris}/train")
    assert page.status_code == 409
    assert "still being read" in page.text


CHOSEN = {
    "cut": "group",
    "group_column": "day",
    "holdout": "25",
    "folds": "4",
    "class_weights": "balanced",
    "distinct": "y",
    "learners": ["boosting", "neighbours", "logistic"],
    "boosting-leaves": "15",
    "boosting-learning_rate": "0.05",
    "network-width": "64",
    "logistic-penalty": "",
}


def test_what_is_folded_is_stored_and_shown_again(app: Flask, as_alice: FlaskClient, iris: int) -> None:
    assert as_alice.post(f"/datasets/{iris}/train", data=_answers(**CHOSEN)).status_code == 302
    asked = _last(app)
    validation = {"by": "group", "column": "day", "holdout": 0.25, "folds": 4}
    settings = {"boosting": {"learning_rate": 0.05, "leaves": 15}}  # the network was not ticked
    assert asked.choices_json == {
        "validation": validation, "class_weights": "balanced", "positive": "", "distinct": True,
        "settings": settings,
    }  # fmt: skip
    page = as_alice.get(f"/datasets/{iris}/train?again={asked.id}").text
    assert re.search(r'checked[^>]*name="cut"[^>]*value="group"', page)
    assert '<option selected value="day">day</option>' in page
    assert '<option selected value="balanced">' in page
    assert re.search(r'checked[^>]*name="distinct"', page)
    assert re.search(r'id="holdout"[^>]*value="25', page)
    assert re.search(r'id="boosting-leaves"[^>]*value="15', page)


def test_as_proposed_is_stored_as_the_default(app: Flask, as_alice: FlaskClient, iris: int) -> None:
    as_alice.post(f"/datasets/{iris}/train", data=_answers(holdout="", folds="", cut=""))
    assert _last(app).choices_json == Choices().to_dict()


REFUSED_CHOICES: list[tuple[dict[str, Any], str, str]] = [
    ({"cut": "luck"}, "cut", "Choose one of the ways below."),
    ({"cut": "group", "group_column": ""}, "group_column", "Choose the column of the groups."),
    ({"cut": "time", "time_column": "site"}, "time_column", "neither dates nor numbers"),
    ({"cut": "group", "group_column": "species"}, "group_column", "is to be predicted"),
    ({"holdout": "90"}, "holdout", "Give a share from 5 to 50 per cent"),
    ({"holdout": "some"}, "holdout", "Give a number"),
    ({"folds": "1"}, "folds", "from 2 to 20"),
    ({"folds": "x"}, "folds", "Give a whole number."),
    ({"positive": "setosa"}, "positive", "no such class among two"),
    ({"class_weights": "heavy"}, "class_weights", "Choose one of the weights"),
    (
        {
            "target": "petal_width",
            "features": ["site", "sepal_width"],
            "task": "auto",
            "class_weights": "balanced",
        },
        "class_weights",
        "Class weights are for classification.",
    ),
    ({"boosting-leaves": "1"}, "boosting-leaves", "“Leaves of a tree” must be a whole number from 2 to 255."),
    ({"boosting-leaves": "nan"}, "boosting-leaves", "must be a whole number"),
    ({"boosting-leaves": "many"}, "boosting-leaves", "Give a number"),
]


def test_a_bad_choice_is_refused_beside_its_field(app: Flask, as_alice: FlaskClient, iris: int) -> None:
    for changed, field, sentence in REFUSED_CHOICES:
        answer = as_alice.post(f"/datasets/{iris}/train", data=_answers(**changed), headers=JSON)
        assert answer.status_code == 422, changed
        errors = answer.get_json()["errors"]
        assert list(errors) == [field], changed
        assert sentence in errors[field][0], changed
    page = as_alice.post(f"/datasets/{iris}/train", data=_answers(folds="1"))
    assert 'id="folds-error">Give a number of folds from 2 to 20, or nothing.' in page.text
    with app.app_context():
        assert db.session.query(Experiment).count() == 0


def test_the_form_proposes_how_rows_are_checked(app: Flask, as_alice: FlaskClient, iris: int) -> None:
    page = as_alice.get(f"/datasets/{iris}/train?target=species").text
    assert "Rows are drawn by chance, each class by its share. 20 % of the rows (30) are locked away" in page
    assert "“day” holds dates, so the rows may be ordered by time." in page
    with app.app_context():
        version = db.session.get_one(Dataset, iris).current
        assert version is not None
        version.roles = {"day": "time"}
        db.session.commit()
    page = as_alice.get(f"/datasets/{iris}/train?target=species").text
    assert "“day” tells the time" in page
    assert 'role-badge">time<' in page
    facts = as_alice.get(f"/datasets/{iris}/train", headers=JSON).get_json()
    assert (facts["validation"]["by"], facts["validation"]["column"]) == ("time", "day")


def test_every_metric_and_setting_has_its_sentence(as_alice: FlaskClient, iris: int) -> None:
    page = unescape(as_alice.get(f"/datasets/{iris}/train").text)
    for metric in METRICS:
        assert f"<dt>{metric.title}</dt>" in page
        assert metric.sentence in page
    for learner in LEARNERS:
        for setting in learner.settings:
            assert f'name="{learner.key}-{setting.key}"' in page
            assert setting.sentence in page
    for seconds in (30, 120, 600):
        assert f'data-seconds="{seconds}"' in page


def test_wide_tables_have_a_search(app: Flask, as_alice: FlaskClient, alice: User, iris: int) -> None:
    names = [f"c{n}" for n in range(31)]
    csv = "\n".join([",".join(names), *(",".join(str((n * i) % 7) for n in range(1, 32)) for i in range(40))])
    with app.app_context():
        wide = make_dataset(alice, name="wide", csv=csv + "\n").id
    assert "data-search" in as_alice.get(f"/datasets/{wide}/train").text
    assert "data-search" not in as_alice.get(f"/datasets/{iris}/train").text
