"""Reads a column of numbers: plain ones, those in the column's own style, and decimal commas."""

import re
from collections.abc import Callable
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from beanft.engine.learning.checking.cells import AMBIGUOUS, Reader
from beanft.engine.learning.checking.cells import DECIMAL_COMMA as WITH_COMMA
from beanft.engine.learning.checking.columns import Column, among, as_bool, without_blanks
from beanft.engine.tables.kinds.numbers import DECIMAL_COMMA, THOUSANDS_BLANK, THOUSANDS_COMMA

_PLAIN = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$"
_GROUP = {DECIMAL_COMMA: ".", THOUSANDS_COMMA: ",", THOUSANDS_BLANK: " "}

Lane = Callable[[pa.Array], np.ndarray]
"""Gives the numbers of texts, NaN or infinite where it does not know them."""


def read_numbers(reader: Reader, cells: pa.Array) -> Column:
    """Read the cells of a column of numbers.

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
        for lane, code in _lanes(reader):
            if not len(rows):
                break
            numbers = lane(present)
            fits = np.isfinite(numbers)
            column.decide(rows[fits], numbers[fits] + 0.0, code)  # there is one nought only
            rows, present = rows[~fits], present.filter(pa.array(~fits))
    elif pa.types.is_integer(present.type) or pa.types.is_floating(present.type):
        numbers = present.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        fits = np.isfinite(numbers) & ~np.isin(numbers, list(reader.missing_numbers))
        column.decide(rows[fits], numbers[fits] + 0.0)
        rows, present = rows[~fits], present.filter(pa.array(~fits))
    column.by_cell(rows, present)
    return column


def _lanes(reader: Reader) -> list[tuple[Lane, str]]:
    """The ways that are quick, in the order in which a single cell is tried, with what is said of each."""
    plain: Lane = partial(_plain, spelled=reader.spelled_values)
    usual = [plain]
    if reader.format or reader.unit:
        styled: Lane = partial(_styled, reader=reader)
        # A point may stand between thousands: then the column's own style comes first.
        own_first = reader.format == DECIMAL_COMMA and not reader.plain_first
        usual = [styled, plain] if own_first else [plain, styled]
    lanes = [(lane, "") for lane in usual]
    lanes += [(partial(_trimmed, lane=lane), "blanks") for lane in usual]
    if reader.format != DECIMAL_COMMA:
        lanes.append((partial(_comma, spelled=reader.spelled_values), "comma"))
    return lanes


def _plain(texts: pa.Array, spelled: list[str]) -> np.ndarray:
    try:
        numbers = _floats(texts)
    except pa.ArrowInvalid:
        numbers = _floats_where(pc.match_substring_regex(texts, _PLAIN), texts)
    return _unless(spelled, texts, numbers)


def _styled(texts: pa.Array, reader: Reader) -> np.ndarray:
    """Numbers in the column's own style and with its unit, as they are usually written."""
    group, unit = _GROUP.get(reader.format, ""), reader.unit
    point = "," if reader.format == DECIMAL_COMMA else "[.]"
    groups = f"|[1-9][0-9]{{0,2}}({re.escape(group)}[0-9]{{3}}){{1,4}}" if group else ""
    body = f"(0|[1-9][0-9]{{0,14}}{groups})({point}[0-9]+)?"
    u = re.escape(unit)
    pattern = f"^(-?{u} ?{body}|-?{body} ?{u}|-?{body})$" if unit else f"^-?{body}$"
    bare = texts
    for sign in dict.fromkeys((unit, " ", group)):
        bare = pc.replace_substring(bare, sign, "") if sign else bare
    if reader.format == DECIMAL_COMMA:
        bare = pc.replace_substring(bare, ",", ".")
    numbers = _floats_where(pc.match_substring_regex(texts, pattern), bare)
    return _unless(reader.spelled_values, texts, numbers)


def _comma(texts: pa.Array, spelled: list[str]) -> np.ndarray:
    """Decimal commas in a column that has none."""
    is_comma = pc.match_substring_regex(texts, f"^({WITH_COMMA.pattern})$")
    is_clear = pc.invert(pc.match_substring_regex(texts, f"^({AMBIGUOUS.pattern})$"))
    numbers = _floats_where(pc.and_(is_comma, is_clear), pc.replace_substring(texts, ",", "."))
    return _unless(spelled, texts, numbers)


def _trimmed(texts: pa.Array, lane: Lane) -> np.ndarray:
    """Texts with blanks at their ends."""
    bare = without_blanks(texts)
    return np.where(as_bool(pc.equal(bare, texts)), np.nan, lane(bare))


def _unless(words: list[str], texts: pa.Array, numbers: np.ndarray) -> np.ndarray:
    """Leave out numbers that are words for missing, such as -999."""
    return np.where(among(texts, words), np.nan, numbers) if words else numbers


def _floats_where(mask: pa.Array, texts: pa.Array) -> np.ndarray:
    return _floats(pc.if_else(mask, texts, pa.scalar(None, pa.string())))


def _floats(texts: pa.Array) -> np.ndarray:
    """The nearest float of each text, as Python's own reading gives it."""
    result: np.ndarray = pc.cast(texts, pa.float64()).to_numpy(zero_copy_only=False)
    return result
