"""Takes wide tables some columns at a time: each question to a wide Parquet file costs its whole footer."""

from collections.abc import Iterator, Sequence

import duckdb

from beanft.engine.tables.connection import quote

_FEW_COLUMNS = 100  # up to here a question takes a few milliseconds; at 2,000 columns it takes 15
_CELLS = 20_000_000


def slices(
    database: duckdb.DuckDBPyConnection, table: str, names: Sequence[str], *, n_rows: int
) -> Iterator[tuple[range, str]]:
    """Give groups of columns with a table that holds them.

    Parameters
    ----------
    database : duckdb.DuckDBPyConnection
        Where the table can be read.
    table : str
        SQL of the table.
    names : sequence of str
        Names of its columns.
    n_rows : int
        Its rows.

    Yields
    ------
    positions : range
        Places in `names` of the group's columns.
    table : str
        SQL of a table with them and file_row_number, good until the next group is asked for.
    """
    size = min(_FEW_COLUMNS, max(1, _CELLS // max(1, n_rows)))
    if len(names) <= _FEW_COLUMNS:
        yield range(len(names)), table
        return
    for start in range(0, len(names), size):
        positions = range(start, min(start + size, len(names)))
        wanted = ", ".join(quote(names[position]) for position in positions)
        database.execute(
            f"CREATE OR REPLACE TEMP TABLE slice AS SELECT file_row_number, {wanted} FROM {table}"  # noqa: S608 -- quoted names
        )
        yield positions, "slice"
    database.execute("DROP TABLE IF EXISTS slice")
