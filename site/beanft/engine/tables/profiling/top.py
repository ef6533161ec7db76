"""The most frequent values of a column."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import duckdb

from beanft.engine.tables.columns import Column
from beanft.engine.tables.connection import quote
from beanft.engine.tables.profiling.asking import NUMBERS
from beanft.engine.tables.sampling import Sample

MOST = 20
"""Most values that a profile keeps."""

FEW_VALUES = 100
"""Up to so many groups are counted quickest in one statement for all columns."""

_TOP_CHARACTERS = 200  # a value longer than this is cut in the list of top values
_GROUP_VALUES = 200_000  # so many groups are counted exactly; of more, the sample tells the frequent ones
_CANDIDATES = 2 * MOST


def has_top(column: Column) -> bool:
    """Tell whether the most frequent values say something.

    Parameters
    ----------
    column : Column
        Described, with its final kind.

    Returns
    -------
    bool
        False for identifiers, dates and numbers of many values.
    """
    if column.kind in ("number", "date"):
        return column.kind == "number" and column.n_distinct <= MOST
    return column.kind != "identifier" and bool(column.n_distinct)


def frequent(column: Column, counts: Mapping[Any, int]) -> tuple[tuple[str, int], ...]:
    """List the most frequent values.

    Parameters
    ----------
    column : Column
        Described, with its final kind.
    counts : mapping
        Values with their rows.

    Returns
    -------
    tuple of (str, int)
        At most MOST, the most frequent first; equals in the order of the values.
    """
    number = column.stored in NUMBERS
    rising = sorted(counts.items(), key=lambda one: (-one[1], float(one[0]) if number else one[0]))
    return tuple((str(text)[:_TOP_CHARACTERS], int(n)) for text, n in rising[:MOST])


def with_top(database: duckdb.DuckDBPyConnection, table: str, sample: Sample, column: Column) -> Column:
    """Find the most frequent of many values.

    Parameters
    ----------
    database : duckdb.DuckDBPyConnection
        A connection that may read the table.
    table : str
        SQL of a FROM item.
    sample : Sample
        Rows that tell which of very many values are frequent.
    column : Column
        Described, with its final kind.

    Returns
    -------
    Column
        With its top values, unless they say nothing or are few and known already.
    """
    if not has_top(column) or column.n_distinct <= FEW_VALUES:
        return column
    c = quote(column.name)
    if column.n_distinct <= _GROUP_VALUES:
        where, values = f"{c} IS NOT NULL", []
    else:
        candidates = database.execute(
            f"SELECT {c}, count(*) AS n FROM {sample.table} WHERE {c} IS NOT NULL "  # noqa: S608 -- quoted names
            f"GROUP BY {c} HAVING n > 1 ORDER BY n DESC, {c} LIMIT {_CANDIDATES}"
        ).fetchall()
        if not candidates:
            return column
        where, values = " OR ".join([f"{c} = ?"] * len(candidates)), [value for value, _ in candidates]
    rows = database.execute(
        f"SELECT {c}::VARCHAR, count(*) AS n FROM {table} WHERE {where} "  # noqa: S608 -- quoted names
        f"GROUP BY {c} ORDER BY n DESC, {c} LIMIT {MOST}",
        values,
    ).fetchall()
    return replace(column, top=tuple((str(text)[:_TOP_CHARACTERS], int(n)) for text, n in rows))
