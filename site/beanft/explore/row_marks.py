"""Highlights of cells: missing values, outliers, or how large a number is within its column."""

import math
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from beanft.engine.tables.columns import Column

MARKS = {"missing": "Missing values", "outliers": "Outliers", "heat": "Heat: small to large"}
"""What can be highlighted, and its words in the form."""

HEAT_STEPS = ("lowest 5 %", "5 % to 25 %", "middle half", "75 % to 95 %", "highest 5 %")
"""The five shades of heat in words, from faint to strong, by the quantiles of the column."""


@dataclass(frozen=True, kw_only=True)
class Mark:
    """How a cell is highlighted; never by colour alone."""

    css: str
    """Class of the cell."""
    title: str
    """What the highlight says, in words."""
    sign: str = ""
    """Sign before the value."""


_MISSING = Mark(css="is-missing", title="Missing")
_HEAT = tuple(
    Mark(css=f"heat-{step}", title=f"Among the {words}") for step, words in enumerate(HEAT_STEPS, start=1)
)


def marker(mark: str) -> Callable[[Any, Column], Mark | None]:
    """The function that says how a cell is highlighted, for a key of MARKS; else one that marks none."""
    return {"missing": _missing, "outliers": _outlier, "heat": _heat}.get(mark, _nothing)


def _nothing(_value: Any, _column: Column) -> Mark | None:
    return None


def _missing(value: Any, _column: Column) -> Mark | None:
    return _MISSING if value is None else None


def _outlier(value: Any, column: Column) -> Mark | None:
    if not _is_number(value, column):
        return None
    if math.isinf(value):
        return Mark(css="is-outlier", title="Infinite", sign="!")
    if len(column.fences) != 2 or column.fences[0] <= value <= column.fences[1]:
        return None
    low, high = column.fences
    if value > high:
        return Mark(css="is-outlier", title=f"An outlier: above {high:,.6g}", sign="▲")
    return Mark(css="is-outlier", title=f"An outlier: below {low:,.6g}", sign="▼")


def _heat(value: Any, column: Column) -> Mark | None:
    """A shade by the 5 %, 25 %, 75 % and 95 % quantiles; a column of one value has none."""
    if not _is_number(value, column) or len(column.quantiles) != 5:
        return None
    lowest, low, _middle, high, highest = column.quantiles
    if lowest == highest:
        return None
    if value < lowest:
        return _HEAT[0]
    return _HEAT[bisect_left((low, high, highest), value) + 1]


def _is_number(value: Any, column: Column) -> bool:
    return column.kind == "number" and isinstance(value, (int, float)) and not isinstance(value, bool)
