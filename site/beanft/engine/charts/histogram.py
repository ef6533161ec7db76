"""Histograms: how many rows fall into each bin of a number, stacked by colour."""

import math
from itertools import pairwise

from beanft.engine.charts.bins import bin_sql, round_edges
from beanft.engine.charts.chart import N_SERIES, Drawing, Series
from beanft.engine.charts.rows import Groups, Rows, coloured_sql, coloured_values, find_groups, other_notes
from beanft.engine.charts.words import by, figure
from beanft.engine.tables.wording import counted

_FEWEST_BINS, _MOST_BINS = 5, 60


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
    colours = find_groups(rows, "c", N_SERIES)
    edges = _edges(rows)
    counts = _counts(rows, edges, colours)
    bins = list(pairwise(edges))
    series = tuple(
        Series(name=label, values=tuple((*ends, n) for ends, n in zip(bins, counts[place], strict=True)))
        for place, label in enumerate(colours.labels)
    )
    heads = ("rows",) if not chart.colour else tuple(f"rows: {label}" for label in colours.labels)
    totals = [sum(of_bin) for of_bin in zip(*counts, strict=True)]
    fullest = totals.index(max(totals))
    return Drawing(
        chart=chart,
        title=chart.title or f"Distribution of {chart.x}{by(chart.colour)}",
        x_name=chart.x,
        y_name="rows",
        x_type="number",
        series=series,
        header=("from", "to", *heads),
        rows=tuple((*ends, *(of[place] for of in counts)) for place, ends in enumerate(bins)),
        n_rows=rows.n_rows,
        n_missing=rows.n_rows - rows.n_used,
        n_shown=rows.n_used,
        notes=(
            "Each bin holds its lower edge; the last bin holds both edges.",
            *rows.notes,
            *other_notes(Groups((), (), 0), colours, chart),
        ),
        description=(
            f"Histogram of {chart.x}: {counted(rows.n_used, 'row')} in {counted(len(bins), 'bin')} from "
            f"{figure(edges[0])} to {figure(edges[-1])}. The fullest bin, {figure(bins[fullest][0])} to "
            f"{figure(bins[fullest][1])}, holds {counted(totals[fullest], 'row')}."
        ),
    )


def _edges(rows: Rows) -> tuple[float, ...]:
    low, high, q1, q3 = rows.ask(
        "SELECT min(x), max(x), quantile_cont(x, 0.25), quantile_cont(x, 0.75) FROM used"
    )[0]
    column = rows.profile.column(rows.chart.x)
    n_bins = rows.chart.bins or _n_bins(rows.n_used, low, high, q3 - q1)
    whole = column.stored == "BIGINT"
    if whole and not rows.chart.bins and high - low < _MOST_BINS:
        n_bins = max(n_bins, min(round(high - low) + 1, 30))
    return round_edges(low, high, n_bins, whole=whole)


def _n_bins(n: int, low: float, high: float, spread: float) -> int:
    """Freedman and Diaconis: bins of width 2 · IQR / n^(1/3); Sturges where the IQR says nothing."""
    sturges = math.ceil(math.log2(n)) + 1
    width = 2 * spread / n ** (1 / 3)
    usable = width > 0 and math.isfinite(high - low)
    wanted = (high - low) / width if usable else sturges
    return min(max(math.ceil(min(wanted, _MOST_BINS)), min(sturges, 20), _FEWEST_BINS), _MOST_BINS)


def _counts(rows: Rows, edges: tuple[float, ...], colours: Groups) -> list[list[int]]:
    """Rows of each colour in each bin."""
    found = rows.ask(
        f"{coloured_sql(bin_sql('x', edges) + ' AS bin, count(*)', colours)} GROUP BY ALL",
        coloured_values(colours),
    )
    counts = [[0] * (len(edges) - 1) for _ in colours.labels]
    for place, n, colour in found:
        counts[colour][place] = n
    return counts
