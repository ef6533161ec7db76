"""Finds text columns of which most cells are numbers, dates or booleans."""

from collections.abc import Iterator

from beanft.engine.checks.table import Table, examples
from beanft.engine.findings import Finding
from beanft.engine.tables.columns import Column
from beanft.engine.tables.kinds.truths import BINARY
from beanft.engine.tables.queries.predicates import join_list
from beanft.engine.tables.wording import are, counted, shown

_WORDS = {"number": "numbers", "date": "dates", "boolean": "true or false"}
_MOST_WORDS = 50  # other than true and false, in the address of their rows
_MOST_VALUES = 1000


def find(table: Table) -> Iterator[Finding]:
    """Name each column that is almost of another kind, with the first cells that are not.

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
        if column.almost not in _WORDS:
            continue
        what = _WORDS[column.almost]
        n_fit = max(0, table.n_values(column) - column.n_unreadable)
        some = examples(column.unreadable)
        yield Finding(
            code="almost-kind",
            severity="warning",
            columns=(column.name,),
            sentence=(
                f"{shown(column.name)} was kept as text: {counted(n_fit, 'cell')} "
                f"{are(n_fit)} {what}, but {column.n_unreadable:,} {are(column.n_unreadable)} not"
                f"{f', such as {some}' if some else ''}."
            ),
            figure=column.n_unreadable,
            remedy=(f"Change its kind to {column.almost} to make those cells missing, or correct the file."),
            rows=_rows(table, column),
            kind=column.almost,
        )


def _rows(table: Table, column: Column) -> tuple[tuple[str, str, str], ...]:
    """A filter for all cells that are not of the kind; what is not true or false are few words."""
    if column.almost != "boolean":
        return ((column.name, f"is-no-{column.almost}", ""),)
    words = [value for value, _ in table.counts(column, _MOST_VALUES) if BINARY.value(value) is None]
    return ((column.name, "one-of", join_list(tuple(words[:_MOST_WORDS]))),) if words else ()
