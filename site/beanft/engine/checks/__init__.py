"""Checks: each looks for one thing worth knowing of a table, and says it in plain words with its figure."""

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import duckdb

from beanft.engine.checks import (
    almost_empty,
    almost_kind,
    codes,
    constant,
    date_order,
    dates,
    disguised,
    duplicate_columns,
    duplicate_rows,
    entities,
    header_rows,
    identifiers,
    infinite,
    outliers,
    rare_classes,
    rejected_rows,
    skew,
    spellings,
    total_row,
    unreadable,
)
from beanft.engine.checks.table import Table
from beanft.engine.findings import SEVERITIES, Finding
from beanft.engine.progress import Progress
from beanft.engine.tables.columns import Profile
from beanft.engine.tables.wording import are, counted

MOST = 200
"""Findings that a profile keeps."""

CHECKS: tuple[Callable[[Table], Iterator[Finding]], ...] = (
    rejected_rows.find,
    header_rows.find,
    total_row.find,
    almost_kind.find,
    unreadable.find,
    duplicate_rows.find,
    date_order.find,
    disguised.find,
    duplicate_columns.find,
    spellings.find,
    dates.find,
    infinite.find,
    identifiers.find,
    entities.find,
    codes.find,
    constant.find,
    almost_empty.find,
    outliers.find,
    rare_classes.find,
    skew.find,
)
"""All checks, the ones that matter most first."""

_MOST_OF_ONE = 100  # a check that finds more names the first ones, so that the others are heard too


def find_all(
    database: duckdb.DuckDBPyConnection,
    path: Path,
    profile: Profile,
    *,
    progress: Progress = Progress(),  # noqa: B008 -- it holds nothing
) -> tuple[Finding, ...]:
    """Look for everything worth knowing of a table.

    Parameters
    ----------
    database : duckdb.DuckDBPyConnection
        A connection that may read the file.
    path : Path
        The Parquet file.
    profile : Profile
        The table's profile with its final kinds; its own findings are not read.
    progress : Progress
        Told the share of checks that are done.

    Returns
    -------
    tuple of Finding
        Warnings before notes, each in the order of CHECKS; at most 200, of which the last says how many
        more there are.
    """
    table = Table(database=database, path=path, profile=profile)
    found: list[Finding] = []
    n_more = 0
    for number, check in enumerate(CHECKS):
        of_one = check(table)
        found += islice(of_one, _MOST_OF_ONE)
        n_more += sum(1 for _ in of_one)
        progress((number + 1) / len(CHECKS), "Looking for what is worth knowing")
    found.sort(key=lambda finding: SEVERITIES.index(finding.severity))
    n_more += max(0, len(found) - (MOST - 1))
    return (*found[: MOST - 1], _rest(n_more)) if n_more else tuple(found)


def _rest(n_more: int) -> Finding:
    return Finding(
        code="more-findings",
        severity="note",
        sentence=f"{counted(n_more, 'more finding')} {are(n_more)} not listed.",
        figure=n_more,
        remedy="Mend what is listed and read the file again, or upload fewer columns.",
    )
