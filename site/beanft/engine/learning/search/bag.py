"""What a model file holds: the models of all folds, whose predictions are averaged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from beanft.engine.errors import EngineError
from beanft.engine.learning.search.coding import Coded, Coder
from beanft.engine.learning.search.folds import FoldEncoder, Layout
from beanft.engine.learning.search.members import Member
from beanft.engine.learning.serving.plan import Plan


@dataclass(frozen=True, kw_only=True)
class Fold:
    """What was fitted on one fold."""

    encoder: FoldEncoder
    """Makes the parts learned there."""
    members: tuple[tuple[float, Member], ...]
    """Learners with their weights, which add up to 1."""


@dataclass(frozen=True, kw_only=True)
class Bag:
    """A model: every fold's learners, averaged."""

    coder: Coder
    """Turns raw rows into arrays."""
    layout: Layout
    """How the codes are used."""
    folds: tuple[Fold, ...]
    """One for each fold."""

    def code(self, X: pd.DataFrame | Mapping[str, np.ndarray]) -> Coded:
        """Turn raw rows into arrays; each row for itself."""
        return self.coder.transform(X)

    def predict(self, coded: Coded) -> np.ndarray:
        """Predict rows; a row's bits do not depend on the others.

        Parameters
        ----------
        coded : Coded
            As `code` gives them.

        Returns
        -------
        array of shape (n_rows, n_classes) or (n_rows,)
            Probabilities in the order of the codes, or numbers.
        """
        return self._plan.predict(coded)

    @cached_property
    def _plan(self) -> Plan:
        """Its members made ready, when the first row comes."""
        return Plan(self.layout, self.folds)

    def __getstate__(self) -> dict[str, Any]:
        """Only what was fitted: what is made of it is made again."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def blend(bags: Sequence[tuple[float, Bag]]) -> Bag:
    """Weigh models of the same folds together.

    Parameters
    ----------
    bags : sequence of (float, Bag)
        Weights, which add up to 1, and models of the same experiment.

    Returns
    -------
    Bag
        Each fold once, with the members of all.

    Raises
    ------
    EngineError
        They turn rows into other arrays, as those of two releases may: a member would look at a column that
        it did not learn from.
    """
    first = bags[0][1]
    seen = (first.coder.plan.features, first.layout)
    if any((bag.coder.plan.features, bag.layout) != seen for _, bag in bags):
        raise EngineError("The models to be weighed together were made by different releases.")
    folds = [
        Fold(
            encoder=fold.encoder,
            members=tuple(
                (weight * share, member) for weight, bag in bags for share, member in bag.folds[i].members
            ),
        )
        for i, fold in enumerate(first.folds)
    ]
    return Bag(coder=first.coder, layout=first.layout, folds=tuple(folds))
