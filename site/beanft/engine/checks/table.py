"""What a check may ask of a table: its profile, and few questions to its file."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.connection import quote
from beanft.engine.tables.profile import source_sql
from beanft.engine.tables.sampling import Sample, take


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


def first_of_each(cells: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    """The first cell of each text, at most three, for a sentence.

    Parameters
    ----------
    cells : sequence of (int, str)
        Lines and texts.

    Returns
    -------
    list of (int, str)
        Some of them.

    Examples
    --------
    >>> first_of_each([(3, "n.b."), (4, "n.b."), (9, "x")])
    [(3, 'n.b.'), (9, 'x')]
    """
    firsts: dict[str, int] = {}
    for line, text in cells:
        firsts.setdefault(text, line)
    return [(line, text) for text, line in firsts.items()][:3]
