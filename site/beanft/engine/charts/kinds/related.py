"""How strongly numbers go together, measured on one sample of rows: for correlations and pairs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np

from beanft.engine.charts.chart import is_number
from beanft.engine.charts.rows import Rows
from beanft.engine.errors import EngineError
from beanft.engine.tables.columns import Profile
from beanft.engine.tables.connection import quote
from beanft.engine.tables.relations.moments import Floats, correlations
from beanft.engine.tables.relations.numbers import fisher, scaled
from beanft.engine.tables.relations.pairs import FEWEST_ROWS, Pair
from beanft.engine.tables.wording import counted

SAMPLE_ROWS = 100_000
"""Rows that correlations are computed from at most; r is then known to within 0.006."""

MOST_COMPARED = 60
"""Most columns among which the strongest relations are looked for."""

HEADER = ("column", "with", "correlation", "95 % from", "95 % to", "rows", "remark")
"""Heads of the table of correlations."""

FEW = "few rows"
"""Remark beside a correlation of fewer than ten rows."""

FLAT = "does not vary"
"""Remark where there is no correlation, since one column has one value only."""

_FEWEST = 4  # of fewer rows there is no interval


@dataclass(frozen=True)
class Relation:
    """How two columns go together."""

    a: str
    """Name of the first column."""
    b: str
    """Name of the second column."""
    value: float | None
    """Pearson's correlation; None where it cannot be told."""
    low: float | None
    """Lower end of its 95 % interval."""
    high: float | None
    """Upper end of the interval."""
    n: int
    """Rows of the sample that have both."""

    @property
    def strength(self) -> float:
        """Without direction; -1 where it cannot be told."""
        return -1.0 if self.value is None else abs(self.value)

    @property
    def words(self) -> str:
        """The strength in words."""
        if self.value is None:
            return "cannot be told"
        return Pair(a=self.a, b=self.b, measure="pearson", value=self.value, n_rows=self.n).words

    @property
    def row(self) -> tuple[float | str | None, ...]:
        """A row under HEADER."""
        remark = FEW if self.n < FEWEST_ROWS else FLAT if self.value is None else ""
        return (self.a, self.b, self.value, self.low, self.high, self.n, remark)


@dataclass(frozen=True)
class Sampled:
    """Numbers of one sample of rows."""

    names: tuple[str, ...]
    """Columns."""
    values: Floats
    """Of shape (n_rows, n_columns), as `numbers.scaled` gives them."""
    is_all: bool
    """Whether these are all rows."""
    cells: Mapping[str, Any] = field(default_factory=dict)
    """What was fetched: c0 and so on for the columns, where asked for also row and hash, those of the row."""


def comparable(profile: Profile, what: str) -> tuple[str, ...]:
    """List the numbers that can be compared where none are chosen.

    Parameters
    ----------
    profile : Profile
        What is known of the table.
    what : str
        Name of the chart in sentences.

    Returns
    -------
    tuple of str
        Columns of kind number that vary, or else any that hold numbers; of more than 60 those with the fewest
        missing values.

    Raises
    ------
    EngineError
        Where there are fewer than two.
    """
    usable = [
        one for one in profile.columns if is_number(one) and one.role != "ignore" and one.n_distinct > 1
    ]
    real = [one for one in usable if one.kind == "number"]
    found = real if len(real) > 1 else usable
    if len(found) < 2:
        raise EngineError(
            f"{what} needs at least two columns of numbers, and this table has "
            f"{'one' if found else 'none'} that varies. Choose a bar chart."
        )
    fullest = {one.name for one in sorted(found, key=lambda one: one.n_missing)[:MOST_COMPARED]}
    return tuple(one.name for one in found if one.name in fullest)


def take_sample(rows: Rows, names: Sequence[str], *, numbered: bool = False) -> Sampled:
    """Fetch an even sample of the rows.

    Parameters
    ----------
    rows : Rows
        The rows of the chart.
    names : sequence of str
        Columns of numbers.
    numbered : bool
        Whether its cells also tell which rows these are.

    Returns
    -------
    Sampled
        The same rows every time: those whose number has a small hash.
    """
    cells = ", ".join(f"{quote(name)}::DOUBLE AS c{place}" for place, name in enumerate(names))
    cells += ", file_row_number AS row, hash(file_row_number) AS hash" if numbered else ""
    is_all = rows.n_rows <= SAMPLE_ROWS
    part = "" if is_all else f" AND hash(file_row_number) % {rows.n_rows} < {SAMPLE_ROWS}"
    found = rows.database.execute(f"SELECT {cells} {rows.source}{part}", list(rows.values)).fetchnumpy()
    columns = [scaled(found[f"c{place}"]) for place in range(len(names))]
    return Sampled(tuple(names), np.column_stack(columns), is_all, found if numbered else {})


def relations(sample: Sampled) -> list[Relation]:
    """Measure every two columns of a sample.

    Parameters
    ----------
    sample : Sampled
        Columns of numbers of the same rows.

    Returns
    -------
    list of Relation
        Every two columns, in the order of the columns.
    """
    n, r = correlations(sample.values)
    return [
        _relation(sample.names[i], sample.names[j], float(r[i, j]), int(n[i, j]))
        for i, j in combinations(range(len(sample.names)), 2)
    ]


def strongest(sample: Sampled, most: int) -> Sampled:
    """Keep the columns that have most to do with others.

    Parameters
    ----------
    sample : Sampled
        Columns of numbers of the same rows.
    most : int
        Columns to keep.

    Returns
    -------
    Sampled
        Those with the strongest relation to another one, in their order.
    """
    if len(sample.names) <= most:
        return sample
    best = dict.fromkeys(sample.names, -1.0)
    for one in relations(sample):
        best[one.a], best[one.b] = max(best[one.a], one.strength), max(best[one.b], one.strength)
    kept = sorted(sample.names, key=lambda name: -best[name])[:most]
    places = [place for place, name in enumerate(sample.names) if name in kept]
    return Sampled(tuple(sample.names[place] for place in places), sample.values[:, places], sample.is_all)


def by_strength(found: Sequence[Relation]) -> list[Relation]:
    """Order relations by their strength.

    Parameters
    ----------
    found : sequence of Relation
        Relations in any order.

    Returns
    -------
    list of Relation
        The strongest first.
    """
    return sorted(found, key=lambda one: -round(one.strength, 9))


def surest(found: Sequence[Relation], most: int) -> list[Relation]:
    """Choose the relations that are surely strong: by the end of their interval that is nearer to zero.

    Parameters
    ----------
    found : sequence of Relation
        Relations in any order.
    most : int
        How many are wanted.

    Returns
    -------
    list of Relation
        The surest first; none whose interval holds zero or that has few rows, unless there are no others.
    """
    known = [one for one in found if one.value is not None]
    sure = [one for one in known if one.n >= FEWEST_ROWS and _nearest(one) > 0]
    return sorted(sure, key=lambda one: -round(_nearest(one), 9))[:most] or by_strength(known)[:1]


def _nearest(one: Relation) -> float:
    """The least strength within the interval."""
    low, high = one.low or 0.0, one.high or 0.0
    return min(abs(low), abs(high)) if low * high > 0 else 0.0


def told(one: Relation) -> str:
    """Tell a relation with its interval and its rows.

    Parameters
    ----------
    one : Relation
        A relation that has a value.

    Returns
    -------
    str
        Such as "a and b 0.95 (very strong, 95 % interval 0.92 to 0.97, 80 rows)".
    """
    low, high = one.low or 0.0, one.high or 0.0
    digits = next((n for n in (2, 3, 4) if low * high <= 0 or float(f"{_nearest(one):.{n}f}")), 6)
    interval = f"95 % interval {low:z.{digits}f} to {high:z.{digits}f}"
    return f"{one.a} and {one.b} {one.value:z.{digits}f} ({one.words}, {interval}, {counted(one.n, 'row')})"


def sample_note(rows: Rows, sample: Sampled) -> tuple[str, ...]:
    """Say where the correlations come from.

    Parameters
    ----------
    rows : Rows
        The rows of the chart.
    sample : Sampled
        Columns of numbers of the same rows.

    Returns
    -------
    tuple of str
        One sentence.
    """
    rule = (
        "Pearson’s correlation on the rows that have both values; "
        "95 % intervals by Fisher’s z are in the table."
    )
    if sample.is_all:
        return (rule,)
    n = sample.values.shape[0]
    return (rule, f"Correlations come from an even sample of {n:,} of {rows.n_rows:,} rows.")


def _relation(a: str, b: str, r: float, n: int) -> Relation:
    if n < _FEWEST or not np.isfinite(r):
        return Relation(a, b, None, None, None, n)
    return Relation(a, b, r, *fisher(r, n), n)
