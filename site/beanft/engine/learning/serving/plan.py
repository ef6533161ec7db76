"""How a bag of folds answers: what its members share is worked out once, what can be made ready is."""

import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from beanft.engine.learning.guessing import GuessedClass
from beanft.engine.learning.search.coding import Coded
from beanft.engine.learning.search.designs import Design
from beanft.engine.learning.search.folds import Layout
from beanft.engine.learning.search.members import Member
from beanft.engine.learning.serving.evaluators import evaluator_of
from beanft.engine.learning.serving.formulas import Evaluator
from beanft.engine.learning.serving.matrices import Matrix


@dataclass(frozen=True, kw_only=True)
class _Part:
    """A member of a fold, made ready."""

    weight: float
    member: Member
    place: int
    """Of its design among those of the fold."""
    answer: Evaluator
    deals: bool
    """Whether it deals the classes out by chance."""


@dataclass(frozen=True, kw_only=True)
class _ReadyFold:
    matrix: Matrix
    designs: tuple[Design, ...]
    parts: tuple[_Part, ...]


class Plan:
    """The members of all folds, ready to answer.

    Parameters
    ----------
    layout : Layout
        How the codes are used.
    folds : sequence of Fold
        What was fitted on each.
    """

    def __init__(self, layout: Layout, folds: Sequence[Any]) -> None:
        self._folds = [_ready(fold, layout) for fold in folds]
        self._is_shared = all(fold.matrix.is_plain for fold in self._folds)

    def predict(self, coded: Coded) -> np.ndarray:
        """Average what the folds say.

        Parameters
        ----------
        coded : Coded
            One row or more.

        Returns
        -------
        array of shape (n_rows, n_classes) or (n_rows,)
        """
        total: np.ndarray | float = 0.0
        shared = self._folds[0].matrix.of(coded) if self._is_shared else None
        if shared is not None:
            shared.flags.writeable = False
        with np.errstate(all="ignore"):  # what is not finite is told by the members
            for fold in self._folds:
                matrix = fold.matrix.of(coded) if shared is None else shared
                designs = [design.transform(matrix) for design in fold.designs]
                for part in fold.parts:
                    said = _dealt(part, coded) if part.deals else part.answer(designs[part.place])
                    total = total + part.weight * part.member.settled(said)
        result: np.ndarray = np.asarray(total) / len(self._folds)
        return result


def _dealt(part: _Part, coded: Coded) -> np.ndarray:
    """Deal by what is in a row, not by its place: it gets the same class wherever it stands."""
    said: np.ndarray = part.member.model.deal(coded.chance())
    return said


def _ready(fold: Any, layout: Layout) -> _ReadyFold:
    """Members that were fitted on the same rows have equal designs, which transform rows once."""
    designs: dict[bytes, tuple[int, Design]] = {}
    parts = []
    for weight, member in fold.members:
        place, _ = designs.setdefault(pickle.dumps(member.design), (len(designs), member.design))
        deals = isinstance(member.model, GuessedClass) and member.model.kind == "dealt"
        parts.append(
            _Part(
                weight=weight,
                member=member,
                place=place,
                answer=evaluator_of(member.model),
                deals=deals,
            )
        )
    return _ReadyFold(
        matrix=Matrix(fold.encoder, layout),
        designs=tuple(design for _, design in designs.values()),
        parts=tuple(parts),
    )
