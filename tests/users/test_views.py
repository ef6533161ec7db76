"""Registration, login, account and profile, as a browser sees them."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import func, select

from beanft.extensions import db
from beanft.factory import create_app
from beanft.models import AuditEvent, User
from conftest import log_in
from factories import PASSWORD

NEW = {"username": "dora", "email": "dora@example.org", "password": PASSWORD, "confirm": PASSWORD}
JSON = {"Accept": "application/json"}


def _count(app: Flask) -> int | None:
    with app.app_context():
        return db.session.scalar(select(func.count(User.id)))


def _png(size: tuple[int, int] = (40, 30)) -> io.BytesIO:
    file = io.BytesIO()
    Image.new("RGB", size, "teal").save(file, "PNG")
    return io.BytesIO(file.getvalue())


def test_a_visitor_registers_and_is_logged_in(app: Flask, visitor: FlaskClient) -> None:
    assert visitor.get("/register").status_code == 200
    answer = visitor.post("/register", data=NEW)
    assert (answer.status_code, answer.location) == (302, "/")
    assert "dora@example.org" in visitor.get("/account").text


def test_registration_keeps_what_was_typed_but_the_passwords(visitor: FlaskClient, app: Flask) -> None:
    answer = visitor.post("/register", data=NEW | {"confirm": "something else"})
    assert answer.status_code == 422
    assert "The two passwords differ" in answer.text
    assert 'value="dora@example.org"' in answer.text
    assert PASSWORD not in answer.text
    assert _count(app) == 0


def test_registration_says_everything_that_is_missing_at_once(visitor: FlaskClient) -> None:
    answer = visitor.post("/register", data={}, headers=JSON)
    assert answer.status_code == 422
    assert set(answer.json["errors"]) == {"username", "email", "password", "confirm"}


def test_registration_refuses_a_taken_name_with_a_sentence(visitor: FlaskClient, alice: User) -> None:
    answer = visitor.post("/register", data=NEW | {"username": "ALICE"})
    assert answer.status_code == 422
    assert "This user name is taken" in answer.text
    assert 'aria-describedby="username-error"' in answer.text


def test_registration_refuses_a_password_of_two_kilobytes_before_hashing_it(visitor: FlaskClient) -> None:
    answer = visitor.post("/register", data=NEW | {"password": "x y" * 700, "confirm": "x y" * 700})
    assert answer.status_code == 422
    assert "at most 1,000 bytes" in answer.text


def test_other_fields_of_a_person_cannot_be_set_from_outside(app: Flask, visitor: FlaskClient) -> None:
    more = {"id": "77", "active": "", "created_at": "2000-01-01", "password_hash": "x", "is_admin": "1"}
    visitor.post("/register", data=NEW | more)
    with app.app_context():
        user = db.session.scalars(select(User)).one()
        assert user.id != 77
        assert user.active
        assert user.created_at.year > 2000
        assert user.password_hash.startswith("$argon2id$")


def test_a_closed_registration_says_so(app: Flask, tmp_path: Path) -> None:
    app.config["BEANFT"] = create_app(instance=tmp_path / "instance", registration=False).config["BEANFT"]
    for answer in (app.test_client().get("/register"), app.test_client().post("/register", data=NEW)):
        assert answer.status_code == 403
        assert "Registration is closed" in answer.text
    assert _count(app) == 0


def test_names_with_html_stay_text(visitor: FlaskClient) -> None:
    evil = '"><script>alert(1)</script>'
    for address, data in (
        ("/register", NEW | {"username": evil, "email": evil}),
        ("/login", {"login": evil}),
    ):
        answer = visitor.post(address, data=data)
        assert answer.status_code == 422
        assert "<script>alert" not in answer.text
        assert "&lt;script&gt;alert" in answer.text


def test_login_works_by_name_and_by_address(app: Flask, alice: User) -> None:
    for name in ("alice", "Alice@Example.org"):
        client = app.test_client()
        answer = client.post("/login", data={"login": name, "password": PASSWORD})
        assert (answer.status_code, answer.location) == (302, "/")
        assert client.get("/account").status_code == 200


def test_an_unknown_user_and_a_wrong_password_get_the_same_answer(visitor: FlaskClient, alice: User) -> None:
    known = visitor.post("/login", data={"login": "alice", "password": "wrong password"})
    unknown = visitor.post("/login", data={"login": "nobod", "password": "wrong password"})
    assert known.status_code == unknown.status_code == 422
    assert known.text.replace("alice", "nobod") == unknown.text
    ignored = {"X-Request-Id", "X-RateLimit-Reset", "Retry-After", "X-RateLimit-Remaining"}
    headers = [{k: v for k, v in a.headers.items() if k not in ignored} for a in (known, unknown)]
    assert headers[0] == headers[1]


def test_a_person_who_is_logged_in_has_no_use_for_the_doors(as_alice: FlaskClient) -> None:
    for address in ("/login", "/register", "/login?next=/account"):
        assert as_alice.get(address).location == "/"
        assert as_alice.post(address, data=NEW).location == "/"


def test_logout_works_by_post_only(as_alice: FlaskClient) -> None:
    assert as_alice.get("/logout").status_code == 405
    assert as_alice.get("/account").status_code == 200
    assert as_alice.post("/logout").location == "/"
    assert as_alice.get("/account").location.startswith("/login")


def test_the_fields_tell_password_managers_what_they_are(visitor: FlaskClient, as_alice: FlaskClient) -> None:
    login, register, account = (
        visitor.get("/login").text,
        visitor.get("/register").text,
        as_alice.get("/account").text,
    )
    assert login.count('autocomplete="username"') == login.count('autocomplete="current-password"') == 1
    assert register.count('autocomplete="new-password"') == 2
    assert register.count('autocomplete="username"') == register.count('autocomplete="email"') == 1
    assert account.count('autocomplete="current-password"') == 3  # for the address, the password, a token
    assert account.count('autocomplete="new-password"') == 2


@pytest.mark.parametrize(
    ("part", "data", "sentence"),
    [
        ("name", {"username": "alicia"}, "You are now called alicia."),
        ("email", {"email": "new@example.org", "password": PASSWORD}, "now new@example.org"),
        (
            "password",
            {"old": PASSWORD, "new": "another horse battery", "confirm": "another horse battery"},
            "Your password is changed.",
        ),
        ("picture", {}, "Your picture is changed."),
    ],
)
def test_the_account_can_be_changed(
    as_alice: FlaskClient, part: str, data: dict[str, str], sentence: str
) -> None:
    sent = data or {"picture": (_png(), "me.png")}
    answer = as_alice.post(f"/account/{part}", data=sent, follow_redirects=True)
    assert answer.status_code == 200
    assert sentence in answer.text


@pytest.mark.parametrize(
    ("part", "data", "sentence"),
    [
        ("name", {"username": "bob"}, "This user name is taken"),
        ("name", {"username": "<i>"}, "A user name has 2 to 40"),
        ("name", {}, "Choose a user name."),
        ("email", {"email": "new@example.org", "password": "wrong"}, "This is not your password."),
        ("email", {"email": "new", "password": PASSWORD}, "This is not an e-mail address"),
        ("email", {"email": "bob@example.org", "password": PASSWORD}, "There is an account"),
        (
            "password",
            {"old": "wrong", "new": "another horse", "confirm": "another horse"},
            "not your password",
        ),
        ("password", {"old": PASSWORD, "new": "short", "confirm": "short"}, "Too short"),
        (
            "password",
            {"old": PASSWORD, "new": "another horse", "confirm": "other"},
            "The two passwords differ",
        ),
        ("password", {"old": PASSWORD, "new": "alice12345", "confirm": "alice12345"}, "your user name"),
        ("picture", {}, "Choose a picture first."),
        ("picture", {"picture": (io.BytesIO(b"<svg onload='x'/>"), "me.svg")}, "PNG, JPEG or WebP"),
        ("picture", {"picture": (io.BytesIO(b""), "me.png")}, "PNG, JPEG or WebP"),
    ],
)
def test_a_change_that_will_not_do_is_refused_at_its_field(
    as_alice: FlaskClient, bob: User, part: str, data: dict[str, object], sentence: str
) -> None:
    answer = as_alice.post(f"/account/{part}", data=data)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert answer.text.count('aria-invalid="true"') >= 1
    assert "alice@example.org" in as_alice.get("/account").text
    assert as_alice.get(f"/account/{part}").location == "/account"


def test_every_action_of_the_account_is_closed_to_visitors(visitor: FlaskClient, alice: User) -> None:
    for part in ("name", "email", "password", "picture", "picture/remove", "logout-elsewhere"):
        assert visitor.post(f"/account/{part}").location.startswith("/login")


def test_a_profile_is_seen_by_its_owner_only(as_alice: FlaskClient, as_charlie: FlaskClient) -> None:
    assert "Member since" in as_alice.get("/users/Alice").text
    assert as_alice.get("/users/alice", headers=JSON).json["username"] == "alice"
    stranger, nobody = as_charlie.get("/users/alice"), as_charlie.get("/users/nobody")
    assert stranger.status_code == nobody.status_code == 404
    assert stranger.text == nobody.text


def test_a_picture_is_served_as_a_picture_and_nothing_else(
    as_alice: FlaskClient, as_charlie: FlaskClient
) -> None:
    assert as_alice.get("/users/alice/picture").status_code == 404
    as_alice.post("/account/picture", data={"picture": (_png(), "me.html")})
    answer = as_alice.get("/users/alice/picture")
    assert (answer.status_code, answer.mimetype) == (200, "image/webp")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "private" in answer.headers["Cache-Control"]
    assert Image.open(io.BytesIO(answer.data)).size == (256, 256)
    answer.close()
    assert as_charlie.get("/users/alice/picture").status_code == 404
    as_alice.post("/account/picture/remove")
    assert as_alice.get("/users/alice/picture").status_code == 404


def test_a_picture_above_five_mebibytes_is_refused_unread(as_alice: FlaskClient) -> None:
    kind = "multipart/form-data; boundary=x"
    answer = as_alice.post("/account/picture", data=b"x" * (5 * 1024 * 1024 + 1), content_type=kind)
    assert answer.status_code == 413
    assert "at most 5 MiB" in answer.text


def test_the_record_knows_the_address_of_a_login(app: Flask, alice: User) -> None:
    log_in(app, "alice")
    with app.app_context():
        event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "login")).one()
        assert (event.user_id, event.address) == (alice.id, "127.0.0.1")
