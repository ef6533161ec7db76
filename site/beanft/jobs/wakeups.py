"""Wake-ups: messages that tell a worker to look for a job; losing or doubling one is harmless."""

import logging
from typing import Any

from flask import current_app
from sqlalchemy import event
from sqlalchemy.orm import Session

from beanft.extensions import db

TASK = "beanft.wake"
_ASKED = "queues to wake"
_log = logging.getLogger(__name__)


def ask(queue: str) -> None:
    """Wake a worker of `queue` once the transaction at hand is committed.

    Not earlier: a worker woken before the commit finds no row, or a locked one, and goes back to sleep.
    """
    db.session.info.setdefault(_ASKED, []).append(queue)


def publish(queue: str) -> None:
    """Wake a worker now. When the broker is away the reaper tries again later, and no request fails."""
    try:
        current_app.extensions["celery"].send_task(TASK, (queue,), queue=queue)
    except Exception:  # a broker's client raises whatever its library raises
        _log.warning("The broker cannot be reached; the reaper will wake queue %s.", queue, exc_info=True)


@event.listens_for(db.session, "after_commit")
def _publish_asked(session: Session) -> None:
    if session.in_nested_transaction():
        return  # only a savepoint was released
    for queue in session.info.pop(_ASKED, ()):
        publish(queue)


@event.listens_for(db.session, "after_soft_rollback")
def _forget_asked(session: Session, transaction: Any) -> None:
    if transaction.parent is None:
        session.info.pop(_ASKED, None)
