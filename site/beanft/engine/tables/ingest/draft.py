"""A table that was written but not yet described."""

from collections.abc import Sequence
from dataclasses import dataclass

from beanft.engine.errors import EngineError
from beanft.engine.tables.columns import Column
from beanft.engine.tables.kinds.reading import Reading


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What the writing of the Parquet file told."""

    n_rows: int
    """Rows written."""
    columns: Sequence[Column]
    """Names, stored types and what did not fit; nothing is counted yet."""
    readings: Sequence[Reading]
    """How each column was read."""
    notes: tuple[str, ...] = ()
    """What was repaired or assumed of the file."""
    n_rejected: int = 0
    """Rows that were set aside."""
    rejected: tuple[tuple[int, str, str], ...] = ()
    """The first five of them."""

    def check(self, described: Sequence[Column]) -> None:
        """Compare what was counted with what was written: a difference would be a value lost in silence.

        Parameters
        ----------
        described : sequence of Column
            The columns as they stand in the file.

        Raises
        ------
        RuntimeError
            When a column holds more or fewer values than were read.
        """
        for column, reading in zip(described, self.readings, strict=True):
            n_values = reading.n_values - (reading.n_unreadable if reading.form else 0)
            if column.n_missing != self.n_rows - n_values:
                n_written = self.n_rows - column.n_missing
                raise RuntimeError(f"{n_values:,} values of a column were read, but {n_written:,} written")


def check_size(*, n_rows: int, n_columns: int, max_cells: int) -> None:
    """Refuse a table that has no rows or too many cells, as soon as its rows were counted.

    Parameters
    ----------
    n_rows, n_columns : int
        What was counted.
    max_cells : int
        Most cells allowed.

    Raises
    ------
    EngineError
        It says how many cells there are.

    Examples
    --------
    >>> check_size(n_rows=3, n_columns=2, max_cells=6)
    """
    if not n_rows:
        raise EngineError("The file has no rows. Upload a table with at least one row.")
    if n_rows * n_columns > max_cells:
        raise EngineError(
            f"The table has {n_rows * n_columns:,} cells; {max_cells:,} are allowed. "
            "Leave out rows or columns that are not needed and upload it again."
        )
