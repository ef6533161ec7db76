"""What is told of rows that were checked: repairs, errors and the values that came of them."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from beanft.engine.tables.wording import shown

LISTED = 100
"""Remarks of each sort that are kept; the others are only counted."""


@dataclass(frozen=True, kw_only=True)
class Remark:
    """A repair or an error."""

    row: int | None
    """Number of the row, or None when it concerns the whole table."""
    column: str | None
    """The training column, or None."""
    code: str
    """blanks, comma, style, case, missing, unknown, unreadable, range, extra, order, header for repairs;
    error."""
    sentence: str
    """What was found, without the place: fit to stand beside a form's field."""

    @property
    def text(self) -> str:
        """The sentence with its place.

        >>> Remark(row=3, column="age", code="error", sentence="“abc” is not a number.").text
        'Row 3, column “age”: “abc” is not a number.'
        """
        if self.row is None:
            return self.sentence
        place = (
            f"Row {self.row:,}" if self.column is None else f"Row {self.row:,}, column {shown(self.column)}"
        )
        return f"{place}: {self.sentence}"

    def facts(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self) | {"text": self.text}


@dataclass(frozen=True, kw_only=True)
class Checked:
    """Rows that were checked."""

    columns: Mapping[str, np.ndarray]
    """Values of each training column, of shape (n_rows,): float64 with NaN, datetime64[us] with NaT, or text
    with None for all other kinds; cells in error are missing."""
    n_rows: int
    """Rows that came."""
    repairs: tuple[Remark, ...]
    """The first repairs, by row, those of unreadable cells before the others; of records the first of each
    row."""
    repair_counts: dict[str, int]
    """All repairs by code."""
    errors: tuple[Remark, ...]
    """The first errors, by row."""
    n_errors: int
    """All errors."""
    unknown: Mapping[str, np.ndarray]
    """Rows with a category that training did not see, bool of shape (n_rows,), for each column with some."""
    repair_columns: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """All repairs of cells by code and column."""
    unreadable: Mapping[str, np.ndarray] = field(default_factory=dict)
    """Rows with a cell that could not be read and was taken as missing, bool of shape (n_rows,), for each
    column with some."""
    outside: Mapping[str, np.ndarray] = field(default_factory=dict)
    """Rows with a number or date outside of what training saw, bool of shape (n_rows,), for each column with
    some."""

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The same values as a data frame, made when it is asked for."""
        data = {
            name: pd.Series(values, dtype=object) if values.dtype == object else values
            for name, values in self.columns.items()
        }
        return pd.DataFrame(data, index=range(self.n_rows))


@dataclass
class Log:
    """Remarks, counted all and kept up to a limit for each column and code, or else for each row."""

    kept: list[Remark] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    by_column: dict[str, Counter[str]] = field(default_factory=dict)
    room: dict[tuple[Any, Any], int] = field(default_factory=dict)
    by_row: bool = False
    """Whether each row has room of its own for its repairs, so that rows do not hang on each other."""

    def add(self, row: int | None, column: str | None, code: str, sentence: str) -> None:
        """Count a remark, and keep it while its column has room."""
        self.count(column, code, 1)
        self.keep(row, column, code, sentence)

    def count(self, column: str | None, code: str, n: int) -> None:
        """Count remarks without keeping them."""
        self.counts[code] += n
        if column is not None and code != "error":
            self.by_column.setdefault(code, Counter())[column] += n

    def keep(self, row: int | None, column: str | None, code: str, sentence: str) -> None:
        """Keep a remark that was counted, while its column has room."""
        place = (row, "") if self.by_row and code != "error" else (column, code)
        left = self.room.get(place, LISTED)
        self.room[place] = left - 1
        if left > 0:
            self.kept.append(Remark(row=row, column=column, code=code, sentence=sentence))

    def checked(
        self,
        columns: Mapping[str, np.ndarray],
        n_rows: int,
        marked: Mapping[str, Mapping[str, np.ndarray]],
    ) -> Checked:
        """Join the values with what was told of them; `marked` has the rows of a code by column."""
        return Checked(
            columns=columns,
            n_rows=n_rows,
            repairs=self._first(lambda code: code != "error"),
            repair_counts={code: n for code, n in sorted(self.counts.items()) if code != "error"},
            errors=self._first(lambda code: code == "error"),
            n_errors=self.counts["error"],
            unknown=marked["unknown"],
            repair_columns={code: dict(found) for code, found in sorted(self.by_column.items())},
            unreadable=marked.get("unreadable", {}),
            outside=marked["range"],
        )

    def _first(self, codes: Callable[[str], bool]) -> tuple[Remark, ...]:
        """The first remarks by row."""
        chosen = [remark for remark in self.kept if codes(remark.code)]
        most = None if self.by_row and not codes("error") else LISTED
        # Values that were lost come first: harmless repairs must not crowd them out.
        return tuple(sorted(chosen, key=lambda remark: (remark.code != "unreadable", remark.row or 0))[:most])


def at_rows(rows: Iterable[int], n_rows: int) -> np.ndarray:
    """Mark some rows.

    Parameters
    ----------
    rows : iterable of int
        Their positions.
    n_rows : int
        All rows.

    Returns
    -------
    array of shape (n_rows,), bool

    Examples
    --------
    >>> at_rows([1], 3).tolist()
    [False, True, False]
    """
    marks = np.zeros(n_rows, dtype=bool)
    marks[list(rows)] = True
    return marks
