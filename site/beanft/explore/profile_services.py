"""What the pages of findings, of one column and of correlations show, from what the ingest stored."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property, partial
from itertools import pairwise
from typing import Any

from beanft.engine.charts.chart import is_date, is_number
from beanft.engine.findings import Finding
from beanft.engine.tables.calendar import DAY, civil
from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.relations.pairs import MEASURES, Correlations, Pair
from beanft.engine.tables.wording import is_year
from beanft.models import Version

FIRST = 10
"""Findings that are shown at once; the others are one click away."""

PAIRS_SHOWN = 100
"""Pairs that the list holds; the heat map shows all."""

_STEPS = (0.1, 0.3, 0.5, 0.7, 0.9)  # strengths from which a cell of the heat map is darker


@dataclass(frozen=True, kw_only=True)
class Bin:
    """One bar of a histogram as numbers and words."""

    low: str
    high: str
    n: int
    share: float
    start: float
    """Where it begins, as a share of the axis."""
    width: float
    """How much of the axis it takes."""


@dataclass(frozen=True, kw_only=True)
class Overview:
    """Findings as a page shows them: warnings before notes, the first few and the others."""

    findings: tuple[Finding, ...]

    @cached_property
    def first(self) -> tuple[Finding, ...]:
        """What is shown at once."""
        return self.findings[:FIRST]

    @cached_property
    def rest(self) -> tuple[Finding, ...]:
        """What is one click away."""
        return self.findings[FIRST:]

    def count(self, severity: str) -> int:
        """How many findings are of a severity."""
        return sum(finding.severity == severity for finding in self.findings)


def overview(findings: Iterable[Finding]) -> Overview:
    """Prepare findings for a page."""
    return Overview(findings=tuple(findings))


def findings_of(profile: Profile, name: str) -> Overview:
    """The findings that one column is in."""
    return Overview(findings=tuple(finding for finding in profile.findings if name in finding.columns))


def rows_args(finding: Finding) -> dict[str, list[str]]:
    """The parts of the address of the rows that a finding is about."""
    columns, operators, values = zip(*finding.rows, strict=True)
    return {"column": list(columns), "operator": list(operators), "value": list(values)}


def shown_value(column: Column, value: str) -> str:
    """A value as the owner wrote it: the words for false and true instead of ours.

    >>> counts = {"n_missing": 0, "n_distinct": 2}
    >>> shown_value(
    ...     Column(name="a", kind="boolean", stored="BOOLEAN", labels=("nein", "ja"), **counts), "true"
    ... )
    'ja'
    """
    if column.labels and value in ("false", "true"):
        return column.labels[value == "true"]
    return value


def find_column(version: Version, position: int) -> Column | None:
    """The column at a place from 1 on, if the table has so many."""
    columns = version.profile.columns
    return columns[position - 1] if 1 <= position <= len(columns) else None


def positions(profile: Profile) -> dict[str, int]:
    """The place of each column, from 1, by its name."""
    return {column.name: number for number, column in enumerate(profile.columns, 1)}


def read_correlations(version: Version) -> Correlations | None:
    """How the columns of a version go together; None where too few could be compared."""
    return Correlations.from_dict(version.correlations_json) if version.correlations_json else None


def strong_pairs(correlations: Correlations | None, name: str) -> tuple[Pair, ...]:
    """The pairs of a column in which something shows, the strongest first, at most ten."""
    pairs = correlations.of(name) if correlations else ()
    return tuple(pair for pair in pairs if pair.strength >= _STEPS[0])[:FIRST]


def telling(correlations: Correlations) -> tuple[tuple[Pair, ...], tuple[Pair, ...]]:
    """The pairs that are listed, the strongest first: those in which something shows, and the others."""
    listed = correlations.pairs[:PAIRS_SHOWN]
    n = sum(pair.strength >= _STEPS[0] for pair in listed)
    return listed[:n], listed[n:]


def bins(column: Column) -> list[Bin]:
    """The bars of a column's histogram; of days each bar names its first and its last one."""
    total, span = sum(column.counts) or 1, column.edges[-1] - column.edges[0] if column.edges else 1.0
    closed = DAY if column.stored == "DATE" else 0
    whole_days = all(edge % DAY == 0 for edge in column.edges)
    words = partial(_moment, whole_days=whole_days) if is_date(column) else partial(_plain, name=column.name)
    return [
        Bin(
            low=words(low),
            high=words(high - closed),
            n=n,
            share=n / total,
            start=(low - column.edges[0]) / span,
            width=(high - low) / span,
        )
        for (low, high), n in zip(pairwise(column.edges), column.counts, strict=True)
    ]


def _plain(edge: float, name: str) -> str:
    """An edge with all its digits.

    >>> _plain(1_500_000.0, "price"), _plain(2.5, "price"), _plain(2009.0, "year")
    ('1,500,000', '2.5', '2009')
    """
    return f"{edge:.12g}" if is_year(name, edge) else f"{edge:,.12g}"


def _moment(seconds: float, whole_days: bool) -> str:
    """A moment since 1970 as a day, with the time where the bins are narrower than one.

    >>> _moment(86_399.0, False), _moment(0.0, True)
    ('1970-01-01 23:59:59', '1970-01-01')
    """
    days, rest = divmod(math.floor(seconds), DAY)
    year, month, day = civil(days)
    text = f"{year:04d}-{month:02d}-{day:02d}"
    return text if whole_days else f"{text} {rest // 3600:02d}:{rest % 3600 // 60:02d}:{rest % 60:02d}"


def chart_of(profile: Profile, pair: Pair) -> dict[str, str]:
    """The parts of the address of the chart that shows two columns together."""
    a, b = profile.column(pair.a), profile.column(pair.b)
    numbers = [column for column in (a, b) if is_number(column) and column.kind == "number"]
    dates = [column for column in (a, b) if is_date(column)]
    others = [column for column in (a, b) if column not in numbers and column not in dates]
    if len(numbers) == 2:
        return {"kind": "scatter", "x": a.name, "y": b.name}
    if numbers and dates:
        return {"kind": "line", "x": dates[0].name, "y": numbers[0].name, "aggregation": "mean"}
    if numbers:
        return {"kind": "box", "x": others[0].name, "y": numbers[0].name}
    if dates and others:
        return {"kind": "line", "x": dates[0].name, "colour": others[0].name}
    return {"kind": "line", "x": a.name} if dates else {"kind": "bar", "x": a.name, "colour": b.name}


def shade(pair: Pair) -> str:
    """The class of a cell of the heat map: its sign and how dark it is, such as 'goes-plus-3'."""
    step = sum(pair.strength >= least for least in _STEPS)
    if not step:
        return "goes-none"
    return f"goes-minus-{step}" if pair.stronger < 0 else f"goes-plus-{step}"


def measure_words(pair: Pair) -> str:
    """What was measured, in words, such as 'Pearson' or 'Cramér’s V'."""
    return MEASURES[pair.measure]


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What one measure says of a pair."""

    name: str
    """The measure, such as “Pearson”."""
    value: float
    """Its value."""
    low: float | None
    """Lower end of its approximate 95 % interval."""
    high: float | None
    """Upper end of the interval."""


def measured(pair: Pair) -> tuple[Measured, ...]:
    """What was measured of a pair, the stronger measure first; of other than two numbers there is one.

    >>> pair = Pair(a="x", b="y", measure="pearson", value=0.1, spearman=-0.5, n_rows=90)
    >>> [(one.name, one.value) for one in measured(pair)]
    [('Spearman', -0.5), ('Pearson', 0.1)]
    """
    straight = Measured(name=measure_words(pair), value=pair.value, low=pair.low, high=pair.high)
    if pair.spearman is None:
        return (straight,)
    ranked = Measured(name="Spearman", value=pair.spearman, low=pair.spearman_low, high=pair.spearman_high)
    # the heat map and the order go by the same one
    return (straight, ranked) if pair.stronger == pair.value else (ranked, straight)


def by_names(correlations: Correlations) -> Mapping[tuple[str, str], Pair]:
    """The pairs by both orders of their names."""
    both = {(pair.a, pair.b): pair for pair in correlations.pairs}
    return both | {(b, a): pair for (a, b), pair in both.items()}


def column_facts(version: Version, position: int, column: Column) -> dict[str, Any]:
    """What the page of a column says, as plain values."""
    correlations = read_correlations(version)
    return {
        "id": version.dataset_id,
        "version": version.number,
        "n_rows": version.n_rows,
        "position": position,
        "column": asdict(column),
        "findings": [asdict(finding) for finding in findings_of(version.profile, column.name).findings],
        "correlations": [_pair_facts(pair) for pair in correlations.of(column.name)] if correlations else [],
    }


def correlation_facts(version: Version, correlations: Correlations | None) -> dict[str, Any]:
    """What the page of correlations says, as plain values."""
    facts: dict[str, Any] = {"id": version.dataset_id, "version": version.number, "n_rows": version.n_rows}
    if correlations is None:
        return {**facts, "columns": [], "pairs": [], "n_rows_used": 0, "is_sample": False, "notes": []}
    return {
        **facts,
        "columns": correlations.columns,
        "n_rows_used": correlations.n_rows_used,
        "is_sample": correlations.is_sample,
        "notes": correlations.notes,
        "pairs": [_pair_facts(pair) for pair in correlations.pairs],
    }


def _pair_facts(pair: Pair) -> dict[str, Any]:
    return {**asdict(pair), "strength": pair.strength, "words": pair.words}
