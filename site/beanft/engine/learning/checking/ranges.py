"""The range of values that training saw in a column: the one rule for what lies outside of it.

The form, the API and batches all read their cells with the checker, which marks what this rule puts outside;
answers warn of just these marks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Range:
    """The values of a column that are no surprise."""

    low: Any
    """The least: float or datetime."""
    high: Any
    """The largest."""
    words: str
    """What training saw, for a sentence: 18 to 90."""


def range_of(column: Mapping[str, Any]) -> Range | None:
    """Give the range of a training column.

    A model of rows that were cut by time was measured on rows later than those that it learned from, so later
    dates are what it is for, as far as it was measured (`later`). Any other model was measured on rows from
    within its range, and a later date is as far outside as an earlier one.

    Parameters
    ----------
    column : mapping
        The column as `schema.describe` gives it.

    Returns
    -------
    Range or None
        None where training saw no range: in texts and categories, and in a column without values.

    Examples
    --------
    >>> day = {"kind": "date", "minimum": "2022-01-01 00:00:00", "maximum": "2022-12-31 23:00:00"}
    >>> range_of(day).words
    '2022-01-01 to 2022-12-31 23:00:00'
    >>> range_of(day | {"later": "2023-03-31 23:00:00"}).high.year
    2023
    """
    low, high = column.get("minimum"), column.get("maximum")
    if column["kind"] not in ("number", "date") or low is None or high is None:
        return None
    if column["kind"] == "number":
        return Range(low=low, high=high, words=f"{in_words(low)} to {in_words(high)}")
    later = column.get("later")  # models of before have none
    first, last = datetime.fromisoformat(low), datetime.fromisoformat(high)
    words = f"{in_words(first)} to {in_words(last)}"
    return Range(low=first, high=max(last, datetime.fromisoformat(later)) if later else last, words=words)


def in_words(value: float | datetime) -> str:
    """Write a number or a date for a sentence, midnight as the day alone.

    Parameters
    ----------
    value : float or datetime
        One value.

    Returns
    -------
    str

    Examples
    --------
    >>> in_words(1_700.0), in_words(datetime(2022, 1, 1)), in_words(datetime(2022, 1, 1, 23))
    ('1700', '2022-01-01', '2022-01-01 23:00:00')
    """
    if isinstance(value, datetime):
        return str(value).removesuffix(" 00:00:00")
    return f"{value:.15g}"
