"""What is known of a column and of a table, as plain values that travel as JSON."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

KINDS = ("number", "category", "text", "date", "boolean", "identifier", "constant")
"""The kinds of columns, one word each (glossary)."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a version and its profile; numbers are None where the kind has no such figure."""

    name: str
    """Name as shown, unique within the table."""
    kind: str
    """One of KINDS."""
    stored: str
    """SQL type in the Parquet file: BIGINT, DOUBLE, BOOLEAN, DATE, TIMESTAMP or VARCHAR."""
    n_missing: int
    """Rows without a value."""
    n_distinct: int
    """Different values, missing not counted."""
    minimum: str | float | None = None
    """Smallest value; a number for number columns, ISO text for dates."""
    maximum: str | float | None = None
    """Largest value."""
    mean: float | None = None
    """Arithmetic mean of number columns."""
    sd: float | None = None
    """Standard deviation (n - 1) of number columns."""
    quantiles: tuple[float, ...] = ()
    """5 %, 25 %, 50 %, 75 % and 95 % quantiles of number columns."""
    edges: tuple[float, ...] = ()
    """Edges of the histogram's bins (one more than counts); for dates, seconds since 1970 UTC."""
    counts: tuple[int, ...] = ()
    """Rows in each bin of the histogram."""
    top: tuple[tuple[str, int], ...] = ()
    """Most frequent values as text with their rows, at most 20; not for dates nor numbers of many values."""
    n_unreadable: int = 0
    """Cells that did not fit the kind and were set to missing."""
    unreadable: tuple[tuple[int, str], ...] = ()
    """The first five of them as (line of the file, text)."""
    format: str = ""
    """strptime form of dates, or 'decimal comma' for such numbers; empty when nothing special."""

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Read what `dataclasses.asdict` and JSON made of a column."""
        known = {field.name for field in fields(cls)}
        return cls(**{key: _tupled(value) for key, value in values.items() if key in known})


@dataclass(frozen=True, kw_only=True)
class Profile:
    """All that is known of a version's table."""

    n_rows: int
    """Data rows, header not counted."""
    columns: tuple[Column, ...]
    """In the order of the file."""
    encoding: str = "utf-8"
    """Encoding found in the original."""
    delimiter: str = ","
    """Delimiter found in the original."""
    has_header: bool = True
    """Whether the first row holds the column names."""
    notes: tuple[str, ...] = ()
    """What was repaired or assumed, one plain sentence each."""

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Read what `to_dict` and JSON made of a profile."""
        known = {field.name for field in fields(cls)} - {"columns"}
        rest = {key: _tupled(value) for key, value in values.items() if key in known}
        return cls(columns=tuple(Column.from_dict(column) for column in values["columns"]), **rest)

    def column(self, name: str) -> Column:
        """Return the column of that name; KeyError when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


def _tupled(value: Any) -> Any:
    """JSON knows lists only; the dataclasses hold tuples."""
    return tuple(_tupled(item) for item in value) if isinstance(value, (list, tuple)) else value
