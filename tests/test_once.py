"""A form that is sent twice makes one thing; a form that is sent with other content makes another."""

from __future__ import annotations

import io
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from beanft import once
from beanft.extensions import db
from beanft.models import Dataset, Experiment, Job, User
from conftest import log_in
from factories import make_dataset

ROWS = "x,y\n" + "".join(f"{n % 13 + 0.5},{2 * (n % 13) + n % 3}.5\n" for n in range(40))
QUESTION = {"target": "y", "features": "x", "task": "regression", "budget": "1"}


def form_key(client: FlaskClient, address: str) -> str:
    found = re.search(r'name="once"[^>]*value="([0-9a-f]{32})"', client.get(address).text)
    assert found
    return found[1]


def count(app: Flask, table: Any) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(table)) or 0


@pytest.fixture
def train(app: Flask, alice: User) -> str:
    """The address of the training form of a dataset of alice."""
    with app.app_context():
        return f"/datasets/{make_dataset(alice, csv=ROWS).id}/train"


def test_ten_clicks_on_train_ask_one_question(app: Flask, as_alice: FlaskClient, train: str) -> None:
    sent = QUESTION | {"once": form_key(as_alice, train)}
    clients = [log_in(app, "alice") for _ in range(10)]
    before = count(app, Job)
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda client: client.post(train, data=sent), clients))
    assert {answer.status_code for answer in answers} == {302}
    assert len({answer.location for answer in answers}) == 1
    assert count(app, Experiment) == count(app, Job) - before == 1


def test_going_back_to_the_form_with_another_question_asks_it(
    app: Flask, as_alice: FlaskClient, train: str
) -> None:
    sent = QUESTION | {"once": form_key(as_alice, train)}
    first = as_alice.post(train, data=sent)
    second = as_alice.post(train, data=sent | {"budget": "2"})
    assert first.location != second.location
    assert count(app, Experiment) == 2


def test_the_form_opened_again_asks_again_and_so_does_a_program_without_a_key(
    app: Flask, as_alice: FlaskClient, train: str
) -> None:
    for sent in (QUESTION, QUESTION, *(QUESTION | {"once": form_key(as_alice, train)} for _ in range(2))):
        assert as_alice.post(train, data=sent).status_code == 302
    assert count(app, Experiment) == 4


def test_a_key_of_somebody_else_finds_nothing_of_theirs(
    app: Flask, as_alice: FlaskClient, as_charlie: FlaskClient
) -> None:
    for client in (as_alice, as_charlie):
        client.post("/datasets/samples/iris", data={"once": "a" * 32})
    with app.app_context():
        assert len(set(db.session.scalars(select(Dataset.owner_id)))) == 2


def test_a_file_sent_twice_is_one_dataset_and_lies_on_disk_once(app: Flask, as_alice: FlaskClient) -> None:
    key = form_key(as_alice, "/datasets/new")
    answers = [
        as_alice.post("/datasets/new", data={"once": key, "file": (io.BytesIO(ROWS.encode()), "a.csv")})
        for _ in range(2)
    ]
    assert answers[0].location == answers[1].location
    assert count(app, Dataset) == count(app, Job) == 1
    files = app.config["BEANFT"].instance / "files"
    assert len(list(files.rglob("original"))) == 1
    other = {"once": key, "file": (io.BytesIO(b"a,b\n1,2\n"), "a.csv")}
    assert as_alice.post("/datasets/new", data=other).location != answers[0].location


def test_two_clicks_on_a_sample_bring_it_once(app: Flask, as_alice: FlaskClient) -> None:
    for page in ("/datasets", "/datasets/new"):
        sent = {"once": form_key(as_alice, page)}
        places = {as_alice.post("/datasets/samples/iris", data=sent).location for _ in range(2)}
        assert len(places) == 1
    as_alice.post("/datasets/samples/wine", data=sent)
    assert count(app, Dataset) == 3


def test_of_two_requests_at_the_same_moment_the_later_finds_what_the_other_made(
    context: None, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = once.add(Dataset(owner_id=alice.id, name="a", once="stamp"))
    db.session.commit()
    found = [None, first]
    monkeypatch.setattr(once, "_find", lambda _row: found.pop(0))  # it was not there yet at the first look
    assert once.add(Dataset(owner_id=alice.id, name="a (2)", once="stamp")) is first
    db.session.commit()
    assert db.session.scalar(select(func.count()).select_from(Dataset)) == 1
