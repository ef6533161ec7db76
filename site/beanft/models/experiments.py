"""Experiments, their runs, and the trained models that they leave."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from beanft.extensions import Model
from beanft.models.datasets import Version
from beanft.models.jobs import Job
from beanft.models.types import UtcDateTime, now


class Experiment(Model):
    """One question asked of a version."""

    __tablename__ = "experiment"
    __table_args__ = (UniqueConstraint("once", "owner_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("version.id", ondelete="CASCADE"), index=True)
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id"), index=True)
    key: Mapped[str] = mapped_column(String(32), unique=True)
    """Storage key of the folder with the files of its models."""
    once: Mapped[str | None] = mapped_column(String(64))
    """Stamp of the form that asked it, so that a form sent twice asks once."""
    target: Mapped[str] = mapped_column(String(255))
    features: Mapped[list[str]] = mapped_column(JSON)
    task: Mapped[str] = mapped_column(String(20))
    """classification or regression."""
    metric: Mapped[str] = mapped_column(String(40))
    learners: Mapped[list[str]] = mapped_column(JSON)
    """Keys of the learners, in the order in which they are evaluated."""
    budget_s: Mapped[int]
    seed: Mapped[int] = mapped_column(default=0)
    result_json: Mapped[dict[str, Any] | None] = mapped_column(JSON, deferred=True)
    """Split, notes and verdict, once the job is done."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    version: Mapped[Version] = relationship(lazy="joined")
    job: Mapped[Job | None] = relationship(lazy="joined")
    runs: Mapped[list["Run"]] = relationship(
        back_populates="experiment", order_by="Run.id", cascade="all, delete-orphan"
    )

    @property
    def state(self) -> str:
        """queued, running, ready, failed or cancelled."""
        return self.job.state if self.job else "failed"


class Run(Model):
    """One learner with its settings evaluated in an experiment."""

    __tablename__ = "run"
    __table_args__ = (UniqueConstraint("experiment_id", "learner"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    experiment_id: Mapped[int] = mapped_column(ForeignKey("experiment.id", ondelete="CASCADE"), index=True)
    learner: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(12))
    """ready, failed or cancelled."""
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Fold scores, mean, sd, metrics, notes, as the engine recorded them (without the report)."""
    seconds: Mapped[float | None]
    error: Mapped[str | None] = mapped_column(Text)

    experiment: Mapped[Experiment] = relationship(back_populates="runs")
    model: Mapped["TrainedModel | None"] = relationship(back_populates="run", cascade="all, delete-orphan")


class TrainedModel(Model):
    """A fitted estimator kept on disk with its report; users say “model”."""

    __tablename__ = "trained_model"

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"), unique=True)
    file: Mapped[str] = mapped_column(String(120))
    """Name of the file in the experiment's folder."""
    sha256: Mapped[str] = mapped_column(String(64))
    """Checked before the file is ever loaded."""
    schema_json: Mapped[dict[str, Any]] = mapped_column(JSON, deferred=True)
    """The training columns as a form needs them."""
    report_json: Mapped[dict[str, Any]] = mapped_column(JSON, deferred=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    run: Mapped[Run] = relationship(back_populates="model", lazy="joined")
