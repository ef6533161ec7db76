"""Search in all columns as an SQL condition; the text looked for is always a bound parameter."""

import math
from typing import Any

from beanft.engine.errors import EngineError
from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.connection import quote
from beanft.engine.tables.wording import shown

MOST_COLUMNS = 200
"""Columns, from the first one on, that a search looks into: each costs a pass over its cells."""

_NUMBERS = ("BIGINT", "DOUBLE")
_WHOLE = 100  # characters; the profile cuts longer values


def containing(profile: Profile, text: str) -> tuple[str, list[Any]]:
    """Write a search as an SQL condition with its parameters.

    A row is found when a text column holds the text anywhere, large and small letters being the same, or,
    where the text is a number, when a number column holds that number.

    Parameters
    ----------
    profile : Profile
        The table's profile.
    text : str
        What is looked for, blanks at its ends left out; nothing finds every row.

    Returns
    -------
    condition : str
        SQL with one ? for each parameter; "true" without a text.
    values : list
        The parameters in order.

    Raises
    ------
    EngineError
        When no table can hold the text.

    Examples
    --------
    >>> city = Column(name="city", kind="category", stored="VARCHAR", n_missing=0, n_distinct=3)
    >>> condition, values = containing(Profile(n_rows=3, columns=(city,)), "50")
    >>> condition, values
    ('(contains("city", ?))', ['50'])
    """
    if not text.strip():
        return "true", []
    asked = sought(profile, text)
    if not asked:
        return "false", []
    written = [_found(quote(column.name), value) for column, value in asked]
    return f"({' OR '.join(condition for condition, _ in written)})", [value for _, value in written]


def sought(profile: Profile, text: str) -> list[tuple[Column, str | int | float]]:
    """List where a search looks, and for what.

    Parameters
    ----------
    profile : Profile
        The table's profile.
    text : str
        What is looked for; not empty.

    Returns
    -------
    list of (Column, str or int or float)
        Text that the column may hold anywhere, or the number that it may be.

    Raises
    ------
    EngineError
        When no table can hold the text.
    """
    text = text.strip()
    if any("\ud800" <= sign <= "\udfff" or sign == "\0" for sign in text):  # no table can hold these
        raise EngineError(f"{shown(text)} is not text, so it cannot be searched for.")
    found = [(column, _looked_for(column, text)) for column in profile.columns[:MOST_COLUMNS]]
    return [(column, value) for column, value in found if value is not None]


def _looked_for(column: Column, text: str) -> str | int | float | None:
    """What a column is asked for; None where the profile says that it cannot hold the text."""
    if column.stored == "VARCHAR":
        return text if _may_hold(column, text) else None
    number = _number(text) if column.stored in _NUMBERS else None
    if isinstance(number, float) and column.stored == "BIGINT":  # compared exactly, not as floating points
        return int(number) if number.is_integer() and -(2**63) <= number < 2**63 else None
    return number


def _may_hold(column: Column, text: str) -> bool:
    """Whether the profile leaves it open that a text column holds the text; of other letters it cannot tell.

    >>> _may_hold(Column(name="a", kind="text", stored="VARCHAR", n_missing=0, n_distinct=9), "xy")
    True
    """
    if not text.isascii():
        return True
    if column.lengths and len(text) > column.lengths[-1]:
        return False
    all_known = column.distinct_is_exact and len(column.top) == column.n_distinct
    whole = all_known and all(len(value) < _WHOLE for value, _ in column.top)
    return not whole or any(text.lower() in value.lower() for value, _ in column.top)


def _found(name: str, value: str | int | float) -> tuple[str, Any]:
    """The quickest condition that holds for the same rows."""
    if not isinstance(value, str):
        return f"{name} = ?", value
    if value.isascii() and not any(sign.isalpha() for sign in value):
        return f"contains({name}, ?)", value
    escaped = "".join(f"\\{sign}" if sign in "\\%_" else sign for sign in value)
    if escaped != value:
        return f"{name} ILIKE ? ESCAPE '\\'", f"%{escaped}%"
    return f"{name} ILIKE ?", f"%{value}%"


def _number(text: str) -> int | float | None:
    """The number that a text is; whole numbers beyond 64 bits are none that a column holds."""
    try:
        number = int(text) if text.lstrip("+-").isdigit() else float(text)
    except ValueError:
        return None
    if isinstance(number, int):
        return number if -(2**63) <= number < 2**63 else None
    return number if math.isfinite(number) else None
