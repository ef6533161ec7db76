"""A real row of the table, as a request to predict it would hold it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from beanft.engine.learning.evidence import read_rows
from beanft.engine.learning.explaining.function import plain_value
from beanft.engine.tables.columns import Profile


def first_row(table: Path, profile: Profile, columns: Sequence[str]) -> dict[str, Any]:
    """Read the first row of a table as plain values.

    Parameters
    ----------
    table : Path
        The version's Parquet file.
    profile : Profile
        Its profile.
    columns : sequence of str
        Columns wanted.

    Returns
    -------
    dict
        Column -> number, text or None; empty where the table has no rows.

    Raises
    ------
    EngineError
        When the table is lost or a column is unknown.
    """
    if not profile.n_rows:
        return {}
    row = read_rows(table, profile, columns, np.array([0]))
    return {name: plain_value(row[name].iloc[0]) for name in columns}
