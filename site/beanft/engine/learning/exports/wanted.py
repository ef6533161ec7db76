"""What is asked for when a file of a model is to be made: as a job is handed it, and opened."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from beanft.engine.learning.exports.recipe import Trained
from beanft.engine.tables.columns import Profile


@dataclass(frozen=True, kw_only=True)
class Export:
    """A file that is wanted of a model, in the plain values that a job is handed."""

    kind: str
    """One of kinds.KINDS."""
    folder: str
    """The experiment's folder."""
    key: str
    """Key of the run."""
    file: str
    """Name of the model file in the folder."""
    sha256: str
    """Its digest."""
    table: str
    """The version's Parquet file."""
    profile: dict[str, Any]
    """Its profile as JSON, the columns in their roles."""
    original: str
    """The file that was brought."""
    source: dict[str, Any]
    """name and sha256 of it, and parquet_sha256."""
    runs: dict[str, Any]
    """Facts of all runs of the experiment by key."""
    weights: dict[str, float]
    """Weights of the runs in its ensemble."""
    choices: dict[str, Any]
    """Choices of the experiment."""
    threshold: dict[str, Any] | None
    """threshold and positive, as the model's owner chose."""
    title: str
    """Heading of what is written."""

    @property
    def trained(self) -> Trained:
        """The model's experiment."""
        return Trained(
            folder=Path(self.folder),
            table=Path(self.table),
            profile=Profile.from_dict(self.profile),
            runs=self.runs,
            weights=self.weights,
            choices=self.choices,
        )


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """The same with the model opened, and the rows on which it is tried."""

    trained: Trained
    """The model's experiment."""
    key: str
    """Key of the model's run."""
    model: Mapping[str, Any]
    """What the model file holds."""
    rows: np.ndarray
    """Numbers in the table of the rows on which the file is compared with the model, ascending, int64."""
    original: Path
    """The file that was brought."""
    source: Mapping[str, Any]
    """name and sha256 of it, and parquet_sha256 of the typed table."""
    threshold: Mapping[str, Any] | None
    """The threshold that the model's owner chose: threshold and positive."""
    title: str
    """What the model predicts and how, for a heading."""
