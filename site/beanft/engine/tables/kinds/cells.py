"""What the text of one cell can mean: missing, or a value of one of the forms that columns are read in."""

import re
from collections.abc import Sequence

from beanft.engine.tables.columns import Column
from beanft.engine.tables.kinds.dates import DATES, date_forms
from beanft.engine.tables.kinds.forms import BLANKS, Form, Value
from beanft.engine.tables.kinds.numbers import (
    ANY_DECIMAL,
    COMMA,
    DECIMAL,
    DECIMAL_COMMA,
    INTEGER,
    SPELT_ZEROS,
    THOUSANDS_BLANK,
    THOUSANDS_COMMA,
    styled,
)
from beanft.engine.tables.kinds.truths import BINARY, BOOLEAN
from beanft.engine.tables.quoting import literal

__all__ = [
    "BLANKS",
    "BOOLEAN",
    "COMMA",
    "DATES",
    "DECIMAL",
    "MISSING",
    "Form",
    "Value",
    "format_choices",
    "forms_of",
    "missing",
    "missing_sql",
    "value_of",
]

_WORDS = (
    "n/a",
    "n.a.",
    "nan",
    "null",
    "(null)",
    "nil",
    "<na>",
    "#n/a",
    "#na",
    "#null!",
    "#div/0!",
    "#value!",
)
_OTHERS = ("NA", "na", "NaN", "None", "-", "--", ".", "..", "?")  # none and Na are words
_DUMPED = r"\N"  # as MySQL and Postgres write NULL; \n would be a line break
_FORMULA = '=""'  # as programs write an empty text that Excel shall not change

MISSING = (
    "",
    *_OTHERS,
    _DUMPED,
    _FORMULA,
    *dict.fromkeys(case(word) for word in _WORDS for case in (str.lower, str.upper, str.title)),
)
"""The usual spellings of no value."""

LONGEST_MISSING = 8
"""Bytes of the longest usual spelling, and one to spare."""

_USUAL = "NA"  # by far: to compare with it takes a tenth of the time of the pattern
_MISSING = frozenset(MISSING)
_PATTERN = "|".join(re.escape(text) for text in MISSING if text)


def missing(text: str | None, spellings: Sequence[str] | None = None) -> bool:
    """Say whether a cell holds no value.

    Parameters
    ----------
    text : str or None
        The text of the cell.
    spellings : sequence of str, optional
        What means missing besides the empty cell; the usual spellings when not given.

    Returns
    -------
    bool
        True for empty and blank cells and the spellings.

    Examples
    --------
    >>> missing(" NA "), missing("0")
    (True, False)
    """
    trimmed = "" if text is None else text.strip(BLANKS)
    if not trimmed:
        return True
    return trimmed in (_MISSING if spellings is None else spellings)


def missing_sql(cell: str, spellings: Sequence[str] | None = None) -> str:
    """Write the SQL condition that a trimmed cell spells missing.

    Parameters
    ----------
    cell : str
        SQL of the cell.
    spellings : sequence of str, optional
        As in `missing`.

    Returns
    -------
    str
        SQL; false or NULL for all other cells.

    Examples
    --------
    >>> missing_sql("c0", ["-", "x"])
    "(c0 = '-' OR c0 = 'x')"
    """
    if spellings is not None:
        any_of = " OR ".join(f"{cell} = {literal(text)}" for text in dict.fromkeys(spellings) if text)
        return f"({any_of or 'false'})"
    # Most cells are longer, or begin with another letter; one pattern is planned quicker than fifty texts.
    letters = " OR ".join(f"({cell} >= '{a}' AND {cell} < '{b}')" for a, b in (("N", "O"), ("n", "o")))
    near = f"strlen({cell}) < {LONGEST_MISSING} AND ({cell} < 'A' OR {letters} OR {cell} = '{_DUMPED}')"
    is_one = f"{cell} = '{_USUAL}' OR regexp_full_match({cell}, {literal(_PATTERN)})"
    return f"(CASE WHEN {near} THEN {is_one} ELSE false END)"


def value_of(column: Column, text: str | None) -> Value | None:
    """Read one cell as the ingest read the column's cells.

    Parameters
    ----------
    column : Column
        The column, from a profile.
    text : str or None
        The text of a cell.

    Returns
    -------
    int, float, bool, date, datetime, str or None
        The value, or None when it is missing or cannot be read as the column's type; use `missing` to
        tell the two apart. A whole-number column also takes decimals, and one with a unit plain numbers.

    Examples
    --------
    >>> price = Column(
    ...     name="p", kind="number", stored="DOUBLE", n_missing=0, n_distinct=2, format="decimal comma"
    ... )
    >>> value_of(price, "1.234,5"), value_of(price, "cheap")
    (1234.5, None)
    """
    if text is None or missing(text, column.spellings):
        return None
    trimmed = text.strip(BLANKS)
    if column.stored == "VARCHAR":
        return trimmed
    found = (form.value(trimmed) for form in forms_of(column.stored, column.format, column.unit))
    return next((value for value in found if value is not None), None)


def forms_of(stored: str, form: str, unit: str = "") -> tuple[Form, ...]:
    """Give the forms in which a stored column's cells may be written.

    Parameters
    ----------
    stored : str
        SQL type of the column.
    form : str
        The column's format.
    unit : str
        The column's unit.

    Returns
    -------
    tuple of Form
        Forms to try in order; empty for text.
    """
    national: tuple[Form, ...] = ()
    if form or unit:
        national = tuple(
            styled(form, type_, one) for one in {unit: 0, "": 0} for type_ in ("BIGINT", "DOUBLE")
        )
    if stored == "BIGINT":
        return (*national, INTEGER, SPELT_ZEROS, DECIMAL)
    if stored == "DOUBLE":
        return (*(one for one in national if one.stored == "DOUBLE"), DECIMAL, ANY_DECIMAL)
    if stored == "BOOLEAN":
        return (BOOLEAN, BINARY)
    return date_forms(stored, form) if stored in ("DATE", "TIMESTAMP") else ()


_NUMBER_CHOICES = (
    ("plain", "1234.5"),
    (THOUSANDS_COMMA, "1,234.5 (comma between thousands)"),
    (DECIMAL_COMMA, "1.234,5 (decimal comma)"),
    (THOUSANDS_BLANK, "1 234.5 (blank or apostrophe between thousands)"),
)
_DATE_CHOICES = (
    ("plain", "2024-12-31 (year-month-day), with or without time"),
    ("%d.%m.%Y", "31.12.2024 (day.month.year)"),
    ("%d/%m/%Y", "31/12/2024 (day/month/year)"),
    ("%m/%d/%Y", "12/31/2024 (month/day/year)"),
    ("%d-%m-%Y", "31-12-2024 (day-month-year)"),
    ("%m-%d-%Y", "12-31-2024 (month-day-year)"),
    ("%Y/%m/%d", "2024/12/31 (year/month/day)"),
    ("%Y%m%d", "20241231 (year, month, day)"),
    ("%d %b %Y", "31 Dec 2024"),
    ("%b %d, %Y", "Dec 31, 2024"),
    ("%b %d %Y", "Dec 31 2024"),
    ("%Y.%m.%d.", "2024.12.31. (year.month.day.)"),
    ("%Y-%m", "2024-12 (year-month)"),
    ("%Y/%m", "2024/12 (year/month)"),
    ("%m/%Y", "12/2024 (month/year)"),
    ("%m.%Y", "12.2024 (month.year)"),
    ("%Y%m", "202412 (year, month)"),
    ("%b %Y", "Dec 2024"),
    ("%B %Y", "December 2024"),
    ("%b-%y", "Dec-24 (month-year)"),
    ("%b %y", "Dec 24 (month year)"),
    ("%m/%y", "12/24 (month/year)"),
    ("%d.%m.%y", "31.12.24 (day.month.year)"),
    ("%d/%m/%y", "31/12/24 (day/month/year)"),
    ("%m/%d/%y", "12/31/24 (month/day/year)"),
    ("%d.%m.%Y %H:%M", "31.12.2024 21:05"),
    ("%d/%m/%Y %H:%M", "31/12/2024 21:05 (day/month/year)"),
    ("%m/%d/%Y %H:%M", "12/31/2024 21:05 (month/day/year)"),
    ("%m/%d/%Y %I:%M %p", "12/31/2024 9:05 PM (month/day/year)"),
)


def format_choices(kind: str) -> tuple[tuple[str, str], ...]:
    """Give the forms that an owner can choose for a column.

    Parameters
    ----------
    kind : str
        The column's kind.

    Returns
    -------
    tuple of (str, str)
        What ColumnWish.format takes, and how people are shown it; empty for kinds that have one form only.

    Examples
    --------
    >>> format_choices("number")[0]
    ('plain', '1234.5')
    """
    return {"number": _NUMBER_CHOICES, "date": _DATE_CHOICES}.get(kind, ())
