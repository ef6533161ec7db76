"""How the values of one column make groups: as they are, in round bins, or by calendar units."""

import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from beanft.engine.charts.bins import bin_sql, round_edges
from beanft.engine.charts.chart import is_date, is_number
from beanft.engine.charts.links import Link, moment_link, range_link
from beanft.engine.charts.words import figure
from beanft.engine.tables.calendar import DAY
from beanft.engine.tables.columns import Column
from beanft.engine.tables.connection import quote
from beanft.engine.tables.queries.conditions import Filter
from beanft.engine.tables.queries.predicates import family_of

Cell = str | float | int | bool | None

_FEW_NUMBERS = 50  # numbers of more values are put into bins
_FEW_DATES = 60  # dates of more values are put together by calendar units
_BINS = 20
_UNITS = ("minute", "hour", "day", "week", "month", "quarter", "year", "decade")
_SECONDS = (60, 3600, DAY, 7 * DAY, 28 * DAY, 90 * DAY, 365 * DAY, 3652 * DAY)
_TIMES = ("minute", "hour")
_LENGTHS = {"minute": 60, "hour": 3600, "day": DAY, "week": 7 * DAY}
_MONTHS = {"month": 1, "quarter": 3, "year": 12, "decade": 120}
_EPOCH = datetime(1970, 1, 1)
_MICROSECOND = timedelta(microseconds=1)
_EXACT = 2**53  # larger whole numbers are not exact beside the edges of bins
_PLAIN = (1e-4, 1e15)  # between them all programs write decimals alike


@dataclass(frozen=True)
class Grouping:
    """What puts the rows together by one column."""

    column: Column
    """The column's profile."""
    edges: tuple[float, ...] = ()
    """Edges of the bins, where numbers are put into bins."""
    unit: str = ""
    """Calendar unit, where dates are put together."""

    @property
    def name(self) -> str:
        """Head of the column in the table."""
        return f"{self.column.name} ({self.unit})" if self.unit else self.column.name

    @property
    def sql(self) -> str:
        """SQL of the group of a row; NULL for rows without a value.

        Bins are numbered from 0; infinite numbers are before the first or after the last one.
        """
        name = quote(self.column.name)
        if self.unit:
            return f"date_trunc('{self.unit}', {self._moment(name)})"
        if not self.edges:
            return name
        value = f"{name}::DOUBLE"
        inside = bin_sql(value, self.edges)
        if self.column.n_infinite:
            beyond = f"CASE WHEN {value} > 0 THEN {len(self.edges) - 1} ELSE -1 END"
            inside = f"CASE WHEN isinf({value}) THEN {beyond} ELSE {inside} END"
        return f"CASE WHEN {name} IS NOT NULL THEN {inside} END" if self.column.n_missing else inside

    def _moment(self, name: str) -> str:
        """Days are quicker to put together than moments."""
        type_ = "TIMESTAMP" if self.unit in _TIMES else "DATE"
        value = name if self.column.stored == type_ else f"{name}::{type_}"
        if not self.column.has_endless:
            return value
        return f"CASE WHEN isfinite({name}) THEN {value} END"  # the others are with the missing ones

    def label(self, value: Any) -> Cell:
        """Write a group as people read it: bins by their edges, true and false in the owner's words."""
        if value is None:
            return None
        if self.edges:
            return self._bin_label(int(value))
        if isinstance(value, bool) and len(self.column.labels) == 2:
            return self.column.labels[value]
        return plain(value, is_day=self.is_day)

    @property
    def is_day(self) -> bool:
        """Whether dates are written without a time."""
        return self.column.stored == "DATE" or bool(self.unit and self.unit not in _TIMES)

    def _bin_label(self, place: int) -> str:
        if not 0 <= place < len(self.edges) - 1:
            return "inf" if place > 0 else "-inf"
        low, high = list(pairwise(self.edges))[place]
        if figure(low) == figure(high):  # narrow bins of large numbers
            return f"{low!r} to {high!r}"
        return f"{figure(low)} to {figure(high)}"

    def link(self, value: Any) -> Link | None:
        """Write the filters that lead to exactly the rows of a group; None where filters cannot say them."""
        column, family = self.column, family_of(self.column)
        if value is None:
            return None if self.unit and self.column.has_endless else (Filter(column.name, "is-missing"),)
        if self.edges:
            return self._bin_link(int(value))
        if family == "date":
            return self._date_link(value)
        if isinstance(value, float) and math.isinf(value):
            return _infinite(column, value) if family == "number" else (_equals(column, str(value)),)
        if isinstance(value, bool):
            return (_equals(column, str(value).lower()),)
        if isinstance(value, float) and family == "text" and not _is_plain(value):
            return None
        if isinstance(value, datetime) and value.microsecond:
            return None
        return (_equals(column, repr(value) if isinstance(value, float) else str(value)),)

    def _bin_link(self, place: int) -> Link | None:
        last = len(self.edges) - 2
        if not 0 <= place <= last:
            return _infinite(self.column, place)
        low, high = self.edges[place], self.edges[place + 1]
        if self.column.stored == "BIGINT" and max(abs(low), abs(high)) > _EXACT:
            return None
        return range_link(self.column, low, high, is_last=place == last)

    def _date_link(self, value: Any) -> Link | None:
        """A moment, a day, or all of a unit."""
        if not isinstance(value, date):  # what Python's calendar does not hold comes as text
            return None
        begin = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
        end = _after(begin, self.unit or ("day" if self.column.stored == "DATE" else ""))
        if end is None:
            return None
        return moment_link(self.column, (begin - _EPOCH) // _MICROSECOND, (end - _EPOCH) // _MICROSECOND)


def grouping_of(column: Column, bucket: str = "") -> Grouping:
    """Decide how a column puts rows together.

    Parameters
    ----------
    column : Column
        A column's profile.
    bucket : str
        Calendar unit for dates; empty lets the span decide.

    Returns
    -------
    Grouping
        Numbers of many values in about 20 round bins, dates of many by calendar units, all else as it is.

    Examples
    --------
    >>> grouping_of(Column(name="age", kind="number", stored="BIGINT", n_missing=0, n_distinct=9)).sql
    '"age"'
    """
    family = family_of(column)
    if is_date(column) and family == "date" and (bucket or column.n_distinct > _FEW_DATES):
        return Grouping(column, unit=bucket or _unit_of(column))
    low, high = column.minimum, column.maximum
    is_scale = is_number(column) and family == "number" and column.n_distinct > _FEW_NUMBERS
    if is_scale and isinstance(low, int | float) and isinstance(high, int | float):
        edges = round_edges(float(low), float(high), _BINS, whole=column.stored == "BIGINT")
        return Grouping(column, edges=edges)
    return Grouping(column)


def plain(value: Any, *, is_day: bool) -> Cell:
    """Write a value so that JSON and people can read it.

    Parameters
    ----------
    value : object
        What the engine answered.
    is_day : bool
        Whether a date is written without its time.

    Returns
    -------
    str, float, int, bool or None
        Dates and infinite numbers as text.

    Examples
    --------
    >>> plain(datetime(2024, 2, 29), is_day=True), plain(float("inf"), is_day=False)
    ('2024-02-29', 'inf')
    """
    if isinstance(value, datetime):
        return str(value.date()) if is_day else str(value)
    if isinstance(value, date):
        return str(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    return value  # type: ignore[no-any-return]  # what DuckDB gives for the types of a version


def _unit_of(column: Column) -> str:
    """The finest unit that gives few enough groups; the edges of the profile tell the span in seconds."""
    span = column.edges[-1] - column.edges[0] if column.edges else 0.0
    first = _UNITS.index("day") if column.stored == "DATE" else 0
    for unit, seconds in list(zip(_UNITS, _SECONDS, strict=True))[first:]:
        if span / seconds <= _FEW_DATES:
            return unit
    return _UNITS[-1]


def _after(begin: datetime, unit: str) -> datetime | None:
    """The first moment after a unit; a moment alone ends with its microsecond. None beyond the year 9999."""
    try:
        if unit in _MONTHS:
            months = 12 * begin.year + begin.month - 1 + _MONTHS[unit]
            return datetime(months // 12, months % 12 + 1, 1)
        return begin + (timedelta(seconds=_LENGTHS[unit]) if unit else _MICROSECOND)
    except (OverflowError, ValueError):
        return None


def _equals(column: Column, text: str) -> Filter:
    return Filter(column.name, "equals", text)


def _infinite(column: Column, sign: float) -> Link:
    side = "more-than" if sign > 0 else "less-than"
    return Filter(column.name, "is-infinite"), Filter(column.name, side, "0")


def _is_plain(value: float) -> bool:
    return value == 0 or _PLAIN[0] <= abs(value) < _PLAIN[1]
