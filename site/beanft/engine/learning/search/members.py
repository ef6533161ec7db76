"""One fitted learner on the rows of one fold, and what it says of other rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from beanft.engine.errors import EngineError
from beanft.engine.learning.search.designs import Design

SURE = 1e-7
"""Least probability: no row is told apart for certain."""
BEYOND = 0.3
"""How far above its largest logarithm a target may be predicted."""


@dataclass(frozen=True, kw_only=True)
class Logarithm:
    """Learns the logarithm of a target that is never negative and has a long tail."""

    highest: float
    """Largest logarithm in training."""

    @staticmethod
    def of(y: np.ndarray) -> np.ndarray:
        """Take the logarithm."""
        result: np.ndarray = np.log1p(np.maximum(y, 0.0))
        return result

    def back(self, predicted: np.ndarray) -> np.ndarray:
        """Undo it; a little above the largest value is believed, no more."""
        result: np.ndarray = np.expm1(np.clip(predicted, 0.0, self.highest + BEYOND))
        return result


@dataclass(frozen=True, kw_only=True)
class Made:
    """What a learner was fitted with, so that it can be fitted again exactly, also where the clock cut it."""

    learner: str
    """Key of the learner."""
    settings: Mapping[str, Any]
    """Values of its settings."""
    seed: int
    """Seed of everything random."""
    rounds: int
    """Trees or rounds that it has; 0 for a learner that is fitted in one go."""


@dataclass(frozen=True, kw_only=True)
class Member:
    """A fitted learner."""

    design: Design
    """Makes of the matrix what the estimator takes."""
    model: Any
    """Fitted estimator, with predict or predict_proba."""
    classes: np.ndarray | None
    """Codes of the classes that it knows, in its order; None for regression."""
    n_classes: int
    """Classes of the target, 0 for regression."""
    link: Logarithm | None = None
    """How its target was bent."""
    made: Made | None = None
    """What it was fitted with; None in models of earlier releases."""

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Predict rows of a matrix.

        Parameters
        ----------
        X : array of shape (n_rows, n_parts)
            As `folds.assemble` gives it.

        Returns
        -------
        array of shape (n_rows, n_classes) or (n_rows,)
            Probabilities in the order of the codes (0 for a class that training lacked), or numbers.

        Raises
        ------
        EngineError
            The predictions are not finite.
        """
        with np.errstate(all="ignore"):  # what is not finite is told below
            design = self.design.transform(X)
            return self.settled(
                self.model.predict_proba(design) if self.n_classes else self.model.predict(design)
            )

    def settled(self, said: np.ndarray) -> np.ndarray:
        """Make of what the estimator said what the member says.

        Parameters
        ----------
        said : array of shape (n_rows, n_known_classes) or (n_rows,)
            Probabilities of the classes that the estimator knows, or numbers as it learned them.

        Returns
        -------
        array of shape (n_rows, n_classes) or (n_rows,)
            As `predict` gives them.

        Raises
        ------
        EngineError
            They are not finite.
        """
        predicted = self._chances(said) if self.n_classes else self._numbers(said)
        if not np.isfinite(predicted).all():
            raise EngineError(
                "It gave predictions that are not numbers. "
                "Look for extreme values in the columns, or leave it out."
            )
        return predicted

    def _numbers(self, said: np.ndarray) -> np.ndarray:
        predicted = np.ascontiguousarray(said, dtype=float).reshape(len(said))
        return self.link.back(predicted) if self.link else predicted

    def _chances(self, said: np.ndarray) -> np.ndarray:
        chances = np.zeros((len(said), self.n_classes))
        chances[:, np.asarray(self.classes, dtype=int)] = said
        chances = np.maximum(chances, SURE)
        result: np.ndarray = chances / chances.sum(axis=1, keepdims=True)
        return result
