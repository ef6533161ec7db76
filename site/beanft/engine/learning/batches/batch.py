"""What a batch is asked for: a table, the model that predicts it, and how far both may go."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from beanft.engine.learning.batches.sources import Asked
from beanft.engine.tables.formats.sources import Limits


@dataclass(frozen=True, kw_only=True)
class Batch:
    """One batch, in the plain values that a job is handed."""

    model_file: str
    """The model file."""
    model_sha256: str
    """Its digest."""
    source: str
    """The table to predict."""
    target: str
    """The Parquet file that takes the result; what has to be written meanwhile lies beside it."""
    original_name: str = ""
    """Name of the file for messages."""
    max_rows: int = 50_000_000
    """Rows allowed."""
    threshold: dict[str, Any] | None = None
    """The one that the model's owner chose: threshold and positive, see `predict.answer_of`."""
    level: float = 0.9
    """Share of rows whose truth intervals and sets are to hold, 0..1."""
    unreadable_as_missing: bool = False
    """Whether cells that cannot be read count as missing, and their rows have a warning."""
    sheet: str = ""
    """Sheet of a workbook; empty for the first that holds a table."""
    kind: str = "file"
    """file, or dataset where the source is a version's own Parquet file."""
    folder: str = ""
    """The experiment's folder; with the run's key the uncertainty is found by it."""
    key: str = ""
    """The run's key."""
    source_sha256: str = ""
    """Digest that the source must have; empty where nobody knows it (never for a dataset)."""
    max_columns: int = 2000
    """As of Limits."""
    max_line_mb: int = 4
    """As of Limits."""
    unpacked_mb: int = 8192
    """As of Limits."""
    memory_mb: int = 1024
    """As of Limits."""
    room_bytes: int | None = None
    """Disk space left; None for as much as is needed."""

    @property
    def limits(self) -> Limits:
        """How large the table may be."""
        return Limits(
            unpacked_mb=self.unpacked_mb,
            max_columns=self.max_columns,
            max_line_mb=self.max_line_mb,
            memory_mb=self.memory_mb,
            room_bytes=self.room_bytes,
        )

    def asked(self, model: Mapping[str, Any]) -> Asked:
        """What is to be opened for a model."""
        return Asked(
            path=Path(self.source),
            name=self.original_name,
            sheet=self.sheet,
            is_version=self.kind == "dataset",
            sha256=self.source_sha256,
            wanted=[column["name"] for column in model["schema"]],
        )
