"""Counts numbers far away from the others."""

from collections.abc import Iterator

from beanft.engine.checks.table import Table
from beanft.engine.findings import Finding
from beanft.engine.tables.columns import Column
from beanft.engine.tables.wording import are, counted, shown

_FEW_VALUES = 20  # quartiles of fewer say little
_MANY = 0.05  # beyond this share the column has a long tail rather than outliers


def find(table: Table) -> Iterator[Finding]:
    """Name each number column with values outside of Tukey's outer fences.

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
        n_values = table.n_values(column)
        if column.kind != "number" or not column.n_outliers or n_values < _FEW_VALUES:
            continue
        share = column.n_outliers / n_values
        if share > _MANY:
            continue
        yield Finding(
            code="outliers",
            severity="note",
            columns=(column.name,),
            sentence=(
                f"{counted(column.n_outliers, 'value')} of {shown(column.name)} ({100 * share:.2g} %) "
                f"{are(column.n_outliers)} far from the others: "
                f"{_where(column)}."
            ),
            figure=column.n_outliers,
            remedy="Look whether they are mistakes. Linear models suffer from them, trees hardly do.",
            rows=((column.name, "is-outlier", ""),),
        )


def _where(column: Column) -> str:
    """The fences beyond which there are any."""
    low, high = column.fences
    below = column.minimum is not None and float(column.minimum) < low
    above = column.maximum is not None and float(column.maximum) > high
    sides = [f"below {low:,.6g}"] * below + [f"above {high:,.6g}"] * above
    return " or ".join(sides)
