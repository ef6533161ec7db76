"""Values of a training column as they could be typed, so that its reader reads the same ones back."""

from collections.abc import Mapping
from typing import Any

from beanft.engine.tables.kinds.numbers import DECIMAL_COMMA

_EXACT = 17  # digits from which on a number is written so that the same bits are read


def as_typed(value: Any, column: Mapping[str, Any], digits: int = _EXACT) -> str:
    """Write a value as it could be typed into a field of its column: no separators between thousands.

    Parameters
    ----------
    value : Any
        A cell of the column; None or NaN where it has none.
    column : mapping
        The column as `schema.describe` gives it.
    digits : int
        Significant digits of a fraction; by default as many as give the same number back.

    Returns
    -------
    str
        Empty without a value. Numbers of a column with decimal commas have one: in such a column 7.506 is
        seven thousand.

    Examples
    --------
    >>> year = {"kind": "number", "format": ""}
    >>> as_typed(2007.0, year), as_typed(None, year), as_typed(1 / 3, year, digits=6)
    ('2007', '', '0.333333')
    >>> as_typed(7.506, {"kind": "number", "format": "decimal comma"})
    '7,506'
    """
    if value is None or value != value:
        return ""
    if not isinstance(value, float):
        return str(value)
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    text = repr(float(value)) if digits >= _EXACT else f"{value:.{digits}g}"
    # A power of ten is read as it is everywhere, and nowhere with a comma.
    return text.replace(".", ",") if has_decimal_comma(column) and "e" not in text else text


def has_decimal_comma(column: Mapping[str, Any]) -> bool:
    """Tell whether the numbers of a column have decimal commas.

    Parameters
    ----------
    column : mapping
        The column as `schema.describe` gives it.

    Returns
    -------
    bool
        False for columns that hold no numbers.
    """
    return bool(column.get("kind") == "number" and column.get("format") == DECIMAL_COMMA)
