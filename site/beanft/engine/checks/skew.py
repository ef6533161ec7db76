"""Finds number columns with one long tail."""

from collections.abc import Iterator

from beanft.engine.checks.table import Table
from beanft.engine.findings import Finding
from beanft.engine.plain import plain
from beanft.engine.tables.wording import shown

_SKEWED = 2.0  # as skew as an exponential distribution
_FEW_VALUES = 20


def find(table: Table) -> Iterator[Finding]:
    """Name number columns of which most values are on one side, far from the rest.

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
        if column.kind != "number" or column.skewness is None or abs(column.skewness) <= _SKEWED:
            continue
        if column.n_distinct <= 2 or table.n_values(column) < _FEW_VALUES:
            continue
        where, rest = ("large", "small") if column.skewness > 0 else ("small", "large")
        positive = column.minimum is not None and float(column.minimum) > 0 and column.skewness > 0
        yield Finding(
            code="skew",
            severity="note",
            columns=(column.name,),
            sentence=(
                f"{shown(column.name)} is skewed (skewness {plain(column.skewness, 2)}): most values are "
                f"{rest}, few are very {where}."
            ),
            figure=column.skewness,
            remedy=(
                "As all are positive, its logarithm is easier to look at and to forecast."
                if positive
                else "Prefer the median to the mean when you describe it."
            ),
        )
