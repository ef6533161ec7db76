"""The parts that every ECharts option shares: frame, axes, plain numbers, interval marks."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from beanft.engine.tables.wording import is_year

Option = dict[str, Any]
"""An ECharts 6 option of plain JSON values; colours are left to the browser's theme."""

_DIGITS = 9  # more than any screen shows, and half the bytes of an exact float
_UPRIGHT_LABELS = 8  # more labels stand slanted
_A_YEAR = 2000
_NAME_CHARACTERS = 60  # a longer axis name would run out of the picture


def frame(description: str, **parts: Any) -> Option:
    """Start an option: no animation, plain tooltips, a description for screen readers.

    Parameters
    ----------
    description : str
        What the picture shows, in words and numbers.
    **parts : Any
        Further top-level parts, such as `xAxis`, `yAxis` and `series`.

    Returns
    -------
    dict
        An ECharts option.

    Examples
    --------
    >>> frame("Two bars.", series=[])["animation"]
    False
    """
    return {
        "animation": False,
        "hoverLayerThreshold": 1_000_000,  # beyond it marks that are pointed at would hide their tooltip
        "aria": {"enabled": True, "label": {"description": description}},
        # HTML tooltips carry inline styles, which our Content-Security-Policy forbids.
        "tooltip": {"renderMode": "richText", "confine": True},
        "legend": {"show": False},
        "grid": {"left": 56, "right": 24, "top": 40, "bottom": 56},
        **parts,
    }


def legend(names: Sequence[str]) -> Option:
    """Describe the legend of several series: one row that scrolls, top left.

    Parameters
    ----------
    names : sequence of str
        Names of the series in drawing order.

    Returns
    -------
    dict
        The `legend` part of an option.

    Examples
    --------
    >>> legend(["a"])["show"], legend(["a", "b"])["show"]
    (False, True)
    """
    return {"show": len(names) > 1, "type": "scroll", "left": 0, "top": 0, "data": list(names)}


def value_axis(name: str, *, from_zero: bool = False) -> Option:
    """Describe an axis of numbers.

    Parameters
    ----------
    name : str
        Axis name.
    from_zero : bool
        Whether the axis must hold zero, as lengths of bars need.

    Returns
    -------
    dict
        An `xAxis` or `yAxis` part.

    Examples
    --------
    >>> value_axis("rows", from_zero=True)["scale"]
    False
    """
    years = {"years": True} if is_year(name, _A_YEAR) else {}  # marks.js writes "1980", not "1,980"
    return {"type": "value", "name": shortened(name), "scale": not from_zero, **_NAMED, **years}


def category_axis(name: str, labels: Sequence[str]) -> Option:
    """Describe an axis of categories in the given order.

    Parameters
    ----------
    name : str
        Axis name.
    labels : sequence of str
        One label a category.

    Returns
    -------
    dict
        An `xAxis` or `yAxis` part.

    Examples
    --------
    >>> category_axis("species", ["Adelie"])["data"]
    ['Adelie']
    """
    label: Option = {"hideOverlap": True, "width": 110, "overflow": "truncate"}
    gap = 32
    if len(labels) > _UPRIGHT_LABELS:
        label["rotate"] = 40
        gap = max(gap, min(24 + 4 * max(map(len, labels)), 92))  # long labels reach further down
    axis = {"type": "category", "name": shortened(name), "data": list(labels), "axisLabel": label}
    return {**axis, **_NAMED, "nameGap": gap}


def time_axis(name: str) -> Option:
    """Describe an axis of moments, in milliseconds since 1970 UTC.

    Parameters
    ----------
    name : str
        Axis name.

    Returns
    -------
    dict
        An `xAxis` part; the option also needs `useUTC`.

    Examples
    --------
    >>> time_axis("day")["type"]
    'time'
    """
    return {"type": "time", "name": shortened(name), "axisLabel": {"hideOverlap": True}, **_NAMED}


_NAMED: Option = {"nameLocation": "middle", "nameGap": 32}


def shortened(text: str, longest: int = _NAME_CHARACTERS) -> str:
    """Cut a text that would run out of the picture.

    Parameters
    ----------
    text : str
        Any text.
    longest : int
        Characters that may stay.

    Returns
    -------
    str
        The text, or its beginning with an ellipsis.

    Examples
    --------
    >>> shortened("abcdef", 4)
    'abc…'
    """
    return text if len(text) <= longest else text[: longest - 1] + "…"


def plain(value: Any) -> Any:
    """Round a number for drawing; what JSON cannot say becomes None.

    Parameters
    ----------
    value : Any
        A number, a text or None.

    Returns
    -------
    Any
        The number with nine significant digits, None for infinities and NaN, other values as they are.

    Examples
    --------
    >>> plain(1 / 3), plain(float("inf")), plain("a")
    (0.333333333, None, 'a')
    """
    if not isinstance(value, float):
        return value
    return float(f"{value:.{_DIGITS}g}") if math.isfinite(value) else None


def plain_rows(rows: Iterable[Sequence[Any]]) -> list[list[Any]]:
    """Round every number of some rows for drawing.

    Parameters
    ----------
    rows : iterable of sequence
        Rows of numbers, texts or None.

    Returns
    -------
    list of list
        The same rows, see `plain`.

    Examples
    --------
    >>> plain_rows([(1, float("nan"))])
    [[1, None]]
    """
    return [[plain(value) for value in row] for row in rows]


def _drawn(value: float) -> float | None:
    """Seven digits: what is only drawn needs no more."""
    return float(f"{value:.7g}") if math.isfinite(value) else None


def band(name: str, rows: Iterable[Sequence[float]]) -> list[Option]:
    """Describe the band of a line: two hidden lines on top of each other with the area between them shaded.

    Parameters
    ----------
    name : str
        Name of the line, whose colour and legend entry it shares.
    rows : iterable of (position, low, high)
        Position on the main axis and both ends.

    Returns
    -------
    list of dict
        Two entries of an option's `series`.

    Examples
    --------
    >>> [one["data"] for one in band("mean", [(0, 1.0, 3.0)])]
    [[[0, 1.0]], [[0, 2.0]]]
    """
    rows = list(rows)
    hidden: Option = {
        "type": "line",
        "name": name,
        "stack": "band",
        "stackStrategy": "all",  # costs may lie below 0, and the reach is added to them all the same
        "symbol": "none",
        "silent": True,
        "lineStyle": {"opacity": 0},
        "tooltip": {"show": False},
    }
    return [
        hidden | {"data": plain_rows((at, low) for at, low, _ in rows)},
        hidden
        | {"data": plain_rows((at, high - low) for at, low, high in rows), "areaStyle": {"opacity": 0.2}},
    ]


def intervals(
    name: str,
    marks: Iterable[Sequence[Any]],
    *,
    place: int = 0,
    n_places: int = 1,
    flat: bool = False,
    faint: bool = False,
) -> Option:
    """Describe error bars, drawn by the renderer "interval" of chart.js.

    Parameters
    ----------
    name : str
        Name of the series whose colour and legend entry they share.
    marks : iterable of (position, low, high)
        Position on the main axis and both ends.
    place, n_places : int
        Which of how many bars side by side they belong to.
    flat : bool
        Whether bars lie on their side, so that intervals run from left to right.
    faint : bool
        Whether they are drawn in the colour of their series and without caps, as lines need.

    Returns
    -------
    dict
        One entry of an option's `series`.

    Examples
    --------
    >>> intervals("mean", [(0, 1.0, 2.0)])["data"]
    [[0, 1.0, 2.0]]
    """
    encode: Mapping[str, Any] = {"x": [1, 2], "y": 0} if flat else {"x": 0, "y": [1, 2]}
    return {
        "type": "custom",
        "name": name,
        "renderItem": "interval",
        "itemPayload": {"place": place, "nPlaces": n_places, "flat": flat, "faint": faint},
        "dimensions": ["at", "low", "high"],
        "encode": encode,
        "data": [[plain(at), _drawn(low), _drawn(high)] for at, low, high in marks],
        "silent": True,
        "z": 5,
        "tooltip": {"show": False},
    }
