"""Runs the checks before and after a training, the quick ones first."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from beanft.engine.checks.training import (
    dated,
    drifted,
    duplicates,
    entity,
    few_rows,
    identifiers,
    identity,
    jump,
    known_afterwards,
    leak_column,
    missingness,
    rare_classes,
    too_good,
    wide_interval,
)
from beanft.engine.checks.training.asked import Asked
from beanft.engine.checks.training.outcome import Outcome
from beanft.engine.findings import SEVERITIES, Finding
from beanft.engine.tables.columns import Profile

BEFORE: tuple[tuple[str, Callable[[Asked], Iterator[Finding]]], ...] = (
    ("columns filled for one class only", missingness.find),
    ("targets computed from columns", identity.find),
    ("rows on both sides", duplicates.find),
    ("rare classes", rare_classes.find),
    ("too few rows", few_rows.find),
    ("dates known only afterwards", known_afterwards.find),
    ("columns that tell the target alone", leak_column.find),
    ("identifiers", identifiers.find),
    ("shuffled dates", dated.find),
    ("entities on both sides", entity.find),
)
"""Checks before training with what each looks for, the quick ones first."""

AFTER: tuple[Callable[[Asked, Outcome], Iterator[Finding]], ...] = (
    too_good.find,
    jump.find,
    wide_interval.find,
)
"""Checks that need the scores."""

LIMIT_S = 6.0
"""Seconds after which no further check is begun."""

_OTHERS_MOST = 10
_OTHER_KINDS = ("date", "identifier", "category", "text")


def look_before(asked: Asked, limit_s: float = LIMIT_S) -> tuple[Finding, ...]:
    """Look for what can spoil a training before it begins.

    Parameters
    ----------
    asked : Asked
        The question.
    limit_s : float
        Seconds after which no further check is begun.

    Returns
    -------
    tuple of Finding
        Warnings before notes; the last note names the checks that time was too short for.
    """
    asked = replace(asked, until=time.monotonic() + limit_s)
    found, skipped = list[Finding](), list[str]()
    for name, find in BEFORE:
        if asked.late:
            skipped.append(name)
            continue
        found += find(asked)
        if find is duplicates.find and any(finding.code == "duplicates-across" for finding in found):
            asked = duplicates.without_copies(asked)
    if skipped:
        found.append(_skipped(skipped, limit_s))
    return _ordered(_once(found))


def look_after(asked: Asked, outcome: Outcome, limit_s: float = LIMIT_S) -> tuple[Finding, ...]:
    """Look for what the scores of a training, and its locked rows, give away.

    Parameters
    ----------
    asked : Asked
        The question.
    outcome : Outcome
        How it ended.
    limit_s : float
        Seconds after which no slow look is begun.

    Returns
    -------
    tuple of Finding
        Warnings before notes.
    """
    asked = replace(asked, until=time.monotonic() + limit_s)
    found = [finding for find in AFTER for finding in find(asked, outcome)]
    if not asked.late:
        found += drifted.find(asked)
    return _ordered(found)


def others_wanted(profile: Profile, features: list[str], target: str) -> list[str]:
    """Name the columns that the checks want to see although they are no features.

    Parameters
    ----------
    profile : Profile
        Profile of the table.
    features : list of str
        Columns that take part.
    target : str
        Column to predict.

    Returns
    -------
    list of str
        At most ten: dates first, then identifiers and words that repeat.
    """
    known = {*features, target}
    found = [
        column
        for column in profile.columns
        if column.name not in known
        and column.kind in _OTHER_KINDS
        and _may_tell(column.kind, column.n_distinct, profile.n_rows)
    ]
    found.sort(key=lambda column: _OTHER_KINDS.index(column.kind))
    return [column.name for column in found[:_OTHERS_MOST]]


def _may_tell(kind: str, n_distinct: int, n_rows: int) -> bool:
    return n_distinct > 1 if kind == "date" else 1 < n_distinct <= 0.7 * n_rows


def _once(found: list[Finding]) -> list[Finding]:
    """One warning a column is enough: the first check that names it says the most."""
    named: set[str] = set()
    kept = []
    for finding in found:
        if len(finding.columns) == 1 and finding.severity == "warning" and finding.code in _OF_A_COLUMN:
            if finding.columns[0] in named:
                continue
            named.add(finding.columns[0])
        kept.append(finding)
    return kept


_OF_A_COLUMN = ("leak-column", "missingness-leak", "known-afterwards", "identifier-feature")


def _ordered(found: list[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(found, key=lambda finding: SEVERITIES.index(finding.severity)))


def _skipped(names: list[str], limit_s: float) -> Finding:
    return Finding(
        code="checks-skipped",
        severity="note",
        sentence=f"Time was too short to look for: {', '.join(names)} (limit {limit_s:g} s).",
        figure=float(len(names)),
        remedy="Train again when the machine is less busy, or on fewer columns.",
    )
