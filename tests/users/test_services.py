"""Accounts and logins, without HTTP."""

from __future__ import annotations

import hashlib
import io
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from argon2 import PasswordHasher
from flask import Flask
from PIL import Image
from sqlalchemy import func, select

from beanft.extensions import db
from beanft.models import AuditEvent, LoginSession, User
from beanft.users import passwords, services
from beanft.users.services import RefusedError
from factories import PASSWORD, make_user

pytestmark = pytest.mark.usefixtures("context")


def _actions() -> list[str]:
    return list(db.session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)))


def _login(user: User, *, remember: bool = False) -> str:
    services.start_session(user=user, remember=remember)
    return user.login_token


def test_a_registered_person_is_found_by_name_and_by_address_in_any_case() -> None:
    user = make_user("Alice", email="Alice@Example.org")
    for login in ("Alice", "alice", "ALICE", " alice ", "alice@example.org", "ALICE@EXAMPLE.ORG"):
        assert services.authenticate(login=login, password=PASSWORD) is user
    assert user.username == "Alice"


@pytest.mark.parametrize("login", ["", "bob", "alice\0", "\0", "a" * 1000, "alice' or 1=1 --", "%", "alice@"])
def test_nobody_is_found_by_a_wrong_name(login: str) -> None:
    make_user("alice")
    assert services.authenticate(login=login, password=PASSWORD) is None


@pytest.mark.parametrize("password", ["", "wrong", PASSWORD + " ", PASSWORD.upper(), "x" * 2000, "\0"])
def test_a_wrong_password_opens_nothing(password: str) -> None:
    make_user("alice")
    assert services.authenticate(login="alice", password=password) is None


def test_an_inactive_account_is_refused_and_its_logins_are_dead() -> None:
    user = make_user("alice")
    token = _login(user)
    user.active = False
    db.session.commit()
    assert services.authenticate(login="alice", password=PASSWORD) is None
    assert services.user_of_token(token) is None


def test_an_unknown_name_costs_as_much_work_as_a_wrong_password(monkeypatch: pytest.MonkeyPatch) -> None:
    make_user("alice")
    checked: list[str] = []

    class Counting(PasswordHasher):
        def verify(self, hash: Any, password: Any) -> Any:
            checked.append(hash)
            return super().verify(hash, password)

    monkeypatch.setattr(passwords, "hasher", Counting(time_cost=1, memory_cost=8, parallelism=1))
    for login in ("alice", "nobody", "nobody@example.org"):
        services.authenticate(login=login, password="a wrong password")
    assert len(checked) == 3
    costs = {hash.rsplit("$", 2)[0] for hash in checked}
    assert len(costs) == 1


def test_a_hash_of_lower_cost_is_renewed_at_login(monkeypatch: pytest.MonkeyPatch) -> None:
    user = make_user("alice")
    before = user.password_hash
    monkeypatch.setattr(passwords, "hasher", PasswordHasher(time_cost=2, memory_cost=8, parallelism=1))
    assert services.authenticate(login="alice", password=PASSWORD) is user
    assert user.password_hash != before
    assert "t=2" in user.password_hash
    services.start_session(user=user, remember=False)  # which keeps it
    assert services.authenticate(login="alice", password=PASSWORD) is user


def _changed_meanwhile(monkeypatch: pytest.MonkeyPatch, user: User) -> None:
    """Let the password of a user change while the old one is checked."""
    verify = passwords.verify

    def slow(password: str, password_hash: str | None) -> bool:
        right = verify(password, password_hash)
        user.password_hash = passwords.hash_password("another " + PASSWORD)
        db.session.commit()
        return right

    monkeypatch.setattr(passwords, "verify", slow)


def test_a_login_under_way_with_the_old_password_ends_when_that_changes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _changed_meanwhile(monkeypatch, make_user("alice"))
    assert services.authenticate(login="alice", password=PASSWORD) is None
    assert _actions()[-1] == "login-failed"


def test_a_password_that_was_changed_meanwhile_opens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    user = make_user("alice")
    _changed_meanwhile(monkeypatch, user)
    with pytest.raises(RefusedError, match="not your password"):
        services.require_password(user.id, PASSWORD, "password", "")


def test_no_lock_is_held_while_a_password_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    make_user("alice")
    held: list[bool] = []

    def verify(password: str, password_hash: str | None) -> bool:
        held.append(db.session().in_transaction())
        return False

    monkeypatch.setattr(passwords, "verify", verify)
    services.authenticate(login="alice", password=PASSWORD)
    assert held == [False]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"username": "ALICE"}, "username"),
        ({"email": "ALICE@example.ORG"}, "email"),
        ({"username": "a b"}, "username"),
        ({"username": "<b>bold</b>"}, "username"),
        ({"username": "a/../b"}, "username"),
        ({"username": ".."}, "username"),
        ({"username": "a\nb"}, "username"),
        ({"username": "bob\n"}, "username"),
        ({"username": "аlice"}, "username"),  # a Cyrillic а
        ({"email": "bob"}, "email"),
        ({"email": "<b>@example.org"}, "email"),
        ({"email": "bob@example.org\nBcc: all@example.org"}, "email"),
        ({"email": "b" * 250 + "@example.org"}, "email"),
        ({"password": "short"}, "password"),
        ({"password": "bob@example.org"}, "password"),
    ],
)
def test_what_will_not_do_is_refused_at_its_field(values: dict[str, str], field: str) -> None:
    make_user("alice")
    asked = {"username": "bob", "email": "bob@example.org", "password": PASSWORD} | values
    with pytest.raises(RefusedError) as refused:
        services.register(**asked)
    assert set(refused.value.errors) == {field}
    assert db.session.scalar(select(func.count(User.id))) == 1


def test_two_who_register_the_same_name_at_once_make_one_account_and_one_sentence(app: Flask) -> None:
    start, outcomes = threading.Barrier(2), []

    def register(email: str) -> None:
        with app.app_context():
            start.wait()
            try:
                services.register(username="alice", email=email, password=PASSWORD)
                outcomes.append("made")
            except RefusedError as refused:
                outcomes.append(refused.errors["username"])

    threads = [threading.Thread(target=register, args=(f"{name}@example.org",)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert sorted(outcomes) == ["This user name is taken. Choose another one.", "made"]


def test_only_the_hash_of_a_token_is_stored() -> None:
    token = _login(make_user("alice"))
    stored = db.session.scalars(select(LoginSession)).one()
    assert stored.token_hash == hashlib.sha256(token.encode()).hexdigest()
    assert len(token) >= 43


def test_a_login_ends_after_its_days_whatever_happens() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    with time_machine.travel(start, tick=False):
        user = make_user("alice")
        short, long = _login(user), _login(user, remember=True)
    with time_machine.travel(start + timedelta(days=6, hours=23)):
        assert services.user_of_token(short) is user
    with time_machine.travel(start + timedelta(days=7, seconds=1)):
        assert services.user_of_token(short) is None
        assert services.user_of_token(long) is user
    with time_machine.travel(start + timedelta(days=30, seconds=1)):
        assert services.user_of_token(long) is None
        _login(user)
        assert db.session.scalar(select(func.count(LoginSession.id))) == 1


def test_ending_one_login_leaves_the_others() -> None:
    user = make_user("alice")
    first, second = _login(user), _login(user)
    services.end_session(token=first)
    assert services.user_of_token(first) is None
    assert services.user_of_token(second) is user


def test_ending_all_logins_leaves_the_one_named_and_other_people() -> None:
    alice, bob = make_user("alice"), make_user("bob")
    here, there, bobs = _login(alice), _login(alice), _login(bob)
    services.end_all_sessions(user_id=alice.id, but_token=here)
    assert services.user_of_token(here) is alice
    assert services.user_of_token(there) is None
    assert services.user_of_token(bobs) is bob


def test_a_new_password_ends_every_login() -> None:
    user = make_user("alice")
    token = _login(user)
    services.change_password(user_id=user.id, old=PASSWORD, new="another horse battery")
    assert services.user_of_token(token) is None
    assert services.authenticate(login="alice", password=PASSWORD) is None
    assert services.authenticate(login="alice", password="another horse battery") is user


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("wrong", "another horse battery", "old"),
        (PASSWORD, "short", "new"),
        (PASSWORD, "alice@example.org", "new"),
    ],
)
def test_a_password_is_not_changed_when_something_is_wrong(old: str, new: str, field: str) -> None:
    user = make_user("alice")
    token = _login(user)
    with pytest.raises(RefusedError) as refused:
        services.change_password(user_id=user.id, old=old, new=new)
    assert set(refused.value.errors) == {field}
    assert services.user_of_token(token) is user


def test_an_address_is_changed_with_the_password_only() -> None:
    user = make_user("alice")
    with pytest.raises(RefusedError) as refused:
        services.change_email(user_id=user.id, email="new@example.org", password="wrong")
    assert set(refused.value.errors) == {"password"}
    services.change_email(user_id=user.id, email="New@example.org", password=PASSWORD)
    assert user.email == "new@example.org"


def test_a_taken_name_or_address_is_refused_and_nothing_changes() -> None:
    make_user("bob")
    user = make_user("alice")
    with pytest.raises(RefusedError, match="taken"):
        services.change_profile(user_id=user.id, username="BOB")
    with pytest.raises(RefusedError, match="There is an account"):
        services.change_email(user_id=user.id, email="bob@example.org", password=PASSWORD)
    assert (user.username, user.email) == ("alice", "alice@example.org")


def test_the_own_name_can_be_written_differently() -> None:
    user = make_user("alice")
    services.change_profile(user_id=user.id, username="Alice")
    assert user.username == "Alice"


def test_a_new_picture_replaces_the_old_file(app: Flask) -> None:
    user = make_user("alice")
    for colour in ("red", "blue"):
        file = io.BytesIO()
        Image.new("RGB", (300, 200), colour).save(file, "PNG")
        services.save_picture(user_id=user.id, file=io.BytesIO(file.getvalue()))
    files = list((app.config["BEANFT"].instance / "files").rglob("*.webp"))
    assert files == [services.picture_path(user)]
    services.remove_picture(user_id=user.id)
    assert services.picture_path(user) is None
    assert not list((app.config["BEANFT"].instance / "files").rglob("*.webp"))


def test_a_lost_picture_is_no_picture(app: Flask) -> None:
    user = make_user("alice")
    user.picture = "0" * 32
    assert services.picture_path(user) is None


def test_everything_that_matters_is_recorded_with_the_address() -> None:
    user = services.register(username="alice", email="a@example.org", password=PASSWORD, address="192.0.2.7")
    services.authenticate(login="alice", password="wrong", address="192.0.2.7")
    services.start_session(user=user, remember=False, address="192.0.2.7")
    services.end_session(token=user.login_token, address="192.0.2.7")
    services.change_profile(user_id=user.id, username="alicia", address="192.0.2.7")
    services.change_email(user_id=user.id, email="b@example.org", password=PASSWORD, address="192.0.2.7")
    services.change_password(user_id=user.id, old=PASSWORD, new="another horse battery", address="192.0.2.7")
    services.end_all_sessions(user_id=user.id, address="192.0.2.7")
    services.remove_picture(user_id=user.id, address="192.0.2.7")
    assert _actions() == [
        "register",
        "login-failed",
        "login",
        "logout",
        "name-change",
        "email-change",
        "password-change",
        "logout-everywhere",
        "picture-change",
    ]
    events = db.session.scalars(select(AuditEvent)).all()
    assert {(event.user_id, event.address) for event in events} == {(user.id, "192.0.2.7")}


def test_a_failed_login_of_nobody_records_no_typed_text() -> None:
    services.authenticate(login="my password by mistake", password="x", address="192.0.2.7")
    event = db.session.scalars(select(AuditEvent)).one()
    assert (event.action, event.user_id, event.subject) == ("login-failed", None, "")
