"""Saved charts of a dataset, and the board that shows them beside each other."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from beanft.extensions import Model
from beanft.models.types import UtcDateTime, now


class SavedChart(Model):
    """A chart that somebody kept under a name; it is drawn anew from whichever version is looked at."""

    __tablename__ = "saved_chart"
    __table_args__ = (UniqueConstraint("dataset_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    dataset_id: Mapped[int] = mapped_column(ForeignKey("dataset.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    note: Mapped[str] = mapped_column(Text, default="")
    kind: Mapped[str] = mapped_column(String(20))
    """Kind of the chart, for lists."""
    chart_json: Mapped[dict[str, Any]] = mapped_column(JSON)
    """The description and its filters (explore.boards.kept); it is checked whenever it is read."""
    place: Mapped[int | None]
    """Rank on the board, the smallest first; None where it is not on the board."""
    width: Mapped[str] = mapped_column(String(12), default="half")
    """third, half, two-thirds or full."""
    height: Mapped[str] = mapped_column(String(12), default="usual")
    """small, usual or tall."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class Board(Model):
    """What stands above the saved charts of a dataset; a dataset without this row has a plain board."""

    __tablename__ = "board"

    id: Mapped[int] = mapped_column(primary_key=True)
    dataset_id: Mapped[int] = mapped_column(ForeignKey("dataset.id", ondelete="CASCADE"), unique=True)
    title: Mapped[str] = mapped_column(String(120), default="")
    """Heading; empty for the name of the dataset."""
    note: Mapped[str] = mapped_column(Text, default="")
