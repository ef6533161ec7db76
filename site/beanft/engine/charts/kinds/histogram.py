"""Histograms: how many rows fall into each bin of a number, stacked by colour."""

import math
from itertools import pairwise

from beanft.engine.charts.binned import binned
from beanft.engine.charts.bins import log_edges, round_edges
from beanft.engine.charts.drawing import Drawing, Series
from beanft.engine.charts.groups import NO_GROUPS, Groups, other_notes
from beanft.engine.charts.links import Link, complete_rows, group_link, range_link
from beanft.engine.charts.rows import Rows
from beanft.engine.charts.words import by, figure
from beanft.engine.tables.wording import counted

_FEWEST_BINS, _MOST_BINS = 5, 60
_MOST_LOG_BINS = 30
_QUARTILES_OF = 100_000  # rows are enough for the spread that bins are as wide as


def draw_histogram(rows: Rows) -> Drawing:
    """Count the rows in each bin.

    Parameters
    ----------
    rows : Rows
        Rows with a number x; c is the colour.

    Returns
    -------
    Drawing
        Series of (from, to, rows).
    """
    chart = rows.chart
    edges = _edges(rows.frame)
    colours, counts = _counts(rows, edges)
    bins = list(pairwise(edges))
    links = _links(rows, bins)
    heads = ("rows",) if not chart.colour else tuple(f"rows: {label}" for label in colours.labels)
    return Drawing(
        chart=chart,
        title=chart.title or f"Distribution of {chart.x}{by(chart.colour)}",
        x_name=chart.x,
        y_name="rows",
        x_type="number",
        series=tuple(
            Series(
                name=label,
                values=tuple((*ends, n) for ends, n in zip(bins, counts[place], strict=True)),
                filters=tuple((*link, *group_link(rows, chart.colour, colours, place)) for link in links),
            )
            for place, label in enumerate(colours.labels)
        ),
        colour_keys=colours.values,
        brush=(chart.x if links else "", ""),
        header=("from", "to", *heads),
        rows=tuple((*ends, *(of[place] for of in counts)) for place, ends in enumerate(bins)),
        links=links,
        n_rows=rows.n_rows,
        n_missing=rows.n_rows - rows.n_used,
        n_shown=rows.n_used,
        notes=(*_notes(rows, len(bins)), *rows.notes, *other_notes(NO_GROUPS, colours, chart)),
        description=_description(rows, edges, counts),
    )


def _links(rows: Rows, bins: list[tuple[float, float]]) -> tuple[Link, ...]:
    """The rows of each bin; none where the numbers are compared as text."""
    column, complete = rows.profile.column(rows.chart.x), complete_rows(rows)
    found = []
    for place, (low, high) in enumerate(bins):
        link = range_link(column, low, high, is_last=place == len(bins) - 1)
        if link is None:
            return ()
        found.append((*link, *(one for one in complete if one.column != column.name)))
    return tuple(found)


def _edges(rows: Rows) -> tuple[float, ...]:
    low, high, spread = _range(rows)
    wanted = rows.chart.bins
    if rows.chart.log_x:
        return log_edges(low, high, wanted or min(max(_sturges(rows.n_used), _FEWEST_BINS), _MOST_LOG_BINS))
    n_bins = wanted or _n_bins(rows.n_used, low, high, spread)
    whole = rows.profile.column(rows.chart.x).stored == "BIGINT"
    if whole and not wanted and high - low < _MOST_BINS:
        n_bins = max(n_bins, min(round(high - low) + 1, 30))
    return round_edges(low, high, n_bins, whole=whole)


def _range(rows: Rows) -> tuple[float, float, float]:
    """Smallest and largest value and distance of the quartiles, from the profile where it holds."""
    column = rows.profile.column(rows.chart.x)
    if rows.is_whole and len(column.quantiles) == 5:
        ends = column.minimum, column.maximum
        if isinstance(ends[0], (int, float)) and isinstance(ends[1], (int, float)):
            return float(ends[0]), float(ends[1]), column.quantiles[3] - column.quantiles[1]
    if rows.chart.bins or rows.chart.log_x:
        return (*rows.ask("SELECT min(x), max(x) FROM used")[0], 0.0)
    every = max(1, rows.n_used // _QUARTILES_OF)
    sampled = f"FILTER (hash(row) % {every} = 0)" if every > 1 else ""
    low, high, quartiles = rows.ask(
        f"SELECT min(x), max(x), quantile_cont(x, [0.25, 0.75]) {sampled} FROM used"  # noqa: S608 -- our own text
    )[0]
    return low, high, quartiles[1] - quartiles[0]


def _n_bins(n: int, low: float, high: float, spread: float) -> int:
    """Freedman and Diaconis: bins of width 2 · IQR / n^(1/3); Sturges where the IQR says nothing."""
    sturges = _sturges(n)
    width = 2 * spread / n ** (1 / 3)
    usable = width > 0 and math.isfinite(high - low)
    wanted = (high - low) / width if usable else sturges
    return min(max(math.ceil(min(wanted, _MOST_BINS)), min(sturges, 20), _FEWEST_BINS), _MOST_BINS)


def _sturges(n: int) -> int:
    return math.ceil(math.log2(n)) + 1


def _counts(rows: Rows, edges: tuple[float, ...]) -> tuple[Groups, list[list[int]]]:
    """Rows of each colour in each bin."""
    colours, found = binned(rows, edges, "count(*)", log=rows.chart.log_x)
    counts = [[0] * (len(edges) - 1) for _ in colours.labels]
    for place, colour, n in found:
        counts[colour][place] = n
    return colours, counts


def _notes(rows: Rows, n_bins: int) -> tuple[str, ...]:
    notes = ["Each bin holds its lower edge; the last bin holds both edges."]
    if rows.chart.bins not in (0, n_bins):
        why = "powers of ten are edges" if rows.chart.log_x else "edges are round"
        notes.append(f"{counted(n_bins, 'bin')} in place of {rows.chart.bins:,}, so that {why}.")
    if rows.chart.log_x:
        notes.append("Bins are equally wide on the logarithmic axis, not in numbers.")
    if rows.chart.log_y:
        parts = " Parts of a stack cannot be compared by their heights." if rows.chart.colour else ""
        notes.append(f"Heights are logarithmic and do not begin at zero.{parts}")
    return tuple(notes)


def _description(rows: Rows, edges: tuple[float, ...], counts: list[list[int]]) -> str:
    totals = [sum(of_bin) for of_bin in zip(*counts, strict=True)]
    fullest = totals.index(max(totals))
    name = rows.chart.x
    ends = (figure(edge, name) for edge in (edges[0], edges[-1], *edges[fullest : fullest + 2]))
    first, last, low, high = ends
    return (
        f"Histogram of {name}: {counted(rows.n_used, 'row')} in {counted(len(totals), 'bin')} from "
        f"{first} to {last}. The fullest bin, {low} to {high}, holds {counted(totals[fullest], 'row')}."
    )
