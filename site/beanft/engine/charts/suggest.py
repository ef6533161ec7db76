"""Suggests the charts most worth seeing of a table, each with the reason, from what the ingest measured."""

from collections import Counter
from collections.abc import Iterator, Sequence

from beanft.engine.charts.candidates import LOOKS, SHOWS
from beanft.engine.charts.chart import Chart
from beanft.engine.charts.rules import check
from beanft.engine.charts.suggestion import Known, Suggestion, is_code
from beanft.engine.errors import EngineError
from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.relations.pairs import Correlations, Pair

MOST = 8
"""Suggestions that a page shows."""

_OF_A_KIND = 2  # of one kind of chart, so that the eight differ
_OF_A_KIND_ABOUT = 3  # where all are about one target, more of a kind are worth seeing
_OF_A_COLUMN = 3  # in which one column appears, so that they are not all about it
_ALIKE = 0.95  # numbers so correlated count as one
_FLAT = 0.6  # what a change over time loses where none shows: there may be a season, but it is not first
_CODES_LAST = 5.0  # more than any score


def suggest(
    profile: Profile, correlations: Correlations | None = None, *, target: str = "", most: int = MOST
) -> tuple[Suggestion, ...]:
    """Choose the charts most worth seeing.

    Parameters
    ----------
    profile : Profile
        What is known of the table, its columns in their roles.
    correlations : Correlations, optional
        How the columns go together, as the ingest measured it.
    target : str
        Column that the charts should be about; empty for the whole table.
    most : int
        Most charts.

    Returns
    -------
    tuple of Suggestion
        The best first. No kind appears more than twice, and no column in more than three charts; numbers
        that say the same thing count as one. With a target, what is left fills the places up to `most`,
        weak relations too.

    Examples
    --------
    >>> age = Column(name="age", kind="number", stored="BIGINT", n_missing=0, n_distinct=40)
    >>> [one.title for one in suggest(Profile(n_rows=90, columns=(age,)))]
    ['Distribution of age']
    """
    names = {column.name for column in profile.columns if _is_usable(column)} | {target}
    columns = tuple(column for column in profile.columns if column.name in names)
    pairs = [one for one in (correlations.pairs if correlations else ()) if {one.a, one.b} <= names]
    known = Known(
        profile=Profile(n_rows=profile.n_rows, columns=columns),
        pairs=pairs,
        is_sample=bool(correlations and correlations.is_sample),
        target=target,
        alike=_alike(pairs, target),
    )
    found = [
        one
        for look in LOOKS
        for one in look(known)
        if (not target or target in one.columns) and _is_drawable(one.chart, profile)
    ]
    codes = {column.name for column in columns if is_code(column)} - {target}
    found.sort(key=lambda one: _loss(one, pairs, codes) - one.score)
    return tuple(_varied(found, known, most))


def _loss(one: Suggestion, pairs: Sequence[Pair], codes: set[str]) -> float:
    """What a chart is worth less for being about codes, or about a change over time that does not show."""
    loss = _CODES_LAST if codes & set(one.columns) else 0.0
    over_time = {one.chart.x, one.chart.y} if one.chart.kind == "line" and one.chart.y else set()
    is_flat = any({pair.a, pair.b} == over_time and pair.strength < SHOWS for pair in pairs)
    return loss + (_FLAT if is_flat else 0.0)


def _is_drawable(chart: Chart, profile: Profile) -> bool:
    """Whether the columns suit the kind: moments that go with a category are no categories themselves."""
    try:
        check(chart, profile)
    except EngineError:
        return False
    return True


def _is_usable(column: Column) -> bool:
    """Whether a column says something in a chart."""
    if column.role == "ignore" or column.kind in ("constant", "identifier"):
        return False
    return column.n_distinct > 1 and column.kind != "text"


def _alike(pairs: Sequence[Pair], target: str) -> dict[str, str]:
    """Of numbers that say the same thing, the one that stands for them; a target stands for itself."""
    stands: dict[str, str] = {}
    for pair in pairs:
        is_same = pair.measure == "pearson" and abs(pair.value) > _ALIKE
        if is_same and target not in (pair.a, pair.b):
            first, second = (stands.get(name, name) for name in (pair.a, pair.b))
            joined = {name for name, of in stands.items() if of == second} | {pair.a, pair.b, second}
            stands.update(dict.fromkeys(joined, first))
    return stands


def _varied(found: Sequence[Suggestion], known: Known, most: int) -> list[Suggestion]:
    """The best ones, of different kinds and columns; about a target, then what is left."""
    chosen = list(_different(found, known))[:most]
    for one in found if known.target else ():
        if len(chosen) < most and one.chart not in [other.chart for other in chosen]:
            chosen.append(one)
    return chosen


def _different(found: Sequence[Suggestion], known: Known) -> Iterator[Suggestion]:
    """The best ones that do not repeat each other, neither in kind nor in what they are about."""
    of_a_kind = _OF_A_KIND_ABOUT if known.target else _OF_A_KIND
    kinds: Counter[str] = Counter()
    columns: Counter[str] = Counter()
    said: set[tuple[int, frozenset[str]]] = set()
    for one in found:
        about = frozenset(known.alike.get(name, name) for name in one.columns)
        what = (len(one.columns), about)
        crowded = any(columns[name] >= _OF_A_COLUMN for name in about - {known.target})
        if crowded or kinds[one.chart.kind] >= of_a_kind or (about and what in said):
            continue
        said.add(what)
        kinds[one.chart.kind] += 1
        columns.update(about)
        yield one
