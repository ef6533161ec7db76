"""The pages that explain a model."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from beanft.extensions import db
from beanft.models import Dataset, Explanation, Job, TrainedModel, User
from beanft.train import services as training
from beanft.train.explain import services
from factories import run_job
from train.stage import FEATURES, JSON, ask, make_run

LABELS = ["setosa", "versicolor", "virginica"]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def model(app: Flask, alice: User, iris: int) -> int:
    """Number of a model of alice whose files do not exist."""
    with app.app_context():
        experiment = ask(alice, db.session.get_one(Dataset, iris))
        experiment.runs = [make_run("discriminant", [0.9, 0.92, 0.94], metric="balanced_accuracy")]
        columns = [{"name": name, "kind": "number"} for name in FEATURES]
        experiment.runs[0].model = TrainedModel(
            owner_id=alice.id,
            file="x.joblib",
            sha256="0" * 64,
            schema_json={"columns": columns, "labels": LABELS},
            report_json={},
        )
        db.session.commit()
        return experiment.runs[0].model.id


def _last() -> Explanation:
    found = db.session.query(Explanation).order_by(Explanation.id.desc()).first()
    assert found is not None
    return found


def _n_explanations() -> int:
    return db.session.query(Explanation).count()


def _made(model: int, kind: str, params: dict[str, Any], result: dict[str, Any]) -> int:
    """An answer that is ready."""
    made = services.ask(model=db.session.get_one(TrainedModel, model), kind=kind, params=params)
    assert made.job is not None
    made.job.state, made.result_json = "ready", BASE | result
    db.session.commit()
    return made.id


BASE: dict[str, Any] = {"task": "classification", "target": "species", "labels": LABELS, "label": "setosa"}
EFFECT: dict[str, Any] = {
    "column": "petal_width",
    "scale": "number",
    "labels": [0.1, 1.0, None],
    "counts": [50, 2, 5],
    "n_other": 0,
    "mean": [0.9, 0.1, 0.5],
    "low": [0.8, 0.0, 0.4],
    "high": [1.0, 0.2, 0.6],
    "lines": [[1.0, 0.0, 0.5]],
    "rug": [0.1, 0.2],
    "thin": [False, True, False],
    "share_thin": 0.5,
    "n_rows": 57,
    "size": 0.3,
}

PART: dict[str, Any] = {"columns": ["petal_width"], "value": 0.3, "low": 0.2, "high": 0.4}
SURFACE: dict[str, Any] = {
    "across": {**EFFECT, "labels": [0.1, 1.0]},
    "down": {**EFFECT, "column": "sepal_width", "labels": [2.0, 3.0]},
    "mean": [[0.9, 0.1], [0.8, 0.2]],
    "counts": [[9, 0], [3, 4]],
    "joint": 0.05,
    "n_rows": 57,
}
OVERVIEW: dict[str, Any] = {
    "constant": False,
    "importance": {
        "metric": "balanced_accuracy",
        "unseen": True,
        "n_rows": 30,
        "of_rows": 30,
        "repeats": 5,
        "n_columns": 2,
        "n_skipped": 0,
        "columns": [PART, PART | {"columns": ["sepal_width"], "value": 0.0, "low": -0.1}],
        "groups": [PART | {"columns": ["petal_width", "petal_length"]}],
    },
    "effects": [EFFECT],
    "no_effect": [{"column": "remark", "sentence": "“remark” holds free text."}],
    "pairs": {
        "pairs": [{"columns": ["petal_width", "sepal_width"], "strength": 0.1, "share": 0.25}],
        "cut_short": False,
        "n_measured": 1,
        "n_columns": 2,
    },
    "surface": SURFACE,
}
NEIGHBOUR: dict[str, Any] = {
    "row": 4,
    "distance": 0.05,
    "values": {"petal_width": None},
    "truth": "setosa",
    "predicted": "setosa",
    "chance": 0.8,
}
ROW: dict[str, Any] = {
    "row": 16,
    "known": {"place": "development", "truth": "setosa", "predicted": "versicolor", "chance": 0.6},
    "predicted": "setosa",
    "chances": [["setosa", 0.9], ["versicolor", 0.1]],
    "values": {"petal_width": 0.2},
    "base": 0.3,
    "prediction": 0.9,
    "shares": [{"columns": ["petal_width"], "value": 0.6, "error": 0.01}],
    "n_background": 64,
    "exact": True,
    "n_orders": 0,
    "similar": [NEIGHBOUR],
    "columns": ["petal_width"],
    "n_searched": 119,
}
COUNTER: dict[str, Any] = {
    "row": 16,
    "locked": ["sepal_width"],
    "goal": {"label": None},
    "most": 3,
    "predicted": "setosa",
    "chances": ROW["chances"],
    "texts": [],
    "n_free": 3,
    "n_tried": 76,
    "cut_short": False,
    "already": False,
    "changes": [
        {
            "steps": [{"column": "petal_width", "from": 0.2, "to": 1.2}],
            "distance": 0.4,
            "predicted": "versicolor",
            "chances": [["versicolor", 0.7]],
        }
    ],
}


def test_the_overview_is_asked_for_once(app: Flask, as_alice: FlaskClient, model: int) -> None:
    page = as_alice.get(f"/models/{model}/explain")
    assert page.status_code == 200
    assert "Explain this model" in page.text
    assert "not what causes what" in page.text
    for _ in range(2):
        answer = as_alice.post(f"/models/{model}/explain", data={"label": "setosa"})
        assert (answer.status_code, answer.location) == (302, f"/models/{model}/explain?label=setosa")
    waiting = as_alice.get(f"/models/{model}/explain?label=setosa")
    assert 'hx-trigger="every 2s"' in waiting.text
    assert "Load this page again" in waiting.text
    with app.app_context():
        made = _last()
        assert (made.kind, services.question_of(made), made.state) == (
            "overview",
            {"label": "setosa"},
            "queued",
        )
        assert _n_explanations() == 1
        assert db.session.query(Job).filter_by(kind="explain").count() == 1


def test_a_model_that_was_trained_again_is_another_one(app: Flask, as_alice: FlaskClient, model: int) -> None:
    with app.app_context():
        number = _made(model, "row", {"row": 16, "label": None}, ROW)
        db.session.get_one(TrainedModel, model).sha256 = "1" * 64
        db.session.commit()
    assert "trained again since" in as_alice.get(f"/explanations/{number}").text
    as_alice.post(f"/models/{model}/explain/rows", data={"row": "17"})
    with app.app_context():
        assert _n_explanations() == 2


def test_the_overview_shows_what_was_found(app: Flask, as_alice: FlaskClient, model: int) -> None:
    with app.app_context():
        number = _made(model, "overview", {"label": None}, OVERVIEW)
    text = as_alice.get(f"/models/{model}/explain").text
    assert "“petal_width” matters most: shuffling its values makes Balanced accuracy worse by 0.300" in text
    assert "all 30 locked rows, which it did not learn from" in text
    assert "As “petal_width” grows, the mean probability of “setosa” falls from 0.900 at 0.1" in text
    assert "“remark” holds free text." in text
    assert "act together most" in text
    assert "every 2s" not in text
    for name in ("importance", "effect-0", "pairs", "surface"):
        figure = as_alice.get(f"/explanations/{number}/figures/{name}").get_json()
        assert figure["series"], name
    assert as_alice.get(f"/explanations/{number}/figures/effect-1").status_code == 404
    assert as_alice.get(f"/explanations/{number}/figures/effect-x").status_code == 404
    assert as_alice.get(f"/explanations/{number}").location == f"/models/{model}/explain"


def test_a_constant_model_gets_a_sentence(app: Flask, as_alice: FlaskClient, model: int) -> None:
    constant = OVERVIEW | {"constant": True, "effects": [], "no_effect": [], "pairs": None, "surface": None}
    with app.app_context():
        _made(model, "overview", {"label": None}, constant)
    assert "there is nothing to explain" in as_alice.get(f"/models/{model}/explain").text


def test_a_row_is_explained_by_its_number(app: Flask, as_alice: FlaskClient, model: int) -> None:
    page = as_alice.get(f"/models/{model}/explain/rows")
    assert "Row number, 1 to 150" in page.text
    assert "none can be proposed" in page.text  # this experiment left no evidence
    answer = as_alice.post(f"/models/{model}/explain/rows", data={"row": "17"})
    with app.app_context():
        made = _last()
        assert services.question_of(made) == {"row": 16, "label": None}
        assert answer.location == f"/explanations/{made.id}"
        assert services.title_of(made) == "Explaining row 17 by Discriminant"
    fragment = as_alice.get(answer.location, headers=HTMX)
    assert "<html" not in fragment.text
    assert "Waiting for a free worker" in fragment.text


_NO_NUMBER = "Write the number of a row, such as 17."
_NO_ROW = "The table has the rows 1 to 150. Choose one of these."


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("", _NO_NUMBER),
        ("1.5", _NO_NUMBER),
        ("many", _NO_NUMBER),
        ("-3", _NO_NUMBER),
        ("٣", _NO_NUMBER),
        ("1" * 40, _NO_NUMBER),
        ("0", _NO_ROW),
        ("151", _NO_ROW),
    ],
)
def test_a_row_that_the_table_lacks_is_refused(
    as_alice: FlaskClient, model: int, row: str, sentence: str
) -> None:
    answer = as_alice.post(f"/models/{model}/explain/rows", data={"row": row})
    assert answer.status_code == 422
    assert sentence in answer.text


def test_a_row_shows_contributions_neighbours_and_changes(
    app: Flask, as_alice: FlaskClient, model: int
) -> None:
    with app.app_context():
        number = _made(model, "row", {"row": 16, "label": None}, ROW)
        counter = _made(model, "counter", {"row": 16, "locked": ["sepal_width"], "wanted": None}, COUNTER)
        _made(model, "counter", {"row": 3, "locked": [], "wanted": None}, COUNTER)
    text = as_alice.get(f"/explanations/{number}").text
    assert "“setosa” with a probability of 90 %" in text
    assert "while the row was unseen, “versicolor” (60 %) was predicted" in text
    assert "“petal_width” = 0.2 raises it most, by 0.600" in text
    assert "1 of the 1 most similar rows are “setosa” in truth" in text
    assert "If “petal_width” were 1.2 instead of 0.2, the model would predict “versicolor”" in text
    assert "Not changed: sepal_width." in text
    assert text.count("data-counter=") == 1
    assert as_alice.get(f"/explanations/{number}/figures/contributions").get_json()["series"]
    assert as_alice.get(f"/explanations/{counter}").location == f"/explanations/{number}#changes"
    facts = as_alice.get(f"/explanations/{number}", headers=JSON).get_json()
    assert (facts["kind"], facts["state"], facts["result"]["row"]) == ("row", "ready", 16)
    assert len(facts["counters"]) == 1


def test_changes_are_searched_for_with_columns_locked(app: Flask, as_alice: FlaskClient, model: int) -> None:
    with app.app_context():
        number = _made(model, "row", {"row": 16, "label": None}, ROW)
    asked = {"wanted": "virginica", "locked": ["sepal_width", "petal_width"]}
    answer = as_alice.post(f"/explanations/{number}/counter", data=asked)
    assert answer.location == f"/explanations/{number}#changes"
    with app.app_context():
        made = _last()
        locked = ["sepal_width", "petal_width"]
        assert services.question_of(made) == {"row": 16, "locked": locked, "wanted": "virginica"}
    assert 'hx-trigger="every 2s"' in as_alice.get(f"/explanations/{number}").text


def test_a_search_that_makes_no_sense_is_refused(app: Flask, as_alice: FlaskClient, model: int) -> None:
    with app.app_context():
        number = _made(model, "row", {"row": 16, "label": None}, ROW)
    refused: list[tuple[dict[str, Any], str]] = [
        ({"wanted": "tulip"}, "Choose one of the model"),
        ({"locked": FEATURES}, "Leave at least one column"),
        ({"locked": ["nothing"]}, "Choose one of the model"),
        ({"value": "nan"}, "Write a number"),
        ({"direction": "sideways"}, "Choose above or below"),
    ]
    for asked, sentence in refused:
        answer = as_alice.post(f"/explanations/{number}/counter", data=asked)
        assert answer.status_code == 422, asked
        assert sentence in answer.text, asked


def test_one_column_and_two_columns(app: Flask, as_alice: FlaskClient, model: int) -> None:
    as_alice.post(f"/models/{model}/explain/effects", data={"column": "petal_width", "label": "setosa"})
    as_alice.post(f"/models/{model}/explain/pairs", data={"one": "petal_width", "other": "sepal_width"})
    with app.app_context():
        kinds = [one.kind for one in db.session.query(Explanation).order_by(Explanation.id)]
        assert kinds == ["effect", "pair"]
        effect = _made(model, "effect", {"column": "petal_width", "label": "setosa"}, {"effect": EFFECT})
        found = {"surface": SURFACE, "pair": {"strength": 0.1, "share": 0.25}}
        pair = _made(model, "pair", {"columns": ["petal_width", "sepal_width"], "label": None}, found)
    assert "From the same start" in as_alice.get(f"/explanations/{effect}").text
    lines = as_alice.get(f"/explanations/{effect}/figures/centred").get_json()["series"][0]["data"]
    assert lines == [[0.1, 0.0], [1.0, -1.0]]
    assert "typically 0.100 in probability: 25 %" in as_alice.get(f"/explanations/{pair}").text
    assert "Effect of petal_width in Discriminant" in as_alice.get(f"/models/{model}/explain").text


def test_questions_that_make_no_sense_are_refused(app: Flask, as_alice: FlaskClient, model: int) -> None:
    refused: list[tuple[str, dict[str, str]]] = [
        ("", {"label": "tulip"}),
        ("/effects", {"column": "nothing"}),
        ("/pairs", {"one": "petal_width", "other": "petal_width"}),
        ("/pairs", {}),
    ]
    for part, asked in refused:
        answer = as_alice.post(f"/models/{model}/explain{part}", data=asked)
        assert answer.status_code == 422, part
        assert 'role="alert"' in answer.text, part
        assert "Choose" in answer.text, part
    with app.app_context():
        assert _n_explanations() == 0


def test_a_failed_question_can_be_asked_again(app: Flask, as_alice: FlaskClient, model: int) -> None:
    as_alice.post(f"/models/{model}/explain/rows", data={"row": "17"})
    with app.app_context():
        made = _last()
        assert made.job is not None
        run_job(made.job)
        assert (made.state, made.job.error) == ("failed", "The model file is missing. Train the model again.")
        number = made.id
    assert "The model file is missing" in as_alice.get(f"/explanations/{number}").text
    assert as_alice.post(f"/explanations/{number}/again").location == f"/explanations/{number}"
    with app.app_context():
        assert _last().state == "queued"
        assert db.session.query(Job).filter_by(kind="explain").count() == 1  # the failed attempt is gone


def test_deleting_an_experiment_deletes_its_explanations(
    app: Flask, as_alice: FlaskClient, model: int
) -> None:
    with app.app_context():
        _made(model, "row", {"row": 16, "label": None}, ROW)
        experiment = db.session.get_one(TrainedModel, model).run.experiment
        assert experiment.job is not None
        experiment.job.state = "ready"
        db.session.commit()
        training.delete_experiment(experiment=experiment)
        assert _n_explanations() == 0
        assert db.session.query(Job).filter_by(kind="explain").count() == 0


def test_strangers_and_visitors_learn_nothing(
    app: Flask, as_charlie: FlaskClient, visitor: FlaskClient, model: int
) -> None:
    with app.app_context():
        number = _made(model, "row", {"row": 16, "label": None}, ROW)
    gets = [f"/models/{model}/explain", f"/models/{model}/explain/rows", f"/explanations/{number}"]
    gets.append(f"/explanations/{number}/figures/contributions")
    posts = [f"/models/{model}/explain", f"/models/{model}/explain/rows", f"/explanations/{number}/counter"]
    posts += [f"/models/{model}/explain/effects", f"/models/{model}/explain/pairs"]
    posts.append(f"/explanations/{number}/again")
    for address in gets:
        assert as_charlie.get(address).status_code == 404
        assert visitor.get(address).location.startswith("/login")
    for address in posts:
        assert as_charlie.post(address).status_code == 404
        assert visitor.post(address).location.startswith("/login")
    with app.app_context():
        assert _n_explanations() == 1
