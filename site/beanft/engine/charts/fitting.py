"""Which columns fit which part of a chart, and how a description is carried over to another kind."""

from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from typing import Any

from beanft.engine.charts.aggregates import ADDITIVE
from beanft.engine.charts.catalogue import KINDS, OPTIONS, Need
from beanft.engine.charts.chart import PARTS, Chart, is_axis, is_date, is_number, measured_part, measures
from beanft.engine.tables.columns import Column, Profile

_UNUSUAL = ("identifier", "constant", "text")
_DEFAULTS: dict[str, Any] = {one.name: one.default for one in fields(Chart)}


def fits(column: Column, need: Need) -> bool:
    """Tell whether a column can stand in a part of a chart.

    Parameters
    ----------
    column : Column
        A column's profile.
    need : Need
        What the part asks for.

    Returns
    -------
    bool
        What `rules.check` would say of it.

    Examples
    --------
    >>> age = Column(name="age", kind="number", stored="BIGINT", n_missing=0, n_distinct=80)
    >>> fits(age, Need(takes="number", label="x")), fits(age, Need(takes="category", label="x"))
    (True, False)
    """
    if need.takes == "number":
        return is_number(column)
    if need.takes == "scale":
        return is_number(column) or is_date(column)
    if need.takes == "category":
        return not is_axis(column)
    return True


def trimmed(chart: Chart) -> Chart:
    """Leave out what the kind of a chart does not use.

    Parameters
    ----------
    chart : Chart
        A description of a known kind.

    Returns
    -------
    Chart
        The same picture, described in the shortest way.

    Examples
    --------
    >>> trimmed(Chart(kind="histogram", x="a", y="b", bins=5)) == Chart(kind="histogram", x="a", bins=5)
    True
    """
    kind = KINDS[chart.kind]
    unused = [part for part in (*PARTS, "columns") if part not in kind.needs]
    unused += [option for option in OPTIONS if option not in kind.options]
    return replace(chart, **{name: _DEFAULTS[name] for name in unused})


def fitted(chart: Chart, profile: Profile, *, was: str) -> Chart:
    """Make a description that a form sent drawable: what fits stays, what is missing is chosen.

    Parameters
    ----------
    chart : Chart
        A description of a known kind, with the columns of the kind before.
    profile : Profile
        What is known of the table.
    was : str
        The kind before; where it is the same, columns that were chosen stay even if they do not fit.

    Returns
    -------
    Chart
        With a column in every part that the kind cannot do without, as far as the table has one.

    Examples
    --------
    >>> age = Column(name="age", kind="number", stored="BIGINT", n_missing=0, n_distinct=80)
    >>> fitted(Chart(kind="histogram", y="age"), Profile(n_rows=90, columns=(age,)), was="box").x
    'age'
    """
    known = {column.name: column for column in profile.columns}
    before = [getattr(chart, part) for part in PARTS]
    used = [known[name] for name in before if name in known]
    kept = trimmed(chart) if was == chart.kind else _kept(trimmed(chart), known)
    for part in _wanted(kept):
        if not getattr(kept, part):
            taken = {getattr(kept, other) for other in PARTS}
            need = KINDS[kept.kind].needs[part]
            chosen: dict[str, Any] = {part: _choose(need, taken, used, profile.columns)}
            kept = replace(kept, **chosen)
    return kept


def _kept(chart: Chart, known: dict[str, Column]) -> Chart:
    """Without the columns that do not fit the kind."""
    kind = KINDS[chart.kind]
    if chart.kind == "pareto" and chart.aggregation not in ADDITIVE:
        chart = replace(chart, aggregation="sum")
    unfit: dict[str, Any] = {
        part: ""
        for part, need in kind.needs.items()
        if part in PARTS and not _is_fit(getattr(chart, part), need, known)
    }
    if "columns" not in kind.needs:
        return replace(chart, **unfit)
    fit = [name for name in chart.columns if _is_fit(name, kind.needs["columns"], known)]
    few, most = kind.few
    return replace(chart, columns=tuple(fit[:most]) if len(fit) >= few else (), **unfit)


def _is_fit(name: str, need: Need, known: dict[str, Column]) -> bool:
    return name in known and fits(known[name], need)


def _wanted(chart: Chart) -> Iterator[str]:
    """The parts that the kind cannot do without."""
    for part, need in KINDS[chart.kind].needs.items():
        if part in PARTS and (need.is_required or (part == measured_part(chart) and measures(chart))):
            yield part


def _choose(need: Need, taken: set[str], used: Iterable[Column], columns: Iterable[Column]) -> str:
    """One of the columns used before, else the first usual one of the table that is not taken."""
    candidates = [column for column in (*used, *_usual_first(need, columns)) if fits(column, need)]
    return next((column.name for column in candidates if column.name not in taken), "")


def _usual_first(need: Need, columns: Iterable[Column]) -> list[Column]:
    """The columns in the order in which a reader would try them."""
    best = {"number": ("number",), "scale": ("date", "number")}.get(need.takes, ("category", "boolean"))

    def rank(column: Column) -> tuple[bool, int]:
        place = best.index(column.kind) if column.kind in best else 2 + (column.kind in _UNUSUAL)
        return column.role == "ignore" or column.n_distinct == 0, place

    return sorted(columns, key=rank)
