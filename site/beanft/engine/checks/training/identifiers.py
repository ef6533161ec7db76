"""Finds features that name the row instead of describing it."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from beanft.engine.checks.training.asked import Asked
from beanft.engine.checks.training.coding import as_numbers
from beanft.engine.checks.training.scores import score_title, skill
from beanft.engine.checks.training.unlooked import ROWS, NotLookedError
from beanft.engine.findings import Finding
from beanft.engine.tables.wording import shown

_FEWEST_ROWS = 50
_NEARLY_ALL = 0.95  # of the values differ
_DENSE = 2.0  # values in the range of a counter, for each row
_TELLS = 0.2  # skill: then the numbering knows the target, as in a file that is sorted by it
_LONGEST = 64


def find(asked: Asked) -> Iterator[Finding]:
    """Look for counters and for words that differ in every row.

    Parameters
    ----------
    asked : Asked
        The question.

    Yields
    ------
    Finding
        A note, or a warning where such a column tells the target.

    Raises
    ------
    NotLookedError
        Rows are too few to tell.
    """
    if len(asked.train) < _FEWEST_ROWS:
        raise NotLookedError(ROWS)
    for name in map(str, asked.X):
        values = asked.dev[name].dropna()
        if len(values) >= _FEWEST_ROWS and (_counts(values) or _names(values)):
            yield _finding(asked, name, values.nunique() / len(values))


def _finding(asked: Asked, name: str, share: float) -> Finding:
    value = asked.alone.get(name, 0.0)
    tells = skill(value, asked.n_classes) >= _TELLS
    knows = f", yet it tells {shown(asked.target)} with {score_title(asked.n_classes)} {value:.3f}"
    return Finding(
        code="identifier-feature",
        severity="warning" if tells else "note",
        columns=(name,),
        sentence=(
            f"{shown(name)} seems to number or name the rows: {100 * share:.3g} % of its values are "
            f"different{knows if tells else ''}."
        ),
        figure=share,
        remedy="A new row has a number that was never seen, so what is learned from it does not last. "
        "Train without it.",
    )


def _counts(values: pd.Series) -> bool:
    """Whole numbers, each once, in a range hardly wider than there are rows."""
    if not pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
        return False
    numbers = as_numbers(values)
    numbers = numbers[~np.isnan(numbers)]
    if len(numbers) < _FEWEST_ROWS or (numbers % 1).any():
        return False
    width = numbers.max() - numbers.min() + 1
    return bool(len(np.unique(numbers)) == len(numbers) and width <= _DENSE * len(numbers))


def _names(values: pd.Series) -> bool:
    """Single words that nearly all differ."""
    if pd.api.types.is_numeric_dtype(values) or pd.api.types.is_datetime64_any_dtype(values):
        return False
    if values.nunique() < _NEARLY_ALL * len(values):
        return False
    texts = values.iloc[:_FEWEST_ROWS].astype("str")
    return bool((texts.str.len() <= _LONGEST).all() and not texts.str.strip().str.contains(r"\s").any())
