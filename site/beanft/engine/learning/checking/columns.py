"""A column of a table while it is read: what is decided, and what must be looked at cell by cell."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from beanft.engine.learning.checking.cells import Reader
from beanft.engine.tables.kinds.forms import BLANKS


class Column:
    """The cells of a column, its values so far, and the rows of each remark.

    Parameters
    ----------
    reader : Reader
        What reads single cells.
    cells : pyarrow.Array
        Texts or typed values; an empty text is missing like a null.
    """

    def __init__(self, reader: Reader, cells: pa.Array) -> None:
        self.reader = reader
        self.cells = cells
        self.values = reader.array([None]).repeat(len(cells))
        self.marks: dict[str, np.ndarray] = {}
        self.is_text = is_text(cells.type)
        if self.is_text and cells.type != pa.string():
            self.cells = cells.cast(pa.string())

    def present(self) -> tuple[np.ndarray, pa.Array]:
        """The rows that hold something, with their cells; the others are marked missing."""
        filled = pc.is_valid(self.cells)
        if self.is_text:
            filled = pc.and_(filled, pc.fill_null(pc.not_equal(self.cells, ""), False))
        mask = as_bool(filled)
        if mask.all():
            return np.arange(len(mask)), self.cells
        self.mark("missing", np.flatnonzero(~mask))
        return np.flatnonzero(mask), self.cells.filter(filled)

    def mark(self, code: str, rows: np.ndarray) -> None:
        """Note that a remark is due in some rows."""
        if len(rows):
            before = self.marks.get(code)
            self.marks[code] = rows if before is None else np.concatenate([before, rows])

    def decide(self, rows: np.ndarray, values: np.ndarray, code: str = "") -> None:
        """Take over values, with a remark where they were repaired or lie outside those of training."""
        self.values[rows] = values
        if code:
            self.mark(code, rows)
        if seen := self.reader.range:
            low, high = self.reader.array([seen.low, seen.high])
            self.mark("range", rows[~((values >= low) & (values <= high))])

    def by_cell(self, rows: np.ndarray, cells: pa.Array) -> None:
        """Read present cells one by one, each different one once."""
        if not len(rows):
            return
        coded = cells.dictionary_encode()
        found = [self.reader.typed(value) for value in coded.dictionary.to_pylist()]
        places = coded.indices.to_numpy()
        self.values[rows] = self.reader.array([cell.value for cell in found])[places]
        for code in dict.fromkeys(code for cell in found for code, _ in cell.remarks):
            has = np.array([code in dict(cell.remarks) for cell in found])
            self.mark(code, rows[has[places]])

    def sentences(self, code: str, row: int) -> list[str]:
        """What is said of a cell under a code."""
        remarks = self.reader.typed(self.cells[row].as_py()).remarks
        return [sentence for own, sentence in remarks if own == code]


def is_text(type_: pa.DataType) -> bool:
    """Tell whether cells of a type are texts.

    Parameters
    ----------
    type_ : pyarrow.DataType
        Type of a column.

    Returns
    -------
    bool

    Examples
    --------
    >>> is_text(pa.string()), is_text(pa.int64())
    (True, False)
    """
    kinds = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view, pa.types.is_null)
    return any(kind(type_) for kind in kinds)


def as_bool(mask: Any) -> np.ndarray:
    """Give a condition as an array; where it is not known it is false.

    Parameters
    ----------
    mask : pyarrow.BooleanArray
        A condition for each row.

    Returns
    -------
    array of shape (n_rows,), bool
    """
    result: np.ndarray = pc.fill_null(mask, False).to_numpy(zero_copy_only=False)
    return result


def without_blanks(texts: pa.Array) -> pa.Array:
    """Cut off blanks at both ends.

    Parameters
    ----------
    texts : pyarrow.StringArray
        Texts.

    Returns
    -------
    pyarrow.StringArray

    Examples
    --------
    >>> without_blanks(pa.array([" a b "])).to_pylist()
    ['a b']
    """
    return pc.utf8_trim(texts, characters=BLANKS)


def among(texts: pa.Array, words: list[str]) -> np.ndarray:
    """Tell which texts are some words.

    Parameters
    ----------
    texts : pyarrow.StringArray
        Texts.
    words : list of str
        The words.

    Returns
    -------
    array of shape (n_rows,), bool
    """
    if not words:
        return np.zeros(len(texts), dtype=bool)
    return as_bool(pc.is_in(texts, value_set=pa.array(words, pa.string())))
