"""Models, datasets, jobs and batches over HTTP, as the OpenAPI document says them."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.conftest import Program
from beanft.extensions import db
from beanft.models import Batch, Dataset, Job, TrainedModel, User
from factories import make_dataset, make_job
from predict.birds import FEATURES, table, written

_KINDS: dict[str, Any] = {
    "string": str, "integer": int, "number": (int, float), "boolean": bool, "array": list, "object": dict,
    "null": type(None),
}  # fmt: skip


@pytest.fixture
def document(visitor: FlaskClient) -> dict[str, Any]:
    answer = visitor.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json
    return found


def _fits(value: Any, schema: dict[str, Any], document: dict[str, Any], at: str = "$") -> None:
    """Compare a value with a schema of the document: types, what is required, nothing that is not named."""
    for one in schema.get("anyOf", ()):
        if value is None and one.get("type") == "null":
            return
        if value is not None and one.get("type") != "null":
            schema = one
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    wanted = schema.get("type", list(_KINDS))
    kinds = [_KINDS[kind] for kind in ([wanted] if isinstance(wanted, str) else wanted)]
    flat = tuple(kind for one in kinds for kind in (one if isinstance(one, tuple) else (one,)))
    assert isinstance(value, flat), (at, value, wanted)
    if isinstance(value, dict) and "properties" in schema:
        assert set(schema.get("required", ())) <= set(value), at
        assert set(value) <= set(schema["properties"]), (at, set(value) - set(schema["properties"]))
        for name, inner in value.items():
            _fits(inner, schema["properties"][name], document, f"{at}.{name}")
    if isinstance(value, list) and schema.get("items"):
        for i, inner in enumerate(value):
            _fits(inner, schema["items"], document, f"{at}[{i}]")


def _answered(document: dict[str, Any], path: str, method: str, answer: Any) -> Any:
    """The JSON of an answer, which is as the document says."""
    said = document["paths"][path][method]["responses"][str(answer.status_code)]
    _fits(answer.json, said["content"]["application/json"]["schema"], document)
    return answer.json


def test_the_document_names_every_address_once(app: Flask, document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    assert document["security"] == [{"token": []}]
    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    names = [
        operation["operationId"]
        for path in document["paths"].values()
        for method, operation in path.items()
        if method in ("get", "post", "delete", "put")
    ]
    rules = {rule.rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("api.")}
    assert len(names) == len(set(names))
    assert len(document["paths"]) == len(rules)
    problem = document["components"]["responses"]["DEFAULT_ERROR"]["content"]
    assert list(problem) == ["application/problem+json"]
    for path in document["paths"].values():
        for method, operation in path.items():
            if method in ("get", "post"):
                assert operation["summary"], operation
                assert "default" in operation["responses"]


def test_models_are_listed_and_read(program: Program, species_model: int, document: dict[str, Any]) -> None:
    listed = _answered(document, "/api/v1/models", "get", program.get("/models"))
    assert species_model in [one["id"] for one in listed["items"]]
    read = _answered(document, "/api/v1/models/{model}", "get", program.get(f"/models/{species_model}"))
    assert [column["name"] for column in read["columns"]] == list(FEATURES)
    assert set(read["labels"]) == {"Adelie", "Gentoo"}
    answer = program.post(f"/models/{species_model}/predictions", json={"rows": [read["example"]]})
    _answered(document, "/api/v1/models/{model}/predictions", "post", answer)


def test_reasons_are_given_when_asked_for(
    program: Program, length_model: int, document: dict[str, Any]
) -> None:
    row = {name: value for name, value in table()[0].items() if name in FEATURES}
    answer = program.post(f"/models/{length_model}/predictions", json={"rows": [row], "reasons": True})
    said = _answered(document, "/api/v1/models/{model}/predictions", "post", answer)
    assert "reasons" in said["predictions"][0]


def test_datasets_are_listed_and_read_by_number_and_name(
    app: Flask, alice: User, program: Program, document: dict[str, Any]
) -> None:
    with app.app_context():
        number = make_dataset(alice, name="my table").id
    listed = _answered(document, "/api/v1/datasets", "get", program.get("/datasets"))
    assert [one["name"] for one in listed["items"]] == ["my table"]
    for name in (number, "my table"):
        read = _answered(document, "/api/v1/datasets/{dataset}", "get", program.get(f"/datasets/{name}"))
        assert [column["name"] for column in read["columns"]] == ["a", "b"]
        assert [version["number"] for version in read["versions"]] == [1]


def test_lists_come_in_pages(app: Flask, alice: User, program: Program) -> None:
    with app.app_context():
        for i in range(3):
            make_dataset(alice, name=f"t{i}")
    answer = program.get("/datasets?page=2&page_size=2")
    assert [one["name"] for one in answer.json["items"]] == ["t0"]
    numbers = {"page": 2, "page_size": 2, "n_pages": 2, "total": 3}
    assert json.loads(answer.headers["X-Pagination"]) == numbers
    assert {name: answer.json[name] for name in numbers} == numbers
    assert "<//localhost" not in answer.headers["Link"]
    assert '</api/v1/datasets?page=1&page_size=2>; rel="prev"' in answer.headers["Link"]
    assert 'rel="next"' not in answer.headers["Link"]
    assert program.get("/datasets?page=9").json["items"] == []
    for wrong in ("page=0", "page=x", "page_size=101", "page=9999999999", "page_size=-1", "page=1e400"):
        refused = program.get(f"/datasets?{wrong}")
        assert refused.status_code == 422, wrong
        assert refused.json["errors"][0]["field"] == wrong.partition("=")[0]


def test_a_job_is_read_and_cancelled(
    app: Flask, alice: User, program: Program, document: dict[str, Any]
) -> None:
    with app.app_context():
        waiting, training = (
            make_job(alice, kind="predict", state="queued"),
            make_job(alice, kind="train", state="queued"),
        )
        db.session.commit()
        numbers = waiting.id, training.id
    read = _answered(document, "/api/v1/jobs/{job}", "get", program.get(f"/jobs/{numbers[0]}"))
    assert read["state"] == "queued"
    cancelled = _answered(
        document, "/api/v1/jobs/{job}/cancel", "post", program.post(f"/jobs/{numbers[0]}/cancel")
    )
    assert cancelled["state"] == "cancelled"
    refused = program.post(f"/jobs/{numbers[1]}/cancel")
    assert refused.status_code == 403
    assert "jobs of batches only" in refused.json["detail"]
    with app.app_context():
        assert db.session.get_one(Job, numbers[1]).state == "queued"


def _file(n_rows: int = 20, name: str = "birds.csv") -> dict[str, Any]:
    return {"file": (io.BytesIO(written(table()[:n_rows])), name)}


def test_a_file_becomes_a_batch_whose_predictions_are_those_of_single_rows(
    program: Program, length_model: int, do_batch: Callable[[int], Batch], document: dict[str, Any]
) -> None:
    answer = program.post(f"/models/{length_model}/batches", data=_file() | {"level": "0.8"})
    assert answer.status_code == 202, answer.text
    made = _answered(document, "/api/v1/models/{model}/batches", "post", answer)
    assert (made["state"], made["level"], made["file"]) == ("queued", 0.8, "birds.csv")
    assert program.get(f"/jobs/{made['job']}").json["subject"] == "batch"
    address = answer.headers["Location"].removeprefix("/api/v1")
    waiting = program.get(f"{address}/download")
    assert waiting.status_code == 409
    assert "is queued" in waiting.json["detail"]
    do_batch(made["id"])
    read = _answered(document, "/api/v1/batches/{batch}", "get", program.get(address))
    assert (read["state"], read["n_rows"]) == ("ready", 20)
    with program.get(read["download"].removeprefix("/api/v1")) as download:
        lines = download.text.splitlines()
    place = lines[0].split(",").index("prediction")
    row = {name: value for name, value in table()[0].items() if name in FEATURES}
    single = program.post(f"/models/{length_model}/predictions", json={"rows": [row]}).json["predictions"][0]
    assert lines[1].split(",")[place] == repr(single["prediction"])
    listed = _answered(document, "/api/v1/batches", "get", program.get("/batches"))
    assert [one["id"] for one in listed["items"]] == [made["id"]]


def test_a_request_that_is_repeated_makes_no_second_batch(
    app: Flask, program: Program, length_model: int, species_model: int
) -> None:
    def send(key: str, n_rows: int = 20, model: int = length_model) -> int:
        header = {"Idempotency-Key": key} if key else {}
        answer = program.post(f"/models/{model}/batches", data=_file(n_rows), headers=header)
        assert answer.status_code == 202
        return int(answer.json["id"])

    first = send("monday")
    assert send("monday") == first
    assert (
        len(
            {
                first,
                send("tuesday"),
                send("monday", 19),
                send("monday", model=species_model),
                send(""),
                send(""),
            }
        )
        == 6
    )
    for key in ("x" * 201, "ä\x85"):
        refused = program.post(
            f"/models/{length_model}/batches", data=_file(), headers={"Idempotency-Key": key}
        )
        assert refused.status_code == 422
        assert refused.json["errors"][0]["field"] == "Idempotency-Key"


def test_a_dataset_becomes_a_batch(
    app: Flask, alice: User, program: Program, length_model: int, do_batch: Callable[[int], Batch]
) -> None:
    with app.app_context():
        make_dataset(alice, name="new birds", csv=written(table()[:15]))
    answer = program.post(f"/models/{length_model}/batches", json={"dataset": "new birds"})
    assert answer.status_code == 202, answer.text
    assert answer.json["source"] == "dataset"
    do_batch(answer.json["id"])
    assert program.get(f"/batches/{answer.json['id']}").json["n_rows"] == 15


_WRONG_WISHES: list[tuple[Any, str]] = [
    ({}, "dataset"),
    ({"dataset": None}, "dataset"),
    ({"dataset": [1]}, "dataset"),
    ({"dataset": True}, "dataset"),
    ({"dataset": "birds", "version": 9}, "version"),
    ({"dataset": "birds", "version": "1"}, "version"),
    ({"dataset": "birds", "version": 1.5}, "version"),
    ({"dataset": "birds", "level": 0.5}, "level"),
    ({"dataset": "birds", "owner_id": 9}, "owner_id"),
    ({"dataset": "waiting"}, "dataset"),
]


def test_a_wrong_wish_for_a_batch_is_named(
    app: Flask, alice: User, program: Program, length_model: int
) -> None:
    with app.app_context():
        make_dataset(alice, name="birds")
        waiting = make_dataset(alice, name="waiting")
        waiting.versions[0].job.state = "queued"
        db.session.commit()
    for body, field in _WRONG_WISHES:
        answer = program.post(f"/models/{length_model}/batches", json=body)
        assert answer.status_code == 422, answer.text
        assert [fault["field"] for fault in answer.json["errors"]] == [field], body


def test_a_wrong_file_is_a_sentence(app: Flask, program: Program, length_model: int) -> None:
    address = f"/models/{length_model}/batches"
    assert program.post(address, data={"level": "0.9"}).json["errors"][0]["field"] == "file"
    assert program.post(address, data={"x": "y"}).json["errors"][0]["field"] == "x"
    assert program.post(address).status_code == 422
    assert "empty" in program.post(address, data={"file": (io.BytesIO(b""), "a.csv")}).json["detail"]
    assert program.post(address, data=_file() | {"level": "0.91"}).json["errors"][0]["field"] == "level"
    limit = (app.config["BEANFT"].form_upload_max_mb + 1) << 20
    header = {"Content-Type": "multipart/form-data; boundary=b"}
    large = program.post(address, data=b"x" * (limit + 1), headers=header)
    assert large.status_code == 413
    assert large.content_type == "application/problem+json"


def test_unknown_formats_of_a_download_are_refused(
    program: Program, length_model: int, do_batch: Callable[[int], Batch]
) -> None:
    made = program.post(f"/models/{length_model}/batches", data=_file()).json
    do_batch(made["id"])
    assert program.get(f"/batches/{made['id']}/download?format=exe").status_code == 422
    for name in ("csv", "safe", "parquet"):
        with program.get(f"/batches/{made['id']}/download?format={name}") as answer:
            assert answer.status_code == 200
            assert answer.headers["Content-Disposition"].startswith("attachment")
            assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_the_pages_of_a_model_hold_requests_that_work(
    app: Flask, as_alice: FlaskClient, program: Program, species_model: int
) -> None:
    page = as_alice.get(f"/models/{species_model}").text
    assert f"/api/v1/models/{species_model}/predictions" in page
    assert "Authorization: Bearer $BEANFT_TOKEN" in page
    assert program.text not in page


def test_facts_name_no_path_and_no_hash_of_a_token(app: Flask, program: Program, species_model: int) -> None:
    with app.app_context():
        owned = db.session.query(Dataset).count(), db.session.query(TrainedModel).count()
    assert all(owned)
    text = "".join(
        program.get(address).text for address in ("/models", f"/models/{species_model}", "/datasets")
    )
    assert str(app.config["BEANFT"].instance) not in text
    assert "token_hash" not in text
    assert "alice@example.org" not in text
