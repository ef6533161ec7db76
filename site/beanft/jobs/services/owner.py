"""What the owner of a job does: ask for it, cancel it, end it early with the best so far."""

import time
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, case, select, update

from beanft.extensions import db, settings
from beanft.jobs import wakeups
from beanft.models import Job
from beanft.models.jobs import UNFINISHED, WRAP_UP
from beanft.models.types import now


class StillRunningError(Exception):
    """Something cannot be deleted because work on it is under way; the message says what to do."""


def enqueue(
    *,
    kind: str,
    owner_id: int,
    title: str,
    subject: str,
    subject_id: int | None,
    params: dict[str, Any] | None = None,
    time_limit_s: float | None = None,
    memory_mb: int | None = None,
) -> Job:
    """Add a job to the transaction at hand; workers are woken when the caller commits it."""
    job = Job(
        kind=kind,
        owner_id=owner_id,
        title=title[:200],
        subject=subject,
        subject_id=subject_id,
        params=params or {},
        time_limit_s=time_limit_s or settings.job_timeout_s,
        memory_mb=memory_mb or settings.job_memory_mb,
        published=time.time(),
    )
    db.session.add(job)
    db.session.flush()
    wakeups.ask(job.queue)
    return job


def cancel(*, job_id: int) -> None:
    """Cancel a job: at once while it waits; while it runs its supervisor kills it within two seconds.

    One statement, so that it cannot cross with a claim or a second attempt.
    """
    waiting = Job.state == "queued"
    db.session.execute(
        update(Job)
        .where(Job.id == job_id, Job.state.in_(UNFINISHED))
        .values(
            cancel=True,
            state=case((waiting, "cancelled"), else_=Job.state),
            finished_at=case((waiting, now()), else_=Job.finished_at),
        )
    )
    db.session.commit()


def wrap_up(*, job_id: int) -> None:
    """Ask a job to begin nothing more and to keep its best so far; one that never began is cancelled.

    One that waits for a second attempt has parts to wrap up, and does so in that attempt.
    """
    query = select(Job.attempt, Job.params).where(Job.id == job_id, Job.state.in_(UNFINISHED))
    found = db.session.execute(query.with_for_update()).one_or_none()
    if found is None:
        return
    if found.attempt:
        change = update(Job).where(Job.id == job_id, Job.state.in_(UNFINISHED))
        db.session.execute(change.values(params={**found.params, WRAP_UP: True}))
        db.session.commit()
    else:
        cancel(job_id=job_id)


def require_ended(jobs: Iterable[Job]) -> None:
    """Refuse to go on while one of the jobs waits or runs.

    Raises
    ------
    StillRunningError
        It names the first of them.
    """
    for job in jobs:
        if job.unfinished:
            raise StillRunningError(f"“{job.title}” is still under way. Cancel it first, then delete.")


def jobs_of(owner_id: int) -> Select[Job]:
    """The query for a user's jobs, newest first."""
    return select(Job).where(Job.owner_id == owner_id).order_by(Job.id.desc())
