"""A target made ready for learning: codes or numbers, and whether anything can be learned from it at all."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from beanft.engine.errors import EngineError
from beanft.engine.learning.truth_words import in_owner_words

TASKS = ("classification", "regression")
"""The two tasks."""

MIN_ROWS = 20  # with fewer, a hold-out of 20 % has less than four rows and no score means anything
MIN_CLASS_ROWS = 5  # one for the hold-out, four for the folds
MAX_CLASSES = 1_000  # more is a text or an identifier; each class costs a column of every prediction
MANY_CLASSES = 30  # from here on, learners that fit one tree for each class become slow
LEAST_LEFT = 0.5  # of the rows; words that are nearly numbers teach too little with less
MOST_LISTED = 5
_DENIAL = re.compile(
    r"(no|not|non|without|never|kein|keine|nicht|ohne|pas de|pas|sans|sin|sem|senza)[\s_-]+(?P<what>.+)", re.I
)


@dataclass(frozen=True, kw_only=True)
class Target:
    """A target made ready for learning."""

    rows: np.ndarray
    """Positions of the rows that take part, ascending, of shape (n_kept,)."""
    y: np.ndarray
    """Class codes 0..n_classes-1 (integers) or numbers (floats), of shape (n_kept,)."""
    labels: tuple[str, ...]
    """The classes in the order of their codes; empty for regression."""
    notes: tuple[str, ...]
    """Rows and classes that were left out, one plain sentence each."""


def check_target(y: pd.Series, kind: str, task: str, words: Sequence[str] = ()) -> Target:
    """Make a target ready for learning, or say why nothing can be learned from it.

    Parameters
    ----------
    y : Series of shape (n_rows,)
        The target; rows without a value are left out and counted in a note.
    kind : str
        The kind of its column.
    task : str
        One of TASKS.
    words : sequence of str
        The owner's words for false and true, by which such classes are called; none for other kinds.

    Returns
    -------
    Target
        Rows, codes or numbers, labels and notes.

    Raises
    ------
    EngineError
        The target is missing, constant, too small, has too many classes or is not a number for regression.
    """
    name = str(y.name)
    if task not in TASKS:
        raise EngineError(f"There is no task “{task}”. Choose classification or regression.")
    if kind == "date":
        raise EngineError(
            f"“{name}” is a date, and dates cannot be forecast. Choose a number or a category as the target."
        )
    rows = np.flatnonzero(_present(y))
    notes = _missing_note(name, len(y), len(rows))
    target = _numbers(y, rows, name, notes) if task == "regression" else _classes(y, rows, name, notes, words)
    if len(target.rows) < MIN_ROWS:
        raise EngineError(
            f"Only {len(target.rows)} rows have a usable value of “{name}”; at least {MIN_ROWS} are needed. "
            "Bring more rows or choose another target."
        )
    return target


def put_last(target: Target, positive: str) -> Target:
    """Make a class the last of two, which is the one that precision, recall and F1 are about.

    Parameters
    ----------
    target : Target
        Ready for learning.
    positive : str
        The class; empty for the usual one.

    Returns
    -------
    Target
        With its codes turned round where needed.

    Raises
    ------
    EngineError
        There are more classes than two, or no such class.

    Examples
    --------
    >>> both = Target(rows=np.arange(3), y=np.array([0, 1, 1]), labels=("ill", "well"), notes=())
    >>> put_last(both, "ill").labels, put_last(both, "ill").y.tolist()
    (('well', 'ill'), [1, 0, 0])
    """
    positive = positive or usual_positive(target.labels)
    if not positive or target.labels[-1:] == (positive,):
        return target
    if len(target.labels) != 2 or positive not in target.labels:
        known = " or ".join(f"“{label}”" for label in target.labels)
        advice = f"Choose {known}." if len(target.labels) == 2 else "It is chosen among two classes only."
        raise EngineError(f"“{positive}” cannot be the class to be found. {advice}")
    return replace(target, y=1 - target.y, labels=target.labels[::-1])


def usual_positive(labels: Sequence[str]) -> str:
    """Tell which of two classes precision, recall and F1 are about where nobody chose.

    Parameters
    ----------
    labels : sequence of str
        Names of the classes in the order of the alphabet.

    Returns
    -------
    str
        The last, unless its name says no to the first; empty where there are not two.

    Examples
    --------
    >>> usual_positive(["no", "yes"]), usual_positive(["event", "no event"]), usual_positive(["a", "b", "c"])
    ('yes', 'event', '')
    """
    if len(labels) != 2:
        return ""
    first, last = labels
    denial = _DENIAL.fullmatch(last)
    return first if denial and denial["what"].casefold() == first.casefold() else last


def keep_once(target: Target, X: pd.DataFrame) -> Target:
    """Leave out rows that repeat an earlier one in every feature and the target.

    Parameters
    ----------
    target : Target
        Ready for learning.
    X : DataFrame of shape (n_rows, n_features)
        The features of all rows of the table.

    Returns
    -------
    Target
        With the first of each set of equal rows, and a note on how many were left out.

    Raises
    ------
    EngineError
        Too few rows are left, or too few of a class.

    Examples
    --------
    >>> twice = Target(rows=np.arange(40), y=np.arange(40.0) // 2, labels=(), notes=())
    >>> keep_once(twice, pd.DataFrame({"a": [1] * 40})).rows.tolist()[:3]
    [0, 2, 4]
    """
    both = X.iloc[target.rows].assign(**{_free_name(X): target.y})
    first = ~both.duplicated().to_numpy()
    n_left_out = int((~first).sum())
    rarest = np.bincount(target.y[first]).min() if target.labels else MIN_CLASS_ROWS
    if first.sum() < MIN_ROWS or rarest < MIN_CLASS_ROWS:
        raise EngineError(
            f"Without the {n_left_out:,} rows that repeat another one, too few are left to learn from. "
            "Let repeated rows take part, or bring more rows."
        )
    note = f"{n_left_out:,} rows repeat another one in every feature and the target, and took no part."
    return replace(
        target,
        rows=target.rows[first],
        y=target.y[first],
        notes=(*target.notes, *([note] if n_left_out else [])),
    )


def _free_name(X: pd.DataFrame) -> str:
    return "target" + "_" * (1 + max((len(str(name)) for name in X.columns), default=0))


def label_of(value: Any) -> str:
    """Write a class as text; whole numbers without a decimal point.

    Parameters
    ----------
    value : object
        As the table holds it.

    Returns
    -------
    str
        How the class is called everywhere.

    Examples
    --------
    >>> label_of(2.0), label_of(2.5), label_of("x")
    ('2', '2.5', 'x')
    """
    if isinstance(value, (float, np.floating)):
        return str(int(value)) if value == round(value) else repr(float(value))
    return str(value)


def _present(y: pd.Series) -> np.ndarray:
    """Mark the rows with a value; infinities count as missing."""
    present: np.ndarray = y.notna().to_numpy()
    if pd.api.types.is_float_dtype(y):
        present = present & np.isfinite(y.to_numpy(dtype=float))
    return present


def _missing_note(name: str, n_rows: int, n_present: int) -> tuple[str, ...]:
    if n_present == 0:
        raise EngineError(f"“{name}” has no value in any row. Choose another target.")
    n_missing = n_rows - n_present
    if n_missing == 0:
        return ()
    rows = "1 row has" if n_missing == 1 else f"{n_missing:,} rows have"
    return (f"{rows} no value of “{name}” and took no part.",)


def _numbers(y: pd.Series, rows: np.ndarray, name: str, notes: tuple[str, ...]) -> Target:
    if not pd.api.types.is_numeric_dtype(y):
        raise EngineError(
            f"Regression needs a target of numbers, and “{name}” holds words. "
            "Choose classification, or another target."
        )
    values = y.to_numpy(dtype=float)[rows]
    if values.min() == values.max():
        raise EngineError(_constant(name, label_of(values[0])))
    if np.abs(values).max() > 1e100:  # squares of larger numbers overflow
        raise EngineError(f"“{name}” holds numbers beyond 1e100. Correct them or choose another target.")
    return Target(rows=rows, y=values, labels=(), notes=notes)


def _classes(
    y: pd.Series, rows: np.ndarray, name: str, notes: tuple[str, ...], words: Sequence[str]
) -> Target:
    codes, values = pd.factorize(y.iloc[rows], sort=True)
    counts = np.bincount(codes, minlength=len(values))
    labels = [in_owner_words(label_of(value), words) for value in values]
    if len(labels) == 1:
        raise EngineError(_constant(name, labels[0]))
    kept = counts >= MIN_CLASS_ROWS
    _refuse_numbers_as_words(name, values, int(counts[kept].sum()), len(rows))
    if kept.sum() > MAX_CLASSES:
        raise EngineError(
            f"“{name}” holds {len(labels):,} different values, more than the {MAX_CLASSES:,} classes "
            "that can be learned. Choose regression if it is a number, merge rare values, "
            "or choose another target."
        )
    if kept.sum() < 2:
        instead = "choose regression if it is a number, " if pd.api.types.is_numeric_dtype(y) else ""
        raise EngineError(
            f"“{name}” holds {len(labels):,} different values in {len(rows):,} rows, and fewer than two of "
            f"them have {MIN_CLASS_ROWS} rows or more. Bring more rows, merge rare classes, {instead}"
            "or choose another target."
        )
    if not kept.all():
        notes += (_rare_note(name, [labels[i] for i in np.flatnonzero(~kept)], int(counts[~kept].sum())),)
    mask = kept[codes]
    new_code = np.cumsum(kept) - 1
    return Target(
        rows=rows[mask],
        y=new_code[codes[mask]],
        labels=tuple(label for label, keep in zip(labels, kept, strict=True) if keep),
        notes=notes,
    )


def _refuse_numbers_as_words(name: str, values: pd.Index, n_left: int, n_rows: int) -> None:
    """Refuse words most of which are numbers, where hardly a class is large enough to be learned."""
    if len(values) <= MANY_CLASSES or n_left >= LEAST_LEFT * n_rows or values.inferred_type != "string":
        return
    if pd.to_numeric(pd.Series(values), errors="coerce").notna().mean() <= LEAST_LEFT:
        return
    rows = "1 row" if n_left == 1 else f"{n_left:,} rows"
    raise EngineError(
        f"“{name}” looks like numbers; read it as number on the page of its columns. As words it is "
        f"{len(values):,} classes, and only {rows} of {n_rows:,} would be left to learn from."
    )


def _constant(name: str, value: str) -> str:
    return f"“{name}” is “{value}” in every row, so there is nothing to learn. Choose another target."


def _rare_note(name: str, rare: list[str], n_rows: int) -> str:
    listed = ", ".join(f"“{label}”" for label in rare[:MOST_LISTED])
    more = f" and {len(rare) - MOST_LISTED} more" if len(rare) > MOST_LISTED else ""
    classes = "1 class" if len(rare) == 1 else f"{len(rare)} classes"
    have = "has" if len(rare) == 1 else "have"
    were = "1 row was" if n_rows == 1 else f"{n_rows} rows were"
    return (
        f"{classes} of “{name}” {have} fewer than {MIN_CLASS_ROWS} rows ({listed}{more}): {were} left out, "
        "and no model will ever predict them."
    )
