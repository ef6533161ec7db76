"""The rows a chart is drawn from: complete, counted, and asked in SQL without loading them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from beanft.engine.charts.catalogue import KINDS
from beanft.engine.charts.chart import Chart, measured_part, measures
from beanft.engine.charts.counts import known_counts, scanned_counts
from beanft.engine.charts.expressions import Part, is_logarithmic, part_of
from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.connection import table
from beanft.engine.tables.queries.conditions import Filter, where

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Rows:
    """A table behind the names x, y, z and c (colour), so that no user's name reaches a kind's SQL."""

    database: duckdb.DuckDBPyConnection
    """The open connection."""
    chart: Chart
    """The description being drawn."""
    profile: Profile
    """What is known of the table."""
    given: str
    """SQL of the complete rows with columns x, y, z, c and row (from 1).

    kx, kc and kf tell the categories of x, c and the facet apart as their texts do, but quicker."""
    values: tuple[Any, ...]
    """Parameters of that SQL."""
    n_rows: int
    """Rows that pass the filters."""
    n_used: int
    """Rows with a finite value in every needed column."""
    notes: tuple[str, ...]
    """Which columns lack how many values."""
    filters: tuple[Filter, ...] = ()
    """Conditions on the rows."""
    source: str = ""
    """SQL of the rows that pass the filters, from FROM on, for charts of several columns."""
    table: str = ""
    """SQL of the table itself, for what its quick copy may know of all rows."""
    whole: "Rows | None" = None
    """Small multiples only: the rows of all panels, which decide the groups and the bins of each."""

    @property
    def frame(self) -> "Rows":
        """The rows that groups, bins and ranges are chosen from, so that panels can be compared."""
        return self.whole or self

    @property
    def is_whole(self) -> bool:
        """Whether no row of the table is missing here but those that lack x: its profile holds then."""
        column = self.column(self.chart.x)
        lacking = column.n_missing + column.n_infinite if column else 0
        return not self.filters and self.n_used == self.profile.n_rows - lacking

    def known_range(self, part: str) -> tuple[float, float] | None:
        """Smallest and largest number of x, y or z from the profile, where it holds; else None."""
        column = self.column(getattr(self.chart, part))
        if column is None or self.filters or is_logarithmic(self.chart, part):
            return None
        is_whole = self.n_used == self.profile.n_rows - column.n_missing - column.n_infinite
        low, high = column.minimum, column.maximum
        if not (is_whole and isinstance(low, int | float) and isinstance(high, int | float)):
            return None
        return (float(low), float(high)) if math.isfinite(low) and math.isfinite(high) else None

    def known_moments(self, part: str) -> tuple[int, int] | None:
        """First and last moment of x or y from the profile, in microseconds since 1970 UTC; else None."""
        column = self.column(getattr(self.chart, part))
        if column is None or self.filters or self.n_used != self.profile.n_rows - column.n_missing:
            return None
        try:
            ends = [datetime.fromisoformat(str(text)) for text in (column.minimum, column.maximum)]
        except ValueError:  # before the year 1, after 9999, or endless
            return None
        first, last = ((one.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND for one in ends)
        return first, last

    def ask(self, select: str, parameters: Sequence[Any] = (), tables: str = "") -> list[tuple[Any, ...]]:
        """Run a SELECT over the complete rows, named `used`; `tables` are further WITH parts before it."""
        used = f"WITH used AS ({self.given})"
        sql = f"{used}{', ' + tables if tables else ''} {select}"
        return self.database.execute(sql, [*self.values, *parameters]).fetchall()

    def column(self, name: str) -> Column | None:
        """The profile of a column of the chart; None for an empty name."""
        return self.profile.column(name) if name else None


def open_rows(
    database: duckdb.DuckDBPyConnection,
    path: Path,
    profile: Profile,
    chart: Chart,
    filters: Sequence[Filter],
) -> Rows:
    """Name the chart's columns x, y and c, and count which rows are complete.

    Parameters
    ----------
    database : duckdb.DuckDBPyConnection
        A locked-down connection that may read `path`.
    path : Path
        The version's Parquet file.
    profile : Profile
        What is known of the table.
    chart : Chart
        A checked description.
    filters : sequence of Filter
        Conditions on the rows.

    Returns
    -------
    Rows
        The rows, not yet read.
    """
    condition, parameters = where(profile, filters)
    parts = _parts(chart, profile)
    complete = " AND ".join(f"({one.value}) IS NOT NULL" for one in parts.values() if one.lacks) or "true"
    whole_table = table(database, path)
    source = f"FROM {whole_table} WHERE {condition}"
    counts = None if filters else known_counts(profile, chart, parts)
    n_rows, n_used, notes = counts or scanned_counts(
        database,
        given=source,
        values=parameters,
        complete=complete,
        profile=profile,
        chart=chart,
        parts=parts,
    )
    named = [f"{one.value} AS {part}" for part, one in parts.items()]
    named += [f"{parts[part].key} AS k{part}" for part in ("x", "c")]
    if chart.facet and "facet" in KINDS[chart.kind].needs:
        named.append(f"{part_of(chart, profile, 'facet', chart.facet).key} AS kf")
    # The number of a row is counted before the filter, so that it is its number in the table.
    given = f"SELECT {', '.join(named)}, file_row_number + 1 AS row {source} AND {complete}"
    return Rows(
        database,
        chart,
        profile,
        given,
        tuple(parameters),
        n_rows,
        n_used,
        notes,
        filters=tuple(filters),
        source=source,
        table=whole_table,
    )


def _parts(chart: Chart, profile: Profile) -> dict[str, Part]:
    """The parts of a chart as SQL, by the names that kinds know; a y that is not measured is none."""
    needs = KINDS[chart.kind].needs
    names = {part: getattr(chart, part) if part in needs else "" for part in ("x", "y", "z", "colour")}
    if measured_part(chart) and not measures(chart):
        names[measured_part(chart)] = ""
    return {part.replace("colour", "c"): part_of(chart, profile, part, name) for part, name in names.items()}
