"""Compares two groups of rows in every other column, the columns that differ most first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from beanft.engine.claims import ALPHA, holm
from beanft.engine.compare.chance import Floats
from beanft.engine.compare.contrast import (
    Contrast,
    Counted,
    contrast_missing,
    contrast_numbers,
    contrast_ranks,
    contrast_shares,
)
from beanft.engine.compare.reading import OTHER, Measure, label_of, measure_of, part_of
from beanft.engine.compare.trust import FEWEST, SMALL
from beanft.engine.compare.words import MANY_ROWS
from beanft.engine.errors import EngineError
from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.connection import ask, quote, table
from beanft.engine.tables.sampling import SAMPLE_ROWS
from beanft.engine.tables.wording import counted, shown

MOST_COLUMNS = 200
"""Columns that are compared; the page of more would be read by nobody."""

_COLUMNS_A_STATEMENT = 25  # planning takes quadratic time
_MOST_CELLS = 8_000_000  # cells that are read within about two seconds
_LARGE = 1_000_000  # rows of a table from which fewer are compared, so that it answers within two seconds
_MOST_OF_LARGE = 200_000
_MAP_VALUES = 100  # so many categories are all counted; of more only the most frequent of the table
_CUT = 200  # characters, as the profile cuts its most frequent values
_TYPES = {one: one for one in ("BIGINT", "DOUBLE", "BOOLEAN", "DATE", "TIMESTAMP", "VARCHAR")}


@dataclass(frozen=True, kw_only=True)
class TwoGroups:
    """How two groups of rows differ."""

    by: str
    """Column whose values make the groups."""
    one: str
    """Label of the first group."""
    other: str
    """Label of the second."""
    n_one: int
    """Rows of the first group that were compared."""
    n_other: int
    n_rows: int
    """Rows of the table."""
    is_sample: bool
    """Whether the rows are a random sample of the table."""
    columns: tuple[Contrast, ...]
    """The columns that differ most come first."""
    verdict: str
    """All of it in one or two sentences."""
    notes: tuple[str, ...]
    """What must be known to read it rightly."""


def compare_two_groups(
    path: Path,
    profile: Profile,
    by: str,
    one: str,
    other: str = "",
    *,
    timeout_s: float = 10.0,
    memory_mb: int = 1024,
) -> TwoGroups:
    """Compare two groups of rows in every other column.

    Parameters
    ----------
    path : Path
        The version's Parquet file.
    profile : Profile
        What is known of its table.
    by : str
        Column whose values make the groups.
    one : str
        Value of the first group, as text.
    other : str
        Value of the second group; empty for all other rows that have a value.
    timeout_s : float
        Seconds after which it is stopped.
    memory_mb : int
        Most memory for the query, in megabytes.

    Returns
    -------
    TwoGroups
        Numbers by their means, categories by the shares of their values, all by missing values; at most 200
        columns. Of more than 8 million such cells, and of tables of more than a million rows, a random
        sample of the two groups is compared.

    Raises
    ------
    EngineError
        When the column or a value is unknown, or a group has fewer than two rows.
    """
    column = _grouping(profile, by)
    one, other = _value(column, one), _value(column, other)
    if one == other:
        raise EngineError("Choose two different values: these are the same.")
    columns = [one for one in profile.columns if one.name != by and one.n_missing < profile.n_rows]
    some = columns[:MOST_COLUMNS]

    def question(database: duckdb.DuckDBPyConnection) -> TwoGroups:
        source = table(database, path)
        rows = _Rows(database, source, profile, column, one, other)
        return _compared(rows, some, len(columns) - len(some))

    return ask(path, question, memory_mb=memory_mb, timeout_s=timeout_s)


@dataclass(frozen=True)
class _Rows:
    """The two groups in the database."""

    database: duckdb.DuckDBPyConnection
    source: str
    profile: Profile
    by: Column
    one: str
    other: str
    parts: tuple[str, str] = ("", "")
    """SQL conditions that draw the sample of each group; empty where all its rows are compared."""

    @property
    def is_sample(self) -> bool:
        """Whether not all rows of both groups are compared."""
        return any(self.parts)

    def grouped(self, aggregates: Sequence[str], values: Sequence[Any] = ()) -> dict[int, tuple[Any, ...]]:
        """Ask for aggregates of both groups; no name of ours stands beside a user's."""
        found = self._select(aggregates, values, " GROUP BY 1").fetchall()
        return {row[0]: row[1:] for row in found}

    def values(self, numbers: Sequence[str]) -> list[tuple[Floats, Floats]]:
        """The finite numbers of both groups, for each expression."""
        named = [f"{sql} AS z{place}" for place, sql in enumerate(numbers)]
        found = self._select(named).fetchnumpy()
        is_other = np.asarray(found["code"]) == 1
        pairs = []
        for place in range(len(numbers)):
            column = np.ma.filled(np.ma.asarray(found[f"z{place}"], dtype=np.float64), np.nan)
            there = ~np.isnan(column)
            pairs.append((column[there & ~is_other], column[there & is_other]))
        return pairs

    def _select(
        self, expressions: Sequence[str], values: Sequence[Any] = (), end: str = ""
    ) -> duckdb.DuckDBPyConnection:
        g = quote(self.by.name)
        value = f"TRY_CAST(? AS {_TYPES[self.by.stored]})"  # comparing texts is slow
        first = f"{g} = {value}{self.parts[0]}"
        second = f"{g} {'=' if self.other else '<>'} {value}{self.parts[1]}"
        return self.database.execute(
            f"SELECT CASE WHEN {g} = {value} THEN 0 ELSE 1 END AS code, {', '.join(expressions)} "  # noqa: S608 -- quoted names
            f"FROM {self.source} WHERE ({first}) OR ({second}){end}",
            [self.one, *values, self.one, self.other or self.one],
        )


def _drawn(sizes: dict[int, int], n_rows: int, n_columns: int) -> tuple[str, str]:
    """What draws the sample: about half of each group, all of a small one, the same rows every time."""
    most = max(SAMPLE_ROWS, _MOST_CELLS // max(1, n_columns))
    most = min(most, _MOST_OF_LARGE) if n_rows > _LARGE else most
    if sum(sizes.values()) <= most:
        return "", ""
    smaller = min(min(sizes.values()), most // 2)
    aimed = [size if size <= most // 2 else most - smaller for size in (sizes[0], sizes[1])]
    one, other = (
        f" AND hash(file_row_number) % {size} < {n}" if n < size else ""
        for size, n in zip((sizes[0], sizes[1]), aimed, strict=True)
    )
    return one, other


def _grouping(profile: Profile, name: str) -> Column:
    column = next((one for one in profile.columns if one.name == name), None)
    if column is None:
        raise EngineError(f"The table has no column {shown(name)}. Choose one of the list.")
    return column


def _value(column: Column, text: str) -> str:
    """A value as it is stored: the owner's words for false and true mean what they say."""
    words = dict(zip(column.labels, ("false", "true"), strict=False))
    return words.get(text, text) if column.stored == "BOOLEAN" else text


def _compared(rows: _Rows, columns: Sequence[Column], n_left_out: int) -> TwoGroups:
    contrasts: list[Contrast] = []
    sizes = {code: own[0] for code, own in rows.grouped(["count(*)"]).items()}
    _check(rows, sizes)
    rows = replace(rows, parts=_drawn(sizes, rows.profile.n_rows, len(columns)))
    if rows.is_sample:
        sizes = {code: own[0] for code, own in rows.grouped(["count(*)"]).items()}
    for start in range(0, len(columns), _COLUMNS_A_STATEMENT):
        some = columns[start : start + _COLUMNS_A_STATEMENT]
        contrasts += _contrasts(rows, some, (sizes[0], sizes[1]))
    contrasts = _corrected(contrasts)
    contrasts.sort(key=lambda one: -one.strength)
    names = _names(rows)
    return TwoGroups(
        by=rows.by.name,
        one=names[0],
        other=names[1],
        n_one=sizes[0],
        n_other=sizes[1],
        n_rows=rows.profile.n_rows,
        is_sample=rows.is_sample,
        columns=tuple(contrasts),
        verdict=_verdict(contrasts, names, (sizes[0], sizes[1])),
        notes=tuple(_notes(rows, sizes, n_left_out)),
    )


def _names(rows: _Rows) -> tuple[str, str]:
    one = label_of(rows.by, rows.one)
    return one, label_of(rows.by, rows.other) if rows.other else f"all but {one}"


def _check(rows: _Rows, sizes: dict[int, int]) -> None:
    for code, label in enumerate(_names(rows)):
        n = sizes.get(code, 0)
        if n < 2:
            raise EngineError(
                f"{'No row' if not n else 'Only one row'} has {shown(label, 60)} in "
                f"{shown(rows.by.name)}. At "
                "least two rows are needed in each group. Choose another value."
            )


@dataclass(frozen=True)
class _Plan:
    """What is asked of a column."""

    column: Column
    measure: Measure | None
    names: tuple[str, ...]
    """Values of a category that are counted; empty for all."""
    aggregates: tuple[str, ...]
    values: tuple[Any, ...]


def _contrasts(rows: _Rows, columns: Sequence[Column], sizes: tuple[int, int]) -> list[Contrast]:
    """The contrasts of some columns by one statement, or two where a group is small."""
    plans = [_plan(column) for column in columns]
    found = rows.grouped(
        [one for plan in plans for one in plan.aggregates], [one for plan in plans for one in plan.values]
    )
    answers = [iter(found[code]) for code in (0, 1)]
    contrasts = []
    for plan in plans:
        own = [[next(answer) for _ in plan.aggregates] for answer in answers]
        missing = contrast_missing([size - values[0] for size, values in zip(sizes, own, strict=True)], sizes)
        contrasts.append(replace(_contrast(plan, own), missing=missing))
    return _ranked(rows, plans, contrasts)


def _ranked(rows: _Rows, plans: Sequence[_Plan], contrasts: list[Contrast]) -> list[Contrast]:
    """The same, but skewed numbers of small groups tested by their order."""
    small = {
        place: plan.measure.sql
        for place, (plan, one) in enumerate(zip(plans, contrasts, strict=True))
        if plan.measure and one.p is not None and min(one.n_one, one.n_other) < SMALL
    }
    if small:
        for place, (one, other) in zip(small, rows.values(list(small.values())), strict=True):
            contrasts[place] = contrast_ranks(contrasts[place], one, other)
    return contrasts


def _plan(column: Column) -> _Plan:
    c, part = quote(column.name), part_of(column)
    if part in ("number", "date"):
        measure = measure_of(column)
        z = measure.sql
        return _Plan(
            column, measure, (), (f"count({c})", f"count({z})", f"avg({z})", f"stddev_samp({z})"), ()
        )
    if part != "category":
        return _Plan(column, None, (), (f"count({c})",), ())
    if column.n_distinct <= _MAP_VALUES:
        return _Plan(column, None, (), (f"count({c})", f"histogram({c}::VARCHAR)"), ())
    names = tuple(value for value, _ in column.top)
    place = f"coalesce(list_position(?::VARCHAR[], left({c}::VARCHAR, {_CUT})), 0)"
    place = f"CASE WHEN {c} IS NOT NULL THEN {place} END"
    return _Plan(column, None, names, (f"count({c})", f"histogram({place})"), (list(names),))


def _contrast(plan: _Plan, own: Sequence[Sequence[Any]]) -> Contrast:
    column = plan.column
    if plan.measure:
        n = [values[1] for values in own]
        return contrast_numbers(
            column, plan.measure, n, [values[2] for values in own], [values[3] for values in own]
        )
    if len(plan.aggregates) == 1:
        return Contrast(name=column.name, kind=column.kind, n_one=own[0][0], n_other=own[1][0])
    counts = [_counts(plan, values[1] or {}) for values in own]
    labels = dict.fromkeys([label for group in counts for label in group])
    return contrast_shares(
        column,
        [Counted(label, (counts[0].get(label, 0), counts[1].get(label, 0))) for label in labels],
        (own[0][0], own[1][0]),
    )


def _counts(plan: _Plan, found: dict[Any, int]) -> dict[str, int]:
    """Rows by label, from a histogram of values or of places in the list of names."""
    column = plan.column
    if not plan.names and column.n_distinct <= _MAP_VALUES:
        return {label_of(column, value): n for value, n in found.items()}
    labels = (OTHER, *(label_of(column, name) for name in plan.names))
    return {labels[int(place)]: n for place, n in found.items()}


def _corrected(contrasts: Sequence[Contrast]) -> list[Contrast]:
    """P-values corrected for all that were looked at, those of missing values among them."""
    values = [one.p for one in contrasts] + [one.missing.p if one.missing else None for one in contrasts]
    places = [place for place, p in enumerate(values) if p is not None]
    corrected = dict(zip(places, holm([p for p in values if p is not None]), strict=True))
    n = len(contrasts)
    return [
        replace(one, p_corrected=corrected.get(place), p_missing_corrected=corrected.get(n + place))
        for place, one in enumerate(contrasts)
    ]


def _verdict(contrasts: Sequence[Contrast], names: tuple[str, str], sizes: tuple[int, int]) -> str:
    tested = [one for one in contrasts if one.p_corrected is not None]
    sure = [one for one in tested if (one.p_corrected or 0.0) < ALPHA]
    matter = [one for one in sure if one.size in ("medium", "large")]
    groups = f"{shown(names[0], 40)} and {shown(names[1], 40)}"
    if not tested and min(sizes) < FEWEST:
        return (
            f"Whether {groups} differ cannot be said: one of them has only "
            f"{counted(min(sizes), 'row')}, and at least {FEWEST} are needed."
        )
    if not tested:
        return f"No column could be tested for differences between {groups}."
    if not sure:
        return (
            f"Nothing shows that {groups} differ: in none of {counted(len(tested), 'column')} more than "
            "chance gives."
        )
    first = f"{groups} differ more than chance gives in {len(sure):,} of {counted(len(tested), 'column')}"
    if not matter:
        return f"{first}, but all these differences are small."
    most = ", ".join(shown(one.name, 40) for one in matter[:3])
    return f"{first}; in {len(matter):,} of them the difference is medium or large. Most in {most}."


def _notes(rows: _Rows, sizes: dict[int, int], n_left_out: int) -> Iterator[str]:
    if rows.is_sample:
        yield (
            f"The table is large, so this is a random sample of {sum(sizes.values()):,} rows of the two "
            "groups, about as many of each where it has so many; the intervals allow for that."
        )
    if n_left_out:
        yield f"The first {MOST_COLUMNS} columns were compared; {n_left_out:,} more were not."
    if min(sizes.values()) < FEWEST:
        yield (
            f"A group has fewer than {FEWEST} rows: too few to say of any column whether it differs. Do not "
            "build on its figures."
        )
    yield (
        "Whether a column differs more than chance gives is said after Holm’s correction for having looked "
        "at so "
        "many columns: if the groups did not differ at all, it would be said of any column in at most 1 of "
        "20 such "
        "tables. The intervals are those of each column alone."
    )
    if sum(sizes.values()) >= MANY_ROWS:
        yield (
            "With so many rows nearly every difference is more than chance gives, also what is far too "
            "small to matter."
        )
    yield (
        "Sizes: Cohen’s convention, for numbers Hedges’ g (0.2 small, 0.5 medium, 0.8 large), for "
        "categories w of "
        "groups of equal size (0.1, 0.3, 0.5). All figures treat rows as independent. A difference is no "
        "proof that "
        "the group causes it."
    )
