"""Runs the checks before and after a training, the quick ones first."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

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
from beanft.engine.checks.training.unlooked import (
    CLASS,
    COLUMNS,
    ROWS,
    TIME,
    NotLookedError,
    for_failure,
    for_time,
    for_want,
)
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

_CONCERNS: dict[str, Callable[[Asked], bool]] = {
    "targets computed from columns": lambda asked: asked.task == "regression",
    "dates known only afterwards": lambda asked: any(asked.kind(str(name)) == "date" for name in asked.X),
    "shuffled dates": dated.concerns,
    "entities on both sides": entity.concerns,
}
"""What need not be looked for in every table, so that nobody is told that time was too short for it."""

AFTER: tuple[Callable[[Asked, Outcome], Iterator[Finding]], ...] = (
    too_good.find,
    jump.find,
    wide_interval.find,
)
"""Checks that need the scores."""

LIMIT_S = 6.0
"""Seconds after which no further check is begun."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """What the checks before a training found, and what they looked for."""

    findings: tuple[Finding, ...]
    """Warnings before notes; the last notes name what could not be looked for."""
    looked: tuple[str, ...]
    """What was looked for, to the end."""


FAILED = Look(findings=(for_failure([name for name, _ in BEFORE]),), looked=())
"""What is told where the checks ended without an answer."""

_OTHERS_MOST = 10
_OTHER_KINDS = ("date", "identifier", "category", "text")


def look_before(asked: Asked, limit_s: float = LIMIT_S) -> Look:
    """Look for what can spoil a training before it begins.

    Parameters
    ----------
    asked : Asked
        The question.
    limit_s : float
        Seconds after which no further check is begun.

    Returns
    -------
    Look
        What was found, and what was looked for.
    """
    asked = replace(asked, until=time.monotonic() + limit_s)
    found, looked, left = list[Finding](), list[str](), dict[str, list[str]]()
    for name, find in BEFORE:
        more, why = _made(name, find, asked)
        found += more
        if why is None:
            looked.append(name)
        else:
            left.setdefault(why, []).append(name)
        if find is duplicates.find and any(finding.code == "duplicates-across" for finding in found):
            asked = duplicates.without_copies(asked)
    found += [for_want(why, left[why]) for why in (ROWS, CLASS, COLUMNS) if left.get(why)]
    if left.get(TIME):
        found.append(for_time(left[TIME], limit_s))
    return Look(findings=_ordered(_once(found)), looked=tuple(looked))


def _made(
    name: str, find: Callable[[Asked], Iterator[Finding]], asked: Asked
) -> tuple[list[Finding], str | None]:
    """What one check before training found, and why it did not look; None where it did."""
    if asked.late:
        return [], TIME if _CONCERNS.get(name, _always)(asked) else ""
    return _tried(find, asked)


def _tried(find: Callable[[Asked], Iterator[Finding]], asked: Asked) -> tuple[list[Finding], str | None]:
    found: list[Finding] = []
    try:
        found.extend(find(asked))
    except NotLookedError as error:
        # what says it in words of its own is not told a second time
        return ([*found, error.told], "") if error.told else (found, error.why)
    return found, None


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
    return _ordered([*found, *_tried(drifted.find, asked)[0]])


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


def _always(asked: Asked) -> bool:
    return len(asked.train) > 0


def _ordered(found: list[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(found, key=lambda finding: SEVERITIES.index(finding.severity)))
