"""Counts cells that were set to missing because they did not fit their column."""

from collections.abc import Iterator

from beanft.engine.checks.table import Table, examples
from beanft.engine.findings import Finding
from beanft.engine.tables.wording import are, counted, shown

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
        some = examples(column.unreadable)
        n_named = len(column.unreadable)
        yield Finding(
            code="unreadable-cells",
            severity="warning",
            columns=(column.name,),
            sentence=(
                f"{counted(n, 'cell')} of {shown(column.name)} {are(n)} "
                f"{_WHAT.get(column.kind, 'not like the others')} and became missing"
                f"{f': {some}' if some else ''}{', …' if n > n_named else ''}."
            ),
            figure=n,
            remedy="Correct them in the file, or change the kind to text to keep them as they are.",
            rows=((column.name, "is-missing", ""),),
            link="" if column.n_missing == n else f"Show all {column.n_missing:,} rows without a value",
            kind="text",
        )
