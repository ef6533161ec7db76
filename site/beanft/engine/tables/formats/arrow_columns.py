"""Brings a column of any Arrow type to one of the six types that a stored table has."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from beanft.engine.tables.wording import shown

_EXACT_DIGITS = 15  # decimal digits that a double always gives back
_LARGEST = 2**63 - 1
_SECONDS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


@dataclass
class Conversion:
    """How one column is converted, and what happens to its values on the way."""

    name: str
    """Its stored name."""
    stored: pa.DataType
    """Its stored type."""
    convert: Callable[[pa.Array], pa.Array]
    """Makes the stored values of plain ones."""
    note: str = ""
    """What was changed, for a sentence; empty for nothing."""
    zone: str = ""
    """The zone that moments of another one were turned into, or ''."""

    def __call__(self, array: pa.Array) -> pa.Array:
        """The same values in the stored type."""
        return self.convert(_decoded(array))


def conversions(
    schema: pa.Schema, names: Sequence[str], pieces: Iterable[pa.RecordBatch]
) -> list[Conversion]:
    """Decide how each column is converted; where that depends on the values, they are looked through first.

    Whole numbers become BIGINT, and fractions DOUBLE, where that is exact, else text; moments become UTC
    without a zone; what is nested becomes JSON text.

    Parameters
    ----------
    schema : Schema
        Types of the columns.
    names : sequence of str
        Names to store, in the order of the schema.
    pieces : iterable of RecordBatch
        All rows; they are read only where values decide.

    Returns
    -------
    list of Conversion
        One for each column.

    Examples
    --------
    >>> batch = pa.record_batch({"n": pa.array([1, 2**64 - 1], pa.uint64())})
    >>> (column,) = conversions(batch.schema, ["n"], [batch])
    >>> column.stored, column(batch["n"]).to_pylist()
    (DataType(string), ['1', '18446744073709551615'])
    """
    kinds = [_plain_type(kind) for kind in schema.types]
    looks = {number: _Look() for number, kind in enumerate(kinds) if _depends(kind)}
    if looks:
        for piece in pieces:
            for number, look in looks.items():
                look.take(_decoded(piece.column(number)))
    return [
        Conversion(name, *_how(kind, looks.get(number)), zone=_zone(kind))
        for number, (name, kind) in enumerate(zip(names, kinds, strict=True))
    ]


def _decoded(array: pa.Array) -> pa.Array:
    """The plain array behind a dictionary, a run-length encoding or a type of somebody's own."""
    while True:
        kind = array.type
        if isinstance(kind, pa.BaseExtensionType):
            array = array.storage
        elif pa.types.is_dictionary(kind):
            array = array.dictionary_decode()
        elif pa.types.is_run_end_encoded(kind):
            array = pc.run_end_decode(array)
        else:
            return array


def _plain_type(kind: pa.DataType) -> pa.DataType:
    while True:
        if isinstance(kind, pa.BaseExtensionType):
            kind = kind.storage_type
        elif pa.types.is_dictionary(kind) or pa.types.is_run_end_encoded(kind):
            kind = kind.value_type
        else:
            return kind


def _depends(kind: pa.DataType) -> bool:
    return bool(pa.types.is_decimal(kind) or pa.types.is_uint64(kind) or _is_bytes(kind) or _is_fine(kind))


def _is_fine(kind: pa.DataType) -> bool:
    """Whether moments may hold parts of a microsecond."""
    return bool(pa.types.is_timestamp(kind) and kind.unit == "ns")


def _is_bytes(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_fixed_size_binary(kind)
        or pa.types.is_binary_view(kind)
    )


class _Look:
    """What the values of a column allow."""

    def __init__(self) -> None:
        self.largest = 0
        """The largest number without its sign."""
        self.is_text = True
        """Whether all bytes are UTF-8 text."""
        self.is_cut = False
        """Whether some moment has parts of a microsecond."""

    def take(self, array: pa.Array) -> None:
        """Look at some more values."""
        if _is_fine(array.type):
            numbers = array.cast(pa.int64())
            whole = pc.multiply(pc.divide(numbers, 1000), 1000)
            self.is_cut = self.is_cut or bool(pc.any(pc.not_equal(numbers, whole)).as_py())
        elif not _is_bytes(array.type):
            bounds = pc.min_max(array).as_py()
            found = [abs(value) for value in bounds.values() if value is not None]
            self.largest = max([self.largest, *found])
        elif self.is_text:
            self.is_text = not pa.types.is_fixed_size_binary(array.type) and _is_utf8(array)


def _is_utf8(array: pa.Array) -> bool:
    try:
        array.cast(pa.string()).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


_How = tuple[pa.DataType, Callable[[pa.Array], pa.Array], str]


def _how(kind: pa.DataType, look: _Look | None) -> _How:
    """Stored type, function and note of a column."""
    types = pa.types
    if types.is_timestamp(kind):
        return _moments(kind, is_cut=look is not None and look.is_cut)
    if look is not None:
        return _by_values(kind, look)
    if types.is_boolean(kind):
        return pa.bool_(), _cast(pa.bool_()), ""
    if types.is_integer(kind):
        return pa.int64(), _cast(pa.int64()), ""
    if types.is_floating(kind):
        return pa.float64(), _cast(pa.float64()), ""
    if types.is_date(kind):
        return pa.date32(), _cast(pa.date32()), ""
    if types.is_duration(kind):
        return pa.float64(), _seconds(kind.unit), "durations, stored as seconds"
    return _as_text(kind)


def _as_text(kind: pa.DataType) -> _How:
    types = pa.types
    if (
        types.is_null(kind)
        or types.is_string(kind)
        or types.is_large_string(kind)
        or types.is_string_view(kind)
    ):
        return pa.string(), _texts, ""
    if types.is_time(kind):
        return pa.string(), _cast(pa.string()), "times of day, stored as text"
    return pa.string(), _json, "nested values, stored as JSON text"


def _by_values(kind: pa.DataType, look: _Look) -> _How:
    if _is_bytes(kind):
        return (
            (pa.string(), _texts, "") if look.is_text else (pa.string(), _hex, "bytes, stored as hex digits")
        )
    if pa.types.is_uint64(kind):
        return _whole(look)
    if kind.scale <= 0:
        return _whole(look)
    if look.largest * 10**kind.scale < 10**_EXACT_DIGITS:
        return pa.float64(), _fractions, ""
    note = f"numbers of more than {_EXACT_DIGITS} digits, stored as text so that none is rounded"
    return pa.string(), _digits, note


def _whole(look: _Look) -> _How:
    if look.largest <= _LARGEST:
        return pa.int64(), _cast(pa.int64()), ""
    return pa.string(), _digits, "whole numbers beyond 64 bits, stored as text so that none is rounded"


def _zone(kind: pa.DataType) -> str:
    return "UTC" if pa.types.is_timestamp(kind) and kind.tz else ""


def _moments(kind: pa.DataType, *, is_cut: bool) -> _How:
    stored = pa.timestamp("us")
    notes = [f"moments of the time zone {shown(kind.tz, 40)}, stored as UTC"] if kind.tz else []
    notes += ["parts of a microsecond, left out"] if is_cut else []

    def convert(array: pa.Array) -> pa.Array:
        return array.cast(pa.timestamp("us", kind.tz), safe=kind.unit != "ns").cast(stored)

    return stored, convert, " and ".join(notes)


def _cast(stored: pa.DataType) -> Callable[[pa.Array], pa.Array]:
    def convert(array: pa.Array) -> pa.Array:
        if pa.types.is_decimal(array.type) and pa.types.is_integer(stored):
            array = pa.array([None if one is None else int(one) for one in array.to_pylist()], stored)
        return array.cast(stored)

    return convert


def _fractions(array: pa.Array) -> pa.Array:
    # The direct cast is wrong in the last binary digit for one number in four (pyarrow 26).
    return array.cast(pa.string()).cast(pa.float64())


def _seconds(unit: str) -> Callable[[pa.Array], pa.Array]:
    def convert(array: pa.Array) -> pa.Array:
        return pc.divide(array.cast(pa.int64()).cast(pa.float64(), safe=False), float(_SECONDS[unit]))

    return convert


def _texts(array: pa.Array) -> pa.Array:
    """Texts without NUL characters, which no CSV could give back."""
    texts = array.cast(pa.string())
    return pc.replace_substring(texts, "\0", "") if pc.any(pc.match_substring(texts, "\0")).as_py() else texts


def _digits(array: pa.Array) -> pa.Array:
    texts = [
        None if one is None else format(one, "f" if pa.types.is_decimal(array.type) else "d")
        for one in array.to_pylist()
    ]
    return pa.array(texts, pa.string())


def _hex(array: pa.Array) -> pa.Array:
    return pa.array([None if one is None else one.hex() for one in array.to_pylist()], pa.string())


def _json(array: pa.Array) -> pa.Array:
    texts = [None if one is None else _json_text(one) for one in array.to_pylist()]
    return _texts(pa.array(texts, pa.string()))


def _json_text(value: Any) -> str:
    if isinstance(value, (dict, list, tuple)):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_inner)
    return str(value)


def _inner(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)
