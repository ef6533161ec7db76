"""What a check of a training may look at: the rows that take part, how they are cut, and a coded sample."""

import math
import time
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from beanft.engine.checks.training.alone import score_each
from beanft.engine.checks.training.coding import Coded, code
from beanft.engine.checks.training.quick import parts_by_chance, predict_unseen
from beanft.engine.tables.columns import Profile

SAMPLE_ROWS = 4_000
"""Development rows that the small models of the checks look at, at most."""

_CELLS = 200_000  # of the sample; wide tables are looked at in fewer rows
_FEWEST_ROWS = 500
_FEW_CLASSES = 10  # the most frequent ones are told apart, the others count as one
_OF_EACH = 300  # rows of each class in the sample, where there are so many


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question as the checks see it; of the locked rows they read the features, never the target."""

    X: pd.DataFrame
    """Features of all rows that take part, development and locked, as the table holds them."""
    y: np.ndarray
    """Class codes or numbers of these rows, of shape (n_rows,)."""
    task: str
    """classification or regression."""
    labels: tuple[str, ...]
    """The classes in the order of their codes; empty for regression."""
    target: str
    """Column to predict."""
    profile: Profile
    """Profile of the table."""
    train: np.ndarray
    """Positions of the development rows, of shape (n_dev,)."""
    holdout: np.ndarray
    """Positions of the locked rows, of shape (n_holdout,)."""
    by: str = ""
    """group or time: what the rows were cut by; empty for chance."""
    column: str = ""
    """Name of the column that they were cut by."""
    order: np.ndarray | None = None
    """Group or moment of each row, of shape (n_rows,); None when cut by chance."""
    others: pd.DataFrame | None = None
    """Dates, identifiers and the like that are no features (see `others_wanted`), for the same rows."""
    seed: int = 0
    """Seed of everything random."""
    until: float = math.inf
    """Moment (time.monotonic) after which no slow look is begun."""

    @property
    def late(self) -> bool:
        """Whether the time for the checks is spent."""
        return time.monotonic() > self.until

    @property
    def dev(self) -> pd.DataFrame:
        """Features of the development rows."""
        return self.X.iloc[self.train]

    @property
    def y_dev(self) -> np.ndarray:
        """Target of the development rows."""
        values: np.ndarray = self.y[self.train]
        return values

    @cached_property
    def few(self) -> tuple[np.ndarray, int]:
        """Target of the development rows with at most eleven classes, and how many they are (0: numbers)."""
        if self.task == "regression":
            return self.y_dev.astype(float), 0
        counts = np.bincount(self.y_dev, minlength=len(self.labels))
        kept = np.sort(np.argsort(-counts, kind="stable")[:_FEW_CLASSES])
        new = np.full(len(counts), len(kept))
        new[kept] = np.arange(len(kept))
        return new[self.y_dev], len(kept) + int(len(counts) > len(kept))

    @cached_property
    def sample(self) -> np.ndarray:
        """Positions in the development rows that the small models look at, ascending."""
        y, n_classes = self.few
        return draw(y, n_classes, self.n_sample, self.seed)

    @property
    def n_sample(self) -> int:
        """Rows of the sample, at most: fewer of wide tables."""
        return max(_FEWEST_ROWS, min(SAMPLE_ROWS, _CELLS // max(1, self.X.shape[1])))

    @cached_property
    def coded(self) -> Coded:
        """The sampled rows as numbers."""
        return code(self.dev.iloc[self.sample])

    @property
    def y_sample(self) -> np.ndarray:
        """Target of the sampled rows, with at most eleven classes."""
        values: np.ndarray = self.few[0][self.sample]
        return values

    @property
    def n_classes(self) -> int:
        """Classes of `y_sample`; 0 for numbers."""
        return self.few[1]

    @cached_property
    def parts(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Three folds of the sample by chance, as pairs of (train, test) positions."""
        return parts_by_chance(self.y_sample, self.n_classes, self.seed)

    @cached_property
    def unseen(self) -> np.ndarray:
        """What a small model of all columns says of each sampled row when it did not train on it."""
        return predict_unseen(self.coded, self.y_sample, self.n_classes, self.parts, self.seed)

    @cached_property
    def alone(self) -> dict[str, float]:
        """Score of each column alone by name, the best first (see `alone.score_each`)."""
        return score_each(self.coded, self.y_sample, self.n_classes, self.parts)

    def kind(self, name: str) -> str:
        """The kind of a column, by its profile."""
        return self.profile.column(name).kind

    def column_values(self, name: str) -> pd.Series:
        """A feature or other column of the development rows."""
        source = self.X if name in self.X or self.others is None else self.others
        return source[name].iloc[self.train]

    @property
    def names(self) -> list[str]:
        """All columns at hand, features first."""
        more = [] if self.others is None else [name for name in self.others if name not in self.X]
        return [*self.X, *more]


def draw(y: np.ndarray, n_classes: int, n: int, seed: int) -> np.ndarray:
    """Draw about `n` rows; rare classes give more than their share, so that they can be learned.

    Parameters
    ----------
    y : array of shape (n_rows,)
        Class codes or numbers.
    n_classes : int
        Number of classes, 0 for numbers.
    n : int
        Rows wanted.
    seed : int
        Seed of the draw.

    Returns
    -------
    array of int
        Ascending positions.
    """
    random = np.random.default_rng(seed)
    if len(y) <= n:
        return np.arange(len(y))
    chosen = np.zeros(len(y), dtype=bool)
    chosen[random.choice(len(y), n, replace=False)] = True
    for k in range(n_classes):
        members = random.permutation(np.flatnonzero(y == k))
        chosen[members[: min(_OF_EACH, n // n_classes)]] = True
    return np.flatnonzero(chosen)
