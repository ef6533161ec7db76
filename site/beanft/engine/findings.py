"""A finding: one thing worth knowing of a table, in plain words, with the figure and the way to its rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

SEVERITIES = ("warning", "note")
"""How much a finding matters: a warning can spoil a forecast, a note is good to know."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What one check found."""

    code: str
    """Name of the check, such as 'duplicate-rows'."""
    severity: str
    """One of SEVERITIES."""
    columns: tuple[str, ...] = ()
    """The columns it is about; none when it is about whole rows."""
    sentence: str
    """What was found, with its figure, in one plain sentence."""
    figure: float
    """The figure measured: a count of rows, a share from 0 to 1, or a statistic, as the sentence says."""
    remedy: str = ""
    """What the owner can do, in one plain sentence; empty when nothing need be done."""
    rows: tuple[tuple[str, str, str], ...] = ()
    """Filters (column, operator, value) that lead to the rows concerned; empty when no filter can."""
    link: str = ""
    """What the link to the rows says, where they are not just the rows concerned."""
    kind: str = ""
    """The kind that the column should perhaps have: offered as one click."""
    format: str = ""
    """The form that its cells should perhaps be read in, as in ColumnWish; offered together with `kind`."""
    button: str = ""
    """What the button of that click says, where the kind alone does not say it."""

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Read what `dataclasses.asdict` and JSON made of a finding."""
        tuples = {
            "columns": tuple(values.get("columns", ())),
            "rows": tuple(tuple(one) for one in values.get("rows", ())),
        }
        return cls(**{**values, **tuples})
