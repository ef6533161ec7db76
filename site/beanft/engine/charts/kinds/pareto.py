"""Pareto charts: categories from the largest to the smallest, and how their shares add up."""

from itertools import accumulate

from beanft.engine.charts.aggregates import ADDITIVE, aggregate_sql
from beanft.engine.charts.catalogue import AGGREGATIONS
from beanft.engine.charts.drawing import Drawing, Series
from beanft.engine.charts.groups import Groups, other_notes
from beanft.engine.charts.links import complete_rows, group_link
from beanft.engine.charts.rows import Rows
from beanft.engine.charts.tally import tally
from beanft.engine.charts.words import figure, measured, per_cent
from beanft.engine.errors import EngineError
from beanft.engine.plain import capital, finite
from beanft.engine.tables.wording import counted, shown

N_BARS = 30
"""Most categories if nothing else is asked for; what is beyond becomes "other"."""

MOST_OF = 80.0
"""Per cent that make up most of the whole."""

Bar = tuple[int, float, float, float, int]
"""Place on the axis, value, share, cumulative share (both per cent), rows."""


def draw_pareto(rows: Rows) -> Drawing:
    """Order categories by what they amount to, and add their shares up.

    Parameters
    ----------
    rows : Rows
        Rows with a category x and a number y unless rows are counted.

    Returns
    -------
    Drawing
        One series of (place on the axis, value, share, cumulative share, rows), shares in per cent. What is
        beyond the largest categories stands last as "other", whatever its size.

    Raises
    ------
    EngineError
        When the parts do not add up: means and the like, or sums below zero.
    """
    chart, what = rows.chart, measured(rows.chart)
    places, bars = _bars(rows)
    complete = complete_rows(rows)
    links = tuple((*group_link(rows, chart.x, places, bar[0]), *complete) for bar in bars)
    return Drawing(
        chart=chart,
        title=chart.title or f"{capital(what)} by {chart.x}, largest first",
        x_name=chart.x,
        y_name=what,
        x_type="category",
        series=(Series(name=what, values=tuple(bars), filters=links),),
        places=places.labels,
        place_keys=places.values,
        header=(chart.x, what, "share (%)", "added up (%)", *(("rows",) if what != "rows" else ())),
        rows=tuple(
            (places.labels[bar[0]], *bar[1:4], *((bar[4],) if what != "rows" else ())) for bar in bars
        ),
        links=links,
        n_rows=rows.n_rows,
        n_missing=rows.n_rows - rows.n_used,
        n_shown=rows.n_used,
        notes=(
            "The line adds the shares up from the left; its axis, on the right, ends at 100 %.",
            *rows.notes,
            *other_notes(places, Groups((), (), 0), chart),
        ),
        description=_description(what, chart.x, places, bars),
    )


def _bars(rows: Rows) -> tuple[Groups, list[Bar]]:
    chart = rows.chart
    if chart.aggregation not in ADDITIVE:
        raise EngineError(
            f"A Pareto chart adds its parts up, which the {AGGREGATIONS[chart.aggregation].lower()} "
            "does not allow. Choose the number of rows or the sum."
        )
    most = chart.top + 1 if chart.top else N_BARS
    places, _, found = tally(rows, aggregate_sql(chart), most=(most, 1), order="-value")
    values = [finite(one[2]) for one in found]
    if any(value is None or value < 0 for value in values):
        raise EngineError(
            f"Some sums of {shown(chart.y, 40)} are below zero or too large, so they have no share of the "
            "whole. Choose the number of rows, or a bar chart."
        )
    known = [value or 0.0 for value in values]
    whole = sum(known)
    return places, [
        (one[0], one[2], _per_cent(value, whole), _per_cent(added, whole), one[-1])
        for one, value, added in zip(found, known, accumulate(known), strict=True)
    ]


def _per_cent(part: float, whole: float) -> float:
    return 100 * part / whole if whole else 0.0


def _most_note(places: Groups, bars: list[Bar]) -> str:
    """How few categories make up most of the whole."""
    n_values = len(places.values) + places.n_other
    n_most = next((at + 1 for at, bar in enumerate(bars) if bar[3] >= MOST_OF - 1e-9), len(bars))
    if n_most > len(places.values):
        reached = per_cent(bars[len(places.values) - 1][3]) if places.values else "0 %"
        return (
            f"The {counted(len(places.values), 'largest category', 'largest categories')} of {n_values:,} "
            f"make up {reached}; {MOST_OF:.0f} % takes more of them than are drawn singly."
        )
    names = ", ".join(shown(label, 40) for label in places.labels[: min(n_most, 5)])
    more = f" and {n_most - 5} more" if n_most > 5 else ""
    share = per_cent(bars[n_most - 1][3])
    if n_most == 1:
        return f"One category of {n_values:,} makes up {share}: {names}."
    return f"{n_most:,} categories of {n_values:,} make up {share}: {names}{more}."


def _description(what: str, x: str, places: Groups, bars: list[Bar]) -> str:
    first = bars[0]
    return (
        f"Pareto chart of {what} for {counted(len(places.labels), 'group')} of {x}. Largest: "
        f"{places.labels[first[0]]} with {figure(first[1])}, {per_cent(first[2])}. {_most_note(places, bars)}"
    )
