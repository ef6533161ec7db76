"""Compares two versions of a table: what changed in its columns, and how far the values of each moved."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from beanft.engine.compare.bins import Wanted, count, cuts_of, labels_of, most_rows
from beanft.engine.compare.contrast import Shift, contrast_missing
from beanft.engine.compare.drift import Drift, drift
from beanft.engine.compare.effects import mean_difference
from beanft.engine.compare.reading import part_of
from beanft.engine.compare.renamed import Renamed, find_renamed
from beanft.engine.plain import finite, percent
from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.compare import Comparison, compare
from beanft.engine.tables.wording import counted, shown

MOST_COLUMNS = 200
"""Columns whose values are compared."""

_COARSE = 0.5  # share of the rows in one bin, from which the histogram hides what moves within it
_MISSING_MATTERS = 0.05  # of the rows, from which a change of missing values is said in the verdict
_NUMBERS = ("BIGINT", "DOUBLE")
_ORDER = {"strong": 0, "slight": 1, "none": 2, "none that shows": 3}


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One bin or value in both versions."""

    label: str
    old: float
    """Share of the older version's values, 0..1."""
    new: float


@dataclass(frozen=True, kw_only=True)
class Moved:
    """How the values of one column moved."""

    name: str
    kind: str
    drift: Drift | None
    """None where the distributions cannot be compared."""
    bars: tuple[Bar, ...] = ()
    missing: Shift | None = None
    """Missing values, newer version minus older; None where there are none in either."""
    mean_old: float | None = None
    mean_new: float | None = None
    difference: float | None = None
    """Newer mean minus older, in the column's unit."""
    low: float | None = None
    """Lower end of its 95 % interval."""
    high: float | None = None
    unit: str = ""
    remark: str = ""
    """What else must be known, or why there is no drift."""


@dataclass(frozen=True, kw_only=True)
class TwoVersions:
    """How two versions of a table differ."""

    n_old: int
    """Rows of the older version."""
    n_new: int
    comparison: Comparison
    """Differences of columns, kinds, forms and rows."""
    renamed: tuple[Renamed, ...]
    """Columns that seem to have got another name."""
    columns: tuple[Moved, ...]
    """The shared columns, those that moved most first."""
    verdict: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Plan:
    """How a shared column is compared: in which bins or values, and what is stored of them."""

    old: Column
    new: Column
    wanted: Wanted
    before: tuple[int, ...]
    """Rows in the older version; empty to be counted."""
    after: tuple[int, ...]
    """Rows in the newer version; empty to be counted."""


def compare_versions(
    old: Profile,
    old_path: Path,
    new: Profile,
    new_path: Path,
    *,
    timeout_s: float = 10.0,
    memory_mb: int = 1024,
) -> TwoVersions:
    """Compare two versions of a table.

    Distributions come from the stored profiles where both have the same bins or list all values; else the
    newer version is counted in the bins or values of the older one. Where one bin holds more than half of
    the rows, both are counted between the older version's quantiles.

    Parameters
    ----------
    old : Profile
        What is known of the older version.
    old_path : Path
        Its Parquet file.
    new : Profile
        What is known of the newer version.
    new_path : Path
        Its Parquet file.
    timeout_s : float
        Seconds after which a query is stopped.
    memory_mb : int
        Most memory for a query, in megabytes.

    Returns
    -------
    TwoVersions
        Differences of the columns, and the drift of the first 200 shared ones.

    Raises
    ------
    EngineError
        When a file is lost, or a query takes too long.
    """
    after = {column.name: column for column in new.columns}
    shared = [(column, after[column.name]) for column in old.columns if column.name in after]
    some = shared[:MOST_COLUMNS]
    plans = {one.name: plan for one, other in some if (plan := _plan(one, other, old, new))}
    before = [plan.wanted for plan in plans.values() if not plan.before]
    later = [_of_new(plan) for plan in plans.values() if not plan.after]
    befores = count(old_path, before, n_rows=old.n_rows, timeout_s=timeout_s, memory_mb=memory_mb)
    afters = count(new_path, later, n_rows=new.n_rows, timeout_s=timeout_s, memory_mb=memory_mb)
    sampled = [
        most_rows(len(some), n)
        for some, n in ((before, old.n_rows), (later, new.n_rows))
        if some and n > most_rows(len(some), n)
    ]
    moved = [
        _moved(one, other, plans.get(one.name), befores, afters, (old.n_rows, new.n_rows))
        for one, other in some
    ]
    moved.sort(
        key=lambda one: (_ORDER[one.drift.words] if one.drift else 4, -(one.drift.psi if one.drift else 0.0))
    )
    return TwoVersions(
        n_old=old.n_rows,
        n_new=new.n_rows,
        comparison=compare(old, new),
        renamed=find_renamed(old, new),
        columns=tuple(moved),
        verdict=_verdict(moved),
        notes=tuple(_notes(len(shared) - len(some), moved, sampled)),
    )


def _of_new(plan: _Plan) -> Wanted:
    return Wanted(plan.new, plan.wanted.edges, plan.wanted.is_even, plan.wanted.values)


def _plan(old: Column, new: Column, old_profile: Profile, new_profile: Profile) -> _Plan | None:
    """None where the two hold different things, or nothing that has a distribution."""
    if _why_not(old, new) or not part_of(old):
        return None
    if part_of(old) == "category":
        return _plan_values(old, new, old_profile.n_rows, new_profile.n_rows)
    if not old.edges or not sum(old.counts):
        return None
    if part_of(old) == "number" and max(old.counts) > _COARSE * sum(old.counts):
        cuts = cuts_of(old)
        if len(cuts) > 2:
            return _Plan(old, new, Wanted(old, cuts), (), ())
    wanted = Wanted(old, old.edges, part_of(old) == "number")
    after = (0, *new.counts, 0) if new.edges == old.edges else ()
    return _Plan(old, new, wanted, (0, *old.counts, 0), after)


def _plan_values(old: Column, new: Column, n_old: int, n_new: int) -> _Plan | None:
    if not old.top:
        return None
    names = tuple(value for value, _ in old.top)
    before = (*(n for _, n in old.top), n_old - old.n_missing - sum(n for _, n in old.top))
    after: tuple[int, ...] = ()
    if new.n_distinct == len(new.top) and new.distinct_is_exact:
        known = dict(new.top)
        own = [known.get(name, 0) for name in names]
        after = (*own, n_new - new.n_missing - sum(own))
    return _Plan(old, new, Wanted(old, values=names), before, after)


def _why_not(old: Column, new: Column) -> str:
    """Why the values of two versions of a column cannot be compared; empty where they can."""
    if part_of(old) != part_of(new):
        return f"It was {old.kind} and is {new.kind} now."
    if old.unit != new.unit and part_of(old) != "date":  # the unit of times says only how they are shown
        return "The unit changed."
    if (old.stored in _NUMBERS) != (new.stored in _NUMBERS):
        return "It is stored as something else now."
    return ""


def _moved(
    old: Column,
    new: Column,
    plan: _Plan | None,
    befores: Mapping[str, tuple[int, ...]],
    afters: Mapping[str, tuple[int, ...]],
    rows: tuple[int, int],
) -> Moved:
    base = Moved(name=old.name, kind=new.kind, drift=None, unit=new.unit)
    missing = contrast_missing([new.n_missing, old.n_missing], (rows[1], rows[0])) if all(rows) else None
    if plan is None:
        return _without(base, old, new, missing)
    before = plan.before or befores[old.name]
    after = plan.after or afters[old.name]
    found = drift(before, after, in_order=part_of(old) != "category")
    means = _means(old, new, rows) if part_of(old) == "number" else (None,) * 5
    return Moved(
        name=old.name,
        kind=new.kind,
        drift=found,
        bars=_bars(plan, before, after),
        missing=missing,
        mean_old=means[0],
        mean_new=means[1],
        difference=means[2],
        low=means[3],
        high=means[4],
        unit=new.unit,
        remark=_remark(plan, before, after),
    )


def _without(base: Moved, old: Column, new: Column, missing: Shift | None) -> Moved:
    remark = _why_not(old, new)
    if not remark:
        remark = (
            "No figures are stored of its distribution."
            if part_of(old)
            else "Free texts and identifiers are not compared."
        )
    return Moved(name=base.name, kind=base.kind, drift=None, missing=missing, unit=base.unit, remark=remark)


def _means(old: Column, new: Column, rows: tuple[int, int]) -> tuple[float | None, ...]:
    """Both means, the newer minus the older one, and its interval; from what is stored."""
    n = [
        total - column.n_missing - column.n_infinite
        for column, total in zip((new, old), (rows[1], rows[0]), strict=True)
    ]
    if old.mean is None or new.mean is None:
        return old.mean, new.mean, None, None, None
    difference = new.mean - old.mean
    if min(n) < 2 or old.sd is None or new.sd is None or max(old.sd, new.sd) > 1e100:
        return old.mean, new.mean, finite(difference), None, None
    _, low, high = mean_difference(n, [new.mean, old.mean], [new.sd, old.sd])
    return old.mean, new.mean, difference, low, high


def _bars(plan: _Plan, before: Sequence[int], after: Sequence[int]) -> tuple[Bar, ...]:
    """The shares of both versions; bins beyond the known range only where there is something in them."""
    n, m, labels = sum(before) or 1, sum(after) or 1, labels_of(plan.new, plan.wanted)
    outside = (len(before) - 1,) if plan.wanted.values else (0, len(before) - 1)
    return tuple(
        Bar(label=label, old=one / n, new=other / m)
        for place, (label, one, other) in enumerate(zip(labels, before, after, strict=True))
        if one or other or place not in outside
    )


def _remark(plan: _Plan, before: Sequence[int], after: Sequence[int]) -> str:
    """What is in the newer version and was not in the older one, as a share: it may come from a sample."""
    edges = (-1,) if plan.wanted.values else (0, -1)
    n_new = sum(after[place] for place in edges if not before[place])
    if not n_new or not plan.before:
        return ""
    share = f"{100 * n_new / sum(after):.2g} % of the values"
    if plan.wanted.values:
        return f"{share} were not there before."
    return f"{share} are beyond the range that was known."


def _verdict(moved: Sequence[Moved]) -> str:
    """What moved, and in which columns values are now missing that were there, or the other way round."""
    missing = _missing_words(moved)
    measured = [one for one in moved if one.drift]
    strong = [one for one in measured if one.drift and one.drift.words == "strong"]
    slight = [one for one in measured if one.drift and one.drift.words == "slight"]
    if not measured:
        return f"No column’s values could be compared.{missing}"
    of = f"Of {counted(len(measured), 'column')} whose values can be compared"
    if not strong and not slight:
        return f"{of}, none moved enough to matter.{missing}"
    parts = [
        f"{len(some):,} moved {word}ly "
        f"({', '.join(shown(one.name, 30) for one in some[:5])}{' and others' if len(some) > 5 else ''})"
        for some, word in ((strong, "strong"), (slight, "slight"))
        if some
    ]
    then = " A model trained on the older version may be wrong on the newer one." if strong else ""
    return f"{of}, {' and '.join(parts)}.{then}{missing}"


def _missing_words(moved: Sequence[Moved]) -> str:
    """The columns whose missing values changed by more than chance and enough to matter, the most first."""
    changed = [one for one in moved if one.missing and _matters(one.missing)]
    if not changed:
        return ""
    changed.sort(key=lambda one: -abs(one.missing.difference) if one.missing else 0.0)
    told = ", ".join(
        f"{shown(one.name, 30)} ({percent(one.missing.other)} to {percent(one.missing.one)})"
        for one in changed[:5]
        if one.missing
    )
    more = f" and {len(changed) - 5:,} others" if len(changed) > 5 else ""
    return f" Missing values changed in {counted(len(changed), 'column')}: {told}{more}."


def _matters(missing: Shift) -> bool:
    return abs(missing.difference) >= _MISSING_MATTERS and missing.low * missing.high > 0


def _notes(n_left_out: int, moved: Sequence[Moved], sampled: Sequence[int]) -> Iterator[str]:
    yield (
        "Drift is measured by the population stability index: by the usual limits below 0.1 none, 0.1 to "
        "0.25 slight, "
        "above strong. Two random halves of one table have an index, too: “by chance” is what they stay "
        "below in 95 of "
        "100 cases, and a smaller index is said not to show."
    )
    if any(one.drift for one in moved):
        yield "Among 20 columns that did not move, about one is above its chance level all the same."
    if sampled:
        yield (
            f"The table is large: where values had to be counted anew, about {min(sampled):,} rows drawn "
            "at random were."
        )
    if n_left_out:
        yield f"The first {MOST_COLUMNS} shared columns were compared; {n_left_out:,} more were not."
