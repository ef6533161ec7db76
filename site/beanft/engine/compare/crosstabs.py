"""Compares two categories: chi-squared, or an exact or drawn p-value, and Cramér's V."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np

from beanft.engine.compare.chance import Counts, chi_squared, expected, fisher_exact, is_sparse, monte_carlo
from beanft.engine.compare.reading import MOST_VALUES, label_of, ordered
from beanft.engine.compare.results import Chance, Crosstab, Effect, TwoColumns
from beanft.engine.compare.words import (
    SIZES,
    chance_words,
    cramer_scale,
    few_rows,
    judged,
    remarks,
)
from beanft.engine.errors import EngineError
from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.connection import quote
from beanft.engine.tables.relations.cramer import cramers_v
from beanft.engine.tables.relations.pairs import FEWEST_ROWS
from beanft.engine.tables.wording import counted, hundredths, shown

_NOTHING = "the two had nothing to do with each other"

# The rows are read once, and grouped by what is stored, as text is slow; names of ours never meet a user's.
_SQL = f"""
    WITH pairs AS MATERIALIZED (
        SELECT one::VARCHAR AS one, other::VARCHAR AS other, n FROM (
            SELECT {{a}} AS one, {{b}} AS other, count(*) AS n FROM {{source}}
            WHERE {{a}} IS NOT NULL AND {{b}} IS NOT NULL GROUP BY 1, 2
        )
    ),
    ones AS (
        SELECT one, row_number() OVER (ORDER BY sum(n) DESC, one) AS place FROM pairs GROUP BY one
    ),
    others AS (
        SELECT other, row_number() OVER (ORDER BY sum(n) DESC, other) AS place FROM pairs GROUP BY other
    )
    SELECT
        CASE WHEN ones.place <= {MOST_VALUES} THEN one END,
        CASE WHEN others.place <= {MOST_VALUES} THEN other END,
        sum(n)::BIGINT, (SELECT count(*) FROM ones), (SELECT count(*) FROM others)
    FROM pairs JOIN ones USING (one) JOIN others USING (other) GROUP BY 1, 2
"""  # noqa: S608 -- quoted names


def compare_categories(
    database: duckdb.DuckDBPyConnection, source: str, profile: Profile, a: Column, b: Column
) -> TwoColumns:
    """Compare two columns of categories, on all rows.

    Parameters
    ----------
    database : duckdb.DuckDBPyConnection
        An open connection.
    source : str
        SQL of the table.
    profile : Profile
        What is known of the table.
    a, b : Column
        Columns whose part is "category".

    Returns
    -------
    TwoColumns
        Of more than 30 values the rarest are put together. Where expected counts are small, the p-value is
        Fisher's for two by two, else from tables drawn by chance.

    Raises
    ------
    EngineError
        When fewer than ten rows have both, or one of the two has only one value in them.
    """
    found = database.execute(_SQL.format(a=quote(a.name), b=quote(b.name), source=source)).fetchall()
    down, across = (
        _values(a, [row[0] for row in found], found, 3),
        _values(b, [row[1] for row in found], found, 4),
    )
    counts = np.zeros((len(down.labels), len(across.labels)), dtype=np.int64)
    for value, other, n, *_ in found:
        counts[down.place(value), across.place(other)] = n
    _check(int(counts.sum()), counts, a, b)
    return _described(profile, a, b, counts, (down, across))


@dataclass(frozen=True)
class _Values:
    """The values of one side of the table."""

    names: tuple[str, ...]
    """Those that stand alone, as text."""
    labels: tuple[str, ...]
    """What is shown of them, and "other" last where there is one."""
    n_other: int

    def place(self, value: str | None) -> int:
        """Where a value stands; what does not stand alone comes last."""
        return len(self.names) if value is None else self.names.index(value)


def _values(
    column: Column, given: Sequence[str | None], found: Sequence[tuple[Any, ...]], n_place: int
) -> _Values:
    """The values that stand alone in their order; the last columns of a row tell how many there are."""
    names = ordered(column, list({value for value in given if value is not None}))
    n_other = found[0][n_place] - len(names) if found else 0
    other = (label_of(column, None),) if n_other else ()
    return _Values(tuple(names), (*(label_of(column, name) for name in names), *other), n_other)


def _check(n: int, counts: Counts, a: Column, b: Column) -> None:
    if n < FEWEST_ROWS:
        raise EngineError(
            f"{few_rows(n)} a value in both {shown(a.name)} and "
            f"{shown(b.name)}. At least {FEWEST_ROWS} are needed."
        )
    if min(counts.shape) < 2:
        alone = a if counts.shape[0] < 2 else b
        raise EngineError(
            f"In the {n:,} rows that have both {shown(a.name)} and {shown(b.name)}, {shown(alone.name)} is "
            "always the "
            "same, so nothing can be said of how they go together."
        )


def _described(
    profile: Profile, a: Column, b: Column, counts: Counts, sides: tuple[_Values, _Values]
) -> TwoColumns:
    n, effect = int(counts.sum()), _effect(counts)
    said = judged(cramer_scale(min(counts.shape)), effect.value, effect.low, effect.high, "relation")
    test, why = _test(counts)
    return TwoColumns(
        a=a.name,
        b=b.name,
        case="categories",
        why=(
            f"{shown(a.name)} and {shown(b.name)} hold categories, so their rows are counted against each "
            f"other. {why}"
        ),
        n_rows=profile.n_rows,
        n_used=n,
        n_sampled=0,
        effects=(effect,),
        tests=(test,),
        crosstab=_crosstab(counts, sides),
        size=effect.size,
        verdict=_verdict(a, b, effect, counts, sides, said),
        notes=(*_others((a, b), sides), *remarks(n)),
    )


def _effect(counts: Counts) -> Effect:
    value, low, high = cramers_v(counts) or (0.0, None, None)
    scale = cramer_scale(min(counts.shape))
    return Effect(
        code="cramers_v",
        label="Cramér’s V",
        value=value,
        low=low,
        high=high,
        size=scale.size(value),
        convention=scale.convention,
        says="How much knowing one narrows down the other, 0 to 1, less what chance gives.",
    )


def _crosstab(counts: Counts, sides: tuple[_Values, _Values]) -> Crosstab:
    down, across = sides
    counted_rows = zip(down.labels, counts, strict=True)
    return Crosstab(
        header=across.labels, rows=tuple((label, tuple(row.tolist())) for label, row in counted_rows)
    )


def _test(counts: Counts) -> tuple[Chance, str]:
    """The p-value that the expected counts allow, and why it is this one."""
    chi2, _, p = chi_squared(counts)
    statistic: float | None = chi2
    code, label, why = "chi_squared", "Chi-squared", "Chi-squared tests them."
    if is_sparse(counts) and counts.shape == (2, 2):
        code, label, statistic, p = "fisher", "Fisher’s exact test", None, fisher_exact(counts)
        why = (
            "Some counts are too small for chi-squared, so all tables of the same sums are counted (Fisher)."
        )
    elif is_sparse(counts):
        p, n_tables = monte_carlo(counts)
        code, label = "monte_carlo", f"Chi-squared among {n_tables:,} tables drawn by chance"
        why = (
            "Some counts are too small for the usual chi-squared, so its p-value comes from "
            f"{n_tables:,} tables with the same sums, drawn by chance."
        )
    words = chance_words(p, _NOTHING, "relation")
    return Chance(code=code, label=label, statistic=statistic, p=p, words=words), why


def _verdict(
    a: Column, b: Column, effect: Effect, counts: Counts, sides: tuple[_Values, _Values], judgement: str
) -> str:
    """The judgement, and where a relation shows the cell that stands out most."""
    interval = f"95 % interval {hundredths(effect.low or 0.0)} to {hundredths(effect.high or 0.0)}"
    first = (
        f"Cramér’s V of {shown(a.name)} and {shown(b.name)} is {hundredths(effect.value)} ({interval}). "
        f"{judgement}"
    )
    if effect.size == SIZES[0] or not effect.low:
        return first
    shares = expected(counts)
    i, j = divmod(int(np.argmax(np.abs(counts - shares) / np.sqrt(shares))), counts.shape[1])
    one, other = shown(sides[0].labels[i], 40), shown(sides[1].labels[j], 40)
    compared = "more" if counts[i, j] > shares[i, j] else "fewer"
    return (
        f"{first} What stands out most: {one} with {other} has {counted(int(counts[i, j]), 'row')}, "
        f"{compared} than "
        f"the {shares[i, j]:,.0f} that chance would give."
    )


def _others(columns: Sequence[Column], sides: Sequence[_Values]) -> list[str]:
    return [
        f"The {MOST_VALUES} most frequent values of {shown(column.name)} stand alone; {side.n_other:,} "
        "rarer ones are "
        "together as “other”."
        for column, side in zip(columns, sides, strict=True)
        if side.n_other
    ]
