"""Who gets in: every address of the API against every sort of caller."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from api.conftest import MakeProgram, Program
from beanft.extensions import db
from beanft.models import ApiToken, User
from beanft.models.types import now
from beanft.users.tokens import services
from conftest import log_in
from factories import make_dataset, make_job

PUBLIC = {"api_docs.docs", "api_docs.document"}


@pytest.fixture
def addresses(app: Flask) -> list[tuple[str, str, str]]:
    """(endpoint, method, address below /api/v1) of everything that can be asked for, with number 1."""
    return [
        (rule.endpoint, method, re.sub(r"<[^>]+>", "1", rule.rule).removeprefix("/api/v1"))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1") and rule.endpoint not in PUBLIC
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def test_every_address_of_the_api_says_which_tokens_open_it(
    app: Flask, addresses: list[tuple[str, str, str]]
) -> None:
    assert len(addresses) >= 10
    for endpoint, method, _ in addresses:
        scopes = getattr(app.view_functions[endpoint], "scopes", None)
        assert scopes, endpoint
        assert scopes <= {"read", "predict"}
        assert method == "GET" or scopes == {"predict"}, endpoint


def _is_refused(answer: object, status: int, sort: str) -> bool:
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    problem = answer.json
    assert problem["status"] == status
    assert problem["detail"].endswith(".")
    return bool(problem["type"] == f"urn:beanft:problem:{sort}")


_NO_TOKENS: list[dict[str, str]] = [
    {},
    {"Authorization": ""},
    {"Authorization": "Bearer"},
    {"Authorization": "Bearer bft_" + "x" * 40},
    {"Authorization": "Bearer " + "x" * 5000},
    {"Authorization": "Basic YWxpY2U6eA=="},
    {"Authorization": "Bearer bft_\xff"},
]


def test_without_a_right_token_nothing_opens(app: Flask, addresses: list[tuple[str, str, str]]) -> None:
    client = app.test_client()
    for header in _NO_TOKENS:
        for _, method, address in addresses:
            answer = client.open(f"/api/v1{address}", method=method, headers=header, json={})
            assert _is_refused(answer, 401, "token-needed"), address
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_cookie_alone_reads_and_never_writes(
    app: Flask, as_alice: FlaskClient, addresses: list[tuple[str, str, str]]
) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    for endpoint, method, address in addresses:
        answer = as_alice.open(f"/api/v1{address}", method=method, json={})
        if method == "GET":
            assert answer.status_code in (200, 404), endpoint
        else:
            assert _is_refused(answer, 401, "token-needed"), endpoint
            assert "login in a browser is not enough" in answer.json["detail"]
        bad = as_alice.open(f"/api/v1{address}", method=method, json={}, headers={"X-CSRFToken": "made up"})
        assert bad.status_code == (answer.status_code if method == "GET" else 400), endpoint


def test_a_page_of_this_site_may_ask_with_its_csrf_token(app: Flask, alice: User, species_model: int) -> None:
    client = log_in(app, "alice")
    app.config["WTF_CSRF_ENABLED"] = True
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/account").text)
    assert found is not None
    answer = client.post(
        f"/api/v1/models/{species_model}/predictions", json={"rows": []}, headers={"X-CSRFToken": found[1]}
    )
    assert _is_refused(answer, 422, "does-not-fit")  # it came in, and sent no row


@pytest.mark.parametrize("how", ["revoked", "expired", "closed"])
def test_a_token_that_is_over_opens_nothing_even_with_a_cookie(
    app: Flask, alice: User, as_alice: FlaskClient, make_program: MakeProgram, how: str,
    addresses: list[tuple[str, str, str]],
) -> None:  # fmt: skip
    program = make_program(alice, days=30)
    assert program.get("/models").status_code == 200
    later = now() + timedelta(days=30, seconds=1) if how == "expired" else now()
    with app.app_context():
        if how == "revoked":
            services.revoke_token(token=db.session.get_one(ApiToken, program.token_id))
        if how == "closed":
            db.session.execute(text("UPDATE user SET active = 0"))
            db.session.commit()
    with time_machine.travel(later, tick=False):
        for _, method, address in addresses:
            answer = program.open(method, address, json={})
            assert _is_refused(answer, 401, "token-needed"), address
            assert ("expired" if how == "expired" else "revoked") in answer.json["detail"]
            header = {"Authorization": f"Bearer {program.text}"}
            assert (
                as_alice.open(f"/api/v1{address}", method=method, headers=header, json={}).status_code == 401
            )


def test_a_scope_opens_what_it_says_and_nothing_else(
    app: Flask, alice: User, make_program: MakeProgram, addresses: list[tuple[str, str, str]]
) -> None:
    for scope in ("read", "predict"):
        program = make_program(alice, scope, name=scope)
        for endpoint, method, address in addresses:
            answer = program.open(method, address, json={})
            if scope in app.view_functions[endpoint].scopes:
                assert answer.status_code not in (401, 403), endpoint
            else:
                assert _is_refused(answer, 403, "not-allowed"), endpoint
    assert make_program(alice, "predict", name="p").get("/models").status_code == 403
    assert make_program(alice, "predict", name="q").get("/datasets").status_code == 403


def test_what_belongs_to_somebody_else_cannot_be_told_from_what_is_not_there(
    app: Flask,
    alice: User,
    strange_program: Program,
    species_model: int,
    addresses: list[tuple[str, str, str]],
) -> None:
    with app.app_context():
        dataset, job = make_dataset(alice, name="harvest").id, make_job(alice, kind="predict").id
        db.session.commit()
    numbers = {"models": species_model, "datasets": dataset, "jobs": job, "batches": 1}
    asked = 0
    for _, method, address in addresses:
        table = address.split("/")[1]
        if "/1" not in address:
            continue
        theirs = strange_program.open(
            method, address.replace("/1", f"/{numbers[table]}"), json={"rows": [{}]}
        )
        missing = strange_program.open(method, address.replace("/1", "/999"), json={"rows": [{}]})
        assert _is_refused(theirs, 404, "not-found"), address
        assert {**theirs.json, "reference": ""} == {**missing.json, "reference": ""}
        asked += 1
    assert asked >= 7
    assert strange_program.get("/datasets/harvest").status_code == 404
    for name in ("models", "datasets", "batches"):
        assert strange_program.get(f"/{name}").json["total"] == 0


def test_a_batch_from_somebody_elses_dataset_is_refused(
    app: Flask, alice: User, charlie: User, make_model: object, classifier: object, strange_program: Program
) -> None:
    with app.app_context():
        dataset = make_dataset(alice, name="harvest").id
        db.session.commit()
    model = make_model(charlie, classifier)
    for name in (dataset, "harvest", str(dataset), 999):
        answer = strange_program.post(f"/models/{model}/batches", json={"dataset": name})
        assert _is_refused(answer, 404, "not-found")


def test_a_token_in_the_address_is_refused_with_the_advice_to_revoke_it(
    program: Program, visitor: FlaskClient
) -> None:
    for query in (f"?token={program.text}", f"?page=1&access_token={program.text}"):
        assert _is_refused(visitor.get(f"/api/v1/models{query}"), 400, "unreadable")
        answer = program.get(f"/models{query}")
        assert _is_refused(answer, 400, "unreadable")
        assert "Revoke it" in answer.json["detail"]


def test_a_token_opens_the_api_and_no_page(program: Program, visitor: FlaskClient) -> None:
    header = {"Authorization": f"Bearer {program.text}", "Accept": "application/json"}
    for page in ("/account", "/models", "/datasets", "/activity"):
        assert visitor.get(page, headers=header).status_code == 401
    assert visitor.post("/account/name", headers=header, data={"username": "eve"}).status_code == 401


def test_a_token_wins_over_a_cookie(
    app: Flask, as_alice: FlaskClient, strange_program: Program, alice: User
) -> None:
    with app.app_context():
        make_dataset(alice)
    header = {"Authorization": f"Bearer {strange_program.text}"}
    assert as_alice.get("/api/v1/datasets").json["total"] == 1
    assert as_alice.get("/api/v1/datasets", headers=header).json["total"] == 0


def test_the_last_use_is_shown(app: Flask, program: Program) -> None:
    program.get("/models")
    with app.app_context():
        assert db.session.get_one(ApiToken, program.token_id).last_used_at is not None


def test_no_cookie_is_set_and_nothing_is_shared_with_other_origins(program: Program) -> None:
    answer = program.get("/models", headers={"Origin": "https://evil.example"})
    assert "Set-Cookie" not in answer.headers
    assert not [name for name in dict(answer.headers) if name.startswith("Access-Control")]
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_html_pages_keep_their_error_pages(visitor: FlaskClient) -> None:
    assert visitor.get("/nothing").content_type.startswith("text/html")
    for address in ("/api/v1/nothing", "/api/nothing", "/api/v1/models/x"):
        assert _is_refused(visitor.get(address), 404, "not-found")
    assert visitor.delete("/api/v1/models").status_code == 405


def test_too_many_requests_are_told_when_to_go_on(app: Flask, alice: User, make_program: MakeProgram) -> None:
    program, other = make_program(alice), make_program(alice, name="other")
    limiter = app.extensions["limiter"]
    app.config["BEANFT"] = app.config["BEANFT"].__class__(
        **{**app.config["BEANFT"].__dict__, "api_requests_per_minute": 3}
    )
    for one in limiter:
        one.enabled = True
    try:
        answers = [one.get("/models").status_code for one in (program, other, program)]
        assert answers == [200, 200, 200]
        answer = other.get("/models")
        assert _is_refused(answer, 429, "too-many-requests")
        assert 1 <= int(answer.headers["Retry-After"]) <= 61  # a part of a second counts as one
    finally:
        for one in limiter:
            one.reset()
            one.enabled = False


def test_a_token_logs_nobody_in_on_a_public_page(program: Program) -> None:
    page = program.app.test_client().get("/api/docs", headers={"Authorization": f"Bearer {program.text}"})
    assert page.status_code == 200
    assert "Log out" not in page.text
    assert "Log in" in page.text
