"""Who did what, when; rows are only ever added."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from beanft.extensions import Model
from beanft.models.types import UtcDateTime, now


class AuditEvent(Model):
    """One thing that somebody did; it outlives the account, so it holds no foreign key."""

    __tablename__ = "audit_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, index=True)
    user_id: Mapped[int | None] = mapped_column(index=True)
    action: Mapped[str] = mapped_column(String(40))
    """Such as register, login, login-failed, dataset-delete."""
    subject: Mapped[str] = mapped_column(String(200), default="")
    """What it was done to, such as “dataset 12”."""
    address: Mapped[str] = mapped_column(String(45), default="")
    """Address that the request came from."""
