"""Writes the predictions of a batch as an Excel workbook, row by row, in bounded memory."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from beanft.engine.atomic import whole
from beanft.engine.learning.batches.downloads import require_sheet
from beanft.engine.learning.batches.results import profile_of
from beanft.engine.progress import Progress
from beanft.engine.tables.connection import literal, quote, reading
from beanft.engine.tables.wording import counted

_ROWS_AT_ONCE = 5_000
_LONGEST = 32_767  # characters of a cell of Excel
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,10})(\.[0-9]{0,8}[1-9])?")  # what Excel shows just as it was written
_UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")  # no XML can hold these
_READ_S, _MEMORY_MB = 3600.0, 512


def write_workbook(
    *, source: str, target: str, facts: Mapping[str, Any], progress: Progress | None = None
) -> dict[str, Any]:
    """Write the predictions as a workbook of one sheet.

    Text is written as text: no cell is ever a formula or a link. A text that is a plain number, written as
    Excel would show it, becomes a number.

    Parameters
    ----------
    source : str
        The file of predictions.
    target : str
        The new workbook; written whole or not at all.
    facts : mapping
        What `work.predict_batch` gave.
    progress : Progress, optional
        Listener.

    Returns
    -------
    dict
        size_bytes.

    Raises
    ------
    EngineError
        When there are more rows or columns than a sheet holds, or the file is lost.
    """
    require_sheet(facts)
    names = [column.name for column in profile_of(facts, internal=False).columns]
    tell, n_rows = progress or Progress(), facts["n_rows"]
    options = {"constant_memory": True, "in_memory": False} | _AS_TEXT  # spills into the job's own folder
    with whole(Path(target)) as part, xlsxwriter.Workbook(str(part), options) as book:
        sheet = book.add_worksheet("Predictions")
        sheet.freeze_panes(1, 0)
        write = _writer(sheet, _formats(book))
        for place, name in enumerate(names):
            sheet.write_string(0, place, _fit(name))
        for row, cells in enumerate(_rows(Path(source), names), start=1):
            for place, cell in enumerate(cells):
                write(row, place, cell)
            if row % _ROWS_AT_ONCE == 0:
                tell(0.95 * row / n_rows, f"{counted(row, 'row')} written")
    return {"size_bytes": Path(target).stat().st_size}


_AS_TEXT = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def _rows(source: Path, names: list[str]) -> Any:
    wanted = ", ".join(quote(name) for name in names)
    with reading(source, memory_mb=_MEMORY_MB, timeout_s=_READ_S) as database:
        found = database.execute(f"SELECT {wanted} FROM read_parquet({literal(str(source))})")  # noqa: S608 -- quoted names
        while rows := found.fetchmany(_ROWS_AT_ONCE):
            yield from rows


def _formats(book: Any) -> dict[type, Any]:
    return {
        date: book.add_format({"num_format": "yyyy-mm-dd"}),
        datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
    }


def _writer(sheet: Any, formats: Mapping[type, Any]) -> Callable[[int, int, Any], None]:
    """Write one value by its own type; nothing is guessed from what a text looks like but plain numbers."""

    def write(row: int, place: int, value: Any) -> None:
        if value is None:
            return
        if isinstance(value, bool):
            sheet.write_boolean(row, place, value)
        elif isinstance(value, (int, float)):
            _write_number(sheet, row, place, value)
        elif type(value) in formats and value.year >= _FIRST_YEAR:
            sheet.write_datetime(row, place, value, formats[type(value)])
        elif isinstance(value, str) and _NUMBER.fullmatch(value):
            sheet.write_number(row, place, float(value))
        else:
            sheet.write_string(row, place, _fit(str(value)))

    return write


_FIRST_YEAR = 1901  # Excel knows no earlier days, and counts those of 1900 wrongly
_EXACT = 2**53


def _write_number(sheet: Any, row: int, place: int, value: float) -> None:
    if abs(value) < _EXACT or (isinstance(value, float) and abs(value) != float("inf") and value == value):
        sheet.write_number(row, place, value)
    else:  # not a number, infinite, or more digits than Excel keeps
        sheet.write_string(row, place, str(value))


def _fit(text: str) -> str:
    """What a cell can hold of a text."""
    return _UNFIT.sub("�", text)[:_LONGEST]
