"""Gathers groups of rows and the numbers in them, to compare two of them or all."""

import math
from collections.abc import Sequence
from typing import Any

import duckdb
import numpy as np

from beanft.engine.compare.chance import (
    Counts,
    Floats,
)
from beanft.engine.compare.gathered import Asked, Moments
from beanft.engine.compare.reading import (
    MOST_VALUES,
    label_of,
    measure_of,
    ordered,
)
from beanft.engine.compare.results import TwoColumns
from beanft.engine.compare.several import compare_several
from beanft.engine.compare.trust import FEWEST
from beanft.engine.compare.two import compare_two
from beanft.engine.errors import EngineError
from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.connection import quote
from beanft.engine.tables.sampling import SAMPLE_ROWS
from beanft.engine.tables.wording import counted, shown

_AIMED = 0.99  # of the largest sample: its size is random
_TYPES = {one: one for one in ("BIGINT", "DOUBLE", "BOOLEAN", "DATE", "TIMESTAMP", "VARCHAR")}


def compare_groups(
    database: duckdb.DuckDBPyConnection, source: str, profile: Profile, measured: Column, grouped: Column
) -> TwoColumns:
    """Compare a column of numbers or dates between the categories of another.

    Parameters
    ----------
    database : duckdb.DuckDBPyConnection
        An open connection.
    source : str
        SQL of the table, with a column file_row_number.
    profile : Profile
        What is known of the table.
    measured : Column
        A column whose part is "number" or "date".
    grouped : Column
        A column whose part is "category".

    Returns
    -------
    TwoColumns
        Means come from all rows, ranks from at most 100,000; of more than 30 groups the smallest are put
        together.

    Raises
    ------
    EngineError
        When there are not two groups of at least two rows, or the numbers do not vary.
    """
    measure = measure_of(measured)
    rows = (
        f"(SELECT {measure.sql} AS z, {quote(grouped.name)} AS g, file_row_number AS row "  # noqa: S608 -- quoted names
        f"FROM {source})"
    )
    found = database.execute(
        "SELECT g::VARCHAR, count(*), avg(z), stddev_samp(z), min(z) < max(z) "  # noqa: S608 -- our own text
        f"FROM {rows} WHERE z IS NOT NULL AND g IS NOT NULL GROUP BY g ORDER BY 2 DESC, 1"
    ).fetchall()
    groups, notes = _groups(grouped, measured, found)
    values, codes, n_sampled = _sample(database, rows, groups, grouped.stored)
    asked = Asked(profile, measured, grouped, measure, groups, values, codes, n_sampled, notes)
    return compare_two(asked) if len(groups) == 2 else compare_several(asked)


def _groups(
    grouped: Column, measured: Column, found: Sequence[tuple[Any, ...]]
) -> tuple[list[Moments], list[str]]:
    """The groups to compare, the small ones together, and what is said of those that are left out."""
    all_ = [
        Moments(value, n, mean, sd if sd is not None and varies else 0.0)
        for value, n, mean, sd, varies in found
    ]
    notes = []
    if len(all_) > MOST_VALUES:
        rest = all_[MOST_VALUES:]
        all_ = [*all_[:MOST_VALUES], _pooled(rest)]
        notes.append(
            f"The {MOST_VALUES} largest groups stand alone; {len(rest):,} smaller ones are together as "
            "“other”."
        )
    groups = [group for group in all_ if group.n >= 2]
    left_out = len(all_) - len(groups)
    if len(groups) < 2:
        raise EngineError(_too_few(grouped, measured, all_))
    if len({group.mean for group in groups}) == 1 and not any(group.sd for group in groups):
        raise EngineError(
            f"{shown(measured.name)} is the same in every row that has a {shown(grouped.name)}, so there "
            "is nothing "
            "to compare."
        )
    if left_out:
        notes.append(f"{counted(left_out, 'group')} of one row {'is' if left_out == 1 else 'are'} left out.")
    few = [label_of(grouped, group.value) for group in groups if group.n < FEWEST]
    if few:
        notes.append(
            f"Fewer than {FEWEST} rows: {', '.join(shown(label, 40) for label in few[:6])}. Do not build on "
            "their means."
        )
    order = ordered(grouped, [group.value for group in groups if group.value is not None])
    place = {value: number for number, value in enumerate(order)}
    return sorted(
        groups,
        key=lambda group: place.get(group.value or "", len(place)) if group.value is not None else len(place),
    ), notes


def _too_few(grouped: Column, measured: Column, groups: Sequence[Moments]) -> str:
    if len(groups) == 1:
        return (
            f"In the rows that have a {shown(measured.name)}, {shown(grouped.name)} is always "
            f"{shown(label_of(grouped, groups[0].value), 60)}. At least two groups are needed."
        )
    return (
        f"Too few rows have both {shown(measured.name)} and {shown(grouped.name)}: at least two groups of "
        "two rows "
        "each are needed."
    )


def _pooled(groups: Sequence[Moments]) -> Moments:
    """Many groups as one."""
    n = np.array([group.n for group in groups], dtype=np.float64)
    mean, sd = np.array([group.mean for group in groups]), np.array([group.sd for group in groups])
    total = float(n.sum())
    middle = float((n * mean).sum() / total)
    squares = float(((n - 1) * sd**2 + n * (mean - middle) ** 2).sum())
    return Moments(None, int(total), middle, math.sqrt(squares / (total - 1)) if total > 1 else 0.0)


def _sample(
    database: duckdb.DuckDBPyConnection, rows: str, groups: Sequence[Moments], stored: str
) -> tuple[Floats, Counts, int]:
    """The rows to rank: all, or a random sample, of two groups as many of each."""
    names = [group.value for group in groups if group.value is not None]
    other = len(names) if len(names) < len(groups) else -1
    n = sum(group.n for group in groups)
    aimed = int(_AIMED * SAMPLE_ROWS)
    some, parameters = "", []
    if n > SAMPLE_ROWS and len(groups) == 2 and other < 0:
        parts = [
            f"(g {sign} CAST(? AS {_TYPES[stored]}) AND hash(row) % {group.n} < {aimed // 2})"
            for sign, group in zip(("=", "<>"), groups, strict=True)
        ]
        some, parameters = f" AND ({' OR '.join(parts)})", [names[0], names[0]]
    elif n > SAMPLE_ROWS:
        some = f" AND hash(row) % {n} < {aimed}"
    found = database.execute(
        f"SELECT z, coalesce(list_position(?::VARCHAR[]::{_TYPES[stored]}[], g) - 1, {other}) AS k "  # noqa: S608 -- our own text
        f"FROM {rows} WHERE z IS NOT NULL AND g IS NOT NULL{some}",
        [names, *parameters],
    ).fetchnumpy()
    codes = np.asarray(found["k"], dtype=np.int64)
    kept = codes >= 0  # groups of one row
    values = np.asarray(found["z"], dtype=np.float64)[kept]
    return values, codes[kept], values.size if n > SAMPLE_ROWS else 0
