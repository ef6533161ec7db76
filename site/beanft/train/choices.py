"""What a version's profile says of its columns as targets and as features, for the training form."""

from dataclasses import dataclass

from beanft.engine.learning.target import MIN_CLASS_ROWS, MIN_ROWS, TASKS, usual_positive
from beanft.engine.learning.task import (
    find_task,
    holds_numbers,
    notices,
)
from beanft.engine.learning.truth_words import in_owner_words
from beanft.engine.tables.columns import Column, Profile

_FEW_CLASSES = 100  # so many numbers can be classes however few rows there are; the engine looks closer


@dataclass(frozen=True, kw_only=True)
class Feature:
    """A column as a feature."""

    name: str
    """Name of the column."""
    kind: str
    """Its kind."""
    share_missing: float
    """Rows without a value, 0..1."""
    warning: str
    """Why it is not ticked at first, in words; empty when it is."""
    usable: bool
    """Whether something can be learned from it at all."""
    role: str
    """What its owner says it is for; mostly empty."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """A column as a target."""

    name: str
    """Name of the column."""
    task: str
    """The task proposed; empty when it cannot be forecast."""
    sentence: str
    """Why this task, or why it cannot be forecast."""
    numeric: bool
    """Whether regression is possible."""
    n_classes: int
    """Different values."""
    classes: tuple[str, ...]
    """The two classes, in order, where there are two; else empty."""
    notices: dict[str, tuple[str, ...]]
    """What else to know of it, by the task chosen, one plain sentence each."""


def feature(column: Column, n_rows: int) -> Feature:
    """Describe a column as a feature."""
    warning = _warning(column)
    ignored = "Has the role “ignore”. Tick it to use it all the same." if column.role == "ignore" else ""
    return Feature(
        name=column.name,
        kind=column.kind,
        share_missing=column.n_missing / max(1, n_rows),
        warning=warning or ignored,
        usable=not warning,
        role=column.role,
    )


def features(profile: Profile) -> list[Feature]:
    """Describe every column as a feature, in the order of the table."""
    return [feature(column, profile.n_rows) for column in profile.columns]


def targets(profile: Profile) -> list[Target]:
    """Describe every column as a target, in the order of the table."""
    return [target(column, profile.n_rows) for column in profile.columns]


def target(column: Column, n_rows: int) -> Target:
    """Propose a task for a target, from its profile alone: a form must not read millions of rows."""
    numeric = holds_numbers(column)
    task, sentence = _task(column, n_rows, numeric=numeric)
    said = {one: notices(column, one) for one in TASKS} if task else {}
    return Target(
        name=column.name,
        task=task,
        sentence=sentence,
        numeric=numeric,
        n_classes=column.n_distinct,
        classes=_two_classes(column),
        notices=said,
    )


def _two_classes(column: Column) -> tuple[str, ...]:
    """Names of two classes as training writes and orders them: whole numbers without a decimal point.

    The last one is to be found where nobody chooses.
    """
    if column.n_distinct != 2 or len(column.top) != 2:
        return ()
    texts = [text for text, _ in column.top]
    if holds_numbers(column):
        numbers = sorted(float(text) for text in texts)
        return tuple(str(int(one)) if one.is_integer() else repr(one) for one in numbers)
    names = [in_owner_words(text, column.labels) for text in sorted(texts)]
    return tuple(sorted(names, key=lambda name: name == usual_positive(names)))


def _task(column: Column, n_rows: int, *, numeric: bool) -> tuple[str, str]:
    refusal = _refusal(column, n_rows, numeric=numeric)
    if refusal:
        return "", refusal
    found = find_task(column)
    return found.name, found.reason


def _refusal(column: Column, n_rows: int, *, numeric: bool) -> str:
    """Why nothing can be learned about this column, or nothing."""
    name, n_known = column.name, n_rows - column.n_missing
    if column.kind == "date" or column.stored in ("DATE", "TIMESTAMP"):
        return f"“{name}” is a date, and dates cannot be forecast. Choose a number or a category."
    if column.n_distinct == 0:
        return f"“{name}” has no value in any row. Choose another column."
    if column.n_distinct == 1:
        return f"“{name}” is the same in every row, so there is nothing to learn. Choose another column."
    if n_known < MIN_ROWS:
        return (
            f"Only {n_known} rows have a value of “{name}”; at least {MIN_ROWS} are needed. "
            "Choose another column."
        )
    if not numeric and column.n_distinct >= n_known:
        return f"“{name}” is different in every row, so no class can be learned. Choose another column."
    if not numeric and column.top and sum(n >= MIN_CLASS_ROWS for _, n in column.top) < 2:
        return (
            f"Fewer than two values of “{name}” have {MIN_CLASS_ROWS} rows or more, so no difference "
            "can be learned. Choose another column."
        )
    return ""


def regression_refusal(choice: Target) -> str:
    """Why a target cannot be a regression's, or nothing."""
    if choice.numeric:
        return ""
    return (
        f"Regression needs a target of numbers, and “{choice.name}” holds words. "
        "Choose classification, or another target."
    )


def classification_refusal(choice: Target, n_rows: int) -> str:
    """Why a target cannot be a classification's, or nothing; the engine looks closer."""
    if choice.n_classes <= _FEW_CLASSES or not choice.numeric or choice.n_classes < n_rows / 2:
        return ""
    return (
        f"“{choice.name}” holds {choice.n_classes:,} different numbers in {n_rows:,} rows, "
        "too many for classes. Choose regression."
    )


def _warning(column: Column) -> str:
    if column.role == "group":
        return "Says which rows belong together, so it is not learned from."
    if column.n_distinct == 0:
        return "Has no values, so nothing can be learned from it."
    if column.kind == "identifier":
        return "Only tells the rows apart, so a model would learn them by heart."
    if column.kind == "constant":
        return "Is the same in every row, so nothing can be learned from it."
    return ""
