"""From a table to a matrix: which columns take part, and in which role each becomes numbers."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from beanft.engine.tables.columns import Column

MANY_LEVELS = 250
"""Above so many levels a category becomes the mean of the target in its level."""
MAX_TARGET_CLASSES = 12
"""With more classes a mean of the target for each of them would be too many numbers."""
TEXT_PARTS = 16
"""Numbers that a text becomes, beside its length."""
_CODE_LEVELS = (20, 0.3)  # whole numbers with more values than this, and fewer than this share of the rows
_CODE_REPEATS = 5  # rows for each value, so that its mean says something
_LEVELS_SHOWN = 60  # levels of a category that a linear learner gets a part for
_MOST_NUMBERS = 3_000  # columns of numbers in the matrix
_WITH_HOURS = "TIMESTAMP"  # stored type of a date that has a time of day
_SEASONS = (
    "Of dates only {parts} are learned from, because later rows lie beyond every day seen before. A trend is "
    "carried on by linear learners{trees}, which get the number of the day, too: as far as rows reach back."
)
_CONSTANTS = {
    "BIGINT": "number",
    "DOUBLE": "number",
    "DATE": "date",
    "TIMESTAMP": "date",
    "BOOLEAN": "boolean",
}


@dataclass(frozen=True, kw_only=True)
class Feature:
    """A column that takes part."""

    name: str
    """Name of the column."""
    role: str
    """How it becomes numbers: number, code (a number, and a name with a mean of the target), date, levels (a
    category as it is), target (a category with many levels, by means of the target) or text."""
    n_parts: int
    """Columns of the matrix that it becomes, at most."""
    n_shown: int
    """Columns of a linear learner's matrix that it becomes, at most."""
    cyclic: bool = False
    """Whether only month, weekday, day of the year and hour of a date count, because rows are cut by time."""
    carried: bool = False
    """Whether learners that carry a trend on get the number of its day beside these, which models of earlier
    releases do without."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Which columns take part and how; decided without looking at the target."""

    features: tuple[Feature, ...]
    """In the order of the table."""
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

    @property
    def shown_width(self) -> int:
        """Columns of a linear learner's matrix, at most."""
        return sum(feature.n_shown for feature in self.features)


def plan(columns: Iterable[Column], *, n_rows: int, n_classes: int, by_time: bool = False) -> Plan:
    """Decide the role of each column.

    Parameters
    ----------
    columns : iterable of Column
        The columns chosen as features.
    n_rows : int
        Rows of the table, to tell columns without any value.
    n_classes : int
        Classes of the target, 0 for regression.
    by_time : bool
        Whether learning is from earlier rows and checking on later ones.

    Returns
    -------
    Plan
        Identifiers, constants and columns without values are left out with a note.
    """
    notes, chosen, columns = list[str](), list[Feature](), list(columns)
    for column in columns:
        reason = _left_out(column, n_rows)
        if reason:
            notes.append(reason)
        else:
            chosen.append(_feature(column, n_rows, n_classes, by_time=by_time))
    dates = {feature.name for feature in chosen if feature.cyclic}
    if dates:
        timed = any(one.name in dates and one.stored == _WITH_HOURS for one in columns)
        parts = "month, weekday, day of the year and hour" if timed else "month, weekday and day of the year"
        trees = "" if n_classes else " and by boosted trees “beside a trend”"
        notes.append(_SEASONS.format(parts=parts, trees=trees))
    return Plan(features=tuple(chosen[:_MOST_NUMBERS]), notes=(*notes, *_too_many(chosen)))


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


def _feature(column: Column, n_rows: int, n_classes: int, *, by_time: bool) -> Feature:
    role = _role(column, n_rows)
    means = 0 if n_classes > MAX_TARGET_CLASSES else max(1, n_classes) if n_classes > 2 else 1
    parts = {
        "number": 1,
        "code": 2 + means,
        "date": 6,
        "levels": 1,
        "target": 1 + means,
        "text": TEXT_PARTS + 1,
    }[role]
    shown = min(column.n_distinct, _LEVELS_SHOWN) + 1 if role == "levels" else 3 * parts
    return Feature(
        name=column.name,
        role=role,
        n_parts=parts,
        n_shown=shown,
        cyclic=by_time and role == "date",
        carried=by_time and role == "date",
    )


def _role(column: Column, n_rows: int) -> str:
    kind = input_kind(column)
    if kind == "date":
        return "date"
    if kind == "number":
        return "code" if _is_code(column, n_rows) else "number"
    if column.n_distinct <= MANY_LEVELS and not _is_prose(column):
        return "levels"
    return "text" if column.kind == "text" and _words(column) >= 2 else "target"


def _is_code(column: Column, n_rows: int) -> bool:
    """Whether whole numbers repeat as often as names do: a number of an occupation, a shop, a route."""
    few, share = _CODE_LEVELS
    n = column.n_distinct
    return column.stored == "BIGINT" and few < n < share * n_rows and n_rows >= _CODE_REPEATS * n


def _is_prose(column: Column) -> bool:
    """Whether texts differ in nearly every row and have several words, however few rows there are."""
    return column.kind == "text" and column.n_distinct > MANY_LEVELS // 5 and _words(column) >= 3


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


def _too_many(chosen: list[Feature]) -> tuple[str, ...]:
    if len(chosen) <= _MOST_NUMBERS:
        return ()
    return (f"Only the first {_MOST_NUMBERS:,} of {len(chosen):,} columns were learned from.",)


def _words(column: Column) -> float:
    """Words in a typical value."""
    return float(np.median([len(value.split()) for value, _ in column.top])) if column.top else 2.0
