"""Heat maps: the number of rows, or one number made of them, for each pair of two groupings."""

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from beanft.engine.charts.aggregates import ADDITIVE, aggregate_sql, estimate_note, with_interval
from beanft.engine.charts.catalogue import AGGREGATIONS
from beanft.engine.charts.chart import Chart, measures
from beanft.engine.charts.drawing import Drawing, Series
from beanft.engine.charts.extremes import Named, extremes
from beanft.engine.charts.kinds.axis import Axis
from beanft.engine.charts.kinds.places import axis_of
from beanft.engine.charts.links import Link, complete_rows
from beanft.engine.charts.rows import Rows
from beanft.engine.charts.words import FEW_ROWS, by, few_note
from beanft.engine.plain import capital
from beanft.engine.tables.wording import counted

_SIGNED = ("mean", "median", "sum")  # of which the side of zero means something

Found = tuple[float | None, float | None, float | None, int]
"""Value, interval and rows of a cell."""


def draw_heatmap(rows: Rows) -> Drawing:
    """Aggregate the rows of each pair of places.

    Parameters
    ----------
    rows : Rows
        Rows with x and y (categories, numbers or moments) and a number z unless rows are counted.

    Returns
    -------
    Drawing
        One series of (place on x, place on y, value, low, high, rows). Pairs without rows are drawn as zero
        where rows are counted, else not at all; the table lists pairs with rows only.
    """
    chart = rows.chart
    x, y = axis_of(rows, "x"), axis_of(rows, "y")
    found = _found(rows, x, y)
    known = sorted(found)
    drawn = known if measures(chart) else [(a, b) for a in range(len(x.labels)) for b in range(len(y.labels))]
    what = measured_words(chart)
    complete = complete_rows(rows)

    def height(place: int) -> int:
        """Numbers and dates rise from the bottom, the largest category stands on top."""
        return place if y.rises else len(y.labels) - 1 - place

    return Drawing(
        chart=chart,
        title=chart.title or f"{capital(what)}{by(chart.x, chart.y)}",
        x_name=chart.x,
        y_name=chart.y,
        x_type="category",
        y_type="category",
        series=(
            Series(
                name=what,
                values=tuple((a, height(b), *found.get((a, b), (0, None, None, 0))) for a, b in drawn),
                filters=tuple(_filters(complete, x, y, place) for place in drawn),
            ),
        ),
        places=x.labels,
        y_places=y.labels if y.rises else y.labels[::-1],
        colour_range=_range(chart, found.values()),
        header=heads(chart, x.heads, y.heads),
        rows=tuple(_row(chart, x, y, place, found[place]) for place in known),
        links=tuple(_filters(complete, x, y, place) for place in known),
        n_rows=rows.n_rows,
        n_missing=rows.n_rows - rows.n_used,
        n_shown=rows.n_used,
        notes=_notes(rows, x, y, found),
        description=_description(chart, what, x, y, found),
    )


def measured_words(chart: Chart) -> str:
    """Name what a heat map measures.

    Parameters
    ----------
    chart : Chart
        A checked description.

    Returns
    -------
    str
        Such as "mean of price", or "rows".
    """
    return f"{AGGREGATIONS[chart.aggregation].lower()} of {chart.z}" if measures(chart) else "rows"


def heads(chart: Chart, x: Sequence[str], y: Sequence[str]) -> tuple[str, ...]:
    """List the heads of the table of drawn numbers.

    Parameters
    ----------
    chart : Chart
        A checked description.
    x : sequence of str
        Heads of the horizontal axis.
    y : sequence of str
        Heads of the vertical axis.

    Returns
    -------
    tuple of str
        One for each column.
    """
    what = () if not measures(chart) else (measured_words(chart),)
    interval = ("95 % from", "95 % to") if chart.aggregation == "mean" else ()
    return (*x, *y, *what, *interval, "rows", "remark")


def _found(rows: Rows, x: Axis, y: Axis) -> dict[tuple[int, int], Found]:
    """The cells with rows, by their places; bins are guessed, and asked for exactly where a guess erred."""
    if not (x.guess or y.guess):
        return _asked(rows, x, y) or {}
    guessed = (replace(one, key=one.guess or one.key) for one in (x, y))
    return _asked(rows, *guessed) or _asked(rows, x, y) or {}


def _asked(rows: Rows, x: Axis, y: Axis) -> dict[tuple[int, int], Found] | None:
    """The cells; None where the smallest or the largest value of one belongs to another bin."""
    axes = {"x": x, "y": y}
    guessed = [part for part, one in axes.items() if one.guess and one.key == one.guess]
    ends = [f"{end}(v{part})" for part in guessed for end in ("min", "max")]
    values = "".join(f", used.{part} AS v{part}" for part in guessed)
    select = f"SELECT {x.key} AS gx, {y.key} AS gy, z AS y, row{values} FROM used {x.join} {y.join}"  # noqa: S608 -- our own text
    cast = [f"g{part}::VARCHAR" if str in map(type, one.places) else f"g{part}" for part, one in axes.items()]
    found = rows.ask(
        f"SELECT {', '.join(cast)}, * EXCLUDE (gx, gy) FROM (SELECT gx, gy, "  # noqa: S608 -- our own text
        f"{', '.join([aggregate_sql(rows.chart, rows.n_used), *ends])} FROM ({select}) GROUP BY gx, gy)",
        [*x.values, *y.values, *x.join_values, *y.join_values],
    )
    cells = {}
    for gx, gy, *numbers in found:
        at = {"x": x.places[gx], "y": y.places[gy]}
        for part, low, high in zip(guessed, numbers[3::2], numbers[4::2], strict=True):
            inner = axes[part].inner
            if not at[part] == bisect_right(inner, low) == bisect_right(inner, high):
                return None
        cells[at["x"], at["y"]] = with_interval(numbers[:3])
    return cells


def _filters(complete: Link, x: Axis, y: Axis, place: tuple[int, int]) -> Link:
    of_x, of_y = x.filters[place[0]], y.filters[place[1]]
    return () if of_x is None or of_y is None else (*complete, *of_x, *of_y)


def _range(chart: Chart, found: Collection[Found]) -> tuple[float, float]:
    """Ends of the colours, from cells of enough rows; of the same reach where zero divides the values."""
    many = [value for value, _, _, n in found if value is not None and n >= FEW_ROWS]
    known = many if len(many) > 1 else [value for value, *_ in found if value is not None]
    if not measures(chart):
        return 0.0, float(max(known, default=1))
    low, high = min(known, default=0.0), max(known, default=0.0)
    if chart.aggregation in _SIGNED and low < 0 < high:
        reach = max(-low, high)
        return -reach, reach
    return float(low), float(high)


def _row(
    chart: Chart, x: Axis, y: Axis, place: tuple[int, int], found: Found
) -> tuple[float | str | None, ...]:
    value, low, high, n = found
    measured = (value,) if measures(chart) else ()
    interval = (low, high) if chart.aggregation == "mean" else ()
    few = "few rows" if n < FEW_ROWS else ""
    return (*x.cells[place[0]], *y.cells[place[1]], *measured, *interval, n, few)


def _notes(rows: Rows, x: Axis, y: Axis, found: Mapping[tuple[int, int], Found]) -> tuple[str, ...]:
    low, high = _range(rows.chart, found.values())
    is_beyond = any(value is not None and not low <= value <= high for value, *_ in found.values())
    beyond = "Colours span the cells of at least 5 rows; the others may lie beyond and take the last colour."
    n_empty = len(x.labels) * len(y.labels) - len(found)
    empty = f"{counted(n_empty, 'cell')} without any row {'is' if n_empty == 1 else 'are'} left empty."
    means = "The table gives the 95 % interval of each mean (Student’s t); cells of one row have none."
    return (
        *((means,) if rows.chart.aggregation == "mean" else ()),
        *((empty,) if n_empty and measures(rows.chart) else ()),
        *estimate_note(rows.chart, rows.n_used),
        *((beyond,) if is_beyond else ()),
        *rows.notes,
        *few_note([n for *_, n in found.values()]),
        *dict.fromkeys((*x.notes, *y.notes)),
    )


def _description(chart: Chart, what: str, x: Axis, y: Axis, found: Mapping[tuple[int, int], Found]) -> str:
    known = [
        Named(value, f"{x.labels[a]}, {y.labels[b]}", n, low, high)
        for (a, b), (value, low, high, n) in found.items()
        if value is not None
    ]
    begin = (
        f"Heat map of {what} for {counted(len(x.labels), 'place')} of {chart.x} and "
        f"{counted(len(y.labels), 'place')} of {chart.y}, {counted(len(found), 'cell')} with rows."
    )
    return f"{begin} {extremes(known, is_exact=chart.aggregation in ADDITIVE)}".rstrip()
