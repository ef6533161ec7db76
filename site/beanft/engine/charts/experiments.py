"""Figures of an experiment: its scores over time, and what more rows would bring."""

from collections.abc import Sequence
from dataclasses import dataclass

from beanft.engine.charts.axes import Option, band, frame, legend, plain_rows, value_axis
from beanft.engine.plain import written

_LONGEST_TITLE = 40
_GUESSING = "guessing"
_FAR = 3.0  # times the range of all scores


@dataclass(frozen=True, kw_only=True)
class Moment:
    """One run of an experiment at the time of its end."""

    s: float
    """Seconds since the start of the experiment."""
    title: str
    """Name of the run."""
    value: float
    """Its score."""
    best: float
    """The best score so far, its own included."""


def moments_of(runs: Sequence[tuple[float, str, float]], *, greater_is_better: bool) -> list[Moment]:
    """Put runs in the order of their ends, each with the best score until then.

    Parameters
    ----------
    runs : sequence of (seconds, title, score)
        One triple a run that has a score; seconds since the start of the experiment.
    greater_is_better : bool
        Direction of the metric.

    Returns
    -------
    list of Moment
        By time.

    Examples
    --------
    >>> runs = [(9.0, "Ridge", 0.7), (2.0, "Baseline", 0.5), (12.0, "Forest", 0.6)]
    >>> [one.best for one in moments_of(runs, greater_is_better=True)]
    [0.5, 0.7, 0.7]
    """
    better = max if greater_is_better else min
    moments: list[Moment] = []
    for s, title, value in sorted(runs, key=lambda run: run[0]):
        best = better(moments[-1].best, value) if moments else value
        moments.append(Moment(s=s, title=title, value=value, best=best))
    return moments


def scores_figure(moments: Sequence[Moment], *, metric: str, end_s: float, baseline: float | None) -> Option:
    """Draw the best score so far as a line of steps, each run as a point, and guessing as a dashed line.

    Where guessing is so far away that its line would press the others together, it is drawn on a click in
    the legend.

    Parameters
    ----------
    moments : sequence of Moment
        By time.
    metric : str
        Title of the metric, for the axis.
    end_s : float
        Seconds to which the line reaches.
    baseline : float or None
        Score of guessing.

    Returns
    -------
    dict
        An ECharts option of plain JSON values.

    Examples
    --------
    >>> runs = moments_of([(1.0, "Ridge", 0.7)], greater_is_better=True)
    >>> scores_figure(runs, metric="R²", end_s=5.0, baseline=0.0)["series"][0]["data"]
    [[1.0, 0.7], [5.0, 0.7]]
    """
    steps = [(one.s, one.best) for one in moments]
    if steps and end_s > steps[-1][0]:
        steps.append((end_s, steps[-1][1]))
    points = [(one.s, one.value, one.title[:_LONGEST_TITLE]) for one in moments]
    said = f", from {written(moments[0].best)} to {written(moments[-1].best)}" if moments else ""
    names = ["best so far", "each run"]
    option = frame(
        f"{metric} of {len(moments)} runs over time{said}.",
        xAxis={**value_axis("seconds since the start", from_zero=True), "min": 0},
        yAxis={**value_axis(metric), "nameGap": 44},
        series=[
            {"type": "line", "name": names[0], "step": "end", "symbol": "none", "data": plain_rows(steps)},
            {
                "type": "scatter",
                "name": names[1],
                "dimensions": ["seconds", metric, "run"],
                "encode": {"x": 0, "y": 1, "tooltip": [2, 1, 0]},
                "symbolSize": 8,
                "data": plain_rows(points),
            },
            *_guessing(moments, baseline, end_s),
        ],
    )
    option["legend"] = legend([series["name"] for series in option["series"]])
    if baseline is not None and moments and _is_far(moments, baseline):
        option["legend"]["selected"] = {_GUESSING: False}
    return option


def _guessing(moments: Sequence[Moment], baseline: float | None, end_s: float) -> list[Option]:
    """The dashed line of the baseline."""
    if baseline is None or not moments:
        return []
    ends = plain_rows([(0.0, baseline), (max(end_s, moments[-1].s), baseline)])
    line: Option = {"type": "line", "name": _GUESSING, "symbol": "none", "silent": True, "data": ends}
    return [line | {"lineStyle": {"type": "dashed", "width": 1}}]


def _is_far(moments: Sequence[Moment], baseline: float) -> bool:
    """Whether the line of the baseline would press all other marks together; then a click shows it."""
    values = [one.value for one in moments]
    low, high = min(values), max(values)
    return max(low - baseline, baseline - high) > _FAR * (high - low)


def learning_figure(points: Sequence[tuple[int, float, float, float]], *, metric: str) -> Option:
    """Draw the score by the number of rows learned from, with intervals.

    Parameters
    ----------
    points : sequence of (rows, score, low, high)
        By rows; the interval is 95 %.
    metric : str
        Title of the metric, for the axis.

    Returns
    -------
    dict
        An ECharts option of plain JSON values.

    Examples
    --------
    >>> learning_figure([(100, 0.7, 0.6, 0.8)], metric="R²")["series"][-1]["data"]
    [[100, 0.7, 0.6, 0.8]]
    """
    name, said = "score with its 95 % interval", ""
    if points:
        said = f", from {written(points[0][1])} with {points[0][0]:,} rows to {written(points[-1][1])}"
    option = frame(
        f"{metric} by the number of rows learned from{said}.",
        xAxis=value_axis("rows learned from", from_zero=True),
        yAxis={**value_axis(metric), "nameGap": 44},
        series=[
            *band(name, [(rows, low, high) for rows, _, low, high in points]),
            {
                "type": "line",
                "name": name,
                "dimensions": ["rows learned from", "score", "lower end", "upper end"],
                "encode": {"x": 0, "y": 1, "tooltip": [0, 1, 2, 3]},
                "symbolSize": 8,
                "data": plain_rows(points),
            },
        ],
    )
    option["legend"] = legend([name])
    return option
