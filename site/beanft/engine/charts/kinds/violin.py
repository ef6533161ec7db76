"""Violins: the whole shape of a number in each category, with its median and quartiles."""

from dataclasses import dataclass
from typing import Any

from beanft.engine.charts.chart import Chart
from beanft.engine.charts.drawing import Drawing, Series
from beanft.engine.charts.extremes import Named, extremes
from beanft.engine.charts.groups import ALL_ROWS, Groups, grouped_sql, other_notes, place_values
from beanft.engine.charts.kinds.density import rule_words
from beanft.engine.charts.links import complete_rows, group_link
from beanft.engine.charts.rows import Rows
from beanft.engine.charts.samples import FEW_IN_LARGE, sampling_step
from beanft.engine.charts.smooth import (
    Curve,
    Grid,
    Spread,
    fine_counts,
    make_grid,
    range_notes,
    smooth,
    spread_of,
)
from beanft.engine.charts.tally import quartered
from beanft.engine.charts.words import FEW_ROWS, by, few_note, figure
from beanft.engine.tables.wording import counted

N_VIOLINS = 12
"""Categories that usually stand alone; what is beyond becomes "other"."""

N_CELLS = 100
"""Heights of each shape that are aimed at."""

_MOST_VIOLINS = 30


@dataclass(frozen=True)
class _Violins:
    """All that is drawn, category by category."""

    places: Groups
    summaries: tuple[tuple[Any, ...], ...]
    """Place, colour, median, first and third quartile, smallest, largest, rows."""
    curves: tuple[Curve, ...]
    """Shape of each category, by its place."""
    grid: Grid
    spread: Spread


def draw_violins(rows: Rows) -> Drawing:
    """Draw the shape of y in each category.

    Parameters
    ----------
    rows : Rows
        Rows with a number y and a category x (or none).

    Returns
    -------
    Drawing
        One series of (place, smallest, quartiles 1 to 3, largest, rows, begin and step of the shape,
        *densities); a density belongs to the middle of its step. Categories of fewer than 5 rows have no
        shape: their rows are in `outliers`. Quartiles are linear between rows, as numpy and pandas compute
        them; of more than a million rows those of a sample, which is said.
    """
    chart = rows.chart
    found = _find(rows)
    sizes = [summary[-1] for summary in found.summaries]
    n_beyond = rows.n_used - sum(curve.n for curve in found.curves)
    series = Series(
        name=chart.y,
        values=tuple(_mark(found, summary) for summary in found.summaries),
        outliers=_single_rows(rows, found),
        filters=tuple(
            (*complete_rows(rows), *group_link(rows, chart.x, found.places, summary[0]))
            for summary in found.summaries
        ),
    )
    return Drawing(
        chart=chart,
        title=chart.title or f"Shape of {chart.y}{by(chart.x)}",
        x_name=chart.x,
        y_name=chart.y,
        x_type="category",
        series=(series,),
        places=found.places.labels,
        brush=("", chart.y),
        header=(chart.x or "group", "smallest", "25 %", "median", "75 %", "largest", "rows", "remark"),
        rows=tuple(_row(found, summary) for summary in found.summaries),
        links=series.filters,
        n_rows=rows.n_rows,
        n_missing=rows.n_rows - rows.n_used,
        n_shown=rows.n_used - n_beyond,
        notes=(
            f"All violins have the same width. {_smoothing(found)} The box inside spans the middle half of "
            "the rows, its dot is the median.",
            *_sample_note(rows),
            *range_notes(chart.y, found.spread, n_beyond),
            *rows.notes,
            *few_note(sizes, mark="drawn as points without a shape, and marked"),
            *other_notes(found.places, ALL_ROWS, chart),
        ),
        description=_description(rows, found),
    )


def most_violins(chart: Chart) -> int:
    """Say how many categories a violin chart has at most, "other" among them.

    Parameters
    ----------
    chart : Chart
        The description.

    Returns
    -------
    int
        One more than those that stand alone.
    """
    return min(chart.top or N_VIOLINS, _MOST_VIOLINS) + 1


def _find(rows: Rows) -> _Violins:
    """Choose the categories, summarise them and count their rows in fine bins."""
    chart = rows.chart
    places, _, found = quartered(rows, most=(most_violins(chart), 1), order=chart.order)
    summaries = [(gx, gc, q and q[1], q and q[0], q and q[2], *ends) for gx, gc, _, q, *ends in found]
    spread = spread_of(rows.frame, "y")
    is_whole = rows.profile.column(chart.y).stored == "BIGINT"
    grid = make_grid(spread, N_CELLS, is_whole=is_whole)
    counts = fine_counts(rows, "y", grid, spread, ("x", places))
    return _Violins(places, tuple(summaries), tuple(smooth(one, grid) for one in counts), grid, spread)


def _mark(found: _Violins, summary: tuple[Any, ...]) -> tuple[Any, ...]:
    place, _, middle, q1, q3, low, high, n = summary
    begin = found.grid.middles[0] - found.grid.step / 2
    shape = found.curves[place].heights if n >= FEW_ROWS else ()
    return (place, low, q1, middle, q3, high, n, begin, found.grid.step, *shape)


def _row(found: _Violins, summary: tuple[Any, ...]) -> tuple[Any, ...]:
    place, _, middle, q1, q3, low, high, n = summary
    return (found.places.labels[place], low, q1, middle, q3, high, n, "few rows" if n < FEW_ROWS else "")


def _single_rows(rows: Rows, found: _Violins) -> tuple[tuple[int, float], ...]:
    """The rows of categories that have too few of them for a shape."""
    few = [summary[0] for summary in found.summaries if summary[-1] < FEW_ROWS]
    if not few:
        return ()
    placed = grouped_sql("y", found.places, ALL_ROWS)
    sql = f"SELECT gx, y FROM ({placed}) WHERE list_contains(?, gx) ORDER BY gx, y"  # noqa: S608 -- our own text
    return tuple(rows.ask(sql, [*place_values(found.places, ALL_ROWS), few]))


def _smoothing(found: _Violins) -> str:
    widths = sorted(found.curves[summary[0]].width for summary in found.summaries if summary[-1] >= FEW_ROWS)
    if not widths:
        return ""
    ends = dict.fromkeys((figure(widths[0]), figure(widths[-1])))
    width = " to ".join(ends)
    rule = rule_words(widths, found.grid)
    return f"Smoothed with a Gaussian kernel of width {width} ({rule}), up to the last row drawn."


def _sample_note(rows: Rows) -> tuple[str, ...]:
    if sampling_step(rows.n_used) == 1:
        return ()
    return (
        "Medians and quartiles are about right: they come from an even sample, the same every time; "
        f"those of groups of fewer than {FEW_IN_LARGE:,} rows are exact.",
    )


def _description(rows: Rows, found: _Violins) -> str:
    known = [
        Named(one[2], found.places.labels[one[0]], one[7]) for one in found.summaries if one[2] is not None
    ]
    begin = (
        f"Violins of {rows.chart.y} for {counted(len(found.summaries), 'group')}, "
        f"{counted(rows.n_used, 'row')}."
    )
    if len(found.summaries) == 1:
        _, _, middle, q1, q3, *_ = found.summaries[0]
        return f"{begin} Median {figure(middle)}, middle half from {figure(q1)} to {figure(q3)}."
    return f"{begin} {extremes(known, what='median')}".rstrip()
