"""Finds columns that name the row instead of describing it."""

from collections.abc import Iterator

from beanft.engine.checks.table import Table, different
from beanft.engine.findings import Finding
from beanft.engine.tables.columns import Column
from beanft.engine.tables.connection import quote
from beanft.engine.tables.wording import shown

_NEARLY_ALL = 0.95  # of the values differ: what is left to learn from the repeated ones is little
_FEW_ROWS = 50  # in fewer rows many honest columns differ in every one
_LONGEST = 64  # characters; identifiers are short


def find(table: Table) -> Iterator[Finding]:
    """Name identifiers, and words that nearly all differ and so may be identifiers too.

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
        if column.kind == "identifier" and column.n_distinct > 1:
            yield _identifier(table, column)
        elif _may_be(table, column):
            yield Finding(
                code="identifier-like",
                severity="note",
                columns=(column.name,),
                sentence=(
                    f"{shown(column.name)} looks like an identifier: {different(column)} "
                    f"in {table.n_values(column):,} rows."
                ),
                figure=min(1.0, column.n_distinct / table.n_values(column)),
                remedy="If it names the row, make it an identifier, so that no model learns it by heart.",
                kind="identifier",
            )


def _identifier(table: Table, column: Column) -> Finding:
    differs = column.n_distinct == table.profile.n_rows
    return Finding(
        code="identifier-like",
        severity="note",
        columns=(column.name,),
        sentence=(
            f"{shown(column.name)} names the rows: every row has a different value."
            if differs
            else f"{shown(column.name)} is an identifier of {different(column)}."
        ),
        figure=column.n_distinct / table.profile.n_rows,
        remedy="It says nothing of other rows, so training leaves it out.",
    )


def _may_be(table: Table, column: Column) -> bool:
    """Whether nearly all values of a text column differ and each is one short word."""
    n = table.n_values(column)
    if column.stored != "VARCHAR" or column.kind not in ("text", "category") or n < _FEW_ROWS:
        return False
    if column.n_distinct < _NEARLY_ALL * n or (column.lengths and column.lengths[2] > _LONGEST):
        return False
    name, sample = quote(column.name), table.sample()
    found = table.ask(
        f"SELECT count(*) FROM {sample.table} WHERE regexp_matches({name}, '\\s')"  # noqa: S608 -- a quoted name
    )
    return found == [(0,)]
