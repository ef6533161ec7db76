"""Files made of trained models, to be taken elsewhere."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from beanft.extensions import Model
from beanft.models.experiments import TrainedModel
from beanft.models.jobs import MadeByJob
from beanft.models.types import UtcDateTime, now


class ModelFile(MadeByJob, Model):
    """One file made of a trained model: one of each kind, made again when the model changes."""

    __tablename__ = "model_file"
    __table_args__ = (UniqueConstraint("model_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    model_id: Mapped[int] = mapped_column(ForeignKey("trained_model.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    """skops, reproduce or onnx."""
    model_sha256: Mapped[str] = mapped_column(String(64))
    """The model file that it was made of; another one means that it is out of date."""
    file: Mapped[str | None] = mapped_column(String(160))
    """Name of the file in the experiment's folder, once it is there."""
    sha256: Mapped[str | None] = mapped_column(String(64))
    size_bytes: Mapped[int | None] = mapped_column(BigInteger)
    facts_json: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """What was compared and how well it agrees, and the versions of the libraries."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    model: Mapped[TrainedModel] = relationship()
