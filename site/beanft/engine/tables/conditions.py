"""Filters as SQL conditions: each operator is a constant of ours, each value a bound parameter."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from beanft.engine.errors import EngineError
from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.connection import quote
from beanft.engine.tables.wording import listed, shown

_MISSING = {"is-missing": "is missing", "is-not-missing": "is not missing"}
_EQUAL = {"equals": "is", "not-equals": "is not"}
_TEXT = {**_EQUAL, "contains": "contains", "starts-with": "starts with", **_MISSING}
OPERATORS: dict[str, dict[str, str]] = {
    "number": {
        **_EQUAL,
        "at-least": "at least",
        "at-most": "at most",
        "more-than": "more than",
        "less-than": "less than",
        **_MISSING,
    },
    "date": {**_EQUAL, "at-least": "on or after", "at-most": "on or before", **_MISSING},
    "boolean": {**_EQUAL, **_MISSING},
    "category": _TEXT,
    "text": _TEXT,
    "identifier": _TEXT,
    "constant": _TEXT,
}
"""The operators of each kind and their labels; nothing else is ever put into a statement."""

_COMPARED = {
    "equals": "IS NOT DISTINCT FROM",
    "not-equals": "IS DISTINCT FROM",
    "at-least": ">=",
    "at-most": "<=",
    "more-than": ">",
    "less-than": "<",
}


@dataclass(frozen=True)
class Filter:
    """One condition on the rows."""

    column: str
    """Name of the column."""
    operator: str
    """A key of OPERATORS for the column's kind."""
    value: Any = None
    """What is compared with, as text or as a plain value; nothing for is-missing and is-not-missing."""


def where(profile: Profile, filters: Sequence[Filter]) -> tuple[str, list[Any]]:
    """Write filters as an SQL condition with its parameters.

    Parameters
    ----------
    profile : Profile
        The table's profile.
    filters : sequence of Filter
        Conditions that must all hold.

    Returns
    -------
    condition : str
        SQL with one ? for each parameter; "true" without filters.
    values : list
        The parameters in order.

    Raises
    ------
    EngineError
        When a column or operator is unknown, or a value does not fit the kind.

    Examples
    --------
    >>> age = Column(name="age", kind="number", stored="BIGINT", n_missing=0, n_distinct=3)
    >>> where(Profile(n_rows=3, columns=(age,)), [Filter("age", "at-least", "18")])
    ('("age" >= ?)', [18])
    """
    conditions, values = [], []
    for one in filters:
        column = column_of(profile, one.column)
        if one.operator not in OPERATORS[column.kind]:
            raise EngineError(
                f"{shown(_label(one.operator))} is no question for {shown(column.name)}, "
                f"which is a {column.kind} column. "
                f"Choose one of: {', '.join(OPERATORS[column.kind].values())}."
            )
        condition, parameters = _condition(column, one)
        conditions.append(f"({condition})")
        values += parameters
    return " AND ".join(conditions) or "true", values


def column_of(profile: Profile, name: str) -> Column:
    """Find a column, or say which ones there are.

    Parameters
    ----------
    profile : Profile
        The table's profile.
    name : str
        What was asked for.

    Returns
    -------
    Column
        The column of that name.

    Raises
    ------
    EngineError
        When there is none.
    """
    try:
        return profile.column(name)
    except KeyError:
        known = listed(tuple(column.name for column in profile.columns))
        raise EngineError(f"The table has no column {shown(str(name))}. Its columns are {known}.") from None


def _label(operator: str) -> str:
    """The words of an operator of any kind, as the form shows them; else what was asked for."""
    return next((labels[operator] for labels in OPERATORS.values() if operator in labels), str(operator))


def _condition(column: Column, one: Filter) -> tuple[str, list[Any]]:
    """SQL of one filter whose operator is known to fit."""
    name = quote(column.name)
    if one.operator in _MISSING:
        return f"{name} IS {'NOT ' if one.operator == 'is-not-missing' else ''}NULL", []
    if column.kind == "number":
        return f"{name} {_COMPARED[one.operator]} ?", [_number(column, one)]
    if column.kind == "boolean":
        return f"{name} {_COMPARED[one.operator]} ?", [_truth(column, one)]
    if column.kind == "date":
        return _date_condition(column, one)
    return _text_condition(column, one)


def _text_condition(column: Column, one: Filter) -> tuple[str, list[Any]]:
    name, text = f"{quote(column.name)}::VARCHAR", "" if one.value is None else str(one.value)
    if any("\ud800" <= sign <= "\udfff" for sign in text):  # half a character: no table can hold it
        raise _unfit(column, one, "text")
    if one.operator in _EQUAL:
        return f"{name} {_COMPARED[one.operator]} ?", [text]
    escaped = "".join(f"\\{sign}" if sign in "\\%_" else sign for sign in text)
    start = "" if one.operator == "starts-with" else "%"
    return f"{name} ILIKE ? ESCAPE '\\'", [f"{start}{escaped}%"]


def _date_condition(column: Column, one: Filter) -> tuple[str, list[Any]]:
    """A day means all its hours, also in a column of times."""
    name, moment = f"{quote(column.name)}::TIMESTAMP", _moment(column, one)
    length = "1 MICROSECOND"
    if not isinstance(moment, datetime):
        moment, length = datetime(moment.year, moment.month, moment.day), "1 DAY"
    end = f"(?::TIMESTAMP + INTERVAL {length})"  # by the engine: Python's calendar ends with the year 9999
    return {
        "equals": (f"{name} >= ? AND {name} < {end}", [moment, moment]),
        "not-equals": (f"{name} IS NULL OR {name} < ? OR {name} >= {end}", [moment, moment]),
        "at-least": (f"{name} >= ?", [moment]),
        "at-most": (f"{name} < {end}", [moment]),
    }[one.operator]


def _number(column: Column, one: Filter) -> int | float:
    text = str(one.value).strip()
    number: int | float
    try:
        number = int(text) if column.stored == "BIGINT" and text.lstrip("+-").isdigit() else float(text)
        if isinstance(number, int) and not -(2**63) <= number < 2**63:
            number = float(number)
    except (ValueError, OverflowError):
        raise _unfit(column, one, "a number") from None
    if not math.isfinite(number):
        raise _unfit(column, one, "a number")
    return number


def _truth(column: Column, one: Filter) -> bool:
    known = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    text = str(one.value).strip().lower()
    if text not in known:
        raise _unfit(column, one, "true or false")
    return known[text]


def _moment(column: Column, one: Filter) -> date:
    if isinstance(one.value, date):
        moment = one.value
    else:
        text = str(one.value).strip()
        parse: Callable[[str], date] = date.fromisoformat if len(text) <= 10 else datetime.fromisoformat
        try:
            moment = parse(text)
        except ValueError:
            raise _unfit(column, one, "a date such as 2024-12-31") from None
    return moment.replace(tzinfo=None) if isinstance(moment, datetime) else moment


def _unfit(column: Column, one: Filter, what: str) -> EngineError:
    value = "" if one.value is None else str(one.value)
    label = OPERATORS[column.kind][one.operator]
    question = shown(f"{column.name[:60]} {label} {value[:60]}", 200)
    return EngineError(f"{shown(value)} is not {what}, so {question} cannot be answered.")
