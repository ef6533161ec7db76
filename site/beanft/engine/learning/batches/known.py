"""Which rows of a batch stand in the training table, value for value: a score on them would flatter."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from beanft.engine.learning.checking.tables import check_table

_MOST_CELLS = 100_000_000  # of the training table; a larger one is not looked through
_MOST_ROWS = 1_000_000  # of the batch
_MATTERS = 0.05  # share of the rows from which a score would flatter
_DISTINCT = 0.9  # below it many training rows are alike, and others are like them by chance
_BLOCK = 65_536
_FACTOR = np.uint64(0x9E3779B97F4A7C15)


class Known:
    """Marks the rows of a batch, and looks for them in the training table once they are to be scored."""

    def __init__(self) -> None:
        self._marks: list[np.ndarray] = []
        self._n_rows = 0

    def add(self, columns: Mapping[str, np.ndarray]) -> None:
        """Mark a block of checked rows, until there are as many as are looked for.

        Parameters
        ----------
        columns : mapping of str to array of shape (n_rows,)
            The values of each training column, as `inputs.Checked.columns` has them.
        """
        if self._n_rows < _MOST_ROWS:
            self._marks.append(marks_of_rows(columns))
            self._n_rows += len(self._marks[-1])

    def found(self, table: Path, schema: Sequence[Mapping[str, Any]], n_rows: int) -> dict[str, Any] | None:
        """Say how many of them stand in the training table.

        Parameters
        ----------
        table : Path
            Its Parquet file.
        schema : sequence of mapping
            The training columns as `schema.describe` gives them.
        n_rows : int
            Its rows.

        Returns
        -------
        dict or None
            n and of (rows of the batch that stand there, and that were looked for) and share_distinct (share
            of the training rows that no other is like, 0..1: where it is low, rows are alike by chance). None
            where there are no rows, or the training table is too large to be looked through.
        """
        if not self._n_rows or not n_rows or n_rows * len(schema) > _MOST_CELLS:
            return None
        trained = _marks_of(table, schema)
        distinct = np.unique(trained)
        n = sum(int(np.isin(marks, distinct).sum()) for marks in self._marks)
        return {"n": n, "of": self._n_rows, "share_distinct": len(distinct) / len(trained)}


def flatters(known: Mapping[str, Any] | None) -> bool:
    """Tell whether so many rows stand in the training table that a score on them says too much.

    Parameters
    ----------
    known : mapping or None
        What `Known.found` gave.

    Returns
    -------
    bool

    Examples
    --------
    >>> flatters({"n": 9, "of": 10, "share_distinct": 1.0}), flatters(None)
    (True, False)
    """
    return known is not None and known["n"] >= _MATTERS * known["of"] and known["share_distinct"] >= _DISTINCT


def marks_of_rows(columns: Mapping[str, np.ndarray]) -> np.ndarray:
    """Give each row a number that the same values give again, and others hardly ever.

    Parameters
    ----------
    columns : mapping of str to array of shape (n_rows,)
        Checked values by column; None, NaN and NaT where one is missing.

    Returns
    -------
    array of shape (n_rows,), uint64

    Examples
    --------
    >>> words = np.array(["x", None, "x"], dtype=object)
    >>> marks = marks_of_rows({"a": np.array([1.0, np.nan, 1.0]), "b": words})
    >>> bool(marks[0] == marks[2]), bool(marks[0] == marks[1])
    (True, False)
    """
    marks: np.ndarray = np.zeros(len(next(iter(columns.values()))), dtype=np.uint64)
    for name in sorted(columns):
        marks = marks * _FACTOR + pd.util.hash_array(columns[name], categorize=False)
    return marks


def _marks_of(table: Path, schema: Sequence[Mapping[str, Any]]) -> np.ndarray:
    names = [column["name"] for column in schema]
    with pq.ParquetFile(table) as file:
        blocks = file.iter_batches(batch_size=_BLOCK, columns=names)
        return np.concatenate([marks_of_rows(check_table(block, schema).columns) for block in blocks])
