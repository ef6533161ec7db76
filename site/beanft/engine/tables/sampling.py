"""Draws one random sample of a table's rows, for figures that all the rows would make too dear."""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from beanft.engine.tables.connection import quote

SAMPLE_ROWS = 100_000
"""A share of this many rows is known to within 0.3 percentage points (95 %)."""
_CELLS = 40_000_000  # wide tables give fewer rows, so that the sample stays in memory
_TEXT = 1000  # characters of a text that the sample keeps


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Rows to ask instead of all of them."""

    table: str
    """SQL of a FROM item; good as long as the connection is."""
    n_rows: int
    """Its rows."""
    is_all: bool
    """Whether these are all rows of the table."""


def sample_size(n_columns: int) -> int:
    """Say how many rows a sample has at most.

    Parameters
    ----------
    n_columns : int
        Columns of the table.

    Returns
    -------
    int
        Rows; tables of no more rows are taken whole.

    Examples
    --------
    >>> sample_size(22), sample_size(2000)
    (100000, 20000)
    """
    return min(SAMPLE_ROWS, _CELLS // max(1, n_columns))


def take(
    database: duckdb.DuckDBPyConnection,
    source: str,
    columns: Sequence[tuple[str, str]],
    *,
    n_rows: int,
    fresh: bool = False,
) -> Sample:
    """Draw the sample of a table, or find the one that this connection has drawn already.

    The rows are chosen by a hash of their number, so the same table always gives the same rows, however
    many threads read it.

    Parameters
    ----------
    database : duckdb.DuckDBPyConnection
        A connection that may read the file.
    source : str
        SQL of the table's file, with a column file_row_number; see profile.source_sql.
    columns : sequence of (str, str)
        Name and stored type of its columns.
    n_rows : int
        Rows of the file.
    fresh : bool
        Whether an older sample of the file is forgotten.

    Returns
    -------
    Sample
        About `sample_size` rows with all columns; the whole table when it is no larger.
    """
    wanted = sample_size(len(columns))
    if n_rows <= wanted:
        return Sample(table=source, n_rows=n_rows, is_all=True)
    name = quote(f"sample of {source}")
    if fresh or not _exists(database, f"sample of {source}"):
        cells = ", ".join(_cell(*column) for column in columns)
        database.execute(
            f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT {cells} FROM {source} "  # noqa: S608 -- quoted names
            f"WHERE hash(file_row_number) % {n_rows} < {wanted}"
        )
    row = database.execute(f"SELECT count(*) FROM {name}").fetchone()  # noqa: S608 -- a quoted name
    return Sample(table=name, n_rows=int(row[0]) if row else 0, is_all=False)


def _exists(database: duckdb.DuckDBPyConnection, name: str) -> bool:
    found = database.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE temporary AND table_name = ?", [name]
    )
    return found.fetchone() != (0,)


def _cell(name: str, stored: str) -> str:
    column = quote(name)
    return f"left({column}, {_TEXT}) AS {column}" if stored == "VARCHAR" else column
