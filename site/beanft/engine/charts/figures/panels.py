"""The figure of small multiples: one grid a panel, with the same axes, colours and legend in all."""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from beanft.engine.charts.axes import Option, legend, plain, shortened
from beanft.engine.charts.bins import round_edges
from beanft.engine.charts.drawing import Drawing
from beanft.engine.charts.figures.parts import LABEL_CHARACTERS, log_ends

Draw = Callable[[Drawing, list[str]], Option]

_HEADED = 26  # pixels of a panel's title
_HEIGHT = 155  # pixels of its picture
_UPRIGHT, _SLANTED = 40, 76  # pixels below it, for upright and for slanted labels
_TOP = 62  # pixels for the legend and the names of the axes
_UPRIGHT_LABELS = 3
_SHORT_LABEL = 2  # characters
_TITLE_CHARACTERS = 36
_TICKS = 4
_MANY_LABELS = 15  # along a panel's category axis there is room for no more


def panels_figure(drawing: Drawing, draw: Draw) -> Option:
    """Put the figures of all panels into one.

    Parameters
    ----------
    drawing : Drawing
        A drawing with panels.
    draw : callable
        Draws one panel: its drawing and the names of its series give xAxis, yAxis, series and more.

    Returns
    -------
    dict
        The parts of an option; `height` is its height in pixels, `panels` what marks.js needs to lay the
        panels out anew in a narrow window.
    """
    parts = [draw(panel, _names(panel)) for panel in drawing.panels if panel.series]
    n, across = len(parts), drawing.n_across
    _share(parts)
    rows = math.ceil(n / across)
    below = (
        _SLANTED if any(_is_slanted(axis) for part in parts for axis in _listed(part["xAxis"])) else _UPRIGHT
    )
    row_height = _HEADED + _HEIGHT + below
    names = list(dict.fromkeys(name for panel in drawing.panels for name in _names(panel)))
    option: Option = {
        "legend": legend(names),
        "title": [
            _axis_names(drawing),
            *(
                _title(panel, _corner(at, across, rows, row_height))
                for at, panel in enumerate(drawing.panels)
            ),
        ],
        "grid": [_grid(_corner(at, across, rows, row_height), across, rows, row_height) for at in range(n)],
        "xAxis": [_axis(axis, at) for at, part in enumerate(parts) for axis in _listed(part["xAxis"])],
        "yAxis": [
            _axis(axis, at, is_up=True) for at, part in enumerate(parts) for axis in _listed(part["yAxis"])
        ],
        "series": [one for at, part in enumerate(parts) for one in _placed(part, at)],
        "height": _TOP + rows * row_height,
        "panels": {
            "across": across,
            "rowHeight": row_height,
            "top": _TOP,
            "head": _HEADED,
            "height": _HEIGHT,
        },
    }
    return {**option, **_tooltip(parts), **_scales(parts)}


def _names(panel: Drawing) -> list[str]:
    return [shortened(series.name, LABEL_CHARACTERS) for series in panel.series]


def _tooltip(parts: Sequence[Option]) -> Option:
    return {"tooltip": parts[0]["tooltip"]} if parts and "tooltip" in parts[0] else {}


def _axis_names(drawing: Drawing) -> Option:
    """The names of both axes once, instead of beside each of many small axes."""
    along, up = (shortened(name, 60) for name in (drawing.x_name, drawing.y_name))
    text = f"Horizontal: {along or 'all rows'} · vertical: {up}"
    return {"text": text, "left": 0, "top": 34, "textStyle": {"fontSize": 12, "fontWeight": 400}}


def _corner(at: int, across: int, rows: int, row_height: int) -> tuple[float, float]:
    """Left and top of a panel, in per cent of the picture."""
    height = _TOP + rows * row_height
    return at % across * 100 / across, (_TOP + at // across * row_height) / height * 100


def _title(panel: Drawing, corner: tuple[float, float]) -> Option:
    return {
        "text": _short_title(panel),
        "left": f"{corner[0] + 1:.4g}%",
        "top": f"{corner[1]:.4g}%",
        "textStyle": {"fontSize": 13, "fontWeight": 600},
    }


def _short_title(panel: Drawing) -> str:
    """The number of rows, which ends the title, is never cut off."""
    name, _, n = panel.chart.title.rpartition(" (")
    return f"{shortened(name, _TITLE_CHARACTERS)} ({n}"


def _grid(corner: tuple[float, float], across: int, rows: int, row_height: int) -> Option:
    """The picture of a panel below its title; marks.js lays it out anew to the pixel."""
    share = 100 / (_TOP + rows * row_height)
    return {
        "left": f"{corner[0] + 14 / across:.4g}%",
        "width": f"{82 / across:.4g}%",
        "top": f"{corner[1] + _HEADED * share:.4g}%",
        "height": f"{_HEIGHT * share:.4g}%",
    }


def _is_slanted(axis: Option) -> bool:
    """Whether the labels along a horizontal axis need more room than there is side by side."""
    if axis.get("type") != "category" or len(axis["data"]) <= _UPRIGHT_LABELS:
        return False
    return max(len(str(text).partition("\n")[0]) for text in axis["data"]) > _SHORT_LABEL


def _axis(axis: Option, at: int, *, is_up: bool = False) -> Option:
    label = {**axis.get("axisLabel", {}), "fontSize": 11, "hideOverlap": True}
    found = {**axis, "gridIndex": at, "name": "", "axisLabel": label, "splitNumber": _TICKS}
    if axis.get("type") == "category":
        found["data"] = [str(text).partition("\n")[0] for text in axis["data"]]
        label["width"] = 44 if is_up else 104
        label["rotate"] = 40 if _is_slanted(axis) and not is_up else 0
        if len(axis["data"]) <= _MANY_LABELS:
            label |= {"interval": 0, "hideOverlap": False}
    return found


def _listed(part: Any) -> list[Option]:
    return part if isinstance(part, list) else [part]


def _placed(part: Option, at: int) -> Iterator[Option]:
    """The series of a panel, on its own axes; all panels have equally many."""
    first = {name: at * len(_listed(part[name])) for name in ("xAxis", "yAxis")}
    for one in part["series"]:
        stack = {"stack": f"{one['stack']} {at}"} if "stack" in one else {}
        places = {f"{name}Index": first[name] + one.get(f"{name}Index", 0) for name in first}
        yield {**one, **stack, **places}


def _scales(parts: Sequence[Option]) -> Option:
    """The scales of colours, each with the same ends in all panels, and the series that it colours."""
    found: list[Option] = []
    n_series = 0
    for part in parts:
        maps = part.get("visualMap", [])
        for place, one in enumerate(_listed(maps)):
            of_panel = one.get("seriesIndex", list(range(len(part["series"]))))
            indices = [n_series + at for at in (of_panel if isinstance(of_panel, list) else [of_panel])]
            if place < len(found):
                found[place] = _widened(found[place], one, indices)
            else:
                found.append({**one, "seriesIndex": indices})
        n_series += len(part["series"])
    return {"visualMap": found} if found else {}


def _widened(scale: Option, other: Option, indices: list[int]) -> Option:
    """A scale that holds both; each end is written as by the one that has it."""
    found = {**scale, "seriesIndex": scale["seriesIndex"] + indices}
    for at, (end, sign) in enumerate((("max", 1), ("min", -1))):
        if end in scale and other.get(end) is not None and (other[end] - scale[end]) * sign > 0:
            found[end] = other[end]
            if "text" in scale and "text" in other:
                found["text"] = [
                    other["text"][place] if place == at else found["text"][place] for place in (0, 1)
                ]
    return found


def _share(parts: Sequence[Option]) -> None:
    """Give the number axes of all panels the same ends."""
    for name, dimension in (("xAxis", 0), ("yAxis", 1)):
        for place in range(len(_listed(parts[0][name])) if parts else 0):
            axes = [_listed(part[name])[place] for part in parts]
            if all(axis.get("type") in ("value", "log", "time") for axis in axes):
                ends = _ends(parts, axes, name, place, dimension)
                for axis in axes if ends else ():
                    axis |= dict(zip(("min", "max", "interval"), map(plain, ends), strict=False))


def _ends(
    parts: Sequence[Option], axes: Sequence[Option], name: str, place: int, dimension: int
) -> tuple[float, ...]:
    """The ends that all panels share: those that were chosen, else round ones around what is shown."""
    chosen = [(axis.get("min"), axis.get("max")) for axis in axes]
    numbers = [end for pair in chosen for end in pair if isinstance(end, (int, float))]
    if len(numbers) == 2 * len(axes):
        return min(numbers), max(numbers)
    numbers = [
        number
        for part in parts
        for number in _extent(
            [one for one in part["series"] if one.get(f"{name}Index", 0) == place], dimension
        )
    ]
    return _round_ends(min(numbers), max(numbers), axes[0]) if numbers else ()


def _round_ends(low: float, high: float, axis: Option) -> tuple[float, ...]:
    """Ends that are round, and hold zero where bars stand on it; and the step between ticks."""
    if axis["type"] == "time":
        return low, high
    if axis["type"] == "log":
        return log_ends(low, high)
    if not axis.get("scale", True):
        low, high = min(low, 0.0), max(high, 0.0)
    edges = round_edges(low, high, _TICKS)
    return edges[0], edges[-1], edges[1] - edges[0]


def _extent(series_on_it: Sequence[Option], place: int) -> Iterator[float]:
    """All numbers that a panel shows along one axis; stacked ones are added up."""
    stacked: dict[tuple[Any, int, bool], float] = {}
    for series in series_on_it:
        if series.get("renderItem") == "ribbon":  # a trend may leave the picture
            continue
        for at, item in enumerate(series.get("data", ())):
            value = item.get("value") if isinstance(item, dict) else item
            for number in _numbers(series, value, place):
                key = (series.get("stack"), at, number < 0)
                stacked[key] = stacked.get(key, 0.0) + number if series.get("stack") else number
                yield stacked[key]


def _numbers(series: Option, value: Any, place: int) -> list[float]:
    """The numbers of one mark along one axis."""
    if not isinstance(value, list):
        found = [value]
    elif series["type"] == "boxplot":
        found = value
    elif series["type"] == "custom":
        dimensions = series["encode"]["xy"[place]]
        found = [value[at] for at in (dimensions if isinstance(dimensions, list) else [dimensions])]
    else:
        found = value[place : place + 1]
    return [one for one in found if isinstance(one, (int, float))]
