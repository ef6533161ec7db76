"""Scatters: single rows as points, each x with the y of its own row."""

import math
from collections.abc import Sequence
from typing import Any

from beanft.engine.charts.chart import N_SERIES, Drawing, Series
from beanft.engine.charts.rows import Groups, Rows, find_groups, other_notes
from beanft.engine.charts.words import by, figure
from beanft.engine.tables.wording import counted

N_POINTS = 5000
"""Most points that are drawn."""

_NORMAL = 1.959964  # 97.5 % quantile of the normal distribution


def draw_scatter(rows: Rows) -> Drawing:
    """Fetch the rows, or an even sample of them that is the same every time.

    Parameters
    ----------
    rows : Rows
        Rows with numbers x and y and the colour c, a category or a number.

    Returns
    -------
    Drawing
        Series of (x, y), or of (x, y, colour) where the colour is a number.
    """
    chart = rows.chart
    # A hash of the row number orders the rows like a seed would, in one pass and whatever the threads.
    points = rows.ask(
        "SELECT row, x, y, c FROM (SELECT * FROM used ORDER BY hash(row), row LIMIT ?) ORDER BY row",
        [N_POINTS],
    )
    scale = not isinstance(points[0][3], str)
    colours = Groups(("",), ("rows",), 0) if scale else find_groups(rows, "c", N_SERIES)
    n_left = rows.n_used - len(points)
    correlation = rows.ask("SELECT corr(x, y) FROM used")[0][0]
    sampled = f"An even sample of {len(points):,} of {rows.n_used:,} rows is drawn, the same every time."
    return Drawing(
        chart=chart,
        title=chart.title or f"{chart.y} against {chart.x}{by(chart.colour)}",
        x_name=chart.x,
        y_name=chart.y,
        x_type="number",
        series=_series(points, colours, scale=scale, single=not chart.colour),
        colour_range=_range(points) if scale else None,
        header=("row", chart.x, chart.y, *((chart.colour,) if chart.colour else ())),
        rows=tuple(point if chart.colour else point[:3] for point in points),
        n_rows=rows.n_rows,
        n_missing=rows.n_rows - rows.n_used,
        n_shown=len(points),
        notes=(
            *((sampled,) if n_left else ()),
            *_correlation_note(correlation, rows.n_used),
            *rows.notes,
            *other_notes(Groups((), (), 0), colours, chart),
        ),
        description=_description(chart.x, chart.y, points),
    )


def _series(
    points: Sequence[tuple[Any, ...]], colours: Groups, *, scale: bool, single: bool
) -> tuple[Series, ...]:
    if scale:
        return (Series(name="rows", values=tuple(point[1:] for point in points)),)
    of_colour: list[list[tuple[float, float]]] = [[] for _ in colours.labels]
    place = {value: at for at, value in enumerate(colours.values)}
    for _, x, y, colour in points:
        of_colour[place.get(colour, len(colours.values))].append((x, y))
    names = ("rows",) if single else colours.labels
    return tuple(Series(name=name, values=tuple(xy)) for name, xy in zip(names, of_colour, strict=True))


def _range(points: Sequence[tuple[Any, ...]]) -> tuple[float, float]:
    values = [point[3] for point in points]
    return min(values), max(values)


def _correlation_note(correlation: float | None, n: int) -> tuple[str, ...]:
    """Pearson's r of all rows with the interval of Fisher's z."""
    if correlation is None or not math.isfinite(correlation) or n < 10 or abs(correlation) >= 1:
        return ()
    z, half = math.atanh(correlation), _NORMAL / math.sqrt(n - 3)
    low, high = math.tanh(z - half), math.tanh(z + half)
    return (f"Linear correlation of {n:,} rows: {correlation:.2f} (95 % interval {low:.2f} to {high:.2f}).",)


def _description(x: str, y: str, points: Sequence[tuple[Any, ...]]) -> str:
    xs, ys = [point[1] for point in points], [point[2] for point in points]
    return (
        f"Scatter of {counted(len(points), 'row')}: {x} from {figure(min(xs))} to {figure(max(xs))}, "
        f"{y} from {figure(min(ys))} to {figure(max(ys))}."
    )
