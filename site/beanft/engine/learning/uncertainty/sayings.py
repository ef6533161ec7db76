"""What is said of intervals and sets: what was counted, what it means, and what nobody can promise."""

from collections.abc import Mapping, Sequence
from typing import Any

from beanft.engine.learning.uncertainty.measured import FEWEST
from beanft.engine.tables.wording import counted, shown


def sentences(
    found: Mapping[str, Any], *, kind: str, level: float, by: str, all_rows: bool = False
) -> list[str]:
    """Say in plain words what was measured, and what was not.

    Parameters
    ----------
    found : mapping
        measured (locked and unseen as `Hits.facts`), groups as `Hits.by_group`, clusters as
        `Hits.by_cluster`, and for classes pooled.
    kind : str
        numbers or classes.
    level : float
        Share wanted.
    by : str
        group, time or empty: what rows were cut by.
    all_rows : bool
        Whether the model learned from the locked rows after they were opened.

    Returns
    -------
    list of str
        What was counted, what contradicts the level, what may be expected of new rows, and where less is.
    """
    locked, unseen = found["measured"]["locked"], found["measured"]["unseen"]
    thing = "intervals" if kind == "numbers" else "sets"
    said = []
    if locked:
        where = "locked row" if by != "time" else "locked, later row"
        said.append(_counted(locked, f"Of {counted(locked['n'], where)}", kind, level))
    if unseen:
        how = "judged while unseen" if by != "time" else "judged by what was known of earlier ones"
        start = f"Of {counted(unseen['n'], 'row')} of the development, each {how}"
        said.append(_counted(unseen, start, kind, level))
    if locked and all_rows:
        said.append(
            "Afterwards the model learned from the locked rows, too: they were counted for the model before."
        )
    said += [_judged(locked or unseen, thing, level, kind), _widened(found.get("widened") or 1.0)]
    said.append(promise(by, kind, level))
    said += [_uneven(found["groups"], level, kind), _clusters(found.get("clusters"))]
    said.append(_pooled(found.get("pooled") or (), by))
    return [one for one in said if one]


def in_percent(share: float) -> str:
    """Write a level.

    Parameters
    ----------
    share : float
        0 to 1.

    Returns
    -------
    str
        Whole percents.

    Examples
    --------
    >>> in_percent(0.9), in_percent(0.95)
    ('90 %', '95 %')
    """
    return f"{100 * share:.0f} %"


def promise(by: str, kind: str, level: float) -> str:
    """Say what may be expected of new rows, and on what that rests.

    Parameters
    ----------
    by : str
        group, time or empty: what rows were cut by.
    kind : str
        numbers or classes.
    level : float
        Share wanted.

    Returns
    -------
    str
        One or two sentences.
    """
    about = f"about {in_percent(level)}"
    what = "their truth inside" if kind == "numbers" else "their class in the set"
    if by == "time":
        return (
            f"They were set on errors at earlier times. That {about} of later rows have {what} rests on the "
            "future being like the past, which nobody can promise."
        )
    if by == "group":
        return (
            f"They are set for rows of groups not seen before: on average over such groups {about} of the "
            f"rows are to have {what}, if new groups come as these came. In one group it may be far less."
        )
    if kind == "numbers":
        return (
            f"If new rows come as these rows came, {about} of them are to have {what}. That is an average "
            "over rows, not a promise for each kind of row."
        )
    return (
        f"If new rows come as these rows came, {about} of the rows of each class are to have {what}, more "
        "where the answer alone is right more often. That is an average over rows, not a promise for each."
    )


def _counted(part: Mapping[str, Any], start: str, kind: str, level: float) -> str:
    held = (
        f"{in_percent(level)} intervals held the truth"
        if kind == "numbers"
        else f"{in_percent(level)} sets held the class"
    )
    between = f"95 % interval {100 * part['low']:.1f} to {100 * part['high']:.1f} %"
    if part["n_clusters"] is None:
        return f"{start}, the {held} of {part['covered']:,} ({100 * part['coverage']:.1f} %; {between})."
    groups = counted(part["n_clusters"], "group")
    return (
        f"{start}, the {held} of {part['covered']:,}. With each of {groups} counting the same, that is "
        f"{100 * part['coverage']:.1f} % ({between})."
    )


def _judged(part: Mapping[str, Any] | None, thing: str, level: float, kind: str) -> str:
    """Say when the count contradicts the level beyond chance."""
    if part is None:
        return f"Whether the {thing} hold what they are to was not measured."
    if part["high"] < level:
        narrow = "too narrow" if kind == "numbers" else "too small"
        return (
            f"That is less than {in_percent(level)} beyond chance: take the {thing} for {narrow}, or choose "
            "a higher level."
        )
    if part["low"] > level:
        wide = "wider" if kind == "numbers" else "larger"
        return (
            f"That is more than {in_percent(level)} beyond chance: the {thing} are {wide} than they need be."
        )
    return ""


def _widened(factor: float) -> str:
    if factor < 1.01:
        return ""
    return (
        f"Errors grew with time: the intervals were made {factor:.2g} times as wide as earlier rows needed."
    )


def _uneven(groups: Sequence[Mapping[str, Any]], level: float, kind: str) -> str:
    """Name the group that is served worst, where it is less than the level beyond chance."""
    short = [one for one in groups if one["high"] < level]
    if not short:
        return ""
    worst = min(short, key=lambda one: one["coverage"])
    where = f"predictions of {worst['name']}" if kind == "numbers" else f"rows of {shown(worst['name'])}"
    return (
        f"It is less for {where}: {100 * worst['coverage']:.1f} % of {worst['n']:,} "
        f"({100 * worst['low']:.1f} to {100 * worst['high']:.1f} %)."
    )


def _clusters(found: Mapping[str, Any] | None) -> str:
    if not found:
        return ""
    return (
        f"Groups differ: among {counted(found['n'], 'group')} of {FEWEST} rows or more the lowest share is "
        f"{in_percent(found['lowest'])}."
    )


def _pooled(names: Sequence[str], by: str) -> str:
    """Tell of classes that have too few rows for bounds of their own."""
    if not names:
        return ""
    few = "rows" if by != "group" else "groups"
    first = ", ".join(shown(name) for name in names[:6]) + (" …" if len(names) > 6 else "")
    have = "has" if len(names) == 1 else "have"
    return f"{first} {have} too few {few} to be measured alone, so for them the share may be another."
