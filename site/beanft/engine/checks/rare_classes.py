"""Finds values of categories that few rows have."""

from collections.abc import Iterator

from beanft.engine.checks.table import Table
from beanft.engine.findings import Finding
from beanft.engine.tables.columns import Column
from beanft.engine.tables.queries.conditions import operators_of
from beanft.engine.tables.queries.predicates import join_list
from beanft.engine.tables.wording import counted, shown

_FEW_ROWS = 10  # rows from which a class can be learned at all
_SHARE = 0.01
_FEW_CLASSES = 20  # of more classes 1 % is no small share
_MOST_CLASSES = 1000
_MOST_LISTED = 50  # in the address of their rows
_MOST_QUESTIONS = 30  # columns with more values than the profile lists


def find(table: Table) -> Iterator[Finding]:
    """Count the rare values of each category and boolean column.

    Parameters
    ----------
    table : Table
        The table to look at.

    Yields
    ------
    Finding
        What was found.
    """
    n_questions = 0
    for column in table.profile.columns:
        if column.kind not in ("category", "boolean") or not 2 <= column.n_distinct <= _MOST_CLASSES:
            continue
        if len(column.top) < column.n_distinct:
            n_questions += 1
            if n_questions > _MOST_QUESTIONS:
                return
        yield from _of(table, column)


def _of(table: Table, column: Column) -> Iterator[Finding]:
    least = _FEW_ROWS
    if column.n_distinct <= _FEW_CLASSES:
        least = max(least, int(_SHARE * table.n_values(column)))
    counts = table.counts(column, _MOST_CLASSES)
    rare = [(value, n) for value, n in counts if n < least]
    if not rare or len(rare) == len(counts):
        return
    yield Finding(
        code="rare-classes",
        severity="note",
        columns=(column.name,),
        sentence=_sentence(column, rare, least),
        figure=len(rare),
        remedy="A model can hardly learn them. Put them together as “other”, or collect more rows.",
        rows=_rows(column, [value for value, _ in rare]),
    )


def _sentence(column: Column, rare: list[tuple[str, int]], least: int) -> str:
    value, n = rare[-1]
    if len(rare) == 1:
        return f"One value of {shown(column.name)} is rare: {shown(value, 40)}, in {counted(n, 'row')} only."
    return (
        f"{len(rare):,} of the {column.n_distinct:,} values of {shown(column.name)} are rare: each has fewer "
        f"than {least:,} rows, together they have {sum(n for _, n in rare):,}; {shown(value, 40)} has {n:,}."
    )


def _rows(column: Column, values: list[str]) -> tuple[tuple[str, str, str], ...]:
    """A filter for all rare values, or the rarest of very many."""
    if len(values) == 1 or "one-of" not in operators_of(column):
        return ((column.name, "equals", values[-1]),)
    return ((column.name, "one-of", join_list(tuple(values[-_MOST_LISTED:]))),)
