"""What a score is: its words, its direction, and a definition for the plain score and the bootstrap alike."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from beanft.engine.tables.wording import shown

Score = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
"""(y, predicted, counts of shape (n_draws, n_rows)) -> score of each draw."""


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One score."""

    key: str
    """Word in files and addresses."""
    title: str
    """Name shown."""
    sentence: str
    """What it says, one plain sentence."""
    greater_is_better: bool
    """Direction."""
    tasks: tuple[str, ...]
    """Tasks it fits."""
    binary_only: bool
    """Whether it needs exactly two classes."""
    score: Score
    """The definition, weighted by counts."""
    guess: str = ""
    """What guesses best without looking (see `guessing`); empty for the mean, or the share of each class."""
    paired: Score | None = None
    """The definition for the difference of two models, where another one is steadier."""

    def of(self, y: np.ndarray, predicted: np.ndarray) -> float:
        """Score predictions.

        Parameters
        ----------
        y : array of shape (n_rows,)
            Class codes or numbers.
        predicted : array of shape (n_rows, n_classes) or (n_rows,)
            Probabilities or numbers.

        Returns
        -------
        float
            The score; nan where it is not defined.
        """
        return float(self.score(y, predicted, np.ones((1, len(y))))[0])

    def sentence_for(self, labels: Sequence[str]) -> str:
        """Say what it says, with the names of two classes in place of “the first” and “the second class”.

        Parameters
        ----------
        labels : sequence of str
            The classes; the sentence stays as it is where there are not two.

        Returns
        -------
        str
            One plain sentence.

        Examples
        --------
        >>> from beanft.engine.learning.metrics import METRIC
        >>> METRIC["roc_auc"].sentence_for(["no", "yes"])[:46]
        'The chance that a row of “yes”, the one to be '
        """
        if len(labels) != 2:
            return self.sentence
        first, second = (shown(label, 30) for label in labels)
        named = self.sentence.replace("the second class", second)
        return named.replace("one of the first;", f"one of {first};")
