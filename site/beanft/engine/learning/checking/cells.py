"""What one cell of a training column means: its value, and what was repaired or wrong."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from math import isfinite, isnan
from typing import Any

import numpy as np

from beanft.engine.learning.checking.foreign import dates_meant, numbers_meant
from beanft.engine.learning.checking.ranges import in_words, range_of
from beanft.engine.tables.kinds.cells import BLANKS, DECIMAL, MISSING, Form, Value, forms_of
from beanft.engine.tables.kinds.numbers import ANY_DECIMAL
from beanft.engine.tables.wording import shown

DECIMAL_COMMA = re.compile(r"[+-]?[0-9]*,[0-9]+")
"""A number with a decimal comma in a column that has none."""
AMBIGUOUS = re.compile(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}")
"""1,234 is a thousand to some and one to others."""
_FILLED = "It has no value; the model works without it, as it learned to."
_NEVER = "It has no value, which no training row lacked; the prediction is less sure."
_NOT_A_CELL = "It holds a list or an object. Send text, a number, true, false or null."
_SHOWN_DIGITS = 40
_TOO_LARGE = "The number is too large."

Remarks = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Cell:
    """What a text means in a column."""

    value: Any = None
    """float, datetime or str; None when it is missing or in error."""
    remarks: Remarks = ()
    """Code and sentence of what was repaired or wrong."""


class Reader:
    """Reads the cells of one training column.

    Parameters
    ----------
    column : mapping
        The column as `schema.describe` gives it.
    plain_first : bool
        Whether numbers in the plain form are read as such before the column's own form is tried: for tables
        whose numbers were no text where they came from, such as a workbook's. “1.234” is one and a bit there,
        though the training column had points between thousands.
    """

    def __init__(self, column: Mapping[str, Any], *, plain_first: bool = False) -> None:
        self.name: str = column["name"]
        self.kind: str = column["kind"]
        self.stored: str = column["stored"]
        self.format: str = column.get("format") or ""
        self.unit: str = column.get("unit") or ""
        self.labels: tuple[str, str] = tuple(column.get("labels") or ("no", "yes"))
        self.plain_first = plain_first
        spellings = column.get("spellings")  # models of before have no spellings of their own
        self.spelled = frozenset(MISSING if spellings is None else spellings) - {""}
        self.range = range_of(column)
        self.is_later = bool(column.get("measured", column.get("later")))  # models of before have no measured
        self.known = _known(column)
        never = column.get("missing") is False
        self.empty = Cell(remarks=(("missing", _NEVER if never else _FILLED),))

    @cached_property
    def forms(self) -> tuple[Form, ...]:
        """The forms of its cells, in the order in which they are tried."""
        others = {"number": ("DOUBLE",), "date": ("DATE", "TIMESTAMP")}.get(self.kind, ())
        tried = [(self.stored, self.format), *((stored, "") for stored in others)]
        own = [form for stored, style in tried for form in forms_of(stored, style, self.unit)]
        numbers = self.kind == "number" or self.stored == "DOUBLE"  # categories may be numbers, too
        first = [DECIMAL, ANY_DECIMAL] if self.plain_first and numbers else []
        return tuple({id(form): form for form in (*first, *own)}.values())

    @cached_property
    def folded(self) -> dict[str, str]:
        """The known levels by their small letters."""
        return {level.casefold(): level for level in self.known or ()}

    @cached_property
    def missing_numbers(self) -> frozenset[float]:
        """Numbers that mean missing, as -999 may."""
        found = (self._stored(text) for text in self.spelled)
        return frozenset(float(value) for value in found if isinstance(value, (int, float)))

    @cached_property
    def spelled_values(self) -> list[str]:
        """Words for missing that would be read as values otherwise, such as -999."""
        return sorted(text for text in self.spelled if self._stored(text) is not None)

    @cached_property
    def exact_levels(self) -> list[str]:
        """Known levels that stand for themselves."""
        return sorted(level for level in self.known or () if self.meaning(level) == Cell(level))

    @property
    def dtype(self) -> Any:
        """Type of the column's array."""
        return {"number": np.float64, "date": "datetime64[us]"}.get(self.kind, object)

    def meaning(self, text: str | None) -> Cell:
        """Read a text."""
        trimmed = text.strip(BLANKS) if text else ""
        if not trimmed or trimmed in self.spelled:
            return self.empty
        cell = self._read(trimmed)
        if trimmed == text:
            return cell
        return Cell(cell.value, (("blanks", f"Blanks around {shown(trimmed)} were removed."), *cell.remarks))

    def typed(self, value: Any) -> Cell:
        """Read a value that is no text, as JSON and typed files have them.

        A number is itself in a column of numbers, never read in a national style; in all other columns, and
        true and false everywhere, it is what it is called: 7, 7.5, true.
        """
        if value is None or isinstance(value, str):
            return self.meaning(value)
        if isinstance(value, bool):
            return self.meaning("true" if value else "false")
        if isinstance(value, date):
            return self._moment(value, str(value)) if self.kind == "date" else self.meaning(str(value))
        if not isinstance(value, (int, float)):
            return Cell(remarks=(("error", _NOT_A_CELL),))
        try:
            number = float(value)
        except OverflowError:
            return Cell(remarks=(("error", _TOO_LARGE),))
        if isnan(number):
            return self.empty
        if self.kind != "number":
            return self.meaning(repr(value))
        return self.empty if number in self.missing_numbers else self._in_range(number, repr(value))

    def array(self, values: Sequence[Any]) -> np.ndarray:
        """The values of cells as the column's array."""
        if self.kind == "number":
            return np.array([np.nan if value is None else value for value in values], dtype=float)
        made = np.empty(len(values), dtype=self.dtype)
        made[:] = values  # None becomes NaT
        return made

    def _read(self, text: str) -> Cell:
        if self.kind == "number":
            return self._number(text)
        return self._date(text) if self.kind == "date" else self._level(text)

    def _number(self, text: str) -> Cell:
        value = self._stored(text)
        if value is None and AMBIGUOUS.fullmatch(text):
            return Cell(
                remarks=(("error", f"{shown(text)} could be {text.replace(',', '.')} or "
                          f"{text.replace(',', '')}; write it without a comma."),)
            )  # fmt: skip
        if value is None and DECIMAL_COMMA.fullmatch(text):
            number = float(text.replace(",", "."))
            cell = self._in_range(number, text)
            return Cell(cell.value, (("comma", f"{shown(text)} was read as {number:.15g}."), *cell.remarks))
        if not isinstance(value, (int, float)):
            return self._foreign_number(text)
        return self._in_range(float(value), text)

    def _foreign_number(self, text: str) -> Cell:
        """A number that is not written as the column is, where it can mean one thing only."""
        meant = numbers_meant(text, self.format, self.unit)
        if len(meant) != 1:
            several = " or ".join(f"{one:.15g}" for one in meant)
            wrong = f"could be {several}; write it as digits alone." if meant else "is not a number."
            return Cell(remarks=(("error", f"{shown(text)} {wrong}"),))
        cell = self._in_range(meant[0], text)
        return Cell(cell.value, (("style", f"{shown(text)} was read as {meant[0]:.15g}."), *cell.remarks))

    def _in_range(self, value: float, text: str) -> Cell:
        if not isfinite(value):
            return Cell(remarks=(("error", f"{shown(text)} is not a number."),))
        value += 0.0  # there is one nought only
        return Cell(value, self._beyond(value, text))

    def _date(self, text: str) -> Cell:
        value = self._stored(text)
        if not isinstance(value, date):
            return self._foreign_date(text)
        return self._moment(value, text)

    def _foreign_date(self, text: str) -> Cell:
        """A date that is not written as the column is, where it can mean one thing only."""
        meant = dates_meant(text, self.format)
        if len(meant) != 1:
            several = " or ".join(map(str, meant))
            wrong = f"could be {several}; write it so." if meant else "is not a date. Write it as 2026-12-31."
            return Cell(remarks=(("error", f"{shown(text)} {wrong}"),))
        cell = self._moment(meant[0], text)
        return Cell(cell.value, (("style", f"{shown(text)} was read as {meant[0]}."), *cell.remarks))

    def _moment(self, value: date, text: str) -> Cell:
        moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
        return Cell(moment, self._beyond(moment, text))

    def _beyond(self, value: Any, text: str) -> Remarks:
        """What is said of a value outside of what training saw."""
        seen = self.range
        if seen is None or seen.low <= value <= seen.high:
            return ()
        if self.is_later and value > seen.high:
            sentence = f"{_short(text)} is later than what was measured, up to {in_words(seen.high)}."
        else:
            sentence = f"{_short(text)} lies outside the {seen.words} seen in training."
        return (("range", sentence),)

    def _level(self, text: str) -> Cell:
        value = text
        if self.stored == "BOOLEAN" and self._stored(text) is None:
            no, yes = self.labels
            return Cell(remarks=(("error", f"{shown(text)} is neither {yes} nor {no}."),))
        if self.stored != "VARCHAR":
            value = _as_text(self._stored(text), self.stored) or text
            if self.known is not None and value not in self.known and text in self.known:
                value = text  # a level as this site writes it: 7.506, where “7,506” stood in the table
        if self.known is None or value in self.known:
            return Cell(value)
        near = self.folded.get(value.casefold())
        if near is not None:
            return Cell(near, (("case", f"{shown(text)} was read as {shown(near)}."),))
        return Cell(remarks=(("unknown", f"Unknown category {shown(text)}, treated as missing."),))

    def _stored(self, text: str) -> Value | None:
        """Read a text as the ingest read the column, or else in the plain form of other types."""
        found = (form.value(text) for form in self.forms)
        return next((value for value in found if value is not None), None)


def _short(text: str) -> str:
    """A number for a sentence; somebody's may have a million digits.

    >>> _short("-1.50"), len(_short("1" * 1000))
    ('-1.50', 43)
    """
    return text if len(text) <= _SHOWN_DIGITS else shown(text, _SHOWN_DIGITS)


def _as_text(value: Value | None, stored: str) -> str | None:
    """Write a stored value as the frame holds it in a category column."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and stored == "BIGINT" and value.is_integer():
        return str(int(value))
    return None if value is None else str(value)


def _known(column: Mapping[str, Any]) -> frozenset[str] | None:
    """All levels, or None when any text is fine."""
    if column.get("known") is not None:
        return frozenset(column["known"])
    choices = column.get("choices") or ()
    return frozenset(choices) if choices and column.get("n_choices") == len(choices) else None
