"""What a check may ask of a table: its profile, and few questions to its file."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from beanft.engine.plain import written
from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.connection import quote
from beanft.engine.tables.profiling.asking import source_sql
from beanft.engine.tables.sampling import Sample, take
from beanft.engine.tables.wording import shown


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table that checks look at."""

    database: duckdb.DuckDBPyConnection
    """A connection that may read the file."""
    path: Path
    """The Parquet file."""
    profile: Profile
    """What is known of its columns."""

    @property
    def source(self) -> str:
        """SQL of the FROM item with all rows and file_row_number."""
        return source_sql(self.path)

    def sample(self) -> Sample:
        """The random sample of the rows that the profile was made with."""
        columns = [(column.name, column.stored) for column in self.profile.columns]
        return take(self.database, self.source, columns, n_rows=self.profile.n_rows)

    def ask(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Answer a statement in which names are quoted and values bound."""
        return self.database.execute(sql, list(values)).fetchall()

    def counts(self, column: Column, most: int) -> list[tuple[str, int]]:
        """All values of a column as text with their rows, the most frequent first, at most `most`."""
        if column.top and len(column.top) >= column.n_distinct:
            return list(column.top)
        name = quote(column.name)
        return self.ask(
            f"SELECT {name}::VARCHAR AS v, count(*) AS n FROM {self.source} WHERE {name} IS NOT NULL "  # noqa: S608 -- a quoted name
            f"GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {int(most)}"
        )

    def n_values(self, column: Column) -> int:
        """Rows in which a column has a value."""
        return self.profile.n_rows - column.n_missing


def different(column: Column) -> str:
    """Say how many values a column has, for a sentence.

    Parameters
    ----------
    column : Column
        A described column.

    Returns
    -------
    str
        Such as "about 77,500 different values", with three digits as the table of columns has them; exact
        and without "about" where they were counted.

    Examples
    --------
    >>> different(Column(name="x", kind="number", stored="BIGINT", n_missing=0, n_distinct=7))
    '7 different values'
    >>> codes = Column(name="zip", kind="number", stored="BIGINT", n_missing=0, n_distinct=77_501,
    ...     distinct_is_exact=False)
    >>> different(codes)
    'about 77,500 different values'
    """
    n = f"{column.n_distinct:,}" if column.distinct_is_exact else f"about {written(column.n_distinct)}"
    return f"{n} different values"


def examples(cells: Sequence[tuple[int, str]]) -> str:
    """Name cells by their texts and lines, for a sentence.

    Parameters
    ----------
    cells : sequence of (int, str)
        Lines and texts; a line that is not known is 0.

    Returns
    -------
    str
        Empty for no cells.

    Examples
    --------
    >>> examples([(3, "n.b."), (4, "n.b."), (9, "x")])
    '“n.b.” (lines 3 and 4), “x” (line 9)'
    """
    places: dict[str, list[str]] = {}
    for line, text in cells:
        places.setdefault(text, []).append(f"{line:,}")
    return ", ".join(f"{shown(text, 40)} ({_lines(found)})" for text, found in places.items())


def _lines(numbers: Sequence[str]) -> str:
    *others, last = numbers
    return f"lines {', '.join(others)} and {last}" if others else f"line {last}"
