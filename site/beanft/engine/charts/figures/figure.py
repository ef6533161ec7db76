"""Turns a drawing into an ECharts option of plain JSON, one function a kind."""

from collections.abc import Callable, Mapping

from beanft.engine.charts.axes import Option, frame, legend, shortened
from beanft.engine.charts.drawing import Drawing
from beanft.engine.charts.figures.bars import bar_figure, pareto_figure
from beanft.engine.charts.figures.boxes import box_figure
from beanft.engine.charts.figures.density import density_figure, quantiles_figure
from beanft.engine.charts.figures.histogram import histogram_figure
from beanft.engine.charts.figures.lines import area_figure, line_figure
from beanft.engine.charts.figures.map import map_figure
from beanft.engine.charts.figures.matrices import correlations_figure, heatmap_figure, missing_figure
from beanft.engine.charts.figures.pairs import pairs_figure
from beanft.engine.charts.figures.panels import panels_figure
from beanft.engine.charts.figures.parts import LABEL_CHARACTERS
from beanft.engine.charts.figures.points import bubble_figure, scatter_figure
from beanft.engine.charts.figures.violins import violin_figure


def to_figure(drawing: Drawing) -> Option:
    """Turn a drawing into the option that chart.js gives to ECharts.

    Parameters
    ----------
    drawing : Drawing
        What `draw` returned.

    Returns
    -------
    dict
        Plain JSON values without functions; colours are left to the browser's theme.
    """
    names = [shortened(series.name, LABEL_CHARACTERS) for series in drawing.series]
    option = frame(drawing.description, legend=legend(names), useUTC=True)
    if len(names) < 2:
        option["grid"]["top"] = 16
    if drawing.chart.kind == "pairs" and drawing.panels:
        return option | pairs_figure(drawing)
    if drawing.panels:
        return option | panels_figure(drawing, _KINDS[drawing.chart.kind])
    if not drawing.series:
        return option
    option |= _KINDS[drawing.chart.kind](drawing, names)
    option["grid"]["bottom"] = 24 + option["xAxis"]["nameGap"]
    return option


_KINDS: Mapping[str, Callable[[Drawing, list[str]], Option]] = {
    "histogram": histogram_figure,
    "bar": bar_figure,
    "line": line_figure,
    "area": area_figure,
    "scatter": scatter_figure,
    "bubble": bubble_figure,
    "map": map_figure,
    "box": box_figure,
    "density": density_figure,
    "violin": violin_figure,
    "quantiles": quantiles_figure,
    "pareto": pareto_figure,
    "heatmap": heatmap_figure,
    "correlations": correlations_figure,
    "missing": missing_figure,
}
