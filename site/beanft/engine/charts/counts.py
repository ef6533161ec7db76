"""Counts the rows of a chart: all, those that are complete, and what the others lack."""

from collections.abc import Sequence
from typing import Any

import duckdb

from beanft.engine.charts.chart import Chart
from beanft.engine.charts.expressions import Part, is_logarithmic
from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.connection import quote
from beanft.engine.tables.wording import counted, shown

Counts = tuple[int, int, tuple[str, ...]]
"""Rows that pass the filters, those of them that are complete, and a sentence on what the others lack."""


def known_counts(profile: Profile, chart: Chart, parts: dict[str, Part]) -> Counts | None:
    """Take the counts of a chart without filters from the profile.

    Parameters
    ----------
    profile : Profile
        What is known of the table.
    chart : Chart
        The description.
    parts : dict of str to Part
        The parts of the chart by name.

    Returns
    -------
    tuple of (rows, complete rows, sentences), or None
        None where the profile does not know: several columns lack values, an axis is logarithmic, or moments
        may be infinite.
    """
    lacking = {part.name for part in parts.values() if part.lacks}
    small = any(is_logarithmic(chart, name) for name, part in parts.items() if part.lacks)
    if len(lacking) > 1 or small or any(part.endless for part in parts.values()):
        return None
    lacks = [_known_lacks(profile.column(name)) for name in lacking]
    n_left = sum(sum(one) for one in lacks)
    return profile.n_rows, profile.n_rows - n_left, _left_out(n_left, tuple(lacking), lacks)


def _known_lacks(column: Column) -> tuple[int, int, int]:
    """Missing, infinite, and too small numbers."""
    return column.n_missing, column.n_infinite, 0


def scanned_counts(
    database: duckdb.DuckDBPyConnection,
    *,
    given: str,
    values: Sequence[Any],
    complete: str,
    profile: Profile,
    chart: Chart,
    parts: dict[str, Part],
) -> Counts:
    """Count in one scan of the table.

    Parameters
    ----------
    database : duckdb.DuckDBPyConnection
        An open connection.
    given : str
        SQL of the source and its filters, from FROM on.
    values : sequence of object
        Parameters of that SQL.
    complete : str
        SQL that is true for complete rows.
    profile : Profile
        What is known of the table.
    chart : Chart
        The description.
    parts : dict of str to Part
        The parts of the chart by name.

    Returns
    -------
    tuple of (rows, complete rows, sentences)
        See `Counts`.
    """
    lacking = {part.name: name for name, part in parts.items() if part.lacks}
    counts = ["count(*)", f"count(*) FILTER ({complete})"]
    endless = {part.name for part in parts.values() if part.endless}
    for name, part in lacking.items():
        reasons = _lacks(profile.column(name), chart, part, endless=name in endless)
        counts += [f"count(*) FILTER ({sql})" for sql in reasons]
    found = database.execute(f"SELECT {', '.join(counts)} {given}", list(values)).fetchone()
    n_rows, n_used, *lacks = found or (0, 0)
    threes = [tuple(lacks[at : at + 3]) for at in range(0, len(lacks), 3)]
    return n_rows, n_used, _left_out(n_rows - n_used, tuple(lacking), threes)


def _lacks(column: Column, chart: Chart, part: str, *, endless: bool) -> tuple[str, str, str]:
    """SQL of rows without a value, with an infinite one, and with one too small for a logarithm."""
    name = quote(column.name)
    infinite = f"isinf({name})" if endless or column.stored == "DOUBLE" else "false"
    small = f"{name} <= 0 AND isfinite({name}::DOUBLE)" if is_logarithmic(chart, part) else "false"
    return f"{name} IS NULL", infinite, small


def _left_out(n_left: int, names: Sequence[str], lacks: Sequence[tuple[int, ...]]) -> tuple[str, ...]:
    """Say which columns are the reason; `lacks` holds missing, infinite and too small of each name."""
    if not n_left:
        return ()
    reasons = []
    for name, (missing, infinite, small) in zip(names, lacks, strict=True):
        reasons += [f"{missing:,} without {shown(name, 40)}"] if missing else []
        reasons += [f"{infinite:,} with an infinite {shown(name, 40)}"] if infinite else []
        reasons += [f"{small:,} with {shown(name, 40)} at or below zero"] if small else []
    overlap = " (a row may lack several)" if sum(map(sum, lacks)) > n_left else ""
    return (f"{counted(n_left, 'row')} left out: {', '.join(reasons)}{overlap}.",)
