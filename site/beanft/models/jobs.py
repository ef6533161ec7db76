"""The queue: this row is the only truth about a piece of long work."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from beanft.extensions import Model
from beanft.models.types import UtcDateTime, now

UNFINISHED = ("queued", "running")
REMEDIES = "remedies"
"""Name in `Job.params` under which a failed job keeps what its page can offer."""
WRAP_UP = "wrap_up"
"""Name in `Job.params` of the mark that its owner wants no more work begun, and the best so far kept."""


class Job(Model):
    """Long work done outside the request."""

    __tablename__ = "job"
    __table_args__ = (Index("ix_job_state_queue", "state", "queue"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(32))
    """Name of a registered JobKind: ingest, train, predict."""
    title: Mapped[str] = mapped_column(String(200))
    """What the owner calls it, such as “Reading penguins.csv”."""
    subject: Mapped[str] = mapped_column(String(32), default="")
    """Kind of the object that the job works on: dataset, experiment or batch."""
    subject_id: Mapped[int | None]
    """Number of that object."""
    params: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    queue: Mapped[str] = mapped_column(String(32), default="default")
    priority: Mapped[int] = mapped_column(default=0)

    state: Mapped[str] = mapped_column(String(12), default="queued")
    """queued, running, ready, failed or cancelled; it is the state of what the job makes, too."""
    cancel: Mapped[bool] = mapped_column(default=False)
    attempt: Mapped[int] = mapped_column(default=0)
    max_attempts: Mapped[int] = mapped_column(default=2)
    not_before: Mapped[float] = mapped_column(default=0.0)
    """Seconds since 1970 before which it is not started (a pause before a second attempt)."""
    token: Mapped[str | None] = mapped_column(String(32))
    """Names the attempt that may write; a write with another token changes nothing."""
    worker: Mapped[str | None] = mapped_column(String(80))
    lease_until: Mapped[float] = mapped_column(default=0.0)
    """Seconds since 1970 until which the worker is believed to be alive."""
    published: Mapped[float] = mapped_column(default=0.0)
    """Seconds since 1970 of the last wake-up that was sent for it."""

    progress: Mapped[float] = mapped_column(default=0.0)
    """Share done, 0..1."""
    message: Mapped[str] = mapped_column(String(200), default="")
    error: Mapped[str | None] = mapped_column(Text)
    """The sentence that the owner reads when it failed."""
    time_limit_s: Mapped[float]
    memory_mb: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def remedies(self) -> tuple[str, ...]:
        """Ways out that the page of a failed job offers, as in EngineError."""
        return tuple(self.params.get(REMEDIES, ())) if self.state == "failed" else ()

    @property
    def wraps_up(self) -> bool:
        """Whether its owner asked it to end early with the best so far."""
        return bool(self.params.get(WRAP_UP))

    @property
    def unfinished(self) -> bool:
        """Whether it still waits or runs."""
        return self.state in UNFINISHED


class MadeByJob:
    """What a row has that a job fills: its newest job, whose state is the state of the row."""

    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id"), index=True)

    @declared_attr
    def job(self) -> Mapped[Job | None]:
        """The newest job; None once it was forgotten."""
        return relationship(Job, lazy="joined")

    @property
    def state(self) -> str:
        """queued, running, ready, failed or cancelled."""
        return self.job.state if self.job else "failed"
