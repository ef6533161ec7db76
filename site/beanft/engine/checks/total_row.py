"""Finds a last row that adds up the others."""

from collections.abc import Iterator
from typing import Any

from beanft.engine.checks.table import Table
from beanft.engine.findings import Finding
from beanft.engine.tables.columns import Column
from beanft.engine.tables.connection import quote
from beanft.engine.tables.wording import counted, listed, shown

_WORDS = (
    "total",
    "totals",
    "grand total",
    "sum",
    "summe",
    "gesamt",
    "insgesamt",
    "ensemble",
    "somme",
    "totale",
)
_CLOSE = 1e-6  # of the sum: totals are rounded like their parts
_FEWEST_ROWS = 4
_FEWEST_PARTS = 5  # different values: 1, 2, 3 and 0, 1, 2, 3 also end with their sum
_FEWEST_SUMS = 2  # one column may end with its sum by chance
_MOST_COLUMNS = 200


def find(table: Table) -> Iterator[Finding]:
    """Look at the last row: does a text cell say so, or is it the sum of the rows above?

    Parameters
    ----------
    table : Table
        The table to look at.

    Yields
    ------
    Finding
        What was found.
    """
    n_rows = table.profile.n_rows
    columns = table.profile.columns[:_MOST_COLUMNS]
    if n_rows < _FEWEST_ROWS or not columns:
        return
    last = _last_row(table, columns)
    word = next((str(value) for value in last.values() if isinstance(value, str)), "")
    sums = [column.name for column in columns if _is_sum(table, column, last[column.name])]
    said = word.strip(" :.").casefold() in _WORDS
    if not (said or len(sums) >= _FEWEST_SUMS):
        return
    why = (
        f"it begins with {shown(word, 40)}"
        if said
        else f"it is the sum of the rows above in {counted(len(sums), 'column')}"
    )
    yield Finding(
        code="total-row",
        severity="warning",
        columns=tuple(sums),
        sentence=f"The last row (row {n_rows:,}) looks like a total: {why}.{_blamed(columns, last)}",
        figure=float(n_rows),
        remedy="Remove it from the file and upload that again; a total is no row like the others.",
        rows=_rows(last, columns, word, said),
    )


def _last_row(table: Table, columns: tuple[Column, ...]) -> dict[str, Any]:
    wanted = ", ".join(quote(column.name) for column in columns)
    row = table.ask(
        f"SELECT {wanted} FROM {table.source} WHERE file_row_number = ?",  # noqa: S608 -- quoted names
        [table.profile.n_rows - 1],
    )
    return dict(zip([column.name for column in columns], row[0], strict=True)) if row else {}


def _is_sum(table: Table, column: Column, value: Any) -> bool:
    """Whether the last number is the sum of the others, which is half of the sum of all."""
    if column.kind != "number" or column.mean is None or not isinstance(value, (int, float)) or not value:
        return False
    if column.n_infinite or column.n_distinct < _FEWEST_PARTS:
        return False
    others = column.mean * table.n_values(column) - value
    return bool(abs(others - value) <= _CLOSE * abs(value))


def _blamed(columns: tuple[Column, ...], last: dict[str, Any]) -> str:
    """Say which columns are text because of this row, which explains their own warnings."""
    text = [one.name for one in columns if one.almost and one.n_unreadable == 1 and _holds(one, last)]
    return f" Without it {counted(len(text), 'column')} would not be text: {listed(text)}." if text else ""


def _holds(column: Column, last: dict[str, Any]) -> bool:
    """Whether the only cell that does not fit is the one of the last row."""
    return [text for _, text in column.unreadable] == [last[column.name]]


def _rows(
    last: dict[str, Any], columns: tuple[Column, ...], word: str, said: bool
) -> tuple[tuple[str, str, str], ...]:
    if not said:
        return ()
    name = next(column.name for column in columns if last[column.name] == word)
    return ((name, "equals", word),)
