"""Filters as SQL conditions: each operator is a constant of ours, each value a bound parameter."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from beanft.engine.errors import EngineError
from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.connection import quote
from beanft.engine.tables.queries.predicates import Predicate, family_of, predicates
from beanft.engine.tables.wording import listed, shown

_MISSING = {"is-missing": "is missing", "is-not-missing": "is not missing"}
_EQUAL = {"equals": "is", "not-equals": "is not"}
_TEXT = {
    **_EQUAL,
    "contains": "contains",
    "not-contains": "does not contain",
    "starts-with": "starts with",
    "ends-with": "ends with",
    "one-of": "is one of",
    "none-of": "is none of",
    "longer-than": "is longer than (characters)",
    "is-no-number": "is no number",
    "is-no-date": "is no date",
    **_MISSING,
}
_NUMBER = {
    **_EQUAL,
    "at-least": "at least",
    "at-most": "at most",
    "more-than": "more than",
    "less-than": "less than",
    "between": "between",
    "one-of": "is one of",
    "is-outlier": "is an outlier",
    "is-infinite": "is infinite",
    **_MISSING,
}
_DATE = {
    **_EQUAL,
    "at-least": "on or after",
    "at-most": "on or before",
    "between": "between",
    "in-year": "in the year",
    "in-month": "in the month",
    "on-weekday": "on the weekday",
    **_MISSING,
}
OPERATORS: dict[str, dict[str, str]] = {
    "number": _NUMBER,
    "date": _DATE,
    "boolean": {**_EQUAL, **_MISSING},
    "category": _TEXT,
    "text": _TEXT,
    "identifier": _TEXT,
    "constant": _TEXT,
}
"""The operators of each kind and their labels; nothing else is ever put into a statement.

A constant column takes those of what it holds (see `operators_of`).
"""

FILTERS_MOST = 20
"""Most filters of one question; each costs time on every row."""

NEEDLESS = ("is-missing", "is-not-missing", "is-outlier", "is-infinite", "is-no-number", "is-no-date")
"""Operators that compare with nothing."""

_SQL = {
    "ever": "true",
    "never": "false",
    "missing": "{name} IS NULL",
    "present": "{name} IS NOT NULL",
    "equal": "{name} IS NOT DISTINCT FROM ?",
    "unequal": "{name} IS DISTINCT FROM ?",
    "at-least": "{name} >= ?",
    "at-most": "{name} <= ?",
    "more": "{name} > ?",
    "less": "{name} < ?",
    "outside": "{name} IS NULL OR {name} < ? OR {name} > ?",
    "beyond": "{name} < ? OR {name} > ?",
    "outlier": "isfinite({name}) AND ({name} < ? OR {name} > ?)",
    "infinite": "isinf({name})",
    "contains": "{name} ILIKE ? ESCAPE '\\'",
    "lacks": "{name} IS NULL OR {name} NOT ILIKE ? ESCAPE '\\'",
    "starts": "{name} ILIKE ? ESCAPE '\\'",
    "ends": "{name} ILIKE ? ESCAPE '\\'",
    "longer": "length({name}) > ?",
    "unlike": "NOT regexp_matches({name}, ?)",
    "year": "year({name}) = ?",
    "month": "month({name}) = ?",
    "weekday": "isodow({name}) = ?",
}
_LIKE = {"contains": "%{text}%", "lacks": "%{text}%", "starts": "{text}%", "ends": "%{text}"}
_CAST = {"text": "{name}::VARCHAR", "date": "{name}::TIMESTAMP"}


@dataclass(frozen=True)
class Filter:
    """One condition on the rows."""

    column: str
    """Name of the column."""
    operator: str
    """A key of OPERATORS for the column's kind."""
    value: Any = None
    """What is compared with, as text or as a plain value; nothing for the operators of NEEDLESS."""


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
        When a column or operator is unknown, a value does not fit the kind, or there are too many.

    Examples
    --------
    >>> age = Column(name="age", kind="number", stored="BIGINT", n_missing=0, n_distinct=3)
    >>> where(Profile(n_rows=3, columns=(age,)), [Filter("age", "at-least", "18")])
    ('("age" >= ?)', [18])
    """
    conditions, values = [], []
    for one in asked(profile, filters):
        condition, parameters = _condition(one)
        conditions.append(f"({condition})")
        values += parameters
    return " AND ".join(conditions) or "true", values


def asked(profile: Profile, filters: Sequence[Filter]) -> tuple[Predicate, ...]:
    """Read filters as plain questions with values of the columns' own types.

    Parameters
    ----------
    profile : Profile
        The table's profile.
    filters : sequence of Filter
        Conditions that must all hold.

    Returns
    -------
    tuple of Predicate
        Questions that must all be answered with yes.

    Raises
    ------
    EngineError
        When a column or operator is unknown, or a value does not fit the kind.
    """
    if len(filters) > FILTERS_MOST:
        raise EngineError(f"{len(filters)} filters are too many; at most {FILTERS_MOST} can hold at once.")
    found: list[Predicate] = []
    for one in filters:
        column = column_of(profile, one.column)
        operators = operators_of(column)
        if one.operator not in operators:
            raise EngineError(
                f"{shown(_label(one.operator))} is no question for {shown(column.name)}, "
                f"which is {'an' if column.kind == 'identifier' else 'a'} {column.kind} column. "
                f"Choose one of: {', '.join(operators.values())}."
            )
        found += predicates(column, one.operator, one.value, operators[one.operator])
    return tuple(found)


def operators_of(column: Column) -> dict[str, str]:
    """List the operators that a column can be asked with.

    Parameters
    ----------
    column : Column
        Any column.

    Returns
    -------
    dict of str to str
        Keys and labels; those of its kind, for a constant those of what it holds.
    """
    family = family_of(column)
    return OPERATORS[column.kind if family == "text" else family]


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


def _condition(one: Predicate) -> tuple[str, list[Any]]:
    """SQL of one plain question; the template is ours, the name is quoted, the values are bound."""
    name = quote(one.column.name)
    if one.name not in ("missing", "present"):  # which ask what is stored, whatever it is compared as
        name = _CAST.get(family_of(one.column), "{name}").replace("{name}", name)
    if one.name in ("in", "not-in"):
        return _membership(name, one)
    values = list(one.values)
    if one.name in _LIKE:
        values = [_LIKE[one.name].replace("{text}", _escaped(one.values[0]))]
    return _SQL[one.name].replace("{name}", name), values


def _membership(name: str, one: Predicate) -> tuple[str, list[Any]]:
    """A chain of comparisons: a long IN becomes a join, which forgets the order of rows (duckdb #24398)."""
    values = list(one.values)
    if one.name == "in":
        return " OR ".join([f"{name} = ?"] * len(values)), values
    different = " AND ".join([f"{name} <> ?"] * len(values))
    return f"{name} IS NULL OR ({different})", values


def _escaped(text: str) -> str:
    return "".join(f"\\{sign}" if sign in "\\%_" else sign for sign in text)
