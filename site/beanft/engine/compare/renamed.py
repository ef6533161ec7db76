"""Finds columns that seem to have got another name from one version of a table to the next."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.wording import shown

_MOST = 50  # columns that went or came, beyond which no pairs are sought
_NAMES_ALIKE = 0.75
_ALIKE = 0.6
_WORDS = re.compile(r"[^\w]|_")
_CLOSE = 0.1  # of the range, by which quantiles of the same column differ between versions


@dataclass(frozen=True, kw_only=True)
class Renamed:
    """A column that is gone and a new one that looks like it."""

    old: str
    new: str
    sentence: str
    """Why they seem to be the same."""


def find_renamed(old: Profile, new: Profile) -> tuple[Renamed, ...]:
    """Find columns that seem to have got another name.

    Parameters
    ----------
    old, new : Profile
        What is known of both versions.

    Returns
    -------
    tuple of Renamed
        Pairs of one that is gone and one that is new, the likeliest first; each column is in one.

    Examples
    --------
    >>> one = Column(name="Unit price", kind="number", stored="BIGINT", n_missing=0, n_distinct=2)
    >>> two = Column(name="unit_price", kind="number", stored="BIGINT", n_missing=0, n_distinct=2)
    >>> [found.new for found in find_renamed(Profile(n_rows=2, columns=(one,)),
    ...                                      Profile(n_rows=2, columns=(two,)))]
    ['unit_price']
    """
    before, after = {c.name for c in old.columns}, {c.name for c in new.columns}
    gone = [column for column in old.columns if column.name not in after][:_MOST]
    came = [column for column in new.columns if column.name not in before][:_MOST]
    scored = [(_likeness(one, other), one.name, other.name) for one in gone for other in came]
    found: list[Renamed] = []
    used: set[tuple[str, str]] = set()
    for (score, why), one, other in sorted(scored, key=lambda each: -each[0][0]):
        if score >= _ALIKE and not {("old", one), ("new", other)} & used:
            used |= {("old", one), ("new", other)}
            sentence = f"{shown(one, 40)} may be {shown(other, 40)} under a new name: {why}."
            found.append(Renamed(old=one, new=other, sentence=sentence))
    return tuple(found)


def _likeness(old: Column, new: Column) -> tuple[float, str]:
    """How likely two columns are the same, 0..1, and why."""
    if old.stored != new.stored:
        return 0.0, ""
    name = SequenceMatcher(None, _plain(old.name), _plain(new.name), autojunk=False).ratio()
    values = _values_alike(old, new)
    if values is None:
        return (name, "the names are alike") if name >= _NAMES_ALIKE else (0.0, "")
    if name >= _NAMES_ALIKE and values >= 0.5:
        return 0.5 + (name + values) / 4, "the names and the values are alike"
    if _plain(old.name) == _plain(new.name):
        return 0.9, "the names differ in signs and capitals only"
    return (values * 0.8, "the values are alike") if values >= 0.8 else (0.0, "")


def _plain(name: str) -> str:
    """A name without signs and capitals, cut: comparing takes quadratic time."""
    return _WORDS.sub("", name.casefold())[:100]


def _values_alike(old: Column, new: Column) -> float | None:
    """How alike the values are by what is stored of them, 0..1; None where nothing tells."""
    if old.quantiles and new.quantiles:
        span = max(old.quantiles[-1], new.quantiles[-1]) - min(old.quantiles[0], new.quantiles[0])
        if not 0 < span < float("inf"):
            return 1.0 if old.quantiles == new.quantiles else 0.0
        far = max(abs(a - b) for a, b in zip(old.quantiles, new.quantiles, strict=True)) / span
        return max(0.0, 1 - far / _CLOSE)
    if old.top and new.top and old.kind != "boolean":
        one, other = ({value for value, _ in column.top} for column in (old, new))
        return len(one & other) / len(one | other)
    if old.edges and new.edges:
        overlap = min(old.edges[-1], new.edges[-1]) - max(old.edges[0], new.edges[0])
        return max(0.0, overlap / (max(old.edges[-1], new.edges[-1]) - min(old.edges[0], new.edges[0])))
    return None
