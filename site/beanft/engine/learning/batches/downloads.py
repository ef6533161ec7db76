"""Writes the predictions of a batch as files: CSV, exactly or safe for spreadsheets, and Parquet."""

import codecs
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from beanft.engine.errors import EngineError
from beanft.engine.learning.batches.results import profile_of
from beanft.engine.tables.queries.export import write

FORMATS = {"csv": "csv", "safe": "csv", "parquet": "parquet", "xlsx": "xlsx"}
"""What can be downloaded, and how the file's name ends: CSV as it is, CSV safe for spreadsheets, and more."""
MOST_ROWS = 1_048_575
"""Rows that fit on a sheet of Excel below the header."""
MOST_COLUMNS = 16_384
"""Columns that fit on it."""
_CHUNK_BYTES = 1 << 20
QUICK_CELLS = 100_000
"""Cells of a workbook that is written with the predictions, in about a second; larger ones when asked for."""


def write_text(
    path: Path,
    facts: Mapping[str, Any],
    target: Path,
    *,
    format: str,
    timeout_s: float = 120.0,
    memory_mb: int = 512,
) -> None:
    """Write the predictions as CSV: the original columns, their order and text kept, then what was added.

    Parameters
    ----------
    path : Path
        The file of predictions.
    facts : mapping
        What `work.predict_batch` gave.
    target : Path
        The new file, in the folder of `path`; removed again when anything fails.
    format : str
        csv, or safe: with a byte order mark, and an apostrophe before text that a spreadsheet would run as a
        formula.
    timeout_s : float
        Seconds after which the work is stopped.
    memory_mb : int
        Memory for the engine, in megabytes.

    Raises
    ------
    EngineError
        When it takes too long, or the file is lost.
    """
    profile = profile_of(facts, internal=False)
    names = [column.name for column in profile.columns]
    bare = target.with_name(f"{target.name}.part") if format == "safe" else target
    write(path, profile, bare, format=format, columns=names, timeout_s=timeout_s, memory_mb=memory_mb)
    if bare is not target:
        _mark(bare, target)


def _mark(bare: Path, target: Path) -> None:
    """Copy a CSV behind a byte order mark, by which spreadsheets know UTF-8."""
    try:
        with bare.open("rb") as source, target.open("wb") as goal:
            goal.write(codecs.BOM_UTF8)
            shutil.copyfileobj(source, goal, _CHUNK_BYTES)
    finally:
        bare.unlink(missing_ok=True)


def n_cells(facts: Mapping[str, Any]) -> int:
    """Count the cells of a workbook with the predictions.

    Parameters
    ----------
    facts : mapping
        What `work.predict_batch` gave.

    Returns
    -------
    int
        Rows times columns; row numbers are not written.

    Examples
    --------
    >>> n_cells({"n_rows": 10, "columns": ["a", "prediction", "row_number"]})
    20
    """
    return int(facts["n_rows"]) * (len(facts["columns"]) - 1)


def require_sheet(facts: Mapping[str, Any]) -> None:
    """Refuse what does not fit on a sheet of Excel.

    Parameters
    ----------
    facts : mapping
        What `work.predict_batch` gave.

    Raises
    ------
    EngineError
        When there are too many rows or columns.

    Examples
    --------
    >>> require_sheet({"n_rows": 10, "columns": ["a"]})
    """
    if facts["n_rows"] > MOST_ROWS:
        raise EngineError(
            f"A sheet of Excel holds {MOST_ROWS:,} rows below its header; these are {facts['n_rows']:,}. "
            "Download CSV or Parquet instead."
        )
    if len(facts["columns"]) > MOST_COLUMNS:
        raise EngineError(
            f"A sheet of Excel holds {MOST_COLUMNS:,} columns; these are {len(facts['columns']):,}. "
            "Download CSV or Parquet instead."
        )
