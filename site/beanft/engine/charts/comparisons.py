"""Figures of several models over each other: hits, calibration, errors, predicted against true."""

from collections.abc import Sequence

from beanft.engine.charts.axes import Option, frame, intervals, legend, plain_rows, shortened, value_axis
from beanft.engine.charts.figures.parts import SYMBOLS
from beanft.engine.learning.compared.curves import Curve

_SYMBOLS_UP_TO = 25  # points of a line; more would hide it


def roc_figure(curves: Sequence[tuple[str, Curve]], positive: str) -> Option:
    """Draw ROC curves over each other, with the diagonal of guessing.

    Parameters
    ----------
    curves : sequence of (name, Curve)
        One of each model.
    positive : str
        The class that is to be found.

    Returns
    -------
    dict
        An ECharts option of plain JSON values.

    Examples
    --------
    >>> roc_figure([("a", Curve(x=(0.0, 1.0), y=(0.0, 1.0)))], "yes")["series"][0]["data"]
    [[0.0, 0.0], [1.0, 1.0]]
    """
    found = shortened(positive, 30)
    return _figure(
        curves,
        f"ROC curves of {_named(curves)}: the share of “{found}” that is found against the share of the "
        "other class that is taken for it; the dashed diagonal is guessing.",
        x=f"share of the others taken for “{found}”",
        y=f"share of “{found}” found",
        diagonal=(0.0, 1.0),
        unit=True,
    )


def calibration_figure(curves: Sequence[tuple[str, Curve]], said: str) -> Option:
    """Draw calibration curves over each other, with the diagonal on which what is said comes true.

    Parameters
    ----------
    curves : sequence of (name, Curve)
        One of each model.
    said : str
        What the probabilities are of, such as “yes”.

    Returns
    -------
    dict
        An ECharts option of plain JSON values; needs chart.js for the intervals.
    """
    return _figure(
        curves,
        f"Calibration of {_named(curves)}: how often {said} came true against the probability that was said; "
        "on the dashed diagonal both agree.",
        x=f"probability said of {shortened(said, 30)}",
        y="share that came true",
        diagonal=(0.0, 1.0),
        unit=True,
    )


def error_figure(curves: Sequence[tuple[str, Curve]], target: str) -> Option:
    """Draw the sizes of errors over each other.

    Parameters
    ----------
    curves : sequence of (name, Curve)
        One of each model.
    target : str
        Name of the target.

    Returns
    -------
    dict
        An ECharts option of plain JSON values.
    """
    said = "; ".join(f"{name}: half of the rows within {curve.y[9]:.3g}" for name, curve in curves if curve.y)
    option = _figure(
        curves,
        f"Errors of {_named(curves)}: the largest error among the rows told best. {said}.",
        x="share of the rows",
        y=f"error of {shortened(target, 30)} at most",
        from_zero=True,
    )
    return option | {"xAxis": option["xAxis"] | {"min": 0, "max": 1}}


def truth_figure(curves: Sequence[tuple[str, Curve]], target: str) -> Option:
    """Draw the mean truth against what was predicted, with the diagonal of exact predictions.

    Parameters
    ----------
    curves : sequence of (name, Curve)
        One of each model.
    target : str
        Name of the target.

    Returns
    -------
    dict
        An ECharts option of plain JSON values; needs chart.js for the intervals.
    """
    ends = [value for _, curve in curves for value in (*curve.x, *curve.y)] or [0.0]
    name = shortened(target, 30)
    return _figure(
        curves,
        f"Mean true {name} against mean predicted {name} of {_named(curves)}; "
        "on the dashed diagonal both agree.",
        x=f"predicted {name}",
        y=f"mean true {name}",
        diagonal=(min(ends), max(ends)),
    )


def _figure(
    curves: Sequence[tuple[str, Curve]],
    description: str,
    *,
    x: str,
    y: str,
    diagonal: tuple[float, float] | None = None,
    unit: bool = False,
    from_zero: bool = False,
) -> Option:
    """Lines over each other on the same two axes."""
    series: list[Option] = []
    for place, (name, curve) in enumerate(curves):
        series.append(_line(name, curve, place, x))
        if curve.low:
            series.append(intervals(name, zip(curve.x, curve.low, curve.high, strict=True), faint=True))
    if diagonal and series:
        series[0]["markLine"] = _diagonal(*diagonal)
    ends = {"min": 0, "max": 1} if unit else {}
    option = frame(
        description,
        legend=legend([name for name, _ in curves]),
        xAxis=value_axis(x) | ends,
        yAxis={**value_axis(y, from_zero=from_zero), "nameGap": 44, **ends},
        series=series,
    )
    option["grid"] |= {"left": 68}
    return option


def _line(name: str, curve: Curve, place: int, x: str) -> Option:
    return {
        "type": "line",
        "name": name,
        "dimensions": [x, name],
        "encode": {"x": 0, "y": 1, "tooltip": [0, 1]},
        "symbol": SYMBOLS[place % len(SYMBOLS)],
        "symbolSize": 6,
        "showSymbol": len(curve.x) <= _SYMBOLS_UP_TO,
        "lineStyle": {"width": 2},
        "data": plain_rows(zip(curve.x, curve.y, strict=True)),
    }


def _diagonal(low: float, high: float) -> Option:
    return {
        "silent": True,
        "symbol": "none",
        "label": {"show": False},
        "lineStyle": {"type": "dashed", "width": 1},
        "data": [[{"coord": [low, low]}, {"coord": [high, high]}]],
    }


def _named(curves: Sequence[tuple[str, Curve]]) -> str:
    return ", ".join(shortened(name, 40) for name, _ in curves)
