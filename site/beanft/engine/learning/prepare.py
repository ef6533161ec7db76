"""From a table to a matrix: which columns take part in which role, and what is fitted in each fold."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin

from beanft.engine.learning.columns import Encoder, encoder, width
from beanft.engine.tables.columns import Column

MAX_LEVELS = 40  # above, a category is encoded by the target (skrub's cut between low and high cardinality)
_MAX_WIDTH = 2_000  # parts that all categories may take together
_FEWEST_LEVELS = 3
_CONSTANTS = {
    "BIGINT": "number",
    "DOUBLE": "number",
    "DATE": "date",
    "TIMESTAMP": "date",
    "BOOLEAN": "boolean",
}
_MANY_CLASSES = 10  # with more, target encoding would make a column for each class


@dataclass(frozen=True, kw_only=True)
class Feature:
    """A column that takes part."""

    name: str
    """Name of the column."""
    role: str
    """number, date, levels, target or text: how it is encoded."""
    n_parts: int
    """Columns of the matrix that it becomes, at most."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Which columns take part and how; decided without looking at the target."""

    features: tuple[Feature, ...]
    """In the order of the table."""
    max_levels: int
    """Levels of a category that get a part of their own."""
    notes: tuple[str, ...]
    """Columns that are left out or shortened, one plain sentence each."""

    @property
    def names(self) -> list[str]:
        """Names of the columns that take part."""
        return [feature.name for feature in self.features]

    @property
    def width(self) -> int:
        """Columns of the matrix, at most."""
        return sum(feature.n_parts for feature in self.features)


def plan(columns: Iterable[Column], *, n_rows: int, n_classes: int) -> Plan:
    """Decide the role of each column.

    Parameters
    ----------
    columns : iterable of Column
        The columns chosen as features.
    n_rows : int
        Rows of the table, to tell columns without any value.
    n_classes : int
        Classes of the target, 0 for regression.

    Returns
    -------
    Plan
        Identifiers, constants and columns without values are left out with a note.
    """
    notes, chosen = [], []
    for column in columns:
        reason = _left_out(column, n_rows)
        if reason:
            notes.append(reason)
        else:
            chosen.append((column, _role(column, n_classes)))
    max_levels = _level_limit([column for column, role in chosen if role == "levels"])
    if max_levels < MAX_LEVELS:
        notes.append(f"There are so many categories that each keeps only its {max_levels} commonest levels.")
    features = tuple(
        Feature(name=column.name, role=role, n_parts=width(role, column.n_distinct, max_levels, n_classes))
        for column, role in chosen
    )
    return Plan(features=features, max_levels=max_levels, notes=tuple(notes))


class Preparation(TransformerMixin, BaseEstimator):
    """Turns a table into a matrix of floats without missing values; never drops a row.

    Parameters
    ----------
    plan : Plan
        Columns and roles.
    n_classes : int
        Classes of the target, 0 for regression.
    seed : int
        Seed of the cross-fitting and of the text encoder.

    Attributes
    ----------
    spans_ : dict of str to slice
        Which columns of the matrix belong to which column of the table.
    """

    def __init__(self, plan: Plan, n_classes: int = 0, seed: int = 0) -> None:
        self.plan = plan
        self.n_classes = n_classes
        self.seed = seed

    def fit(self, X: pd.DataFrame, y: np.ndarray) -> Self:
        """Learn the encoding from the rows of one fold."""
        self.fit_transform(X, y)
        return self

    def fit_transform(self, X: pd.DataFrame, y: np.ndarray, **_: Any) -> np.ndarray:
        """Learn the encoding and give the matrix; encodings by the target are cross-fitted."""
        self.encoders_: dict[str, Encoder] = {}
        self.spans_: dict[str, slice] = {}
        blocks, start = [], 0
        for feature in self.plan.features:
            made = encoder(
                feature.role, max_levels=self.plan.max_levels, n_classes=self.n_classes, seed=self.seed
            )
            block = made.fit_transform(X[feature.name], y)
            self.encoders_[feature.name] = made
            self.spans_[feature.name] = slice(start, start + block.shape[1])
            blocks.append(block)
            start += block.shape[1]
        return _joined(blocks, len(X))

    def transform(self, X: pd.DataFrame) -> np.ndarray:
        """Give the matrix of other rows, of shape (n_rows, n_parts)."""
        return _joined([made.transform(X[name]) for name, made in self.encoders_.items()], len(X))


def _left_out(column: Column, n_rows: int) -> str:
    """Why a column takes no part, or nothing."""
    if column.n_distinct == 0 or column.n_missing >= n_rows:
        return f"“{column.name}” has no values and was left out."
    if column.kind == "identifier":
        return (
            f"“{column.name}” only tells the rows apart and was left out; "
            "change its kind on the dataset's columns page to use it."
        )
    if column.kind == "constant" and column.n_missing == 0:
        return f"“{column.name}” has the same value in every row and was left out."
    return ""


def input_kind(column: Column) -> str:
    """Tell the kind of value that a form asks for.

    Parameters
    ----------
    column : Column
        A column of the profile.

    Returns
    -------
    str
        The column's own kind, such as number, date, boolean, category or text; for a constant, which has
        one value and some missing, what its stored type tells.

    Examples
    --------
    >>> input_kind(Column(name="age", kind="constant", stored="DOUBLE", n_missing=1, n_distinct=1))
    'number'
    """
    if column.kind == "constant":  # one value and some missing: its type tells
        return _CONSTANTS.get(column.stored, "category")
    return column.kind


def _role(column: Column, n_classes: int) -> str:
    kind = input_kind(column)
    if kind in ("number", "date"):
        return kind
    if column.n_distinct <= MAX_LEVELS:
        return "levels"
    if column.kind == "text" and _words(column) >= 2:
        return "text"
    return "levels" if n_classes > _MANY_CLASSES else "target"


def _words(column: Column) -> float:
    """Words in a typical value."""
    return float(np.median([len(value.split()) for value, _ in column.top])) if column.top else 2.0


def _level_limit(categories: list[Column]) -> int:
    if not categories:
        return MAX_LEVELS
    return max(_FEWEST_LEVELS, min(MAX_LEVELS, _MAX_WIDTH // len(categories)))


def _joined(blocks: list[np.ndarray], n_rows: int) -> np.ndarray:
    return np.hstack(blocks) if blocks else np.zeros((n_rows, 0))
