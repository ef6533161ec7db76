"""Asks a table for a summary, in one statement over all rows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from beanft.engine.summaries.crossing import crossed, ordered
from beanft.engine.summaries.groups import Grouping, grouping_of
from beanft.engine.summaries.measures import (
    Figure,
    Precision,
    count_head,
    count_sql,
    counted_columns,
    draws_sample,
    figures,
    heads,
    measure_sql,
    measured,
)
from beanft.engine.summaries.notes import notes_of
from beanft.engine.summaries.summarised import Row, Summarised, different, link_of, sort_key
from beanft.engine.summaries.summary import Summary, check
from beanft.engine.tables.columns import Profile
from beanft.engine.tables.connection import ask, table
from beanft.engine.tables.queries.conditions import Filter, where

MOST_GROUPS = 10_000
"""Most groups that a summary holds; the smallest beyond them are left out, and said."""

_SAMPLED_LEAST = 400  # rows of a group's sample; of fewer, quantiles come from all rows
_DIGESTS_MOST = 1000  # groups; the digests of more need more memory than the values themselves


@dataclass(frozen=True)
class _Answer:
    """What the engine found: keys, rows, figures, and the totals at the end of each row."""

    rows: list[tuple[Any, ...]]
    precision: Precision


def summarise(
    path: Path,
    profile: Profile,
    summary: Summary,
    *,
    filters: Sequence[Filter] = (),
    timeout_s: float = 10.0,
    memory_mb: int = 1024,
) -> Summarised:
    """Put rows together and measure each group.

    Parameters
    ----------
    path : Path
        The version's Parquet file.
    profile : Profile
        What is known of its table.
    summary : Summary
        What is asked.
    filters : sequence of Filter
        Conditions on the rows.
    timeout_s : float
        Seconds after which it is given up.
    memory_mb : int
        Memory it may use, in MiB.

    Returns
    -------
    Summarised
        Every row of the table is in one group: rows without a value make groups of their own. Means come
        with their 95 % interval, and each group with its number of rows. Of more than a million rows,
        quantiles and numbers of different values are estimates, and said to be.

    Raises
    ------
    EngineError
        When the summary cannot be made of this table, or takes too long.
    """
    check(summary, profile)
    condition, values = where(profile, filters)
    names = (*summary.by, *((summary.across,) if summary.across else ()))
    groupings = [grouping_of(profile.column(name), summary.bucket) for name in names]

    def answer(database: duckdb.DuckDBPyConnection) -> _Answer:
        source = f"FROM {table(database, path)} WHERE {condition}"
        return _ask(database, groupings, summary, profile, source, values, has_filters=bool(filters))

    found = ask(path, answer, memory_mb=memory_mb, timeout_s=timeout_s)
    found.rows.sort(key=lambda row: [sort_key(key) for key in row[: len(groupings)]])
    flat = _table(summary, groupings, found, profile)
    return ordered(crossed(flat, [row[: len(groupings)] for row in found.rows]) if summary.across else flat)


def _ask(
    database: duckdb.DuckDBPyConnection,
    groupings: Sequence[Grouping],
    summary: Summary,
    profile: Profile,
    source: str,
    values: Sequence[Any],
    *,
    has_filters: bool,
) -> _Answer:
    """Ask once; where a sample holds too little of some group, once more of all rows."""
    n_rows = profile.n_rows
    if has_filters and Precision(n_rows).is_estimate:
        n_rows = database.execute(f"SELECT count(*) {source}", values).fetchall()[0][0]
    precision = Precision(n_rows)
    rows = database.execute(_statement(groupings, summary, profile, source, precision), values).fetchall()
    if precision.is_estimate and any(row[-1] < min(row[len(groupings)], _SAMPLED_LEAST) for row in rows):
        precision = replace(precision, quantiles="all" if len(rows) > _DIGESTS_MOST else "digest")
        rows = database.execute(_statement(groupings, summary, profile, source, precision), values).fetchall()
    return _Answer([row[:-1] for row in rows], precision)


def _statement(
    groupings: Sequence[Grouping], summary: Summary, profile: Profile, source: str, precision: Precision
) -> str:
    """Groups with their rows and figures, the largest first; behind each the totals and its sample."""
    keys = [f"{one.sql} AS k{place}" for place, one in enumerate(groupings)]
    of_groups = [sql for measure in summary.measures for sql in measure_sql(measure, profile, precision)]
    of_groups += [count_sql(name, profile) for name in counted_columns(summary.measures, profile)]
    is_sample = draws_sample(summary.measures, precision)
    sampled = f"count(*) FILTER ({precision.sample})" if is_sample else "count(*)"
    chosen = ", ".join([*keys, "count(*) AS n", *of_groups, f"{sampled} AS sampled"])
    by = ", ".join(f"k{place}" for place in range(len(groupings)))
    return (
        "SELECT * EXCLUDE (sampled), count(*) OVER (), sum(n) OVER (), sampled "  # noqa: S608 -- quoted names, bound values
        f"FROM (SELECT {chosen} {source} GROUP BY {by}) ORDER BY n DESC, {by} LIMIT {MOST_GROUPS}"
    )


def _table(summary: Summary, groupings: Sequence[Grouping], found: _Answer, profile: Profile) -> Summarised:
    n_keys = len(groupings)
    n_groups, n_rows = (int(found.rows[0][-2]), int(found.rows[0][-1])) if found.rows else (0, 0)
    rows = [
        (
            *(one.label(value) for one, value in zip(groupings, row[:n_keys], strict=True)),
            row[n_keys],
            *measured(summary.measures, profile, row[n_keys + 1 : -2]),
        )
        for row in found.rows
    ]
    lacking = [one for place, one in enumerate(groupings) if any(row[place] is None for row in rows)]
    counted = counted_columns(summary.measures, profile)
    named = [head for measure in summary.measures for head in heads(measure)]
    named += [count_head(name) for name in counted]
    shown_figures = figures(summary.measures, n_keys, counted=counted)
    return Summarised(
        summary=summary,
        groupings=tuple(groupings),
        n_keys=n_keys,
        header=different([*(one.name for one in groupings), "rows", *named]),
        rows=tuple(rows),
        links=tuple(link_of(groupings, row[:n_keys]) for row in found.rows),
        figures=shown_figures,
        counted=counted,
        n_groups=n_groups,
        is_whole=n_groups <= len(rows),
        n_rows=n_rows,
        notes=notes_of(
            summary,
            found.precision,
            lacking=lacking,
            sizes=[row[n_keys] for row in found.rows],
            behind=[_fewest_behind(row, shown_figures) for row in rows],
            n_groups=n_groups,
        ),
    )


def _fewest_behind(row: Row, shown_figures: Sequence[Figure]) -> int:
    """Rows or values behind the figure of a group that has the fewest of them."""
    behind = [row[one.rows_place] for one in shown_figures if row[one.place] is not None]
    return min((n for n in behind if isinstance(n, int) and n), default=0)
