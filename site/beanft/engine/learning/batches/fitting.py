"""Whether a dataset has the columns that a model needs, told by the names alone."""

from functools import lru_cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from beanft.engine.learning.checking.readers import layout_of


def has_columns(path: Path, needed: tuple[str, ...]) -> bool:
    """Tell whether a stored table has every column that is needed, found by name as the checker finds it.

    Parameters
    ----------
    path : Path
        The Parquet file of a version.
    needed : tuple of str
        Names of the training columns.

    Returns
    -------
    bool
        False, too, where the file cannot be read: nothing could be predicted of it.
    """
    try:
        names = _names(path)
    except (OSError, pa.ArrowInvalid):
        return False
    found = layout_of(names, needed)
    return not found.absent and not found.doubled


@lru_cache(maxsize=1024)  # the table of a version never changes; what could not be read is tried again
def _names(path: Path) -> tuple[str, ...]:
    return tuple(pq.read_schema(path).names)
