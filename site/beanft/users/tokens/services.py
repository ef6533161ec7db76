"""What happens to tokens of the API."""

import logging
import secrets
import string
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, or_, select, update
from sqlalchemy.exc import IntegrityError, OperationalError

from beanft import audit
from beanft.extensions import db
from beanft.models import ApiToken, User
from beanft.models.tokens import is_over
from beanft.models.types import now
from beanft.users.services import RefusedError, hashed, require_password

PREFIX = "bft_"
"""How every token begins, so that one that leaked can be searched for."""
MOST = 50
"""Tokens that one user may have."""
NAME_MOST = 60

_CHARACTERS = string.ascii_letters + string.digits  # a double click selects it whole
_LENGTH = 40  # 238 bits
_SHOWN = 4
_NOTED_EVERY = timedelta(minutes=1)  # a write for each request would make readers wait for each other

_OF_HASH = (
    select(
        ApiToken.owner_id.label("id"),
        ApiToken.id.label("token_id"),
        ApiToken.token_hash,
        ApiToken.scopes,
        ApiToken.expires_at,
        ApiToken.last_used_at,
    )
    .join(ApiToken.owner)
    .where(ApiToken.token_hash == bindparam("token_hash"), User.active)
)
"""Asked by every request of a program: put together once, and columns instead of objects."""

_log = logging.getLogger("beanft.tokens")


@dataclass(frozen=True, kw_only=True)
class Program:
    """A program that showed a token: to Flask-Login the user whose token it is."""

    id: int
    """The user's."""
    token_id: int
    token_hash: str
    scopes: Sequence[str]
    expires_at: datetime | None
    last_used_at: datetime | None

    is_active = is_authenticated = True
    is_anonymous = False

    @property
    def is_expired(self) -> bool:
        """Whether the token's time is over."""
        return is_over(self.expires_at)

    @property
    def is_use_noted(self) -> bool:
        """Whether this minute's use of the token is written down."""
        return self.last_used_at is not None and self.last_used_at > now() - _NOTED_EVERY


def make_token(
    *, user_id: int, name: str, scopes: Sequence[str], days: int, password: str, address: str = ""
) -> tuple[ApiToken, str]:
    """Make a token that ends after `days`, or never when they are 0; its text is known now and never again.

    Raises
    ------
    RefusedError
        When the password is wrong, the name is in use, or there are too many.
    """
    require_password(user_id, password, "password", address)
    if (db.session.scalar(select(func.count()).where(ApiToken.owner_id == user_id)) or 0) >= MOST:
        raise RefusedError(name=f"You have {MOST} tokens. Revoke one that is no longer used first.")
    text = PREFIX + "".join(secrets.choice(_CHARACTERS) for _ in range(_LENGTH))
    token = ApiToken(
        owner_id=user_id,
        name=name,
        token_hash=hashed(text),
        start=text[: len(PREFIX) + _SHOWN],
        scopes=list(scopes),
        expires_at=now() + timedelta(days=days) if days else None,
    )
    _add(token)
    audit.record(user_id=user_id, action="token-create", subject=f"token {token.id}", address=address)
    db.session.commit()
    return token, text


def revoke_token(*, token: ApiToken, address: str = "") -> None:
    """Delete a token; the next request with it is refused."""
    audit.record(user_id=token.owner_id, action="token-revoke", subject=f"token {token.id}", address=address)
    db.session.delete(token)
    db.session.commit()


def list_tokens(*, user_id: int) -> Sequence[ApiToken]:
    """The tokens of a user, newest first."""
    query = select(ApiToken).where(ApiToken.owner_id == user_id).order_by(ApiToken.id.desc())
    return db.session.scalars(query).all()


def find_program(text: str) -> Program | None:
    """Return who shows this token, unless it was revoked or the account is closed; it may have expired."""
    if not text.startswith(PREFIX):
        return None
    found = db.session.connection().execute(_OF_HASH, {"token_hash": hashed(text)}).first()
    return Program(**found._mapping) if found else None


def note_use(*, token_id: int) -> None:
    """Write down that a token is in use; what the request was for is over, and does not wait for this."""
    db.session.rollback()
    late = or_(ApiToken.last_used_at.is_(None), ApiToken.last_used_at <= now() - _NOTED_EVERY)
    try:
        db.session.execute(
            update(ApiToken).where(ApiToken.id == token_id, late).values(last_used_at=now()),
            execution_options={"synchronize_session": False},
        )
        db.session.commit()
    except OperationalError:  # the next request will do
        db.session.rollback()
        _log.warning("the use of token %s could not be noted", token_id)


def _add(token: ApiToken) -> None:
    """Two forms sent at once may ask for the same name: the database says which came first."""
    db.session.add(token)
    try:
        db.session.flush()
    except IntegrityError as error:
        db.session.rollback()
        raise RefusedError(
            name=f"You have a token called “{token.name}”. Choose another name, or revoke that one."
        ) from error
