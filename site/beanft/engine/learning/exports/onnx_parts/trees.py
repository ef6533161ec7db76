"""Many trees as one ONNX operator: numbers are cut by <=, codes of categories by chains of ==."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from onnx import numpy_helper

from beanft.engine.learning.exports.onnx_parts.graph import Graph

_NEVER = -1.0  # no category has this code


_NODE = (
    "treeids", "nodeids", "featureids", "modes", "values", "truenodeids", "falsenodeids",
    "missing_value_tracks_true",
)  # fmt: skip
_LEAF = ("treeids", "nodeids", "ids", "weights")


@dataclass
class Trees:
    """Nodes and leaves of many trees."""

    n_targets: int
    """Numbers that the trees add up to."""
    nodes: dict[str, list[Any]] = field(default_factory=lambda: {name: [] for name in _NODE})
    leaves: dict[str, list[Any]] = field(default_factory=lambda: {name: [] for name in _LEAF})
    n_trees: int = 0
    n_nodes: int = 0

    def begin(self) -> None:
        """Begin the next tree."""
        self.n_trees, self.n_nodes = self.n_trees + 1, 0

    def reserve(self, n: int = 1) -> int:
        """Number of the first of `n` nodes that are about to be added; children are named before they are."""
        first = self.n_nodes
        self.n_nodes += n
        return first

    def cut(
        self, number: int, mode: str, column: int, value: float, ways: tuple[int, int], *, gap: bool
    ) -> None:
        """Add a cut: `ways` are the nodes where it holds and where not; `gap` is whether it holds of gaps."""
        self._add(number, f"BRANCH_{mode}", column, value, ways, int(gap))

    def leaf(self, number: int, values: Mapping[int, float]) -> None:
        """Add a leaf with a value for each target; for those that are left out it adds nothing."""
        self._add(number, "LEAF", 0, 0.0, (0, 0), 0)
        for target, value in values.items():
            row = (self.n_trees - 1, number, target, float(value))
            for name, one in zip(_LEAF, row, strict=True):
                self.leaves[name].append(one)

    def members(
        self, number: int, column: int, codes: Sequence[float], ways: tuple[int, int], *, gap: bool
    ) -> None:
        """Add a cut that asks whether a code is among some, as a chain of comparisons."""
        asked = list(codes) or [_NEVER]
        first_more = self.reserve(len(asked) - 1)
        for place, code in enumerate(asked):
            here = number if place == 0 else first_more + place - 1
            otherwise = ways[1] if place == len(asked) - 1 else first_more + place
            self.cut(here, "EQ", column, code, (ways[0], otherwise), gap=gap)

    def add_to(self, graph: Graph, matrix: str) -> str:
        """Put the trees into a graph: sums of shape (n_rows, n_targets), 64 bits."""
        nodes = {f"nodes_{name}": values for name, values in self.nodes.items() if name != "values"}
        targets = {f"target_{name}": values for name, values in self.leaves.items() if name != "weights"}
        made = graph.add(
            "TreeEnsembleRegressor",
            matrix,
            domain="ai.onnx.ml",
            n_targets=self.n_targets,
            aggregate_function="SUM",
            post_transform="NONE",
            nodes_values_as_tensor=numpy_helper.from_array(np.array(self.nodes["values"], dtype=np.float64)),
            target_weights_as_tensor=numpy_helper.from_array(
                np.array(self.leaves["weights"], dtype=np.float64)
            ),
            **nodes,
            **targets,
        )
        return graph.cast(made)

    def _add(
        self, number: int, mode: str, column: int, value: float, ways: tuple[int, int], gap: int
    ) -> None:
        row = (self.n_trees - 1, number, int(column), mode, float(value), int(ways[0]), int(ways[1]), gap)
        for name, one in zip(_NODE, row, strict=True):
            self.nodes[name].append(one)
