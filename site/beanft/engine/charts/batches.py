"""The figure of a batch: what was predicted, beside what was predicted for the training rows."""

from collections.abc import Mapping, Sequence
from typing import Any

from beanft.engine.charts.axes import Option, category_axis, frame, legend, plain, shortened, value_axis

_ROW_PX, _AROUND_PX = 44, 110  # height of a class with its two bars, and of the axes around
_HERE, _THERE = "this batch", "training rows, unseen"


def predicted_figure(summary: Mapping[str, Any], target: str) -> Option:
    """Draw how often each class, or each range of numbers, was predicted, in both tables.

    Parameters
    ----------
    summary : mapping
        As `engine.learning.batches.summary.Summer.found` gives it.
    target : str
        Name of the target.

    Returns
    -------
    dict
        An ECharts option of plain JSON values.

    Examples
    --------
    >>> bars = [{"label": "yes", "n": 3, "share": 0.75, "before": 0.5, "truth": None}]
    >>> found = predicted_figure({"kind": "classes", "bars": bars}, "paid")
    >>> [series["data"] for series in found["series"]]
    [[75.0], [50.0]]
    """
    bars, flat = summary["bars"], summary["kind"] == "classes"
    if not flat:
        bars = _without_empty_ends(bars)
    names = [_HERE, _THERE] if any(bar["before"] is not None for bar in bars) else [_HERE]
    series = [
        {"type": "bar", "name": name, "barMaxWidth": 20, "barGap": "8%", "data": _percents(bars, key)}
        for name, key in zip(names, ("share", "before"), strict=False)
    ]
    said = ", ".join(f"{bar['label']} {100 * bar['share']:.3g} %" for bar in bars[:5])
    labels = [shortened(bar["label"], 40) for bar in bars]
    share = value_axis("share of the rows, %", from_zero=True)
    across = category_axis("" if flat else f"predicted {shortened(target, 40)}", labels)
    option = frame(
        f"Shares of what was predicted for {shortened(target, 40)}: {said}.",
        legend=legend(names),
        xAxis=share if flat else across,
        yAxis=across | {"inverse": True, "axisLabel": {"width": 120, "overflow": "truncate"}}
        if flat
        else {**share, "nameGap": 40},
        series=series,
    )
    option["tooltip"] |= {"trigger": "axis", "axisPointer": {"type": "shadow"}}
    if flat:
        option |= {"height": _ROW_PX * len(bars) + _AROUND_PX}
        option["grid"] |= {"left": 140}
    else:
        option["grid"] |= {"bottom": 96}
    return option


def _percents(bars: Sequence[Mapping[str, Any]], key: str) -> list[Any]:
    return [None if bar[key] is None else plain(round(100 * bar[key], 4)) for bar in bars]


def _without_empty_ends(bars: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The bins beyond the range of training stand only where there is something in them."""
    return [
        bar
        for place, bar in enumerate(bars)
        if place not in (0, len(bars) - 1) or bar["share"] or bar["before"]
    ]
