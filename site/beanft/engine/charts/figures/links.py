"""Says in a figure which rows each of its marks stands for, so that a click can lead to them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from beanft.engine.charts.axes import Option, plain, shortened
from beanft.engine.charts.drawing import Drawing, Series
from beanft.engine.charts.figures.parts import LABEL_CHARACTERS, whole
from beanft.engine.tables.queries.conditions import Filter

Triple = tuple[str, str, str]


def figure_links(option: Option, drawing: Drawing) -> Option:
    """Describe the rows behind the marks of a figure, in few bytes.

    Parameters
    ----------
    option : dict
        The figure, with its series.
    drawing : Drawing
        What was drawn.

    Returns
    -------
    dict
        `filters`: each condition once, as (column, operator, value); `series`: for every series of the figure
        the places in `filters` of each of its marks, or "points" where marks are rows, or null; `axes`: for
        every panel the columns along both axes of which a range can be chosen; `exact`: whether the numbers
        of points are those of the table, or rounded ones.
    """
    panels = drawing.panels or (drawing,)
    known: dict[Triple, int] = {}
    series = [_of_series(one, panels, known) for one in option.get("series", ())]
    return {
        "filters": list(known),
        "series": series,
        "axes": [list(panel.brush) for panel in panels],
        "exact": _is_exact(panels) if "points" in series else True,
    }


def triple(one: Filter) -> Triple:
    """Write a filter as an address holds it.

    Parameters
    ----------
    one : Filter
        A condition.

    Returns
    -------
    tuple of str
        Column, operator and value; the value is empty for operators that compare with nothing.

    Examples
    --------
    >>> triple(Filter("age", "at-least", 18)), triple(Filter("age", "is-missing"))
    (('age', 'at-least', '18'), ('age', 'is-missing', ''))
    """
    value = one.value
    text = "" if value is None else value.isoformat() if isinstance(value, date) else str(value)
    return one.column, one.operator, text


def _of_series(series: Option, panels: Sequence[Drawing], known: dict[Triple, int]) -> Any:
    """Places of the filters of each mark of one series."""
    panel = panels[min(series.get("xAxisIndex", 0), len(panels) - 1)]
    of_name = [one for one in panel.series if shortened(one.name, LABEL_CHARACTERS) == series.get("name")]
    if series.get("silent") or not of_name:
        return None
    drawn = of_name[0]
    if not drawn.filters:
        is_point = series["type"] == "scatter" or series.get("renderItem") == "bubble"
        return "points" if is_point and all(panel.brush) else None
    return [
        [known.setdefault(triple(one), len(known)) for one in filters]
        for filters in _by_place(series, drawn, panel)
    ] or None


def _by_place(series: Option, drawn: Series, panel: Drawing) -> Sequence[Sequence[Filter]]:
    """The filters of a series in the order of the figure's data."""
    data = series.get("data", ())
    if series.get("renderItem") == "outlier":
        at, y = _by_first(drawn), panel.brush[1]
        return [(*at.get(whole(place), ()), *_equals(y, value)) for place, value in drawn.outliers]
    if len(data) == len(drawn.filters):
        return drawn.filters
    if panel.places and len(data) == len(panel.places):
        at = _by_first(drawn)
        return [at.get(place, ()) for place in range(len(data))]
    return ()


def _by_first(drawn: Series) -> dict[int, Sequence[Filter]]:
    """The filters by the place on the axis, which is the first number of a mark."""
    return {whole(mark[0]): filters for mark, filters in zip(drawn.values, drawn.filters, strict=True)}


def _equals(name: str, value: float) -> tuple[Filter, ...]:
    return (Filter(name, "equals", repr(value)),) if name else ()


def _is_exact(panels: Sequence[Drawing]) -> bool:
    """Whether rounding for the picture changed no number of a point."""
    return all(
        plain(value) == value
        for panel in panels
        for series in panel.series
        if not series.filters
        for point in series.values
        for value in point[:2]
    )
