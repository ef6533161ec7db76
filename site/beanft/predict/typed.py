"""Values of a schema or a row as they could be typed into a field."""

from typing import Any


def in_words(value: Any, digits: int = 17) -> str:
    """Write a value of the schema as it could be typed: no thousands separators.

    >>> in_words(44.5), in_words(2007.0), in_words(None), in_words(1 / 3, digits=6)
    ('44.5', '2007', '', '0.333333')
    """
    if value is None:
        return ""
    if not isinstance(value, float):
        return str(value)
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return repr(value) if digits > 16 else f"{value:.{digits}g}"
