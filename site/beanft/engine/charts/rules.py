"""Refuses charts whose columns cannot be drawn that way, and says what the kind needs."""

from collections.abc import Iterator, Mapping

from beanft.engine.charts.aggregates import ADDITIVE
from beanft.engine.charts.catalogue import (
    AGGREGATIONS,
    BUCKETS,
    KINDS,
    LAYOUTS,
    ORDERS,
    SHAPES,
    TRENDS,
    Need,
)
from beanft.engine.charts.chart import PARTS, Chart, is_axis, is_date, is_number, measured_part, measures
from beanft.engine.errors import EngineError
from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.wording import shown

N_TOP = 100
"""Most categories that may stand alone."""

N_BINS = 100
"""Most bins."""

_CHOICES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "layout": ("layout", LAYOUTS),
    "order": ("order", ORDERS),
    "bucket": ("unit of time", BUCKETS),
    "trend": ("trend line", TRENDS),
    "shape": ("shape of points", SHAPES),
}
_PLACES = {
    "x": "along the horizontal axis",
    "y": "along the vertical axis",
    "z": "as the third number",
    "colour": "as colour",
    "facet": "for panels",
}


def check(chart: Chart, profile: Profile) -> None:
    """Refuse a chart whose columns cannot be drawn that way.

    Parameters
    ----------
    chart : Chart
        The description.
    profile : Profile
        What is known of the table.

    Raises
    ------
    EngineError
        Naming the column and what the kind of chart needs instead.
    """
    _check_words(chart, profile)
    for part, need, column in _parts(chart, profile):
        _check_part(chart, part, need, column)
    if "columns" in KINDS[chart.kind].needs:
        _check_columns(chart, profile)
    check_layout(chart)


def _parts(chart: Chart, profile: Profile) -> Iterator[tuple[str, Need, Column | None]]:
    """The parts of this kind of chart with their columns."""
    needs = KINDS[chart.kind].needs
    for part in PARTS:
        name = getattr(chart, part)
        if part in needs and (part != measured_part(chart) or measures(chart)):
            yield part, needs[part], profile.column(name) if name else None


def _check_words(chart: Chart, profile: Profile) -> None:
    """Kind, choices and columns must exist."""
    if chart.kind not in KINDS:
        raise EngineError(f"There is no chart {shown(chart.kind, 40)}. Choose one of: {', '.join(KINDS)}.")
    if chart.aggregation not in AGGREGATIONS:
        raise EngineError(
            f"There is no {shown(chart.aggregation, 40)} of a group. "
            f"Choose one of: {', '.join(AGGREGATIONS)}."
        )
    for option, (what, choices) in _CHOICES.items():
        value = getattr(chart, option)
        if value and value not in choices:
            known = ", ".join(key for key in choices if key)
            raise EngineError(f"There is no {what} {shown(value, 40)}. Choose one of: {known}.")
    for what, number, most in (("categories", chart.top, N_TOP), ("bins", chart.bins, N_BINS)):
        if not 0 <= number <= most:
            raise EngineError(f"The number of {what} must be from 1 to {most}, or 0 for what is usual.")
    names = {column.name for column in profile.columns}
    for name in (*(getattr(chart, part) for part in PARTS), *chart.columns):
        if name and name not in names:
            raise EngineError(f"There is no column {shown(name)}. Choose one of the list.")


def _check_part(chart: Chart, part: str, need: Need, column: Column | None) -> None:
    kind = KINDS[chart.kind]
    what = kind.article
    if part == measured_part(chart):
        what += f" of the {AGGREGATIONS[chart.aggregation].lower()}"
        if column is None:
            raise EngineError(f"{what} needs a column of numbers to measure. Choose one for “{need.label}”.")
        if chart.aggregation == "distinct":
            return
    if column is None:
        if need.is_required:
            wanted = "a column of numbers" if need.takes == "number" else "a column"
            raise EngineError(f"{what} needs {wanted} {_PLACES[part]}. Choose one for “{need.label}”.")
        return
    _check_takes(chart, part, need, column, what)


def _check_takes(chart: Chart, part: str, need: Need, column: Column, what: str) -> None:
    holds = _holds(column)
    if need.takes == "number" and not is_number(column):
        other = _instead_of_number(chart, part, column)
        raise EngineError(f"{what} needs numbers for “{need.label}”, but {holds}. Choose a number{other}.")
    if need.takes == "scale" and not (is_number(column) or is_date(column)):
        raise EngineError(
            f"{what} needs dates or numbers for “{need.label}”, but {holds}. Choose a bar chart for it."
        )
    if need.takes == "category" and is_axis(column):
        other = _instead_of_category(chart, part, column)
        raise EngineError(
            f"{what} needs categories for “{need.label}”, but {holds}, {column.n_distinct:,} different ones. "
            f"{other}"
        )


def _instead_of_number(chart: Chart, part: str, column: Column) -> str:
    """What would show the column, where its place is the main axis."""
    if part != "x":
        return ""
    if chart.kind in ("scatter", "bubble", "map"):
        return ", or a box chart"
    return ", or a line chart" if is_date(column) else ", or a bar chart"


def _instead_of_category(chart: Chart, part: str, column: Column) -> str:
    if part != "x":
        return "Choose a column with few different values."
    simple = chart.kind in ("bar", "pareto") and not (is_date(column) or measures(chart))
    return f"Choose {'a histogram' if simple else 'a line chart'} for it."


def check_layout(chart: Chart) -> None:
    """Refuse to stack what does not add up.

    Parameters
    ----------
    chart : Chart
        The description.

    Raises
    ------
    EngineError
        When means and the like are stacked.
    """
    stacks = chart.layout in ("stacked", "share") and "layout" in KINDS[chart.kind].options and chart.colour
    if stacks and chart.aggregation not in ADDITIVE:
        raise EngineError(
            f"The {AGGREGATIONS[chart.aggregation].lower()} of parts does not add up to that of the whole, "
            "so it cannot be stacked. Choose the layout “Side by side”, or the number of rows or the sum."
        )


def _check_columns(chart: Chart, profile: Profile) -> None:
    """Several columns: neither too many nor of a kind that cannot be drawn."""
    kind = KINDS[chart.kind]
    fewest, most = kind.few
    if chart.columns and not fewest <= len(chart.columns) <= most:
        raise EngineError(f"{kind.article} takes {fewest} to {most} columns; choose among them.")
    for name in chart.columns:
        if kind.needs["columns"].takes == "number" and not is_number(profile.column(name)):
            raise EngineError(
                f"{kind.article} needs numbers, but {_holds(profile.column(name))}. Leave it out."
            )


def _holds(column: Column) -> str:
    if is_number(column):
        what = "numbers"
    elif is_date(column):
        what = "dates"
    else:
        known = {"text": "text", "boolean": "true and false", "identifier": "identifiers"}
        what = known.get(column.kind, "categories")
    return f"{shown(column.name, 40)} holds {what}"
