"""Finds dates that can hardly be right: in the future, long ago, or too many on one day."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from beanft.engine.checks.table import Table
from beanft.engine.findings import Finding
from beanft.engine.plain import plain
from beanft.engine.tables.columns import Column
from beanft.engine.tables.connection import quote
from beanft.engine.tables.wording import are, counted, shown

_FEW = 0.05  # of the values: where more are in the future or long ago, that is what the column is about
_LONG_AGO = "1900-01-01"
_SPIKE = 0.2  # of the rows on one day
_TIMES = 10  # as many as on the next day
_DAYS = 30  # with fewer days a busy one is no wonder


def find(table: Table) -> Iterator[Finding]:
    """Look at each date column.

    Parameters
    ----------
    table : Table
        The table to look at.

    Yields
    ------
    Finding
        What was found.
    """
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    for column in table.profile.columns:
        if column.kind != "date" or column.n_distinct < 2:
            continue
        if str(column.maximum) > f"{tomorrow}~" and len(str(column.maximum)) >= len(tomorrow):
            yield from _outside(table, column, "at-least", tomorrow, "in the future")
        if str(column.minimum) < _LONG_AGO:
            yield from _outside(table, column, "at-most", "1899-12-31", "before 1900")
        yield from _busy_day(table, column)


def _outside(table: Table, column: Column, operator: str, day: str, where: str) -> Iterator[Finding]:
    sign = ">=" if operator == "at-least" else "<="
    ((n,),) = table.ask(
        f"SELECT count(*) FROM {table.source} WHERE {quote(column.name)}::DATE {sign} ?::DATE",  # noqa: S608 -- a quoted name
        [day],
    )
    if not 0 < n <= max(1, _FEW * table.n_values(column)):
        return
    is_late = operator == "at-least"
    far = f"up to {str(column.maximum)[:10]}" if is_late else f"from {str(column.minimum)[:10]} on"
    yield Finding(
        code="suspicious-dates",
        severity="warning",
        columns=(column.name,),
        sentence=f"{counted(n, 'date')} of {shown(column.name)} {are(n)} {where}, {far}.",
        figure=n,
        remedy="Look whether they are mistakes, or words for no date; correct them in the file.",
        rows=((column.name, operator, day),),
    )


def _busy_day(table: Table, column: Column) -> Iterator[Finding]:
    """Name a day that has many times the rows of any other, in the sample."""
    if column.n_distinct < _DAYS:
        return
    sample, name = table.sample(), quote(column.name)
    found = table.ask(
        f"SELECT {name}::DATE::VARCHAR AS day, count(*) AS n FROM {sample.table} WHERE {name} IS NOT NULL "  # noqa: S608 -- a quoted name
        "GROUP BY 1 ORDER BY 2 DESC LIMIT 2"
    )
    if len(found) < 2 or not sample.n_rows:
        return
    (day, n), (_, next_n) = found
    share = n / sample.n_rows
    if share >= _SPIKE and n >= _TIMES * next_n:
        yield Finding(
            code="suspicious-dates",
            severity="warning",
            columns=(column.name,),
            sentence=(
                f"{plain(100 * share, 2)} % of the rows have the same day in {shown(column.name)}, {day}; "
                "no other day has a tenth of that."
            ),
            figure=share,
            remedy="Often it is the day of an import. Look whether the column tells what you think.",
            rows=((column.name, "equals", day),),
        )
