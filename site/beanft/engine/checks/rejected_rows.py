"""Says how many rows were set aside when the file was read."""

from collections.abc import Iterator

from beanft.engine.checks.table import Table
from beanft.engine.findings import Finding
from beanft.engine.tables.wording import counted, shown


def find(table: Table) -> Iterator[Finding]:
    """Count the rows of the rejects file.

    Parameters
    ----------
    table : Table
        The table to look at.

    Yields
    ------
    Finding
        What was found.
    """
    n = table.profile.n_rejected
    if not n:
        return
    where = ", ".join(f"line {line:,} ({shown(text, 40)})" for line, _, text in table.profile.rejected[:2])
    yield Finding(
        code="rejected-rows",
        severity="warning",
        sentence=(
            f"{counted(n, 'row')} could not be read and {'was' if n == 1 else 'were'} set aside"
            f"{f': {where}' if where else ''}{', …' if n > 2 else ''}."
        ),
        figure=n,
        remedy="Download the rejects file, correct them and upload the whole file again.",
    )
