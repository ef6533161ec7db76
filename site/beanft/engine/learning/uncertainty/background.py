"""Some training rows kept beside the models of an experiment, for comparing new rows with them."""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from beanft.engine.atomic import whole
from beanft.engine.errors import EngineError
from beanft.engine.learning.evidence import Evidence, open_evidence, read_rows
from beanft.engine.tables.columns import Profile

_FILE = "background.parquet"
_ROWS, _CELLS = 4_000, 200_000  # at most
_LONGEST = 2_000  # characters of a text that are kept
_PLACE, _NAMES = "place", b"names"


@dataclass(frozen=True, kw_only=True)
class Background:
    """Development rows in random order."""

    X: pd.DataFrame
    """Their columns as the input checker gives them."""
    places: np.ndarray
    """Their positions among the development rows."""


def n_kept(n_columns: int) -> int:
    """Count the rows that are kept of a table with so many columns.

    Parameters
    ----------
    n_columns : int
        Columns that models learn from.

    Returns
    -------
    int

    Examples
    --------
    >>> n_kept(12), n_kept(200)
    (4000, 1000)
    """
    return min(_ROWS, _CELLS // max(1, n_columns))


def drawn(evidence: Evidence, n_columns: int) -> np.ndarray:
    """Draw the development rows that are kept.

    Parameters
    ----------
    evidence : Evidence
        Of the experiment.
    n_columns : int
        Columns that models learn from.

    Returns
    -------
    array of int
        Positions among the development rows, in random order.
    """
    order = np.random.default_rng(evidence.seed).permutation(len(evidence.rows))
    return order[: n_kept(n_columns)]


def save_background(folder: Path, X: pd.DataFrame, places: np.ndarray) -> None:
    """Keep rows, written whole or not at all.

    Parameters
    ----------
    folder : Path
        The experiment's folder.
    X : DataFrame of shape (n_rows, n_columns)
        The rows, as learning sees them.
    places : array of int of shape (n_rows,)
        Their positions among the development rows.
    """
    arrays = [pa.array(np.asarray(places, dtype=np.int64)), *(_arrow(X[name]) for name in X)]
    names = [_PLACE, *(str(at) for at in range(X.shape[1]))]  # a column may have any name, this one's too
    table = pa.table(arrays, names=names).replace_schema_metadata(
        {_NAMES: json.dumps([str(name) for name in X])}
    )
    with whole(Path(folder) / _FILE) as part:
        pq.write_table(table, part, compression="zstd")


def make_background(folder: Path, table: Path, profile: Profile) -> bool:
    """Keep rows of an experiment that was trained before this was done, if it has none yet.

    Parameters
    ----------
    folder : Path
        The experiment's folder.
    table : Path
        The version's Parquet file.
    profile : Profile
        Its profile.

    Returns
    -------
    bool
        Whether there are some now.
    """
    if (Path(folder) / _FILE).exists():
        return True
    try:
        evidence = open_evidence(Path(folder))
        places = drawn(evidence, len(evidence.features))
        X = read_rows(table, profile, evidence.features, evidence.rows[places])
        save_background(folder, X, places)
    except (EngineError, OSError):
        return False
    return True


def open_background(folder: Path) -> Background | None:
    """Open the rows kept beside the models of an experiment.

    Parameters
    ----------
    folder : Path
        Its folder.

    Returns
    -------
    Background or None
        None when none are kept, or they cannot be read. Shared between callers: do not change it.
    """
    path = Path(folder) / _FILE
    try:
        return _opened(path, path.stat().st_mtime_ns)
    except (OSError, ValueError, KeyError, pa.ArrowException):
        return None


@lru_cache(maxsize=8)
def _opened(path: Path, changed: int) -> Background:  # noqa: ARG001  # the cache's key
    table = pq.read_table(path, memory_map=False)
    names = json.loads(table.schema.metadata[_NAMES])
    columns = {name: _values(table.column(str(at))) for at, name in enumerate(names)}
    return Background(X=pd.DataFrame(columns), places=table.column(_PLACE).to_numpy())


def _arrow(values: pd.Series) -> pa.Array:
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return pa.array(values, type=pa.timestamp("us"), from_pandas=True)
    if pd.api.types.is_numeric_dtype(values.dtype):
        return pa.array(values.to_numpy(dtype=np.float64, na_value=np.nan))
    texts = [None if value is None or value != value else str(value)[:_LONGEST] for value in values.tolist()]
    return pa.array(texts, type=pa.string())


def _values(column: pa.ChunkedArray) -> pd.Series:
    if pa.types.is_timestamp(column.type):
        return pd.Series(column.to_numpy().astype("datetime64[us]"))
    if pa.types.is_floating(column.type):
        return pd.Series(column.to_numpy())
    return pd.Series(column.to_pylist(), dtype=object)
