"""Tokens of the API on the account page: made, shown once, revoked."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from beanft.extensions import db
from beanft.models import ApiToken, AuditEvent, User
from beanft.models.types import now
from beanft.users.services import RefusedError
from beanft.users.tokens import services
from factories import PASSWORD

NEW = {"token_name": "nightly", "scopes": ["read", "predict"], "days": "30", "token_password": PASSWORD}
TEXT = re.compile(r"bft_[A-Za-z0-9]{40}")
JSON = {"Accept": "application/json"}


def _tokens(app: Flask) -> list[ApiToken]:
    with app.app_context():
        found = list(db.session.scalars(select(ApiToken).order_by(ApiToken.id)))
        db.session.expunge_all()
        return found


def test_a_new_token_is_shown_once_and_only_its_hash_is_kept(app: Flask, as_alice: FlaskClient) -> None:
    answer = as_alice.post("/account/tokens", data=NEW)
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    text = TEXT.search(answer.text)
    assert text is not None
    page = as_alice.get("/account").text
    assert not TEXT.search(page)
    assert "nightly" in page
    (token,) = _tokens(app)
    kept = [str(getattr(token, column.key)) for column in ApiToken.__table__.columns]
    assert not any(text[0] in value for value in kept)
    assert token.token_hash not in page
    assert token.start == text[0][:8]


def test_a_program_makes_a_token_with_the_same_facts(as_alice: FlaskClient) -> None:
    answer = as_alice.post("/account/tokens", data=NEW, headers=JSON)
    assert TEXT.fullmatch(answer.json["token"])
    (listed,) = as_alice.get("/account", headers=JSON).json["tokens"]
    assert (listed["name"], listed["scopes"], listed["last_used_at"]) == (
        "nightly",
        ["read", "predict"],
        None,
    )
    assert "token" not in as_alice.get("/account", headers=JSON).json


_WRONG: list[tuple[dict[str, Any], str]] = [
    ({"token_name": " "}, "Give the token a name"),
    ({"token_name": "x" * 61}, "at most 60 characters"),
    ({"token_name": "a\nb"}, "one line"),
    ({"scopes": []}, "Choose at least one"),
    ({"scopes": ["admin"]}, "not a valid choice"),
    ({"days": "31"}, "Not a valid choice"),
    ({"token_password": ""}, "Enter your password"),
    ({"token_password": "wrong password"}, "not your password"),
]


def test_a_form_that_will_not_do_is_shown_again(app: Flask, as_alice: FlaskClient) -> None:
    for change, sentence in _WRONG:
        answer = as_alice.post("/account/tokens", data=NEW | change)
        assert answer.status_code == 422
        assert sentence in answer.text.replace("&#39;", "'"), change
    assert _tokens(app) == []


def test_a_name_stands_for_one_token(app: Flask, as_alice: FlaskClient) -> None:
    as_alice.post("/account/tokens", data=NEW)
    answer = as_alice.post("/account/tokens", data=NEW)
    assert answer.status_code == 422
    assert "You have a token called “nightly”" in answer.text
    assert len(_tokens(app)) == 1


def test_no_more_tokens_than_anybody_needs(
    context: None, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "MOST", 1)
    services.make_token(user_id=alice.id, name="a", scopes=["read"], days=0, password=PASSWORD)
    with pytest.raises(RefusedError, match="You have 1 tokens"):
        services.make_token(user_id=alice.id, name="b", scopes=["read"], days=0, password=PASSWORD)


def test_a_token_is_revoked_by_its_owner_only(
    app: Flask, as_alice: FlaskClient, as_charlie: FlaskClient, visitor: FlaskClient
) -> None:
    as_alice.post("/account/tokens", data=NEW)
    (token,) = _tokens(app)
    address = f"/account/tokens/{token.id}/revoke"
    assert as_charlie.post(address).status_code == 404
    assert visitor.post(address).location.startswith("/login")
    assert len(_tokens(app)) == 1
    assert as_alice.post(address).location == "/account#tokens"
    assert _tokens(app) == []
    assert as_alice.post(address).status_code == 404


def test_making_and_revoking_stand_in_the_audit(app: Flask, as_alice: FlaskClient) -> None:
    as_alice.post("/account/tokens", data=NEW)
    as_alice.post(f"/account/tokens/{_tokens(app)[0].id}/revoke")
    with app.app_context():
        actions = db.session.scalars(select(AuditEvent.action).where(AuditEvent.action.like("token-%"))).all()
    assert actions == ["token-create", "token-revoke"]


def test_a_refused_token_form_can_be_reloaded(as_alice: FlaskClient) -> None:
    assert as_alice.get("/account/tokens").location == "/account"


def test_use_is_noted_once_a_minute(context: None, alice: User) -> None:
    token, text = services.make_token(user_id=alice.id, name="a", scopes=["read"], days=0, password=PASSWORD)
    assert not _shown(text).is_use_noted
    services.note_use(token_id=token.id)
    first = token.last_used_at
    assert first is not None
    assert _shown(text).is_use_noted
    services.note_use(token_id=token.id)
    db.session.refresh(token)
    assert token.last_used_at == first
    with time_machine.travel(now() + timedelta(seconds=61), tick=False):
        assert not _shown(text).is_use_noted
        services.note_use(token_id=token.id)
        db.session.refresh(token)
        assert token.last_used_at == now()
    assert (_shown(text).id, _shown(text).token_id) == (alice.id, token.id)
    assert services.find_program(text[:-1]) is None
    assert services.find_program("") is None


def _shown(text: str) -> services.Program:
    program = services.find_program(text)
    assert program is not None
    return program


def test_a_token_that_never_ends_says_so(as_alice: FlaskClient) -> None:
    page = as_alice.post("/account/tokens", data=NEW | {"days": "0"}).text
    assert "when revoked" in page
    assert as_alice.get("/account", headers=JSON).json["tokens"][0]["expires_at"] is None
