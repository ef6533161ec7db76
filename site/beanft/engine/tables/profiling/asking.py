"""Asks for figures of columns: SQL of their values, and several figures in one statement."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from beanft.engine.tables.columns import Column
from beanft.engine.tables.connection import literal, quote

NUMBERS = ("BIGINT", "DOUBLE")
"""SQL types of numbers."""

DATES = ("DATE", "TIMESTAMP")
"""SQL types of dates."""

COLUMNS_A_STATEMENT = 25
"""Columns that one statement asks about; planning takes quadratic time."""


def source_sql(path: Path) -> str:
    """Write the FROM item of a version's Parquet file.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    str
        SQL; the rows also have a column file_row_number, from 0.
    """
    return f"read_parquet({literal(str(path))})"


def answers(
    database: duckdb.DuckDBPyConnection, table: str, wanted: Sequence[Sequence[str]]
) -> list[list[Any]]:
    """Ask for several figures of several columns in one statement, or in more where memory is short.

    Parameters
    ----------
    database : duckdb.DuckDBPyConnection
        A connection that may read the table.
    table : str
        SQL of a FROM item.
    wanted : sequence of sequence of str
        SQL of the figures of each column.

    Returns
    -------
    list of list
        For each column its own.
    """
    everything = [expression for own in wanted for expression in own]
    if not everything:
        return [[] for _ in wanted]
    try:
        row = database.execute(f"SELECT {', '.join(everything)} FROM {table}").fetchone()  # noqa: S608 -- quoted names
    except duckdb.OutOfMemoryException:
        if len(wanted) < 2:
            raise
        half = len(wanted) // 2  # different values are kept for each column, and by each thread
        return [*answers(database, table, wanted[:half]), *answers(database, table, wanted[half:])]
    found = iter(row or ())
    return [[next(found) for _ in own] for own in wanted]


def value_sql(column: Column) -> str:
    """Write the SQL of a column's value.

    Parameters
    ----------
    column : Column
        Name and stored type.

    Returns
    -------
    str
        NULL where it is not a number.
    """
    c = quote(column.name)
    return f"(CASE WHEN NOT isnan({c}) THEN {c} END)" if column.stored == "DOUBLE" else c


def finite_sql(column: Column) -> str:
    """Write the SQL of a number as DOUBLE.

    Parameters
    ----------
    column : Column
        Name and stored type.

    Returns
    -------
    str
        NULL where it is infinite or no number.
    """
    c = quote(column.name)
    return f"(CASE WHEN isfinite({c}) THEN {c} END)" if column.stored == "DOUBLE" else f"{c}::DOUBLE"
