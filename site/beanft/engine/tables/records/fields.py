"""What a record holds: where each column's cell lies in it, and how its number becomes a value again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from beanft.engine.tables.quoting import literal, quote

_EPOCH = datetime(1970, 1, 1)
_FIRST_DAY = date(1970, 1, 1)


@dataclass(frozen=True, kw_only=True)
class Field:
    """How the cells of one column stand in the records; all of them are whole numbers there."""

    name: str
    """Name of the column."""
    stored: str
    """Its SQL type: BIGINT, DOUBLE, BOOLEAN, DATE, TIMESTAMP or VARCHAR."""
    bits: int
    """Room that a cell takes, with its share of a list of texts."""
    place: int = -1
    """Number of the records' column that holds it, from 0; -1 where it takes no room."""
    shift: int = 0
    """Bits of that number below it."""
    can_miss: bool = False
    """Whether some cells hold no value; they stand as 0, and all others one higher."""
    base: int = 0
    """The smallest number, which stands as 0."""
    step: int = 1
    """All numbers are multiples of it above the smallest."""
    digits: int = 0
    """Decimal digits of a DOUBLE: the number is the value times 10 to that power."""
    odd: tuple[str, ...] = ()
    """Doubles with no such number, such as 'nan' or '-0.0'; they stand before all others."""
    is_relative: bool = False
    """Whether the number of the row is taken off, as from numbers that count the rows."""
    first_text: int = -1
    """Number of its first text among all texts kept; -1 for texts that are spelled, and for other types."""
    letters: tuple[str, ...] = ()
    """Of a text that is spelled: what may stand at each place, ascending; the empty letter first for none."""

    @property
    def is_text(self) -> bool:
        """Whether it has a number of its own, which sorts as the text does."""
        return self.stored == "VARCHAR"

    @property
    def column(self) -> str:
        """Name of the records' column that holds it."""
        return f"c{self.place}"

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Field":
        """Read what `to_dict` and JSON made of a field."""
        return cls(**{**values, "letters": tuple(values["letters"]), "odd": tuple(values["odd"])})


def widths(letters: Sequence[str]) -> list[int]:
    """Say how many bits each letter of a spelled text takes.

    Parameters
    ----------
    letters : sequence of str
        What may stand at each place.

    Returns
    -------
    list of int
        Bits; 0 where there is no choice.

    Examples
    --------
    >>> widths(["C", "0123456789abcdef", "ab"])
    [0, 4, 1]
    """
    return [(len(one) - 1).bit_length() for one in letters]


_NUMBERS = {
    "BIGINT": "{0}",
    "DOUBLE": "round({0} * 1e{1})::BIGINT",
    "BOOLEAN": "{0}::BIGINT",
    "DATE": "({0} - DATE '1970-01-01')::BIGINT",
    "TIMESTAMP": "epoch_us({0})",
}


def code_sql(field: Field) -> str:
    """Write the SQL that makes the number in the record of a cell, from the table it is copied from.

    Parameters
    ----------
    field : Field
        Its column; a listed text is of the type that `listing` names.

    Returns
    -------
    str
        SQL of at most `bits` bits.
    """
    if field.is_text:
        listed = f"enum_code({quote(field.name)}::{listing(field)})::BIGINT"
        code = _spelled_sql(field) if field.letters else listed
    else:
        number = _NUMBERS[field.stored].format(quote(field.name), field.digits)
        if field.is_relative:
            number = f"({number} - file_row_number)"
        code = f"({number} - ({field.base}))"
        if field.step > 1:
            code = f"({code} // {field.step})"
        if field.odd:
            code = _odd_sql(field, code)
    return f"coalesce({code} + 1, 0)" if field.can_miss else code


def _odd_sql(field: Field, code: str) -> str:
    cases = (f"WHEN {is_odd_sql(field.name, one)} THEN {at}" for at, one in enumerate(field.odd))
    return f"CASE {' '.join(cases)} ELSE {code} + {len(field.odd)} END"


def is_odd_sql(name: str, value: str) -> str:
    """Write the SQL that asks whether a double is one of ODD.

    Parameters
    ----------
    name : str
        The column.
    value : str
        One of ODD.

    Returns
    -------
    str
        SQL; NULL for cells without a value.
    """
    cell = quote(name)
    if value == "-0.0":
        return f"({cell} = 0 AND signbit({cell}))"
    return f"isnan({cell})" if value == "nan" else f"({cell} = {literal(value)}::DOUBLE)"


ODD = ("-0.0", "nan", "inf", "-inf")
"""Doubles that no whole number stands for."""


def key_sql(field: Field) -> str:
    """Write the SQL by which records are sorted as the cells of a column are.

    Parameters
    ----------
    field : Field
        The column.

    Returns
    -------
    str
        SQL over the records and file_row_number; NULL for cells without a value. Not for a field with odd
        values, whose numbers are in no order.
    """
    code = "0"
    if field.place >= 0:
        code = (
            field.column
            if field.is_text
            else f"(({field.column} >> {field.shift}) & {(1 << field.bits) - 1})"
        )
    if field.can_miss:
        code = f"nullif({code}, 0)"
    return f"({code} + file_row_number)" if field.is_relative else code


def listing(field: Field) -> str:
    """Name the type whose values are the texts of a listed column, ascending.

    Parameters
    ----------
    field : Field
        The column.

    Returns
    -------
    str
        A name of our own.
    """
    return f"listed_{field.place}"


def _spelled_sql(field: Field) -> str:
    """Each letter's place among those that may stand there, the first letter in the highest bits."""
    name, shift, parts = quote(field.name), sum(widths(field.letters)), []
    for at, (letters, width) in enumerate(zip(field.letters, widths(field.letters), strict=True), 1):
        shift -= width
        if width:
            may_end = letters[0] == END
            known = letters[1:] if may_end else letters
            code = f"(strpos({literal(known)}, substr({name}, {at}, 1)) - {0 if may_end else 1})::BIGINT"
            if may_end:
                code = f"(CASE WHEN length({name}) < {at} THEN 0 ELSE {code} END)"
            parts.append(f"({code} << {shift})")
    return f"({' | '.join(parts)})" if parts else f"CASE WHEN {name} IS NOT NULL THEN 0 END"


END = "\0"
"""Stands for no letter; texts that hold it themselves are not spelled."""


def reader(field: Field, texts: Mapping[int, str]) -> Callable[[int, int], Any]:
    """Make the function that reads the cells of a column.

    Parameters
    ----------
    field : Field
        The column.
    texts : mapping of int to str
        Texts kept, by their number, for a listed column.

    Returns
    -------
    callable
        From the number in the records' column and the number of the row, from 0, to the value.
    """
    mask = -1 if field.is_text else (1 << field.bits) - 1
    value = partial(_text, field, texts) if field.is_text else partial(_VALUES[field.stored], field)

    def read(packed: int, row: int) -> Any:
        code = (packed >> field.shift) & mask
        if field.can_miss:
            if not code:
                return None
            code -= 1
        if field.odd:
            if code < len(field.odd):
                return float(field.odd[code])
            code -= len(field.odd)
        return value(field.base + field.step * code + (row if field.is_relative else 0))

    return read


def _text(field: Field, texts: Mapping[int, str], number: int) -> str:
    return _spell(field.letters, number) if field.letters else texts[field.first_text + number]


_VALUES: dict[str, Callable[[Field, int], Any]] = {
    "BIGINT": lambda _field, number: number,
    "DOUBLE": lambda field, number: number / 10**field.digits,
    "BOOLEAN": lambda _field, number: bool(number),
    "DATE": lambda _field, number: _FIRST_DAY + timedelta(days=number),
    "TIMESTAMP": lambda _field, number: _EPOCH + timedelta(microseconds=number),
}


def _spell(letters: Sequence[str], code: int) -> str:
    """The text of a spelled code.

    >>> _spell(["C", "0123", END + "ab"], 0b1110), _spell(["C", "0123", END + "ab"], 0b0000)
    ('C3b', 'C0')
    """
    found = []
    for known, width in zip(reversed(letters), reversed(widths(letters)), strict=True):
        found.append(known[code & ((1 << width) - 1)])
        code >>= width
    return "".join(reversed(found)).rstrip(END)
