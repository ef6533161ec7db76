"""Finds text columns of which most cells are numbers, dates or booleans."""

from collections.abc import Iterator

from beanft.engine.checks.table import Table, first_of_each
from beanft.engine.findings import Finding
from beanft.engine.tables.wording import counted, shown

_WORDS = {"number": "numbers", "date": "dates", "boolean": "true or false"}


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
        are = "is" if column.n_unreadable == 1 else "are"
        examples = ", ".join(
            f"{shown(text, 40)} (line {line:,})" for line, text in first_of_each(column.unreadable)
        )
        yield Finding(
            code="almost-kind",
            severity="warning",
            columns=(column.name,),
            sentence=(
                f"{shown(column.name)} was kept as text: {counted(n_fit, 'cell')} "
                f"{'is' if n_fit == 1 else 'are'} {what}, but {column.n_unreadable:,} {are} not"
                f"{f', such as {examples}' if examples else ''}."
            ),
            figure=column.n_unreadable,
            remedy=(f"Change its kind to {column.almost} to make those cells missing, or correct the file."),
            rows=tuple((column.name, "equals", text) for _, text in column.unreadable[:1]),
            kind=column.almost,
        )
