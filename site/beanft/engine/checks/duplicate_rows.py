"""Counts rows that another row repeats in every cell."""

from collections.abc import Iterator, Sequence

from beanft.engine.checks.table import Table
from beanft.engine.findings import Finding
from beanft.engine.tables.columns import Column
from beanft.engine.tables.connection import quote
from beanft.engine.tables.queries.conditions import FILTERS_MOST
from beanft.engine.tables.wording import counted, listed

_FIRST_LOOK = 4  # columns: where these tell all rows apart, the others need not be read
_HASHES = 4_000_000  # kept at once; of more rows a part is counted, chosen by the value of its cells
_FEW_ROWS = 2
_ENOUGH = 100  # repeated rows; where there are more a part of them holds an example, too
_MOST_PARTS = 64
_LONGEST = 200  # characters of a value in that address


def find(table: Table) -> Iterator[Finding]:
    """Count the rows that say the same as an earlier one, identifiers aside.

    Parameters
    ----------
    table : Table
        The table to look at.

    Yields
    ------
    Finding
        What was found.
    """
    columns = [column for column in table.profile.columns if column.n_distinct > 1]
    compared = [column for column in columns if column.kind != "identifier"]
    if table.profile.n_rows < _FEW_ROWS or len(compared) < _FEW_ROWS:
        return
    telling = sorted(compared, key=lambda column: -column.n_distinct)[:_FIRST_LOOK]
    if len(telling) < len(compared) and not _n_repeated(table, telling):
        return
    n, parts = _n_repeated(table, compared), _parts(table.profile.n_rows)
    if not n:
        return
    identifiers = [column.name for column in columns if column.kind == "identifier"]
    but = f" in all columns but {listed(identifiers)}" if identifiers else ""
    about = "About " if parts > 1 else ""
    example, rows = _example(table, compared, n)
    yield Finding(
        code="duplicate-rows",
        severity="warning",
        sentence=(
            f"{about}{counted(n, 'row')} ({100 * n / table.profile.n_rows:.3g} %) "
            f"{'repeats' if n == 1 else 'repeat'} an earlier row{but}{example}."
        ),
        figure=n,
        remedy=(
            "If they are the same thing twice, remove them from the file: a model tested on rows that it was "
            "trained with looks better than it is."
        ),
        rows=rows,
        link="Show one of them and the rows like it" if n > 1 else "Show both rows",
    )


def _parts(n_rows: int) -> int:
    return -(-n_rows // _HASHES)


def _example(
    table: Table, columns: Sequence[Column], n_repeated: int
) -> tuple[str, tuple[tuple[str, str, str], ...]]:
    """Rows that repeat each other, in words and as filters; of very many only a part is looked through."""
    cells = ", ".join(quote(column.name) for column in columns)
    parts = _parts(table.profile.n_rows) * max(1, min(_MOST_PARTS, n_repeated // _ENOUGH))
    hashes = f"SELECT file_row_number AS r, hash({cells}) AS h FROM {table.source}"  # noqa: S608 -- quoted names
    found = table.ask(
        f"SELECT min(r), max(r) FROM ({hashes}) WHERE h % {parts} = 0 GROUP BY h HAVING count(*) > 1 "  # noqa: S608 -- names of our own
        "ORDER BY 1 LIMIT 1"
    )
    if not found:
        return "", ()
    ((first, second),) = found
    telling = sorted(columns, key=lambda column: -column.n_distinct)[:FILTERS_MOST]
    wanted = ", ".join(f"{quote(column.name)}::VARCHAR" for column in telling)
    (values,) = table.ask(f"SELECT {wanted} FROM {table.source} WHERE file_row_number = ?", [first])  # noqa: S608 -- quoted names
    filters = [_filter(column, value) for column, value in zip(telling, values, strict=True)]
    such_as = ", such as" if n_repeated > 1 else ":"
    return (
        f"{such_as} row {second + 1:,}, which repeats row {first + 1:,}",
        tuple(one for one in filters if len(one[2]) <= _LONGEST),
    )


def _filter(column: Column, value: str | None) -> tuple[str, str, str]:
    """The filter for the rows that have a value, which is written as DuckDB writes it."""
    if value is None:
        return (column.name, "is-missing", "")
    if column.stored == "DOUBLE" and value.endswith("inf"):
        return (column.name, "is-infinite", "")
    return (column.name, "equals", value)


def _n_repeated(table: Table, columns: Sequence[Column]) -> int:
    """Rows less different rows. Hashes stand for rows: of 10 M rows two share one with odds of 1 to 370,000.

    Rows that repeat each other have one hash and so are in the same part.
    """
    parts = _parts(table.profile.n_rows)
    some = f"WHERE h % {parts} = 0" if parts > 1 else ""
    cells = ", ".join(quote(column.name) for column in columns)
    ((n_rows, n_different),) = table.ask(
        f"SELECT count(*), count(DISTINCT h) FROM (SELECT hash({cells}) AS h FROM {table.source}) {some}"  # noqa: S608 -- quoted names
    )
    return int(n_rows - n_different) * parts
