"""The range of values that training saw in a column: the one rule for what lies outside of it.

The form, the API and batches all read their cells with the checker, which marks what this rule puts outside;
answers warn of just these marks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from beanft.engine.tables.wording import counted, shown

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


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


def until(column: Mapping[str, Any], *, all_rows: bool) -> datetime | None:
    """Give the last date up to which a model of rows cut by time is used as it was measured.

    Parameters
    ----------
    column : mapping
        The column as `schema.describe` gives it.
    all_rows : bool
        Whether the model has learned from the locked rows since: then it reaches as far beyond them.

    Returns
    -------
    datetime or None
        None for any other column, even another date, and any other model. Models of before told of every
        date, and only of the one that knows all rows.

    Examples
    --------
    >>> day = {"kind": "date", "maximum": "2023-06-30", "measured": "2023-12-31", "later": "2024-07-02"}
    >>> until(day, all_rows=True).year, until(day, all_rows=False).year
    (2024, 2023)
    """
    later = column.get("later") if column["kind"] == "date" else None
    measured = column.get("measured", later)
    if not later or not measured:
        return None
    return datetime.fromisoformat(later if all_rows else measured)


def ahead_of(column: Mapping[str, Any]) -> str:
    """Say how far ahead of the rows learned from errors were measured; empty where that is not known.

    Parameters
    ----------
    column : mapping
        The column as `schema.describe` gives it.

    Returns
    -------
    str

    Examples
    --------
    >>> ahead_of({"kind": "date", "maximum": "2023-06-30", "measured": "2023-12-31 00:00:00"})
    '184 days'
    >>> ahead_of({"kind": "date", "maximum": "2023-06-30"})
    ''
    """
    last, measured = column.get("maximum"), column.get("measured")
    if not last or not measured:
        return ""
    apart = datetime.fromisoformat(measured) - datetime.fromisoformat(last)
    if apart >= 2 * _DAY:
        return counted(apart // _DAY, "day")
    return counted(apart // _HOUR, "hour") if apart >= 2 * _HOUR else counted(apart.seconds // 60, "minute")


def measured_until(schema: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Say up to which date the errors of a model of rows cut by time were measured, in a sentence.

    Parameters
    ----------
    schema : sequence of mapping
        The columns as `schema.describe` gives them.

    Returns
    -------
    tuple of str
        Empty where rows were cut otherwise, and for models of before, which may tell of several dates.

    Examples
    --------
    >>> day = {"name": "day", "kind": "date", "maximum": "2023-06-30", "measured": "2023-12-31 00:00:00"}
    >>> measured_until([day])
    ('Errors were measured up to “day” 2023-12-31, at most 184 days after the rows learned from.',)
    """
    told = [one for one in schema if ahead_of(one)]
    if len(told) != 1:  # of several nobody knows which one the rows were cut by
        return ()
    name, end = told[0]["name"], in_words(datetime.fromisoformat(told[0]["measured"]))
    ahead = ahead_of(told[0])
    return (f"Errors were measured up to {shown(name)} {end}, at most {ahead} after the rows learned from.",)


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
