"""Counts numbers further away from the others than a column of that length would have by chance."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist

from beanft.engine.checks.table import Table
from beanft.engine.findings import Finding
from beanft.engine.tables.columns import Column
from beanft.engine.tables.connection import quote
from beanft.engine.tables.wording import are, counted, shown

_FEW_VALUES = 20  # quartiles of fewer say little
_MANY = 0.05  # beyond this share the column has a long tail rather than outliers
_SPAN = 1.349  # standard deviations from quartile to quartile of a normal column
_BY_CHANCE = 0.001  # values beyond the fences that a normal column of any length may have on average
_OUTER = 3.0  # Tukey's outer fence, in spans
_UNSURE = 2.0  # errors of the span of so many normal values, about
_ALONE = 2  # columns with outliers that are noted one by one; more are put together
_NAMED = 6
_AT_ONCE = 100  # columns counted by one scan of the table
_USUAL = "Show the values beyond the usual fences"
_WIDER = (
    "This is further out than the limit of 3 on a column's page, because among so many values some can lie "
    "beyond 3 by mere chance."
)
_REMEDY = "Look whether they are mistakes. Linear models suffer from them, trees hardly do."


@dataclass(frozen=True, kw_only=True)
class _Far:
    """A column with values beyond its fences."""

    column: Column
    n: int
    """Values beyond."""
    low: float
    high: float
    """The fences."""
    reach: float
    """Interquartile ranges from the quartiles to them."""

    @property
    def below(self) -> bool:
        return self.column.minimum is not None and float(self.column.minimum) < self.low

    @property
    def above(self) -> bool:
        return self.column.maximum is not None and float(self.column.maximum) > self.high

    @property
    def where(self) -> str:
        sides = [f"below {self.low:,.6g}"] * self.below + [f"above {self.high:,.6g}"] * self.above
        return " or ".join(sides)

    @property
    def rows(self) -> tuple[tuple[str, str, str], ...]:
        """A filter for the rows; none says “or”, so values on both sides are those of the usual fences."""
        name = self.column.name
        if self.below and self.above:
            return ((name, "is-outlier", ""),)
        one_sided = ("less-than", self.low) if self.below else ("more-than", self.high)
        return ((name, one_sided[0], repr(one_sided[1])),)

    @property
    def link(self) -> str:
        """What the link to them says: the usual fences are narrower, so it shows more than are counted."""
        return _USUAL if self.below and self.above else ""


def find(table: Table) -> Iterator[Finding]:
    """Name number columns with values outside of fences that grow with their length.

    Tukey's outer fences are so far out that a normal column of some hundred values has hardly any beyond.
    One of a million has two, and of thirty the quartiles are uncertain: both have wider fences. Simulated,
    at most 2 of 1,000 normal columns of 20 to 5,000 values have any (18 of 1,000 by Tukey's fences, of 20).

    Parameters
    ----------
    table : Table
        The table to look at.

    Yields
    ------
    Finding
        One for each of two columns at most; of more columns one for all.
    """
    far = _counted(table, [one for column in table.profile.columns for one in _far(table, column)])
    if len(far) > _ALONE:
        yield _together(far)
        return
    for one in far:
        share = one.n / table.n_values(one.column)
        yield Finding(
            code="outliers",
            severity="note",
            columns=(one.column.name,),
            sentence=(
                f"{counted(one.n, 'value')} of {shown(one.column.name)} ({100 * share:.2g} %) {are(one.n)} "
                f"far from the others: {one.where}, {one.reach:.2g} interquartile ranges beyond "
                f"the quartiles. {_WIDER}"
            ),
            figure=one.n,
            remedy=_REMEDY,
            rows=one.rows,
            link=one.link,
        )


def _far(table: Table, column: Column) -> Iterator[_Far]:
    """The column with its fences, not counted yet, where its ends lie beyond them."""
    n_values = table.n_values(column)
    if column.kind != "number" or not column.n_outliers or n_values < _FEW_VALUES:
        return
    low, high = column.fences
    reach = _reach(n_values)
    wider = (reach - _OUTER) * (high - low) / (1 + 2 * _OUTER)
    one = _Far(column=column, n=column.n_outliers, low=low - wider, high=high + wider, reach=reach)
    if one.below or one.above:
        yield one


def _counted(table: Table, candidates: Sequence[_Far]) -> list[_Far]:
    """Those with some values beyond their fences, but not many: counted for many columns at once."""
    counted_ones = []
    for start in range(0, len(candidates), _AT_ONCE):
        some = candidates[start : start + _AT_ONCE]
        names = [quote(one.column.name) for one in some]
        counts = ", ".join(
            f"count(*) FILTER (WHERE isfinite({name}) AND ({name} < ? OR {name} > ?))" for name in names
        )
        fences = [fence for one in some for fence in (one.low, one.high)]
        (found,) = table.ask(f"SELECT {counts} FROM {table.source}", fences)  # noqa: S608 -- quoted names
        counted_ones += [replace(one, n=int(n)) for one, n in zip(some, found, strict=True)]
    return [one for one in counted_ones if 0 < one.n <= _MANY * table.n_values(one.column)]


def _reach(n_values: int) -> float:
    """Tukey's three interquartile ranges, or more where a normal column of so many values would cross them.

    Of few values the quartiles are uncertain too: by their error the fences are wider.
    """
    reach = (NormalDist().inv_cdf(1 - _BY_CHANCE / 2 / n_values) - _SPAN / 2) / _SPAN
    return max(_OUTER, reach) * (1 + _UNSURE / math.sqrt(n_values))


def _together(far: Sequence[_Far]) -> Finding:
    ranked = sorted(far, key=lambda one: -one.n)
    named = "; ".join(f"{one.n:,} of {shown(one.column.name, 40)} {one.where}" for one in ranked[:_NAMED])
    reaches = list(dict.fromkeys(f"{reach:.2g}" for reach in sorted(one.reach for one in far)))
    reach = " to ".join((reaches[0], *reaches[1:][-1:]))
    more = f"; and of {len(ranked) - _NAMED} more" if len(ranked) > _NAMED else ""
    return Finding(
        code="outliers",
        severity="note",
        columns=tuple(one.column.name for one in ranked),
        sentence=f"{len(ranked)} columns have values far from the others: {named}{more}. "
        f"That is {reach} interquartile ranges beyond the quartiles. {_WIDER}",
        figure=sum(one.n for one in ranked),
        remedy=_REMEDY,
    )
