"""What happens to a job's row; with the features' services, the only place that commits."""

import time
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, CursorResult, Select, Update, case, func, select, update
from sqlalchemy.orm import aliased

from beanft.extensions import db, settings
from beanft.jobs import wakeups, wording
from beanft.jobs.kinds import kind_of
from beanft.models import Job
from beanft.models.jobs import REMEDIES, UNFINISHED, WRAP_UP
from beanft.models.types import now

_WAKE_UPS_AT_ONCE = 8  # a worker that ends a job wakes the next one itself, so a few restart a long queue


@dataclass(frozen=True)
class Attempt:
    """One try at a job: what its supervisor must know while it holds no row."""

    job_id: int
    token: str
    """Every write names it; once another attempt has begun, such a write changes nothing."""
    kind: str
    title: str
    number: int
    """1 for the first attempt."""
    max_attempts: int
    time_limit_s: float
    memory_mb: int


class StillRunningError(Exception):
    """Something cannot be deleted because work on it is under way; the message says what to do."""


# The owner's side


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


# The supervisor's side


def claim(*, queue: str, worker: str) -> Attempt | None:
    """Take the next job of a queue, if there is one.

    The highest priority first, then the owner with the fewest running jobs, then the oldest; nobody runs
    more than `jobs_per_user` at a time.
    """
    changes = {
        "state": "running",
        "cancel": False,
        "token": uuid.uuid4().hex,
        "attempt": Job.attempt + 1,
        "worker": worker,
        "started_at": now(),
        "lease_until": _lease_end(),
        "progress": 0.0,
        "message": "",
        "error": None,
    }
    statement = update(Job).where(Job.id == _next_in(queue), Job.state == "queued").values(changes)
    job = db.session.scalar(statement.returning(Job), execution_options={"synchronize_session": False})
    attempt = _attempt(job) if job else None
    db.session.commit()
    return attempt


def _next_in(queue: str) -> ColumnElement[int]:
    """The id of the job whose turn it is; SQLite ignores SKIP LOCKED and needs none."""
    others = aliased(Job)
    running = (
        select(func.count())
        .where(others.owner_id == Job.owner_id, others.state == "running")
        .correlate(Job)
        .scalar_subquery()
    )
    return (
        select(Job.id)
        .where(_due(queue), running < settings.jobs_per_user)
        .order_by(Job.priority.desc(), running, Job.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .correlate(None)
        .scalar_subquery()
    )


def _due(queue: str) -> ColumnElement[bool]:
    return (Job.state == "queued") & (Job.queue == queue) & (Job.not_before <= time.time())


def is_due(queue: str) -> bool:
    """Whether a job of the queue could be started now."""
    return db.session.scalar(select(Job.id).where(_due(queue)).limit(1)) is not None


def prepare(attempt: Attempt) -> tuple[str, dict[str, Any]]:
    """Name the function that does the work, and the keyword arguments that it gets.

    Raises
    ------
    KeyError
        When this worker does not know the kind of the job.
    """
    kind = kind_of(attempt.kind)
    arguments = kind.prepare(db.session.get_one(Job, attempt.job_id))
    db.session.commit()
    return kind.work, arguments


def beat(attempt: Attempt, told: dict[str, Any]) -> Literal["go on", "wrap up", "cancel", "gone"]:
    """Renew the lease, store the progress that was told, and learn whether to stop.

    “gone” means that the attempt is no longer the job's: another one has taken over.
    """
    mark = Job.params[WRAP_UP].as_boolean()
    statement = _of(attempt).values(lease_until=_lease_end(), **told).returning(Job.cancel, mark)
    wanted = db.session.execute(statement, execution_options={"synchronize_session": False}).one_or_none()
    db.session.commit()
    if wanted is None:
        return "gone"
    cancelled, wraps_up = wanted
    return "cancel" if cancelled else "wrap up" if wraps_up else "go on"


def record(attempt: Attempt, facts: dict[str, Any]) -> bool:
    """Store one finished part at once; False, and nothing stored, when the attempt is no longer the job's."""
    keep = kind_of(attempt.kind).record
    if keep is None:
        raise TypeError(f"jobs of kind {attempt.kind} have no parts")
    if not _settle(attempt, lease_until=_lease_end()):
        return False
    keep(db.session.get_one(Job, attempt.job_id), facts)
    db.session.commit()
    return True


def finish(attempt: Attempt, result: dict[str, Any]) -> bool:
    """Make the job ready and store its result in one transaction: both happen or neither."""
    if not _settle(attempt, state="ready", progress=1.0, message="", finished_at=now(), **_NO_LEASE):
        return False
    kind_of(attempt.kind).finish(db.session.get_one(Job, attempt.job_id), result)
    db.session.commit()
    return True


def fail(attempt: Attempt, sentence: str, *, remedies: Sequence[str] = ()) -> bool:
    """End the job with the sentence that its owner reads; as cancelled if its owner asked for that meanwhile.

    What is deleted is cancelled first, and the job may trip over missing files before it hears of that.
    `remedies` are what a page can offer beside the sentence, as in EngineError.
    """
    ending = {
        "state": case((Job.cancel, "cancelled"), else_="failed"),
        "error": case((Job.cancel, None), else_=sentence),
    }
    done = _settle(attempt, **ending, finished_at=now(), **_NO_LEASE)
    if done and remedies:
        job = db.session.get_one(Job, attempt.job_id)
        job.params = {**job.params, REMEDIES: list(remedies)}
    db.session.commit()
    return done


def is_cancelled(attempt: Attempt) -> bool:
    """Whether the owner asked to stop, also when no heartbeat has brought it yet."""
    return bool(db.session.scalar(select(Job.cancel).where(Job.id == attempt.job_id)))


def stop(attempt: Attempt) -> bool:
    """End a job that its owner cancelled."""
    done = _settle(attempt, state="cancelled", finished_at=now(), **_NO_LEASE)
    db.session.commit()
    return done


def give_back(attempt: Attempt) -> bool:
    """Put the job back because the worker is told to stop: the attempt does not count."""
    done = _settle(attempt, attempt=attempt.number - 1, **_again(pause_s=0))
    db.session.commit()
    return done


def try_again(attempt: Attempt, sentence: str, *, pause_s: float | None = None) -> bool:
    """Put the job back after its process or its worker died, or fail it with `sentence` after the last try.

    The attempt counts, so that a job that brings its machine down cannot do so for ever.
    """
    if attempt.number >= attempt.max_attempts:
        return fail(attempt, sentence)
    pause_s = 2.0**attempt.number if pause_s is None else pause_s
    done = _settle(attempt, **_again(pause_s=pause_s))
    db.session.commit()
    return done


_NO_LEASE: dict[str, Any] = {"token": None, "lease_until": 0.0}


def _again(*, pause_s: float) -> dict[str, Any]:
    """The values of a job that waits again, or is cancelled if its owner asked for that meanwhile."""
    return _NO_LEASE | {
        "state": case((Job.cancel, "cancelled"), else_="queued"),
        "finished_at": case((Job.cancel, now()), else_=None),
        "message": wording.AGAIN,
        "published": 0.0,
        "not_before": time.time() + pause_s,
    }


def _settle(attempt: Attempt, /, **values: Any) -> bool:
    """Change the row, unless another attempt has taken over; the row stays locked until the commit."""
    statement = _of(attempt).values(values)
    result = db.session.execute(statement, execution_options={"synchronize_session": False})
    assert isinstance(result, CursorResult)  # noqa: S101  # for mypy: an UPDATE's result has a row count
    return result.rowcount == 1


def _of(attempt: Attempt) -> Update:
    return update(Job).where(Job.id == attempt.job_id, Job.token == attempt.token, Job.state == "running")


def _lease_end() -> float:
    return time.time() + settings.job_lease_s


def _attempt(job: Any) -> Attempt:
    return Attempt(
        job_id=job.id,
        token=job.token or "",
        kind=job.kind,
        title=job.title,
        number=job.attempt,
        max_attempts=job.max_attempts,
        time_limit_s=job.time_limit_s,
        memory_mb=job.memory_mb,
    )


# The reaper's side: any number may run at once


def reap() -> None:
    """Give the jobs of silent workers to others."""
    _take_back(Job.lease_until < time.time())


def take_back(*, worker: str | None = None) -> None:
    """Give jobs to others at once, because their worker is known to be dead; None means every worker."""
    _take_back(Job.worker == worker if worker else Job.id > 0, pause_s=0)


def _take_back(condition: ColumnElement[bool], pause_s: float | None = None) -> None:
    lost = [_attempt(job) for job in _look(select(Job).where(Job.state == "running", condition))]
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
