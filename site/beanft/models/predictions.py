"""Predictions of whole files and datasets."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from beanft.extensions import Model
from beanft.models.datasets import Version
from beanft.models.experiments import TrainedModel
from beanft.models.jobs import MadeByJob
from beanft.models.types import UtcDateTime, now


class Batch(MadeByJob, Model):
    """One file, or one version of a dataset, scored by a trained model."""

    __tablename__ = "batch"
    __table_args__ = (UniqueConstraint("once", "owner_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    model_id: Mapped[int] = mapped_column(ForeignKey("trained_model.id", ondelete="CASCADE"), index=True)
    key: Mapped[str] = mapped_column(String(32), unique=True)
    """Storage key of the folder with `original`, where a file came, and `predictions.parquet`."""
    once: Mapped[str | None] = mapped_column(String(64))
    """Stamp of the form that it came by, so that a form sent twice makes one batch."""
    source_kind: Mapped[str] = mapped_column(String(12), default="file")
    """file or dataset."""
    token_id: Mapped[int | None] = mapped_column(ForeignKey("api_token.id", ondelete="SET NULL"), index=True)
    """The token of the program that asked for it; None for one that a page asked for."""
    version_id: Mapped[int | None] = mapped_column(ForeignKey("version.id", ondelete="SET NULL"), index=True)
    """The version of a dataset that was predicted; None for a file, and once the version is deleted."""
    sheet: Mapped[str] = mapped_column(String(255), default="")
    """Sheet of a workbook; the first one where it is empty."""
    level: Mapped[float] = mapped_column(default=0.9)
    """How often intervals and sets are to hold the truth, 0..1."""
    unreadable_as_missing: Mapped[bool] = mapped_column(default=False)
    """Whether cells that cannot be read count as missing, instead of refusing the table."""
    original_name: Mapped[str] = mapped_column(String(255))
    """Name of the file, or of the dataset with its version."""
    original_sha256: Mapped[str] = mapped_column(String(64))
    """Hash of the file, or of the version's Parquet file."""
    n_rows: Mapped[int | None] = mapped_column(BigInteger)
    """Rows predicted, once the job is done."""
    result_json: Mapped[dict[str, Any] | None] = mapped_column(JSON, deferred=True)
    """Number of rows, repairs, notes, summary, drift and score."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    model: Mapped[TrainedModel] = relationship(lazy="joined")
    version: Mapped[Version | None] = relationship()
