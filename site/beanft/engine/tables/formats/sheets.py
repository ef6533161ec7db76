"""The program that opens a workbook in a process of its own: JSON in, JSON lines out.

The library gives up the whole process when memory runs out, and a few bytes can name a sheet of seventeen
billion cells.
"""

import datetime
import json
import resource
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import python_calamine as calamine

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[4]))

from beanft.engine.errors import EngineError
from beanft.engine.tables.formats.plain import PlainCsv
from beanft.engine.tables.wording import counted, shown

_EXACT = 2**53  # whole numbers are exact in a double up to here
_TITLE_ROWS = 20  # as many lines before a table can be titles
_TELL_EVERY = 5000
_NAMED_SHEETS = 10


def main() -> None:
    """Convert the sheet that standard input asks for, and tell on standard output."""
    spec = json.load(sys.stdin)
    limit = spec["memory_mb"] << 20
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))
    _tell(_outcome(spec))


def _outcome(spec: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"result": convert(spec)}
    except EngineError as error:
        return {"sentence": str(error)}
    except calamine.PasswordError:
        return {"sentence": "The workbook is protected by a password. Save it without one and upload that."}
    except MemoryError:
        return {"failed": "memory"}
    except OSError as error:
        return {"failed": "damaged"} if error.errno is None else {"failed": "disk", "errno": error.errno}
    except (calamine.CalamineError, ValueError, OverflowError):
        return {"failed": "damaged"}


def _tell(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def convert(spec: dict[str, Any]) -> dict[str, Any]:
    """Write a sheet as CSV.

    Parameters
    ----------
    spec : dict
        "path" and "target" (file names), "sheet" (a name or ''), "max_columns", "max_cells", "max_rows"
        (0 for all).

    Returns
    -------
    dict
        "sheet", "sheets" (names), "notes" (sentences) and "is_whole".

    Raises
    ------
    EngineError
        When there is no such sheet, none with a table, or it is too large.
    """
    with calamine.CalamineWorkbook.from_path(spec["path"]) as workbook:
        kinds = {one.name: one for one in workbook.sheets_metadata}
        names = [name for name in workbook.sheet_names if _has_cells(kinds[name])]
        sheet = _wished(workbook, names, spec["sheet"]) if spec["sheet"] else _first(workbook, names, kinds)
        _check_size(sheet, spec)
        notes = [_choice_note(sheet.name, names)] if len(names) > 1 else []
        if kinds[sheet.name].visible != calamine.SheetVisibleEnum.Visible:
            notes.append(f"The sheet {shown(sheet.name)} is hidden in the workbook.")
        table = _Table(sheet)
        notes += table.write(Path(spec["target"]), spec["max_rows"])
        return {"sheet": sheet.name, "sheets": names, "notes": notes, "is_whole": table.is_whole}


def _has_cells(kind: calamine.SheetMetadata) -> bool:
    return kind.typ == calamine.SheetTypeEnum.WorkSheet


def _choice_note(name: str, names: Sequence[str]) -> str:
    others = ", ".join(shown(other, 40) for other in names if other != name)
    return f"The workbook has {len(names):,} sheets; {shown(name)} was read. The others: {others}."


def _wished(workbook: calamine.CalamineWorkbook, names: Sequence[str], wish: str) -> calamine.CalamineSheet:
    if wish not in names:
        known = ", ".join(shown(name, 40) for name in names[:_NAMED_SHEETS])
        raise EngineError(f"The workbook has no sheet {shown(wish)}. Its sheets are {known}.")
    sheet = workbook.get_sheet_by_name(wish)
    if not sheet.height:
        raise EngineError(f"The sheet {shown(wish)} is empty. Choose another one.")
    return sheet


def _first(
    workbook: calamine.CalamineWorkbook, names: Sequence[str], kinds: dict[str, calamine.SheetMetadata]
) -> calamine.CalamineSheet:
    """The first sheet that looks most like a table: several rows, not hidden, several columns."""
    best, best_score = None, (False, False, False)
    for name in names:
        sheet = workbook.get_sheet_by_name(name)
        is_shown = kinds[name].visible == calamine.SheetVisibleEnum.Visible
        # Many a workbook begins with a page of notes in one column.
        score = (sheet.height > 1, is_shown, sheet.width > 1)
        if sheet.height and (best is None or score > best_score):
            best, best_score = sheet, score
        if all(best_score):
            break
    if best is None:
        raise EngineError("The workbook has no sheet with cells in it. Upload one with a table.")
    return best


def _check_size(sheet: calamine.CalamineSheet, spec: dict[str, Any]) -> None:
    if sheet.width > spec["max_columns"]:
        raise EngineError(
            f"The sheet {shown(sheet.name)} has {counted(sheet.width, 'column')}; {spec['max_columns']:,} "
            "are allowed. Leave out columns that are not needed and upload it again."
        )
    if sheet.width * sheet.height > spec["max_cells"]:
        raise EngineError(
            f"The sheet {shown(sheet.name)} has {sheet.width * sheet.height:,} cells; "
            f"{spec['max_cells']:,} are allowed. Leave out rows or columns and upload it again."
        )


class _Table:
    """The cells of a sheet on their way to text."""

    def __init__(self, sheet: calamine.CalamineSheet) -> None:
        self._sheet = sheet
        self._n_long = 0
        self._merged = _Merged(sheet)
        self.is_whole = True

    def write(self, target: Path, max_rows: int) -> list[str]:
        """Write all rows that hold something; give the notes."""
        timed = self._timed_columns()
        n_empty, in_titles = 0, True
        with PlainCsv(target) as out:
            for number, row in enumerate(self._sheet.iter_rows(), 1):
                row = self._merged.filled(number - 1, row)
                cells = [self._text(value, column in timed) for column, value in enumerate(row)]
                if not any(cells):
                    n_empty += 1
                    continue
                in_titles = in_titles and out.n_rows < _TITLE_ROWS and not any(cells[1:])
                out.write(cells[:1] if in_titles else cells)
                if max_rows and out.n_rows > max_rows:
                    self.is_whole = number > (self._sheet.end or (0, 0))[0]
                    break
                if number % _TELL_EVERY == 0:
                    _tell({"progress": number / self._sheet.height, "message": f"Reading row {number:,}"})
            return self._notes(n_empty) + out.notes()

    def _timed_columns(self) -> set[int]:
        """Columns of dates in which a clock time appears: the library leaves midnight out, cell by cell."""
        return {
            column
            for row in self._sheet.iter_rows()
            for column, value in enumerate(row)
            if type(value) is datetime.datetime
        }

    def _notes(self, n_empty: int) -> list[str]:
        notes = []
        start = self._sheet.start
        if start and start[1]:
            notes.append(f"{counted(start[1], 'empty column')} before the table left out.")
        if n_empty:
            notes.append(f"{counted(n_empty, 'empty row')} of the sheet left out.")
        if self._merged.n_filled:
            notes.append(
                f"Merged cells: their value was written into {counted(self._merged.n_filled, 'row')} below."
            )
        if self._n_long:
            notes.append(
                f"{counted(self._n_long, 'number')} with more than 15 digits: "
                "workbooks do not keep such numbers exactly."
            )
        return notes

    def _text(self, value: Any, timed: bool) -> str:
        if isinstance(value, str):
            return value
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, float):
            return self._number(value)
        return _moment(value, timed)

    def _number(self, value: float) -> str:
        if not value.is_integer():
            return repr(value)
        if abs(value) < _EXACT:
            return str(int(value))
        self._n_long += abs(value) < 1e300
        return repr(value)


class _Merged:
    """Cells merged over several rows: each row that has a cell of its own gets the value beside it.

    Of an area of several columns the first one counts. Rows of nothing but merged cells stay empty: they are
    the lower half of a heading, of a title or of a note.
    """

    def __init__(self, sheet: calamine.CalamineSheet) -> None:
        left = sheet.start[1] if sheet.start else 0
        self._begin: dict[int, list[tuple[int, int]]] = {}
        for (top, column), (bottom, _) in sheet.merged_cell_ranges or ():
            if bottom > top:
                self._begin.setdefault(top, []).append((column - left, bottom))
        self._open: dict[int, tuple[int, Any]] = {}
        self.n_filled = 0

    def filled(self, number: int, row: list[Any]) -> list[Any]:
        """A row of the sheet, counted from 0, with what reaches into it from above."""
        above = {column: value for column, (_, value) in self._open.items() if row[column] == ""}
        if above and any(value != "" for value in row):
            row = [above.get(column, value) for column, value in enumerate(row)]
            self.n_filled += 1
        self._open = {column: held for column, held in self._open.items() if number < held[0]}
        for column, bottom in self._begin.get(number, ()):
            if 0 <= column < len(row) and row[column] != "":
                self._open[column] = (bottom, row[column])
        return row


def _moment(value: Any, timed: bool) -> str:
    """A date, a time or a whole number as text."""
    if isinstance(value, datetime.datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, datetime.date):
        return f"{value.isoformat()} 00:00:00" if timed else value.isoformat()
    if isinstance(value, datetime.timedelta):
        return _duration(value)
    return str(value)


def _duration(value: datetime.timedelta) -> str:
    """Hours, minutes and seconds, however many hours."""
    sign, seconds = ("-", -value) if value < datetime.timedelta() else ("", value)
    minutes, rest = divmod(seconds.total_seconds(), 60)
    hours, minutes = divmod(int(minutes), 60)
    fraction = f"{rest:09.6f}".rstrip("0").rstrip(".")
    return f"{sign}{hours:02d}:{minutes:02d}:{fraction.zfill(2)}"


if __name__ == "__main__":
    main()
