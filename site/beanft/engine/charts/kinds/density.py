"""Densities: smooth curves of how the values of a number are spread, one a colour, each of area 1."""

import math
from collections.abc import Sequence

from beanft.engine.charts.catalogue import N_SERIES
from beanft.engine.charts.drawing import Drawing, Series
from beanft.engine.charts.expressions import is_logarithmic
from beanft.engine.charts.groups import ALL_ROWS, Groups, find_groups, other_notes
from beanft.engine.charts.rows import Rows
from beanft.engine.charts.smooth import (
    FINE,
    Curve,
    Grid,
    Spread,
    fine_counts,
    make_grid,
    range_notes,
    smooth,
    spread_of,
)
from beanft.engine.charts.words import FEW_ROWS, by, figure
from beanft.engine.tables.wording import counted, shown

N_CELLS = 180
"""Points of a curve that are aimed at; never more than 200."""


def draw_density(rows: Rows) -> Drawing:
    """Smooth the rows of each colour.

    Parameters
    ----------
    rows : Rows
        Rows with a number x; c is the colour.

    Returns
    -------
    Drawing
        Series of (x, density, rows of the series); on a logarithmic axis density per power of ten. The rows
        of a curve are counted in fine bins without exception and smoothed then, see `smooth`.
    """
    chart = rows.chart
    is_log = is_logarithmic(chart, "x")
    colours = find_groups(rows, "c", N_SERIES)
    spread = spread_of(rows.frame, "x", is_log=is_log)
    grid = make_grid(spread, N_CELLS, is_whole=_is_whole(rows) and not is_log)
    curves = _curves(rows, colours, spread, grid, is_log=is_log)
    places = _places(grid, is_log=is_log)
    heads = tuple(f"density: {label}" for label in colours.labels) if chart.colour else ("density",)
    n_shown = sum(curve.n for curve in curves)
    return Drawing(
        chart=chart,
        title=chart.title or f"Density of {chart.x}{by(chart.colour)}",
        x_name=chart.x,
        y_name="density per power of ten" if is_log else "density",
        x_type="number",
        series=tuple(
            Series(
                name=label, values=tuple((x, y, curve.n) for x, y in zip(places, curve.heights, strict=True))
            )
            for label, curve in zip(colours.labels, curves, strict=True)
        ),
        brush=(chart.x, ""),
        header=(chart.x, *heads),
        rows=tuple((x, *(curve.heights[at] for curve in curves)) for at, x in enumerate(places)),
        n_rows=rows.n_rows,
        n_missing=rows.n_rows - rows.n_used,
        n_shown=n_shown,
        notes=(
            *_notes(curves, colours, grid, is_cut=n_shown < rows.n_used, is_log=is_log),
            *range_notes(chart.x, spread, rows.n_used - n_shown, is_log=is_log),
            *rows.notes,
            *_few_notes(curves, colours),
            *other_notes(Groups((), (), 0), colours, chart),
        ),
        description=_description(rows, colours, curves, places, spread, is_log=is_log),
    )


def _is_whole(rows: Rows) -> bool:
    return rows.profile.column(rows.chart.x).stored == "BIGINT"


def _curves(rows: Rows, colours: Groups, spread: Spread, grid: Grid, *, is_log: bool) -> list[Curve]:
    """Count all rows in fine bins, each colour by itself, and smooth them."""
    value = "log10(x)" if is_log else "x"
    found = fine_counts(rows, value, grid, spread, ("c", colours))
    return [smooth(counts, grid) for counts in found]


def _places(grid: Grid, *, is_log: bool) -> tuple[float, ...]:
    return tuple(float(f"{10**x:.9g}") for x in grid.middles) if is_log else grid.middles


def _few_notes(curves: Sequence[Curve], colours: Groups) -> tuple[str, ...]:
    few = [label for label, curve in zip(colours.labels, curves, strict=True) if 0 < curve.n < FEW_ROWS]
    if not few:
        return ()
    return (f"Fewer than {FEW_ROWS} rows, so drawn dashed and of little worth: {', '.join(few)}.",)


def rule_words(widths: Sequence[float], grid: Grid) -> str:
    """Say how the widths of some kernels were chosen.

    Parameters
    ----------
    widths : sequence of float
        Standard deviations of the kernels.
    grid : Grid
        The cells of the picture.

    Returns
    -------
    str
        Silverman's rule, or that some are wider, since the picture holds nothing so narrow.

    Examples
    --------
    >>> rule_words([2.0], Grid(1.0, 0, 9, 0.0)), rule_words([1 / 3], Grid(1.0, 0, 9, 0.0))
    ('Silverman’s rule', 'wider than Silverman’s rule asks for, as the picture cannot show less')
    """
    least = max(grid.step / FINE, 0.5 if grid.shift else 0.0) * (1 + 1e-9)
    n_wider = sum(width <= least for width in widths)
    if not n_wider:
        return "Silverman’s rule"
    why = "half a whole number is the least" if grid.shift else "the picture cannot show less"
    which = "wider" if n_wider == len(widths) else "some wider"
    return f"{which} than Silverman’s rule asks for, as {why}"


def _notes(
    curves: Sequence[Curve], colours: Groups, grid: Grid, *, is_cut: bool, is_log: bool
) -> tuple[str, ...]:
    widths = sorted(
        {figure(curve.width): curve.width for curve in curves if curve.n}.items(), key=lambda w: w[1]
    )
    width = widths[0][0] if len(widths) == 1 else f"{widths[0][0]} to {widths[-1][0]}"
    unit = " powers of ten" if is_log else ""
    rule = rule_words([curve.width for curve in curves if curve.n], grid)
    singles = [label for label, curve in zip(colours.labels, curves, strict=True) if curve.is_single]
    sizes = ", ".join(f"{label} {curve.n:,}" for label, curve in zip(colours.labels, curves, strict=True))
    return (
        f"Smoothed with a Gaussian kernel of width {width}{unit} ({rule}); "
        f"each curve has the area 1 and ends where its {'drawn ' * is_cut}rows end.",
        *((f"Rows behind each curve: {sizes}.",) if colours.values != ALL_ROWS.values else ()),
        *(
            (
                f"The values of {', '.join(shown(one, 40) for one in singles)} are all equal, or nearly so: "
                "the width of such a peak says nothing.",
            )
            if singles
            else ()
        ),
    )


def _description(
    rows: Rows,
    colours: Groups,
    curves: Sequence[Curve],
    places: Sequence[float],
    spread: Spread,
    *,
    is_log: bool,
) -> str:
    low, middle, high = (10**one if is_log else one for one in spread.quartiles)
    about = "about " if spread.is_sampled else ""
    begin = f"Density of {rows.chart.x}: {counted(sum(curve.n for curve in curves), 'row')}."
    peaks = [
        (label, places[curve.heights.index(max(curve.heights))])
        for label, curve in zip(colours.labels, curves, strict=True)
        if curve.n
    ]
    if len(peaks) == 1:
        highest = f"The curve is highest at {figure(peaks[0][1], rows.chart.x)}."
    else:
        told = ", ".join(f"{figure(x, rows.chart.x)} ({label})" for label, x in peaks)
        highest = f"The curves are highest at {told}."
    if rows.whole or not math.isfinite(low + high):  # of a panel the quartiles are not known
        return f"{begin} {highest}"
    first, half, last = (figure(one, rows.chart.x) for one in (low, middle, high))
    return (
        f"{begin} {highest} The middle half of the rows lies between {about}{first} and "
        f"{last}, the median is {about}{half}."
    )
