"""Which rows of a batch stand in the training table, value for value: a score on them would flatter."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from beanft.engine.learning.checking.tables import check_table

_MOST_CELLS = 100_000_000  # of the training table; a larger one is not looked through
_BLOCK = 65_536
_FACTOR = np.uint64(0x9E3779B97F4A7C15)


class Known:
    """The rows of the training table by the values of the columns that the model needs.

    Parameters
    ----------
    table : Path
        Its Parquet file.
    schema : sequence of mapping
        The training columns as `schema.describe` gives them.
    n_rows : int
        Its rows.
    """

    def __init__(self, table: Path, schema: Sequence[Mapping[str, Any]], n_rows: int) -> None:
        self.n_seen = 0
        self._marks = np.empty(0, dtype=np.uint64)
        self.share_distinct = 0.0
        if schema and n_rows and n_rows * len(schema) <= _MOST_CELLS:
            marks = _marks_of(table, schema)
            self._marks = np.unique(marks)
            self.share_distinct = len(self._marks) / max(1, len(marks))

    def begin(self) -> None:
        """Forget what was counted."""
        self.n_seen = 0

    def add(self, columns: Mapping[str, np.ndarray]) -> None:
        """Count a block of checked rows.

        Parameters
        ----------
        columns : mapping of str to array of shape (n_rows,)
            The values of each training column, as `inputs.Checked.columns` has them.
        """
        if len(self._marks):
            self.n_seen += int(np.isin(marks_of_rows(columns), self._marks).sum())

    def found(self) -> dict[str, Any]:
        """Say how many there were.

        Returns
        -------
        dict
            n (rows of the batch that stand in the training table) and share_distinct (share of the training
            rows that no other is like, 0..1: where it is low, rows are alike by chance; 0 where the table
            was not looked through).
        """
        return {"n": self.n_seen, "share_distinct": self.share_distinct}


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
