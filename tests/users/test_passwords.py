"""Which passwords are refused, and how they are hashed."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from beanft.users import passwords


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "äöüß grüne Bohnen",
        "💧🌱🌻🌾🌽🥕🥔🍅🧅🥬",
        "mauve-kettle-91-orbit",
        "x" * 3 + "k7 long enough",
        "ab cde fgh ijk" * 70,
    ],
)
def test_a_good_password_is_accepted(password: str) -> None:
    assert passwords.problem(password, username="alice", email="alice@example.org") is None


@pytest.mark.parametrize(
    "password",
    [
        "1234567890",
        "qwertyuiop",
        "poiuytrewq",
        "password1234",
        "P@ssw0rd123!",
        "!!Dragon2024!!",
        "iloveyou12345",
        "passwordpassword",
        "correcthorsebatterystaple",
        "aaaaaaaaaaaa",
        "abababababab",
        "abcdefghij",
        "1q2w3e4r5t6y",
        "BEANFT-123456",
        "ich liebe dich",
    ],
)
def test_a_password_that_is_tried_first_is_refused(password: str) -> None:
    assert (passwords.problem(password) or "").startswith("Too easy")


@pytest.mark.parametrize(
    "password",
    [
        "christopher.w",
        "Christopher.W",
        "christopher.w1987",
        "w.rehpotsirhc",
        "chris.w@example.org",
        "123chris.w123",
    ],
)
def test_a_password_made_of_the_own_name_is_refused(password: str) -> None:
    problem = passwords.problem(password, username="christopher.w", email="chris.w@example.org")
    assert problem is not None
    assert "user name or e-mail" in problem


def test_ten_characters_are_enough_and_nine_are_not() -> None:
    assert passwords.problem("k9 wq3 zvb") is None
    assert "at least 10" in str(passwords.problem("k9 wq3 zv"))


def test_a_thousand_bytes_are_the_most() -> None:
    text = "mauve kettle " * 100
    assert passwords.problem(text[:1000]) is None
    assert "1,000 bytes" in str(passwords.problem(text[:1001]))
    assert "1,000 bytes" in str(passwords.problem("ä1b2c3d4e5" * 92))


def test_a_password_that_is_too_long_is_not_even_hashed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "hasher", None)
    assert not passwords.verify("x" * 1001, "$argon2id$…")


def test_production_hashes_cost_what_the_library_recommends() -> None:
    default = PasswordHasher()
    assert default.memory_cost >= 19 * 1024
    assert PasswordHasher().check_needs_rehash(passwords.hash_password("correct horse battery"))


def test_the_same_password_from_another_keyboard_is_right() -> None:
    composed, decomposed = "gr\u00fcne Bohnen!", "gru\u0308ne Bohnen!"
    assert passwords.verify(decomposed, passwords.hash_password(composed))


def test_nobodys_password_is_never_right() -> None:
    assert not passwords.verify("the password of nobody", None)


def test_a_broken_hash_opens_nothing() -> None:
    assert not passwords.verify("correct horse battery", "no hash at all")
    assert not passwords.verify("", "")
