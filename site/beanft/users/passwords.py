"""Passwords: which ones are too easy to guess, and their argon2 hashes."""

import re
import threading
import unicodedata
from functools import lru_cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MIN_CHARACTERS = 10
MAX_BYTES = 1000
_FEW_CHARACTERS = 5  # with fewer different ones, length is no help: aaaaabbbbb

hasher = PasswordHasher()
"""The library's default cost: 64 MiB and three passes. Tests put a cheap one in its place."""

# Each check takes 64 MiB: a crowd that logs in at once waits here instead of exhausting the memory.
_turn = threading.BoundedSemaphore(4)

_LEET = str.maketrans("@4031!5$7", "aaoeiisst")
_ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "qwertzuiopasdfghjklyxcvbnm",
    "qwertyuiopasdfghjklzxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
)


def problem(password: str, *, username: str = "", email: str = "") -> str | None:
    """Say why a password is refused, and what would do; None when it is fine.

    >>> problem("abc")
    'Too short: a password has at least 10 characters. A few unrelated words are easy to remember.'
    >>> problem("correct horse battery") is None
    True
    """
    if too_long(password):
        return f"Too long: a password has at most {MAX_BYTES:,} bytes."
    if len(password) < MIN_CHARACTERS:
        return (
            f"Too short: a password has at least {MIN_CHARACTERS} characters. "
            "A few unrelated words are easy to remember."
        )
    if _is_name(password, username, email):
        return "Too easy: this is your user name or e-mail address. Take a few unrelated words instead."
    if _is_row(password):
        return "Too easy: the same few characters, or keys in a row. Take a few unrelated words instead."
    if _is_common(password):
        return (
            "Too easy: this is among the passwords that are tried first. Take a few unrelated words instead."
        )
    return None


def too_long(password: str) -> bool:
    """Whether a password is longer than we are willing to hash."""
    return len(password.encode("utf-8", "surrogatepass")) > MAX_BYTES


def hash_password(password: str) -> str:
    """Hash a password; the same text typed on another keyboard gives the same bytes (NFKC)."""
    with _turn:
        return hasher.hash(_same_bytes(password))


def verify(password: str, password_hash: str | None) -> bool:
    """Whether a password is the one that was hashed.

    Without a hash, for a user who does not exist, the same work is done on another one, so that the time
    of the answer tells nothing.
    """
    if too_long(password):
        return False
    with _turn:
        try:
            hasher.verify(password_hash or _nobodys_hash(hasher), _same_bytes(password))
        except (VerificationError, InvalidHashError):
            return False
    return password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Whether a hash was made with another cost than today's."""
    return hasher.check_needs_rehash(password_hash)


@lru_cache(maxsize=1)
def _nobodys_hash(of: PasswordHasher) -> str:
    return of.hash("the password of nobody")


def _same_bytes(password: str) -> bytes:
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


def _is_name(password: str, username: str, email: str) -> bool:
    """Whether it is the name or the address, backwards or with a few digits and signs around it."""
    names = {username.casefold(), email.casefold(), email.casefold().partition("@")[0]} - {""}
    plain = password.casefold()
    forms = {plain, plain[::-1], _core(plain), _core(plain)[::-1]}
    return bool(forms & (names | {_core(name) for name in names if _core(name)}))


def _is_row(password: str) -> bool:
    plain = password.casefold()
    if len(set(plain)) < _FEW_CHARACTERS:
        return True
    return any(plain in row or plain[::-1] in row for row in _ROWS)


def _is_common(password: str) -> bool:
    """Whether it is in the list, as typed, without what people add at the ends, or said twice."""
    plain = password.casefold()
    core = _core(plain)
    forms = {plain, plain.replace(" ", ""), core, core.translate(_LEET), _core(plain.translate(_LEET))}
    halves = {form[: len(form) // 2] for form in forms if form[: len(form) // 2] * 2 == form}
    return bool((forms | halves) & _common())


def _core(text: str) -> str:
    """The text without digits and signs at its ends."""
    return re.sub(r"^[\W\d_]+|[\W\d_]+$", "", text)


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    lines = (Path(__file__).parent / "common_passwords.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line.strip() for line in lines if line.strip() and not line.startswith("#"))
