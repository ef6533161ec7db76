"""Experiments, their runs, and the trained models that they leave."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from beanft.extensions import Model
from beanft.models.datasets import Version
from beanft.models.jobs import MadeByJob
from beanft.models.types import UtcDateTime, now


class Experiment(MadeByJob, Model):
    """One question asked of a version."""

    __tablename__ = "experiment"
    __table_args__ = (UniqueConstraint("once", "owner_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("version.id", ondelete="CASCADE"), index=True)
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
    """Seconds asked for, those added by continuing included."""
    seed: Mapped[int] = mapped_column(default=0)
    choices_json: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Validation, class weights and settings of learners that the owner chose (Choices.to_dict)."""
    origin_json: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Which experiment this one repeats without which columns, and because of which finding; mostly empty."""
    findings_json: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list, deferred=True)
    """What the checks before and after training found (Finding), newest state."""
    decisions_json: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, deferred=True)
    """What the owner decided about findings, by finding: kept or retrained without, when, and why."""
    log_json: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list, deferred=True)
    """What happened while it was trained: {"s": seconds since its start, "sentence": ...}, oldest first."""
    result_json: Mapped[dict[str, Any] | None] = mapped_column(JSON, deferred=True)
    """Split, notes and verdict, once the job is done."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    version: Mapped[Version] = relationship(lazy="joined")
    runs: Mapped[list["Run"]] = relationship(
        back_populates="experiment", order_by="Run.id", cascade="all, delete-orphan"
    )


class Run(Model):
    """One learner with its settings evaluated in an experiment."""

    __tablename__ = "run"
    __table_args__ = (UniqueConstraint("experiment_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    experiment_id: Mapped[int] = mapped_column(ForeignKey("experiment.id", ondelete="CASCADE"), index=True)
    key: Mapped[str] = mapped_column(String(60))
    """Names it within the experiment and its files: the learner's key, with a number where it has several."""
    learner: Mapped[str] = mapped_column(String(40))
    """Key of its learner."""
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
    role: Mapped[str] = mapped_column(String(12), default="")
    """final for the one recommended, simple for the simplest that ties with it, or empty."""
    threshold_json: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """The threshold that its owner chose, with the costs it follows from; None for the usual one."""
    verified_json: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """What the last check of its numbers found, with the libraries of that day; None before the first."""
    notes: Mapped[str] = mapped_column(Text, default="")
    """What its owner wrote on the model card."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    run: Mapped[Run] = relationship(back_populates="model", lazy="joined")

    @property
    def labels(self) -> list[str]:
        """The classes of the model; none for regression."""
        return list(self.schema_json["labels"])


class Explanation(MadeByJob, Model):
    """One explanation of a model that was made by a job: importance, an effect, a row, a counter-example."""

    __tablename__ = "explanation"
    __table_args__ = (UniqueConstraint("model_id", "kind", "asked"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    model_id: Mapped[int] = mapped_column(ForeignKey("trained_model.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    """What is explained."""
    asked: Mapped[str] = mapped_column(String(64), default="")
    """Digest of the question, so that the same one is answered once."""
    params_json: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """The question."""
    result_json: Mapped[dict[str, Any] | None] = mapped_column(JSON, deferred=True)
    """The answer, once the job is done."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    model: Mapped[TrainedModel] = relationship()


class Champion(Model):
    """A model's time as the champion of a dataset; the newest one without an end is the champion."""

    __tablename__ = "champion"

    id: Mapped[int] = mapped_column(primary_key=True)
    dataset_id: Mapped[int] = mapped_column(ForeignKey("dataset.id", ondelete="CASCADE"), index=True)
    model_id: Mapped[int | None] = mapped_column(
        ForeignKey("trained_model.id", ondelete="SET NULL"), index=True
    )
    """The model; None once it was deleted."""
    title: Mapped[str] = mapped_column(String(200))
    """What it was called, which outlives it."""
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Target, metric, score with interval and version of the data, as they were when it was chosen."""
    note: Mapped[str] = mapped_column(Text, default="")
    """Why it was chosen, in the owner's words."""
    chosen_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    model: Mapped[TrainedModel | None] = relationship()
