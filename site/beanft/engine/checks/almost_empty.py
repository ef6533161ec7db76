"""Finds columns that hardly hold a value."""

from collections.abc import Iterator

from beanft.engine.checks.table import Table
from beanft.engine.findings import Finding
from beanft.engine.tables.wording import counted, shown

_MOST_MISSING = 0.95  # the rest is too little to learn from in most tables


def find(table: Table) -> Iterator[Finding]:
    """Name each column of which more than 95 % is missing.

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
