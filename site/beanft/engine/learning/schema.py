"""The training columns as a form and the input checker need them."""

from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from beanft.engine.learning.prepare import Feature, input_kind
from beanft.engine.plain import number
from beanft.engine.tables.columns import Column

CHOICES = 50
"""Categories offered in a form, the most frequent ones."""
_KNOWN = 20_000  # levels kept to tell unknown categories; a column with more is not checked
_PARTS = 5  # of the time of the training rows
_MOSTLY = 0.5  # share of rows without a value above which a typical row has none


def describe(
    X: pd.DataFrame, features: tuple[Feature, ...], columns: dict[str, Column], cut_by: str = ""
) -> list[dict[str, Any]]:
    """Describe the columns that a model was trained on.

    Parameters
    ----------
    X : DataFrame of shape (n_rows, n_features)
        The rows it was trained on.
    features : tuple of Feature
        The columns that take part, in order.
    columns : dict of str to Column
        The profile's columns by name.
    cut_by : str
        The column that rows were cut by in time; empty where they were cut otherwise.

    Returns
    -------
    list of dict
        For each column, as plain JSON: name; kind (number, category, boolean, date, text); minimum, maximum
        and median (ISO text for dates); choices, most frequent first, and n_choices; known (all levels, or
        None when any text is fine); later (until when later dates are no surprise, see
        `checking.ranges.range_of`, or None) and measured (the last date on which errors were measured, for
        the column that rows were cut by, else None); example, a real value; missing (whether training rows
        lacked it) and mostly_missing (whether more than half of them did); stored, format, unit, spellings
        and labels (words for false and true) as in the profile.
    """
    return [
        _described(X[feature.name], feature, columns[feature.name], is_cut=feature.name == cut_by)
        for feature in features
    ]


def brief(schema: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give the schema without the full lists of levels: enough for a form, small enough for a database.

    Parameters
    ----------
    schema : list of dict
        As `describe` gives it; it is not changed.

    Returns
    -------
    list of dict
        The same columns without `known`.

    Examples
    --------
    >>> brief([{"name": "colour", "known": ["red", "green"]}])
    [{'name': 'colour'}]
    """
    return [{key: value for key, value in column.items() if key != "known"} for column in schema]


def _described(values: pd.Series, feature: Feature, column: Column, *, is_cut: bool) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "name": feature.name,
        "kind": input_kind(column),
        "minimum": None,
        "maximum": None,
        "median": None,
        "choices": [],
        "n_choices": 0,
        "known": None,
        "later": None,
        "measured": None,
        "example": None,
        "missing": bool(values.isna().any()),
        "mostly_missing": bool(values.isna().mean() > _MOSTLY),
        "stored": column.stored,
        "format": column.format,
        "unit": column.unit,
        "spellings": None if column.spellings is None else list(column.spellings),
        "labels": list(column.labels),
    }
    known = values.dropna()
    if len(known) == 0:
        return facts
    if facts["kind"] == "number":
        return facts | _numbers(known.to_numpy(dtype=float))
    if facts["kind"] == "date":
        facts |= _dates(known)
        return facts | _later(facts, column, is_cut=is_cut) if feature.cyclic else facts
    return facts | _levels(known, free=feature.role == "text")


def _numbers(values: np.ndarray) -> dict[str, Any]:
    values = np.sort(values[np.isfinite(values)])
    if len(values) == 0:
        return {}
    return {
        "minimum": number(values[0]),
        "maximum": number(values[-1]),
        "median": number(float(np.median(values))),
        "example": number(values[(len(values) - 1) // 2]),
    }


def _dates(values: pd.Series) -> dict[str, Any]:
    ordered = values.sort_values()
    hours = bool((ordered != ordered.dt.normalize()).any())
    first, middle, last = (
        moment.isoformat(sep=" ") if hours else moment.date().isoformat()
        for moment in (ordered.iloc[0], ordered.iloc[(len(ordered) - 1) // 2], ordered.iloc[-1])
    )
    return {"minimum": first, "maximum": last, "median": middle, "example": middle}


def _later(facts: dict[str, Any], column: Column, *, is_cut: bool) -> dict[str, str]:
    """Until when a model of rows cut by time was measured, reckoned from the end of the table.

    It was measured on the locked rows, which reach beyond those that it learned from. As far beyond the
    table's last date, when it learned from all rows, it is used as it was measured. Where none were locked,
    parts of the training rows were later than those learned from: about a fifth of their time.
    Another date, such as that of a birth, may run on or not: its range grows by what the locked rows show.
    """
    first, last = (datetime.fromisoformat(facts[end]) for end in ("minimum", "maximum"))
    latest = max(last, datetime.fromisoformat(str(column.maximum or last)))
    reach = latest - last
    if not is_cut:
        return {"later": str(latest + min(reach, datetime.max - latest))} if reach else {}
    reach = reach or (last - first) / _PARTS
    measured = last + min(reach, datetime.max - last)
    return {"later": str(latest + min(reach, datetime.max - latest)), "measured": str(measured)}


def _levels(values: pd.Series, *, free: bool) -> dict[str, Any]:
    counts = values.astype(str).value_counts()
    levels = sorted(counts.index, key=lambda level: (-counts[level], level))
    if free:
        return {"example": levels[0]}
    return {
        "choices": levels[:CHOICES],
        "n_choices": len(levels),
        "known": levels if len(levels) <= _KNOWN else None,
        "example": levels[0],
    }
