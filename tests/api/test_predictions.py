"""Rows over HTTP: the answers of the engine, and every fault named by row and column."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask

from api.conftest import Program
from beanft.extensions import db
from beanft.models import TrainedModel
from predict.birds import table

JSON = {"Content-Type": "application/json"}


def _row(i: int = 0, **change: Any) -> dict[str, Any]:
    row = {name: value for name, value in table()[i].items() if name not in ("species", "length")}
    return row | change


def _ask(program: Program, model: int, *rows: Any, **more: Any) -> Any:
    return program.post(f"/models/{model}/predictions", json={"rows": list(rows), **more})


def test_a_row_gets_its_class_with_probabilities_and_what_guessing_says(
    program: Program, species_model: int
) -> None:
    answer = _ask(program, species_model, _row(0))
    assert answer.status_code == 200, answer.text
    said = answer.json
    assert (said["model"], said["target"], said["task"], said["level"]) == (
        species_model, "species", "classification", 0.9)  # fmt: skip
    (one,) = said["predictions"]
    assert (one["row"], one["prediction"]) == (1, "Gentoo")
    assert list(one["probabilities"]) == ["Gentoo", "Adelie"]
    assert sum(one["probabilities"].values()) == pytest.approx(1)
    assert set(said["baseline"]["probabilities"]) == {"Gentoo", "Adelie"}
    uncertainty = said["uncertainty"]
    assert (uncertainty["kind"], uncertainty["level"], uncertainty["available"]) == ("classes", 0.9, True)
    locked = uncertainty["measured"]["locked"]
    assert locked["coverage"] == locked["covered"] / locked["n"]
    assert 0 <= locked["low"] < locked["coverage"] < locked["high"] <= 1


def test_a_number_comes_with_its_bits(program: Program, length_model: int) -> None:
    answer = _ask(program, length_model, _row(0), _row(1))
    first, second = answer.json["predictions"]
    assert first["row"] == 1
    assert second["row"] == 2
    assert first["probabilities"] == {}
    assert first["prediction"] == float(repr(first["prediction"]))
    assert abs(first["prediction"] - 2 * float(_row(0)["mass"])) < 5


def test_a_row_gets_the_same_bits_alone_and_among_others(program: Program, length_model: int) -> None:
    alone = _ask(program, length_model, _row(7)).json["predictions"][0]
    among = _ask(program, length_model, *[_row(i) for i in range(40)]).json["predictions"][7]
    assert {**among, "row": 1} == alone


def test_json_values_mean_what_their_text_means(program: Program, length_model: int) -> None:
    typed = _row(0, mass=48.5, ringed=True)
    written = _row(0, mass="48.5", ringed="true")
    answers = _ask(program, length_model, typed, written, dict(reversed(typed.items()))).json["predictions"]
    assert len({one["prediction"] for one in answers}) == 1


def test_the_form_gives_the_same_bits(app: Flask, program: Program, length_model: int) -> None:
    from_api = _ask(program, length_model, _row(3)).json["predictions"][0]["prediction"]
    client = app.test_client()
    client.post("/login", data={"login": "alice", "password": "correct horse battery"})
    answer = client.post(
        f"/models/{length_model}/predict", data=_row(3), headers={"Accept": "application/json"}
    )
    assert answer.json["prediction"] == from_api


def test_every_fault_is_named_by_row_and_column(program: Program, length_model: int) -> None:
    answer = _ask(program, length_model, _row(0), _row(1, mass="heavy"), _row(2, seen="never", mass=[1]))
    assert answer.status_code == 422
    problem = answer.json
    places = [(fault["row"], fault["column"]) for fault in problem["errors"]]
    assert places == [(2, "mass"), (3, "mass"), (3, "seen")]
    assert problem["n_errors"] == 3
    assert problem["detail"].startswith("Row 2, column “mass”: “heavy” is not a number.")
    assert "predictions" not in problem


def test_a_column_that_a_row_lacks_is_named(program: Program, length_model: int) -> None:
    short = _row(1)
    del short["mass"]
    for rows in ([short], [_row(0), short]):
        answer = _ask(program, length_model, *rows)
        assert answer.status_code == 422
        assert any(fault["column"] == "mass" for fault in answer.json["errors"])


def test_repairs_and_extra_columns_are_told(program: Program, length_model: int) -> None:
    answer = _ask(program, length_model, _row(0, mass=" 48,5", colour="red"))
    assert answer.status_code == 200
    assert {one["code"] for one in answer.json["predictions"][0]["repairs"]} >= {"blanks", "comma"}
    assert "colour" in json.dumps(answer.json)


def test_the_threshold_of_the_owner_is_applied(app: Flask, program: Program, species_model: int) -> None:
    with app.app_context():
        model = db.session.get_one(TrainedModel, species_model)
        model.threshold_json = {"threshold": 1.1, "positive": "Gentoo"}
        db.session.commit()
    said = _ask(program, species_model, _row(0)).json
    assert said["predictions"][0]["prediction"] == "Adelie"
    assert "“Gentoo”" in said["rule"]


def test_repairs_of_a_row_do_not_hang_on_the_rows_before_it(program: Program, length_model: int) -> None:
    among = _ask(program, length_model, *[_row(0, mass=" 48,5", colour="red")] * 150).json
    alone = _ask(program, length_model, _row(0, mass=" 48,5", colour="red")).json["predictions"][0]
    assert {one["code"] for one in alone["repairs"]} == {"blanks", "comma", "extra"}
    last = among["predictions"][149]["repairs"]
    assert [one | {"row": 1, "text": ""} for one in last] == [one | {"text": ""} for one in alone["repairs"]]
    assert last[0]["row"] == 150
    assert among["repair_counts"]["comma"] == 150


def test_reasons_explain_the_class_that_the_form_explains(
    app: Flask, program: Program, species_model: int
) -> None:
    first, second = _ask(program, species_model, _row(0), _row(1), reasons=True).json["predictions"]
    assert (first["prediction"], second["prediction"]) == ("Gentoo", "Adelie")
    assert [one["reasons"]["label"] for one in (first, second)] == ["Gentoo", "Gentoo"]
    client = app.test_client()
    client.post("/login", data={"login": "alice", "password": "correct horse battery"})
    form = client.post(
        f"/models/{species_model}/predict?part=why", data=_row(1), headers={"Accept": "application/json"}
    )
    assert form.json["why"]["label"] == "Gentoo"
    assert form.json["why"]["base"] == second["reasons"]["base"]


def test_reasons_explain_the_class_of_the_threshold_or_the_one_asked_for(
    app: Flask, program: Program, species_model: int
) -> None:
    named = _ask(program, species_model, _row(0), reasons=True, label="Adelie").json["predictions"][0]
    assert named["reasons"]["label"] == "Adelie"
    wrong = _ask(program, species_model, _row(0), reasons=True, label="Emu")
    assert (wrong.status_code, wrong.json["detail"]) == (422, "The model knows no class “Emu”.")
    assert _ask(program, species_model, _row(0), label=7).status_code == 422
    with app.app_context():
        model = db.session.get_one(TrainedModel, species_model)
        model.threshold_json = {"threshold": 0.5, "positive": "Adelie"}
        db.session.commit()
    chosen = _ask(program, species_model, _row(0), reasons=True).json["predictions"][0]
    assert chosen["reasons"]["label"] == "Adelie"


_WRONG_BODIES: list[tuple[Any, str]] = [
    ({}, "rows"),
    ({"rows": None}, "rows"),
    ({"rows": {}}, "rows"),
    ({"rows": []}, "rows"),
    ({"rows": "x"}, "rows"),
    ({"rows": [1]}, "rows.0"),
    ({"rows": [None]}, "rows.0"),
    ({"rows": [[]]}, "rows.0"),
    ({"rows": [{}], "level": 0.5}, "level"),
    ({"rows": [{}], "level": "0.9"}, "level"),
    ({"rows": [{}], "level": True}, "level"),
    ({"rows": [{}], "level": None}, "level"),
    ({"rows": [{}], "level": 10**300}, "level"),
    ({"rows": [{}], "reasons": "yes"}, "reasons"),
    ({"rows": [{}], "reasons": 1}, "reasons"),
    ({"rows": [{}], "owner_id": 2}, "owner_id"),
    ({"mass": 1}, "mass"),
]


def test_fields_of_the_wrong_sort_are_named(program: Program, length_model: int) -> None:
    for body, field in _WRONG_BODIES:
        answer = program.post(f"/models/{length_model}/predictions", json=body)
        assert answer.status_code == 422, answer.text
        assert field in [fault["field"] for fault in answer.json["errors"]], body
        assert all(fault["sentence"].endswith(".") for fault in answer.json["errors"])


def _nested(depth: int) -> str:
    return '{"rows": [{"mass": ' + "[" * depth + "]" * depth + "}]}"


_ROW = json.dumps(_row(0))[1:-1]


_HOSTILE = [
    ("", 400, "not JSON"),
    ("{", 400, "line 1"),
    ('{"rows": [{"mass": NaN}]}', 400, "NaN is no JSON"),
    ('{"rows": [{"mass": -Infinity}]}', 400, "Infinity is no JSON"),
    ('{"rows": [{"mass": 1e999}]}', 400, "larger than any number"),
    ('{"rows": [{"mass": ' + "9" * 5000 + "}]}", 400, "5,000 digits"),
    ('{"rows": [{"mass": 1, "mass": 2}]}', 400, "“mass” stands twice"),
    ('{"rows": [], "rows": []}', 400, "“rows” stands twice"),
    (_nested(100_000), 400, "nested too deeply"),
    (_nested(500), 422, ""),
    ("[]", 422, "JSON object"),
    ('"text"', 422, "JSON object"),
    ("null", 422, "JSON object"),
    ('{"rows": [{"mass": ' + "9" * 300 + ", " + _ROW + "}]}", 400, "stands twice"),
    (f'{{"rows": [{{{_ROW}, "big": {"9" * 300}}}]}}', 200, ""),
    (f'{{"rows": [{{{_ROW}, "a": {{"b": [1, {{"c": null}}]}}}}]}}', 200, ""),
    ('{"rows": [{' + ", ".join(f'"c{i}": {i}' for i in range(100_000)) + "}]}", 422, "missing"),
    ("{'rows': []}", 400, "not JSON"),
    ('{"rows": [{"mass": "\\ud800"}]}', 400, "half a character"),
    ('{"rows": [{"mass": "\\ud83e\\udd5a"}]}', 422, ""),
    ('{"rows": [{"mass": "\\u0000"}]}', 422, ""),
]


def test_hostile_json_is_answered_with_a_sentence(program: Program, length_model: int) -> None:
    for text, status, words in _HOSTILE:
        answer = program.post(f"/models/{length_model}/predictions", data=text.encode(), headers=JSON)
        assert answer.status_code == status, (text[:80], answer.text[:500])
        assert words in answer.json.get("detail", ""), text[:80]
        assert len(answer.data) < 300_000


def test_other_content_and_other_encodings_are_refused(program: Program, length_model: int) -> None:
    address = f"/models/{length_model}/predictions"
    assert program.post(address, data={"rows": "[]"}).status_code == 415
    assert program.post(address, data=b"{}", headers={"Content-Type": "text/plain"}).status_code == 415
    answer = program.post(address, data='{"rows": "ä"}'.encode("latin-1"), headers=JSON)
    assert answer.status_code == 400
    assert "byte 11" in answer.json["detail"]
    assert program.post(address, data=b"\xef\xbb\xbf{}", headers=JSON).status_code == 400


def test_a_body_that_is_too_large_is_refused(program: Program, length_model: int) -> None:
    content = b'{"rows": [{"x": "' + b"y" * (5 << 20) + b'"}]}'
    answer = program.post(f"/models/{length_model}/predictions", data=content, headers=JSON)
    assert answer.status_code == 413
    assert "4 MiB" in answer.json["detail"]


def test_more_rows_than_a_request_takes_are_sent_to_batches(program: Program, length_model: int) -> None:
    answer = program.post(f"/models/{length_model}/predictions", json={"rows": [{}] * 1001})
    assert answer.status_code == 422
    assert "1,001 rows are more than the 1,000" in answer.json["detail"]
    many = program.post(f"/models/{length_model}/predictions", json={"rows": [{}] * 21, "reasons": True})
    assert "at most 20 rows" in many.json["detail"]


def test_rows_that_all_fail_are_counted_and_the_first_are_listed(program: Program, length_model: int) -> None:
    answer = _ask(program, length_model, *[_row(0, mass="x")] * 300)
    assert answer.json["n_errors"] == 300
    assert len(answer.json["errors"]) == 100


def test_a_model_whose_file_is_lost_is_a_sentence(
    program: Program, length_model: int, model_file: Any
) -> None:
    model_file(length_model).unlink()
    answer = _ask(program, length_model, _row(0))
    assert answer.status_code == 422
    assert answer.json["detail"].startswith("The model file is missing.")


def test_predicting_takes_no_lock_on_the_database(app: Flask, program: Program, length_model: int) -> None:
    _ask(program, length_model, _row(0))  # notes the use of the token
    with app.app_context(), db.engine.connect().execution_options(immediate=True) as other:
        other.exec_driver_sql("SELECT 1")  # holds the write lock
        assert _ask(program, length_model, _row(0)).status_code == 200
        other.rollback()


def test_nothing_of_a_row_is_kept_or_logged(app: Flask, program: Program, length_model: int) -> None:
    _ask(program, length_model, _row(0, remark="SECRET-REMARK"))
    _ask(program, length_model, _row(0, mass="SECRET-MASS"))
    instance = app.config["BEANFT"].instance
    for path in instance.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert b"SECRET-" not in content, path
            assert program.text.encode() not in content, path
