"""What the supervisor of a job does: claim it, keep its lease, store its parts, end it one way or another."""

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, CursorResult, ScalarSelect, Update, case, func, select, update
from sqlalchemy.orm import aliased

from beanft.extensions import db, settings
from beanft.jobs import wording
from beanft.jobs.kinds import kind_of, kinds_of_all_cores
from beanft.models import Job
from beanft.models.jobs import REMEDIES, WRAP_UP
from beanft.models.types import now

_CLAIMING = 0x6265616E  # names the lock of claims among those of the database
_NO_LEASE: dict[str, Any] = {"token": None, "lease_until": 0.0}


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


def claim(*, queue: str, worker: str) -> Attempt | None:
    """Take the next job of a queue, if there is one.

    The highest priority first, then the owner with the fewest running jobs, then the oldest; nobody runs
    more than `jobs_per_user` at a time, nor more than `trainings_per_user` of those that take all cores.
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
    if db.engine.dialect.name == "postgresql":  # one after another, or two count the same running jobs
        db.session.execute(select(func.pg_advisory_xact_lock(_CLAIMING)))
    statement = update(Job).where(Job.id == _next_in(queue), Job.state == "queued").values(changes)
    job = db.session.scalar(statement.returning(Job), execution_options={"synchronize_session": False})
    attempt = attempt_of(job) if job else None
    db.session.commit()
    return attempt


def _next_in(queue: str) -> ColumnElement[int]:
    """The id of the job whose turn it is; SQLite ignores SKIP LOCKED and needs none."""
    running, heavy = _running(), kinds_of_all_cores()
    bears = Job.kind.not_in(heavy) | (_running(heavy) < settings.trainings_per_user)
    return (
        select(Job.id)
        .where(_due(queue), running < settings.jobs_per_user, bears)
        .order_by(Job.priority.desc(), running, Job.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .correlate(None)
        .scalar_subquery()
    )


def _running(kinds: Sequence[str] | None = None) -> ScalarSelect[int]:
    """How many jobs of the same owner are running, of some kinds or of all."""
    others = aliased(Job)
    found = select(func.count()).where(others.owner_id == Job.owner_id, others.state == "running")
    if kinds is not None:
        found = found.where(others.kind.in_(kinds))
    return found.correlate(Job).scalar_subquery()


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


def attempt_of(job: Any) -> Attempt:
    """The attempt that a row of a job, or what was read of one, stands at."""
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
