"""Densities as lines of pandas."""

from beanft.engine.charts.catalogue import N_SERIES
from beanft.engine.charts.chart import Chart
from beanft.engine.charts.code.groups import group_lines, sample_lines, source_of
from beanft.engine.charts.code.points import row_lines
from beanft.engine.charts.expressions import is_logarithmic
from beanft.engine.charts.kinds.density import N_CELLS
from beanft.engine.charts.smooth import cells_between, smoothed, widened
from beanft.engine.tables.columns import Profile

_SOURCES = (*source_of(widened), *source_of(cells_between), *source_of(smoothed))

IMPORTS = ["import math", "import numpy as np", "from scipy.ndimage import gaussian_filter1d", ""]
"""What the lines of smooth curves need."""


def density_code(chart: Chart, profile: Profile) -> tuple[list[str], list[str]]:
    """Write the lines of pandas that give the numbers of a density chart.

    Parameters
    ----------
    chart : Chart
        A checked description.
    profile : Profile
        What is known of the table.

    Returns
    -------
    first, each : list of str
        Python, one statement a line, after `t` holds the rows: what all panels share, then what is done
        with the rows of each.
    """
    log = is_logarithmic(chart, "x")
    is_whole = profile.column(chart.x).stored == "BIGINT" and not log
    head = "'density: ' + group" if chart.colour else "'density'"
    first = [
        *IMPORTS,
        *_SOURCES,
        *row_lines(chart, profile, ("x",), scale=False),
        *_groups(chart, profile),
        "scale = np.log10(numbers['x'])" if log else "scale = numbers['x']",
        *range_lines("scale", N_CELLS, is_whole=is_whole),
        "middles = (first + np.arange(n_cells)) * step + (step / 2 - shift)",
        "middles = [float(f'{middle:.12g}') for middle in middles]",
        "places = [float(f'{10**v:.9g}') for v in middles]" if log else "places = middles",
    ]
    return first, [
        f"columns = [({chart.x!r}, places)]",
        "for group in groups:",
        "    drawn = numbers['place'][numbers['inside'] & (numbers['colour'] == group)]",
        "    counts = np.bincount(drawn, minlength=3 * n_cells)",
        "    heights = smoothed(counts, step, shift)[0] if counts.sum() else np.zeros(n_cells)",
        f"    columns.append(({head}, heights))",
        "numbers = pd.DataFrame(dict(enumerate(values for _, values in columns)))",
        "numbers.columns = [name for name, _ in columns]",
    ]


def _groups(chart: Chart, profile: Profile) -> list[str]:
    if chart.colour:
        return group_lines(profile.column(chart.colour), "colour", N_SERIES)
    return ["numbers['colour'] = 'all rows'", "groups = ['all rows']"]


def range_lines(scale: str, n_cells: int, *, is_whole: bool) -> list[str]:
    """Write the lines that choose what is drawn, and put the rows into fine bins.

    Parameters
    ----------
    scale : str
        Name of the values along the axis.
    n_cells : int
        Number of cells aimed at.
    is_whole : bool
        Whether the values are whole numbers.

    Returns
    -------
    list of str
        Python; numbers['inside'] tells which rows are drawn, numbers['place'] the fine bin of each.
    """
    return [
        *sample_lines(),
        f"ranked = np.sort({scale}[some])",
        "n = len(ranked)",
        "low, high = (ranked[n - math.floor(n - q * n) - 1] for q in (0.005, 0.995))",
        f"low, high = map(float, widened(low, high, {scale}.min(), {scale}.max()))",
        f"step, first, n_cells, shift = cells_between(low, high, {n_cells}, {is_whole})",
        f"numbers['inside'] = ({scale} >= low) & ({scale} <= high)",
        f"place = np.floor(({scale}.clip(low, high) + shift) / (step / 3) - first * 3.0)",
        "numbers['place'] = place.clip(0, 3 * n_cells - 1).astype(int)",
    ]
