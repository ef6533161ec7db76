"""Compares columns, groups and versions; a version never changes, so an answer can be kept for a while."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Generic, TypeVar

from beanft.engine.compare.columns import compare_columns
from beanft.engine.compare.groups import TwoGroups, compare_two_groups
from beanft.engine.compare.reading import part_of
from beanft.engine.compare.results import TwoColumns
from beanft.engine.compare.versions import TwoVersions, compare_versions
from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.relations.pairs import Pair
from beanft.explore.profile_services import chart_of, read_correlations
from beanft.explore.questions import Question, ask
from beanft.explore.services import find_version
from beanft.models import Dataset, Version

_KEPT = 32
_SUGGESTED = 6
_FEW_VALUES = 20  # numbers of no more different values can make groups, too

Found = TypeVar("Found")


@dataclass(frozen=True, kw_only=True)
class Answer(Generic[Found]):
    """A comparison, or the sentence that says why there is none; neither where nothing was asked."""

    found: Found | None = None
    error: str = ""


@lru_cache(maxsize=_KEPT)
def _keep(question: Question[Any]) -> Any:
    return question.answer()


def _ask(work: Callable[..., Found], versions: tuple[Version, ...], *asked: str) -> Answer[Found]:
    found, error = ask(work, versions, *asked, keep=_keep)
    return Answer(found=found, error=error)


def _versions(old_path: Path, old: Profile, new_path: Path, new: Profile, **limits: Any) -> TwoVersions:
    return compare_versions(old, old_path, new, new_path, **limits)


def columns(*, version: Version, a: str, b: str) -> Answer[TwoColumns]:
    """Compare two columns of a version; nothing where one of them is not chosen yet."""
    return _ask(compare_columns, (version,), a, b) if a and b else Answer()


def groups(*, version: Version, by: str, one: str, other: str) -> Answer[TwoGroups]:
    """Compare two groups of rows; nothing where their column is not chosen yet."""
    return _ask(compare_two_groups, (version,), by, one, other) if by and one else Answer()


def versions(*, old: Version, new: Version) -> Answer[TwoVersions]:
    """Compare two versions of a dataset."""
    return _ask(_versions, (old, new))


def choose_versions(
    *, dataset: Dataset, old: int | None, new: int | None
) -> tuple[Version | None, Version | None]:
    """The versions of these numbers; where one is not given, the newest and the one before it.

    One that cannot be looked at is None.
    """
    ready = [version for version in dataset.versions if version.state == "ready"]
    newer = find_version(dataset, new) if new is not None else next(iter(reversed(ready)), None)
    if old is not None:
        return find_version(dataset, old), newer
    before = [version for version in ready if newer and version.number < newer.number]
    return (before[-1] if before else None), newer


def comparable_columns(profile: Profile) -> list[Column]:
    """The columns that can be compared, those in the role ignore last."""
    fit = [column for column in profile.columns if part_of(column) and column.n_distinct > 1]
    return sorted(fit, key=lambda column: column.role == "ignore")


def grouping_columns(profile: Profile) -> list[Column]:
    """The columns whose values can make groups."""
    return [
        column
        for column in comparable_columns(profile)
        if part_of(column) == "category" or (column.top and column.n_distinct <= _FEW_VALUES)
    ]


def values_of(profile: Profile, by: str) -> list[str]:
    """The most frequent values of a column."""
    column = next((one for one in profile.columns if one.name == by), None)
    return [value for value, _ in column.top] if column else []


def labels_of(profile: Profile, by: str) -> dict[str, str]:
    """The owner's words for false and true, where a column has such."""
    column = next((one for one in profile.columns if one.name == by), None)
    return dict(zip(("false", "true"), column.labels, strict=False)) if column else {}


def usual_groups(profile: Profile, by: str, one: str, other: str | None) -> tuple[str, str]:
    """The groups that were asked for; else the most frequent value, against the other one or all others."""
    values = values_of(profile, by)
    one, other = _stored(profile, by, one), None if other is None else _stored(profile, by, other)
    first = one or (values[0] if values else "")
    if one or other is not None or len(values) != 2:
        return first, other or ""
    return first, values[1]


def _stored(profile: Profile, by: str, value: str) -> str:
    """A value as it is stored, where the owner's word for false or true was given."""
    words = {label: stored for stored, label in labels_of(profile, by).items()}
    return words.get(value, value)


def suggestions(version: Version) -> list[Pair]:
    """Pairs of columns that are worth comparing: those that go together most."""
    correlations = read_correlations(version)
    return [pair for pair in correlations.pairs[:_SUGGESTED] if pair.strength >= 0.1] if correlations else []


def chart_args(profile: Profile, a: str, b: str) -> dict[str, str]:
    """The parts of the address of the chart that shows two columns."""
    return chart_of(profile, Pair(a=a, b=b, measure="", value=0.0, n_rows=0))


def facts(version: Version, answer: Answer[Any]) -> dict[str, Any]:
    """What a page of comparisons says, as plain values."""
    facts: dict[str, Any] = {"id": version.dataset_id, "version": version.number}
    if answer.error:
        return {**facts, "error": answer.error}
    return {**facts, "comparison": asdict(answer.found) if answer.found else None}
