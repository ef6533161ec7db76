"""Figures of a model's report: confusion matrix, predicted against true values, errors, importances."""

from collections.abc import Mapping, Sequence
from typing import Any

from beanft.engine.charts.axes import (
    Option,
    category_axis,
    frame,
    intervals,
    plain,
    plain_rows,
    shortened,
    value_axis,
)
from beanft.engine.charts.words import ranges_in_words

_LABELLED = 12  # classes up to which each cell of the matrix has room for its count


def confusion_figure(labels: Sequence[str], counts: Sequence[Sequence[int]]) -> Option:
    """Draw a confusion matrix: shade by share of the true class, text by rows.

    Parameters
    ----------
    labels : sequence of str of shape (n_classes,)
        The classes.
    counts : sequence of shape (n_classes, n_classes)
        Rows whose true class is the first and predicted class the second index.

    Returns
    -------
    dict
        An ECharts option of plain JSON values; needs chart.js for colours.

    Examples
    --------
    >>> confusion_figure(["no", "yes"], [[8, 2], [1, 9]])["series"][0]["data"][1]
    [1, 0, 0.2, 2]
    """
    totals = [max(sum(row), 1) for row in counts]
    cells = [
        [predicted, true, round(n / totals[true], 4), n]
        for true, row in enumerate(counts)
        for predicted, n in enumerate(row)
    ]
    right = sum(row[place] for place, row in enumerate(counts))
    option = frame(
        f"Confusion matrix of {len(labels)} classes: {right:,} of {sum(map(sum, counts)):,} rows are on the "
        "diagonal, where predicted and true class agree.",
        xAxis=category_axis("predicted", labels),
        yAxis={**_upright("true", labels), "inverse": True, "nameGap": 84},
        visualMap={"min": 0, "max": 1, "dimension": 2, "show": False, "calculable": False, "soft": True},
        series=[
            {
                "type": "heatmap",
                "name": "rows",
                "dimensions": ["predicted", "true", "share of the true class", "rows"],
                "encode": {"x": 0, "y": 1, "value": 2, "tooltip": [0, 1, 3, 2]},
                "data": cells,
                "label": {"show": len(labels) <= _LABELLED, "formatter": "{@[3]}"},
            }
        ],
    )
    option["grid"] |= {"left": 108, "top": 16}
    return option


def predicted_against_true_figure(points: Sequence[tuple[float, float]], target: str) -> Option:
    """Draw predicted against true values, with the diagonal on which a perfect model would lie.

    Parameters
    ----------
    points : sequence of (true, predicted)
        One pair a row; finite numbers, at most a few thousand.
    target : str
        Name of the target, for the axes.

    Returns
    -------
    dict
        An ECharts option of plain JSON values.

    Examples
    --------
    >>> predicted_against_true_figure([(1.0, 1.5)], "price")["series"][0]["data"]
    [[1.0, 1.5]]
    """
    ends = [value for point in points for value in point] or [0.0]
    low, high = min(ends), max(ends)
    diagonal = {
        "silent": True,
        "symbol": "none",
        "label": {"show": False},
        "lineStyle": {"type": "dashed", "width": 1},
        "data": [[{"coord": [low, low]}, {"coord": [high, high]}]],
    }
    name = shortened(target, 40)
    return frame(
        f"Predicted against true {target} for {len(points):,} rows; "
        "the dashed diagonal is a perfect prediction.",
        xAxis=value_axis(f"true {name}"),
        yAxis={**value_axis(f"predicted {name}"), "nameGap": 44},
        series=[
            {
                "type": "scatter",
                "name": "rows",
                "dimensions": [f"true {name}", f"predicted {name}"],
                "encode": {"x": 0, "y": 1, "tooltip": [0, 1]},
                "symbolSize": 6,
                "itemStyle": {"opacity": 0.6},
                "data": plain_rows(points),
                "markLine": diagonal,
            }
        ],
    )


def error_figure(ranges: Sequence[Mapping[str, Any]], target: str) -> Option:
    """Draw the residuals by range of the prediction: the middle, half, and nine in ten of them.

    Parameters
    ----------
    ranges : sequence of mapping
        Range by range: low, high, and quantiles of the residuals (true minus predicted) by share as text.
    target : str
        Name of the target, for the axes.

    Returns
    -------
    dict
        An ECharts option of plain JSON values; needs chart.js for the intervals.

    Examples
    --------
    >>> quantiles = {"0.05": -2.0, "0.25": -1.0, "0.5": 0.0, "0.75": 1.0, "0.95": 2.0}
    >>> error_figure([{"low": 1.0, "high": 2.0, "quantiles": quantiles}], "price")["xAxis"]["data"]
    ['1 to 2']
    """
    labels = ranges_in_words(ranges, target)
    quantiles = [one["quantiles"] for one in ranges]
    name = shortened(target, 40)
    boxes = [[one[share] for share in _BOX] for one in quantiles]
    return frame(
        f"Residuals of {target}, true minus predicted, in {len(labels)} ranges of the prediction: the boxes "
        "hold half of them, the whiskers nine in ten.",
        xAxis=category_axis(f"predicted {name}", labels),
        yAxis={**value_axis(f"true minus predicted {name}"), "nameGap": 44},
        series=[
            {
                "type": "boxplot",
                "name": "residuals",
                "dimensions": ["range", "5 %", "25 %", "middle", "75 %", "95 %"],
                "boxWidth": [8, 40],
                "data": plain_rows(boxes),
                "markLine": {
                    "silent": True,
                    "symbol": "none",
                    "label": {"show": False},
                    "lineStyle": {"type": "dashed", "width": 1},
                    "data": [{"yAxis": 0}],
                },
            }
        ],
    )


_BOX = ("0.05", "0.25", "0.5", "0.75", "0.95")


def importance_figure(rows: Sequence[tuple[str, float, float]]) -> Option:
    """Draw importances as flat bars, the largest on top, each with its spread.

    Parameters
    ----------
    rows : sequence of (name, mean, sd)
        Name, mean importance over the repetitions and their standard deviation, in drawing order.

    Returns
    -------
    dict
        An ECharts option of plain JSON values; needs chart.js for the spread.

    Examples
    --------
    >>> importance_figure([("age", 0.3, 0.05)])["series"][1]["data"]
    [[0, 0.25, 0.35]]
    """
    marks = [(place, mean - sd, mean + sd) for place, (_, mean, sd) in enumerate(rows)]
    said = ", ".join(f"{name} {mean:.3g} ± {sd:.2g}" for name, mean, sd in rows[:5])
    labels = [shortened(name, 40) for name, _, _ in rows]
    option = frame(
        f"Importance of {len(rows)} columns, mean and spread: {said}.",
        xAxis=value_axis("importance (bars: mean, lines: ± one standard deviation)", from_zero=True),
        yAxis={**_upright("", labels), "inverse": True},
        series=[
            {
                "type": "bar",
                "name": "importance",
                "barMaxWidth": 24,
                "data": [plain(mean) for _, mean, _ in rows],
            },
            intervals("importance", marks, flat=True),
        ],
    )
    option["grid"] |= {"left": 132, "top": 8}
    return option


def _upright(name: str, labels: Sequence[str]) -> Option:
    """A category axis at the side, where labels stand below each other and have room."""
    axis = category_axis(name, labels)
    axis["axisLabel"] = {"width": 110, "overflow": "truncate"}
    return axis
