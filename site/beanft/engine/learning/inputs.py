"""The one checker of rows to predict, from a form, a CSV or JSON: it lists repairs and names errors."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from math import isfinite
from typing import Any

import numpy as np
import pandas as pd

from beanft.engine.tables.columns import Column
from beanft.engine.tables.kinds.cells import BLANKS, missing, value_of
from beanft.engine.tables.wording import counted, listed, shown

LISTED = 100
"""Remarks of each sort that are kept; the others are only counted."""

_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]*,[0-9]+")
_FILLED = "It has no value; it was filled the way training filled missing ones."
_AMBIGUOUS = re.compile(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}")  # 1,234 is a thousand to some and one to others

Row = Sequence[str | None]


@dataclass(frozen=True, kw_only=True)
class Remark:
    """A repair or an error."""

    row: int | None
    """Number of the row, or None when it concerns the whole table."""
    column: str | None
    """The training column, or None."""
    code: str
    """blanks, comma, case, missing, unknown, range, extra, order, header for repairs; error."""
    sentence: str
    """What was found, without the place: fit to stand beside a form's field."""

    @property
    def text(self) -> str:
        """The sentence with its place.

        >>> Remark(row=3, column="age", code="error", sentence="“abc” is not a number.").text
        'Row 3, column “age”: “abc” is not a number.'
        """
        if self.row is None:
            return self.sentence
        place = (
            f"Row {self.row:,}" if self.column is None else f"Row {self.row:,}, column {shown(self.column)}"
        )
        return f"{place}: {self.sentence}"

    def facts(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self) | {"text": self.text}


@dataclass(frozen=True, kw_only=True)
class Checked:
    """Rows that were checked."""

    frame: pd.DataFrame
    """One column for each training column, as the model takes it; cells in error are missing."""
    repairs: tuple[Remark, ...]
    """The first repairs, by row."""
    repair_counts: dict[str, int]
    """All repairs by code."""
    errors: tuple[Remark, ...]
    """The first errors, by row."""
    n_errors: int
    """All errors."""


@dataclass(frozen=True)
class _Cell:
    """What a text means in a column: its value, and (code, sentence) of what was repaired or wrong."""

    value: Any = None
    remarks: tuple[tuple[str, str], ...] = ()


@dataclass
class _Log:
    """Remarks, counted all and kept up to a limit in each column."""

    kept: list[Remark] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, row: int | None, column: str | None, code: str, sentence: str) -> None:
        """Count a remark, and keep it while its column has room."""
        self.counts[code] += 1
        self.kept.append(Remark(row=row, column=column, code=code, sentence=sentence))

    def first(self, codes: Callable[[str], bool]) -> tuple[Remark, ...]:
        """The first remarks by row."""
        chosen = [remark for remark in self.kept if codes(remark.code)]
        return tuple(sorted(chosen, key=lambda remark: remark.row or 0)[:LISTED])


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
        The frame has as many rows as came, in their order. Nothing is evaluated: text stays text.

    Examples
    --------
    >>> age = {"name": "age", "kind": "number", "stored": "DOUBLE", "format": ""}
    >>> check(["Age"], [[" 1,5"], ["abc"]], [age]).errors[0].text
    'Row 2, column “age”: “abc” is not a number.'
    """
    log = _Log()
    places = _places(names, schema, log)
    columns: dict[str, Any] = {}
    width = len(names)
    for i, row in enumerate(rows):
        if len(row) != width:
            sentence = f"It has {counted(len(row), 'cell')} instead of {width}."
            log.add(first_line + i, None, "error", sentence)
    for column in schema:
        place = places.get(column["name"])
        cells = [row[place] if place is not None and place < len(row) else None for row in rows]
        columns[column["name"]] = _read(cells, column, log, first_line, told=place is not None)
    return Checked(
        frame=pd.DataFrame(columns, index=range(len(rows))),
        repairs=log.first(lambda code: code != "error"),
        repair_counts={code: n for code, n in sorted(log.counts.items()) if code != "error"},
        errors=log.first(lambda code: code == "error"),
        n_errors=log.counts["error"],
    )


def _places(names: Sequence[str], schema: Sequence[Mapping[str, Any]], log: _Log) -> dict[str, int]:
    """Find the training columns among the names that came."""
    exact = {name: i for i, name in reversed(list(enumerate(names)))}
    loose: dict[str, list[int]] = {}
    for i, name in enumerate(names):
        loose.setdefault(_folded(name), []).append(i)
    places: dict[str, int] = {}
    absent = []
    wanted = {column["name"] for column in schema}
    for name in (column["name"] for column in schema):
        near = [i for i in loose.get(_folded(name), []) if names[i] == name or names[i] not in wanted]
        if list(names).count(name) > 1 or (name not in exact and len(near) > 1):
            log.add(None, name, "error", f"The column {shown(name)} came more than once. Keep one of them.")
        elif name in exact:
            places[name] = exact[name]
        elif near:
            places[name] = near[0]
            log.add(None, name, "header", f"The column {shown(names[near[0]])} was taken for {shown(name)}.")
        else:
            absent.append(name)
    if absent:
        are = "The column is missing" if len(absent) == 1 else "These columns are missing"
        whole = ", ".join(column["name"] for column in schema)
        log.add(
            None, absent[0], "error", f"{are}: {', '.join(absent)}. The model needs the columns: {whole}."
        )
    _tell_rest(names, places, log)
    return places


def _tell_rest(names: Sequence[str], places: Mapping[str, int], log: _Log) -> None:
    extra = [name for i, name in enumerate(names) if i not in set(places.values())]
    if extra:
        were = "column was" if len(extra) == 1 else "columns were"
        log.add(None, None, "extra", f"{len(extra)} {were} not needed and left aside: {listed(extra)}.")
    order = list(places.values())
    if order != sorted(order):
        log.add(
            None, None, "order", "The columns came in another order than in training, which was put right."
        )


def _read(
    cells: Iterable[str | None], column: Mapping[str, Any], log: _Log, first_line: int, *, told: bool
) -> Any:
    """Read a column; each different text is looked at once."""
    reader = _reader(column)
    seen: dict[str | None, _Cell] = {}
    values = []
    kept: Counter[str] = Counter()
    for row, text in enumerate(cells, start=first_line):
        cell = seen.get(text)
        if cell is None:
            # models of before have no spellings of their own
            cell = seen[text] = _meaning(text, reader, column.get("spellings"))
        values.append(cell.value)
        for code, sentence in cell.remarks if told else ():
            if kept[code] < LISTED:
                log.add(row, column["name"], code, sentence)
            else:
                log.counts[code] += 1
            kept[code] += 1
    return _typed(values, column["kind"])


def _typed(values: list[Any], kind: str) -> Any:
    if kind == "number":
        return np.array([np.nan if value is None else value for value in values], dtype=float)
    if kind == "date":
        return pd.Series(pd.to_datetime(pd.Series(values, dtype=object)), dtype="datetime64[us]")
    return pd.Series(values, dtype=object)


def _meaning(text: str | None, reader: Callable[[str], _Cell], spellings: Sequence[str] | None) -> _Cell:
    if text is None or missing(text, spellings):
        return _Cell(remarks=(("missing", _FILLED),))
    trimmed = text.strip(BLANKS)
    cell = reader(trimmed)
    if trimmed == text:
        return cell
    return _Cell(cell.value, (("blanks", f"Blanks around {shown(trimmed)} were removed."), *cell.remarks))


def _reader(column: Mapping[str, Any]) -> Callable[[str], _Cell]:
    """What reads the trimmed, present cells of a column."""
    if column["kind"] == "number":
        return lambda text: _number(text, column)
    if column["kind"] == "date":
        return lambda text: _date(text, column)
    known = _known(column)
    folded = {level.casefold(): level for level in known or ()}
    return lambda text: _level(text, column, known, folded)


def _number(text: str, column: Mapping[str, Any]) -> _Cell:
    value = _as_stored(text, column, "DOUBLE")
    remarks: tuple[tuple[str, str], ...] = ()
    if value is None and _AMBIGUOUS.fullmatch(text):
        return _Cell(
            remarks=(("error", f"{shown(text)} could be {text.replace(',', '.')} or {text.replace(',', '')}; "
                      "write it without a comma."),)
        )  # fmt: skip
    if value is None and _DECIMAL_COMMA.fullmatch(text):
        value = float(text.replace(",", "."))
        remarks = (("comma", f"{shown(text)} was read as {value:g}."),)
    if value is None or not isfinite(value):
        return _Cell(remarks=(("error", f"{shown(text)} is not a number."),))
    low, high = column.get("minimum"), column.get("maximum")
    if low is not None and high is not None and not low <= value <= high:
        remarks += (("range", f"{text} lies outside the {low:g} to {high:g} seen in training."),)
    return _Cell(float(value), remarks)


def _date(text: str, column: Mapping[str, Any]) -> _Cell:
    value = _as_stored(text, column, "DATE", "TIMESTAMP")
    if value is None:
        return _Cell(remarks=(("error", f"{shown(text)} is not a date. Write it as 2026-12-31."),))
    moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
    low, high = column.get("minimum"), column.get("maximum")
    if low and high and not datetime.fromisoformat(low) <= moment <= datetime.fromisoformat(high):
        return _Cell(moment, (("range", f"{text} lies outside the {low} to {high} seen in training."),))
    return _Cell(moment)


def _level(
    text: str, column: Mapping[str, Any], known: frozenset[str] | None, folded: Mapping[str, str]
) -> _Cell:
    value = text
    if column["stored"] != "VARCHAR":
        value = _as_text(_as_stored(text, column)) or text
    if known is None or value in known:
        return _Cell(value)
    if value.casefold() in folded:
        near = folded[value.casefold()]
        return _Cell(near, (("case", f"{shown(text)} was read as {shown(near)}."),))
    return _Cell(remarks=(("unknown", f"Unknown category {shown(text)}, treated as missing."),))


def _as_stored(text: str, column: Mapping[str, Any], *others: str) -> Any:
    """Read a text as the ingest read the column, or else in the plain form of other types."""
    forms = [(column["stored"], column["format"]), *((stored, "") for stored in others)]
    tried = (_column(column, stored, form) for stored, form in forms if stored != "VARCHAR")
    found = (value_of(one, text) for one in tried)
    return next((value for value in found if value is not None), None)


def _column(column: Mapping[str, Any], stored: str, form: str) -> Column:
    """A column of the model as a profile has it; models of before know neither unit nor spellings."""
    spellings = column.get("spellings")
    return Column(
        name="",
        kind="",
        stored=stored,
        n_missing=0,
        n_distinct=0,
        format=form,
        unit=column.get("unit", ""),
        spellings=None if spellings is None else tuple(spellings),
    )


def _as_text(value: bool | int | float | date | None) -> str | None:
    """Write a stored value as the frame holds it in a category column."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def _known(column: Mapping[str, Any]) -> frozenset[str] | None:
    """All levels, or None when any text is fine."""
    if column.get("known") is not None:
        return frozenset(column["known"])
    choices = column.get("choices") or ()
    return frozenset(choices) if choices and column.get("n_choices") == len(choices) else None


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()
