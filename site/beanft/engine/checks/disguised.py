"""Finds values that may stand for a missing one: -1, 999, “unknown”, 1900-01-01."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from beanft.engine.checks.table import Table
from beanft.engine.findings import Finding
from beanft.engine.tables.columns import Column
from beanft.engine.tables.connection import quote
from beanft.engine.tables.wording import counted, shown

_NUMBERS = (
    *(-1.0, -9.0, -99.0, -999.0, -9999.0, -99999.0, -999999.0, -99.9, -999.9, -9999.9, -99.99, -999.99),
    *(99.0, 999.0, 9999.0, 99999.0, 999999.0, 999.9, 9999.9),
)
_DATES = ("1900-01-01", "1970-01-01", "9999-12-31", "0001-01-01", "2099-12-31")
_WORDS = frozenset(
    (
        *(
            "unknown",
            "missing",
            "not available",
            "not applicable",
            "no data",
            "nodata",
            "undefined",
            "unspecified",
        ),
        *("not specified", "not known", "none given", "k.a.", "k. a.", "keine angabe", "unbekannt", "fehlt"),
        *("inconnu", "desconocido", "sconosciuto", "x", "xx", "xxx", "tbd", "n.v.", "n/v", "empty", "blank"),
    )
)
_SPIKE = 0.005  # of the values: fewer are no habit of whoever wrote the file
_LEAST = 3  # times
_APART = 1.0  # interquartile ranges between the value and the quartile on its side
_OFTEN = 1.5  # times as frequent as a value is on average
_BEYOND = 3.0  # ranges of all other values, from which a gap tells of any number
_MANY = 0.01  # of the values, and so many times, that such a number must be there
_MANY_LEAST = 5
_FEW_VALUES = 10  # different ones: a scale with some steps
_EVERYTHING = (-1.0, -100.0)  # as a change or a return: all is gone, as share and as per cent
_DIGITS = 2  # of a number that somebody thought out
_APART_FROM_OTHERS = "it stands apart from the others"


@dataclass(frozen=True)
class _End:
    """The smallest or the largest number of a column."""

    column: Column
    value: float
    n: int
    """Rows with it."""
    nearest: float
    """The value next to it."""

    @property
    def is_far(self) -> bool:
        """Whether the gap is several times as wide as the range of all others."""
        column = self.column
        other = column.maximum if self.value == column.minimum else column.minimum
        return abs(self.nearest - self.value) >= _BEYOND * abs(float(other or 0.0) - self.nearest)


def find(table: Table) -> Iterator[Finding]:
    """Look for such values at the edges of numbers and dates, and among the words of categories.

    Parameters
    ----------
    table : Table
        The table to look at.

    Yields
    ------
    Finding
        What was found.
    """
    numbers = _among_numbers(table)
    for column in table.profile.columns:
        yield from numbers.get(column.name, ())
        if column.kind == "date":
            yield from _of_date(table, column)
        elif column.kind in ("category", "text") and column.stored == "VARCHAR" and column.n_distinct > 1:
            yield from _of_words(column)


def _among_numbers(table: Table) -> dict[str, list[Finding]]:
    """Findings by column: numbers that are known for it or far out, and the same ones in other columns."""
    found = {}
    habits: dict[float, Column] = {}
    columns = [column for column in table.profile.columns if column.kind == "number"]
    for column in columns:
        ends = [*_known(table, column), *_far_out(table, column)]
        found[column.name] = [_finding(column, _written(v), n, _APART_FROM_OTHERS) for v, n in ends]
        for value, _ in ends:
            if value < -1:  # -1 may be a step of a scale
                habits.setdefault(value, column)
    for column in columns:
        if not found[column.name] and column.minimum in habits:
            value = float(column.minimum)
            found[column.name] = list(_as_in(table, column, value, habits[value]))
    return found


def _known(table: Table, column: Column) -> Iterator[tuple[float, int]]:
    """Only the smallest or largest value can be one, where it is far out and repeated."""
    for value in sorted(set(_ends(column)) & set(_NUMBERS)):
        if not _stands_apart(column, value):
            continue
        n = _rows_with(table, column, value)
        if n >= _least(table, column):
            yield value, n


def _far_out(table: Table, column: Column) -> Iterator[tuple[float, int]]:
    """Any number that is repeated beyond a gap that is wider than all the rest of the column."""
    for value in _ends(column):
        if value in _NUMBERS and _stands_apart(column, value):
            continue  # told already, or too seldom
        if column.n_distinct <= _FEW_VALUES or not _thought_out(value) or not _may_be_far(column, value):
            continue
        end = _end(table, column, value)
        if end.is_far and end.n >= max(_MANY_LEAST, _MANY * table.n_values(column), _least(table, column)):
            yield value, end.n


def _as_in(table: Table, column: Column, value: float, like: Column) -> Iterator[Finding]:
    """The number that means missing in another column, where it is the only negative one."""
    end = _end(table, column, value)
    if column.n_distinct > _FEW_VALUES and end.nearest >= 0 and end.n >= _least(table, column):
        why = f"no other value is negative, and in {shown(like.name, 40)} it stands apart"
        yield _finding(column, _written(value), end.n, why)


def _ends(column: Column) -> list[float]:
    return [float(end) for end in (column.minimum, column.maximum) if end is not None]


def _thought_out(value: float) -> bool:
    """Whether somebody wrote it for “none”: a negative round number, or nines, which are the usual large one.

    A large amount that several pay is round, too, and zero is a count.
    """
    digits = _written(abs(value)).replace(".", "").strip("0")
    nines = len(digits) > 1 and set(digits) == {"9"}
    return nines or (value < 0 and len(digits) <= _DIGITS and value not in _EVERYTHING)


def _may_be_far(column: Column, value: float) -> bool:
    """Whether the quantiles allow it, so that hardly a column is asked for; one may lie within the gap."""
    others = sorted(abs(one - value) for one in (*column.quantiles, *_ends(column)) if one != value)
    if not others or not math.isfinite(others[-1]):
        return False
    return (1 + _BEYOND) * others[:2][-1] >= _BEYOND * others[-1]


def _end(table: Table, column: Column, value: float) -> _End:
    name = quote(column.name)
    nearest = (
        f"min({name}) FILTER ({name} > ?)" if value == column.minimum else f"max({name}) FILTER ({name} < ?)"
    )
    ((n, other),) = table.ask(
        f"SELECT count(*) FILTER ({name} = ?), {nearest} FROM {table.source}",  # noqa: S608 -- a quoted name
        [value, value],
    )
    return _End(column, value, int(n), value if other is None else float(other))


def _written(value: float) -> str:
    return f"{value:.15g}"


def _stands_apart(column: Column, value: float) -> bool:
    if len(column.quantiles) != 5:
        return False
    low, high = column.quantiles[1], column.quantiles[3]
    if value == -1 and column.minimum == -1:
        return low >= 0 and column.n_distinct > 3  # the only negative value among counts
    gap = max(low - value, value - high)
    return gap > _APART * (high - low) and (value < 0 or not _goes_on(column, value))


def _goes_on(column: Column, value: float) -> bool:
    """Whether the histogram reaches the value without a gap, as it does where 99 is one number of many."""
    return not column.counts or all(column.counts[len(column.counts) // 2 :]) or value != column.maximum


def _of_date(table: Table, column: Column) -> Iterator[Finding]:
    for day in _DATES:
        if any(str(end).startswith(day) for end in (column.minimum, column.maximum)):
            name = quote(column.name)
            ((n,),) = table.ask(
                f"SELECT count(*) FROM {table.source} WHERE {name}::DATE = ?::DATE",  # noqa: S608 -- a quoted name
                [day],
            )
            if n >= _least(table, column) and column.n_distinct > 2:
                yield _finding(column, day, n, "programs write this day for no date")


def _of_words(column: Column) -> Iterator[Finding]:
    for value, n in column.top:
        # one letter among other letters is a code like them
        lonely = len(value) > 1 or all(len(other) > 1 for other, _ in column.top if other != value)
        if value.strip().casefold() in _WORDS and lonely:
            yield _finding(column, value, n, "a word for no value")


def _least(table: Table, column: Column) -> float:
    return max(
        _LEAST, _SPIKE * table.n_values(column), _OFTEN * table.n_values(column) / max(1, column.n_distinct)
    )


def _rows_with(table: Table, column: Column, value: float) -> int:
    name = quote(column.name)
    ((n,),) = table.ask(f"SELECT count(*) FROM {table.source} WHERE {name} = ?", [value])  # noqa: S608 -- a quoted name
    return int(n)


def _finding(column: Column, value: str, n: int, why: str) -> Finding:
    return Finding(
        code="disguised-missing",
        severity="warning",
        columns=(column.name,),
        sentence=(
            f"{shown(value, 40)} in {counted(n, 'row')} of {shown(column.name)} may mean missing: {why}."
        ),
        figure=n,
        remedy="If it means missing, add it to the spellings of missing under Columns.",
        rows=((column.name, "equals", value),),
    )
