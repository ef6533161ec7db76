"""Finds columns that hardly hold a value, and tables with many gaps."""

from collections.abc import Iterator

from beanft.engine.checks.table import Table
from beanft.engine.findings import Finding
from beanft.engine.plain import percent
from beanft.engine.tables.wording import counted, shown

_MOST_MISSING = 0.95  # the rest is too little to learn from in most tables
_HALF = 0.5
_MANY_CELLS = 0.2  # of a table: so many gaps are more than a few forgotten answers
_FEW_ROWS = 20  # of which a half is missing by chance
_NAMED = 6


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
    for column in table.profile.columns:
        rows: tuple[tuple[str, str, str], ...] = ()
        share = column.n_missing / n_rows if n_rows else 0.0
        if column.n_missing == n_rows and n_rows:
            sentence = f"{shown(column.name)} holds no value at all."
        elif share > _MOST_MISSING:
            n = n_rows - column.n_missing
            sentence = (
                f"{shown(column.name)} is almost empty: only {counted(n, 'row')} of {n_rows:,} "
                f"{'has' if n == 1 else 'have'} a value."
            )
            rows = ((column.name, "is-not-missing", ""),)
        else:
            continue
        yield Finding(
            code="almost-empty",
            severity="note",
            columns=(column.name,),
            sentence=sentence,
            figure=share,
            remedy="Leave it out of training, unless the fact that a value is there says something itself.",
            rows=rows,
        )
    yield from _gaps(table)


def _gaps(table: Table) -> Iterator[Finding]:
    """One finding for the table: the share of its cells that is missing, and the columns above a half."""
    n_rows, columns = table.profile.n_rows, table.profile.columns
    if n_rows < _FEW_ROWS:
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
        sentence=f"{percent(share)} of all cells are missing{which}.",
        figure=share,
        remedy=(
            "Training fills the gaps and tells the learners where they were. Ask why they are there: what is "
            "missing when you predict must be missing for the same reasons."
        ),
    )
