"""Reads a column of categories, truths or free text."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from beanft.engine.learning.checking.cells import Reader
from beanft.engine.learning.checking.columns import Column, among, as_bool, without_blanks


def read_levels(reader: Reader, cells: pa.Array) -> Column:
    """Read the cells of a column of categories, truths or free text.

    Parameters
    ----------
    reader : Reader
        What reads single cells.
    cells : pyarrow.Array
        Texts or typed values.

    Returns
    -------
    Column
        The same as cell by cell.
    """
    column = Column(reader, cells)
    rows, present = column.present()
    if column.is_text and reader.known is None and reader.stored == "VARCHAR":
        _free(column, rows, present)
        return column
    if column.is_text:
        rows, present = _known(column, rows, present)
    column.by_cell(rows, present)
    return column


def _free(column: Column, rows: np.ndarray, texts: pa.Array) -> None:
    """Any text is fine."""
    bare = without_blanks(texts)
    empty = among(bare, ["", *column.reader.spelled])
    column.mark("missing", rows[empty])
    column.mark("blanks", rows[~empty & ~as_bool(pc.equal(bare, texts))])
    column.values[rows[~empty]] = objects(bare.filter(pa.array(~empty)))


def _known(column: Column, rows: np.ndarray, texts: pa.Array) -> tuple[np.ndarray, pa.Array]:
    """Take the levels as training knew them; what is left over is given back."""
    levels = column.reader.exact_levels
    places = pc.index_in(texts, value_set=pa.array(levels, pa.string()))
    fits = as_bool(pc.is_valid(places))
    made = np.array([*levels, None], dtype=object)
    column.values[rows[fits]] = made[places.drop_null().to_numpy()]
    return rows[~fits], texts.filter(pa.array(~fits))


def objects(texts: pa.Array) -> Any:
    """Give texts as objects.

    Parameters
    ----------
    texts : pyarrow.StringArray
        Texts.

    Returns
    -------
    array of shape (n_rows,), object

    Examples
    --------
    >>> objects(pa.array(["a", None])).tolist()
    ['a', None]
    """
    return texts.to_numpy(zero_copy_only=False)
