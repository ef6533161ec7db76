"""Counts infinite numbers."""

from collections.abc import Iterator

from beanft.engine.checks.table import Table
from beanft.engine.findings import Finding
from beanft.engine.tables.wording import are, counted, shown


def find(table: Table) -> Iterator[Finding]:
    """Name each number column with infinite values.

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
        if column.n_infinite:
            yield Finding(
                code="infinite-numbers",
                severity="warning",
                columns=(column.name,),
                sentence=(
                    f"{counted(column.n_infinite, 'value')} of {shown(column.name)} "
                    f"{are(column.n_infinite)} infinite, and in no figure of the column."
                ),
                figure=column.n_infinite,
                remedy="Often a division by zero: correct them where the file was made.",
                rows=((column.name, "is-infinite", ""),),
            )
