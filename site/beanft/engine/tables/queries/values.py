"""Reads the values of filters as people type them: plainly, as the site shows them, or as their file does."""

import re
from datetime import date, datetime

from beanft.engine.errors import EngineError
from beanft.engine.tables.columns import Column
from beanft.engine.tables.kinds.cells import forms_of
from beanft.engine.tables.kinds.numbers import DECIMAL_COMMA, THOUSANDS_BLANK, THOUSANDS_COMMA
from beanft.engine.tables.wording import shown

_DAY_LETTERS = 10  # of 2024-12-31; what is longer holds a time, too
_GROUPED = re.compile(r"[^\d,]*\d{1,3}(,\d{3})+(?P<fraction>\.\d+)?[^\d,.]*")
_LAKHS = re.compile(r"[^\d,]*\d{1,4}(,\d{2})+,\d{3}(?P<fraction>\.\d+)?[^\d,.]*")
_OF_YEAR = re.compile(r"(?P<year>\d{4})[-/. ](?P<month>\w+)|(?P<name>\w+)[-/. ](?P<after>\d{4})", re.ASCII)


def plain_number(stored: str, text: str) -> int | float | None:
    """Read a number written plainly.

    Parameters
    ----------
    stored : str
        SQL type of the column.
    text : str
        Digits, a sign, a decimal point, an exponent; no blanks at the ends.

    Returns
    -------
    int, float or None
        The number, whole where the column's are; None where the text is none.

    Examples
    --------
    >>> plain_number("BIGINT", "12"), plain_number("DOUBLE", "12"), plain_number("BIGINT", "1,5")
    (12, 12.0, None)
    """
    try:
        whole = stored == "BIGINT" and text.lstrip("+-").isdigit()
        return int(text) if whole else float(text)
    except (ValueError, OverflowError):
        return None


def numbers_meant(column: Column, text: str) -> tuple[int | float, ...]:
    """List the numbers that a text may mean for a column.

    Parameters
    ----------
    column : Column
        A column of numbers.
    text : str
        What was typed. The plain way of writing wins; then count the column's own way and the site's
        (1,234.5); where neither reads it, any other way.

    Returns
    -------
    tuple of int or float
        None, one, or two where the column's own way and the site's differ.

    Examples
    --------
    >>> price = Column(
    ...     name="p", kind="number", stored="DOUBLE", n_missing=0, n_distinct=2, format="decimal comma"
    ... )
    >>> [numbers_meant(price, text) for text in ("1.131,46", "1,131.46", "1,131", "cheap")]
    [(1131.46,), (1131.46,), (1.131, 1131.0), ()]
    """
    text = text.strip()
    plain = plain_number(column.stored, text)
    if plain is not None:
        return (plain,)
    usual = _read(column, text, column.format, THOUSANDS_COMMA)
    return usual or _read(column, text, DECIMAL_COMMA, THOUSANDS_BLANK)


def _read(column: Column, text: str, *styles: str) -> tuple[int | float, ...]:
    found: dict[int | float, None] = {}
    for style in styles:
        forms = forms_of(column.stored, style, column.unit)
        read = (form.value(text) for form in forms if form.kind == "number")
        value = next((one for one in read if one is not None), None)
        if isinstance(value, (int, float)):
            found[value] = None
    return tuple(found)


def comma_parts(column: Column, text: str) -> tuple[str, ...]:
    """Divide a list at its commas, where they do not belong to a value of the column.

    Parameters
    ----------
    column : Column
        The column asked.
    text : str
        A list without any semicolon or quote.

    Returns
    -------
    tuple of str
        The values, each once; only the text where it is one value.

    Raises
    ------
    EngineError
        When the commas may as well stand between thousands.

    Examples
    --------
    >>> region = Column(
    ...     name="r", kind="category", stored="VARCHAR", n_missing=0, n_distinct=2, top=(("Bonn, Beuel", 3),)
    ... )
    >>> comma_parts(region, "Bonn, Trier"), comma_parts(region, "Bonn, Beuel")
    (('Bonn', 'Trier'), ('Bonn, Beuel',))
    """
    if column.stored in ("BIGINT", "DOUBLE"):
        parts = _number_parts(column, text)
    else:
        parts = [text] if any(text in value for value, _ in column.top) else text.split(",")
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip())) or (text,)


def _number_parts(column: Column, text: str) -> list[str]:
    """A comma with a blank after it divides; one without may stand within a number."""
    if column.format == DECIMAL_COMMA or re.search(r",\s", text):
        return re.split(r",\s+", text)
    pattern = _LAKHS if column.format == THOUSANDS_COMMA and _LAKHS.fullmatch(text) else _GROUPED
    grouped = pattern.fullmatch(text)
    if grouped and not grouped["fraction"]:
        raise EngineError(
            f"{shown(text)} may be one number or several. Write numbers without commas, and ; between two."
        )
    return [text] if grouped else text.split(",")


def day_or_moment(column: Column, text: str) -> date | None:
    """Read a day or a moment, written as 2024-12-31 or as in the file.

    Parameters
    ----------
    column : Column
        A column of dates.
    text : str
        What was typed.

    Returns
    -------
    date, datetime or None
        A day where no time was typed; None where the text is no date.

    Examples
    --------
    >>> day = Column(name="d", kind="date", stored="DATE", n_missing=0, n_distinct=2, format="%d.%m.%Y")
    >>> day_or_moment(day, "31.12.2024"), day_or_moment(day, "soon")
    (datetime.date(2024, 12, 31), None)
    """
    text = text.strip()
    try:
        return date.fromisoformat(text) if len(text) <= _DAY_LETTERS else datetime.fromisoformat(text)
    except ValueError:
        day = re.split(r".?%[HI]", column.format)[0]
        forms = (*forms_of("DATE", day), *forms_of(column.stored, column.format))
        found = (form.value(text) for form in forms)
        return next((one for one in found if isinstance(one, date)), None)


def month_and_year(text: str) -> tuple[str, int | None]:
    """Divide a month of one year from its year.

    Parameters
    ----------
    text : str
        Such as 2024-05, 05/2024, May 2024, or a month alone.

    Returns
    -------
    month : str
        What stands for the month.
    year : int or None
        The year; None where the month of any year is meant.

    Examples
    --------
    >>> month_and_year("2024-05"), month_and_year("May 2024"), month_and_year("May")
    (('05', 2024), ('May', 2024), ('May', None))
    """
    text = text.strip()
    found = _OF_YEAR.fullmatch(text)
    if found is None:
        return text, None
    return found["month"] or found["name"], int(found["year"] or found["after"])
