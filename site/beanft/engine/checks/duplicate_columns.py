"""Finds columns that say the same in every row."""

from collections import defaultdict
from collections.abc import Hashable, Iterator

from beanft.engine.checks.table import Table
from beanft.engine.findings import Finding
from beanft.engine.tables.columns import Column
from beanft.engine.tables.connection import quote
from beanft.engine.tables.wording import shown

_MOST_COMPARED = 200  # pairs whose figures agree; more would take long, and the first tell enough


def find(table: Table) -> Iterator[Finding]:
    """Compare columns whose figures agree cell by cell.

    Parameters
    ----------
    table : Table
        The table to look at.

    Yields
    ------
    Finding
        What was found.
    """
    alike: dict[Hashable, list[Column]] = defaultdict(list)
    n_compared = 0
    for column in table.profile.columns:
        if column.n_distinct < 2:
            continue
        others = alike[_figures(column)]
        first = None
        for other in others:
            n_compared += 1
            if n_compared > _MOST_COMPARED:
                return
            if _equal(table, other, column):
                first = other
                break
        if first is None:
            others.append(column)
            continue
        yield Finding(
            code="duplicate-columns",
            severity="warning",
            columns=(first.name, column.name),
            sentence=f"{shown(column.name)} holds the same as {shown(first.name)} in every row.",
            figure=1.0,
            remedy="Use one of them; the other adds nothing, and shares the importance of the first.",
        )


def _figures(column: Column) -> Hashable:
    """What two equal columns must have in common; an estimate may depend on the order of reading."""
    n_distinct = column.n_distinct if column.distinct_is_exact else 0
    extremes = (column.minimum, column.maximum, column.lengths[:1], column.lengths[2:])
    return (column.stored, column.n_missing, n_distinct, *extremes, column.n_infinite)


def _equal(table: Table, a: Column, b: Column) -> bool:
    same = f"{quote(a.name)} IS NOT DISTINCT FROM {quote(b.name)}"
    return table.ask(f"SELECT bool_and({same}) FROM {table.source}") == [(True,)]  # noqa: S608 -- quoted names
