"""What learners are given of the matrix: as it is, gaps filled, or everything on one scale."""

from typing import Any

import numpy as np

from beanft.engine.learning.exports.onnx_parts.graph import Graph
from beanft.engine.learning.exports.onnx_parts.links import interpolated, normal_quantile
from beanft.engine.learning.search.designs import FARTHEST

_NEAR_END = 1e-7  # scikit-learn's: so near to the ends of what was seen a value counts as beyond them


def _plain(graph: Graph, matrix: str, _design: Any) -> str:
    """The rows as they are, 64 bits."""
    return graph.cast(matrix)


def _filled(graph: Graph, matrix: str, design: Any) -> str:
    """Gaps become a number below all others."""
    below = graph.constant(design.below_[None, :], np.float32)
    return graph.cast(graph.add("Where", graph.missing(matrix), below, matrix))


def _scaled(graph: Graph, matrix: str, design: Any) -> str:
    """Numbers on one scale, as they are and as ranks bent to a bell; marks of gaps; a part for each level."""
    numbers = graph.cast(graph.columns(matrix, np.arange(design.n_numbers_)))
    gone = graph.missing(numbers)
    known = graph.add("Where", gone, graph.constant(design.medians_[None, :]), numbers)
    parts = []
    if design.n_numbers_:
        centred = graph.minus(known, graph.constant(design.mean_[None, :]))
        standard = graph.add("Div", centred, graph.constant(design.spread_[None, :]))
        parts.append(graph.clipped(standard, -FARTHEST, FARTHEST))
    if design.quantiles_ is not None:
        parts.append(_bent(graph, graph.columns(known, design.bent_), design.quantiles_))
    if len(design.gaps_):
        parts.append(graph.cast(graph.columns(gone, design.gaps_)))
    for place, levels in enumerate(design.levels_):
        if len(levels):
            code = graph.columns(matrix, [design.n_numbers_ + place])
            parts.append(graph.cast(graph.add("Equal", code, graph.constant(levels[None, :], np.float32))))
    return graph.joined(parts)


def _undated(graph: Graph, matrix: str, design: Any) -> str:
    """What another design makes of the parts behind the numbers of days."""
    return DESIGNS[type(design.design).__name__](graph, graph.between(matrix, design.n_days), design.design)


def _carried(graph: Graph, matrix: str, design: Any) -> str:
    """The same, and the days behind, from the first seen to as far after the last as these are long."""
    days = graph.cast(graph.columns(matrix, np.arange(design.n_days)))
    middle = graph.constant(design.middle_[None, :])
    known = graph.add("Where", graph.missing(days), middle, days)
    kept = graph.clipped(known, design.first_[None, :], design.last_[None, :])
    standard = graph.add("Div", graph.minus(kept, middle), graph.constant(design.spread_[None, :]))
    return graph.joined([_undated(graph, matrix, design), standard])


def _bent(graph: Graph, known: str, transformer: Any) -> str:
    """Ranks among the quantiles of training, bent to a bell, as QuantileTransformer does it."""
    knots = [np.asarray(line, dtype=float) for line in transformer.quantiles_.T]
    heights = [np.asarray(transformer.references_, dtype=float)] * len(knots)
    upwards = interpolated(graph, known, knots, heights)
    downwards = interpolated(graph, known, knots, heights, mode="LT")
    share = graph.clipped(graph.scaled(graph.add("Add", upwards, downwards), 0.5), 1e-12, 1 - 1e-12)
    bell = graph.clipped(normal_quantile(graph, share), -FARTHEST, FARTHEST)
    lowest, highest = (graph.constant([[line[end] for line in knots]]) for end in (0, -1))
    is_high = graph.add("Greater", graph.shifted(known, _NEAR_END), highest)
    is_low = graph.add("Less", graph.shifted(known, -_NEAR_END), lowest)
    capped = graph.add("Where", is_high, graph.constant([[FARTHEST]]), bell)
    return graph.add("Where", is_low, graph.constant([[-FARTHEST]]), capped)


DESIGNS = {
    "Plain": _plain,
    "Filled": _filled,
    "Scaled": _scaled,
    "Undated": _undated,
    "Carried": _carried,
}
"""By the name of the design's class."""
