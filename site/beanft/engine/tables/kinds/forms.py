"""One way to write the cells of a column, read alike by SQL and by Python."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from beanft.engine.tables.quoting import literal

BLANKS = " \t\r\n\v\f\xa0"
"""Characters cut off at both ends of a cell."""

Value = str | int | float | bool | date | datetime


def blank_at_ends(cell: str) -> str:
    """Write the SQL condition that a text may have blanks at its ends: quick, and true of few other texts.

    Parameters
    ----------
    cell : str
        SQL of the text.

    Returns
    -------
    str
        SQL; NULL for NULL.
    """
    start = f"{cell} < '!' OR ({cell} >= '\xa0' AND {cell} < '\xa1')"
    return f"({start} OR {cell}[-1] < '!' OR suffix({cell}, '\xa0'))"


def trimmed(cell: str) -> str:
    """Write the SQL of a text without blanks at its ends; cutting them off is slow, so only where some are.

    Parameters
    ----------
    cell : str
        SQL of the text.

    Returns
    -------
    str
        SQL; NULL where nothing is left.
    """
    return f"CASE WHEN {blank_at_ends(cell)} THEN nullif(trim({cell}, {literal(BLANKS)}), '') ELSE {cell} END"


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
    """SQL expression of the value of a cell that matches; {v} stands for the cell."""
    parse: Callable[[str], Value]
    """The same in Python; ValueError when the text only looks right."""
    sure: str = ""
    """SQL condition that only cells of this form meet, most of them, and that is quicker than the pattern."""
    cast: str = ""
    """SQL expression of the value of a cell that meets `sure`."""
    unit: str = ""
    """As in Column.unit."""

    def expression(self, cell: str) -> str:
        """SQL expression: the value of a cell, or NULL when it is not of this form."""
        matches = f"regexp_full_match({cell}, {literal(self.pattern)})"
        return f"CASE WHEN {matches} THEN {self.sql.format(v=cell)} END"

    def quick(self, cell: str) -> str:
        """SQL expression of the same value, in less time where most cells are sure."""
        if not self.sure:
            return self.expression(cell)
        exact = self.expression(cell)
        return f"CASE WHEN {self.sure.format(v=cell)} THEN {self.cast.format(v=cell)} ELSE {exact} END"

    def value(self, text: str) -> Value | None:
        """Value of a cell, or None when it is not of this form."""
        if not self._matches(text):
            return None
        try:
            return self.parse(text)
        except (ValueError, OverflowError):
            return None

    @cached_property
    def _matches(self) -> Callable[[str], re.Match[str] | None]:
        """Whether a whole text has the pattern; a guess asks this a hundred thousand times."""
        return re.compile(self.pattern).fullmatch
