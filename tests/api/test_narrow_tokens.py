"""A token that only predicts reaches what it sent itself, and nothing else that its user has."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from api.conftest import MakeProgram, Program
from beanft.extensions import db
from beanft.models import ApiToken, Batch, Job, User
from beanft.users.tokens import services as tokens
from factories import make_dataset, make_job
from predict.birds import table, written

Send = Callable[..., dict[str, Any]]


@pytest.fixture
def narrow(make_program: MakeProgram, alice: User) -> Program:
    return make_program(alice, "predict", name="narrow")


@pytest.fixture
def send(length_model: int) -> Send:
    """Sends a file to be predicted; answers the facts of the batch."""

    def send(program: Program, key: str = "") -> dict[str, Any]:
        file = {"file": (io.BytesIO(written(table()[:5])), "birds.csv")}
        headers = {"Idempotency-Key": key} if key else {}
        answer = program.post(f"/models/{length_model}/batches", data=file, headers=headers)
        assert answer.status_code == 202, answer.text
        return dict(answer.json)

    return send


def _statuses(program: Program, made: dict[str, Any]) -> list[int]:
    asked = [
        ("GET", f"/batches/{made['id']}"),
        ("GET", f"/batches/{made['id']}/download"),
        ("GET", f"/jobs/{made['job']}"),
        ("POST", f"/jobs/{made['job']}/cancel"),
    ]
    return [program.open(method, address).status_code for method, address in asked]


def test_it_sees_its_own_batches_and_those_of_no_other_token(
    make_program: MakeProgram, alice: User, program: Program, narrow: Program, send: Send
) -> None:
    other = make_program(alice, "predict", name="other")
    mine, theirs, its = send(narrow), send(program), send(other)
    assert [one["id"] for one in narrow.get("/batches").json["items"]] == [mine["id"]]
    assert _statuses(narrow, theirs) == _statuses(narrow, its) == [404] * 4
    assert _statuses(narrow, mine) == [200, 409, 200, 200]
    assert program.get("/batches").json["total"] == 3
    assert _statuses(program, its) == [200, 409, 200, 200]


def test_batches_and_jobs_of_pages_are_out_of_its_reach(
    app: Flask, alice: User, narrow: Program, send: Send
) -> None:
    made = send(narrow)
    with app.app_context():
        db.session.get_one(Batch, made["id"]).token_id = None
        training = make_job(alice, kind="train", subject="experiment", subject_id=made["id"]).id
        db.session.commit()
    assert narrow.get(f"/batches/{made['id']}").status_code == 404
    assert narrow.get(f"/jobs/{training}").status_code == 404


def test_a_second_attempt_at_its_batch_is_its_job_too(
    app: Flask, alice: User, narrow: Program, send: Send
) -> None:
    made = send(narrow)
    with app.app_context():
        again = make_job(alice, kind="predict", subject="batch", subject_id=made["id"]).id
        db.session.commit()
    assert narrow.get(f"/jobs/{again}").json["id"] == again


def test_it_has_no_dataset_predicted(
    app: Flask, alice: User, program: Program, narrow: Program, length_model: int
) -> None:
    with app.app_context():
        number = make_dataset(alice, name="salaries").id
    for name in (number, "salaries", "no such table"):
        refused = narrow.post(f"/models/{length_model}/batches", json={"dataset": name})
        assert refused.status_code == 403
        assert "lacks the scope “read”" in refused.json["detail"]
    with app.app_context():
        assert db.session.query(Batch).count() == 0
    assert program.post(f"/models/{length_model}/batches", json={"dataset": "salaries"}).status_code == 202


def test_the_same_key_from_two_tokens_makes_two_batches(
    program: Program, narrow: Program, send: Send
) -> None:
    first, second = send(program, "monday"), send(narrow, "monday")
    assert first["id"] != second["id"]
    assert send(narrow, "monday")["id"] == second["id"]


def test_a_batch_outlives_its_token_and_falls_to_no_later_one(
    app: Flask, alice: User, make_program: MakeProgram, narrow: Program, send: Send
) -> None:
    made = send(narrow, "monday")
    with app.app_context():
        tokens.revoke_token(token=db.session.get_one(ApiToken, narrow.token_id))
        assert db.session.get_one(Batch, made["id"]).token_id is None
    later = make_program(alice, "predict", name="later")
    assert later.token_id == narrow.token_id  # SQLite gives the highest number again
    assert _statuses(later, made) == [404] * 4
    assert send(later, "monday")["id"] != made["id"]
    with app.app_context():
        assert db.session.get_one(Job, made["job"]).state == "queued"


def test_its_reasons_show_no_row_of_the_training_table(
    program: Program, narrow: Program, length_model: int
) -> None:
    columns = program.get(f"/models/{length_model}").json["columns"]
    row = {one["name"]: None for one in columns}
    asked = {"rows": [row], "reasons": True}
    full, bare = (
        one.post(f"/models/{length_model}/predictions", json=asked).json["predictions"][0]
        for one in (program, narrow)
    )
    assert full["reasons"]["similar"]
    assert "similar" not in bare["reasons"]
    assert set(full["reasons"]) - set(bare["reasons"]) == {"similar"}
    assert bare["reasons"]["shares"]
    assert bare["prediction"] == full["prediction"]


def test_its_batches_tell_no_value_of_the_training_table(
    program: Program, narrow: Program, send: Send, do_batch: Callable[[int], Batch]
) -> None:
    number = send(narrow)["id"]
    do_batch(number)
    told, whole = (one.get(f"/batches/{number}").json["result"] for one in (narrow, program))
    assert {"old", "label"} <= whole["drift"]["columns"][0]["bars"][0].keys()
    (own,) = {frozenset(one) for one in told["drift"]["columns"]}
    assert own == whole["drift"]["columns"][0].keys() - {
        "bars", "mean_old", "mean_new", "difference", "low", "high", "sentences",
    }  # fmt: skip
    assert not {"before", "truth"} & {name for bar in told["summary"]["bars"] for name in bar}
    assert {"before", "truth"} <= whole["summary"]["bars"][0].keys()
    assert told["drift"]["verdict"] == whole["drift"]["verdict"]
    assert set(whole) - set(told) == {"known"}  # whether a row of one's own stands in training
