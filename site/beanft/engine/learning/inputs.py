"""The one checker of rows to predict, from a form, a CSV or JSON: it lists repairs and names errors."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from beanft.engine.learning.checking.cells import Cell, Reader
from beanft.engine.learning.checking.readers import Layout, Readers, readers_of
from beanft.engine.learning.checking.remarks import LISTED, Checked, Log, Remark, at_rows
from beanft.engine.tables.wording import counted

__all__ = ["LISTED", "Checked", "Remark", "check", "check_records", "tell_layout"]

_ABSENT = "The column is missing. Send it, or null where its value is not known."
_SEND_THEM = "Send them, or null where their values are not known."
_SHOWN = 30  # absent columns that a sentence names

Row = Sequence[str | None]


def check(
    names: Sequence[str], rows: Sequence[Row], schema: Sequence[Mapping[str, Any]], first_line: int = 1
) -> Checked:
    """Check and repair rows of raw text.

    Parameters
    ----------
    names : sequence of str
        Names of the columns that came.
    rows : sequence of sequences of str or None
        Their cells as they came.
    schema : sequence of mapping
        The training columns as `schema.describe` gives them.
    first_line : int
        Number of the first row in messages.

    Returns
    -------
    Checked
        As many rows as came, in their order. Nothing is evaluated: text stays text.

    Examples
    --------
    >>> age = {"name": "age", "kind": "number", "stored": "DOUBLE", "format": ""}
    >>> check(["Age"], [[" 1,5"], ["abc"]], [age]).errors[0].text
    'Row 2, column “age”: “abc” is not a number.'
    """
    log = Log()
    readers = readers_of(schema)
    layout = readers.layout(names)
    tell_layout(layout, log)
    for i, row in enumerate(rows, start=first_line):
        if len(row) != len(names):
            log.add(i, None, "error", f"It has {counted(len(row), 'cell')} instead of {len(names)}.")
    told = set(layout.places)
    places = layout.places

    def cell(i: int, name: str) -> str | None:
        place = places.get(name, -1)
        return rows[i][place] if 0 <= place < len(rows[i]) else None

    return _checked(readers, log, len(rows), first_line, cell, lambda _, name: name in told)


def check_records(records: Sequence[Mapping[str, Any]], schema: Sequence[Mapping[str, Any]]) -> Checked:
    """Check and repair rows of JSON: what is said of a row never depends on the rows beside it.

    Parameters
    ----------
    records : sequence of mapping
        Rows; keys in any order, each with text, a number, true, false or None. A number in a column of
        numbers is taken as it is; whatever stands for another kind is read as its text would be.
    schema : sequence of mapping
        The training columns as `schema.describe` gives them.

    Returns
    -------
    Checked
        As many rows as came, in their order; all remarks name their row. The columns that a row lacks are
        one error of that row.

    Examples
    --------
    >>> age = {"name": "age", "kind": "number", "stored": "DOUBLE", "format": ""}
    >>> checked = check_records([{"age": 44}, {"Age": "44.0"}, {}], [age])
    >>> checked.columns["age"].tolist(), checked.errors[0].row
    ([44.0, 44.0, nan], 3)
    """
    log = Log(by_row=True)
    readers = readers_of(schema)
    keys = [tuple(record) for record in records]
    layouts = [readers.layout(names) for names in keys]
    for i, layout in enumerate(layouts, start=1):
        for name, code, sentence in layout.repairs:
            log.add(i, name, code, sentence)
        for name, sentence in layout.doubled:
            log.add(i, name, "error", sentence)
        if layout.absent:
            only = layout.absent[0] if len(layout.absent) == 1 else None
            log.add(i, only, "error", _ABSENT if only else f"{_absent(layout.absent)} {_SEND_THEM}")

    def cell(i: int, name: str) -> Any:
        place = layouts[i].places.get(name)
        return None if place is None else records[i][keys[i][place]]

    return _checked(readers, log, len(records), 1, cell, lambda i, name: name in layouts[i].places)


def tell_layout(layout: Layout, log: Log) -> None:
    """Tell what was found of the columns of a whole table.

    Parameters
    ----------
    layout : Layout
        Where the training columns are.
    log : Log
        Takes the remarks.
    """
    for name, sentence in layout.doubled:
        log.add(None, name, "error", sentence)
    if layout.absent:
        it = "it; add it" if len(layout.absent) == 1 else "them; add them"
        log.add(
            None, layout.absent[0], "error", f"{_absent(layout.absent)} The model needs {it} to the table."
        )
    for column, code, sentence in layout.repairs:
        log.add(None, column, code, sentence)
    if not layout.in_order:
        log.add(
            None, None, "order", "The columns came in another order than in training, which was put right."
        )


def _absent(names: Sequence[str]) -> str:
    are = "The column is missing" if len(names) == 1 else "These columns are missing"
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    return f"{are}: {', '.join(names[:_SHOWN])}{more}."


def _checked(
    readers: Readers,
    log: Log,
    n_rows: int,
    first_line: int,
    cell: Callable[[int, str], Any],
    told: Callable[[int, str], bool],
) -> Checked:
    """Read all columns; only cells that came are told of."""
    columns: dict[str, np.ndarray] = {}
    marked: dict[str, dict[str, np.ndarray]] = {"unknown": {}, "range": {}}
    for reader in readers.all:
        name = reader.name
        found = _read(reader, [cell(i, name) for i in range(n_rows)])
        columns[name] = reader.array([one.value for one in found])
        rows: dict[str, list[int]] = {}
        for i, one in enumerate(found):
            for code, sentence in one.remarks:
                if told(i, name):
                    log.add(first_line + i, name, code, sentence)
                    rows.setdefault(code, []).append(i)
        for code in marked.keys() & rows.keys():
            marked[code][name] = at_rows(rows[code], n_rows)
    return log.checked(columns, n_rows, marked)


def _read(reader: Reader, cells: Sequence[Any]) -> list[Cell]:
    """Read a column; each different text is looked at once."""
    seen: dict[str | None, Cell] = {}
    found = []
    for value in cells:
        if value is not None and not isinstance(value, str):
            found.append(reader.typed(value))
            continue
        cell = seen.get(value)
        if cell is None:
            cell = seen[value] = reader.meaning(value)
        found.append(cell)
    return found
