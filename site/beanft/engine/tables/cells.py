"""What the text of one cell can mean: missing, or a value of one of the forms that columns are read in."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from beanft.engine.tables.columns import Column

BLANKS = " \t\r\n\xa0"
"""Characters cut off at both ends of a cell."""

MISSING = ("", "NA", "N/A", "n/a", "#N/A", "NaN", "nan", "null", "NULL", "None", "?", "-")
"""Spellings that mean: no value."""

Value = str | int | float | bool | date | datetime

_TRUE = ("true", "yes", "t")
_WHOLE = r"(0|[1-9][0-9]*)"
_INFINITE = r"[+-]?(inf|Inf|INF|infinity|Infinity)"


@dataclass(frozen=True, kw_only=True)
class Form:
    """One way to read the cells of a column: its pattern, and how SQL and Python convert what matches."""

    kind: str
    """number, boolean or date."""
    stored: str
    """SQL type of the values."""
    format: str
    """As in Column.format."""
    pattern: str
    """What a whole cell must match, understood alike by RE2 and Python."""
    sql: str
    """SQL expression of the value; {v} stands for the cell."""
    parse: Callable[[str], Value]
    """The same in Python; ValueError when the text only looks right."""

    def expression(self, cell: str) -> str:
        """SQL expression: the value of a cell, or NULL when it is not of this form."""
        return f"CASE WHEN regexp_full_match({cell}, '{self.pattern}') THEN {self.sql.format(v=cell)} END"

    def value(self, text: str) -> Value | None:
        """Value of a cell, or None when it is not of this form."""
        if not re.fullmatch(self.pattern, text):
            return None
        try:
            return self.parse(text)
        except (ValueError, OverflowError):
            return None


def missing(text: str | None) -> bool:
    """Say whether a cell holds no value.

    Parameters
    ----------
    text : str or None
        The text of the cell.

    Returns
    -------
    bool
        True for empty and blank cells and the usual spellings.

    Examples
    --------
    >>> missing(" NA "), missing("0")
    (True, False)
    """
    return text is None or text.strip(BLANKS) in MISSING


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
        tell the two apart. A whole-number column also takes decimals.

    Examples
    --------
    >>> price = Column(
    ...     name="p", kind="number", stored="DOUBLE", n_missing=0, n_distinct=2, format="decimal comma"
    ... )
    >>> value_of(price, "1.234,5"), value_of(price, "cheap")
    (1234.5, None)
    """
    if text is None or missing(text):
        return None
    trimmed = text.strip(BLANKS)
    if column.stored == "VARCHAR":
        return trimmed
    found = (form.value(trimmed) for form in forms_of(column.stored, column.format))
    return next((value for value in found if value is not None), None)


def forms_of(stored: str, form: str) -> tuple[Form, ...]:
    """Give the forms in which a stored column's cells may be written.

    Parameters
    ----------
    stored : str
        SQL type of the column.
    form : str
        The column's format.

    Returns
    -------
    tuple of Form
        Forms to try in order; empty for text.
    """
    if stored == "BIGINT":
        return (INTEGER, SPELT_ZEROS, DECIMAL)
    if stored == "DOUBLE":
        return (COMMA, DECIMAL, ANY_DECIMAL) if form == COMMA.format else (DECIMAL, ANY_DECIMAL)
    if stored == "BOOLEAN":
        return (BOOLEAN, BINARY)
    return tuple(one for one in DATES if one.stored == stored and one.format == form)


def _truth(text: str) -> bool:
    return text.lower() in _TRUE


def _finite(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")) and "inf" not in text.lower():
        raise ValueError(text)
    return value


def _comma(text: str) -> float:
    return _finite(text.replace(".", "").replace(",", "."))


def _iso_day(text: str) -> date:
    return date.fromisoformat(text)


def _iso_time(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _whole(text: str) -> int:
    value = int(text)
    if not -(2**63) <= value < 2**63:
        raise ValueError(text)
    return value


def _double(text: str) -> str:
    """SQL for a number that must not overflow into infinity."""
    return f"(CASE WHEN isfinite(TRY_CAST({text} AS DOUBLE)) THEN TRY_CAST({text} AS DOUBLE) END)"


_DECIMAL_SQL = (
    "CASE WHEN contains(lower({v}), 'inf') THEN TRY_CAST({v} AS DOUBLE) ELSE " + _double("{v}") + " END"
)
INTEGER = Form(
    kind="number",
    stored="BIGINT",
    format="",
    pattern=rf"[+-]?{_WHOLE}",
    sql="TRY_CAST({v} AS BIGINT)",
    parse=_whole,
)
SPELT_ZEROS = Form(
    kind="number",
    stored="BIGINT",
    format="",
    pattern=r"[+-]?[0-9]+",
    sql="TRY_CAST({v} AS BIGINT)",
    parse=_whole,
)
DECIMAL = Form(
    kind="number",
    stored="DOUBLE",
    format="",
    pattern=rf"[+-]?({_WHOLE}(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?|{_INFINITE}",
    sql=_DECIMAL_SQL,
    parse=_finite,
)
ANY_DECIMAL = Form(
    kind="number",
    stored="DOUBLE",
    format="",
    pattern=rf"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?|{_INFINITE}",
    sql=_DECIMAL_SQL,
    parse=_finite,
)
COMMA = Form(
    kind="number",
    stored="DOUBLE",
    format="decimal comma",
    pattern=rf"[+-]?([1-9][0-9]{{0,2}}(\.[0-9]{{3}})+|{_WHOLE})(,[0-9]+)?|[+-]?,[0-9]+",
    sql=_double("replace(replace({v}, '.', ''), ',', '.')"),
    parse=_comma,
)
BOOLEAN = Form(
    kind="boolean",
    stored="BOOLEAN",
    format="",
    pattern="(?i)true|false|yes|no|t|f",
    sql="contains('|true|yes|t|', '|' || lower({v}) || '|')",
    parse=_truth,
)
BINARY = Form(
    kind="boolean",
    stored="BOOLEAN",
    format="",
    pattern="(?i)true|false|yes|no|t|f|y|n|1|0",
    sql="contains('|true|yes|t|y|1|', '|' || lower({v}) || '|')",
    parse=lambda text: text.lower() in (*_TRUE, "y", "1"),
)
_ISO_DAY = Form(
    kind="date",
    stored="DATE",
    format="",
    pattern=r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
    sql="TRY_CAST({v} AS DATE)",
    parse=_iso_day,
)
_ISO_TIME = Form(
    kind="date",
    stored="TIMESTAMP",
    format="",
    pattern=r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}(:[0-9]{2})?)?)?",
    # A cast to TIMESTAMP drops the zone; what has none must not meet the machine's zone.
    sql="CASE WHEN regexp_matches({v}, '(Z|:[0-9.]+[+-][0-9:]+)$') "
    "THEN make_timestamp(epoch_us(TRY_CAST({v} AS TIMESTAMPTZ))) ELSE TRY_CAST({v} AS TIMESTAMP) END",
    parse=_iso_time,
)
_DAYS = (
    *("%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%d-%m-%Y", "%Y/%m/%d", "%Y.%m.%d"),
    *("%d %b %Y", "%d-%b-%Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y"),
    *("%d.%m.%y", "%m/%d/%y", "%d/%m/%y", "%d-%m-%y", "%d-%b-%y"),
)
_PARTS = {
    "%Y": "[0-9]{4}",
    "%y": "[0-9]{2}",
    "%m": "[0-9]{1,2}",
    "%d": "[0-9]{1,2}",
    "%H": "[0-9]{1,2}",
    "%M": "[0-9]{2}",
    "%S": "[0-9]{2}",
    "%b": "[A-Za-z]{3}",
    "%B": "[A-Za-z]{3,9}",
    ".": r"\.",
}


def _written(days: str, clock: str) -> Form:
    """Make the form of a national way to write dates."""
    whole = days + clock
    pattern = re.sub(r"%[A-Za-z]|\.", lambda part: _PARTS[part.group()], whole)
    stored = "TIMESTAMP" if clock else "DATE"

    def parse(text: str) -> date:
        moment = datetime.strptime(text, whole)
        return moment if clock else moment.date()

    sql = f"TRY_CAST(try_strptime({{v}}, '{whole}') AS {stored})"
    return Form(kind="date", stored=stored, format=whole, pattern=pattern, sql=sql, parse=parse)


DATES = (
    _ISO_DAY,
    _ISO_TIME,
    *(_written(days, clock) for days in _DAYS for clock in ("", " %H:%M", " %H:%M:%S")),
)
"""All forms of dates, the most usual first."""
