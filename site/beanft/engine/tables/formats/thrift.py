"""Reads and writes Thrift's compact protocol, in which a Parquet file describes itself, without its names.

Source: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
"""

from dataclasses import dataclass
from typing import Any

Struct = dict[int, tuple[int, Any]]
"""Fields by their number: their type, and their value."""

_TRUE, _FALSE, _BYTE, _I16, _I32, _I64, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = range(1, 13)
_BOOLEANS = (_TRUE, _FALSE)
_WHOLE = (_I16, _I32, _I64)
_SHORT_LIST = 15  # longer ones have their length beside the head
_DOUBLE_BYTES = 8


def read_struct(data: bytes) -> Struct:
    """Read a struct and all that is in it.

    Parameters
    ----------
    data : bytes
        It starts with the struct.

    Returns
    -------
    dict of int to (int, object)
        Its fields. Whole numbers are int, texts and doubles bytes, structs dicts; lists and sets are a pair
        of the type and a list of the elements, maps a pair of both types and a list of pairs.

    Raises
    ------
    ValueError
        When the bytes are none.

    Examples
    --------
    >>> read_struct(bytes([0x15, 0x06, 0x00]))
    {1: (5, 3)}
    """
    try:
        return _Reader(data).struct()
    except IndexError as error:
        raise ValueError("the struct ends too early") from error


def write_struct(fields: Struct) -> bytes:
    """Write a struct as it was read.

    Parameters
    ----------
    fields : dict of int to (int, object)
        As `read_struct` gives them, with rising numbers.

    Returns
    -------
    bytes
        The struct.

    Examples
    --------
    >>> write_struct({1: (5, 3)}).hex()
    '150600'
    """
    out, last = bytearray(), 0
    for number, (kind, value) in fields.items():
        step = number - last
        out += bytes([step << 4 | kind]) if 0 < step < 16 else bytes([kind]) + _zigzag(number)
        out += b"" if kind in _BOOLEANS else _written(kind, value)
        last = number
    return bytes(out) + b"\0"


@dataclass
class _Reader:
    """Reads values one after the other."""

    data: bytes
    at: int = 0

    def struct(self) -> Struct:
        fields: Struct = {}
        number = 0
        while head := self._byte():
            step, kind = head >> 4, head & 15
            number = number + step if step else self._whole()
            fields[number] = (kind, kind == _TRUE if kind in _BOOLEANS else self._value(kind))
        return fields

    def _value(self, kind: int) -> Any:
        if kind in _WHOLE:
            return self._whole()
        if kind == _BINARY:
            return self._bytes(self._length())
        if kind == _STRUCT:
            return self.struct()
        if kind in (_LIST, _SET):
            head = self._byte()
            n = self._length() if head >> 4 == _SHORT_LIST else head >> 4
            return head & 15, [self._value(head & 15) for _ in range(n)]
        if kind == _MAP:
            n = self._length()
            kinds = divmod(self._byte(), 16) if n else (0, 0)
            return kinds, [(self._value(kinds[0]), self._value(kinds[1])) for _ in range(n)]
        if kind == _DOUBLE:
            return self._bytes(_DOUBLE_BYTES)
        if kind in (_BYTE, *_BOOLEANS):  # in a list a boolean has a byte
            return self._byte()
        raise ValueError(f"there is no type {kind}")

    def _byte(self) -> int:
        self.at += 1
        return self.data[self.at - 1]

    def _bytes(self, n: int) -> bytes:
        self.at += n
        if self.at > len(self.data):
            raise ValueError("the struct ends too early")
        return self.data[self.at - n : self.at]

    def _length(self) -> int:
        """A number without a sign, seven bits a byte, the lowest first."""
        value = shift = 0
        while (byte := self._byte()) & 0x80:
            value |= (byte & 0x7F) << shift
            shift += 7
        return value | byte << shift

    def _whole(self) -> int:
        """A number whose sign is its lowest bit."""
        value = self._length()
        return value >> 1 ^ -(value & 1)


def _written(kind: int, value: Any) -> bytes:
    if kind == _DOUBLE:
        return bytes(value)
    if kind in _WHOLE:
        return _zigzag(value)
    if kind == _BINARY:
        return _length(len(value)) + bytes(value)
    if kind == _STRUCT:
        return write_struct(value)
    if kind in (_LIST, _SET):
        own, elements = value
        n = len(elements)
        head = bytes([n << 4 | own]) if n < _SHORT_LIST else bytes([_SHORT_LIST << 4 | own]) + _length(n)
        return head + b"".join(_written(own, one) for one in elements)
    if kind == _MAP:
        (key, own), pairs = value
        head = _length(len(pairs)) + (bytes([key << 4 | own]) if pairs else b"")
        return head + b"".join(_written(key, one) + _written(own, other) for one, other in pairs)
    return bytes([value])


def _length(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _zigzag(value: int) -> bytes:
    return _length(value << 1 if value >= 0 else (-value << 1) - 1)
