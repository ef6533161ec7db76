"""Measures how the columns of a table go together, two by two, on a random sample of the rows."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations, product
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from threadpoolctl import threadpool_limits

from beanft.engine.progress import Progress
from beanft.engine.tables.columns import Column
from beanft.engine.tables.connection import quote
from beanft.engine.tables.profiling.asking import source_sql
from beanft.engine.tables.relations.categories import Codes, category_pair, mixed_pair
from beanft.engine.tables.relations.moments import Floats
from beanft.engine.tables.relations.numbers import number_pairs, scaled
from beanft.engine.tables.relations.pairs import FEWEST_ROWS, Correlations, Pair
from beanft.engine.tables.sampling import Sample, take
from beanft.engine.tables.wording import counted

_MOST_COLUMNS = 60  # 1,770 pairs: more than anybody reads
_MOST_CATEGORIES = 100  # rows of a cell are too few to tell anything beyond


def measure(
    database: duckdb.DuckDBPyConnection,
    path: Path,
    columns: Sequence[Column],
    *,
    n_rows: int,
    progress: Progress = Progress(),  # noqa: B008 -- it holds nothing
) -> Correlations | None:
    """Measure how the columns of a table go together.

    Pearson's and Spearman's correlation for two numbers (dates count as seconds, true as 1), Cramér's V
    with Bergsma's correction of bias for two categories or a category and a boolean, and the correlation
    ratio eta, with Kelley's correction, for a number and a category. Each pair is measured on the rows in
    which both have a value, and ranked on them; infinite numbers count as missing. Where very many pairs have
    rows of their own, their ranks come from fewer rows, and a note says so.
    Intervals are approximate: Fisher's for two numbers, otherwise the wider one, at either end, of two: that
    of the noncentral distribution, which is right where there is no relation, and one that is right where
    there is a strong one: by the standard error of phi squared, or the spread of eta over ten parts of the
    rows.

    Parameters
    ----------
    database : duckdb.DuckDBPyConnection
        A connection that may read the file.
    path : Path
        The Parquet file.
    columns : sequence of Column
        Described columns with their final kind and role. Constants, identifiers, free text, categories
        of more than 100 values and columns of role "ignore" are left out; of more than 60 columns those
        with the most missing values as well.
    n_rows : int
        Rows of the file; of more than 100,000 a random sample is used.
    progress : Progress
        Told the share of pairs that are done.

    Returns
    -------
    Correlations or None
        None where fewer than two columns or ten rows can be compared.
    """
    chosen, notes = _chosen(columns)
    if len(chosen) < 2 or n_rows < FEWEST_ROWS:
        return None
    sample = take(database, source_sql(path), [(c.name, c.stored) for c in columns], n_rows=n_rows)
    numbers, categories = _load(database, sample, chosen)
    booleans = {name: _truths(numbers[name]) for name in numbers if _is_boolean(chosen, name)}
    progress(0.3, "Comparing columns")
    names = [column.name for column in chosen]
    measured = {name: values for name, values in numbers.items() if name not in booleans}
    with threadpool_limits(limits=1):  # for so few numbers threads only wait for each other
        of_numbers = number_pairs(numbers)
    pairs = [
        *of_numbers,
        *(mixed_pair(*two) for two in product(measured.items(), categories.items())),
        *(category_pair(*two) for two in combinations(categories.items(), 2)),
        *(category_pair(*two) for two in product(booleans.items(), categories.items())),
    ]
    progress(1.0, "Comparing columns")
    place = {name: number for number, name in enumerate(names)}
    ordered = [_in_order(pair, place) for pair in pairs if pair]
    return Correlations(
        columns=tuple(names),
        pairs=tuple(sorted(ordered, key=lambda pair: (-pair.strength, place[pair.a], place[pair.b]))),
        n_rows_used=sample.n_rows,
        is_sample=not sample.is_all,
        notes=(*notes, *_rank_notes(of_numbers)),
    )


def _rank_notes(pairs: Sequence[Pair]) -> tuple[str, ...]:
    """Say from how few rows some correlations by ranks come."""
    ranked = [pair.n_ranked for pair in pairs if pair.n_ranked]
    if not ranked:
        return ()
    return (
        f"Many columns have missing values: the correlations by ranks of {counted(len(ranked), 'pair')} come "
        f"from {min(ranked):,} rows or more that have both, drawn at random; their intervals allow for that.",
    )


def _chosen(columns: Sequence[Column]) -> tuple[list[Column], tuple[str, ...]]:
    """Columns that can be compared, in the order of the table, and what is said of the others."""
    fit = [column for column in columns if _can_be_compared(column)]
    if len(fit) <= _MOST_COLUMNS:
        return fit, ()
    fewest = {column.name for column in sorted(fit, key=lambda column: column.n_missing)[:_MOST_COLUMNS]}
    note = (
        f"{counted(len(fit), 'column')} could be compared; these are the {_MOST_COLUMNS} with the fewest "
        "missing values."
    )
    return [column for column in fit if column.name in fewest], (note,)


def _can_be_compared(column: Column) -> bool:
    if column.role == "ignore" or column.n_distinct < 2:
        return False
    if column.kind == "category":
        return column.n_distinct <= _MOST_CATEGORIES
    return column.kind in ("number", "date", "boolean")


def _is_number(column: Column) -> bool:
    return column.kind in ("number", "date", "boolean") and column.stored != "VARCHAR"


def _is_boolean(columns: Sequence[Column], name: str) -> bool:
    return any(column.name == name and column.kind == "boolean" for column in columns)


def _truths(values: Floats) -> Codes:
    """Codes of false and true, -1 where missing; the values were moved so that their mean is 0."""
    return np.where(np.isnan(values), -1, values > 0).astype(np.int64)


def _load(
    database: duckdb.DuckDBPyConnection, sample: Sample, columns: Sequence[Column]
) -> tuple[dict[str, Floats], dict[str, Codes]]:
    """The sampled values by name: numbers as floats, categories as codes 0, 1, 2 …, -1 where missing.

    All come from one statement, so that the rows are the same in each.
    """
    # A list with NULL in it would give missing values a place, and so make them a category.
    listed = [
        f"list(DISTINCT {name}::VARCHAR) FILTER ({name} IS NOT NULL)"
        for name in (quote(column.name) for column in columns if not _is_number(column))
    ]
    spellings = _one_row(database, f"SELECT {', '.join(listed)} FROM {sample.table}") if listed else ()  # noqa: S608 -- quoted names
    wanted = [f"{_expression(column)} AS c{number}" for number, column in enumerate(columns)]
    found = database.execute(
        f"SELECT {', '.join(wanted)} FROM {sample.table}",  # noqa: S608 -- quoted names
        [words or [] for words in spellings],
    ).fetchnumpy()
    numbers: dict[str, Floats] = {}
    categories: dict[str, Codes] = {}
    for number, column in enumerate(columns):
        if _is_number(column):
            numbers[column.name] = scaled(found[f"c{number}"])
        else:
            categories[column.name] = np.asarray(found[f"c{number}"], dtype=np.int64)
    return numbers, categories


def _one_row(database: duckdb.DuckDBPyConnection, sql: str) -> tuple[Any, ...]:
    return database.execute(sql).fetchone() or ()


def _expression(column: Column) -> str:
    """SQL of a column as a number, or as the place of its text in a bound list."""
    c = quote(column.name)
    if not _is_number(column):
        return f"coalesce(list_position(?::VARCHAR[], {c}::VARCHAR), 0)::BIGINT - 1"
    return f"epoch({c}::TIMESTAMP)" if column.stored in ("DATE", "TIMESTAMP") else f"{c}::DOUBLE"


def _in_order(pair: Pair, place: Mapping[str, int]) -> Pair:
    """The same pair, the column that comes first in the table first."""
    return pair if place[pair.a] <= place[pair.b] else replace(pair, a=pair.b, b=pair.a)
