"""Cookies, tokens and `next`: what a thief or a planted page can do with them (nothing)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from beanft.extensions import limiter
from beanft.models import User
from conftest import log_in
from factories import PASSWORD

NEXT_THAT_LEAD_AWAY = [
    "//e", "/\t/e", "\t//e", "/\\e", "\\\\e", "https:e", "http://e\\@h", "////e", "javascript:1", "/\n/e",
    "/a\n", "/a b", "http://evil.example", "//evil.example/%2e", "\x00/e", "/\x00/e", "e", "", " /a", "/ä",
]  # fmt: skip


def _cookie(client: FlaskClient) -> str:
    cookie = client.get_cookie("beanft")
    assert cookie is not None
    return cookie.value


def _with_cookie(app: Flask, value: str) -> FlaskClient:
    thief = app.test_client()
    thief.set_cookie("beanft", value)
    return thief


def _is_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


def _token(text: str) -> str:
    found = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', text)
    assert found is not None
    return found[1]


@pytest.fixture
def strict(app: Flask) -> Flask:
    """The site with its CSRF check, as it is in production."""
    app.config["WTF_CSRF_ENABLED"] = True
    return app


@pytest.fixture
def limited(app: Flask) -> Iterator[Flask]:
    """The site with its rate limits, as it is in production."""
    limiter.enabled = app.config["RATELIMIT_ENABLED"] = True
    limiter.init_app(app)  # an app that is made while it is off lacks its hooks
    limiter.reset()
    yield app
    limiter.enabled = False


def test_a_cookie_copied_before_logout_is_dead_after_it(app: Flask, alice: User) -> None:
    client = log_in(app, "alice")
    thief = _with_cookie(app, _cookie(client))
    assert _is_in(thief)
    client.post("/logout")
    assert not _is_in(thief)
    assert not _is_in(client)


@pytest.mark.parametrize("remember", ["", "y"])
def test_a_cookie_copied_before_a_password_change_is_dead_after_it(
    app: Flask, alice: User, remember: str
) -> None:
    client = app.test_client()
    client.post("/login", data={"login": "alice", "password": PASSWORD, "remember": remember})
    same, other = _with_cookie(app, _cookie(client)), log_in(app, "alice")
    new = {"old": PASSWORD, "new": "another horse battery", "confirm": "another horse battery"}
    assert client.post("/account/password", data=new).status_code == 302
    assert not _is_in(same)
    assert not _is_in(other)
    assert _is_in(client)


def test_a_remembered_cookie_lasts_and_is_dead_after_logout(app: Flask, alice: User) -> None:
    client = app.test_client()
    answer = client.post("/login", data={"login": "alice", "password": PASSWORD, "remember": "y"})
    assert "Expires=" in answer.headers["Set-Cookie"]
    thief = _with_cookie(app, _cookie(client))
    client.post("/logout")
    assert not _is_in(thief)


def test_a_login_that_is_not_remembered_ends_with_the_browser(app: Flask, alice: User) -> None:
    answer = app.test_client().post("/login", data={"login": "alice", "password": PASSWORD})
    assert "Expires=" not in answer.headers["Set-Cookie"]


def test_logging_out_elsewhere_leaves_this_device(app: Flask, alice: User) -> None:
    here, there = log_in(app, "alice"), log_in(app, "alice")
    here.post("/account/logout-elsewhere")
    assert _is_in(here)
    assert not _is_in(there)


def test_a_cookie_signed_with_another_key_opens_nothing(app: Flask, alice: User) -> None:
    cookie = _cookie(log_in(app, "alice"))
    for forged in (cookie[:-2], cookie[:-2] + "xx", "", "." + cookie, cookie.split(".")[0]):
        assert not _is_in(_with_cookie(app, forged))


def test_cookies_are_closed_to_scripts_and_other_sites(app: Flask, alice: User) -> None:
    answer = app.test_client().post("/login", data={"login": "alice", "password": PASSWORD})
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_cookies_stay_below_the_prefix_of_a_proxy(app: Flask, alice: User) -> None:
    answer = app.test_client().post(
        "/login", data={"login": "alice", "password": PASSWORD}, environ_overrides={"SCRIPT_NAME": "/ann/p"}
    )
    assert "Path=/ann/p/" in answer.headers["Set-Cookie"]
    assert answer.location == "/ann/p/"


def test_nothing_planted_in_a_session_survives_the_login(strict: Flask, alice: User) -> None:
    client = strict.test_client()
    before = _token(client.get("/login").text)
    with client.session_transaction() as session:
        session["planted"] = "by someone else"
        raw_before = session["csrf_token"]
    planted = _cookie(client)
    client.post("/login", data={"login": "alice", "password": PASSWORD, "csrf_token": before})
    after = _token(client.get("/account").text)
    with client.session_transaction() as session:
        assert "planted" not in session
        assert session["csrf_token"] != raw_before
    assert not _is_in(_with_cookie(strict, planted))
    assert client.post("/logout", data={"csrf_token": before}).status_code == 400
    assert client.post("/logout", data={"csrf_token": after}).status_code == 302


@pytest.mark.parametrize("address", ["/login", "/register", "/logout", "/account/name", "/account/picture"])
def test_every_form_is_refused_without_its_token(strict: Flask, address: str) -> None:
    client = strict.test_client()
    client.post("/register", data={})
    answer = client.post(address, data={"login": "alice", "password": PASSWORD})
    if address in ("/login", "/register"):
        assert answer.status_code == 400
        assert "This form can no longer be sent" in answer.text
    else:
        assert answer.location.startswith("/login")


def test_the_token_of_another_session_is_refused(strict: Flask, alice: User) -> None:
    foreign = _token(strict.test_client().get("/login").text)
    client = strict.test_client()
    client.get("/login")
    answer = client.post("/login", data={"login": "alice", "password": PASSWORD, "csrf_token": foreign})
    assert answer.status_code == 400


@pytest.mark.parametrize("door", ["/login", "/register"])
def test_next_never_leads_away(app: Flask, alice: User, door: str) -> None:
    for number, wanted in enumerate(NEXT_THAT_LEAD_AWAY):
        new = {"username": f"dora{number}", "email": f"d{number}@example.org", "confirm": PASSWORD}
        data = new | {"login": "alice", "password": PASSWORD}
        answer = app.test_client().post(door, query_string={"next": wanted}, data=data)
        assert (answer.status_code, answer.location) == (302, "/"), wanted


def test_next_leads_to_the_page_that_was_asked_for(app: Flask, alice: User) -> None:
    for wanted in ("/account", "/datasets/3/rows?sort=a&page=2", "/%09/e", "/a%20b", "/a//b"):
        data = {"login": "alice", "password": PASSWORD}
        answer = app.test_client().post("/login", query_string={"next": wanted}, data=data)
        assert answer.location == wanted


@pytest.mark.parametrize(
    ("page", "location"),
    [
        ("/account", "/login?next=/account"),
        ("/users/a%20b?x=1&y=%C3%A4", "/login?next=/users/a%2520b?x%3D1%26y%3D%25C3%25A4"),
    ],
)
def test_a_visitor_comes_back_to_the_page_after_the_login(
    app: Flask, alice: User, page: str, location: str
) -> None:
    client = app.test_client()
    answer = client.get(page)
    assert answer.location == location
    answer = client.post(answer.location, data={"login": "alice", "password": PASSWORD})
    assert answer.location == page


def test_after_a_form_the_visitor_comes_back_to_the_page_it_stood_on(app: Flask) -> None:
    client = app.test_client()
    here = client.post("/account/name", headers={"Referer": "http://localhost/account?a=1"})
    assert here.location == "/login?next=/account?a%3D1"
    for elsewhere in ("http://evil.example/account", "http://["):
        away = client.post("/account/name", headers={"Referer": elsewhere})
        assert (away.status_code, away.location) == (302, "/login")


def test_a_program_is_told_that_it_is_not_logged_in(visitor: FlaskClient) -> None:
    answer = visitor.get("/account", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json["title"]) == (401, "You are not logged in")
    part = visitor.get("/account", headers={"HX-Request": "true"})
    assert part.status_code == 401
    assert "<html" not in part.text


def test_the_eleventh_try_in_a_minute_waits_even_with_the_right_password(limited: Flask, alice: User) -> None:
    client = limited.test_client()
    for _ in range(10):
        assert client.post("/login", data={"login": "alice", "password": "wrong"}).status_code == 422
    answer = client.post("/login", data={"login": "alice", "password": PASSWORD})
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 61
    assert re.search(r"Try again in .*(second|minute)", answer.text)
    assert client.get("/login").status_code == 200


def _from(number: int) -> dict[str, str]:
    return {"REMOTE_ADDR": f"192.0.2.{number}"}


def test_tries_are_counted_by_account_from_many_addresses(limited: Flask, alice: User, bob: User) -> None:
    client = limited.test_client()
    for number in range(10):
        client.post("/login", data={"login": " Alice", "password": "wrong"}, environ_overrides=_from(number))
    right = {"login": "alice", "password": PASSWORD}
    assert client.post("/login", data=right, environ_overrides=_from(99)).status_code == 429
    other = {"login": "bob", "password": PASSWORD}
    assert client.post("/login", data=other, environ_overrides=_from(99)).status_code == 302


@pytest.mark.parametrize("other", ["alice@ｅxample.org", "ALICE@example。org", " alice@EXAMPLE.org "])
def test_other_spellings_of_an_address_count_as_the_same_account(
    limited: Flask, alice: User, other: str
) -> None:
    client, address = limited.test_client(), f"{alice.email}"
    assert address == "alice@example.org"
    for number in range(10):
        tried = {"login": address if number % 2 else other, "password": "wrong"}
        assert client.post("/login", data=tried, environ_overrides=_from(number)).status_code == 422
    right = {"login": other, "password": PASSWORD}
    assert client.post("/login", data=right, environ_overrides=_from(99)).status_code == 429


def test_tries_are_counted_by_address_over_many_names(limited: Flask, alice: User) -> None:
    client = limited.test_client()
    for number in range(10):
        client.post("/login", data={"login": f"user{number}", "password": "wrong"})
    right = {"login": "alice", "password": PASSWORD}
    assert client.post("/login", data=right).status_code == 429
    assert client.post("/login", data=right, environ_overrides=_from(1)).status_code == 302


def test_one_household_of_ipv6_counts_as_one(limited: Flask) -> None:
    client = limited.test_client()
    tries = [
        client.post(
            "/login",
            data={"login": f"user{number}", "password": "wrong"},
            environ_overrides={"REMOTE_ADDR": f"2001:db8:1:2::{number:x}"},
        ).status_code
        for number in range(11)
    ]
    assert tries == [422] * 10 + [429]


def _register(app: Flask, name: str) -> int:
    data = {"username": name, "email": f"{name}@example.org", "password": PASSWORD, "confirm": PASSWORD}
    return app.test_client().post("/register", data=data).status_code


def test_more_accounts_in_an_hour_than_the_setting_allows_wait(limited: Flask) -> None:
    limited.config["BEANFT"] = replace(limited.config["BEANFT"], registrations_per_hour=10)
    assert [_register(limited, "x" * 99) for _ in range(3)] == [422] * 3
    assert [_register(limited, f"user{number}") for number in range(11)] == [302] * 10 + [429]
    answer = limited.test_client().post("/register", data={}, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json["status"]) == (429, 429)
    assert "Try again in" in answer.json["detail"]


def test_probing_for_taken_names_is_limited(limited: Flask) -> None:
    assert [_register(limited, "") for _ in range(21)] == [422] * 20 + [429]


def test_guessing_the_password_of_an_open_account_page_is_limited(limited: Flask, alice: User) -> None:
    client = log_in(limited, "alice")
    data = {"email": "new@example.org", "password": "wrong"}
    tries = [client.post("/account/email", data=data).status_code for _ in range(11)]
    assert tries == [422] * 10 + [429]
