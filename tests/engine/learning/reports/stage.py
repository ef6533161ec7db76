"""Evidence that no training left: rows, truth and predictions that are known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from beanft.engine.learning.evidence import Evidence


def make_evidence(folder: Path, y: np.ndarray, *, n_locked: int = 40, **values: Any) -> Evidence:
    """Evidence of the first rows of a table, the last ones of them locked; saved."""
    n_dev = len(y) - n_locked
    labels = values.pop("labels", ("no", "yes"))
    given: dict[str, Any] = {
        "folder": folder,
        "task": "classification" if labels else "regression",
        "target": "bought",
        "metric": "roc_auc" if labels else "rmse",
        "labels": labels,
        "features": ("town", "age"),
        "by": "",
        "seed": 0,
        "rows": np.arange(n_dev),
        "rows_holdout": np.arange(n_dev, len(y)),
        "y": y[:n_dev],
        "y_holdout": y[n_dev:],
        "order": None,
        "order_holdout": None,
        "fold": np.arange(n_dev) % 5,
    }
    evidence = Evidence(**(given | values))
    evidence.save()
    return evidence


def chances(y: np.ndarray, *, strength: float = 1.0, seed: int = 0) -> np.ndarray:
    """Probabilities of two classes that know something of the truth."""
    odds = strength * (2 * y - 1) + np.random.default_rng(seed).normal(size=len(y))
    second = 1 / (1 + np.exp(-odds))
    return np.column_stack([1 - second, second])
