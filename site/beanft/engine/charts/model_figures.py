"""Figures of a classifier's report: ROC, precision-recall, calibration, gain, and what thresholds cost."""

from collections.abc import Mapping, Sequence
from typing import Any

from beanft.engine.charts.axes import (
    Option,
    band,
    frame,
    intervals,
    legend,
    plain_rows,
    shortened,
    value_axis,
)

_NAME = 30  # characters of a class in the name of an axis
_HISTOGRAM_PART = 4  # the bars of the probabilities take up a quarter of the height
_UNIT: Option = {"min": 0, "max": 1}


def roc_figure(one: Mapping[str, Any]) -> Option:
    """Draw a ROC curve with its band and the diagonal of guessing.

    Parameters
    ----------
    one : mapping
        One class of `reports.curves.class_curves`.

    Returns
    -------
    dict
        An ECharts option of plain JSON values.
    """
    label, area = shortened(one["label"], _NAME), one["roc"]["area"]
    return _unit_figure(
        f"ROC curve of “{label}” with the 95 % band of each point: the area under it is {area['value']:.3g} "
        f"({area['low']:.3g} to {area['high']:.3g}); the dashed diagonal is guessing.",
        x=f"share of the others taken for “{label}”",
        y=f"share of “{label}” found",
        series=[
            *band(label, one["roc"]["band"]),
            _line(label, one["roc"]["points"], ("others taken", "found")) | _dashed([0, 0], [1, 1]),
        ],
    )


def precision_recall_figure(one: Mapping[str, Any]) -> Option:
    """Draw precision against recall, with the share that guessing would hit.

    Parameters
    ----------
    one : mapping
        One class of `reports.curves.class_curves`.

    Returns
    -------
    dict
        An ECharts option of plain JSON values.
    """
    label, made, base = shortened(one["label"], _NAME), one["precision_recall"], one["base"]
    marks = [(row["x"], row["low"], row["high"]) for row in made["rows"]]
    return _unit_figure(
        f"Precision against recall of “{label}”: average precision {made['average']['value']:.3g}; "
        f"the dashed line is guessing, {base:.3g}. Upright lines are 95 % intervals.",
        x=f"share of “{label}” found (recall)",
        y="share right of those found (precision)",
        series=[
            _line(label, made["points"], ("recall", "precision")) | _dashed([0, base], [1, base]),
            intervals(label, marks, faint=True),
        ],
    )


def calibration_figure(one: Mapping[str, Any]) -> Option:
    """Draw what came true against what was said, above the bars of how often it was said.

    Parameters
    ----------
    one : mapping
        One class of `reports.curves.class_curves`.

    Returns
    -------
    dict
        An ECharts option of plain JSON values; needs chart.js for the intervals.
    """
    label, bins = shortened(one["label"], _NAME), one["calibration"]["bins"]
    marks = [(one_bin["said"], one_bin["low"], one_bin["high"]) for one_bin in bins]
    points = [(one_bin["said"], one_bin["came"], one_bin["n"]) for one_bin in bins]
    histogram = one["calibration"]["histogram"]
    counts = [hits + others for hits, others in zip(histogram["hits"], histogram["others"], strict=True)]
    option = _unit_figure(
        f"Calibration of “{label}” in {len(bins)} bins of rows: how often it came true against the "
        "probability that was said, with 95 % intervals; on the dashed diagonal both agree. "
        "The bars count the rows by probability.",
        x=f"probability said of “{label}”",
        y="share that came true",
        series=[
            _line("came true", points, ("said", "came true", "rows"), symbols=True) | _dashed([0, 0], [1, 1]),
            intervals("came true", marks, faint=True),
            _bars("rows", counts),
        ],
    )
    highest = {"min": 0, "max": _HISTOGRAM_PART * max(1, *counts), "show": False}
    return option | {
        "legend": legend(["came true", "rows"]),
        "yAxis": [option["yAxis"], {"type": "value", **highest}],
    }


def gain_figure(one: Mapping[str, Any]) -> Option:
    """Draw how much of a class is found when the most likely rows are taken first.

    Parameters
    ----------
    one : mapping
        One class of `reports.curves.class_curves`.

    Returns
    -------
    dict
        An ECharts option of plain JSON values; needs chart.js for the intervals.
    """
    label, made = shortened(one["label"], _NAME), one["gain"]
    marks = [(row["x"], row["low"], row["high"]) for row in made["rows"]]
    points = [(share, found, found / share if share else None) for share, found in made["points"]]
    best = [[0, 0], [one["base"], 1], [1, 1]]
    return _unit_figure(
        f"Cumulative gain of “{label}”: the share found among the rows that are most likely it. "
        "The dashed diagonal takes rows by chance; the thin line is a model that knows.",
        x="share of all rows taken, the most likely first",
        y=f"share of “{label}” found",
        series=[
            _line("this model", points, ("rows taken", "found", "lift")) | _dashed([0, 0], [1, 1]),
            intervals("this model", marks, faint=True),
            _line("perfect", best, ("rows taken", "found")) | {"lineStyle": {"width": 1}},
        ],
    ) | {"legend": legend(["this model", "perfect"])}


def cost_figure(rows: Sequence[Sequence[float]], chosen: float) -> Option:
    """Draw the expected cost at each threshold, with the chosen one marked.

    Parameters
    ----------
    rows : sequence of (threshold, cost, low, high)
        Ascending thresholds, costs with both ends of their interval, in the owner's unit.
    chosen : float
        The threshold to mark, 0..1.

    Returns
    -------
    dict
        An ECharts option of plain JSON values.
    """
    name = "cost per 1,000 rows"
    marked = _dashed([chosen, "min"], [chosen, "max"])["markLine"] | {
        "data": [{"xAxis": chosen}],
        "label": {"show": False},
    }
    series = [
        *band(name, [(at, low, high) for at, _, low, high in rows]),
        _line(name, [(at, cost) for at, cost, _, _ in rows], ("threshold", name)) | {"markLine": marked},
    ]
    option = frame(
        f"Expected cost at {len(rows)} thresholds with its 95 % interval; the dashed line is the threshold "
        f"{chosen:.6g}.",
        xAxis=value_axis("threshold") | _UNIT,
        yAxis={**value_axis(name), "nameGap": 52},
        series=series,
    )
    option["grid"] |= {"left": 76, "top": 16}
    return option


def _unit_figure(description: str, *, x: str, y: str, series: list[Option]) -> Option:
    """A figure whose axes both run from 0 to 1."""
    option = frame(
        description,
        xAxis=value_axis(x) | _UNIT,
        yAxis={**value_axis(y), "nameGap": 40, **_UNIT},
        series=series,
    )
    option["grid"] |= {"left": 64}
    return option


def _line(
    name: str, points: Sequence[Sequence[Any]], dimensions: Sequence[str], *, symbols: bool = False
) -> Option:
    return {
        "type": "line",
        "name": name,
        "dimensions": list(dimensions),
        "encode": {"x": 0, "y": 1, "tooltip": list(range(len(dimensions)))},
        "symbolSize": 7,
        "showSymbol": symbols,
        "lineStyle": {"width": 2},
        "data": plain_rows(points),
    }


def _bars(name: str, counts: Sequence[int]) -> Option:
    """Bars of a histogram from 0 to 1 on the second axis."""
    width = 1 / len(counts)
    data = [((place + 0.5) * width, count) for place, count in enumerate(counts)]
    return {
        "type": "bar",
        "name": name,
        "yAxisIndex": 1,
        "barWidth": "90%",
        "itemStyle": {"opacity": 0.35},
        "dimensions": ["probability", "rows"],
        "encode": {"x": 0, "y": 1, "tooltip": [0, 1]},
        "data": plain_rows(data),
    }


def _dashed(start: Sequence[Any], end: Sequence[Any]) -> Option:
    return {
        "markLine": {
            "silent": True,
            "symbol": "none",
            "label": {"show": False},
            "lineStyle": {"type": "dashed", "width": 1},
            "data": [[{"coord": list(start)}, {"coord": list(end)}]],
        }
    }
