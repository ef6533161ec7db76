"""Reads a column of dates: plain ones, and those whose form has digits only."""

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from beanft.engine.learning.checking.cells import Reader
from beanft.engine.learning.checking.columns import Column, among

_ISO = r"^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}([T ]([01][0-9]|2[0-3]):[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?)?$"
_PARTS = {"%Y": "[1-9][0-9]{3}", "%m": "[0-9]{2}", "%d": "[0-9]{2}", "%H": "[0-9]{2}", "%M": "[0-9]{2}"}
_PARTS["%S"] = "[0-9]{2}"
_DAY = ("%Y", "%m", "%d")
_CLOCK = ("%H", "%M", "%S")
_MOMENT = pa.timestamp("us")


def read_dates(reader: Reader, cells: pa.Array) -> Column:
    """Read the cells of a column of dates.

    Parameters
    ----------
    reader : Reader
        What reads single cells.
    cells : pyarrow.Array
        Texts or typed values.

    Returns
    -------
    Column
        The same as cell by cell.
    """
    column = Column(reader, cells)
    rows, present = column.present()
    if column.is_text:
        for pattern, iso in _forms(reader):
            if not len(rows):
                break
            moments = _moments(present, pattern, iso)
            fits = ~np.isnat(moments) & ~among(present, reader.spelled_values)
            column.decide(rows[fits], moments[fits])
            rows, present = rows[~fits], present.filter(pa.array(~fits))
    elif pa.types.is_date(present.type) or pa.types.is_timestamp(present.type):
        moments = present.cast(_MOMENT).to_numpy(zero_copy_only=False)
        column.decide(rows, moments)
        return column
    column.by_cell(rows, present)
    return column


def _forms(reader: Reader) -> list[tuple[str, str]]:
    """Patterns that are quick, with how what they match is written plainly; in the order of single cells."""
    parts = re.findall("%[A-Za-z]", reader.format)
    is_own = any(form.format == reader.format for form in reader.forms)
    found = []
    if reader.format and is_own and set(parts) <= _PARTS.keys() and set(_DAY) <= set(parts):
        found.append(_written(reader.format, parts))
    if not reader.format.startswith("%Y-"):  # else its own days may look like plain ones
        found.append((_ISO, ""))
    return found


def _written(form: str, parts: list[str]) -> tuple[str, str]:
    """The pattern of a form, and how its parts make a plain date."""
    pattern = re.sub(
        r"%[A-Za-z]|\.", lambda part: f"({_PARTS[part[0]]})" if part[0] in _PARTS else r"\.", form
    )
    group = {part: f"\\{number}" for number, part in enumerate(parts, start=1)}
    day = "-".join(group[part] for part in _DAY)
    clock = ":".join(group.get(part, "00") for part in _CLOCK)
    return f"^{pattern}$", f"{day} {clock}"


def _moments(texts: pa.Array, pattern: str, iso: str) -> np.ndarray:
    """Dates of the texts that match; none where one of them is no day, such as 31 February."""
    plain = pc.if_else(pc.match_substring_regex(texts, pattern), texts, pa.scalar(None, pa.string()))
    if iso:
        plain = pc.replace_substring_regex(plain, pattern, iso)
    try:
        moments: np.ndarray = pc.cast(plain, _MOMENT).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        return np.full(len(texts), np.datetime64("NaT"), dtype="datetime64[us]")
    return moments
