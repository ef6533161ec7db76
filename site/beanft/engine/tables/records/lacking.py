"""What the rows of a table lack, counted once: in slices of the rows, and which columns lack together."""

import logging
from collections.abc import Sequence

import duckdb

from beanft.engine.tables.quoting import quote

N_SLICES = 100
"""Slices that the rows are cut into, in the order of the table."""

MOST_LACKING = 60
"""Columns whose missing values are counted, those that lack most; a whole number has a few more bits."""

_MOST_SETS = 10_000  # of columns that are missing together; of more, none is kept

_log = logging.getLogger(__name__)


def slice_rows(n_rows: int) -> int:
    """Give the number of rows of a slice.

    Parameters
    ----------
    n_rows : int
        Rows of the table.

    Returns
    -------
    int
        At least 1.

    Examples
    --------
    >>> slice_rows(10_000_000), slice_rows(150), slice_rows(0)
    (100000, 2, 1)
    """
    return max(1, -(-n_rows // N_SLICES))


def write_lacking(database: duckdb.DuckDBPyConnection, source: str) -> tuple[str, ...]:
    """Count what the rows of a copy lack.

    Parameters
    ----------
    database : duckdb.DuckDBPyConnection
        A connection that may write the copy.
    source : str
        SQL of the copied table, as database.main.rows.

    Returns
    -------
    tuple of str
        Names of the columns that were counted, in the order of the table; none where no value is missing, or
        the slices do not add up to what the columns lack.
    """
    place = source.rpartition(".")[0]
    totals, n_rows = _totals(database, source)
    most = sorted((name for name, n in totals.items() if n), key=lambda name: -totals[name])[:MOST_LACKING]
    names = [name for name in totals if name in most]
    if not names:
        return ()
    _write_slices(database, source, names, slice_rows(n_rows))
    _write_sets(database, source, names)
    if _adds_up(database, place, {name: totals[name] for name in names}, n_rows):
        return tuple(names)
    _log.error("the missing values of slices do not add up, so they are counted anew for each chart")
    return ()


def _totals(database: duckdb.DuckDBPyConnection, source: str) -> tuple[dict[str, int], int]:
    """How many values each column lacks, and the number of rows."""
    described = database.execute(f"DESCRIBE SELECT * EXCLUDE (file_row_number) FROM {source}").fetchall()  # noqa: S608 -- a table of our own
    names = [name for name, *_ in described]
    # One at a time: of thousands of columns a single statement would take much memory.
    asked = ("count(*)", *(f"count({quote(name)})" for name in names))
    answers = (database.execute(f"SELECT {one} FROM {source}").fetchone() for one in asked)  # noqa: S608 -- quoted names
    n_rows, *valid = (answer[0] if answer else 0 for answer in answers)
    return {name: n_rows - n for name, n in zip(names, valid, strict=True)}, n_rows


def _write_slices(
    database: duckdb.DuckDBPyConnection, source: str, names: Sequence[str], n_rows: int
) -> None:
    counts = ", ".join(f"count(*) - count({quote(name)}) AS n{at}" for at, name in enumerate(names))
    database.execute(
        f"CREATE TABLE {source.rpartition('.')[0]}.lacking AS "  # noqa: S608 -- quoted names
        f"SELECT file_row_number // {n_rows} AS slice, {counts} FROM {source} GROUP BY 1 ORDER BY 1"
    )


def _write_sets(database: duckdb.DuckDBPyConnection, source: str, names: Sequence[str]) -> None:
    """Each set of columns that rows lack, as the bits of a number; none where there are too many to keep."""
    rows = f"(SELECT {set_sql(names)} AS lacks FROM {source})"  # noqa: S608 -- quoted names
    # First, for to tell many sets apart takes memory, and to estimate their number next to none.
    few = database.execute(f"SELECT approx_count_distinct(lacks) <= {_MOST_SETS} FROM {rows}").fetchone()  # noqa: S608 -- quoted names
    database.execute(
        f"CREATE TABLE {source.rpartition('.')[0]}.lacking_together AS "  # noqa: S608 -- quoted names
        f"SELECT lacks, count(*) AS n FROM {rows} WHERE {few == (True,)} GROUP BY lacks"
    )


def set_sql(names: Sequence[str]) -> str:
    """Write the SQL of the set of columns that a row lacks.

    Parameters
    ----------
    names : sequence of str
        The columns; at most 60.

    Returns
    -------
    str
        SQL of a whole number, which has a bit for each column.

    Examples
    --------
    >>> set_sql(["a", "b"])
    'if("a" IS NULL, 1::BIGINT, 0) + if("b" IS NULL, 2::BIGINT, 0)'
    """
    return " + ".join(f"if({quote(name)} IS NULL, {1 << at}::BIGINT, 0)" for at, name in enumerate(names))


def _adds_up(database: duckdb.DuckDBPyConnection, place: str, totals: dict[str, int], n_rows: int) -> bool:
    """Whether the slices, and the sets where they are kept, give what the columns lack."""
    places = range(len(totals))
    slices = database.execute(
        f"SELECT {', '.join(f'sum(n{at})' for at in places)} FROM {place}.lacking"  # noqa: S608 -- names of our own
    ).fetchone()
    of_sets = "".join(f", sum(n * (lacks >> {at} & 1))" for at in places)
    sets = database.execute(f"SELECT sum(n){of_sets} FROM {place}.lacking_together").fetchone()  # noqa: S608 -- names of our own
    wanted = tuple(totals.values())
    return slices == wanted and sets in ((n_rows, *wanted), (None,) * (len(wanted) + 1))


def read_slices(
    database: duckdb.DuckDBPyConnection, source: str, lacking: Sequence[str], names: Sequence[str]
) -> list[tuple[int, ...]]:
    """Read how many values some columns lack in each slice.

    Parameters
    ----------
    database : duckdb.DuckDBPyConnection
        An open connection.
    source : str
        SQL of a quick copy that counted `lacking`.
    lacking : sequence of str
        Columns that were counted.
    names : sequence of str
        Columns wanted, each of them among those.

    Returns
    -------
    list of tuple
        One number a column, by slice.
    """
    wanted = "".join(f", n{list(lacking).index(name)}" for name in names)
    place = source.rpartition(".")[0]
    rows = database.execute(f"SELECT slice{wanted} FROM {place}.lacking ORDER BY slice").fetchall()  # noqa: S608 -- names of our own
    return [row[1:] for row in rows]


def sets_sql(source: str, lacking: Sequence[str], names: Sequence[str]) -> str:
    """Write the SQL of which of some columns are missing together.

    Parameters
    ----------
    source : str
        SQL of a quick copy that counted `lacking`.
    lacking : sequence of str
        Columns that were counted.
    names : sequence of str
        Columns wanted, each of them among those.

    Returns
    -------
    str
        SQL of rows with a set p, as `set_sql` writes it of the names, and its number of rows n; a set may
        come several times. No row where the sets were too many to keep.
    """
    bits = " + ".join(
        f"(lacks >> {list(lacking).index(name)} & 1) * {1 << at}" for at, name in enumerate(names)
    )
    return f"SELECT {bits} AS p, n FROM {source.rpartition('.')[0]}.lacking_together"  # noqa: S608 -- names of our own
