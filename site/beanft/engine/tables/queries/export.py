"""Writes rows as files: CSV, exactly or made safe for spreadsheets, and Parquet."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from beanft.engine.errors import EngineError
from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.connection import literal, quote, reading, table
from beanft.engine.tables.queries.conditions import Filter, column_of
from beanft.engine.tables.queries.formulas import DIGITS, safe_text
from beanft.engine.tables.queries.pages import Sort, conditions, order_by

# What str.strip takes away, for a pattern of the engine (RE2), which has no such class of its own.
_BLANKS = "".join(f"\\x{{{code:x}}}" for code in range(0x3001) if chr(code).isspace())
_RISKY_SQL = rf"^(?:[ \x{{a0}}]*[\t\r]|[{_BLANKS}]*[=+\-@|%])"
_NUMBER_SQL = rf"[{_BLANKS}]*{DIGITS}[{_BLANKS}]*"

FORMATS = {"csv": "csv", "safe": "csv", "parquet": "parquet"}
"""What `write` can write, and how the file's name ends: exact CSV, CSV safe for spreadsheets, Parquet."""

_WRITING = {
    "csv": "FORMAT csv, HEADER true, DELIMITER ',', QUOTE '\"', ESCAPE '\"'",
    "parquet": "FORMAT parquet, COMPRESSION zstd",
}


def write(
    path: Path,
    profile: Profile,
    target: Path,
    *,
    format: str = "csv",
    filters: Sequence[Filter] = (),
    sorts: Sequence[Sort] = (),
    search: str = "",
    columns: Sequence[str] = (),
    timeout_s: float = 60.0,
    memory_mb: int = 1024,
) -> None:
    """Write the rows of a table, filtered and sorted, to a file, without ever loading the table.

    Parameters
    ----------
    path : Path
        The version's Parquet file.
    profile : Profile
        Its profile.
    target : Path
        The new file, in the folder of `path`: nothing else can be written to. It is removed again when
        anything fails.
    format : str
        A key of FORMATS. CSV is UTF-8 with a header; missing values are empty, an empty text is "",
        true and false are written so, dates and times as in 2024-12-31 23:59:59.
    filters : sequence of Filter
        Conditions that must all hold.
    sorts : sequence of Sort
        Orders, the most important first; equals keep the order of the file.
    search : str
        Text that some column of a row must hold.
    columns : sequence of str
        Columns wanted, in this order; all when empty.
    timeout_s : float
        Seconds after which the work is stopped.
    memory_mb : int
        Memory for the engine, in megabytes.

    Raises
    ------
    EngineError
        When the format, a column or an operator is unknown, a value does not fit, or it takes too long.
    """
    if format not in FORMATS:
        raise EngineError("This format cannot be written. Choose csv, safe or parquet.")
    chosen = [column_of(profile, name) for name in columns] or list(profile.columns)
    condition, values = conditions(profile, filters, search)
    order = f" ORDER BY {order_by(profile, sorts)}" if sorts else ""
    wanted = ", ".join(_written(column, safe=format == "safe") for column in chosen)
    try:
        with reading(path, memory_mb=memory_mb, timeout_s=timeout_s) as database:
            rows = f"SELECT {wanted} FROM {table(database, path)} WHERE {condition}{order}"  # noqa: S608 -- quoted names, bound values
            database.execute(f"COPY ({rows}) TO {literal(str(target))} ({_WRITING[FORMATS[format]]})", values)
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _written(column: Column, *, safe: bool) -> str:
    """A column as it is written; names of columns are a stranger's text, too."""
    name = quote(column.name)
    if not safe:
        return name
    if column.stored != "VARCHAR":
        return f"{name} AS {quote(safe_text(column.name))}"
    risky = f"regexp_matches({name}, {literal(_RISKY_SQL)})"
    number = f"NOT contains({name}, chr(9)) AND regexp_full_match({name}, {literal(_NUMBER_SQL)})"
    safely = f"CASE WHEN {risky} AND NOT ({number}) THEN chr(39) || {name} ELSE {name} END"
    return f"{safely} AS {quote(safe_text(column.name))}"


def csv_rows(
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    safe_for_spreadsheets: bool,
    delimiter: str = ",",
) -> Iterator[str]:
    r"""Write a header and rows as lines of a CSV.

    Parameters
    ----------
    columns : sequence of str
        The header.
    rows : iterable of sequences
        Plain values; None becomes an empty cell, true and false are written small, dates as ISO 8601.
    safe_for_spreadsheets : bool
        Whether text that a spreadsheet would run as a formula gets a leading apostrophe.
    delimiter : str
        What stands between cells.

    Yields
    ------
    str
        One row with its line end, quoted where needed.

    Examples
    --------
    >>> list(csv_rows(["a", "b"], [["=1+1", -2], ["-3", None]], safe_for_spreadsheets=True))
    ['a,b\n', "'=1+1,-2\n", '-3,\n']
    """
    line = io.StringIO()
    # Both signs of a line end, so that cells with either one are quoted.
    writer = csv.writer(line, delimiter=delimiter, lineterminator="\r\n")
    for cells in chain([columns], rows):
        writer.writerow([_text(cell, safe_for_spreadsheets) for cell in cells])
        yield line.getvalue().removesuffix("\r\n") + "\n"
        line.seek(0)
        line.truncate()


def _text(value: Any, safe: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return safe_text(value) if safe else value
    return value.isoformat(" ") if hasattr(value, "hour") else str(value)
