"""What is known of how columns go together."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

MEASURES: Mapping[str, str] = {
    "pearson": "Pearson",
    "cramer": "Cramér’s V",
    "eta": "correlation ratio",
}
"""Measures of two numbers, of two categories, and of a number and a category; and how people call them.

Booleans count as numbers beside numbers and each other, and as categories beside categories."""

FEWEST_ROWS = 10
"""Rows in which both columns need a value; below, nothing is measured."""

_WORDS = ((0.9, "very strong"), (0.6, "strong"), (0.3, "moderate"), (0.1, "weak"), (0.0, "none that shows"))


@dataclass(frozen=True, kw_only=True)
class Pair:
    """How two columns go together."""

    a: str
    """Name of the column that comes first in the table."""
    b: str
    """Name of the other."""
    measure: str
    """A key of MEASURES."""
    value: float
    """-1..1 for two numbers, otherwise 0..1."""
    low: float | None = None
    """Lower end of the approximate 95 % interval; None where there are too few rows for one."""
    high: float | None = None
    """Upper end of the interval."""
    spearman: float | None = None
    """Spearman's rank correlation of two numbers, -1..1."""
    spearman_low: float | None = None
    """Lower end of its approximate 95 % interval."""
    spearman_high: float | None = None
    """Upper end of its interval."""
    n_rows: int
    """Rows of the sample in which both have a value."""
    n_ranked: int = 0
    """Rows of them, drawn at random, that Spearman's correlation comes from; 0 where it comes from all."""

    @property
    def strength(self) -> float:
        """Strength without direction, 0..1: the larger one of Pearson and Spearman for two numbers."""
        return abs(self.stronger)

    @property
    def stronger(self) -> float:
        """Pearson's or Spearman's value, whichever is stronger; the value of other measures.

        Examples
        --------
        >>> Pair(a="x", b="y", measure="pearson", value=0.1, spearman=-0.5, n_rows=90).stronger
        -0.5
        """
        return max((self.value, self.spearman or 0.0), key=abs)

    @property
    def words(self) -> str:
        """The strength in words.

        Examples
        --------
        >>> Pair(a="x", b="y", measure="eta", value=0.7, n_rows=90).words
        'strong'
        """
        return next(words for least, words in _WORDS if self.strength >= least)


@dataclass(frozen=True, kw_only=True)
class Correlations:
    """How the columns of a table go together."""

    columns: tuple[str, ...]
    """Columns that were compared, in the order of the table."""
    pairs: tuple[Pair, ...]
    """Every pair that can be measured, the strongest first."""
    n_rows_used: int
    """Rows that the figures come from."""
    is_sample: bool
    """Whether these are a random sample of the rows."""
    notes: tuple[str, ...] = ()
    """What was left out, one plain sentence each."""

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Read what `to_dict` and JSON made of correlations."""
        known = {field.name for field in fields(Pair)}
        return cls(
            columns=tuple(values["columns"]),
            pairs=tuple(
                Pair(**{key: value for key, value in pair.items() if key in known})
                for pair in values["pairs"]
            ),
            n_rows_used=values["n_rows_used"],
            is_sample=values["is_sample"],
            notes=tuple(values.get("notes", ())),
        )

    def of(self, name: str) -> tuple[Pair, ...]:
        """The pairs that a column is in, the strongest first."""
        return tuple(pair for pair in self.pairs if name in (pair.a, pair.b))
