"""Looks once more at the few columns of numbers that may lose something when their cells are converted."""

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from beanft.engine.tables.kinds.forms import Form
from beanft.engine.tables.kinds.numbers import DECIMAL, EXACT_LENGTH
from beanft.engine.tables.wording import counted, shown

_PHONE = "[+][^0-9]*([0-9][^0-9]*){7,}"


@dataclass(frozen=True, kw_only=True)
class Details:
    """What was counted in one column of numbers."""

    n_phones: int = 0
    """Cells with a + and seven digits or more."""
    n_brackets: int = 0
    """Cells in brackets."""
    n_rounded: int = 0
    """Cells with more digits than their value."""


def count_details(
    database: duckdb.DuckDBPyConnection, table: str, cells: Mapping[int, tuple[str, Form]]
) -> dict[int, Details]:
    """Count in one pass what the conversion of some columns loses.

    Parameters
    ----------
    database : duckdb.DuckDBPyConnection
        Where the table can be read.
    table : str
        SQL of a FROM item whose columns are texts.
    cells : mapping of int to (str, Form)
        By number of the column: SQL of the text without blanks at its ends, and the form of numbers.

    Returns
    -------
    dict of int to Details
        One for each of the columns.
    """
    if not cells:
        return {}
    texts = ", ".join(f"{text} AS t{number}" for number, (text, _) in cells.items())
    figures = [figure for number, (_, form) in cells.items() for figure in _figures(f"t{number}", form)]
    statement = f"SELECT {', '.join(figures)} FROM (SELECT {texts} FROM {table})"  # noqa: S608 -- names of our own
    row = iter(database.execute(statement).fetchone() or ())
    return {
        number: Details(n_phones=next(row), n_brackets=next(row), n_rounded=next(row)) for number in cells
    }


def details_notes(details: Details, name: str) -> tuple[str, ...]:
    """Say what was taken for a minus, and what was rounded.

    Parameters
    ----------
    details : Details
        What was counted.
    name : str
        The column's name.

    Returns
    -------
    tuple of str
        One plain sentence for each.

    Examples
    --------
    >>> details_notes(Details(n_brackets=2), "profit")
    ('“profit”: 2 cells in brackets were read as negative numbers.',)
    """
    notes = []
    if n := details.n_brackets:
        were = "was read as a negative number" if n == 1 else "were read as negative numbers"
        notes.append(f"{shown(name)}: {counted(n, 'cell')} in brackets {were}.")
    if n := details.n_rounded:
        has, was = ("has", "was") if n == 1 else ("have", "were")
        notes.append(
            f"{shown(name)}: {counted(n, 'cell')} {has} more digits than a number can store and {was} "
            "rounded to about 16 digits. To keep every digit, choose text on the page of columns."
        )
    return tuple(notes)


def _figures(text: str, form: Form) -> tuple[str, str, str]:
    phone = f"{text} >= '+' AND {text} < ',' AND regexp_full_match({text}, '{_PHONE}')"
    return (
        f"count(CASE WHEN {phone} THEN 1 END)" if form.stored == "BIGINT" else "0",
        f"count(CASE WHEN contains({text}, '(') AND ({form.expression(text)}) IS NOT NULL THEN 1 END)",
        f"count(CASE WHEN {_rounded(text, form)} THEN 1 END)" if form.stored == "DOUBLE" else "0",
    )


def _rounded(text: str, form: Form) -> str:
    """Digits are neither the fewest that tell their number, nor the 17 that some programs write."""
    value = form.cast.format(v=text) if form is DECIMAL else form.quick(text)
    # Programs that write all digits mostly write the fewest: then no digit need be looked at.
    is_long = f"strlen({text}) > {EXACT_LENGTH} AND CAST({value} AS VARCHAR) <> {text}"
    fewest, all_digits = _digits(f"CAST({value} AS VARCHAR)"), _digits(f"format('{{:.16e}}', {value})")
    differs = f"{_digits(text)} NOT IN ({fewest}, {all_digits})"
    return f"CASE WHEN {is_long} THEN {differs} ELSE false END"


def _digits(text: str) -> str:
    """SQL of the digits that count, without the exponent and the noughts at both ends."""
    return f"trim(regexp_replace(regexp_replace({text}, '[eE][+-]?[0-9]+$', ''), '[^0-9]', '', 'g'), '0')"
