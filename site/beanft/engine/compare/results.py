"""What a comparison of two columns says, as plain values."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Effect:
    """How large a difference or relation is."""

    code: str
    """'difference', 'hedges_g', 'superiority', 'pearson', 'spearman', 'cramers_v', 'explained',
    'ranked'. The last two are of more than two groups."""
    label: str
    """Its name."""
    value: float
    low: float | None = None
    """Lower end of the 95 % interval; None where there can be none."""
    high: float | None = None
    """Upper end of the interval."""
    unit: str = ""
    """Unit of a difference of means, where it has one."""
    size: str = ""
    """negligible, small, medium or large by `convention`; empty where there is none."""
    convention: str = ""
    """By whose usage, with its limits."""
    says: str = ""
    """What the figure means, one plain sentence."""


@dataclass(frozen=True, kw_only=True)
class Chance:
    """How often chance alone would give as much: a test and its p-value."""

    code: str
    """'welch', 'mann_whitney', 'welch_anova', 'kruskal', 'pearson', 'spearman', 'chi_squared',
    'monte_carlo' or 'fisher'."""
    label: str
    """Name of the test."""
    statistic: float | None
    """t, U, F, H or chi-squared; None where the test has none."""
    p: float
    words: str
    """The p-value as a sentence."""


@dataclass(frozen=True, kw_only=True)
class Group:
    """The numbers of the rows of one category."""

    label: str
    n: int
    mean: float
    low: float | None
    """Lower end of the 95 % interval of the mean."""
    high: float | None
    """Upper end of it."""
    sd: float | None
    median: float | None
    """Median of the rows that the test by ranks was made on."""


@dataclass(frozen=True, kw_only=True)
class Crosstab:
    """Rows by two categories."""

    header: tuple[str, ...]
    """Labels of the second column's values."""
    rows: tuple[tuple[str, tuple[int, ...]], ...]
    """Label of a value of the first column, and its rows with each value of the second."""


@dataclass(frozen=True, kw_only=True)
class TwoColumns:
    """How two columns go together."""

    a: str
    b: str
    case: str
    """'numbers', 'time', 'two groups', 'groups' or 'categories'."""
    why: str
    """Which tests were chosen and why, in plain words."""
    n_rows: int
    """Rows of the table."""
    n_used: int
    """Rows with a finite value in both columns."""
    n_sampled: int
    """Rows of the random sample that measures by ranks come from; 0 where they come from all."""
    effects: tuple[Effect, ...]
    """The one that the verdict is about comes first."""
    tests: tuple[Chance, ...]
    groups: tuple[Group, ...] = ()
    crosstab: Crosstab | None = None
    size: str
    """Size of the first effect with a convention."""
    verdict: str
    """All of it in one or two plain sentences."""
    notes: tuple[str, ...]
    """What must be known to read it rightly."""
