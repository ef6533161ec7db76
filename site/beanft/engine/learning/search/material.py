"""The rows of a search as arrays: coded once, encoded by the target in each fold, joined when asked for."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from beanft.engine.learning.prepare import Plan
from beanft.engine.learning.search.coding import Coder
from beanft.engine.learning.search.folds import FoldEncoder, assemble, layout_of

if TYPE_CHECKING:  # forks processes, which those who only fit again do without
    from beanft.engine.learning.search.crew import Crew

Parts = Sequence[tuple[np.ndarray, np.ndarray]]
"""Positions of the rows learned from and of the rows checked on, for each fold."""

_WAIT_S = 0.2


class Material:
    """Rows, their target, and how they are cut.

    Parameters
    ----------
    X : DataFrame of shape (n_rows, n_features)
        Raw columns of the plan.
    y : array of shape (n_rows,)
        Class codes or numbers.
    plan : Plan
        Columns and roles.
    parts : sequence of (array, array)
        The folds.
    n_classes : int
        Classes of the target, 0 for regression.
    seed : int
        Seed of everything random.

    Attributes
    ----------
    coder : Coder
        Fitted on all these rows: it names levels and words.
    layout : Layout
        How the codes are used.
    encoders : list of FoldEncoder
        One for each fold, fitted on the rows learned from.
    """

    def __init__(
        self, X: pd.DataFrame, y: np.ndarray, plan: Plan, parts: Parts, *, n_classes: int, seed: int
    ) -> None:
        self.y, self.parts, self.n_classes, self._seed = y, parts, n_classes, seed
        self.coder = Coder(plan).fit(X)
        self._coded = self.coder.transform(X)
        self.layout = layout_of(plan, self.coder.n_levels_, n_classes)
        self.encoders: list[FoldEncoder] = []
        self._blocks: list[np.ndarray] = []

    @property
    def n_native(self) -> int:
        """Parts at the end of the matrix that are codes of categories."""
        return len(self.layout.native)

    @property
    def n_days(self) -> int:
        """Parts at the beginning of the matrix that are numbers of days."""
        return len(self.coder.day_names)

    @property
    def width(self) -> int:
        """Parts of the matrix."""
        block = self._blocks[0].shape[1] if self._blocks else 0
        return int(self.n_days + self._coded.numbers.shape[1] + block + self.n_native)

    def encode(self, crew: "Crew", *, limit_s: float) -> None:
        """Fit the encoders of all folds.

        Parameters
        ----------
        crew : Crew
            Idle; does the folds side by side.
        limit_s : float
            Seconds that one fold may take.

        Raises
        ------
        EngineError
            A fold took too long or too much memory.
        """
        made: dict[int, tuple[FoldEncoder, np.ndarray]] = {}
        if not self.layout.by_target and not self._coded.words:
            empty = np.zeros((len(self.y), 0), dtype=np.float32)
            encoder = self._encoder(0)[0]
            made = dict.fromkeys(range(len(self.parts)), (encoder, empty))
        waiting = [i for i in range(len(self.parts)) if i not in made]
        while waiting or not crew.is_idle:
            while waiting and crew.is_free:
                i = waiting.pop(0)
                crew.begin(i, lambda i=i: self._encoder(i), limit_s=limit_s)  # type: ignore[misc]
            for done in crew.ended(_WAIT_S):
                if done.error is not None:
                    crew.dismiss()
                    raise done.error
                made[done.key] = done.result
        self.encoders = [made[i][0] for i in range(len(self.parts))]
        self._blocks = [made[i][1] for i in range(len(self.parts))]

    def encode_here(self) -> None:
        """Fit the encoders in this process, one after another."""
        made = [self._encoder(i) for i in range(len(self.parts))]
        self.encoders, self._blocks = [one for one, _ in made], [block for _, block in made]

    def _encoder(self, i: int) -> tuple[FoldEncoder, np.ndarray]:
        """The encoder of a fold, and its parts for every row."""
        train, test = self.parts[i]
        encoder = FoldEncoder(self.layout, self._seed)
        learned = encoder.fit_transform(self._coded.at(train), self.y[train])
        block = np.zeros((len(self.y), learned.shape[1]), dtype=np.float32)
        block[test] = encoder.transform(self._coded.at(test))
        block[train] = learned  # last: a part without rows to check on checks on some of its own
        return encoder, block

    def rows(self, i: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Give matrix and target of the rows learned from in fold `i`, and of those checked on."""
        train, test = self.parts[i]
        return self._matrix(i, train), self.y[train], self.checked(i), self.y[test]

    def checked(self, i: int) -> np.ndarray:
        """Give the matrix of the rows that fold `i` is checked on."""
        return self._matrix(i, self.parts[i][1])

    def _matrix(self, i: int, rows: np.ndarray) -> np.ndarray:
        return assemble(self._coded.at(rows), self._blocks[i][rows], self.layout)
