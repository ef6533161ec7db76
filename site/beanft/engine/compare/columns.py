"""Compares two columns with the test that fits their kinds."""

from pathlib import Path

import duckdb

from beanft.engine.compare.between import compare_groups
from beanft.engine.compare.crosstabs import compare_categories
from beanft.engine.compare.numbers import compare_numbers
from beanft.engine.compare.reading import comparable, part_of
from beanft.engine.compare.results import TwoColumns
from beanft.engine.errors import EngineError
from beanft.engine.tables.columns import Profile
from beanft.engine.tables.connection import ask, table


def compare_columns(
    path: Path, profile: Profile, a: str, b: str, *, timeout_s: float = 10.0, memory_mb: int = 1024
) -> TwoColumns:
    """Compare two columns of a table.

    Two numbers or dates give correlations; a number or date and a category a comparison of the groups; two
    categories their table. Rows without a finite value in either column are left out. Means, counts and
    Pearson's correlation come from all rows, measures by ranks from at most 100,000 of them.

    Parameters
    ----------
    path : Path
        The version's Parquet file.
    profile : Profile
        What is known of its table.
    a, b : str
        Names of two columns.
    timeout_s : float
        Seconds after which it is stopped.
    memory_mb : int
        Most memory for the query, in megabytes.

    Returns
    -------
    TwoColumns
        Effects with intervals, tests, and what they mean in words.

    Raises
    ------
    EngineError
        When the columns cannot be compared, or too few rows have both.
    """
    if a == b:
        raise EngineError("Choose two different columns: these are the same.")
    one, other = comparable(profile, a), comparable(profile, b)
    parts = (part_of(one), part_of(other))

    def question(database: duckdb.DuckDBPyConnection) -> TwoColumns:
        source = table(database, path)
        if parts == ("category", "category"):
            return compare_categories(database, source, profile, one, other)
        if "category" not in parts:
            return compare_numbers(database, source, profile, one, other)
        measured, grouped = (other, one) if parts[0] == "category" else (one, other)
        return compare_groups(database, source, profile, measured, grouped)

    return ask(path, question, memory_mb=memory_mb, timeout_s=timeout_s)
