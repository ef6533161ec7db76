"""Draws a chart: checks the description, asks the table, hands back plain numbers and sentences."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import duckdb

from beanft.engine.charts.chart import Chart, measured_part, measures, used_columns
from beanft.engine.charts.drawing import Drawing
from beanft.engine.charts.facets import draw_facets, is_faceted
from beanft.engine.charts.kinds.area import draw_area
from beanft.engine.charts.kinds.bar import draw_bars
from beanft.engine.charts.kinds.box import draw_boxes
from beanft.engine.charts.kinds.bubble import draw_bubbles
from beanft.engine.charts.kinds.correlations import draw_correlations
from beanft.engine.charts.kinds.density import draw_density
from beanft.engine.charts.kinds.heatmap import draw_heatmap
from beanft.engine.charts.kinds.histogram import draw_histogram
from beanft.engine.charts.kinds.line import draw_line
from beanft.engine.charts.kinds.map import draw_map
from beanft.engine.charts.kinds.missing import draw_missing
from beanft.engine.charts.kinds.pairs import draw_pairs
from beanft.engine.charts.kinds.pareto import draw_pareto
from beanft.engine.charts.kinds.quantiles import draw_quantiles
from beanft.engine.charts.kinds.scatter import draw_scatter
from beanft.engine.charts.kinds.violin import draw_violins
from beanft.engine.charts.rows import Rows, open_rows
from beanft.engine.charts.rules import check
from beanft.engine.tables.columns import Profile
from beanft.engine.tables.connection import ask
from beanft.engine.tables.queries.conditions import Filter
from beanft.engine.tables.wording import shown

_KINDS: Mapping[str, Callable[[Rows], Drawing]] = {
    "histogram": draw_histogram,
    "bar": draw_bars,
    "line": draw_line,
    "area": draw_area,
    "scatter": draw_scatter,
    "bubble": draw_bubbles,
    "map": draw_map,
    "box": draw_boxes,
    "pareto": draw_pareto,
    "density": draw_density,
    "violin": draw_violins,
    "quantiles": draw_quantiles,
    "heatmap": draw_heatmap,
    "correlations": draw_correlations,
    "pairs": draw_pairs,
    "missing": draw_missing,
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
        if not rows.n_used:
            return _draw_nothing(rows)
        kind = _KINDS[chart.kind]
        return _with_notes(draw_facets(rows, kind) if is_faceted(chart) else kind(rows), profile)

    return ask(path, answer, memory_mb=memory_mb, timeout_s=timeout_s)


def _with_notes(drawing: Drawing, profile: Profile) -> Drawing:
    """Say what is true of every kind."""
    said = (*_zone_notes(drawing.chart, profile), *_unused_notes(drawing.chart))
    return replace(drawing, notes=(*drawing.notes, *said)) if said else drawing


def _zone_notes(chart: Chart, profile: Profile) -> tuple[str, ...]:
    """Say in which zone times are drawn."""
    names = [name for name in used_columns(chart) if profile.column(name).stored == "TIMESTAMP"]
    if not names or chart.kind == "missing":
        return ()
    listed = ", ".join(shown(name, 40) for name in names)
    return (f"Times of {listed} are in UTC; where the file names no zone, they are as they stand there.",)


def _unused_notes(chart: Chart) -> tuple[str, ...]:
    """Say that a chosen y is not drawn where rows are counted."""
    part = measured_part(chart)
    name = getattr(chart, part) if part else ""
    if not name or measures(chart):
        return ()
    return (f"{shown(name, 40)} is not drawn: this chart counts rows.",)


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
