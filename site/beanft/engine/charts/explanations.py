"""Figures of explanations: importance, effects, columns that act together, contributions."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from beanft.engine.charts.axes import (
    Option,
    category_axis,
    frame,
    intervals,
    plain,
    plain_rows,
    shortened,
    time_axis,
    value_axis,
)

_ROW_PX, _AROUND_PX = 30, 96  # height of a bar with its gap, and of the axes around
_PAIR_PX = 44  # of a bar whose label takes up to three lines
_PAIR_CHARACTERS = 52  # that fit on these lines
_LINE_OPACITY = 0.25


def importances_figure(
    parts: Sequence[tuple[str, float, float | None, float | None]], measure: str
) -> Option:
    """Draw importances as flat bars with their 95 % intervals, the largest on top.

    Parameters
    ----------
    parts : sequence of (name, value, low, high)
        In drawing order; ends may be unknown.
    measure : str
        What the bars measure, for the axis.

    Returns
    -------
    dict
        An ECharts option of plain JSON values; needs marks.js for the intervals.

    Examples
    --------
    >>> importances_figure([("age", 0.3, 0.2, 0.4)], "worse by")["series"][1]["data"]
    [[0, 0.2, 0.4]]
    """
    marks = [
        (place, low, high)
        for place, (_, _, low, high) in enumerate(parts)
        if low is not None and high is not None
    ]
    said = ", ".join(f"{name} {value:.3g}" for name, value, _, _ in parts[:5])
    option = frame(
        f"Importance of {len(parts)} columns, {measure}: {said}.",
        xAxis=value_axis(measure, from_zero=True),
        yAxis=_upright([name for name, _, _, _ in parts]),
        series=[
            {
                "type": "bar",
                "name": "importance",
                "barMaxWidth": 24,
                "data": [plain(one[1]) for one in parts],
            },
            intervals("importance", marks, flat=True),
        ],
        height=_ROW_PX * len(parts) + _AROUND_PX,
    )
    option["grid"] |= {"left": 140, "top": 8}
    return option


def effect_figure(
    effect: Mapping[str, Any], said: str, *, lines: bool = False, centred: bool = False
) -> Option:
    """Draw the effect of a column: the mean with its band, lines of single rows, and where values lie.

    Parameters
    ----------
    effect : mapping
        As `engine.learning.explaining.overview.effect_facts` gives it.
    said : str
        What is predicted, for the axis.
    lines : bool
        Whether single rows are drawn, too.
    centred : bool
        Whether everything is drawn as the difference from the first point.

    Returns
    -------
    dict
        An ECharts option of plain JSON values; needs marks.js for band and intervals.

    Examples
    --------
    >>> effect = {"column": "a", "scale": "level", "labels": ["x", None], "mean": [0.1, 0.2],
    ...     "low": [0.0, 0.1], "high": [0.2, 0.3], "lines": [], "rug": [], "thin": [False, True]}
    >>> effect_figure(effect, "price")["xAxis"]["data"]
    ['x', 'missing']
    """
    shown = _centred(effect) if centred else effect
    draw = _levels if effect["scale"] == "level" else _curve
    axis, series = draw(shown, lines=lines)
    name = shortened(f"{said}, change from the first point" if centred else said, 40)
    column, mean = effect["column"], [value for value in shown["mean"] if value is not None]
    option = frame(
        f"Mean {said} by {column}: between {min(mean):.3g} and {max(mean):.3g}.",
        xAxis=axis,
        yAxis={**value_axis(name), "nameGap": 44},
        series=series,
        useUTC=True,
    )
    option["grid"] |= {"left": 64, "top": 16}
    return option


def pairs_figure(pairs: Sequence[tuple[str, float]], unit: str) -> Option:
    """Draw how strongly pairs of columns act together, as flat bars.

    Parameters
    ----------
    pairs : sequence of (name, strength)
        In drawing order.
    unit : str
        Unit of the strength, for the axis.

    Returns
    -------
    dict
        An ECharts option of plain JSON values.

    Examples
    --------
    >>> pairs_figure([("a and b", 0.25)], "probability")["series"][0]["data"]
    [0.25]
    """
    said = ", ".join(f"{name} {value:.3g}" for name, value in pairs[:3])
    option = frame(
        f"Joint effect of {len(pairs)} pairs of columns in {unit}: {said}.",
        xAxis=value_axis(f"joint effect, in {unit}", from_zero=True),
        yAxis=_wrapped([name for name, _ in pairs]),
        series=[
            {
                "type": "bar",
                "name": "joint effect",
                "barMaxWidth": 24,
                "data": [plain(one[1]) for one in pairs],
            }
        ],
        height=_PAIR_PX * len(pairs) + _AROUND_PX,
    )
    option["grid"] |= {"left": 180, "top": 8}
    return option


def surface_figure(surface: Mapping[str, Any], said: str) -> Option:
    """Draw the mean prediction over two columns as shades; cells without any row nearby carry a grey dot.

    Parameters
    ----------
    surface : mapping
        As `engine.learning.explaining.overview.surface_facts` gives it.
    said : str
        What is predicted.

    Returns
    -------
    dict
        An ECharts option of plain JSON values; needs chart.js for colours.

    Examples
    --------
    >>> grid = {"column": "a", "labels": [1, 2]}
    >>> surface = {"across": grid, "down": {**grid, "column": "b"}, "mean": [[0, 1], [2, 3]],
    ...     "counts": [[5, 0], [1, 2]]}
    >>> figure = surface_figure(surface, "price")
    >>> figure["series"][0]["data"][1], figure["series"][1]["data"]
    ([1, 0, 1, 0], [[1, 0]])
    """
    across, down = surface["across"], surface["down"]
    cells = [
        [i, j, plain(value), surface["counts"][j][i]]
        for j, row in enumerate(surface["mean"])
        for i, value in enumerate(row)
    ]
    values = [cell[2] for cell in cells if cell[2] is not None]
    low, high = min(values), max(values)
    option = frame(
        f"Mean {said} by {across['column']} and {down['column']}: from {low:.3g} to {high:.3g}.",
        xAxis=category_axis(across["column"], [_label(one) for one in across["labels"]]),
        yAxis={**_upright([_label(one) for one in down["labels"]]), "inverse": False},
        visualMap={
            "min": low,
            "max": high if high > low else low + 1,
            "dimension": 2,
            "show": True,
            "calculable": False,
            "text": [f"{high:.3g}", f"{_near_zero(low, high):.3g}"],
            "orient": "horizontal",
            "right": 8,
            "top": 0,
            "itemHeight": 90,
            "seriesIndex": 0,
            "soft": True,
        },
        series=[
            {
                "type": "heatmap",
                "name": said,
                "dimensions": [across["column"], down["column"], said, "rows nearby"],
                "encode": {"x": 0, "y": 1, "value": 2, "tooltip": [0, 1, 2, 3]},
                "data": cells,
            },
            {
                "type": "scatter",
                "name": "no rows nearby",
                "symbol": "circle",
                "symbolSize": 5,
                "silent": True,
                "itemStyle": {"color": "#8b949e"},
                "data": [[i, j] for i, j, _, n in cells if not n],
            },
        ],
    )
    option["yAxis"] |= {"name": shortened(down["column"], 40), "nameLocation": "middle", "nameGap": 96}
    option["grid"] |= {"left": 124, "top": 36}
    return option


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
    stacked = {"type": "bar", "stack": "way", "stackStrategy": "all", "barMaxWidth": 24}
    ends = {
        "silent": True,
        "symbol": "none",
        "lineStyle": {"type": "dashed", "width": 1},
        "label": {"formatter": "{b}", "position": "start"},
        "data": [{"xAxis": plain(base), "name": "average"}, {"xAxis": plain(at), "name": "this row"}],
    }
    # nothing would end the stack: what follows it would not be drawn
    raised = [plain(max(0.0, value)) for _, value in shares]
    lowered = [plain(min(0.0, value)) for _, value in shares]
    option = frame(
        f"From the average {base:.4g} to {at:.4g} for this row: "
        + ", ".join(f"{name} {value:+.3g}" for name, value in shares[:6])
        + ".",
        legend={"show": True, "left": 0, "top": 0, "data": ["raises", "lowers"]},
        xAxis=value_axis(said),
        yAxis=_upright([name for name, _ in shares]),
        series=[
            {
                **stacked,
                "name": "start",
                "silent": True,
                "itemStyle": {"color": "transparent"},
                "tooltip": {"show": False},
                "data": [plain(start) for start in starts],
                "markLine": ends,
            },
            {**stacked, "name": "raises", "data": raised},
            {**stacked, "name": "lowers", "data": lowered},
        ],
        height=_ROW_PX * len(shares) + _AROUND_PX + 40,
    )
    option["grid"] |= {"left": 180, "top": 56}
    return option


def _upright(labels: Sequence[str]) -> Option:
    """A category axis at the side, the first label on top."""
    axis = category_axis("", [shortened(label, 60) for label in labels])
    axis["axisLabel"] = {"width": 128, "overflow": "truncate"}
    return {**axis, "inverse": True}


def _wrapped(labels: Sequence[str]) -> Option:
    """A category axis at the side for names of two columns: on several lines, cut in the middle.

    >>> _wrapped(["first of all the columns here and second of all the columns here"])["data"]
    ['first of all the columns h…d of all the columns here']
    """
    axis = _upright([_ends_kept(label) for label in labels])
    return {**axis, "axisLabel": {"width": 164, "overflow": "break", "lineHeight": 13}}


def _ends_kept(label: str) -> str:
    """A label with both its ends, which tell two pairs with one column in common apart."""
    if len(label) <= _PAIR_CHARACTERS:
        return label
    half = _PAIR_CHARACTERS // 2
    return f"{label[:half]}…{label[1 - half :]}"


def _near_zero(low: float, high: float) -> float:
    """The lower end of a scale; what is nothing beside the upper end is written as 0."""
    return 0.0 if abs(low) < 0.001 * abs(high) else low


def _label(value: Any) -> str:
    if value is None:
        return "missing"
    return f"{value:.6g}" if isinstance(value, (int, float)) else shortened(str(value), 30)


def _centred(effect: Mapping[str, Any]) -> dict[str, Any]:
    first = effect["mean"][0]
    moved = {name: [_less(value, first) for value in effect[name]] for name in ("mean", "low", "high")}
    lines = [[_less(value, line[0]) for value in line] for line in effect["lines"]]
    return {**effect, **moved, "lines": lines}


def _less(value: float | None, first: float | None) -> float | None:
    return None if value is None or first is None else value - first


def _levels(effect: Mapping[str, Any], *, lines: bool) -> tuple[Option, list[Option]]:
    """A dot with its interval for each level; lines would join what has no order."""
    del lines
    places = range(len(effect["mean"]))
    marks = [
        (place, effect["low"][place], effect["high"][place])
        for place in places
        if effect["low"][place] is not None
    ]
    dots = [_dot(place, effect["mean"][place], thin=effect["thin"][place]) for place in places]
    axis = category_axis(effect["column"], [_label(label) for label in effect["labels"]])
    return axis, [
        {"type": "scatter", "name": "mean", "symbolSize": 9, "data": dots},
        intervals("mean", marks),
    ]


def _curve(effect: Mapping[str, Any], *, lines: bool) -> tuple[Option, list[Option]]:
    """A line over numbers or dates; the missing ones, which have no place on the axis, are left out."""
    dated = effect["scale"] == "date"
    places = [place for place, label in enumerate(effect["labels"]) if label is not None]
    x = [_moment_ms(effect["labels"][place]) if dated else effect["labels"][place] for place in places]
    series: list[Option] = []
    for line in effect["lines"] if lines else ():
        series.append(
            {
                "type": "line",
                "name": "single row",
                "showSymbol": False,
                "silent": True,
                "lineStyle": {"width": 1, "opacity": _LINE_OPACITY},
                "itemStyle": {"color": "#8b949e"},
                "data": plain_rows([(at, line[place]) for at, place in zip(x, places, strict=True)]),
            }
        )
    rows = [
        (at, effect["mean"][place], effect["low"][place], effect["high"][place])
        for at, place in zip(x, places, strict=True)
        if effect["low"][place] is not None
    ]
    dots = [
        _dot(at, effect["mean"][place], thin=effect["thin"][place])
        for at, place in zip(x, places, strict=True)
    ]
    floor = _floor(effect, places, lines=lines)
    series += [
        {
            "type": "custom",
            "name": "mean",
            "renderItem": "ribbon",
            "itemPayload": {"plain": False},
            "dimensions": ["at", "mean", "low", "high"],
            "encode": {"x": 0, "y": [1, 2, 3]},
            "data": plain_rows(rows),
            "silent": True,
            "tooltip": {"show": False},
        },
        {"type": "scatter", "name": "mean", "symbolSize": 6, "data": dots},
        {
            "type": "scatter",
            "name": "rows",
            "symbol": "rect",
            "symbolSize": [1, 10],
            "silent": True,
            "itemStyle": {"opacity": 0.5, "color": "#8b949e"},
            "data": [[plain(value * 1000 if dated else value), floor] for value in effect["rug"]],
        },
    ]
    return (time_axis if dated else value_axis)(effect["column"]), series


def _dot(at: float, mean: float | None, *, thin: bool) -> Option:
    """A point of the mean; a hollow one where too few rows lie near."""
    return {"value": [plain(at), plain(mean)], **({"symbol": "emptyCircle"} if thin else {})}


def _floor(effect: Mapping[str, Any], places: Sequence[int], *, lines: bool) -> float | None:
    """Where the rug lies: just below everything that is drawn."""
    rows = [effect["mean"], effect["low"], effect["high"], *(effect["lines"] if lines else ())]
    values = [row[place] for row in rows for place in places if row[place] is not None]
    low, high = min(values), max(values)
    floor: float = plain(low - 0.06 * (high - low))
    return floor


def _moment_ms(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000
