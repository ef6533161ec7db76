"""What several figures of explanations have at their side: names one under another, and values as labels."""

from collections.abc import Sequence
from typing import Any

from beanft.engine.charts.axes import Option, category_axis, shortened

ROW_PX = 30
"""Height of a bar with its gap."""
AROUND_PX = 96
"""Height of the axes around the bars."""


def upright(labels: Sequence[str]) -> Option:
    """Make a category axis at the side, the first label on top.

    Parameters
    ----------
    labels : sequence of str
        One for each bar, or row of cells.

    Returns
    -------
    dict
        An ECharts axis; names longer than its room are cut by the browser.

    Examples
    --------
    >>> upright(["age", "fare"])["data"]
    ['age', 'fare']
    """
    axis = category_axis("", [shortened(label, 60) for label in labels])
    axis["axisLabel"] = {"width": 128, "overflow": "truncate"}
    return {**axis, "inverse": True}


def label_of(value: Any) -> str:
    """Write a value of a column for an axis.

    Parameters
    ----------
    value : Any
        A number, a text, or None for missing.

    Returns
    -------
    str

    Examples
    --------
    >>> label_of(0.1 + 0.2), label_of(None)
    ('0.3', 'missing')
    """
    if value is None:
        return "missing"
    return f"{value:.6g}" if isinstance(value, (int, float)) else shortened(str(value), 30)
