"""Counts cells that were set to missing because they did not fit their column."""

from collections.abc import Iterator

from beanft.engine.checks.header_rows import explained_names
from beanft.engine.checks.suffixes import endings_of, quoted
from beanft.engine.checks.table import Table, examples
from beanft.engine.findings import Finding
from beanft.engine.tables.columns import Column
from beanft.engine.tables.kinds.numbers import DECIMAL_COMMA
from beanft.engine.tables.wording import are, counted, shown

_WHAT = {"number": "no number", "boolean": "not true or false", "date": "no date of the column’s form"}


def find(table: Table) -> Iterator[Finding]:
    """Name each column with such cells; columns that were kept as text are another finding.

    Where these are further rows of the header, that is said once by `header_rows`.

    Parameters
    ----------
    table : Table
        The table to look at.

    Yields
    ------
    Finding
        What was found.
    """
    explained = explained_names(table)
    for column in table.profile.columns:
        n = column.n_unreadable
        if not n or column.almost or column.name in explained:
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
                f"{_large(column)}"
            ),
            figure=n,
            remedy="Correct them in the file, or change the kind to text to keep them as they are.",
            rows=((column.name, "is-missing", ""),),
            link="" if column.n_missing == n else f"Show all {column.n_missing:,} rows without a value",
            kind="text",
        )


def _large(column: Column) -> str:
    """Warn where all cells left out are numbers with an ending such as k, and so the large ones.

    Of more cells than the profile names nothing is known.
    """
    n = column.n_unreadable
    if column.kind != "number" or len(column.unreadable) < n:
        return ""
    comma = column.format == DECIMAL_COMMA
    found = endings_of((cell for _, cell in column.unreadable), decimal_comma=comma)
    if found is None or not found.word or not column.quantiles:
        return ""
    if max(abs(column.quantiles[1]), abs(column.quantiles[3])) >= found.least:
        return ""
    ends = [abs(float(one)) for one in (column.minimum, column.maximum) if one is not None]
    one, more = ("It ends", "a large", "value is"), ("They end", "large", "values are")
    they, large, values = one if n == 1 else more
    which = "the largest" if max(ends, default=found.least) < found.least else large
    return f" {they} in {quoted(found.endings)}; if that means {found.word}, {which} {values} left out."
