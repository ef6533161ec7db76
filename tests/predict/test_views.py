"""The form of a row."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from beanft.extensions import db
from beanft.models import TrainedModel, User
from beanft.predict import forms, services
from predict.birds import FEATURES

AS_JSON = {"Accept": "application/json"}
EXAMPLE = {
    "mass": "52.5",
    "island": "Dream",
    'q"u<b>o</b>te': "low",
    "a[b]": "low",
    "csrf_token": "low",
    "matches": "low",
    "children": "low",
    "ringed": "yes",
    "seen": "2025-06-01",
    "remark": "calm old far far 3",
}


def names(page: str) -> list[str]:
    """The names of the fields of a row's form, without the CSRF token that stands first."""
    form = page[page.index('id="row-form"') :]
    found = [
        html.unescape(name) for name in re.findall(r'<(?:input|select|textarea)[^>]*? name="([^"]*)"', form)
    ]
    assert found[0] == "csrf_token"
    return found[1:]


def test_the_form_has_a_field_for_each_column_by_its_exact_name(as_alice: FlaskClient, species_model: int):
    page = as_alice.get(f"/models/{species_model}/predict")
    assert page.status_code == 200
    assert names(page.text) == list(EXAMPLE)
    assert "<b>o</b>" not in page.text
    assert f'data-object="model" data-id="{species_model}"' in page.text


def test_every_label_and_hint_is_tied_to_its_field(as_alice: FlaskClient, species_model: int):
    page = as_alice.get(f"/models/{species_model}/predict").text
    ids = set(re.findall(r' id="([^"]+)"', page))
    targets = re.findall(r' for="([^"]+)"', page)
    described = " ".join(re.findall(r' aria-describedby="([^"]+)"', page)).split()
    assert len(targets) == len(EXAMPLE) + 1  # and the number of a row to start from
    assert set(targets) | set(described) <= ids


def test_the_example_gives_a_prediction(as_alice: FlaskClient, species_model: int):
    facts = as_alice.get(f"/models/{species_model}/predict", headers=AS_JSON).json
    assert facts is not None
    example = {column["name"]: str(column["example"]) for column in facts["columns"]}
    answer = as_alice.post(f"/models/{species_model}/predict", data=example)
    assert answer.status_code == 200
    assert re.search(r'data-name="prediction">(Gentoo|Adelie)<', answer.text)
    assert "rows never seen in training" in answer.text
    assert "the best guess would be" in answer.text


def test_a_class_comes_with_its_probabilities_and_the_base_rates(as_alice: FlaskClient, species_model: int):
    facts = as_alice.post(f"/models/{species_model}/predict", data=EXAMPLE, headers=AS_JSON).json
    assert facts is not None
    assert facts["prediction"] == "Gentoo"
    assert set(facts["probabilities"]) == {"Gentoo", "Adelie"}
    assert sum(facts["probabilities"].values()) == pytest.approx(1)
    assert (facts["repairs"], facts["errors"]) == ([], [])
    assert facts["baseline"] in ("Gentoo", "Adelie")
    page = as_alice.post(f"/models/{species_model}/predict", data=EXAMPLE).text
    assert page.index('aria-label="Probability of Gentoo"') < page.index('aria-label="Probability of Adelie"')
    assert "50.0 %" in page  # half of the training rows are of each species


def test_a_set_of_classes_says_what_it_promises_and_what_not(as_alice: FlaskClient, species_model: int):
    text = as_alice.post(f"/models/{species_model}/predict", data=EXAMPLE).text
    assert "Of the rows of each class, about 90 % are to have their class in such a set." in text
    assert "ruled out" not in text


def test_a_long_form_says_of_how_many_columns_is_known_how_much_they_matter(
    as_alice: FlaskClient, species_model: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(forms, "AT_ONCE", 2)
    monkeypatch.setattr(forms, "_FIRST", 2)
    some = {FEATURES[3]: 0.4, FEATURES[2]: 0.0}
    for known, sentence in (
        (some, f"2 of {len(FEATURES)} columns were measured so far by how much they matter to this model."),
        (dict.fromkeys(FEATURES, 0.1), "The columns that matter most to this model come first."),
        ({}, "The first columns of the table stand open"),
    ):
        monkeypatch.setattr(services, "weights_of", lambda _, known=known: known)
        assert sentence in as_alice.get(f"/models/{species_model}/predict").text


def test_a_number_comes_with_its_typical_error(as_alice: FlaskClient, length_model: int):
    facts = as_alice.post(f"/models/{length_model}/predict", data=EXAMPLE, headers=AS_JSON).json
    assert facts is not None
    assert facts["prediction"] == pytest.approx(2 * 52.5, abs=4)
    assert facts["probabilities"] == {}
    assert facts["worth"][0].startswith("± ")
    assert facts["low"] < facts["prediction"] < facts["high"]
    assert facts["level"] == 0.9
    assert "90 % intervals held the truth" in facts["coverage"][0]


def test_the_baseline_has_no_guess_beside_it(
    as_alice: FlaskClient, make_model: Callable[..., int], alice: User, regressor: object
):
    model = make_model(alice, regressor, "baseline")
    facts = as_alice.post(f"/models/{model}/predict", data=EXAMPLE, headers=AS_JSON).json
    assert facts is not None
    assert facts["baseline"] is None


def test_text_where_a_number_belongs_is_refused_at_its_field(as_alice: FlaskClient, species_model: int):
    wrong = EXAMPLE | {"mass": "<heavy>", "remark": "kept as it is"}
    page = as_alice.post(f"/models/{species_model}/predict", data=wrong)
    assert page.status_code == 422
    assert 'value="&lt;heavy&gt;" id="field-0"' in page.text
    assert 'aria-invalid="true"' in page.text
    assert (
        '<div class="invalid-feedback" id="field-0-error">“&lt;heavy&gt;” is not a number.</div>' in page.text
    )
    assert "kept as it is" in page.text
    assert 'data-name="prediction"' not in page.text


def test_errors_as_json(as_alice: FlaskClient, species_model: int):
    answer = as_alice.post(
        f"/models/{species_model}/predict", data=EXAMPLE | {"mass": "heavy"}, headers=AS_JSON
    )
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["prediction"] is None
    assert [error["column"] for error in answer.json["errors"]] == ["mass"]


def test_a_decimal_comma_and_an_unknown_category_are_repaired_and_listed(
    as_alice: FlaskClient, species_model: int
):
    page = as_alice.post(
        f"/models/{species_model}/predict", data=EXAMPLE | {"mass": "52,5", "island": "Atlantis"}
    )
    assert page.status_code == 200
    assert "mass: “52,5” was read as 52.5." in page.text
    assert "island: Unknown category “Atlantis”" in page.text
    assert '<option value="Atlantis" selected>' in page.text


def test_a_number_far_out_of_range_is_a_warning(as_alice: FlaskClient, length_model: int):
    facts = as_alice.post(
        f"/models/{length_model}/predict", data=EXAMPLE | {"mass": "9000"}, headers=AS_JSON
    ).json
    assert facts is not None
    assert facts["warnings"][0].startswith("“mass” is 9000, outside the range that training saw (")


def test_an_empty_field_is_filled_and_said(as_alice: FlaskClient, species_model: int):
    page = as_alice.post(f"/models/{species_model}/predict", data=EXAMPLE | {"mass": " "})
    assert page.status_code == 200
    assert "mass: It has no value" in page.text


def test_a_column_that_is_not_sent_is_named(as_alice: FlaskClient, species_model: int):
    sent = {name: text for name, text in EXAMPLE.items() if name != "island"}
    page = as_alice.post(f"/models/{species_model}/predict", data=sent)
    assert page.status_code == 422
    assert '<a href="#field-1">island</a>: <span>' in page.text


def test_htmx_gets_the_answer_alone(as_alice: FlaskClient, species_model: int):
    fragment = as_alice.post(
        f"/models/{species_model}/predict", data=EXAMPLE | {"mass": "x"}, headers={"HX-Request": "true"}
    )
    assert fragment.status_code == 422
    assert "<html" not in fragment.text
    assert "<form" not in fragment.text
    assert 'data-field="field-0"' in fragment.text


def test_a_column_called_csrf_token_does_not_open_the_door(
    app: Flask, as_alice: FlaskClient, species_model: int
):
    app.config["WTF_CSRF_ENABLED"] = True
    address = f"/models/{species_model}/predict"
    assert as_alice.post(address, data=EXAMPLE).status_code == 400
    page = as_alice.get(address).text
    token = re.search(r'id="row-form".*?name="csrf_token" value="([^"]+)"', page, re.S)
    assert token
    answer = as_alice.post(address, data=EXAMPLE | {"csrf_token": [token[1], "dodo"]}, headers=AS_JSON)
    assert answer.status_code == 200
    assert answer.json is not None
    assert [(one["column"], one["code"]) for one in answer.json["repairs"]] == [("csrf_token", "unknown")]
    assert "“dodo”" in answer.json["repairs"][0]["text"]


def test_the_form_can_be_filled_in_by_its_address(as_alice: FlaskClient, species_model: int):
    page = as_alice.get(f"/models/{species_model}/predict", query_string={"mass": "41.25", "unheard": "of"})
    assert 'value="41.25" id="field-0"' in page.text


def test_a_damaged_model_file_is_a_sentence(
    as_alice: FlaskClient, species_model: int, model_file: Callable[[int], Path]
):
    model_file(species_model).write_bytes(b"something else")
    page = as_alice.post(f"/models/{species_model}/predict", data=EXAMPLE)
    assert page.status_code == 422
    assert "The model file is damaged and was not opened. Train the model again." in page.text
    facts = as_alice.post(f"/models/{species_model}/predict", data=EXAMPLE, headers=AS_JSON).json
    assert facts is not None
    assert "damaged" in facts["errors"][0]["text"]


def test_a_missing_model_file_is_a_sentence(
    as_alice: FlaskClient, species_model: int, model_file: Callable[[int], Path]
):
    model_file(species_model).unlink()
    page = as_alice.post(f"/models/{species_model}/predict", data=EXAMPLE)
    assert page.status_code == 422
    assert "The model file is missing" in page.text


def test_the_level_of_the_interval_is_chosen(as_alice: FlaskClient, length_model: int):
    for level, said in (("80", "80"), ("90", "90"), ("12", "90"), ("99", "99")):
        address = f"/models/{length_model}/predict?level={level}"
        part = as_alice.post(address, data=EXAMPLE, headers={"HX-Request": "true"}).text
        few = said == "99"  # 120 rows are too few to be so sure
        assert (f'<span class="text-body-secondary">{said} % interval</span>' in part) is not few
        assert ("rows" in part[part.index('class="answer-level"') :]) is True
        assert f'data-level="{said}" aria-pressed="true"' in part


def test_the_page_without_a_script_has_everything(as_alice: FlaskClient, length_model: int):
    page = as_alice.post(f"/models/{length_model}/predict", data=EXAMPLE)
    assert page.status_code == 200
    for part in ('data-name="interval"', 'data-name="contributions"', 'data-name="similar"', 'data-panel="'):
        assert part in page.text
    assert "<polyline" in page.text
    assert 'class="answer-picture"' in page.text


def test_reasons_come_alone_for_a_script_and_add_up(as_alice: FlaskClient, length_model: int):
    address = f"/models/{length_model}/predict?part=why"
    fragment = as_alice.post(address, data=EXAMPLE, headers={"HX-Request": "true"})
    assert fragment.status_code == 200
    assert "<html" not in fragment.text
    assert 'data-part="reasons"' in fragment.text
    assert 'data-part="whatif"' in fragment.text
    assert re.search(r"Shown are \d of \d+ columns", fragment.text)
    wrong = as_alice.post(address, data=EXAMPLE | {"mass": "x"}, headers={"HX-Request": "true"})
    assert wrong.status_code == 422
    assert 'data-name="contributions"' not in wrong.text
    facts = as_alice.post(address, data=EXAMPLE, headers=AS_JSON).json
    assert facts is not None
    why = facts["why"]
    total = why["base"] + sum(share["value"] for share in why["shares"]) + why["rest"]
    assert total == pytest.approx(why["prediction"], abs=1e-6)
    assert why["shares"][0]["columns"] == ["mass"]
    assert why["whatif"][0]["column"] == "mass"
    predictions = [point["prediction"] for point in why["whatif"][0]["points"]]
    assert predictions == sorted(predictions)  # the heavier, the longer


def test_of_two_classes_it_is_always_the_same_one_that_is_explained(
    as_alice: FlaskClient, species_model: int
):
    address = f"/models/{species_model}/predict?part=why"
    for mass in ("25", "60"):
        facts = as_alice.post(address, data=EXAMPLE | {"mass": mass}, headers=AS_JSON).json
        assert facts is not None
        assert facts["why"]["label"] == "Gentoo"
    facts = as_alice.post(f"{address}&label=Adelie", data=EXAMPLE, headers=AS_JSON).json
    assert facts is not None
    assert facts["why"]["label"] == "Adelie"
    unknown = as_alice.post(f"{address}&label=Dodo", data=EXAMPLE, headers=AS_JSON)
    assert unknown.status_code == 200


def test_nothing_that_is_typed_becomes_markup(as_alice: FlaskClient, species_model: int):
    hostile = EXAMPLE | {"remark": "<script>alert(1)</script>", "mass": "52", 'q"u<b>o</b>te': "<i>x</i>"}
    page = as_alice.post(f"/models/{species_model}/predict", data=hostile).text
    assert "<script>alert" not in page
    assert "<i>x</i>" not in page
    assert "<b>o</b>" not in page


def test_the_template_has_the_header_and_an_example(as_alice: FlaskClient, species_model: int):
    from_site = as_alice.get(f"/models/{species_model}/template.csv")
    lines = from_site.text.splitlines()
    assert lines[0] == 'mass,island,"q""u<b>o</b>te",a[b],csrf_token,matches,children,ringed,seen,remark'
    assert len(lines) == 2
    assert from_site.headers["Content-Disposition"] == "attachment; filename=species-template.csv"


def test_the_template_of_a_target_with_line_ends_and_slashes_has_a_name(
    app: Flask, as_alice: FlaskClient, species_model: int
) -> None:
    with app.app_context():
        db.session.get_one(TrainedModel, species_model).run.experiment.target = "km/h\r\nat noon"
        db.session.commit()
    answer = as_alice.get(f"/models/{species_model}/template.csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="km-h at noon-template.csv"'


def test_the_form_waits_for_nobodys_writing(app: Flask, as_alice: FlaskClient, species_model: int) -> None:
    with app.app_context(), db.engine.connect().execution_options(immediate=True) as other:
        other.exec_driver_sql("SELECT 1")  # holds the write lock
        assert as_alice.post(f"/models/{species_model}/predict", data={}).status_code in (200, 422)
        other.rollback()


@pytest.mark.parametrize("path", ["predict", "predict/rows", "predict/rows/1", "batches/new", "template.csv"])
def test_strangers_and_visitors_learn_nothing(
    as_charlie: FlaskClient, visitor: FlaskClient, species_model: int, path: str
):
    assert as_charlie.get(f"/models/{species_model}/{path}").status_code == 404
    assert as_charlie.get(f"/models/999/{path}").status_code == 404
    answer = visitor.get(f"/models/{species_model}/{path}")
    assert answer.status_code == 302
    assert "/login" in answer.headers["Location"]


def test_a_stranger_cannot_predict(as_charlie: FlaskClient, species_model: int):
    assert as_charlie.post(f"/models/{species_model}/predict", data=EXAMPLE).status_code == 404
