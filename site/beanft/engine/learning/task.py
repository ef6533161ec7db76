"""What is asked of the target: which task it is, and what to know of it before learning."""

from dataclasses import dataclass

from beanft.engine.learning.frequencies import metric_for_rare, most_in_classes, mostly_nothing
from beanft.engine.learning.target import LEAST_LEFT, MANY_CLASSES, MAX_CLASSES, MIN_CLASS_ROWS, MOST_LISTED
from beanft.engine.learning.truth_words import in_owner_words
from beanft.engine.tables.columns import Column

_MAX_NUMBER_CLASSES = 10  # up to so many different whole numbers are taken for classes
_FEW_NUMBERS = 30  # regression on no more different whole numbers might be meant as classes
_LEAST_COUNT = 10  # what never comes near 0 is an amount such as a price, not a count
_SKEWED = 2.0  # skewness of an exponential distribution; beyond it a few rows decide the squared errors
_FEW_SHARE = 0.1  # a class with less: always naming the other one looks good already
_NUMBERS = ("BIGINT", "DOUBLE")
_WORDS = ("category", "text", "boolean")  # kinds whose values are names, even where they look like numbers


@dataclass(frozen=True, kw_only=True)
class Task:
    """The task found for a target and why, in words for the user."""

    name: str
    """One of target.TASKS."""
    reason: str
    """One plain sentence."""
    notices: tuple[str, ...] = ()
    """What else to know of the target before learning, one plain sentence each."""
    metric: str = ""
    """Key of the metric that should rank; empty for the usual one of the task."""


def find_task(column: Column) -> Task:
    """Tell classification from regression by what is known of the target, without reading the table.

    Parameters
    ----------
    column : Column
        The target's profile.

    Returns
    -------
    Task
        A suggestion, which the user may change.

    Examples
    --------
    >>> find_task(Column(name="species", kind="category", stored="VARCHAR", n_missing=0, n_distinct=3)).reason
    '“species” holds 3 different words, so this is multiclass classification.'
    """
    name, n = column.name, column.n_distinct
    classes = "binary classification" if n == 2 else "multiclass classification"
    if not holds_numbers(column):
        what = "truth values" if column.kind == "boolean" else "words"
        reason = f"“{name}” holds {n:,} different {what}, so this is {classes}."
        return _classification(column, _like_numbers(column) or reason)
    if _is_count(column):
        reason = (
            f"“{name}” holds the whole numbers 0 to {n - 1}, most of them 0 and fewer of each larger one, "
            "as counts do, so this is regression."
        )
        return Task(name="regression", reason=reason, notices=notices(column, "regression"))
    if n == 2 or (n <= _MAX_NUMBER_CLASSES and _whole(column)):
        reason = (
            f"“{name}” holds only {n} different numbers, so this is taken for {classes}; "
            "choose regression if their size matters."
        )
        return _classification(column, reason)
    reason = f"“{name}” holds {n:,} different numbers, so this is regression."
    return Task(name="regression", reason=reason, notices=notices(column, "regression"))


def _classification(column: Column, reason: str) -> Task:
    return Task(
        name="classification",
        reason=reason,
        notices=notices(column, "classification"),
        metric=ranking_metric(column, "classification"),
    )


def ranking_metric(column: Column, task: str) -> str:
    """Choose the metric that ranks where none was chosen and the usual one of the task sees too little.

    Parameters
    ----------
    column : Column
        The target's profile.
    task : str
        The task chosen for it.

    Returns
    -------
    str
        Key of a metric; empty for the usual one.
    """
    return metric_for_rare(_kept_counts(column)) if task == "classification" else ""


def _is_count(column: Column) -> bool:
    """Whether a number counts something that mostly does not happen, such as claims or faults."""
    n = column.n_distinct
    if not holds_numbers(column) or not 2 < n <= _MAX_NUMBER_CLASSES or len(column.top) != n:
        return False
    return mostly_nothing({float(value): count for value, count in column.top})


def _like_numbers(column: Column) -> str:
    """What to do with words that look like numbers, where as classes they are too many to learn, or empty."""
    if column.almost != "number" or column.n_distinct <= MANY_CLASSES:
        return ""
    return (
        f"“{column.name}” looks like numbers; read it as number on the page of its columns. "
        f"As words it is {column.n_distinct:,} classes."
    )


def class_refusal(column: Column, n_values: int) -> str:
    """Say why words that look like numbers cannot well be a target of classes.

    Parameters
    ----------
    column : Column
        The target's profile.
    n_values : int
        Rows with a value of it.

    Returns
    -------
    str
        Plain sentences where less than half of the rows would be left; else empty.
    """
    said, left = _like_numbers(column), most_rows_to_learn(column, n_values)
    if not said or left >= LEAST_LEFT * n_values:
        return ""
    return (
        f"{said} Of its {n_values:,} rows at most {left:,} would be left to learn from: those of classes "
        f"with {MIN_CLASS_ROWS} rows or more."
    )


def most_rows_to_learn(column: Column, n_values: int) -> int:
    """Count the rows of classes that are large enough to be learned, from the profile.

    Parameters
    ----------
    column : Column
        The target's profile.
    n_values : int
        Rows with a value of it.

    Returns
    -------
    int
        Exactly so many where the profile lists all such classes, else at most so many.
    """
    return most_in_classes(column.top, column.n_distinct, n_values, MIN_CLASS_ROWS)


def _kept_counts(column: Column) -> list[int]:
    """Rows of each class that is learned; none where the profile does not list all."""
    if len(column.top) < column.n_distinct:
        return []
    return [n for _, n in column.top if n >= MIN_CLASS_ROWS]


def notices(column: Column, task: str) -> tuple[str, ...]:
    """Say what is worth knowing of a target before it is learned, from its profile.

    Parameters
    ----------
    column : Column
        The target's profile.
    task : str
        The task chosen for it.

    Returns
    -------
    tuple of str
        One plain sentence each: rows without a value, counts, a heavy skew, few different numbers, rare
        and many classes.

    Examples
    --------
    >>> rain = Column(name="rain", kind="number", stored="BIGINT", n_missing=0, n_distinct=90, minimum=0.0)
    >>> notices(rain, "regression")
    ('It holds whole numbers from 0 up, as counts do: forecasts will lie between them.',)
    """
    left_out = column.n_missing + column.n_infinite
    rows = "1 row has" if left_out == 1 else f"{left_out:,} rows have"
    missing = (f"{rows} no usable value of it and will take no part.",) if left_out else ()
    special = _of_numbers(column) if task == "regression" else _of_classes(column)
    return missing + special


def _of_numbers(column: Column) -> tuple[str, ...]:
    said = []
    least = column.minimum if isinstance(column.minimum, int | float) else None
    if least is not None and 0 <= least <= _LEAST_COUNT and _whole(column):
        said.append("It holds whole numbers from 0 up, as counts do: forecasts will lie between them.")
    skewness = column.skewness or 0.0
    if skewness > _SKEWED:
        logarithm = " Learners also try its logarithm." if least is not None and least >= 0 else ""
        said.append(
            "Most values are small and a few are very large: the errors of the large ones will dominate "
            f"RMSE, and less so the mean absolute error.{logarithm}"
        )
    elif skewness < -_SKEWED:
        said.append(
            "Most values are large and a few are very small: the errors of the small ones will dominate "
            "RMSE, and less so the mean absolute error."
        )
    if column.n_distinct <= _FEW_NUMBERS and _whole(column):
        said.append(
            f"It holds only {column.n_distinct} different numbers: "
            "choose classification if they name kinds, not amounts."
        )
    return tuple(said)


def _of_classes(column: Column) -> tuple[str, ...]:
    said = []
    top = [(in_owner_words(label, column.labels), n) for label, n in column.top]
    counts = [n for _, n in top]
    rare = [label for label, n in top if n < MIN_CLASS_ROWS]
    if rare:
        listed = ", ".join(f"“{label}”" for label in rare[:MOST_LISTED])
        said.append(
            f"Classes with fewer than {MIN_CLASS_ROWS} rows will be left out, such as {listed}."
            if len(rare) > 1
            else f"{listed} has fewer than {MIN_CLASS_ROWS} rows and will be left out."
        )
    kept = [n for n in counts if n >= MIN_CLASS_ROWS]
    if len(kept) == column.n_distinct == 2 and min(kept) < _FEW_SHARE * sum(kept):
        label, n = min(top, key=lambda pair: pair[1])
        said.append(
            f"Only {100 * n / sum(kept):.2g} % of the rows are “{label}”: accuracy is high for a model that "
            "never says so, thus look at ROC AUC or balanced accuracy."
        )
    if ranking_metric(column, "classification"):
        label, n = min(((label, n) for label, n in top if n >= MIN_CLASS_ROWS), key=lambda pair: pair[1])
        said.append(
            f"Only {100 * n / sum(kept):.2g} % of the rows are “{label}”: hardly any model will ever say so, "
            "thus rank by log loss, which sees how likely a model takes each class to be."
        )
    if column.n_distinct > MAX_CLASSES:
        said.append(
            f"It holds {column.n_distinct:,} different values. Those of fewer than {MIN_CLASS_ROWS} rows are "
            f"left out, and if more than {MAX_CLASSES:,} remain, the training will refuse them."
        )
    elif column.n_distinct > MANY_CLASSES:
        said.append(f"{column.n_distinct:,} classes take longer: some learners fit a tree for each of them.")
    return tuple(said)


def holds_numbers(column: Column) -> bool:
    """Tell whether regression on a column is possible.

    Parameters
    ----------
    column : Column
        The target's profile.

    Returns
    -------
    bool
        Whether its values are quantities, not names that look like numbers.
    """
    return column.stored in _NUMBERS and column.kind not in _WORDS


def _whole(column: Column) -> bool:
    """Whether the numbers are whole, as far as the profile shows."""
    ends = (column.minimum, column.maximum, *column.quantiles)
    known = [value for value in ends if isinstance(value, float)]
    return column.stored == "BIGINT" or all(value.is_integer() for value in known)
