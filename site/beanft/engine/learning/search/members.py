"""One fitted learner on the rows of one fold, and what it says of other rows."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from beanft.engine.errors import EngineError
from beanft.engine.learning.search.designs import Design

_SURE = 1e-7  # no row is told apart for certain
_BEYOND = 0.3  # how far above its largest logarithm a target may be predicted


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
        result: np.ndarray = np.expm1(np.clip(predicted, 0.0, self.highest + _BEYOND))
        return result


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
            predicted = self._chances(design) if self.n_classes else self._numbers(design)
        if not np.isfinite(predicted).all():
            raise EngineError(
                "It gave predictions that are not numbers. "
                "Look for extreme values in the columns, or leave it out."
            )
        return predicted

    def _numbers(self, design: np.ndarray) -> np.ndarray:
        predicted = np.asarray(self.model.predict(design), dtype=float).reshape(len(design))
        return self.link.back(predicted) if self.link else predicted

    def _chances(self, design: np.ndarray) -> np.ndarray:
        chances = np.zeros((len(design), self.n_classes))
        chances[:, np.asarray(self.classes, dtype=int)] = self.model.predict_proba(design)
        chances = np.clip(chances, _SURE, None)
        result: np.ndarray = chances / chances.sum(axis=1, keepdims=True)
        return result
