"""Counts cells that were set to missing because they did not fit their column."""

from collections.abc import Iterator

from beanft.engine.checks.table import Table, first_of_each
from beanft.engine.findings import Finding
from beanft.engine.tables.wording import counted, shown

_WHAT = {"number": "no number", "boolean": "not true or false", "date": "no date of the column’s form"}


def find(table: Table) -> Iterator[Finding]:
    """Name each column with such cells; columns that were kept as text are another finding.

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
        n = column.n_unreadable
        if not n or column.almost:
            continue
        cells = first_of_each(column.unreadable)
        examples = ", ".join(f"{shown(text, 40)} (line {line:,})" for line, text in cells)
        yield Finding(
            code="unreadable-cells",
            severity="warning",
            columns=(column.name,),
            sentence=(
                f"{counted(n, 'cell')} of {shown(column.name)} {'is' if n == 1 else 'are'} "
                f"{_WHAT.get(column.kind, 'not like the others')} and became missing"
                f"{f': {examples}' if examples else ''}{', …' if n > len(cells) else ''}."
            ),
            figure=n,
            remedy="Correct them in the file, or change the kind to text to keep them as they are.",
            rows=((column.name, "is-missing", ""),),
            kind="text",
        )
