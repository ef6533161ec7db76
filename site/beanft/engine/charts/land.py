"""The coarse outline of land for maps: Natural Earth at 1 : 110 million, kept with the vendored files."""

import json
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

Ring = tuple[tuple[float, float], ...]
"""A closed line of (longitude, latitude) in degrees."""

_FILE = Path(__file__).parents[2] / "static" / "vendor" / "world-atlas-2.0.2" / "land-110m.json"


@dataclass(frozen=True)
class Outline:
    """Land within a view."""

    shores: tuple[Ring, ...]
    """Outer lines."""
    lakes: tuple[Ring, ...]
    """Lines of water within them."""


def land_within(west: float, east: float, south: float, north: float) -> Outline:
    """Find the outlines that may be seen in a view.

    Parameters
    ----------
    west, east, south, north : float
        Ends of the view in degrees.

    Returns
    -------
    Outline
        Whole rings, those whose box touches the view.

    Examples
    --------
    >>> len(land_within(10, 20, 45, 50).shores)  # Eurasia and Africa are one piece
    1
    """
    whole = _read()
    view = (west, east, south, north)
    return Outline(
        tuple(ring for ring in whole.shores if _touches(ring, view)),
        tuple(ring for ring in whole.lakes if _touches(ring, view)),
    )


@cache
def _read() -> Outline:
    """Decode the file, a TopoJSON: lines shared by shapes, as small steps of whole numbers."""
    atlas = json.loads(_FILE.read_text())
    arcs = [_arc(arc, atlas["transform"]) for arc in atlas["arcs"]]
    shapes = [shape for part in atlas["objects"]["land"]["geometries"] for shape in part["arcs"]]
    return Outline(
        tuple(ring for shape in shapes for ring in _around(_ring(shape[0], arcs))),
        tuple(ring for shape in shapes for hole in shape[1:] for ring in _around(_ring(hole, arcs))),
    )


def _arc(steps: list[list[int]], transform: dict[str, list[float]]) -> Ring:
    (x_scale, y_scale), (x_begin, y_begin) = transform["scale"], transform["translate"]
    xs, ys = (accumulate([step[at] for step in steps]) for at in (0, 1))
    return tuple((x * x_scale + x_begin, y * y_scale + y_begin) for x, y in zip(xs, ys, strict=True))


def _ring(places: list[int], arcs: list[Ring]) -> Ring:
    """Join arcs end to end; a place below zero is an arc that runs backwards."""
    line: list[Any] = []
    for place in places:
        arc = arcs[place] if place >= 0 else arcs[~place][::-1]
        line += arc[1:] if line else arc
    return tuple(line)


def _around(ring: Ring) -> tuple[Ring, ...]:
    """Draw a ring that crosses 180° at both ends of the map, and one around the pole down to it."""
    turns, line = 0, [ring[0]]
    for (before, _), (x, y) in pairwise(ring):
        turns += (x - before < -180) - (x - before > 180)
        line.append((x + 360 * turns, y))
    if turns:
        line += [(line[-1][0], -90.0), (line[0][0], -90.0)]
    reach = max(abs(x) for x, _ in line)
    if reach <= 180:
        return (tuple(line),)
    back = -360 if max(x for x, _ in line) > 180 else 360
    return tuple(line), tuple((x + back, y) for x, y in line)


def _touches(ring: Ring, view: tuple[float, float, float, float]) -> bool:
    west, east, south, north = view
    xs, ys = [x for x, _ in ring], [y for _, y in ring]
    return min(xs) <= east and max(xs) >= west and min(ys) <= north and max(ys) >= south
