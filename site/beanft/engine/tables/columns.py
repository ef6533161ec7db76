"""What is known of a column and of a table, as plain values that travel as JSON."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Self

from beanft.engine.findings import Finding

KINDS = ("number", "category", "text", "date", "boolean", "identifier", "constant")
"""The kinds of columns, one word each (glossary)."""

ROLES = ("ignore", "group", "time")
"""What the owner may say that a column is for, besides its kind; most columns have no role."""

# How a profile writes infinite dates: Python has none, and takes the first and the last of its calendar.
_ENDLESS = ("infinity", "0001-01-01", "9999-12-31")


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
    other_formats: tuple[str, ...] = ()
    """Forms that fit every cell as well as `format` does: the owner may know better (day or month first)."""
    unit: str = ""
    """What stood beside every number, such as '€' or '%'; the values are stored without it, 12 % as 12.
    'UTC' for times that had zones and are stored without them."""
    labels: tuple[str, ...] = ()
    """The owner's words for false and true, such as ('no', 'yes'); empty for other kinds."""
    missing: tuple[tuple[str, int], ...] = ()
    """Spellings that were read as missing, besides empty cells, with their rows."""
    spellings: tuple[str, ...] | None = None
    """All spellings that mean missing here besides the empty cell, found or not; None for the usual ones."""
    almost: str = ""
    """The kind that most cells have, where the others made it text: 'number', 'date' or 'boolean'."""
    almost_format: str = ""
    """The form that most cells have in that kind, as in `format`."""
    almost_unit: str = ""
    """Their unit, as in `unit`."""
    distinct_is_exact: bool = True
    """Whether `n_distinct` was counted; an estimate is within a few per cent."""
    lengths: tuple[float, ...] = ()
    """Shortest, mean and longest text in characters, of columns stored as VARCHAR."""
    skewness: float | None = None
    """Skewness of number columns; above 0 the long tail is at the large values."""
    n_infinite: int = 0
    """Infinite numbers; they are in no figure but n_distinct."""
    fences: tuple[float, ...] = ()
    """Tukey's fences of number columns: quartiles minus and plus 3 interquartile ranges."""
    n_outliers: int = 0
    """Numbers outside of the fences."""
    n_sampled: int = 0
    """Rows of the random sample that quantiles and fences come from; 0 where they come from all rows."""
    role: str = ""
    """One of ROLES that the owner gave the column, or empty; kept with the version, not with the profile."""

    @property
    def has_endless(self) -> bool:
        """Whether some dates may be infinite; a true first or last day of the calendar looks alike."""
        return any(text in f"{self.minimum} {self.maximum}" for text in _ENDLESS)

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
    source: str = "CSV"
    """What the original is, such as 'CSV', 'Excel workbook' or 'Parquet file'."""
    sheet: str = ""
    """Sheet of a workbook that was read."""
    sheets: tuple[str, ...] = ()
    """All sheets of the workbook."""
    quote: str = '"'
    """Character that encloses cells; empty for none."""
    escape: str = '"'
    """What stands before a quote inside a quoted cell: the quote again, or a backslash."""
    n_skipped: int = 0
    """Physical lines before the header, or before the first row where there is no header."""
    n_rejected: int = 0
    """Rows that were set aside into the rejects file."""
    rejected: tuple[tuple[int, str, str], ...] = ()
    """The first five of them as (line of the file, what is wrong, text)."""
    findings: tuple[Finding, ...] = ()
    """What is worth knowing before the table is used, the most important first."""

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON: what is written and read again is equal."""
        values: dict[str, Any] = _listed(asdict(self))
        return values

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Read what `to_dict` and JSON made of a profile."""
        known = {field.name for field in fields(cls)} - {"columns", "findings"}
        rest = {key: _tupled(value) for key, value in values.items() if key in known}
        return cls(
            columns=tuple(Column.from_dict(column) for column in values["columns"]),
            findings=tuple(Finding.from_dict(finding) for finding in values.get("findings", ())),
            **rest,
        )

    def with_roles(self, roles: Mapping[str, str]) -> Self:
        """The same profile, its columns in the roles that the owner gave them by name."""
        columns = tuple(replace(column, role=roles.get(column.name, "")) for column in self.columns)
        return replace(self, columns=columns)

    def column(self, name: str) -> Column:
        """Return the column of that name; KeyError when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


def _listed(value: Any) -> Any:
    """The dataclasses hold tuples, at any depth; JSON knows lists only."""
    if isinstance(value, dict):
        return {key: _listed(item) for key, item in value.items()}
    return [_listed(item) for item in value] if isinstance(value, (list, tuple)) else value


def _tupled(value: Any) -> Any:
    """JSON knows lists only; the dataclasses hold tuples."""
    return tuple(_tupled(item) for item in value) if isinstance(value, (list, tuple)) else value
