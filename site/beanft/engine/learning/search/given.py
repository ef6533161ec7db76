"""What a learner that grows step by step is given, and what it gives back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np


@dataclass(frozen=True, kw_only=True)
class Given:
    """Rows to learn from, rows on which the best number of steps is found, and how to learn."""

    X: np.ndarray
    """Of shape (n_rows, n_parts); the last `n_native` parts are codes of categories."""
    y: np.ndarray
    """Numbers, or codes 0..n_classes-1."""
    X_check: np.ndarray
    y_check: np.ndarray
    n_classes: int
    """Classes among `y`, 0 for regression."""
    settings: Mapping[str, Any]
    """Values of the learner's settings, and `loss` for a regression."""
    n_native: int = 0
    weights: np.ndarray | None = None
    """Weight of each row."""
    check_weights: np.ndarray | None = None
    """Weight of each row checked on."""
    seed: int
    """Seed of everything random."""
    deadline: float
    """Moment on the clock of time.monotonic() to stop at."""
    rounds: int | None = None
    """Steps to make, where nothing is checked."""
    joint: bool = False
    """Whether all steps are kept, because their best number is found over all folds together."""


class Grown(NamedTuple):
    """A fitted estimator."""

    model: Any
    rounds: int = 0
    """Its steps, such as trees or passes; 0 where it has none."""
    was_cut: bool = False
    """Whether the deadline ended it."""
    losses: np.ndarray = np.zeros(0)
    """Loss on the checked rows after each step, where these can be cut off later."""
