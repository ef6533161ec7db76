"""Reads columns for comparisons: what a column can be compared as, and its values in SQL."""

from collections.abc import Sequence
from dataclasses import dataclass

from beanft.engine.errors import EngineError
from beanft.engine.tables.columns import Column, Profile
from beanft.engine.tables.connection import quote
from beanft.engine.tables.wording import shown

MOST_VALUES = 30
"""Categories that stand alone in a comparison; the others are put together as "other"."""

OTHER = "other"
"""Label of the categories that are put together."""

_MOST_TEXTS = 1_000  # different texts, beyond which a free text groups nothing
_HUGE = 1e100  # squares of larger numbers are not finite
_NUMBERS = ("BIGINT", "DOUBLE")
_DATES = ("DATE", "TIMESTAMP")
_DAY = 86_400


@dataclass(frozen=True)
class Measure:
    """A column as finite numbers, moved and scaled so that sums keep their digits."""

    sql: str
    """SQL of a DOUBLE: the value / scale - shift; NULL where there is no finite number."""
    shift: float
    scale: float
    unit: str
    """Unit of differences; days for dates."""

    def value(self, z: float) -> float:
        """A mean in the column's own unit."""
        return (z + self.shift) * self.scale

    def spread(self, z: float) -> float:
        """A difference or standard deviation in the column's own unit."""
        return z * self.scale


def part_of(column: Column) -> str:
    """Tell what a column can be compared as.

    Parameters
    ----------
    column : Column
        A column's profile.

    Returns
    -------
    str
        "number", "date" or "category"; empty for identifiers and free text.

    Examples
    --------
    >>> part_of(Column(name="a", kind="boolean", stored="BOOLEAN", n_missing=0, n_distinct=2))
    'category'
    """
    if column.kind == "number" and column.stored in _NUMBERS:
        return "number"
    if column.kind == "date" and column.stored in _DATES:
        return "date"
    if column.kind in ("category", "boolean"):
        return "category"
    return "category" if column.kind == "text" and column.n_distinct <= _MOST_TEXTS else ""


def comparable(profile: Profile, name: str) -> Column:
    """Find a column that can be compared.

    Parameters
    ----------
    profile : Profile
        The table's profile.
    name : str
        What was asked for.

    Returns
    -------
    Column
        The column of that name.

    Raises
    ------
    EngineError
        When there is none, or it holds nothing that can be compared.
    """
    column = next((one for one in profile.columns if one.name == name), None)
    if column is None:
        raise EngineError(f"The table has no column {shown(name)}. Choose one of the list.")
    if not column.n_distinct:
        raise EngineError(f"{shown(name)} holds no values, so nothing can be compared with it.")
    if column.n_distinct == 1:
        raise EngineError(
            f"{shown(name)} has the same value in every row that has one. Choose another column."
        )
    if not part_of(column):
        what = "an identifier" if column.kind == "identifier" else "free text"
        raise EngineError(
            f"{shown(name)} is {what}: nearly every row has a value of its own, so there are no groups to "
            "compare. Choose another column, or change its kind on the page “Columns”."
        )
    return column


def measure_of(column: Column) -> Measure:
    """Write a column of numbers or dates as SQL.

    Parameters
    ----------
    column : Column
        A column whose part is "number" or "date".

    Returns
    -------
    Measure
        Dates as days since 1970.

    Examples
    --------
    >>> measure_of(Column(name="a", kind="number", stored="BIGINT", n_missing=0, n_distinct=9, mean=4.5)).sql
    '("a"::DOUBLE - (4.5)::DOUBLE)'
    """
    c = quote(column.name)
    if column.stored in _DATES:
        shift = column.edges[0] / _DAY if column.edges else 0.0
        finite = f"CASE WHEN isfinite({c}) THEN epoch({c}::TIMESTAMP) / {_DAY}.0::DOUBLE END"
        return Measure(f"({finite} - ({shift!r})::DOUBLE)", shift, 1.0, "days")
    scale = max((abs(float(end)) for end in (column.minimum, column.maximum) if end is not None), default=1.0)
    scale = scale if scale > _HUGE else 1.0
    shift = (column.mean or 0.0) / scale
    x = f"CASE WHEN isfinite({c}) THEN {c} END" if column.stored == "DOUBLE" else f"{c}::DOUBLE"
    x = x if scale == 1.0 else f"({x}) / ({scale!r})::DOUBLE"
    return Measure(f"({x} - ({shift!r})::DOUBLE)", shift, scale, column.unit)


def label_of(column: Column, value: str | None) -> str:
    """Give the words for a category: the owner's for false and true.

    Parameters
    ----------
    column : Column
        The column of categories.
    value : str or None
        The value as text; None for all that are put together.

    Returns
    -------
    str
        What is shown, at most 120 characters.

    Examples
    --------
    >>> paid = Column(name="paid", kind="boolean", stored="BOOLEAN", n_missing=0, n_distinct=2,
    ...               labels=("no", "yes"))
    >>> label_of(paid, "true"), label_of(paid, None)
    ('yes', 'other')
    """
    if value is None:
        return OTHER
    words = dict(zip(("false", "true"), column.labels, strict=False))
    text = words.get(value, value)
    return text if len(text) <= 120 else f"{text[:119]}…"


def ordered(column: Column, values: Sequence[str]) -> list[str]:
    """Order categories: true before false, numbers by size, all else by name.

    Parameters
    ----------
    column : Column
        The column of categories.
    values : sequence of str
        Its values as text.

    Returns
    -------
    list of str
        The same values.

    Examples
    --------
    >>> ordered(Column(name="a", kind="category", stored="BIGINT", n_missing=0, n_distinct=2), ["10", "9"])
    ['9', '10']
    """
    if column.stored == "BOOLEAN":
        return sorted(values, reverse=True)
    return sorted(values, key=float) if column.stored in _NUMBERS else sorted(values)
