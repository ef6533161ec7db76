"""Finds columns whose cells can be read in more than one way."""

from collections.abc import Iterator
from datetime import date

from beanft.engine.checks.table import Table
from beanft.engine.findings import Finding
from beanft.engine.tables.columns import Column
from beanft.engine.tables.connection import quote
from beanft.engine.tables.kinds.guess import PLAIN
from beanft.engine.tables.kinds.numbers import DECIMAL_COMMA, THOUSANDS_COMMA
from beanft.engine.tables.queries.predicates import MONTHS
from beanft.engine.tables.wording import shown

_NUMBERS = {
    "": "a decimal point (1234.5)",
    THOUSANDS_COMMA: "a comma between thousands (1,234.5)",
    DECIMAL_COMMA: "a decimal comma (1.234,5)",
}
_LETTERS = {"%d": "day", "%m": "month", "%Y": "year", "%y": "year", "%b": "month", "%B": "month"}


def find(table: Table) -> Iterator[Finding]:
    """Name each column of which all cells fit another form as well.

    Parameters
    ----------
    table : Table
        The table to look at.

    Yields
    ------
    Finding
        What was found.
    """
    for column in table.profile.columns:
        if not column.other_formats:
            continue
        if column.kind == "date":
            one, other = _order(column.format), _order(column.other_formats[0])
            sentence = (
                f"The dates of {shown(column.name)} fit {other} as well as {one}; they were read as {one}."
                f"{_both(table, column)}"
            )
        else:
            one, other = (_NUMBERS.get(form, form) for form in (column.format, column.other_formats[0]))
            sentence = (
                f"The numbers of {shown(column.name)} can be read with {other} as well as with {one}; "
                f"they were read with {one}."
            )
        yield Finding(
            code="ambiguous-form",
            severity="warning",
            columns=(column.name,),
            sentence=sentence,
            figure=float(len(column.other_formats)),
            remedy="Look at some rows; if it is wrong, have them read in the other way.",
            kind=column.kind,
            format=column.other_formats[0] or PLAIN,
            button=f"Read {'as' if column.kind == 'date' else 'with'} {other}",
        )


def _both(table: Table, column: Column) -> str:
    """A day that would be another one; all fit both orders, so no day is beyond 12."""
    day = quote(column.name)
    found = table.ask(
        f"SELECT {day}::DATE FROM {table.source} WHERE day({day}) <> month({day}) LIMIT 1"  # noqa: S608 -- a quoted name
    )
    return "".join(
        f" In the other way {_words(one)} is {_words(one.replace(day=one.month, month=one.day))}."
        for (one,) in found
    )


def _words(day: date) -> str:
    """A day with its month in words.

    >>> _words(date(2024, 4, 3))
    '3 April 2024'
    """
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def _order(form: str) -> str:
    """The order of the parts of a date.

    >>> _order("%d/%m/%Y %H:%M")
    'day/month/year'
    """
    parts = [_LETTERS[form[at : at + 2]] for at in range(len(form)) if form[at : at + 2] in _LETTERS]
    return "/".join(parts) or "the usual form"
