"""The figure of contributions: from the average prediction to that of a row."""

from collections.abc import Sequence

from beanft.engine.charts.axes import Option, frame, plain, value_axis
from beanft.engine.charts.explanations.sides import AROUND_PX, ROW_PX, upright


def contributions_figure(base: float, shares: Sequence[tuple[str, float]], said: str) -> Option:
    """Draw contributions as a waterfall from the average prediction down to the row's own.

    Parameters
    ----------
    base : float
        The average prediction.
    shares : sequence of (name, value)
        Contributions in drawing order.
    said : str
        What is predicted, for the axis.

    Returns
    -------
    dict
        An ECharts option of plain JSON values.

    Examples
    --------
    >>> figure = contributions_figure(10.0, [("a", 3.0), ("b", -1.0)], "price")
    >>> [one["data"] for one in figure["series"]]
    [[10.0, 13.0], [3.0, 0.0], [0.0, -1.0]]
    """
    starts, at = [], base
    for _, value in shares:
        starts.append(at)
        at += value
    option = frame(
        f"From the average {base:.4g} to {at:.4g} for this row: "
        + ", ".join(f"{name} {value:+.3g}" for name, value in shares[:6])
        + ".",
        legend={"show": True, "left": 0, "top": 0, "data": ["raises", "lowers"]},
        xAxis=value_axis(said),
        yAxis=upright([name for name, _ in shares]),
        series=_waterfall(starts, [value for _, value in shares], ends=(base, at)),
        height=ROW_PX * len(shares) + AROUND_PX + 40,
    )
    option["grid"] |= {"left": 180, "top": 56}
    return option


def _waterfall(
    starts: Sequence[float], values: Sequence[float], *, ends: tuple[float, float]
) -> list[Option]:
    """Bars that each begin where the one before ended, by their direction, between two marked ends."""
    stacked = {"type": "bar", "stack": "way", "stackStrategy": "all", "barMaxWidth": 24}
    # nothing would end the stack: what follows it would not be drawn
    raised = [plain(max(0.0, value)) for value in values]
    lowered = [plain(min(0.0, value)) for value in values]
    return [
        {
            **stacked,
            "name": "start",
            "silent": True,
            "itemStyle": {"color": "transparent"},
            "tooltip": {"show": False},
            "data": [plain(start) for start in starts],
            "markLine": _marked(*ends),
        },
        {**stacked, "name": "raises", "data": raised},
        {**stacked, "name": "lowers", "data": lowered},
    ]


def _marked(base: float, at: float) -> Option:
    """Lines at the average and at the row's own prediction."""
    return {
        "silent": True,
        "symbol": "none",
        "lineStyle": {"type": "dashed", "width": 1},
        "label": {"formatter": "{b}", "position": "start"},
        "data": [{"xAxis": plain(base), "name": "average"}, {"xAxis": plain(at), "name": "this row"}],
    }
