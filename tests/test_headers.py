"""The headers that every answer carries, whatever kind of answer it is."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from beanft.factory import create_app
from beanft.headers import SECURITY_HEADERS

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "/login", 200),
        ("HEAD", "/login", 200),
        ("GET", "/account", 302),
        ("POST", "/login", 422),
        ("PUT", "/login", 405),
        ("GET", "/nope", 404),
        ("POST", "/logout", 302),
        ("GET", "/healthz", 200),
        ("GET", "/static/nope.css", 404),
    ],
)
def test_every_answer_carries_the_security_headers(
    visitor: FlaskClient, method: str, address: str, status: int
) -> None:
    answer = visitor.open(address, method=method)
    assert answer.status_code == status
    assert ALWAYS.items() <= dict(answer.headers).items()
    assert len(answer.headers["X-Request-Id"]) == 12


def test_the_policy_allows_our_own_files_and_nothing_inline(visitor: FlaskClient) -> None:
    policy = dict(
        part.split(" ", 1) for part in visitor.get("/login").headers["Content-Security-Policy"].split("; ")
    )
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert "unsafe" not in str(policy)


def test_our_pages_obey_the_policy(visitor: FlaskClient, as_alice: FlaskClient) -> None:
    pages = [visitor.get("/login").text, visitor.get("/register").text, visitor.get("/nope").text]
    pages += [as_alice.get("/account").text, as_alice.get("/users/alice").text]
    for text in pages:
        assert " style=" not in text
        assert " on" + "click=" not in text
        assert "<script>" not in text


@pytest.mark.parametrize("name", ["css/beanft.css", "img/logo.svg", "vendor/htmx-4.0.1/htmx.min.js"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_static_files_carry_the_security_headers(visitor: FlaskClient, method: str, name: str) -> None:
    with visitor.open(f"/static/{name}", method=method) as answer:
        assert answer.status_code == 200
        assert SECURITY_HEADERS.items() <= dict(answer.headers).items()
        for header in SECURITY_HEADERS:
            assert len(answer.headers.getlist(header)) == 1


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_static_file_takes_nothing_and_says_so_as_the_site_does(visitor: FlaskClient, method: str) -> None:
    answer = visitor.open("/static/css/beanft.css", method=method)
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert SECURITY_HEADERS.items() <= dict(answer.headers).items()
    assert "This page does not do that" in answer.text


def test_no_other_site_may_read_our_answers(visitor: FlaskClient) -> None:
    for origin in ("https://evil.example", "null", "http://localhost.evil.example"):
        for address in ("/login", "/account", "/nope", "/static/css/beanft.css"):
            answer = visitor.get(address, headers={"Origin": origin})
            assert not [name for name, _ in answer.headers if name.startswith("Access-Control-")]
            answer.close()


def test_https_is_remembered_once_it_was_used(visitor: FlaskClient) -> None:
    assert (
        "max-age" in visitor.get("/login", base_url="https://localhost").headers["Strict-Transport-Security"]
    )
    assert "Strict-Transport-Security" not in visitor.get("/login").headers


def test_with_https_cookies_never_travel_openly(app: Flask, tmp_path_factory: pytest.TempPathFactory) -> None:
    assert not app.config["SESSION_COOKIE_SECURE"]
    assert create_app(instance=tmp_path_factory.mktemp("https"), https=True).config["SESSION_COOKIE_SECURE"]


def test_two_requests_have_two_ids(visitor: FlaskClient) -> None:
    ids = {
        visitor.get("/login", headers={"X-Request-Id": "chosen"}).headers["X-Request-Id"] for _ in range(3)
    }
    assert len(ids) == 3
    assert "chosen" not in ids


def test_a_header_that_a_view_set_itself_wins_and_comes_once(app: Flask) -> None:
    with app.test_request_context("/"):
        answer = app.make_response("a file")
        answer.headers["content-security-policy"] = "sandbox"
        app.process_response(answer)
    assert answer.headers.getlist("Content-Security-Policy") == ["sandbox"]
    assert answer.headers["X-Frame-Options"] == "DENY"
