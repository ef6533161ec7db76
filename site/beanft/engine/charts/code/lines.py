"""Writes the lines of pandas that give the numbers of a chart."""

from collections.abc import Callable, Mapping, Sequence

from beanft.engine.charts.aggregates import is_estimate
from beanft.engine.charts.chart import Chart, measures
from beanft.engine.charts.code.bar import bar_code, pareto_code
from beanft.engine.charts.code.box import box_code
from beanft.engine.charts.code.bubble import bubble_code
from beanft.engine.charts.code.correlations import correlations_code
from beanft.engine.charts.code.density import density_code
from beanft.engine.charts.code.heatmap import heatmap_code
from beanft.engine.charts.code.histogram import histogram_code
from beanft.engine.charts.code.line import line_code
from beanft.engine.charts.code.map import map_code
from beanft.engine.charts.code.missing import missing_code
from beanft.engine.charts.code.pairs import pairs_code
from beanft.engine.charts.code.quantiles import quantiles_code
from beanft.engine.charts.code.scatter import scatter_code
from beanft.engine.charts.code.used import place_lines
from beanft.engine.charts.code.violin import violin_code
from beanft.engine.charts.drawing import Drawing
from beanft.engine.charts.facets import is_faceted
from beanft.engine.charts.kinds.missing import ABOUT
from beanft.engine.charts.kinds.related import SAMPLE_ROWS
from beanft.engine.charts.samples import sampling_step
from beanft.engine.tables.columns import Profile
from beanft.engine.tables.queries.code import pandas_lines
from beanft.engine.tables.queries.conditions import Filter

_KINDS: Mapping[str, Callable[[Chart, Profile], Sequence[str]]] = {
    "map": map_code,
    "correlations": correlations_code,
    "pairs": pairs_code,
    "missing": missing_code,
}

_SHARED: Mapping[str, Callable[[Chart, Profile], tuple[Sequence[str], Sequence[str]]]] = {
    "scatter": scatter_code,
    "bubble": bubble_code,
    "heatmap": heatmap_code,
    "density": density_code,
    "violin": violin_code,
    "quantiles": quantiles_code,
}
"""Kinds whose lines choose groups and bins from all rows, and then make the numbers of each panel."""

_DRAWN: Mapping[str, Callable[[Drawing, Profile], Sequence[str]]] = {
    "histogram": histogram_code,
    "bar": bar_code,
    "line": line_code,
    "area": line_code,
    "box": box_code,
    "pareto": pareto_code,
}
"""Kinds whose lines name the bins, steps and categories that were drawn."""


def chart_lines(
    profile: Profile,
    chart: Chart,
    *,
    file_name: str,
    filters: Sequence[Filter] = (),
    drawing: Drawing | None = None,
) -> str:
    """Write the lines of pandas that give the numbers of a chart.

    Parameters
    ----------
    profile : Profile
        What is known of the table.
    chart : Chart
        A checked description.
    file_name : str
        Name of the typed Parquet file once it is downloaded.
    filters : sequence of Filter
        Conditions on the rows.
    drawing : Drawing, optional
        What was drawn of them; histograms, bars, lines, areas, boxes, Pareto charts and panels need it.

    Returns
    -------
    str
        Python, one statement a line; names and values stand in it as literals, whatever they hold. The
        numbers are in `numbers`, with the columns and rows of the table under the chart; `lines_note` says
        where they differ.

    Raises
    ------
    EngineError
        When a filter does not fit.
    """
    rows = pandas_lines(profile, file_name=file_name, filters=filters)
    return "\n".join([rows, *_number_lines(profile, chart, drawing)])


def lines_note(drawing: Drawing) -> str:
    """Say where the lines give other numbers than the chart, being drawn from a sample or an estimate.

    Parameters
    ----------
    drawing : Drawing
        What was drawn.

    Returns
    -------
    str
        One sentence; empty where the numbers are the same.
    """
    kind, n_complete = drawing.chart.kind, drawing.n_rows - drawing.n_missing
    if kind in ("scatter", "bubble", "map") and drawing.n_shown < n_complete:
        return (
            f"The chart draws an even sample of {drawing.n_shown:,} rows, these lines give all "
            f"{n_complete:,}."
        )
    if kind in ("correlations", "pairs") and drawing.n_rows > SAMPLE_ROWS:
        return _DIFFERS.format("The correlations of the chart come", "an even sample of the rows")
    if kind == "missing" and any(row[-1] == ABOUT for row in drawing.rows):
        return _DIFFERS.format("What is missing together comes", "an even sample of the rows")
    largest = max((one.n_rows - one.n_missing for one in drawing.panels), default=n_complete)
    if is_estimate(drawing.chart, largest) and measures(drawing.chart):
        return _DIFFERS.format("The values of the chart come", "an estimate")
    if kind in ("box", "violin") and sampling_step(largest) > 1:
        return _DIFFERS.format("The quartiles of the chart come", "an even sample of the rows")
    return ""


_DIFFERS = "{} from {}, these lines compute them from all rows: they may differ a little."


def _number_lines(profile: Profile, chart: Chart, drawing: Drawing | None) -> Sequence[str]:
    """The lines after those that take the rows."""
    if drawing is not None and is_faceted(chart) and drawing.header:
        return _panel_lines(profile, drawing)
    if chart.kind in _SHARED:
        first, each = _SHARED[chart.kind](chart, profile)
        return [*first, *each]
    if drawing is not None and chart.kind in _DRAWN:
        return _DRAWN[chart.kind](drawing, profile) if drawing.series else ()
    return _KINDS[chart.kind](chart, profile)


def _panel_lines(profile: Profile, drawing: Drawing) -> list[str]:
    """The numbers of each panel, put together, the panel's value first."""
    if not drawing.panels:
        return [f"numbers = pd.DataFrame(columns={list(drawing.header)!r})"]
    facet = profile.column(drawing.chart.facet)
    lines = [
        "u = pd.DataFrame(index=t.index)",
        *place_lines(facet, "panel", drawing.place_keys),
        "panel_of = u['panel']",
        *(_one_by_one if drawing.chart.kind in _DRAWN else _in_a_loop)(profile, drawing),
    ]
    together = f"numbers = pd.concat(parts, ignore_index=True).set_axis({list(drawing.header)!r}, axis=1)"
    return [*lines, "", together]


def _in_a_loop(profile: Profile, drawing: Drawing) -> list[str]:
    """All panels have the same lines."""
    first, each = _SHARED[drawing.chart.kind](drawing.chart, profile)
    return [
        *first,
        "",
        "everything, parts = numbers, []",
        f"for panel, label in enumerate({list(drawing.places)!r}):",
        "    numbers = everything[panel_of.loc[everything.index] == panel].copy()",
        *(f"    {line}" for line in (*each, *_added("label"))),
    ]


def _one_by_one(profile: Profile, drawing: Drawing) -> list[str]:
    """Each panel names the categories that it draws."""
    lines = ["everything, parts = t, []"]
    for place, (label, panel) in enumerate(zip(drawing.places, drawing.panels, strict=True)):
        if panel.rows:
            own = _DRAWN[drawing.chart.kind](panel, profile)
            lines += ["", f"t = everything[panel_of == {place}]", *own, *_added(repr(label))]
    return lines


def _added(label: str) -> list[str]:
    """The lines that put a panel's value before its numbers; columns are counted, as names may be equal."""
    return [
        "numbers = numbers.set_axis(range(1, len(numbers.columns) + 1), axis=1)",
        f"numbers.insert(0, 0, {label})",
        "parts.append(numbers)",
    ]
