"""Finds columns that hardly hold a value, and tables with many gaps."""

from collections.abc import Iterator, Sequence

from beanft.engine.checks.table import Table
from beanft.engine.findings import Finding
from beanft.engine.plain import percent
from beanft.engine.tables.columns import Column
from beanft.engine.tables.wording import counted, shown

_MOST_MISSING = 0.95  # the rest is too little to learn from in most tables
_HALF = 0.5
_MANY_CELLS = 0.2  # of a table: so many gaps are more than a few forgotten answers
_FEW_ROWS = 20  # of which a half is missing by chance
_NAMED = 6
_NOTHING = "holds no value at all"


def find(table: Table) -> Iterator[Finding]:
    """Name each column of which more than 95 % is missing, and say of the table how much of it is.

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
    if not n_rows:
        return
    empty = _empty(table)
    if len(empty) > 1:
        yield _no_value(empty)
    for column in table.profile.columns:
        share = column.n_missing / n_rows
        if share > _MOST_MISSING and not (share == 1 and len(empty) > 1):
            yield _of_one(column, n_rows)
    yield from _gaps(table)


def _empty(table: Table) -> list[Column]:
    return [column for column in table.profile.columns if column.n_missing == table.profile.n_rows]


def _no_value(empty: Sequence[Column]) -> Finding:
    """One finding for all columns without a value, such as a sheet has beside its table."""
    named = ", ".join(shown(column.name, 40) for column in empty[:_NAMED])
    more = f" and {len(empty) - _NAMED:,} more" if len(empty) > _NAMED else ""
    return Finding(
        code="almost-empty",
        severity="note",
        columns=tuple(column.name for column in empty),
        sentence=f"{len(empty):,} columns hold no value at all: {named}{more}.",
        figure=len(empty),
        remedy="Leave them out of training: they say nothing.",
    )


def _of_one(column: Column, n_rows: int) -> Finding:
    n = n_rows - column.n_missing
    has = "has" if n == 1 else "have"
    few = f"is almost empty: only {counted(n, 'row')} of {n_rows:,} {has} a value" if n else _NOTHING
    return Finding(
        code="almost-empty",
        severity="note",
        columns=(column.name,),
        sentence=f"{shown(column.name)} {few}.",
        figure=column.n_missing / n_rows,
        remedy="Leave it out of training, unless the fact that a value is there says something itself.",
        rows=((column.name, "is-not-missing", ""),) if n else (),
    )


def _gaps(table: Table) -> Iterator[Finding]:
    """One finding for the table: the share of its cells that is missing, and the columns above a half.

    Columns without any value are told on their own, and would hide how full the others are.
    """
    n_rows, empty = table.profile.n_rows, _empty(table)
    columns = [column for column in table.profile.columns if column.n_missing < n_rows]
    if n_rows < _FEW_ROWS or not columns:
        return
    share = sum(column.n_missing for column in columns) / (n_rows * len(columns))
    half = [one for one in columns if _HALF * n_rows < one.n_missing <= _MOST_MISSING * n_rows]
    if share < _MANY_CELLS and not half:
        return
    half.sort(key=lambda one: -one.n_missing)
    named = ", ".join(f"{shown(one.name, 40)} ({percent(one.n_missing / n_rows)})" for one in half[:_NAMED])
    more = f" and {len(half) - _NAMED:,} more" if len(half) > _NAMED else ""
    which = f"; in {counted(len(half), 'column')} more than half: {named}{more}" if half else ""
    yield Finding(
        code="missing-values",
        severity="note",
        columns=tuple(one.name for one in half),
        sentence=f"{percent(share)} of all {'other ' * bool(empty)}cells are missing{which}.",
        figure=share,
        remedy=(
            "Training fills the gaps and tells the learners where they were. Ask why they are there: what is "
            "missing when you predict must be missing for the same reasons."
        ),
    )
