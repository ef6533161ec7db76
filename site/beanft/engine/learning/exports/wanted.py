"""What is asked for when a file of a model is to be made, as plain values that a job is handed."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from beanft.engine.learning.exports.recipe import Trained


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A file that is wanted of a model."""

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
