"""Checks whole tables: cells in a usual form are read in C, all others by the reader of single cells."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from beanft.engine.learning.checking.cells import Reader
from beanft.engine.learning.checking.columns import Column
from beanft.engine.learning.checking.dates import read_dates
from beanft.engine.learning.checking.levels import read_levels
from beanft.engine.learning.checking.numbers import read_numbers
from beanft.engine.learning.checking.readers import Layout, readers_of
from beanft.engine.learning.checking.remarks import LISTED, Checked, Log, at_rows
from beanft.engine.learning.inputs import tell_layout

_READ = {"number": read_numbers, "date": read_dates}


def check_table(
    table: pa.Table | pa.RecordBatch,
    schema: Sequence[Mapping[str, Any]],
    first_line: int = 1,
    *,
    plain_first: bool = False,
    unreadable_as_missing: bool = False,
) -> Checked:
    """Check and repair the rows of a table: the same values and remarks as `inputs.check` gives.

    Parameters
    ----------
    table : pyarrow.Table or RecordBatch
        Columns of text as they came, or typed.
    schema : sequence of mapping
        The training columns as `schema.describe` gives them.
    first_line : int
        Number of the first row in messages.
    plain_first : bool
        Whether the texts of numbers were written by a program from typed values, as in `cells.Reader`.
    unreadable_as_missing : bool
        Whether a cell that cannot be read counts as missing, which is told as a repair, and is no error.

    Returns
    -------
    Checked
        As many rows as came, in their order. Remarks on the whole table have no row.

    Examples
    --------
    >>> age = {"name": "age", "kind": "number", "stored": "DOUBLE", "format": ""}
    >>> check_table(pa.table({"age": ["44", " 1,5"]}), [age]).columns["age"].tolist()
    [44.0, 1.5]
    """
    log = Log()
    readers = readers_of(schema, plain_first=plain_first)
    layout = readers.layout(table.column_names)
    tell_layout(layout, log)
    columns: dict[str, np.ndarray] = {}
    marked: dict[str, dict[str, np.ndarray]] = {"unknown": {}, "unreadable": {}, "range": {}}
    for reader in readers.all:
        read = _read(reader, table, layout)
        columns[reader.name] = read.values
        told_as = {"error": "unreadable"} if unreadable_as_missing else {}
        _tell(read, reader, log, first_line, told_as)
        for code, rows in read.marks.items():
            if (found := marked.get(told_as.get(code, code))) is not None:
                found[reader.name] = at_rows(rows, table.num_rows)
    return log.checked(columns, table.num_rows, marked)


def _read(reader: Reader, table: pa.Table | pa.RecordBatch, layout: Layout) -> Column:
    """Read a column; one that did not come is missing in silence."""
    place = layout.places.get(reader.name)
    if place is None:
        return Column(reader, pa.nulls(table.num_rows, pa.string()))
    cells = table.column(place)
    if isinstance(cells, pa.ChunkedArray):
        cells = cells.combine_chunks()
    return _READ.get(reader.kind, read_levels)(reader, cells)


def _tell(read: Column, reader: Reader, log: Log, first_line: int, told_as: Mapping[str, str]) -> None:
    """Count the remarks of a column; the first of each sort get their sentence from the cell itself."""
    for code, rows in read.marks.items():
        told = told_as.get(code, code)
        more = " It was taken as missing." if told == "unreadable" else ""
        log.count(reader.name, told, len(rows))
        for row in np.sort(rows)[:LISTED].tolist():
            for sentence in read.sentences(code, row):
                log.keep(first_line + row, reader.name, told, sentence + more)
