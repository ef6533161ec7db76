"""What was found of a file before it is read, as plain values that travel from a child process to a page."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self

from beanft.engine.errors import Remedy
from beanft.engine.tables.columns import Profile
from beanft.engine.tables.wishes import Wishes


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What was found of a file, as far as it could be read."""

    source: str = "CSV"
    """What the file is, such as 'CSV' or 'Excel workbook'."""
    is_text: bool = True
    """Whether it is a text with an encoding and delimiters of its own."""
    sheet: str = ""
    """Sheet of a workbook that was read."""
    sheets: tuple[str, ...] = ()
    """All sheets of the workbook."""
    encoding: str = ""
    """Python's name of the encoding; empty where there is none, or none was found."""
    candidates: tuple[tuple[str, str, str], ...] = ()
    """Encodings that the file may be in, as (Python's name, name for people, a line read so)."""
    delimiter: str = ""
    """Delimiter; empty where there is none, or none was found."""
    quote: str = '"'
    """Character that encloses cells; empty for none."""
    escape: str = '"'
    """What stands before a quote inside a quoted cell: the quote again, or a backslash."""
    has_header: bool = True
    """Whether the names of the columns come from the file."""
    n_skipped: int = 0
    """Physical lines before the header, or before the first row where there is no header."""
    profile: Profile | None = None
    """What was found of the sample's columns; None where it could not be read."""
    rows: tuple[tuple[Any, ...], ...] = ()
    """The first rows as they will be stored: int, float, bool, None, or text (dates in ISO 8601)."""
    is_whole: bool = False
    """Whether the sample was the whole file."""
    notes: tuple[str, ...] = ()
    """What was repaired or assumed."""
    error: str = ""
    """Why the file cannot be read in this way; empty when it can."""
    remedies: tuple[Remedy, ...] = ()
    """Ways out of the error that a page can offer."""
    is_unseen: bool = False
    """Whether it is only the look that failed: the file may be too large for that and still be read."""
    wishes: Wishes = field(default_factory=Wishes)
    """The wishes it was read with: those for columns that the table does not have are left out."""

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        profile = self.profile.to_dict() if self.profile else None
        return {**values, "profile": profile, "wishes": self.wishes.to_dict()}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Read what `to_dict` and JSON made of a preview."""
        return cls(
            **{
                **values,
                "sheets": tuple(values["sheets"]),
                "candidates": tuple(tuple(one) for one in values["candidates"]),
                "profile": Profile.from_dict(values["profile"]) if values["profile"] else None,
                "rows": tuple(tuple(row) for row in values["rows"]),
                "notes": tuple(values["notes"]),
                "remedies": tuple(values["remedies"]),
                "wishes": Wishes.from_dict(values["wishes"]),
            }
        )
