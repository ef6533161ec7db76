"""Turns a sheet of a workbook into a CSV, in a process of its own that may fail without harm."""

import json
import os
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from beanft.engine.errors import EngineError
from beanft.engine.progress import Progress

_PROGRAM = Path(__file__).with_name("sheets.py")
_KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "LD_LIBRARY_PATH")
_RATIO = 100  # sheets shrink 5 to 30 times
_RATIO_FROM = 10 << 20
_CELLS_A_MB = 14_000  # measured: 72 bytes a cell while a sheet is read
_LOG_TAIL = 4000
_SAVE_AS_CSV = "Save the sheet as CSV and upload that: a CSV of any size is read in little memory."


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """What was read of a workbook."""

    sheet: str
    """Name of the sheet."""
    sheets: tuple[str, ...]
    """Names of all sheets, in the order of the workbook."""
    notes: tuple[str, ...]
    """What was left out or assumed."""
    is_whole: bool
    """Whether all rows were written."""


def convert(
    path: Path,
    target: Path,
    *,
    sheet: str = "",
    max_columns: int = 2000,
    max_cells: int = 2_000_000_000,
    max_rows: int = 0,
    unpacked_mb: int = 8192,
    memory_mb: int = 1024,
    progress: Progress = Progress(),  # noqa: B008 -- it holds nothing
) -> Sheet:
    """Write one sheet of an Excel or OpenDocument workbook as CSV.

    Whole numbers come without a fraction, dates as ISO texts, times and durations as HH:MM:SS, booleans as
    true and false, text as it was typed; cells that show an error such as #N/A are empty.

    Parameters
    ----------
    path : Path
        The workbook; it is only read.
    target : Path
        The CSV to write.
    sheet : str
        Name of the sheet; empty for the first that holds a table.
    max_columns : int
        Most columns allowed.
    max_cells : int
        Most cells allowed.
    max_rows : int
        Stop after so many rows; 0 for all.
    unpacked_mb : int
        Most megabytes of the parts of the workbook after unpacking.
    memory_mb : int
        Memory for the process that reads it, in megabytes; a sheet takes some 72 bytes a cell.
    progress : Progress
        Told the share of the rows written.

    Returns
    -------
    Sheet
        The sheet that was read, and the names of all.

    Raises
    ------
    EngineError
        When it is damaged, protected by a password, too large, or has no such sheet.
    """
    _check_parts(path, unpacked_mb)
    limits = {
        "max_columns": max_columns,
        "max_cells": max_cells,
        "max_rows": max_rows,
        "memory_mb": memory_mb,
    }
    spec = {"path": str(path.resolve()), "target": str(target.resolve()), "sheet": sheet, **limits}
    progress(0.0, "Opening the workbook")
    answer = _ask(spec, progress)
    if sentence := answer.get("sentence"):
        raise EngineError(sentence)
    if "result" not in answer:
        raise _failure(answer, memory_mb, is_sample=bool(max_rows))
    found = answer["result"]
    return Sheet(
        sheet=found["sheet"],
        sheets=tuple(found["sheets"]),
        notes=tuple(found["notes"]),
        is_whole=found["is_whole"],
    )


def _check_parts(path: Path, unpacked_mb: int) -> None:
    """Refuse a workbook whose parts would fill the memory, by what its directory promises."""
    if not zipfile.is_zipfile(path):
        return
    packed = path.stat().st_size
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise _failure({"failed": "damaged"}, 0) from error
    what = f"The workbook of {packed / 1024:,.0f} kB unpacks to {unpacked >> 20:,} MB"
    if unpacked > unpacked_mb << 20:
        raise EngineError(f"{what}; {unpacked_mb:,} MB are allowed. {_SAVE_AS_CSV}")
    if unpacked > _RATIO_FROM and unpacked > _RATIO * packed:
        raise EngineError(f"{what}, more than {_RATIO} times its size, as no table does. {_SAVE_AS_CSV}")


def _ask(spec: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Let the process convert; its last line is the answer, or how it ended."""
    environment = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    answer: dict[str, Any] = {}
    with (
        tempfile.TemporaryFile() as log,
        subprocess.Popen(  # noqa: S603  # our own program, no shell
            [sys.executable, "-I", str(_PROGRAM)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            encoding="utf-8",
        ) as process,
    ):
        try:
            answer = _listen(process, spec, progress)
        except BaseException:
            process.kill()
            raise
        code = process.wait()
        return answer or {"failed": _ending(code, log)}


def _listen(process: subprocess.Popen[str], spec: dict[str, Any], progress: Progress) -> dict[str, Any]:
    assert process.stdin is not None  # noqa: S101  # for mypy: it was asked for
    assert process.stdout is not None  # noqa: S101  # for mypy: it was asked for
    process.stdin.write(json.dumps(spec))
    process.stdin.close()
    for text in process.stdout:
        line: dict[str, Any] = json.loads(text)
        if "progress" not in line:
            return line
        progress(line["progress"], line["message"])
    return {}


def _ending(code: int, log: IO[bytes]) -> str:
    """What a process that gave no answer died of; a mistake in our own program is one here, too."""
    log.seek(0)
    text = log.read().decode("utf-8", "replace")
    if "memory allocation" in text or "MemoryError" in text or code == -9:
        return "memory"
    if code < 0 or "PanicException" in text:
        return "damaged"
    raise RuntimeError(f"the program that reads workbooks ended with {code}: {text[-_LOG_TAIL:]}")


def _failure(answer: dict[str, Any], memory_mb: int, *, is_sample: bool = False) -> Exception:
    if answer["failed"] == "disk":
        return OSError(answer["errno"], os.strerror(answer["errno"]))
    if answer["failed"] == "memory" and is_sample:  # the whole is read later, with more memory
        return EngineError("The sheet is too large for a look beforehand. It may still be read without.")
    if answer["failed"] == "memory":
        return EngineError(
            f"The sheet is too large to be read in the {memory_mb:,} MB of memory allowed, "
            f"which hold about {memory_mb * _CELLS_A_MB / 1e6:,.0f} million cells. {_SAVE_AS_CSV}"
        )
    return EngineError(
        "The workbook is damaged or not whole. Open it in the program that made it, save it again, "
        "or save the sheet as CSV, and upload that."
    )
