"""The append-only record of who did what."""

from beanft.extensions import db
from beanft.models import AuditEvent


def record(*, user_id: int | None, action: str, subject: str = "", address: str = "") -> None:
    """Add one event to the transaction at hand; the service that calls commits it."""
    event = AuditEvent(user_id=user_id, action=action, subject=subject[:200], address=address[:45])
    db.session.add(event)
