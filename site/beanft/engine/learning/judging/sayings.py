"""A small tree in words: each leaf as the questions that lead to it and what it answers."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from beanft.engine.learning.judging.raw import Raw, date_of
from beanft.engine.learning.truth_words import in_owner_words
from beanft.engine.plain import capital, plain, written
from beanft.engine.tables.wording import is_year, shown

_MOST_LEVELS = 3
_FOUR_DIGITS, _TINY = 1_000, 0.001

Tree: TypeAlias = DecisionTreeClassifier | DecisionTreeRegressor
"""A small tree of scikit-learn."""


def tell(
    tree: Tree,
    columns: Sequence[Raw],
    n_classes: int,
    labels: Sequence[str],
    words: Mapping[str, Sequence[str]],
) -> str:
    """Write a tree as one sentence.

    Parameters
    ----------
    tree : fitted tree
        On the columns turned into numbers.
    columns : sequence of Raw
        The columns in the order of the tree's.
    n_classes : int
        Classes of the target, 0 for regression.
    labels : sequence of str
        The classes in the order of their codes; their numbers serve where there are none.
    words : mapping of str to sequence of str
        The owner's words for false and true, by column; only of columns that have their own.

    Returns
    -------
    str
        For two classes the chance of the second, for more the likeliest class and its chance, else the mean.
    """
    classes = [str(code) for code in range(n_classes)] if len(labels) != n_classes else list(labels)
    start = f"Chance of {shown(classes[1])}: " if n_classes == 2 else ""
    leaves = [
        f"if {' and '.join(_question(columns[i], left, words) for i, left in ranges.items())}: "
        f"{_answer(tree, node, classes)}"
        for node, ranges in _leaves(tree, 0, {})
        if ranges
    ]
    if not leaves:
        return f"{start}always {_answer(tree, 0, classes)}: no column helps."
    sentence = start + "; ".join(leaves) + "."
    return capital(sentence)


@dataclass(frozen=True, kw_only=True)
class _Range:
    """What the questions so far left of a column."""

    low: float = -math.inf
    high: float = math.inf
    missing: bool = True

    def cut(self, at: float, *, left: bool, missing: bool) -> "_Range":
        """One side of a cut; a cut at infinity parts known from missing."""
        low, high = (self.low, min(self.high, at)) if left else (max(self.low, at), self.high)
        return _Range(low=low, high=high, missing=self.missing and missing)


def _leaves(tree: Tree, node: int, ranges: dict[int, _Range]) -> Iterator[tuple[int, dict[int, _Range]]]:
    """Each leaf with what the questions that lead to it leave of the columns."""
    inner = tree.tree_
    if inner.children_left[node] < 0:
        yield node, ranges
        return
    column, at = int(inner.feature[node]), float(inner.threshold[node])
    missing_left = bool(inner.missing_go_to_left[node])
    for child, left in ((inner.children_left[node], True), (inner.children_right[node], False)):
        so_far = ranges.get(column, _Range())
        narrowed = so_far.cut(at, left=left, missing=missing_left == left)
        yield from _leaves(tree, int(child), ranges | {column: narrowed})


def _question(column: Raw, left: _Range, words: Mapping[str, Sequence[str]]) -> str:
    """What is left of a column, in words."""
    name, missing = shown(column.name), left.missing and column.missing
    if left.low == math.inf:
        return f"{name} is missing"
    if left.low == -math.inf and left.high == math.inf:
        return f"{name} is known"
    if column.kind == "category":
        first = 0 if left.low == -math.inf else math.floor(left.low) + 1
        last = len(column.levels) if left.high == math.inf else math.floor(left.high) + 1
        levels = [str(in_owner_words(level, words.get(column.name))) for level in column.levels[first:last]]
        return f"{name} {_levels(levels)}{' or any other' if missing else ''}"
    low, high = (_written(column, end) for end in (left.low, left.high))
    if left.low == -math.inf:
        said = f"{name} ≤ {high}"
    else:
        said = f"{name} > {low}" if left.high == math.inf else f"{name} from {low} to {high}"
    return f"{said} or missing" if missing else said


def _written(column: Raw, value: float) -> str:
    if not math.isfinite(value):
        return ""
    if column.kind == "date":
        return date_of(value)
    return f"{value:.6g}" if is_year(column.name, value) else _plain(value)


def _plain(value: float) -> str:
    """A number with enough digits to tell where it cuts, and without powers of ten."""
    if abs(value) >= _FOUR_DIGITS:
        return f"{value:,.1f}".removesuffix(".0").replace("-", "−")
    return written(value) if 0 < abs(value) < _TINY else f"{value:.4g}".replace("-", "−")


def _levels(levels: Sequence[str]) -> str:
    if not levels:
        return "is none of the common ones"
    if len(levels) == 1:
        return f"= {shown(levels[0], 40)}"
    named = ", ".join(shown(level, 40) for level in levels[:_MOST_LEVELS])
    more = f" and {len(levels) - _MOST_LEVELS} more" if len(levels) > _MOST_LEVELS else ""
    return f"is one of {named}{more}"


def _answer(tree: Tree, node: int, classes: Sequence[str]) -> str:
    value = tree.tree_.value[node][0]
    if not classes:
        return written(float(value[0]))
    chances = np.zeros(len(classes))
    chances[np.asarray(tree.classes_, dtype=int)] = value / value.sum()
    if len(classes) == 2:
        return plain(chances[1], 2)
    likeliest = int(chances.argmax())
    return f"{shown(classes[likeliest], 40)} ({plain(chances[likeliest], 2)})"
