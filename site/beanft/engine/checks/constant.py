"""Finds columns that hold one value in every row."""

from collections.abc import Iterator

from beanft.engine.checks.table import Table
from beanft.engine.findings import Finding
from beanft.engine.tables.wording import shown

_FEW_ROWS = 2  # a table of one row has constants only


def find(table: Table) -> Iterator[Finding]:
    """Name each column whose values are all the same; missing cells are not counted as a value.

    Parameters
    ----------
    table : Table
        The table to look at.

    Yields
    ------
    Finding
        What was found.
    """
    if table.profile.n_rows < _FEW_ROWS:
        return
    for column in table.profile.columns:
        if column.n_distinct == 1 and column.n_missing < table.profile.n_rows:
            value = f": {shown(column.top[0][0], 40)}" if column.top else ""
            where = "in every row" if not column.n_missing else "wherever it has a value"
            yield Finding(
                code="constant",
                severity="note",
                columns=(column.name,),
                sentence=f"{shown(column.name)} holds the same value {where}{value}.",
                figure=1.0,
                remedy="It can tell nothing apart, so training leaves it out.",
            )
