"""Figures of importances: bars of columns, and of pairs of them that act together."""

from collections.abc import Sequence

from beanft.engine.charts.axes import Option, frame, intervals, plain, value_axis
from beanft.engine.charts.explanations.sides import AROUND_PX, ROW_PX, upright

_PAIR_PX = 44  # of a bar whose label takes up to three lines
_PAIR_CHARACTERS = 52  # that fit on these lines


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
        yAxis=upright([name for name, _, _, _ in parts]),
        series=[
            {
                "type": "bar",
                "name": "importance",
                "barMaxWidth": 24,
                "data": [plain(one[1]) for one in parts],
            },
            intervals("importance", marks, flat=True),
        ],
        height=ROW_PX * len(parts) + AROUND_PX,
    )
    option["grid"] |= {"left": 140, "top": 8}
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
        height=_PAIR_PX * len(pairs) + AROUND_PX,
    )
    option["grid"] |= {"left": 180, "top": 8}
    return option


def _wrapped(labels: Sequence[str]) -> Option:
    """A category axis at the side for names of two columns: on several lines, cut in the middle.

    >>> _wrapped(["first of all the columns here and second of all the columns here"])["data"]
    ['first of all the columns h…d of all the columns here']
    """
    axis = upright([_ends_kept(label) for label in labels])
    return {**axis, "axisLabel": {"width": 164, "overflow": "break", "lineHeight": 13}}


def _ends_kept(label: str) -> str:
    """A label with both its ends, which tell two pairs with one column in common apart."""
    if len(label) <= _PAIR_CHARACTERS:
        return label
    half = _PAIR_CHARACTERS // 2
    return f"{label[:half]}…{label[1 - half :]}"
