"""Writes rows with their answers as Parquet, some blocks at a time."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from beanft.engine.errors import EngineError
from beanft.engine.learning.answers import Answers

_GROUP_ROWS = 122_880
_GROUP_BYTES = 64 << 20


class Added:
    """The columns that are added to those that came.

    Parameters
    ----------
    names : sequence of str
        Columns that came; an added one whose name is taken gets a number.
    labels : sequence of str
        Classes of the model; empty for numbers.

    Examples
    --------
    >>> Added(["Prediction"], []).names[:3]
    ['prediction 2', 'low', 'high']
    """

    def __init__(self, names: Sequence[str], labels: Sequence[str]) -> None:
        self.labels = list(labels)
        bounds = ["set"] if labels else ["low", "high"]
        chances = [f"probability of {label}" for label in labels]
        wanted = ["prediction", *chances, *bounds, "confidence", "warnings", "row_number"]
        taken = {name.casefold() for name in names}
        self.names: list[str] = []
        for name in wanted:
            free = _free(name, taken)
            taken.add(free.casefold())
            self.names.append(free)
        self._of = dict(
            zip(["prediction", *range(len(labels)), *wanted[1 + len(labels) :]], self.names, strict=True)
        )

    def facts(self) -> dict[str, Any]:
        """Name of each added column by what it holds; None for what the model has not."""
        single = ("prediction", "low", "high", "set", "confidence", "warnings", "row_number")
        return {name: self._of.get(name) for name in single} | {
            "probabilities": [self._of[code] for code in range(len(self.labels))]
        }

    def beside(self, block: pa.RecordBatch, answers: Answers, first_row: int) -> pa.RecordBatch:
        """Put a block's answers beside its columns."""
        names = [*block.schema.names, *self.names]
        return pa.RecordBatch.from_arrays([*block.columns, *self._arrays(answers, first_row)], names=names)

    def _arrays(self, answers: Answers, first_row: int) -> list[pa.Array]:
        n_rows = len(answers)
        if self.labels:
            values = pa.array(answers.values, pa.string())
            chances = [pa.array(column) for column in np.ascontiguousarray(answers.predicted.T)]
            bounds = [_sets(answers)]
        else:
            values, chances = pa.array(answers.predicted), []
            bounds = [_known(answers.low, n_rows), _known(answers.high, n_rows)]
        return [
            values,
            *chances,
            *bounds,
            _known(answers.confidence, n_rows),
            pa.array(answers.warning_words(), pa.string()),
            pa.array(np.arange(first_row, first_row + n_rows)),
        ]


class Writer:
    """Gathers blocks until they make a row group, and writes it.

    Parameters
    ----------
    path : Path
        The Parquet file.
    room_bytes : int, optional
        Disk space left for it.
    """

    def __init__(self, path: Path, room_bytes: int | None = None) -> None:
        self._path, self._room = path, room_bytes
        self._file: pq.ParquetWriter | None = None
        self._blocks: list[pa.RecordBatch] = []

    def __enter__(self) -> Self:
        """Begin anew: what was written before is gone with the first block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file, whole or not."""
        if self._file is not None:
            self._file.close()

    def add(self, block: pa.RecordBatch) -> None:
        """Take a block."""
        self._blocks.append(block)
        n_rows, n_bytes = (
            sum(sizes) for sizes in zip(*((b.num_rows, b.nbytes) for b in self._blocks), strict=True)
        )
        if n_rows >= _GROUP_ROWS or n_bytes >= _GROUP_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write what was gathered."""
        if not self._blocks:
            return
        table = pa.Table.from_batches(self._blocks)
        self._blocks = []
        if self._file is None:
            self._file = pq.ParquetWriter(self._path, table.schema, compression="zstd")
        self._file.write_table(table, row_group_size=max(1, table.num_rows))
        if self._room is not None and self._path.stat().st_size > self._room:
            raise EngineError(
                "There is no room for the predictions. Delete datasets, batches or experiments that you no "
                "longer need, or ask the administrator for more space. Then try again."
            )


def _free(name: str, taken: set[str]) -> str:
    """A name that is not taken: the name itself or with a number."""
    number, free = 1, name
    while free.casefold() in taken:
        number += 1
        free = f"{name} {number}"
    return free


def _known(numbers: np.ndarray | None, n_rows: int) -> pa.Array:
    """Numbers, with nothing where they are not known."""
    if numbers is None:
        return pa.nulls(n_rows, pa.float64())
    return pa.array(np.asarray(numbers, dtype=float), from_pandas=True)


def _sets(answers: Answers) -> pa.Array:
    """The set of each row as a JSON list, most likely first; most sets are the same few."""
    if answers.sets is None:
        return pa.nulls(len(answers), pa.string())
    order = np.argsort(-answers.predicted, axis=1, kind="stable")
    ranked = np.take_along_axis(answers.sets, order, axis=1)
    first = np.where(ranked, order, -1).astype(np.int16)
    width = pa.binary(first.shape[1] * first.itemsize)
    rows = pa.FixedSizeBinaryArray.from_buffers(width, len(first), [None, pa.py_buffer(first.tobytes())])
    coded = rows.dictionary_encode()
    kinds = [np.frombuffer(kind, np.int16).tolist() for kind in coded.dictionary.to_pylist()]
    words = [
        json.dumps([answers.labels[code] for code in kind if code >= 0], ensure_ascii=False) for kind in kinds
    ]
    return pa.array(words, pa.string()).take(coded.indices)
