"""People and their logins."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from beanft.extensions import Model
from beanft.models.types import UtcDateTime, now


class User(Model):
    """A person with an account."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(40))
    username_key: Mapped[str] = mapped_column(String(40), unique=True)
    """The user name as it is compared: case-folded."""
    email: Mapped[str] = mapped_column(String(254), unique=True)
    """Address as it is compared: normalised and case-folded."""
    password_hash: Mapped[str] = mapped_column(String(200))
    picture: Mapped[str | None] = mapped_column(String(40))
    """Storage key of the profile picture."""
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    login_token = ""
    """Token of the login that this request came with; it is what Flask-Login keeps in the cookie."""

    # What Flask-Login asks of a user; written out, because tables import no web library.
    is_authenticated = True
    is_anonymous = False

    @property
    def is_active(self) -> bool:
        """Whether the account may log in."""
        return self.active

    def get_id(self) -> str:
        """The token of this login, not the user's number: a token that was deleted opens nothing."""
        return self.login_token


class LoginSession(Model):
    """One login of one user on one browser; deleting it ends the login, whatever cookies exist."""

    __tablename__ = "login_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of the token; the token itself is only in the visitor's cookie."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
