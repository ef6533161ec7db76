"""What happens to accounts and logins; the only place of this feature that commits."""

import hashlib
import secrets
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.exc import IntegrityError

from beanft import audit, storage
from beanft.database import release_locks
from beanft.engine.errors import EngineError
from beanft.extensions import db, settings
from beanft.models import LoginSession, User
from beanft.models.types import now
from beanft.users import names, passwords, pictures

_PICTURE = "picture.webp"


class RefusedError(Exception):
    """An account cannot be as asked; `errors` maps the field to a sentence for the user."""

    def __init__(self, **errors: str) -> None:
        super().__init__(" ".join(errors.values()))
        self.errors = errors


def register(*, username: str, email: str, password: str, address: str = "") -> User:
    """Make an account.

    Raises
    ------
    RefusedError
        When the name, the address or the password will not do, or one of the first two is taken.
    """
    _refuse(
        username=names.username_problem(username),
        email=names.email_problem(email),
        password=passwords.problem(password, username=username, email=email),
    )
    user = User(
        username=username,
        username_key=names.username_key(username),
        email=names.email_key(email),
        password_hash=passwords.hash_password(password),
    )
    db.session.add(user)
    _flush_names(username=username, email=email)
    audit.record(user_id=user.id, action="register", subject=f"user {user.id}", address=address)
    db.session.commit()
    return user


def authenticate(*, login: str, password: str, address: str = "") -> User | None:
    """Return the active user of this name or e-mail address and password, or None.

    As much work is done for someone who does not exist as for a wrong password. The user's row stays locked
    until the transaction ends: a password that is changed meanwhile ends the login that follows, too.
    """
    user_id, password_hash = _password_of(login)
    right = passwords.verify(password, password_hash)
    user = _still_with(user_id, password_hash) if right and user_id and password_hash else None
    if user is None or not user.active:
        audit.record(user_id=user_id, action="login-failed", address=address)
        db.session.commit()
        return None
    if passwords.is_outdated(user.password_hash):
        user.password_hash = passwords.hash_password(password)
    return user


def _still_with(user_id: int, password_hash: str) -> User | None:
    """The user, locked, unless the password was changed while it was checked, which takes a moment."""
    user = db.session.get(User, user_id, with_for_update={"of": User}, populate_existing=True)
    return user if user is not None and user.password_hash == password_hash else None


def start_session(*, user: User, remember: bool, address: str = "") -> None:
    """Begin a login: its token is put into `user.login_token`, and only its hash into the database."""
    token = secrets.token_urlsafe(32)
    days = settings.remember_days if remember else settings.session_days
    db.session.execute(delete(LoginSession).where(LoginSession.expires_at <= now()))
    db.session.add(
        LoginSession(user_id=user.id, token_hash=hashed(token), expires_at=now() + timedelta(days=days))
    )
    audit.record(user_id=user.id, action="login", address=address)
    db.session.commit()
    user.login_token = token


def end_session(*, token: str, address: str = "") -> None:
    """End one login; whoever holds a copy of its cookie is out as well."""
    ended = db.session.scalar(select(LoginSession).where(LoginSession.token_hash == hashed(token)))
    if ended is None:
        return
    audit.record(user_id=ended.user_id, action="logout", address=address)
    db.session.delete(ended)
    db.session.commit()


def end_all_sessions(*, user_id: int, but_token: str | None = None, address: str = "") -> None:
    """End every login of a user, but the one named."""
    _delete_sessions(user_id, but_token)
    audit.record(user_id=user_id, action="logout-everywhere", address=address)
    db.session.commit()


def user_of_token(token: str) -> User | None:
    """Return the active user whose login this token is, unless it ended or expired."""
    user = db.session.scalar(
        select(User)
        .join(LoginSession, LoginSession.user_id == User.id)
        .where(LoginSession.token_hash == hashed(token), LoginSession.expires_at > now(), User.active)
    )
    if user is not None:
        user.login_token = token
    return user


def change_profile(*, user_id: int, username: str, address: str = "") -> User:
    """Change the user name.

    Raises
    ------
    RefusedError
        When it will not do or is taken.
    """
    _refuse(username=names.username_problem(username))
    user = db.session.get_one(User, user_id)
    user.username, user.username_key = username, names.username_key(username)
    _flush_names(username=username)
    audit.record(user_id=user_id, action="name-change", address=address)
    db.session.commit()
    return user


def change_email(*, user_id: int, email: str, password: str, address: str = "") -> User:
    """Change the e-mail address, which can be used to log in; so the password is asked.

    Raises
    ------
    RefusedError
        When the password is wrong, or the address will not do or is taken.
    """
    _refuse(email=names.email_problem(email))
    require_password(user_id, password, "password", address)
    user = db.session.get_one(User, user_id)
    user.email = names.email_key(email)
    _flush_names(email=email)
    audit.record(user_id=user_id, action="email-change", address=address)
    db.session.commit()
    return user


def change_password(*, user_id: int, old: str, new: str, address: str = "") -> User:
    """Change the password and end every login, this one too: the caller begins a new one.

    Raises
    ------
    RefusedError
        When the old password is wrong or the new one will not do.
    """
    user = db.session.get_one(User, user_id)
    _refuse(new=passwords.problem(new, username=user.username, email=user.email))
    require_password(user_id, old, "old", address)
    password_hash = passwords.hash_password(new)
    user.password_hash = password_hash
    _delete_sessions(user_id)
    audit.record(user_id=user_id, action="password-change", address=address)
    db.session.commit()
    return user


def save_picture(*, user_id: int, file: BinaryIO, address: str = "") -> User:
    """Keep a profile picture, drawn anew, in place of the old one.

    Raises
    ------
    RefusedError
        When the file is not a picture that can be used.
    """
    try:
        content = pictures.square_webp(file)
    except EngineError as error:
        raise RefusedError(picture=str(error)) from error
    key = storage.new_key()
    storage.write(storage.make_folder(key) / _PICTURE, [content])
    return _replace_picture(user_id, key, address)


def remove_picture(*, user_id: int, address: str = "") -> User:
    """Delete the profile picture."""
    return _replace_picture(user_id, None, address)


def picture_path(user: User) -> Path | None:
    """Where the profile picture is, if there is one."""
    if user.picture is None:
        return None
    path = storage.folder(user.picture) / _PICTURE
    return path if path.is_file() else None


def _replace_picture(user_id: int, key: str | None, address: str) -> User:
    """The old file goes after the commit: a crash in between leaves a file too many, never one too few."""
    user = db.session.get_one(User, user_id)
    old, user.picture = user.picture, key
    audit.record(user_id=user_id, action="picture-change", address=address)
    db.session.commit()
    if old is not None:
        storage.remove(old)
    return user


def _password_of(login: str) -> tuple[int | None, str | None]:
    """Number and password hash of the user of this name or address.

    The transaction ends here: nobody's write waits while a password is checked.
    """
    query = select(User.id, User.password_hash).where(
        or_(User.username_key == names.username_key(login), User.email == names.email_key(login))
    )
    # PostgreSQL fails on a NUL, and no account has one.
    row = None if "\0" in login or len(login) > names.EMAIL_MAX else db.session.execute(query).first()
    release_locks()
    return (row.id, row.password_hash) if row else (None, None)


def require_password(user_id: int, password: str, field: str, address: str) -> None:
    """Ask again for the password, before something that a stolen cookie must not be enough for.

    Raises
    ------
    RefusedError
        At `field`, when it is not the user's password.
    """
    password_hash = db.session.get_one(User, user_id).password_hash
    release_locks()
    if not passwords.verify(password, password_hash) or _still_with(user_id, password_hash) is None:
        audit.record(user_id=user_id, action="password-refused", address=address)
        db.session.commit()
        raise RefusedError(**{field: "This is not your password."})


def _refuse(**problems: str | None) -> None:
    errors = {field: problem for field, problem in problems.items() if problem}
    if errors:
        raise RefusedError(**errors)


def _flush_names(*, username: str = "", email: str = "") -> None:
    """Write a name or an address; the database says whether it is taken, also to two who ask at once."""
    try:
        db.session.flush()
    except IntegrityError as error:
        db.session.rollback()
        taken = _taken(username, email)
        if not taken:
            raise
        raise RefusedError(**taken) from error


def _taken(username: str, email: str) -> dict[str, str]:
    errors = {}
    if username and _exists(User.username_key == names.username_key(username)):
        errors["username"] = "This user name is taken. Choose another one."
    if email and _exists(User.email == names.email_key(email)):
        errors["email"] = "There is an account with this e-mail address. Log in, or use another address."
    return errors


def _exists(condition: ColumnElement[bool]) -> bool:
    return db.session.scalar(select(User.id).where(condition)) is not None


def _delete_sessions(user_id: int, but_token: str | None = None) -> None:
    query = delete(LoginSession).where(LoginSession.user_id == user_id)
    if but_token is not None:
        query = query.where(LoginSession.token_hash != hashed(but_token))
    db.session.execute(query)


def hashed(token: str) -> str:
    """What is kept of a token: random as it is, its SHA-256 cannot be turned back."""
    return hashlib.sha256(token.encode()).hexdigest()
