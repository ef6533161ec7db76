"""What heavy test jobs do; apart from the light ones, because loading scikit-learn takes a second."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.svm import SVC

from beanft.engine.progress import Progress


def run(what: str, progress: Progress, **arguments: Any) -> dict[str, Any]:
    return {"fit": fit, "swell": swell}[what](progress, **arguments)


def fit(progress: Progress, rows: int = 60_000) -> dict[str, Any]:
    """One call into C that takes minutes and lets no Python run."""
    random = np.random.default_rng(0)
    X, y = random.random((rows, 20)), random.integers(0, 2, rows)
    progress(0.1, "fitting")
    SVC().fit(X, y)
    return {}


def swell(progress: Progress, at_once: bool = False) -> dict[str, Any]:
    """Take memory, in small pieces or in one."""
    if at_once:
        return {"mean": float(np.ones(20_000 << 17).mean())}
    kept = []
    while True:
        kept.append(np.ones(10 << 17))
        progress(0.1, f"{len(kept)} pieces")
