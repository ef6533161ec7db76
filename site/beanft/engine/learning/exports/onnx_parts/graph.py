"""A graph of ONNX operators that grows by one call an operator; numbers in it are 64-bit floats."""

from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from beanft.engine.errors import EngineError

OPSET, OPSET_ML, IR_VERSION = 17, 4, 8
"""Releases of the standard that the graph is written in: old ones, which every runtime of today reads."""
_ROWS = "rows"  # a named size: without a name ONNX Runtime takes seconds to plan its memory
_KINDS = {"double": TensorProto.DOUBLE, "string": TensorProto.STRING, "float": TensorProto.FLOAT}


class NotConvertibleError(EngineError):
    """A part of a model has no form in ONNX; the message says which and why."""


class Graph:
    """Operators, constants, inputs and outputs. Every tensor has one row for each row predicted."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.inputs: list[onnx.ValueInfoProto] = []
        self.outputs: list[onnx.ValueInfoProto] = []
        self._constants: dict[tuple[str, tuple[int, ...], bytes], str] = {}
        self._tensors: list[onnx.TensorProto] = []
        self._made: dict[tuple[Any, ...], str] = {}
        self._n_names = 0

    def input(self, name: str, kind: str) -> str:
        """Add an input of one column: double or string."""
        self.inputs.append(helper.make_tensor_value_info(name, _KINDS[kind], [_ROWS, 1]))
        return name

    def output(self, tensor: str, name: str, kind: str, width: int | None) -> None:
        """Give a tensor out under a name; `width` is its number of columns, None for a list."""
        self.nodes.append(helper.make_node("Identity", [tensor], [name], name=f"/out/{name}"))
        shape: list[str | int | None] = [_ROWS] if width is None else [_ROWS, width]
        self.outputs.append(helper.make_tensor_value_info(name, _KINDS[kind], shape))

    def constant(self, values: Any, kind: Any = np.float64) -> str:
        """Name a constant; the same one is kept once."""
        array = np.asarray(values, dtype=kind)
        place = (array.dtype.str, array.shape, array.tobytes())
        if place not in self._constants:
            self._constants[place] = self._new_name()
            self._tensors.append(numpy_helper.from_array(array, self._constants[place]))
        return self._constants[place]

    def words(self, texts: list[str]) -> str:
        """Name a constant list of texts."""
        name = self._new_name()
        self._tensors.append(numpy_helper.from_array(np.array(texts, dtype=object), name))
        return name

    def add(self, operator: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        """Add an operator with one result, and name that result."""
        name = self._new_name()
        node = helper.make_node(operator, list(inputs), [name], name=name, domain=domain, **attributes)
        self.nodes.append(node)
        return name

    def cast(self, tensor: str, kind: int = TensorProto.DOUBLE) -> str:
        """Change the type of the values; the same tensor is changed once."""
        place = ("cast", tensor, kind)
        if place not in self._made:
            self._made[place] = self.add("Cast", tensor, to=kind)
        return self._made[place]

    def minus(self, one: str, other: str) -> str:
        """Subtract."""
        return self.add("Sub", one, other)

    def scaled(self, tensor: str, factor: Any) -> str:
        """Multiply by a number, or each column by its own."""
        return self.add("Mul", tensor, self.constant(factor))

    def shifted(self, tensor: str, shift: Any) -> str:
        """Add a number, or to each column its own."""
        return self.add("Add", tensor, self.constant(shift))

    def shifted_whole(self, tensor: str, shift: int) -> str:
        """Add a whole number to whole numbers."""
        return self.add("Add", tensor, self.constant(shift, np.int64))

    def clipped(self, tensor: str, low: Any, high: Any) -> str:
        """Keep values within bounds, or each column within its own; what is not a number stays so."""
        if low is not None:
            tensor = self.add("Max", tensor, self.constant(low))
        return tensor if high is None else self.add("Min", tensor, self.constant(high))

    def missing(self, tensor: str) -> str:
        """Tell where values are not numbers."""
        return self.add("IsNaN", tensor)

    def columns(self, tensor: str, places: Any) -> str:
        """Choose columns by their places."""
        return self.add("Gather", tensor, self.constant(places, np.int64), axis=1)

    def between(self, tensor: str, start: int, end: int | None = None) -> str:
        """Keep the columns from one place to another, as a slice of Python; the same ones are cut once."""
        place = ("between", tensor, start, end)
        if place not in self._made:
            last = np.iinfo(np.int64).max if end is None else end
            bounds = [self.constant([one], np.int64) for one in (start, last, 1)]
            self._made[place] = self.add("Slice", tensor, *bounds)
        return self._made[place]

    def product(self, tensor: str, weights: np.ndarray) -> str:
        """Multiply rows by a matrix."""
        return self.add("MatMul", tensor, self.constant(weights))

    def row_sums(self, tensor: str) -> str:
        """Add up each row, to one column."""
        return self.add("ReduceSum", tensor, self.constant([1], np.int64), keepdims=1)

    def nearest(self, distances: str, n: int) -> str:
        """Places of the `n` smallest numbers of each row."""
        places = self._new_name()
        wanted = self.constant([n], np.int64)
        node = helper.make_node("TopK", [distances, wanted], [self._new_name(), places], axis=1, largest=0)
        self.nodes.append(node)
        return places

    def joined(self, tensors: list[str]) -> str:
        """Put columns side by side."""
        return tensors[0] if len(tensors) == 1 else self.add("Concat", *tensors, axis=1)

    def model(self, metadata: dict[str, str]) -> onnx.ModelProto:
        """Make the whole, checked by ONNX itself."""
        graph = helper.make_graph(self.nodes, "beanft", self.inputs, self.outputs, initializer=self._tensors)
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid("ai.onnx.ml", OPSET_ML)]
        made = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="Beanft")
        helper.set_model_props(made, metadata)
        return made

    def _new_name(self) -> str:
        self._n_names += 1
        return f"/{self._n_names}"
