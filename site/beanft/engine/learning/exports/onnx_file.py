"""Writes a model as an ONNX file, with which programs in other languages predict, and tries it here."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pandas as pd

from beanft.engine.atomic import whole
from beanft.engine.errors import EngineError
from beanft.engine.learning.calibration import SMALLEST_P, Calibration
from beanft.engine.learning.calibration_kinds import ISOTONIC, NONE, SIGMOID
from beanft.engine.learning.exports.onnx_parts.designs import DESIGNS
from beanft.engine.learning.exports.onnx_parts.formulas import CONVERTERS
from beanft.engine.learning.exports.onnx_parts.graph import OPSET, OPSET_ML, Graph, NotConvertibleError
from beanft.engine.learning.exports.onnx_parts.inputs import Coded, Column, code, columns_of, matrix
from beanft.engine.learning.exports.onnx_parts.links import interpolated, softmax, two_chances
from beanft.engine.learning.search.bag import Bag, Fold
from beanft.engine.learning.search.members import BEYOND, SURE, Member
from beanft.engine.learning.serving.rows import Rows

_MOST_BYTES = 1_500_000_000  # a protocol buffer holds 2 GB
_ROWS_AT_ONCE = 2_000
_EPOCH = pd.Timestamp(1970, 1, 1)
_NOTES = (
    "A column of numbers takes 64-bit floats of shape (rows, 1), NaN where nothing is known.",
    "A date is given as seconds since 1970-01-01 00:00 of its own clock, NaN where nothing is known.",
    "A category is given as its text, exactly as in training; an empty or unknown text counts as missing. "
    "Yes and no, in whatever words the table has them, are given as “true” and “false”.",
    "The file checks no inputs and gives no intervals, reasons or warnings; Beanft's form and API do.",
)


def onnx_reason(model: Mapping[str, Any]) -> str:
    """Tell why a model cannot be written as ONNX.

    Parameters
    ----------
    model : mapping
        What a model file holds.

    Returns
    -------
    str
        One sentence; empty when it can.
    """
    try:
        columns_of(model["estimator"].coder)
        for fold in model["estimator"].folds:
            for _, member in fold.members:
                _convertible(member)
    except NotConvertibleError as error:
        return str(error)
    return ""


def write_onnx(model: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """Write a model as an ONNX file.

    Parameters
    ----------
    model : mapping
        What a model file holds.
    path : Path
        Where; written beside it first, synced and renamed.

    Returns
    -------
    dict
        inputs (list of name, column, kind, meaning), outputs (name, meaning), opset, opset_ml, n_nodes,
        size_bytes, sha256 and notes (sentences on how to use it), as plain values.

    Raises
    ------
    EngineError
        A part of the model has no form in ONNX, or the file would be too large; nothing is written then.
    """
    bag, graph = model["estimator"], Graph()
    columns = columns_of(bag.coder)
    total = _bag(graph, bag, code(graph, bag.coder, columns), len(model["labels"]))
    outputs = _outputs(graph, total, model)
    made = graph.model(_metadata(model, columns))
    content = made.SerializeToString() if made.ByteSize() < _MOST_BYTES else b""
    if not content:
        raise EngineError("As an ONNX file the model would be larger than 1.5 GB. Use the Python file.")
    with whole(path) as part:
        part.write_bytes(content)
    return {
        "inputs": [vars(column) for column in columns],
        "outputs": outputs,
        "opset": OPSET,
        "opset_ml": OPSET_ML,
        "n_nodes": len(graph.nodes),
        "size_bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "notes": list(_NOTES),
    }


def onnx_predict(path: Path, model: Mapping[str, Any], frame: Rows) -> np.ndarray:
    """Predict rows with an ONNX file.

    Parameters
    ----------
    path : Path
        As `write_onnx` wrote it.
    model : mapping
        What the model file holds that it was made from; tells the columns.
    frame : DataFrame of shape (n_rows, n_features), or mapping of str to array
        As `predict_rows` takes it.

    Returns
    -------
    array of shape (n_rows, n_classes) or (n_rows,)
        As `predict_rows` gives it.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    columns = columns_of(model["estimator"].coder)
    given = {column.name: _cells(pd.Series(frame[column.column]), column) for column in columns}
    n_rows = len(next(iter(given.values())))
    wanted = "probabilities" if model["labels"] else "prediction"
    blocks = [slice(start, start + _ROWS_AT_ONCE) for start in range(0, n_rows, _ROWS_AT_ONCE)]
    parts = [session.run([wanted], {name: cells[one] for name, cells in given.items()})[0] for one in blocks]
    empty = np.zeros((0, max(1, len(model["labels"]))))
    predicted = np.concatenate([empty, *parts])
    return predicted if model["labels"] else predicted[:, 0]


def _convertible(member: Member) -> None:
    name = type(member.model).__name__
    if name not in CONVERTERS or type(member.design).__name__ not in DESIGNS:
        raise NotConvertibleError(f"“{name}” has no form in ONNX here. Use the Python file.")
    if getattr(member.model, "kind", "") == "dealt":
        raise NotConvertibleError(
            "The baseline deals its classes out by a digest of each row, which ONNX cannot compute."
        )


def _bag(graph: Graph, bag: Bag, coded: Coded, n_classes: int) -> str:
    """The mean of all folds, each fold's members weighed together."""
    parts = [
        graph.scaled(said, weight / len(bag.folds))
        for fold in bag.folds
        for weight, said in _fold(graph, bag, fold, coded, n_classes)
    ]
    return parts[0] if len(parts) == 1 else graph.add("Sum", *parts)


def _fold(graph: Graph, bag: Bag, fold: Fold, coded: Coded, n_classes: int) -> list[tuple[float, str]]:
    rows = matrix(graph, coded, fold.encoder, bag.layout)
    made = []
    for weight, member in fold.members:
        _convertible(member)
        design = DESIGNS[type(member.design).__name__](graph, rows, member.design)
        said = CONVERTERS[type(member.model).__name__](graph, design, member.model)
        made.append((weight, _chances(graph, said, member) if n_classes else _numbers(graph, said, member)))
    return made


def _numbers(graph: Graph, said: str, member: Member) -> str:
    if member.link is None:
        return said
    kept = graph.clipped(said, 0.0, member.link.highest + BEYOND)
    return graph.shifted(graph.add("Exp", kept), -1.0)


def _chances(graph: Graph, said: str, member: Member) -> str:
    """The chances of all classes: none for one that training lacked, but no row is told apart for certain."""
    known = np.asarray(member.classes, dtype=int)
    if len(known) < member.n_classes or (np.diff(known) != 1).any():
        said = graph.product(said, np.eye(member.n_classes)[known])
    kept = graph.clipped(said, SURE, None)
    return graph.add("Div", kept, graph.row_sums(kept))


def _outputs(graph: Graph, total: str, model: Mapping[str, Any]) -> list[dict[str, str]]:
    if not model["labels"]:
        graph.output(total, "prediction", "double", 1)
        return [{"name": "prediction", "meaning": f"the predicted “{model['target']}”"}]
    chances = _calibrated(graph, total, model.get("calibration"))
    best = graph.add("ArgMax", chances, axis=1, keepdims=0)
    graph.output(graph.add("Gather", graph.words(list(model["labels"])), best), "label", "string", None)
    graph.output(chances, "probabilities", "double", len(model["labels"]))
    order = ", ".join(model["labels"])
    return [
        {"name": "label", "meaning": f"the most likely “{model['target']}”, without your threshold"},
        {"name": "probabilities", "meaning": f"the probability of each class, in this order: {order}"},
    ]


def _calibrated(graph: Graph, chances: str, calibration: Calibration | None) -> str:
    if calibration is None or calibration.kind == NONE:
        return chances
    if calibration.kind == ISOTONIC:
        line = (np.asarray(calibration.numbers), np.asarray(calibration.heights))
        return two_chances(graph, interpolated(graph, graph.columns(chances, [1]), [line[0]], [line[1]]))
    if calibration.kind == SIGMOID:
        slope, shift = calibration.numbers
        second = graph.clipped(graph.columns(chances, [1]), SMALLEST_P, 1 - SMALLEST_P)
        odds = graph.add("Log", graph.add("Div", second, graph.minus(graph.constant([[1.0]]), second)))
        return two_chances(graph, graph.add("Sigmoid", graph.shifted(graph.scaled(odds, slope), shift)))
    logs = graph.add("Log", graph.clipped(chances, SMALLEST_P, 1.0))
    return softmax(graph, graph.scaled(logs, 1.0 / calibration.numbers[0]))


def _metadata(model: Mapping[str, Any], columns: list[Column]) -> dict[str, str]:
    told = {
        "title": model["title"],
        "target": model["target"],
        "task": model["task"],
        "labels": list(model["labels"]),
        "inputs": [vars(column) for column in columns],
        "versions": model["versions"],
        "notes": _NOTES,
    }
    return {"beanft": json.dumps(told, ensure_ascii=False)}


def _cells(values: pd.Series, column: Column) -> np.ndarray:
    """The cells of a column as the file takes them, of shape (n_rows, 1)."""
    if column.meaning == "date":
        return ((values - _EPOCH) / pd.Timedelta(seconds=1)).to_numpy(dtype=float, na_value=np.nan)[:, None]
    if column.meaning == "number":
        return values.to_numpy(dtype=float, na_value=np.nan)[:, None]
    texts = ["" if value is None or value != value else str(value) for value in values.tolist()]
    return np.array(texts, dtype=object)[:, None]
