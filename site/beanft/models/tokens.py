"""Tokens by which programs use the API."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from beanft.extensions import Model
from beanft.models.types import UtcDateTime, now
from beanft.models.users import User

SCOPES = {
    "read": "Read datasets, models, predictions and jobs",
    "predict": "Predict rows and files, and follow what it predicts",
}
"""What a token may be allowed to do, with the words for it."""


class ApiToken(Model):
    """A name, what it allows and until when; of the token itself only the SHA-256 is kept."""

    __tablename__ = "api_token"
    __table_args__ = (UniqueConstraint("owner_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    """What its owner calls it, such as the program that holds it."""
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    start: Mapped[str] = mapped_column(String(12))
    """Its first characters, by which its owner knows it again; they open nothing."""
    scopes: Mapped[list[str]] = mapped_column(JSON)
    """Keys of SCOPES."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """To the minute."""
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """None for one that ends only when it is revoked."""

    owner: Mapped[User] = relationship()

    @property
    def is_expired(self) -> bool:
        """Whether its time is over."""
        return is_over(self.expires_at)


def is_over(moment: datetime | None) -> bool:
    """Whether a time has come; None never does."""
    return moment is not None and moment <= now()
