"""How the cells of a column are read, and what may be wished of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from beanft.engine.errors import EngineError
from beanft.engine.tables.columns import KINDS
from beanft.engine.tables.kinds.forms import Form, trimmed
from beanft.engine.tables.quoting import literal
from beanft.engine.tables.wishes import ColumnWish
from beanft.engine.tables.wording import listed, shown

KIND_OF = {
    "BIGINT": "number",
    "DOUBLE": "number",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "TIMESTAMP": "date",
    "VARCHAR": "text",
}
"""The kind that values of an SQL type have, until they are counted."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How the cells of one column are read."""

    cell: str
    """SQL of the cell as it stands."""
    form: Form | None
    """The form they are converted by; None keeps the text."""
    n_values: int
    """Cells that are not missing."""
    n_unreadable: int = 0
    """Cells of another form: they become missing, or keep the column a text that is almost of a kind."""
    spellings: tuple[tuple[str, int], ...] = ()
    """Spellings of missing found besides empty cells, with their rows."""
    own_spellings: tuple[str, ...] | None = None
    """As in Column.spellings."""
    has_blanks: bool = False
    """Whether blanks stand at the ends of some cells."""
    is_sure: bool = False
    """Whether the quick test of the form told every cell."""
    almost: Form | None = None
    """The form that most cells have, where the others made the column text."""
    other_formats: tuple[str, ...] = ()
    """As in Column.other_formats."""
    labels: tuple[str, ...] = ()
    """As in Column.labels."""
    zone: str = ""
    """The zone that times with zones were turned into, or ''."""
    is_measured: bool = False
    """Whether the texts are clock times, durations, grouped numbers or JSON: they name no rows."""
    wish: str = ""
    """The kind the owner asked for, or ''."""
    typed: str = ""
    """SQL type of a cell that is no text but a value already."""
    notes: tuple[str, ...] = ()
    """What had to be assumed."""

    @property
    def stored(self) -> str:
        """SQL type of the values."""
        return self.typed or (self.form.stored if self.form else "VARCHAR")

    @property
    def text(self) -> str:
        """SQL expression of the text, NULL where it is missing."""
        text = trimmed(self.cell) if self.has_blanks else self.cell
        return self._without_spellings(f"nullif({text}, '')")

    @property
    def value(self) -> str:
        """SQL expression of the stored value."""
        if self.typed:
            return self.cell
        if self.form is None:
            return self.text
        if self.is_sure and not self.has_blanks:
            # A comparison makes false of an empty text; the other casts make NULL of it.
            cell = f"nullif({self.cell}, '')" if self.form.kind == "boolean" else self.cell
            return self.form.cast.format(v=self._without_spellings(cell))
        return self.form.quick(f"({self.text})")

    @property
    def misfit(self) -> str:
        """SQL condition that a cell is not missing and has not the form."""
        form = self.form or self.almost
        return (
            f"({self.text}) IS NOT NULL AND ({form.expression(f'({self.text})')}) IS NULL"
            if form
            else "false"
        )

    def _without_spellings(self, text: str) -> str:
        for spelling, _ in self.spellings:
            text = f"nullif({text}, {literal(spelling)})"
        return text


def check_wishes(columns: Mapping[str, ColumnWish], names: Sequence[str]) -> tuple[str, ...]:
    """Refuse kinds that do not exist; wishes for columns that the table does not have ask for nothing.

    Parameters
    ----------
    columns : mapping of str to ColumnWish
        Wishes by column name.
    names : sequence of str
        Names of the table's columns.

    Returns
    -------
    tuple of str
        A note when some of the columns are not there.

    Raises
    ------
    EngineError
        Naming the first kind that is wrong.
    """
    there = set(names)
    for name, wish in columns.items():
        if name in there and wish.kind and wish.kind not in KINDS:
            raise EngineError(f"{shown(wish.kind)} is no kind of column. Choose one of {', '.join(KINDS)}.")
    gone = [shown(name, 30) for name in columns if name not in there]
    if not gone:
        return ()
    one = len(gone) == 1
    return (
        f"The table has no {'column' if one else 'columns'} {listed(gone)}; "
        f"what was asked for {'it' if one else 'them'} was left out.",
    )
