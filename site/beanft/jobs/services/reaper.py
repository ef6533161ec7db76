"""What the reaper does, of which any number may run at once: jobs of dead workers go to others."""

import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, select, update

from beanft.extensions import db, settings
from beanft.jobs import wording
from beanft.jobs.services.attempts import attempt_of, try_again
from beanft.models import Job

_WAKE_UPS_AT_ONCE = 8  # a worker that ends a job wakes the next one itself, so a few restart a long queue


def reap() -> None:
    """Give the jobs of silent workers to others."""
    _take_back(Job.lease_until < time.time())


def take_back(*, worker: str | None = None) -> None:
    """Give jobs to others at once, because their worker is known to be dead; None means every worker."""
    _take_back(Job.worker == worker if worker else Job.id > 0, pause_s=0)


def _take_back(condition: ColumnElement[bool], pause_s: float | None = None) -> None:
    lost = [attempt_of(job) for job in _look(select(Job).where(Job.state == "running", condition))]
    for attempt in lost:
        try_again(attempt, wording.lost(attempt.number, attempt.job_id), pause_s=pause_s)


def overdue() -> list[str]:
    """Queues to wake for jobs that nobody took, although half a lease passed since their last wake-up."""
    clock = time.time()
    late = (
        select(Job)
        .where(
            Job.state == "queued",
            Job.not_before <= clock,
            Job.published < clock - settings.job_lease_s / 2,
        )
        .order_by(Job.id)
        .limit(_WAKE_UPS_AT_ONCE)
    )
    found = [(job.id, job.published, job.queue) for job in _look(late)]
    queues = [queue for job_id, before, queue in found if _mark_published(job_id, before, clock)]
    db.session.commit()
    return queues


def _mark_published(job_id: int, before: float, clock: float) -> bool:
    statement = update(Job).where(Job.id == job_id, Job.published == before).values(published=clock)
    return db.session.scalar(statement.returning(Job.id)) is not None


def _look(query: Select[Job]) -> Sequence[Any]:
    """Read rows outside the session, without SQLite's write lock: mostly there is nothing to do."""
    with db.engine.connect().execution_options(immediate=False) as connection:
        return connection.execute(query).all()


def forget_wake_ups() -> None:
    """Say that no wake-up is under way, because the folder that carried them is empty."""
    db.session.execute(update(Job).where(Job.state == "queued").values(published=0.0))
    db.session.commit()
