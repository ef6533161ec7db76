"""Finds values that may stand for a missing one: -1, 999, “unknown”, 1900-01-01."""

from collections.abc import Iterator

from beanft.engine.checks.table import Table
from beanft.engine.findings import Finding
from beanft.engine.tables.columns import Column
from beanft.engine.tables.connection import quote
from beanft.engine.tables.wording import counted, shown

_NUMBERS = (-1, -9, -99, -999, -9999, 99, 999, 9999, 99999, 999999)
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
    for column in table.profile.columns:
        if column.kind == "number":
            yield from _of_number(table, column)
        elif column.kind == "date":
            yield from _of_date(table, column)
        elif column.kind in ("category", "text") and column.stored == "VARCHAR" and column.n_distinct > 1:
            yield from _of_words(column)


def _of_number(table: Table, column: Column) -> Iterator[Finding]:
    """Only the smallest or largest value can be one, where it is far out and repeated."""
    ends = {float(end) for end in (column.minimum, column.maximum) if end is not None}
    for value in sorted(ends & {float(number) for number in _NUMBERS}):
        if not _stands_apart(column, value):
            continue
        n = _rows_with(table, column, value)
        if n >= _least(table, column):
            yield _finding(column, f"{value:.0f}", n, "it stands apart from the others")


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
