"""What the owner asked for of how a file is read; whatever is left open is found out from the file."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

BAD_ROWS = ("refuse", "aside")
"""What becomes of rows that are no rows: the file is refused, or they are set aside into the rejects file."""

BAD_BYTES = ("refuse", "replace")
"""What becomes of NUL bytes and bytes of no character: the file is refused, or NUL bytes are removed and the
others replaced by �, each listed."""

LONGEST_FORM = 255
"""Most characters of a form of dates or numbers."""


@dataclass(frozen=True, kw_only=True)
class ColumnWish:
    """How one column is to be read."""

    kind: str = ""
    """One of KINDS, or empty."""
    format: str = ""
    """Form of dates or numbers, as in Column.format; 'plain' for the form that needs no name; or empty."""
    missing: tuple[str, ...] | None = None
    """Spellings that mean missing besides the empty cell; None for the usual ones."""

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Read what `dataclasses.asdict` and JSON made of a wish."""
        missing = values.get("missing")
        return cls(
            kind=str(values.get("kind", "")),
            format=str(values.get("format", "")),
            missing=None if missing is None else tuple(str(text) for text in missing),
        )


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """How a file is to be read; the defaults ask for nothing."""

    encoding: str = ""
    """Python's name of the encoding, or empty."""
    delimiter: str = ""
    """One character, or empty."""
    quote: str = ""
    """'"', "'" or 'none', or empty."""
    escape: str = ""
    """'double' or 'backslash', or empty."""
    header: str = ""
    """'yes' or 'no', or empty."""
    skip: int | None = None
    """Physical lines left out before the header or the first row; None to find out."""
    sheet: str = ""
    """Sheet of a workbook; empty for the first that holds a table."""
    bad_rows: str = "refuse"
    """One of BAD_ROWS."""
    bad_bytes: str = "refuse"
    """One of BAD_BYTES."""
    columns: Mapping[str, ColumnWish] = field(default_factory=dict)
    """Wishes by name of the column."""

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON, without what asks for nothing."""
        default = asdict(type(self)())
        values = {key: value for key, value in asdict(self).items() if value != default[key]}
        if self.columns:
            values["columns"] = {
                name: {key: value for key, value in asdict(wish).items() if value not in ("", None)}
                for name, wish in self.columns.items()
            }
        return values

    @classmethod
    def from_dict(cls, values: Mapping[str, Any] | None) -> Self:
        """Read what `to_dict` and JSON made of wishes; nothing asks for nothing."""
        values = values or {}
        columns = {name: ColumnWish.from_dict(wish) for name, wish in values.get("columns", {}).items()}
        return cls(**{**values, "columns": columns})

    @property
    def kinds(self) -> dict[str, str]:
        """The kinds asked for, by name of the column."""
        return {name: wish.kind for name, wish in self.columns.items() if wish.kind}
