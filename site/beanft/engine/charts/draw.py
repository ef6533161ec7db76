"""Draws a chart: checks the description, asks the table, hands back plain numbers and sentences."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import duckdb

from beanft.engine.charts.bar import draw_bars
from beanft.engine.charts.box import draw_boxes
from beanft.engine.charts.chart import Chart, Drawing, check, measures
from beanft.engine.charts.histogram import draw_histogram
from beanft.engine.charts.line import draw_line
from beanft.engine.charts.rows import Rows, open_rows
from beanft.engine.charts.scatter import draw_scatter
from beanft.engine.tables.columns import Profile
from beanft.engine.tables.connection import ask
from beanft.engine.tables.queries.conditions import Filter
from beanft.engine.tables.wording import shown

_KINDS: Mapping[str, Callable[[Rows], Drawing]] = {
    "histogram": draw_histogram,
    "bar": draw_bars,
    "line": draw_line,
    "scatter": draw_scatter,
    "box": draw_boxes,
}


def draw(
    path: Path,
    profile: Profile,
    chart: Chart,
    *,
    filters: Sequence[Filter] = (),
    timeout_s: float = 10.0,
    memory_mb: int = 1024,
) -> Drawing:
    """Draw a chart from a version's table.

    Rows that lack a value (or hold an infinite one) in a column of the chart are left out and counted.

    Parameters
    ----------
    path : Path
        The version's Parquet file.
    profile : Profile
        What is known of its table.
    chart : Chart
        What to draw.
    filters : sequence of Filter
        Conditions on the rows.
    timeout_s : float
        Seconds after which the drawing is given up.
    memory_mb : int
        Memory it may use, in MiB.

    Returns
    -------
    Drawing
        Numbers, table, notes and description. Without a complete row it has no series, and says why.

    Raises
    ------
    EngineError
        When the columns do not fit the kind of chart, or the table is too large or damaged.
    """
    check(chart, profile)

    def answer(database: duckdb.DuckDBPyConnection) -> Drawing:
        rows = open_rows(database, path, profile, chart, filters)
        return _with_unused(_KINDS[chart.kind](rows)) if rows.n_used else _draw_nothing(rows)

    return ask(path, answer, memory_mb=memory_mb, timeout_s=timeout_s)


def _with_unused(drawing: Drawing) -> Drawing:
    """Say that a chosen y is not drawn where rows are counted."""
    chart = drawing.chart
    if not chart.y or measures(chart):
        return drawing
    said = f"{shown(chart.y, 40)} is not drawn: this chart counts rows."
    return replace(drawing, notes=(*drawing.notes, said))


def _draw_nothing(rows: Rows) -> Drawing:
    return Drawing(
        chart=rows.chart,
        title=rows.chart.title or "Nothing to draw",
        x_name=rows.chart.x,
        y_name=rows.chart.y,
        x_type="category",
        series=(),
        header=(),
        rows=(),
        n_rows=rows.n_rows,
        n_missing=rows.n_rows,
        n_shown=0,
        notes=rows.notes or ("No row passes the filters.",),
        description="There is nothing to draw: no row has a value in every column of this chart.",
    )
