"""Finds columns that name the row instead of describing it."""

import math
from collections.abc import Iterator

from beanft.engine.checks.codes import named_as_key
from beanft.engine.checks.table import Table, different
from beanft.engine.findings import Finding
from beanft.engine.tables.columns import Column
from beanft.engine.tables.connection import quote
from beanft.engine.tables.kinds.decision import MOSTLY
from beanft.engine.tables.kinds.survey import MEASURED
from beanft.engine.tables.wording import shown

_NEARLY_ALL = 0.95  # of the values differ: what is left to learn from the repeated ones is little
_FEW_ROWS = 50  # in fewer rows many honest columns differ in every one
_SMALL = 200  # in fewer rows whole numbers that all differ may be a dose or a time as well
_STRONG = 0.6  # rank correlation
_SURE = 2.8  # standard errors of a rank correlation of nothing
_FEWEST = 8
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
            yield _in_few_rows(table, column) if _may_measure(table, column) else _identifier(table, column)
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


def _may_measure(table: Table, column: Column) -> bool:
    """Whether whole numbers of a small table may be a dose or a time as well; not where the name says no."""
    return column.stored == "BIGINT" and table.profile.n_rows < _SMALL and not named_as_key(column)


def _in_few_rows(table: Table, column: Column) -> Finding:
    """Leave it open whether numbers that all differ name the rows, and say what goes with them."""
    goes_with = ""
    for other in table.profile.columns:
        if other.kind == "number" and other.name != column.name:
            rho = _rank_correlation(table, column, other)
            if abs(rho) >= _STRONG:
                goes_with = f": {shown(other.name)} goes with it (rank correlation {rho:.2f})"
                break
    return Finding(
        code="identifier-like",
        severity="note",
        columns=(column.name,),
        sentence=(
            f"{shown(column.name)} may name the rows, as every row has another whole number"
            + (f", or it may be a dose, a time or a place{goes_with}." if goes_with else ".")
        ),
        figure=column.n_distinct / table.profile.n_rows,
        remedy=(
            "Training leaves it out. If it measures something, such as a dose or a time, make it a number, "
            "and it is learned from."
        ),
        kind="number",
    )


def _rank_correlation(table: Table, one: Column, other: Column) -> float:
    """Spearman's; 0 where it is not defined, or so few rows may show it by chance."""
    a, b = quote(one.name), quote(other.name)
    ranks = f"rank() OVER (ORDER BY {a}) AS a, rank() OVER (ORDER BY {b}) AS b"
    known = f"{a} IS NOT NULL AND isfinite({b}::DOUBLE)"
    sql = f"SELECT corr(a, b), count(*) FROM (SELECT {ranks} FROM {table.source} WHERE {known})"  # noqa: S608 -- quoted names
    rho, n = table.ask(sql)[0]
    if rho is None or not math.isfinite(rho) or n < _FEWEST:
        return 0.0
    return float(rho) if abs(rho) * math.sqrt(n - 1) > _SURE else 0.0


def _may_be(table: Table, column: Column) -> bool:
    """Whether nearly all values of a text column differ and each is one short word."""
    n = table.n_values(column)
    if column.stored != "VARCHAR" or column.kind not in ("text", "category") or n < _FEW_ROWS:
        return False
    if column.n_distinct < _NEARLY_ALL * n or (column.lengths and column.lengths[2] > _LONGEST):
        return False
    name, sample = quote(column.name), table.sample()
    found = table.ask(
        f"SELECT count(*) FILTER (regexp_matches({name}, '\\s')), "  # noqa: S608 -- a quoted name
        f"coalesce(avg(regexp_full_match({name}, ?)::INTEGER), 0) FROM {sample.table}",
        [MEASURED],
    )
    return all(n_spaced == 0 and measured <= MOSTLY for n_spaced, measured in found)
